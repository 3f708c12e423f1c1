//! Instalment plans: a purchase paid off month by month, for a fee with each instalment.
//!
//! A purchase that is turned into a plan leaves what is owed on the card: its principal moves to the bank's account for
//! instalments, and a hold keeps as much of the credit taken. Each month an instalment falls due: its part of the principal and
//! its fee are owed on the card again, and the hold shrinks. So what is owed and what has not fallen due are together what was
//! bought, with the fees so far and less what was repaid.

use super::card::{Card, CardKind};
use super::purchase::{CardTransaction, TransactionKind};
use super::{the_card, wire};
use crate::BANK_ZONE;
use crate::call::{Answer, Call, Input, Refusal};
use crate::model::account::Purpose;
use crate::wire::Listed;
use crate::world::Entity;
use pano_types::id::{CardId, CardTransactionId, HoldId, InstalmentPlanId, TransactionId};
use pano_types::{Code, Currency, Date, Instant, Money};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Name of the job that bills one instalment.
pub(crate) const BILL: &str = "card.instalment";
/// Fee of each instalment, parts in ten thousand of the principal.
pub(crate) const FEE_PER_10_000: i64 = 60;

/// One instalment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Instalment {
    pub(super) due_on: Date,
    pub(super) principal_minor: i64,
    pub(super) fee_minor: i64,
    pub(super) billed: bool,
}

/// A plan.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Plan {
    pub(super) id: InstalmentPlanId,
    pub(super) card: CardId,
    pub(super) purchase: CardTransactionId,
    pub(super) currency: Currency,
    pub(super) principal_minor: i64,
    pub(super) fee_per_10_000: i64,
    pub(super) instalments: Vec<Instalment>,
    /// Keeps the credit for what has not fallen due.
    held: Option<HoldId>,
    #[serde(default)]
    pub(super) settled_at: Option<Instant>,
    pub(super) created_at: Instant,
}

impl Plan {
    /// Principal that has not fallen due.
    pub(super) fn open_minor(&self) -> i64 {
        self.instalments.iter().filter(|one| !one.billed).map(|one| one.principal_minor).sum()
    }
    pub(super) fn is_completed(&self) -> bool {
        self.instalments.iter().all(|one| one.billed)
    }
}

const BY_CARD: &str = "card";
const BY_PURCHASE: &str = "purchase";

impl Entity for Plan {
    const KIND: &'static str = "card.instalment-plan";
    type Id = InstalmentPlanId;
    fn id(&self) -> InstalmentPlanId {
        self.id
    }
    fn index(&self, put: &mut dyn FnMut(&'static str, String)) {
        put(BY_CARD, self.card.to_string());
        put(BY_PURCHASE, self.purchase.to_string());
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PlanForm {
    card_transaction_id: CardTransactionId,
    instalments: u32,
}

pub(super) fn begin(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let form: PlanForm = input.body()?;
    if ![3, 6, 12, 24].contains(&form.instalments) {
        return Err(Refusal::from(Code::RequestInvalid).at("/instalments", "must be 3, 6, 12 or 24"));
    }
    let card = the_card(call, input)?;
    if !card.usable(call.today()) {
        return Err(Code::CardNotActive.into());
    }
    let found = call.world.get::<CardTransaction>(&form.card_transaction_id).filter(|one| one.card == card.id);
    let purchase =
        found.cloned().ok_or_else(|| Refusal::from(Code::NotFound).at("/cardTransactionId", "is none of this card"))?;
    if card.kind != CardKind::Credit || purchase.kind != TransactionKind::Purchase {
        return Err(Refusal::from(Code::LifecycleRefused)
            .detail("only a purchase with a credit card can be paid by instalments", "仅信用卡消费可以分期"));
    }
    if call.world.under::<Plan>(BY_PURCHASE, &purchase.id.to_string()).next().is_some() {
        return Err(Refusal::from(Code::Conflict).detail("the purchase has a plan already", "该笔消费已分期"));
    }
    let (owed, _) = card.owed_and_available(call.world);
    if owed.minor() < purchase.minor {
        return Err(
            Refusal::from(Code::LifecycleRefused).detail("the purchase has been repaid", "该笔消费已还款，不能分期")
        );
    }
    let id = call.id(InstalmentPlanId::new);
    let principal = Money::new(purchase.minor, purchase.currency);
    let pool = call.own(Purpose::CardInstalments, purchase.currency)?;
    let by = call.transfer(pool, card.account, principal, "消费转分期 Into instalments", id)?;
    note(call, &card, TransactionKind::InstalmentConversion, principal, id, by);
    let plan = Plan {
        id,
        card: card.id,
        purchase: purchase.id,
        currency: purchase.currency,
        principal_minor: purchase.minor,
        fee_per_10_000: FEE_PER_10_000,
        instalments: schedule(purchase.minor, form.instalments, call.today()),
        held: Some(call.hold(card.account, principal)?),
        settled_at: None,
        created_at: call.now(),
    };
    for (place, instalment) in plan.instalments.iter().enumerate() {
        call.world.schedule(instalment.due_on.start(BANK_ZONE), BILL, format!("{} {place}", plan.id));
    }
    call.event("bank.instalment-plan.begun", plan.id, json!({ "cardId": card.id, "instalments": form.instalments }));
    let answer = Answer::created(format!("cards/{}/instalment-plans/{}", card.id, plan.id), &wire::Plan::from(&plan));
    call.world.put(plan);
    answer
}

/// Equal parts, the remainder with the first; a fee with each, rounded down to whole minor units.
fn schedule(principal_minor: i64, count: u32, today: Date) -> Vec<Instalment> {
    let parts = i64::from(count);
    let fee_minor =
        i64::try_from(i128::from(principal_minor) * i128::from(FEE_PER_10_000) / 10_000).unwrap_or(i64::MAX);
    let one = |number: u32| {
        let rest = if number == 1 { principal_minor % parts } else { 0 };
        Instalment {
            due_on: today.plus_months(i32::try_from(number).unwrap_or(i32::MAX)),
            principal_minor: principal_minor / parts + rest,
            fee_minor,
            billed: false,
        }
    };
    (1..=count).map(one).collect()
}

/// Job: an instalment falls due. When the card's credit does not allow its fee, it is tried again a day later.
pub(crate) fn bill(call: &mut Call<'_>, subject: &str) -> Result<(), Refusal> {
    let (plan, place) = subject.split_once(' ').ok_or_else(|| Refusal::broken("no such instalment"))?;
    let (id, place): (InstalmentPlanId, usize) =
        (plan.parse().map_err(Refusal::broken)?, place.parse().map_err(Refusal::broken)?);
    let mut plan = call.world.get::<Plan>(&id).cloned().ok_or_else(|| Refusal::broken("no such plan"))?;
    let card = call.world.get::<Card>(&plan.card).cloned().ok_or_else(|| Refusal::broken("no such card"))?;
    let Some(instalment) = plan.instalments.get_mut(place).filter(|instalment| !instalment.billed) else {
        return Ok(());
    };
    let (principal, fee) = (instalment.principal_minor, instalment.fee_minor);
    let (_, available) = card.owed_and_available(call.world);
    if fee > available.minor() {
        let tomorrow = call.today().plus_days(1).start(BANK_ZONE);
        call.world.schedule(tomorrow, BILL, subject);
        return Ok(());
    }
    instalment.billed = true;
    fall_due(call, &card, &mut plan, principal, fee)?;
    call.event("bank.instalment-plan.billed", id, json!({ "number": place + 1 }));
    call.world.put(plan);
    Ok(())
}

/// Books what falls due onto the card, and holds the credit for what is left.
fn fall_due(
    call: &mut Call<'_>,
    card: &Card,
    plan: &mut Plan,
    principal_minor: i64,
    fee_minor: i64,
) -> Result<(), Refusal> {
    if let Some(held) = plan.held.take() {
        call.release(held)?;
    }
    let of = |minor| Money::new(minor, plan.currency);
    for (minor, to, kind, narrative) in [
        (principal_minor, Purpose::CardInstalments, TransactionKind::Instalment, "分期本金到期 Instalment"),
        (fee_minor, Purpose::FeeIncome, TransactionKind::InstalmentFee, "分期手续费 Instalment fee"),
    ] {
        if minor > 0 {
            let to = call.own(to, plan.currency)?;
            let by = call.transfer(card.account, to, of(minor), narrative, plan.id)?;
            note(call, card, kind, of(minor), plan.id, by);
        }
    }
    let left = of(plan.open_minor());
    plan.held = if left.minor() > 0 { Some(call.hold(card.account, left)?) } else { None };
    Ok(())
}

/// Lists a booking of a plan among the card's transactions.
fn note(
    call: &mut Call<'_>,
    card: &Card,
    kind: TransactionKind,
    amount: Money,
    plan: InstalmentPlanId,
    by: TransactionId,
) {
    let id = call.id(CardTransactionId::new);
    let booked = CardTransaction::new(id, kind, card, amount, by, call.now());
    call.world.put(CardTransaction { plan: Some(plan), ..booked });
}

/// All that is left falls due at once; fees of instalments that had not fallen due are not taken.
pub(super) fn settle(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let (card, mut plan) = named(call, input)?;
    if plan.is_completed() {
        return Err(Refusal::from(Code::LifecycleRefused).detail("nothing is left of the plan", "该分期已全部入账"));
    }
    let left = plan.open_minor();
    for (place, instalment) in plan.instalments.iter_mut().enumerate().filter(|(_, instalment)| !instalment.billed) {
        call.world.unschedule(instalment.due_on.start(BANK_ZONE), BILL, format!("{} {place}", plan.id));
        (instalment.billed, instalment.fee_minor) = (true, 0);
    }
    fall_due(call, &card, &mut plan, left, 0)?;
    plan.settled_at = Some(call.now());
    call.event("bank.instalment-plan.billed", plan.id, json!({ "number": plan.instalments.len() }));
    let answer = Answer::ok(&wire::Plan::from(&plan));
    call.world.put(plan);
    answer
}

/// The card and the plan that the path names.
fn named(call: &Call<'_>, input: &Input) -> Result<(Card, Plan), Refusal> {
    let card = the_card(call, input)?;
    let id: InstalmentPlanId = input.id("planId", Code::NotFound)?;
    let plan = call.world.get::<Plan>(&id).filter(|plan| plan.card == card.id).cloned().ok_or(Code::NotFound)?;
    Ok((card, plan))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    cursor: Option<String>,
    limit: Option<u32>,
}

pub(super) fn list(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: ListQuery = input.query()?;
    let list = format!("instalment-plans/{}", input.path("cardId"));
    let page = Input::page(&list, query.cursor.as_deref(), query.limit)?;
    let card = the_card(call, input)?.id.to_string();
    let plans = call.world.under::<Plan>(BY_CARD, &card).rev();
    Answer::ok(&Listed::descending(&list, &page, plans, |plan| plan.id.to_string(), wire::Plan::from))
}

pub(super) fn retrieve(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let (_, plan) = named(call, input)?;
    Answer::ok(&wire::Plan::from(&plan))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{Just, prop_assert, prop_assert_eq, prop_oneof, proptest};

    proptest! {
        #[test]
        fn instalments_sum_up_to_the_principal(
            minor in 1i64..10_000_000_000, count in prop_oneof![Just(3u32), Just(6), Just(12), Just(24)],
        ) {
            let today = Date::parse("2026-01-31").unwrap();
            let all = schedule(minor, count, today);
            prop_assert_eq!(all.len(), count as usize);
            prop_assert_eq!(all.iter().map(|one| one.principal_minor).sum::<i64>(), minor);
            prop_assert!(all.iter().all(|one| one.fee_minor == minor * FEE_PER_10_000 / 10_000 && !one.billed));
            prop_assert!(all.windows(2).all(|pair| pair[0].due_on < pair[1].due_on));
            prop_assert_eq!(all[0].due_on, Date::parse("2026-02-28").unwrap());
        }
    }
}
