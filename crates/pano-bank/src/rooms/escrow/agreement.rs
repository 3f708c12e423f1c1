//! The agreement: what has been paid in, which conditions are met, what may be released or returned.

use crate::call::Refusal;
use crate::wire;
use crate::world::Entity;
use pano_types::id::{AccountId, EscrowId, PartyId, TransactionId};
use pano_types::{Code, Currency, Date, Instant, Money};
use serde::{Deserialize, Serialize};

/// Index: the depositor's and the beneficiary's account.
pub(super) const BY_ACCOUNT: &str = "account";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Purpose {
    HousePurchase,
    Presale,
    PrepaidService,
    Construction,
    Trade,
}

/// What meets a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum ConditionType {
    /// A party says so.
    Confirmation,
    /// A party proves it with a document's digest.
    Document,
    /// A day comes.
    Date,
}

/// What a condition of a type must name.
pub(super) struct Needs {
    pub(super) party: bool,
    pub(super) day: bool,
}

impl ConditionType {
    pub(super) const fn needs(self) -> Needs {
        match self {
            Self::Confirmation | Self::Document => Needs { party: true, day: false },
            Self::Date => Needs { party: false, day: true },
        }
    }
}

/// Why money goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Reason {
    Expired,
    MutualAgreement,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ConditionState {
    Open,
    Fulfilled { at: Instant },
    Released { fulfilled_at: Option<Instant>, by: TransactionId },
    Lapsed,
}

/// A condition for release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Condition {
    pub(super) kind: ConditionType,
    pub(super) description: String,
    pub(super) party: Option<PartyId>,
    pub(super) not_before: Option<Date>,
    pub(super) release_minor: i64,
    pub(super) state: ConditionState,
    pub(super) digest: Option<String>,
}

impl Condition {
    /// Whether it is met on a day: by someone, or, when it waits for a day, by the day.
    fn is_met(&self, today: Date) -> bool {
        match self.state {
            ConditionState::Open => self.not_before.is_some_and(|day| today >= day),
            ConditionState::Fulfilled { .. } => true,
            ConditionState::Released { .. } | ConditionState::Lapsed => false,
        }
    }
}

/// Where an escrow stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    Open,
    Funded,
    Releasing,
    Completed,
    Returned,
    Cancelled,
}

impl State {
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Funded => "FUNDED",
            Self::Releasing => "RELEASING",
            Self::Completed => "COMPLETED",
            Self::Returned => "RETURNED",
            Self::Cancelled => "CANCELLED",
        }
    }
}

/// What two sides agree on.
pub(super) struct Terms {
    pub(super) depositor: AccountId,
    pub(super) beneficiary: AccountId,
    pub(super) amount: Money,
    pub(super) purpose: Purpose,
    pub(super) expires_on: Date,
    pub(super) conditions: Vec<Condition>,
}

/// A supervised fund account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Escrow {
    pub(super) id: EscrowId,
    /// Client id of the app that set it up.
    app: String,
    pub(super) state: State,
    /// Where the money lies: an account of the bank's own.
    pub(super) account: AccountId,
    pub(super) depositor: AccountId,
    pub(super) beneficiary: AccountId,
    currency: Currency,
    amount_minor: i64,
    funded_minor: i64,
    released_minor: i64,
    returned_minor: i64,
    purpose: Purpose,
    expires_on: Date,
    conditions: Vec<Condition>,
    created_at: Instant,
}

impl Entity for Escrow {
    const KIND: &'static str = "escrow";
    type Id = EscrowId;
    fn id(&self) -> EscrowId {
        self.id
    }
    fn index(&self, put: &mut dyn FnMut(&'static str, String)) {
        put(BY_ACCOUNT, self.depositor.to_string());
        put(BY_ACCOUNT, self.beneficiary.to_string());
    }
}

impl Escrow {
    pub(super) fn new(id: EscrowId, app: &str, account: AccountId, terms: Terms, at: Instant) -> Self {
        Self {
            id,
            app: app.to_owned(),
            state: State::Open,
            account,
            depositor: terms.depositor,
            beneficiary: terms.beneficiary,
            currency: terms.amount.currency(),
            amount_minor: terms.amount.minor(),
            funded_minor: 0,
            released_minor: 0,
            returned_minor: 0,
            purpose: terms.purpose,
            expires_on: terms.expires_on,
            conditions: terms.conditions,
            created_at: at,
        }
    }

    fn refused(&self) -> Refusal {
        let state = self.state.code();
        Refusal::from(Code::LifecycleRefused).detail(format!("the escrow is {state}"), format!("当前状态：{state}"))
    }

    const fn balance_minor(&self) -> i64 {
        self.funded_minor - self.released_minor - self.returned_minor
    }

    /// With more paid in.
    pub(super) fn funded(mut self, amount: Money) -> Result<Self, Refusal> {
        if self.state != State::Open {
            return Err(self.refused());
        }
        if amount.currency() != self.currency {
            return Err(Refusal::from(Code::CurrencyMismatch)
                .at("/amount/currency", ("is not that of the escrow", "与监管币种不一致")));
        }
        let left = self.amount_minor - self.funded_minor;
        if amount.minor() > left {
            let left = Money::new(left, self.currency);
            return Err(Refusal::from(Code::LimitExceeded)
                .detail(format!("still to come: {left}"), format!("尚需存入：{left}")));
        }
        self.funded_minor += amount.minor();
        if self.funded_minor == self.amount_minor {
            self.state = State::Funded;
        }
        Ok(self)
    }

    fn condition(&self, number: usize) -> Result<&Condition, Refusal> {
        number.checked_sub(1).and_then(|place| self.conditions.get(place)).ok_or_else(|| Code::NotFound.into())
    }

    fn with(mut self, number: usize, change: impl FnOnce(&mut Condition)) -> Self {
        if let Some(condition) = number.checked_sub(1).and_then(|place| self.conditions.get_mut(place)) {
            change(condition);
        }
        self
    }

    /// With a condition that a party confirmed or proved.
    pub(super) fn fulfilled(
        self,
        number: usize,
        party: PartyId,
        digest: Option<String>,
        at: Instant,
    ) -> Result<Self, Refusal> {
        if !matches!(self.state, State::Open | State::Funded | State::Releasing) {
            return Err(self.refused());
        }
        let condition = self.condition(number)?;
        let refuse = |en: &str, zh: &str| Err(Refusal::from(Code::LifecycleRefused).detail(en, zh));
        if condition.kind == ConditionType::Date {
            return refuse("a day meets this condition, not a party", "该条件到期自动满足，不能确认");
        }
        if condition.state != ConditionState::Open {
            return refuse("the condition is not open", "该条件已处理");
        }
        let invalid = |at: &str, reason: (&str, &str)| Err(Refusal::from(Code::RequestInvalid).at(at, reason));
        if condition.party != Some(party) {
            return invalid("/partyId", ("is not the party that the condition names", "不是该条件指定的客户"));
        }
        let hexadecimal = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if digest.as_ref().is_some_and(|digest| digest.len() != 64 || !digest.bytes().all(hexadecimal)) {
            return invalid(
                "/documentDigest",
                ("must be 64 hexadecimal digits in lower case", "须为 64 位小写十六进制数字"),
            );
        }
        if (condition.kind == ConditionType::Document) != digest.is_some() {
            return invalid(
                "/documentDigest",
                ("is required for DOCUMENT, and only there", "仅 DOCUMENT 需要且必须填写"),
            );
        }
        Ok(self.with(number, |condition| {
            condition.state = ConditionState::Fulfilled { at };
            condition.digest = digest;
        }))
    }

    /// What a condition releases today, if it is met and all the money is there.
    pub(super) fn releasable(&self, number: usize, today: Date) -> Result<Money, Refusal> {
        if !matches!(self.state, State::Funded | State::Releasing) {
            return Err(self.refused());
        }
        let condition = self.condition(number)?;
        if !condition.is_met(today) {
            let refusal = Refusal::from(Code::LifecycleRefused);
            return Err(refusal.detail("the condition is not met, or has been released", "条件未满足或已放款"));
        }
        Ok(Money::new(condition.release_minor, self.currency))
    }

    /// After a release that was [`Self::releasable`].
    pub(super) fn released(self, number: usize, by: TransactionId, at: Instant) -> Self {
        let minor = self.condition(number).map_or(0, |condition| condition.release_minor);
        let mut next = self.with(number, |condition| {
            let fulfilled_at = match condition.state {
                ConditionState::Fulfilled { at } => Some(at),
                // The day met it.
                ConditionState::Open => Some(at),
                ConditionState::Released { .. } | ConditionState::Lapsed => None,
            };
            condition.state = ConditionState::Released { fulfilled_at, by };
        });
        next.released_minor += minor;
        next.state = if next.released_minor == next.amount_minor { State::Completed } else { State::Releasing };
        next
    }

    /// What may go back to the depositor.
    pub(super) fn returnable(
        &self,
        reason: Reason,
        agreed: &[PartyId],
        sides: [Option<PartyId>; 2],
        today: Date,
    ) -> Result<Money, Refusal> {
        if !matches!(self.state, State::Open | State::Funded | State::Releasing) {
            return Err(self.refused());
        }
        match reason {
            Reason::Expired if today <= self.expires_on => {
                let last = self.expires_on;
                let refusal = Refusal::from(Code::LifecycleRefused);
                return Err(refusal.detail(format!("the escrow runs until {last}"), format!("监管至 {last} 到期")));
            }
            Reason::MutualAgreement if !sides.iter().all(|side| side.is_some_and(|side| agreed.contains(&side))) => {
                let refusal = Refusal::from(Code::RequestInvalid);
                return Err(
                    refusal.at("/agreedBy", ("must name the owners of both accounts", "须列明双方账户的持有人"))
                );
            }
            Reason::Expired | Reason::MutualAgreement => {}
        }
        Ok(Money::new(self.balance_minor(), self.currency))
    }

    /// After `left` went back, or, when there was nothing, cancelled.
    pub(super) fn returned(mut self, left: Money) -> Self {
        self.returned_minor += left.minor();
        for condition in &mut self.conditions {
            if !matches!(condition.state, ConditionState::Released { .. }) {
                condition.state = ConditionState::Lapsed;
            }
        }
        self.state = if self.funded_minor == 0 { State::Cancelled } else { State::Returned };
        self
    }

    /// As the document shows it, on a day.
    pub(super) fn view(&self, today: Date) -> View {
        let money = |minor| Money::new(minor, self.currency).into();
        let view = |(number, condition): (usize, &Condition)| {
            let (state, fulfilled_at, transaction_id) = match condition.state {
                ConditionState::Open if condition.is_met(today) => ("FULFILLED", None, None),
                ConditionState::Open => ("OPEN", None, None),
                ConditionState::Fulfilled { at } => ("FULFILLED", Some(at), None),
                ConditionState::Released { fulfilled_at, by } => ("RELEASED", fulfilled_at, Some(by)),
                ConditionState::Lapsed => ("LAPSED", None, None),
            };
            ConditionView {
                condition_number: number,
                condition_type: condition.kind,
                description: condition.description.clone(),
                confirming_party_id: condition.party,
                not_before: condition.not_before,
                release_amount: money(condition.release_minor),
                state,
                document_digest: condition.digest.clone(),
                fulfilled_at,
                transaction_id,
            }
        };
        View {
            escrow_id: self.id,
            status: self.state.code(),
            purpose: self.purpose,
            depositor_account_id: self.depositor,
            beneficiary_account_id: self.beneficiary,
            amount: money(self.amount_minor),
            funded_amount: money(self.funded_minor),
            released_amount: money(self.released_minor),
            returned_amount: money(self.returned_minor),
            balance: money(self.balance_minor()),
            expires_on: self.expires_on,
            conditions: (1..).zip(&self.conditions).map(view).collect(),
            created_at: self.created_at,
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct View {
    escrow_id: EscrowId,
    status: &'static str,
    purpose: Purpose,
    depositor_account_id: AccountId,
    beneficiary_account_id: AccountId,
    amount: wire::Money,
    funded_amount: wire::Money,
    released_amount: wire::Money,
    returned_amount: wire::Money,
    balance: wire::Money,
    expires_on: Date,
    conditions: Vec<ConditionView>,
    created_at: Instant,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ConditionView {
    condition_number: usize,
    condition_type: ConditionType,
    description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirming_party_id: Option<PartyId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_before: Option<Date>,
    release_amount: wire::Money,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    document_digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fulfilled_at: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_id: Option<TransactionId>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use pano_types::clock::SeededEntropy;
    use proptest::prelude::{prop, prop_assert, prop_assert_eq, proptest};

    const AT: Instant = Instant::from_unix_micros(0);

    fn day(text: &str) -> Date {
        Date::parse(text).unwrap()
    }
    fn party(n: u64) -> PartyId {
        PartyId::new(AT, &SeededEntropy::new(n))
    }
    fn cny(minor: i64) -> Money {
        Money::new(minor, Currency::CNY)
    }
    fn by() -> TransactionId {
        TransactionId::new(AT, &SeededEntropy::new(9))
    }

    fn escrow() -> Escrow {
        let condition = |kind, party, not_before, release_minor| Condition {
            kind,
            description: "条件".to_owned(),
            party,
            not_before,
            release_minor,
            state: ConditionState::Open,
            digest: None,
        };
        let account = |n| AccountId::new(AT, &SeededEntropy::new(n));
        let terms = Terms {
            depositor: account(1),
            beneficiary: account(2),
            amount: cny(1_000),
            purpose: Purpose::HousePurchase,
            expires_on: day("2026-12-31"),
            conditions: vec![
                condition(ConditionType::Document, Some(party(2)), None, 600),
                condition(ConditionType::Confirmation, Some(party(1)), None, 300),
                condition(ConditionType::Date, None, Some(day("2026-06-30")), 100),
            ],
        };
        Escrow::new(EscrowId::new(AT, &SeededEntropy::new(3)), "app", account(4), terms, AT)
    }

    fn code<T>(result: Result<T, Refusal>) -> Option<Code> {
        result.err().map(|refusal| refusal.code().unwrap())
    }

    #[test]
    fn money_is_released_by_conditions_that_are_met_and_only_once() {
        let today = day("2026-03-02");
        let open = escrow();
        assert_eq!(code(open.clone().funded(cny(1_001))), Some(Code::LimitExceeded));
        assert_eq!(code(open.releasable(1, today)), Some(Code::LifecycleRefused), "not funded");
        let funded = open.funded(cny(400)).unwrap().funded(cny(600)).unwrap();
        assert_eq!((funded.state, code(funded.clone().funded(cny(1)))), (State::Funded, Some(Code::LifecycleRefused)));
        assert_eq!(code(funded.releasable(1, today)), Some(Code::LifecycleRefused), "not met");
        assert_eq!(code(funded.clone().fulfilled(1, party(1), Some("a".repeat(64)), AT)), Some(Code::RequestInvalid));
        assert_eq!(code(funded.clone().fulfilled(1, party(2), None, AT)), Some(Code::RequestInvalid));
        assert_eq!(code(funded.clone().fulfilled(1, party(2), Some("A".repeat(64)), AT)), Some(Code::RequestInvalid));
        assert_eq!(code(funded.clone().fulfilled(2, party(1), Some("a".repeat(64)), AT)), Some(Code::RequestInvalid));
        assert_eq!(code(funded.clone().fulfilled(3, party(1), None, AT)), Some(Code::LifecycleRefused));
        assert_eq!(code(funded.clone().fulfilled(4, party(1), None, AT)), Some(Code::NotFound));
        let met = funded.fulfilled(1, party(2), Some("a".repeat(64)), AT).unwrap();
        assert_eq!(code(met.clone().fulfilled(1, party(2), Some("a".repeat(64)), AT)), Some(Code::LifecycleRefused));
        assert_eq!(met.releasable(1, today).ok(), Some(cny(600)));
        let part = met.released(1, by(), AT);
        assert_eq!((part.state, part.balance_minor()), (State::Releasing, 400));
        assert_eq!(code(part.releasable(1, today)), Some(Code::LifecycleRefused), "once");
        assert_eq!(code(part.releasable(3, day("2026-06-29"))), Some(Code::LifecycleRefused));
        assert_eq!(part.releasable(3, day("2026-06-30")).ok(), Some(cny(100)), "the day has come");
        let last = part.fulfilled(2, party(1), None, AT).unwrap().released(2, by(), AT).released(3, by(), AT);
        assert_eq!((last.state, last.balance_minor()), (State::Completed, 0));
    }

    #[test]
    fn money_goes_back_when_time_is_over_or_both_agree() {
        let (today, sides) = (day("2026-03-02"), [Some(party(1)), Some(party(2))]);
        let funded = escrow().funded(cny(1_000)).unwrap();
        assert_eq!(
            code(funded.returnable(Reason::Expired, &[], sides, day("2026-12-31"))),
            Some(Code::LifecycleRefused)
        );
        assert_eq!(funded.returnable(Reason::Expired, &[], sides, day("2027-01-01")).ok(), Some(cny(1_000)));
        assert_eq!(
            code(funded.returnable(Reason::MutualAgreement, &[party(1)], sides, today)),
            Some(Code::RequestInvalid)
        );
        let both = [party(2), party(1)];
        assert_eq!(funded.returnable(Reason::MutualAgreement, &both, sides, today).ok(), Some(cny(1_000)));
        let back = funded.returned(cny(1_000));
        assert_eq!((back.state, back.balance_minor()), (State::Returned, 0));
        assert!(back.conditions.iter().all(|condition| condition.state == ConditionState::Lapsed));
        assert_eq!(code(back.returnable(Reason::MutualAgreement, &both, sides, today)), Some(Code::LifecycleRefused));
        assert_eq!(escrow().returned(cny(0)).state, State::Cancelled);
    }

    proptest! {
        #[test]
        fn what_came_in_is_what_lies_there_went_out_or_went_back(steps in prop::collection::vec((0u8..4, 1i64..700, 1usize..5), 1..40)) {
            let (mut escrow, today) = (escrow(), day("2026-07-01"));
            for (step, minor, number) in steps {
                let before = escrow.clone();
                escrow = match step {
                    0 => escrow.funded(cny(minor)).unwrap_or(before),
                    1 => escrow.fulfilled(number, party(if number == 1 { 2 } else { 1 }), (number == 1).then(|| "b".repeat(64)), AT).unwrap_or(before),
                    2 => match escrow.releasable(number, today) {
                        Ok(_) => escrow.released(number, by(), AT),
                        Err(_) => before,
                    },
                    _ if minor < 20 => match escrow.returnable(Reason::MutualAgreement, &[party(1), party(2)], [Some(party(1)), Some(party(2))], today) {
                        Ok(left) => escrow.returned(left),
                        Err(_) => before,
                    },
                    _ => before,
                };
                prop_assert!(escrow.balance_minor() >= 0 && escrow.funded_minor <= escrow.amount_minor);
                prop_assert_eq!(escrow.funded_minor, escrow.balance_minor() + escrow.released_minor + escrow.returned_minor);
                let ended = matches!(escrow.state, State::Completed | State::Returned | State::Cancelled);
                prop_assert!(!ended || escrow.balance_minor() == 0);
            }
        }
    }
}
