//! Mandates: a payer lets a payee collect, up to a limit for each collection and each calendar month.

use super::takes_in;
use crate::call::{Answer, Call, Input, Refusal};
use crate::model::class::within;
use crate::rooms::payment_order::{Clearing, Order, Payee, PaymentState, What, place};
use crate::wire::{Money, reference, text};
use crate::world::Entity;
use pano_ledger::AccountStatus;
use pano_types::id::{AccountId, MandateId, PaymentId, TransactionId};
use pano_types::{Code, Currency, Date, Instant};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Longest validity, in months.
const MONTHS_MAX: i32 = 60;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Purpose {
    Utilities,
    Telecom,
    Insurance,
    Tuition,
    Rent,
    LoanRepayment,
    Other,
}

/// A mandate to collect.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Mandate {
    id: MandateId,
    app: String,
    creditor: AccountId,
    debtor: AccountId,
    currency: Currency,
    max_minor: i64,
    month_max_minor: i64,
    purpose: Purpose,
    valid_until: Date,
    terminated: bool,
    /// First day of the month that `collected_minor` is of.
    month: Date,
    collected_minor: i64,
    created_at: Instant,
}

impl Entity for Mandate {
    const KIND: &'static str = "mandate";
    type Id = MandateId;
    fn id(&self) -> MandateId {
        self.id
    }
}

fn first_of_month(day: Date) -> Date {
    let (.., of_month) = day.parts();
    day.plus_days(1 - i32::from(of_month))
}

impl Mandate {
    fn status(&self, today: Date) -> &'static str {
        if self.terminated {
            "TERMINATED"
        } else if today > self.valid_until {
            "EXPIRED"
        } else {
            "ACTIVE"
        }
    }

    /// Collected in the month of `today`.
    fn collected(&self, today: Date) -> i64 {
        if self.month == first_of_month(today) { self.collected_minor } else { 0 }
    }

    /// With `minor` more collected, if the mandate allows it.
    fn collect(mut self, today: Date, minor: i64) -> Result<Self, Refusal> {
        let status = self.status(today);
        if status != "ACTIVE" {
            let refusal = Refusal::from(Code::LifecycleRefused);
            return Err(refusal.detail(format!("the mandate is {status}"), format!("当前状态：{status}")));
        }
        let collected = self.collected(today);
        within(Some(self.max_minor), 0, minor, self.currency, "mandate, per collection", "协议单笔")?;
        within(Some(self.month_max_minor), collected, minor, self.currency, "mandate, per month", "协议每月")?;
        (self.month, self.collected_minor) = (first_of_month(today), collected + minor);
        Ok(self)
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct MandateRequest {
    creditor_account_id: AccountId,
    debtor_account_id: AccountId,
    max_amount: Money,
    max_per_month: Money,
    purpose: Purpose,
    valid_until: Date,
}

pub(super) fn initiate(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let body: MandateRequest = input.body()?;
    let (max, month_max) = (body.max_amount.positive("/maxAmount")?, body.max_per_month.positive("/maxPerMonth")?);
    let today = call.today();
    let invalid = |at: &str, reason: (&str, &str)| Err(Refusal::from(Code::RequestInvalid).at(at, reason));
    if body.creditor_account_id == body.debtor_account_id {
        return Err(Code::SameAccount.into());
    }
    takes_in(call, body.creditor_account_id, max)?;
    let debtor = call.world.current(body.debtor_account_id, "/debtorAccountId")?;
    if debtor.ledger.status != AccountStatus::Open {
        return Err(Refusal::from(Code::AccountFrozen).at("/debtorAccountId", ("gives nothing out", "该账户不可支出")));
    }
    if debtor.ledger.currency != max.currency() || month_max.currency() != max.currency() {
        return Err(
            Refusal::from(Code::CurrencyMismatch).at("/maxAmount/currency", ("the currencies differ", "币种不一致"))
        );
    }
    if month_max.minor() < max.minor() {
        return invalid("/maxPerMonth", ("must not be less than maxAmount", "不得小于 maxAmount"));
    }
    if body.valid_until < today || body.valid_until > today.plus_months(MONTHS_MAX) {
        return invalid(
            "/validUntil",
            ("must be today or later, and at most five years from today", "须为今日或之后，且不超过五年"),
        );
    }
    let mandate = Mandate {
        id: call.id(MandateId::new),
        app: call.app.to_owned(),
        creditor: body.creditor_account_id,
        debtor: body.debtor_account_id,
        currency: max.currency(),
        max_minor: max.minor(),
        month_max_minor: month_max.minor(),
        purpose: body.purpose,
        valid_until: body.valid_until,
        terminated: false,
        month: first_of_month(today),
        collected_minor: 0,
        created_at: call.now(),
    };
    call.event("bank.mandate.signed", mandate.id, json!({ "mandateId": mandate.id }));
    let answer = Answer::created(format!("mandates/{}", mandate.id), &View::new(&mandate, today));
    call.world.put(mandate);
    answer
}

fn named(call: &Call<'_>, input: &Input) -> Result<Mandate, Refusal> {
    let id: MandateId = input.id("mandateId", Code::NotFound)?;
    call.world.get::<Mandate>(&id).cloned().ok_or_else(|| Code::NotFound.into())
}

pub(super) fn retrieve(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    Answer::ok(&View::new(&named(call, input)?, call.today()))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CollectionRequest {
    amount: Money,
    reference: Option<String>,
    description: Option<String>,
}

pub(super) fn collect(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let body: CollectionRequest = input.body()?;
    if let Some(text) = &body.reference {
        reference(text, "/reference")?;
    }
    if let Some(description) = &body.description {
        text(description, 100, "/description")?;
    }
    let (mandate, today) = (named(call, input)?, call.today());
    let amount = body.amount.positive("/amount")?;
    if amount.currency() != mandate.currency {
        return Err(Refusal::from(Code::CurrencyMismatch)
            .at("/amount/currency", ("is not that of the mandate", "与授权协议币种不一致")));
    }
    let mandate = mandate.collect(today, amount.minor())?;
    let order = Order {
        debtor: mandate.debtor,
        payee: Payee::Here(mandate.creditor),
        amount,
        clearing: Clearing::Book,
        end_to_end_id: body.reference.clone().unwrap_or_default(),
        remittance: body.description.unwrap_or_default(),
        what: What::Collection,
    };
    let app = call.app.to_owned();
    let payment = place(call, &app, order)?;
    let PaymentState::Settled { by, at } = payment.state else {
        return Err(Refusal::broken("a collection within the bank waits"));
    };
    let answer = Collection {
        mandate_id: mandate.id,
        payment_id: payment.id,
        transaction_id: by,
        amount: body.amount,
        reference: body.reference,
        collected_this_month: pano_types::Money::new(mandate.collected_minor, mandate.currency).into(),
        booked_at: at,
    };
    call.world.put(mandate);
    Answer::json(201, &answer)
}

pub(super) fn terminate(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let (mandate, today) = (named(call, input)?, call.today());
    let status = mandate.status(today);
    if status != "ACTIVE" {
        let refusal = Refusal::from(Code::LifecycleRefused);
        return Err(refusal.detail(format!("the mandate is {status}"), format!("当前状态：{status}")));
    }
    let mandate = Mandate { terminated: true, ..mandate };
    call.event("bank.mandate.terminated", mandate.id, json!({ "mandateId": mandate.id }));
    let answer = Answer::ok(&View::new(&mandate, today));
    call.world.put(mandate);
    answer
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct View {
    mandate_id: MandateId,
    status: &'static str,
    creditor_account_id: AccountId,
    debtor_account_id: AccountId,
    max_amount: Money,
    max_per_month: Money,
    collected_this_month: Money,
    purpose: Purpose,
    valid_until: Date,
    created_at: Instant,
}

impl View {
    fn new(mandate: &Mandate, today: Date) -> Self {
        let money = |minor| pano_types::Money::new(minor, mandate.currency).into();
        Self {
            mandate_id: mandate.id,
            status: mandate.status(today),
            creditor_account_id: mandate.creditor,
            debtor_account_id: mandate.debtor,
            max_amount: money(mandate.max_minor),
            max_per_month: money(mandate.month_max_minor),
            collected_this_month: money(mandate.collected(today)),
            purpose: mandate.purpose,
            valid_until: mandate.valid_until,
            created_at: mandate.created_at,
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Collection {
    mandate_id: MandateId,
    payment_id: PaymentId,
    transaction_id: TransactionId,
    amount: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    collected_this_month: Money,
    booked_at: Instant,
}

#[cfg(test)]
mod tests {
    use super::*;
    use pano_types::clock::SeededEntropy;
    use proptest::prelude::{prop, prop_assert, prop_assert_eq, proptest};

    fn day(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    fn mandate() -> Mandate {
        let (at, entropy) = (Instant::from_unix_micros(0), SeededEntropy::new(1));
        Mandate {
            id: MandateId::new(at, &entropy),
            app: String::new(),
            creditor: AccountId::new(at, &entropy),
            debtor: AccountId::new(at, &entropy),
            currency: Currency::CNY,
            max_minor: 500,
            month_max_minor: 1_000,
            purpose: Purpose::Utilities,
            valid_until: day("2026-04-15"),
            terminated: false,
            month: day("2026-03-01"),
            collected_minor: 0,
            created_at: at,
        }
    }

    #[test]
    fn limits_are_of_a_collection_and_of_a_month() {
        let code = |result: Result<Mandate, Refusal>| result.map(|m| m.collected_minor).map_err(|r| r.code().unwrap());
        let (march, april) = (day("2026-03-31"), day("2026-04-01"));
        assert_eq!(code(mandate().collect(march, 501)), Err(Code::LimitExceeded));
        let full = mandate().collect(march, 500).unwrap().collect(march, 500).unwrap();
        assert_eq!(code(full.clone().collect(march, 1)), Err(Code::LimitExceeded));
        assert_eq!((full.collected(march), full.collected(april)), (1_000, 0));
        assert_eq!(code(full.clone().collect(april, 1)), Ok(1));
        assert_eq!(code(full.clone().collect(day("2026-04-16"), 1)), Err(Code::LifecycleRefused));
        assert_eq!(code(Mandate { terminated: true, ..full }.collect(april, 1)), Err(Code::LifecycleRefused));
    }

    proptest! {
        #[test]
        fn a_month_never_passes_its_limit(steps in prop::collection::vec((0i32..4, 1i64..700), 1..40)) {
            let (mut mandate, mut today) = (mandate(), day("2026-03-01"));
            let mut taken = std::collections::BTreeMap::<Date, i64>::new();
            for (days, minor) in steps {
                today = today.plus_days(days);
                if let Ok(next) = mandate.clone().collect(today, minor) {
                    mandate = next;
                    *taken.entry(first_of_month(today)).or_default() += minor;
                }
            }
            prop_assert!(taken.values().all(|sum| *sum <= 1_000));
            prop_assert_eq!(mandate.collected(today), taken.get(&first_of_month(today)).copied().unwrap_or(0));
        }
    }
}
