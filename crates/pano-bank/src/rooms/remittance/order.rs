//! Remittances: how they are booked, cancelled, and how they leave.

use super::PartyType;
use super::rules::{self, Agent, Bearer, Costs, Creditor};
use crate::call::{Call, Refusal};
use crate::model::account::Purpose;
use crate::model::limit::Counts;
use crate::model::party::PartyKind;
use crate::numbers::{Outcome, Place, outcome};
use crate::rooms::desk::{BY_APP, of_day, over_limit, owner, party, payer};
use crate::rooms::fx::board::{self, Direction};
use crate::rooms::fx::quota;
use crate::world::Entity;
use pano_ledger::Posting;
use pano_types::id::{AccountId, PartyId, RemittanceId, TransactionId};
use pano_types::{Code, Currency, Date, Entropy as _, Instant, Money};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::Duration;

/// A posting to one side of an account.
type Side = fn(AccountId, Money) -> Posting;

/// Name of the job that ends the screening of a remittance.
pub(crate) const SCREENED: &str = "remittance.screened";
/// How long screening holds a remittance.
const SCREENING: Duration = Duration::from_secs(3_600);
/// Index: remittances that have not left.
const WAITING: &str = "waiting";
/// Index: account that pays, and day.
const BY_DAY: &str = "day";
/// What a natural person may send in one day from foreign currency accounts without papers, USD 50,000.00 equivalent.
const DAY_USD_MINOR: i64 = 5_000_000;

/// Where a remittance stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stage {
    /// Booked, and held until it was screened.
    Held,
    /// Booked, not left.
    Accepted,
    /// On its way abroad.
    Left {
        /// Since.
        at: Instant,
    },
    /// Taken back.
    Cancelled {
        /// When.
        at: Instant,
    },
}

impl Stage {
    /// In ISO 20022's words.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Held => "PDNG",
            Self::Accepted => "ACSP",
            Self::Left { .. } => "ACSC",
            Self::Cancelled { .. } => "CANC",
        }
    }
}

/// What is ordered.
pub(super) struct Order {
    pub(super) debtor: AccountId,
    pub(super) amount: Money,
    pub(super) bearer: Bearer,
    pub(super) creditor: Creditor,
    pub(super) agent: Agent,
    pub(super) purpose: rules::Purpose,
    pub(super) document: Option<String>,
    pub(super) remittance: Option<String>,
}

/// A remittance.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Remittance {
    pub(super) id: RemittanceId,
    pub(super) app: String,
    party: PartyId,
    pub(super) uetr: String,
    pub(super) stage: Stage,
    pub(super) debtor: AccountId,
    pub(super) costs: Costs,
    #[serde(default)]
    pub(super) quota_usd_minor: Option<i64>,
    /// What it is worth in USD; counts towards the day's limit.
    usd_minor: i64,
    pub(super) bearer: Bearer,
    pub(super) creditor: Creditor,
    pub(super) agent: Agent,
    pub(super) purpose: rules::Purpose,
    #[serde(default)]
    pub(super) document: Option<String>,
    #[serde(default)]
    pub(super) remittance: Option<String>,
    ordered_on: Date,
    pub(super) value: Date,
    pub(super) ordered_at: Instant,
    pub(super) transaction: TransactionId,
}

impl Entity for Remittance {
    const KIND: &'static str = "remittance";
    type Id = RemittanceId;
    fn id(&self) -> RemittanceId {
        self.id
    }
    fn index(&self, put: &mut dyn FnMut(&'static str, String)) {
        put(BY_APP, self.app.clone());
        match self.stage {
            Stage::Accepted => put(WAITING, String::new()),
            Stage::Held | Stage::Left { .. } | Stage::Cancelled { .. } => {}
        }
        if !matches!(self.stage, Stage::Cancelled { .. }) {
            put(BY_DAY, day_key(self.party, self.ordered_on));
        }
    }
}

fn day_key(party: PartyId, day: Date) -> String {
    format!("{party}/{day}")
}

/// Books an order: principal and fees leave the account at once.
pub(super) fn place(call: &mut Call<'_>, order: Order) -> Result<Remittance, Refusal> {
    let (now, today) = (call.now(), call.today());
    let account = payer(call, order.debtor, "/debtorAccountId")?;
    let (party_id, currency) = (owner(&account)?, account.ledger.currency);
    let kind = party(call, party_id, "/debtorAccountId")?.kind;
    let who = match kind {
        PartyKind::Person => PartyType::Person,
        PartyKind::Organisation => PartyType::Organisation,
    };
    rules::purpose(order.purpose, who, order.document.as_deref())?;
    let costs = rules::costs(order.amount, currency, order.bearer, now)?;
    let total = Money::new(costs.total(), currency);
    call.world.may_leave(order.debtor, total, Counts::All, "/debtorAccountId")?;
    let usd_minor = board::in_usd(order.amount, now).ok_or(Code::AmountInvalid)?.minor();
    let quota_usd_minor = if costs.rate_micro.is_some() {
        quota::take(call, party_id, Direction::Purchase, order.amount)?
    } else {
        if who == PartyType::Person {
            day_limit(call, party_id, usd_minor)?;
        }
        None
    };
    let id = call.id(RemittanceId::new);
    let postings = postings(call, order.debtor, &costs, Way::Out)?;
    let transaction = call.post("跨境汇款 Remittance abroad", id, postings)?;
    call.world.spend(order.debtor, today, costs.total());
    let is_held = matches!(asked(&order.creditor), Some(Outcome::ReviewRejected | Outcome::ReviewPassed));
    if is_held {
        call.world.schedule(now.plus(SCREENING), SCREENED, id);
    }
    let remittance = Remittance {
        id,
        app: call.app.to_owned(),
        party: party_id,
        uetr: uetr(call.random().u128()),
        stage: if is_held { Stage::Held } else { Stage::Accepted },
        debtor: order.debtor,
        costs,
        quota_usd_minor,
        usd_minor,
        bearer: order.bearer,
        creditor: order.creditor,
        agent: order.agent,
        purpose: order.purpose,
        document: order.document,
        remittance: order.remittance,
        ordered_on: today,
        value: rules::value_date(now),
        ordered_at: now,
        transaction,
    };
    call.world.put(remittance.clone());
    call.event("bank.remittance.accepted", id, json!({ "valueDate": remittance.value }));
    Ok(remittance)
}

/// What the creditor's account asks for, if it is a test number.
fn asked(creditor: &Creditor) -> Option<Outcome> {
    outcome(Place::RemittanceAccount, &creditor.account_number)
}

/// Job: a remittance that screening held is let through or given up.
pub(crate) fn screened(call: &mut Call<'_>, subject: &str) -> Result<(), Refusal> {
    let id: RemittanceId = subject.parse().map_err(Refusal::broken)?;
    let held = call.world.get::<Remittance>(&id).filter(|remittance| remittance.stage == Stage::Held).cloned();
    let Some(remittance) = held else { return Ok(()) };
    if asked(&remittance.creditor) == Some(Outcome::ReviewRejected) {
        cancel(call, remittance, "SCREENING")?;
        return Ok(());
    }
    // What passes late has value late.
    let value = remittance.value.max(rules::value_date(call.now()));
    call.world.put(Remittance { stage: Stage::Accepted, value, ..remittance });
    Ok(())
}

fn day_limit(call: &Call<'_>, party: PartyId, usd_minor: i64) -> Result<(), Refusal> {
    let key = day_key(party, call.today());
    let today = call.world.under::<Remittance>(BY_DAY, &key);
    let sent: i64 = today.filter(|sent| sent.costs.rate_micro.is_none()).map(|sent| sent.usd_minor).sum();
    if usd_minor > DAY_USD_MINOR.saturating_sub(sent) {
        let left = Money::new((DAY_USD_MINOR - sent).max(0), Currency::USD);
        return Err(over_limit("left to send today without papers", "当日免审单可汇余额", left));
    }
    Ok(())
}

/// Which way money goes between customer and bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Out,
    Back,
}

fn postings(call: &mut Call<'_>, debtor: AccountId, costs: &Costs, way: Way) -> Result<Vec<Posting>, Refusal> {
    let waiting = call.own(Purpose::Remittances, costs.amount_currency)?;
    let fees = call.own(Purpose::FeeIncome, costs.currency)?;
    let own = |minor| Money::new(minor, costs.currency);
    let (from, to): (Side, Side) = match way {
        Way::Out => (Posting::debit, Posting::credit),
        Way::Back => (Posting::credit, Posting::debit),
    };
    let mut postings = vec![from(debtor, own(costs.total())), to(fees, own(costs.fees())), to(waiting, costs.amount())];
    if costs.rate_micro.is_some() {
        let takes = call.own(Purpose::FxPosition, costs.currency)?;
        let gives = call.own(Purpose::FxPosition, costs.amount_currency)?;
        postings.push(to(takes, own(costs.principal_minor)));
        postings.push(from(gives, costs.amount()));
    }
    Ok(postings)
}

/// Takes back a remittance that has not left: the same booking the other way round.
pub(super) fn cancel(call: &mut Call<'_>, mut remittance: Remittance, reason: &str) -> Result<Remittance, Refusal> {
    let postings = postings(call, remittance.debtor, &remittance.costs, Way::Back)?;
    call.post("撤销跨境汇款 Remittance cancelled", remittance.id, postings)?;
    if let Some(usd_minor) = remittance.quota_usd_minor {
        let year = remittance.ordered_on.parts().0;
        quota::give_back(call, remittance.party, year, Direction::Purchase, usd_minor);
    }
    call.world.spend(remittance.debtor, remittance.ordered_on, -remittance.costs.total());
    remittance.stage = Stage::Cancelled { at: call.now() };
    call.world.put(remittance.clone());
    call.event("bank.remittance.cancelled", remittance.id, json!({ "reason": reason }));
    Ok(remittance)
}

/// In the evening: what has value leaves through the correspondents.
pub(crate) fn settle(call: &mut Call<'_>, day: Date) -> Result<(), Refusal> {
    let waiting = call.world.under::<Remittance>(WAITING, "").filter(|remittance| remittance.value <= day);
    let leaving: Vec<_> = waiting.cloned().collect();
    for remittance in leaving {
        let (id, amount) = (remittance.id, remittance.costs.amount());
        call.each("send remittance", id, |call| {
            if asked(&remittance.creditor) == Some(Outcome::ReturnedByBank) {
                return cancel(call, remittance, "RETURNED_BY_BANK").map(|_| ());
            }
            let waiting = call.own(Purpose::Remittances, amount.currency())?;
            let nostro = call.own(Purpose::Nostro, amount.currency())?;
            let booking = of_day(call, day, "汇出 Sent abroad", id);
            call.post_as(booking, vec![Posting::debit(waiting, amount), Posting::credit(nostro, amount)])?;
            let at = call.now();
            call.world.edit::<Remittance>(&id, |remittance| remittance.stage = Stage::Left { at });
            call.event("bank.remittance.settled", id, json!({}));
            Ok(())
        });
    }
    Ok(())
}

/// A version 4 UUID (RFC 9562) of these bits: the reference that follows a payment from bank to bank.
fn uetr(bits: u128) -> String {
    let bits = (bits & !(0xF << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{bits:032x}");
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uetr_is_a_uuid_of_version_four() {
        for bits in [0, u128::MAX, 0x0123_4567_89AB_CDEF_0123_4567_89AB_CDEF] {
            let text = uetr(bits);
            let bytes = text.as_bytes();
            assert_eq!((text.len(), bytes[14]), (36, b'4'), "{text}");
            assert!(b"89ab".contains(&bytes[19]), "{text}");
        }
    }
}
