//! Shapes on the wire, as `openapi/` describes them. Converted field by field from what the store keeps.

use pano_ledger::Side;
use pano_store::bank::{AccountStatus, Entry, Party, PartyKind, Payment, PaymentKind, PaymentState, Standing};
use pano_types::id::{AccountId, PartyId, PaymentId, TransactionId};
use pano_types::{Code, Currency, Date, Instant, Localized, Page, Problem};
use serde::{Deserialize, Serialize};

/// A page of a list.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Listed<T> {
    items: Vec<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl<T> Listed<T> {
    /// `page` of `list`, its key made opaque.
    pub(crate) fn new(list: &str, page: Page<T>) -> Self {
        Self { items: page.items, next_cursor: page.next.map(|key| pano_http::cursor::encode(list, &key)) }
    }
}

/// An amount with its currency.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Money {
    amount: String,
    currency: String,
}

impl From<pano_types::Money> for Money {
    fn from(money: pano_types::Money) -> Self {
        Self { amount: money.amount(), currency: money.currency().code().to_owned() }
    }
}

impl Money {
    /// As a positive amount.
    ///
    /// # Errors
    /// `bank.amount_invalid`, naming the member below `at`.
    pub(crate) fn positive(&self, at: &str) -> Result<pano_types::Money, Problem> {
        let currency: Currency = self.currency.parse().map_err(|_| {
            Problem::new(Code::AmountInvalid).error(format!("{at}/currency"), "is not a currency we carry")
        })?;
        let money = amount(&self.amount, currency, &format!("{at}/amount"))?;
        if money.minor() == 0 {
            return Err(Problem::new(Code::AmountInvalid).error(format!("{at}/amount"), "must be more than zero"));
        }
        Ok(money)
    }
}

/// A decimal text as an amount of at least zero.
///
/// # Errors
/// `bank.amount_invalid`, naming `at`.
pub(crate) fn amount(text: &str, currency: Currency, at: &str) -> Result<pano_types::Money, Problem> {
    let refused = |reason: String| Problem::new(Code::AmountInvalid).error(at, reason);
    if text.len() > 20 {
        return Err(refused("is longer than 20 characters".to_owned()));
    }
    let money = pano_types::Money::parse(text, currency).map_err(|_| {
        refused(format!("must be a decimal number with at most {} digits after the point", currency.digits()))
    })?;
    if money.minor() < 0 { Err(refused("must not be negative".to_owned())) } else { Ok(money) }
}

/// A party in brief.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PartySummary {
    party_id: PartyId,
    party_type: &'static str,
    name: Localized,
    customer_since: Date,
}

const fn party_type(kind: PartyKind) -> &'static str {
    match kind {
        PartyKind::Person => "PERSON",
        PartyKind::Organisation => "ORGANISATION",
    }
}

impl From<Party> for PartySummary {
    fn from(party: Party) -> Self {
        Self { party_id: party.id, party_type: party_type(party.kind), name: party.name, customer_since: party.since }
    }
}

/// A party.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PartyDetail {
    #[serde(flatten)]
    summary: PartySummary,
    identification: Identification,
    contact: Contact,
    occupation: Localized,
    birth_or_founding_date: Date,
}

#[derive(Debug, Serialize)]
struct Identification {
    scheme: String,
    number: String,
}

#[derive(Debug, Serialize)]
struct Contact {
    phone: String,
    email: String,
    address: Localized,
}

impl From<Party> for PartyDetail {
    fn from(party: Party) -> Self {
        Self {
            identification: Identification {
                scheme: party.identification_scheme.clone(),
                number: party.identification_number.clone(),
            },
            contact: Contact { phone: party.phone.clone(), email: party.email.clone(), address: party.address.clone() },
            occupation: party.occupation.clone(),
            birth_or_founding_date: party.born_on,
            summary: party.into(),
        }
    }
}

/// An account.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Account {
    account_id: AccountId,
    account_number: String,
    name: Localized,
    account_type: &'static str,
    currency: Currency,
    status: &'static str,
    owner_party_id: Option<PartyId>,
    opened_on: Date,
    limits: Limits,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Limits {
    per_payment: Money,
    per_day: Money,
}

impl From<Standing> for Account {
    fn from(standing: Standing) -> Self {
        let account = standing.account;
        let currency = account.ledger.currency;
        let money = |minor| pano_types::Money::new(minor, currency).into();
        Self {
            account_id: account.ledger.id,
            account_number: account.number,
            name: account.name,
            account_type: "CURRENT",
            currency,
            status: match account.status {
                AccountStatus::Open => "OPEN",
                AccountStatus::Frozen => "FROZEN",
                AccountStatus::Closed => "CLOSED",
            },
            owner_party_id: account.owner,
            opened_on: account.opened_on,
            limits: Limits {
                per_payment: money(account.limits.payment_minor),
                per_day: money(account.limits.day_minor),
            },
        }
    }
}

/// Booked and available balance.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Balances {
    account_id: AccountId,
    at: Instant,
    balances: [Balance; 2],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Balance {
    balance_type: &'static str,
    amount: Money,
}

impl Balances {
    pub(crate) fn new(standing: &Standing, at: Instant) -> Self {
        Self {
            account_id: standing.account.ledger.id,
            at,
            balances: [
                Balance { balance_type: "BOOKED", amount: standing.booked().into() },
                Balance { balance_type: "AVAILABLE", amount: standing.spendable().into() },
            ],
        }
    }
}

/// One entry of an account.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AccountTransaction {
    entry_number: u64,
    transaction_id: TransactionId,
    credit_debit_indicator: &'static str,
    amount: Money,
    balance_after: Money,
    booked_at: Instant,
    value_date: Date,
    narrative: String,
}

impl From<Entry> for AccountTransaction {
    fn from(entry: Entry) -> Self {
        Self {
            entry_number: entry.seq,
            transaction_id: entry.transaction,
            // A deposit is the bank's liability: what the customer receives stands on its credit side.
            credit_debit_indicator: match entry.side {
                Side::Credit => "CRDT",
                Side::Debit => "DBIT",
            },
            amount: entry.amount.into(),
            balance_after: entry.balance_after.into(),
            booked_at: entry.booked_at,
            value_date: entry.value_date,
            narrative: entry.narrative,
        }
    }
}

/// A payee at another bank.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Creditor {
    pub(crate) name: String,
    pub(crate) account_number: String,
    pub(crate) bank_code: String,
}

/// A payment.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PaymentDetail {
    #[serde(flatten)]
    status: PaymentStatus,
    payment_type: &'static str,
    debtor_account_id: AccountId,
    #[serde(skip_serializing_if = "Option::is_none")]
    creditor_account_id: Option<AccountId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    creditor: Option<Creditor>,
    amount: Money,
    clearing: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    end_to_end_id: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    remittance_information: String,
    booking_date: Date,
    ordered_at: Instant,
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_at: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_id: Option<TransactionId>,
}

/// Where a payment stands, in ISO 20022's words.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PaymentStatus {
    payment_id: PaymentId,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_reason: Option<String>,
}

impl From<&Payment> for PaymentStatus {
    fn from(payment: &Payment) -> Self {
        let (status, status_reason) = match &payment.state {
            PaymentState::Accepted { .. } => ("ACSP", None),
            PaymentState::Settled { .. } => ("ACSC", None),
            PaymentState::Rejected { reason, .. } => ("RJCT", Some(reason.clone())),
        };
        Self { payment_id: payment.id, status, status_reason }
    }
}

impl From<Payment> for PaymentDetail {
    fn from(payment: Payment) -> Self {
        let (transaction_id, settled_at) = match payment.state {
            PaymentState::Settled { by, at } => (Some(by), Some(at)),
            PaymentState::Accepted { .. } | PaymentState::Rejected { .. } => (None, None),
        };
        let status = (&payment).into();
        let counterparty = payment.counterparty;
        Self {
            status,
            payment_type: match payment.kind {
                PaymentKind::Internal => "INTERNAL",
                PaymentKind::Domestic => "DOMESTIC",
            },
            debtor_account_id: payment.debtor,
            creditor_account_id: payment.creditor,
            creditor: counterparty.bank_code.map(|bank_code| Creditor {
                name: counterparty.name,
                account_number: counterparty.account_number,
                bank_code,
            }),
            amount: payment.amount.into(),
            clearing: payment.clearing.code(),
            end_to_end_id: payment.end_to_end_id,
            remittance_information: payment.remittance,
            booking_date: payment.booking_day,
            ordered_at: payment.ordered_at,
            settled_at,
            transaction_id,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    #[test]
    fn amounts_that_are_none_are_refused_by_name() {
        for (text, currency, at) in [
            ("0", "CNY", "/amount/amount"),
            ("0.00", "CNY", "/amount/amount"),
            ("-1", "CNY", "/amount/amount"),
            ("1.001", "CNY", "/amount/amount"),
            ("1.5", "JPY", "/amount/amount"),
            ("1e3", "CNY", "/amount/amount"),
            ("99999999999999999999", "CNY", "/amount/amount"),
            ("111111111111111111111", "CNY", "/amount/amount"),
            ("1", "XXX", "/amount/currency"),
        ] {
            let money = Money { amount: text.to_owned(), currency: currency.to_owned() };
            let problem = money.positive("/amount").unwrap_err();
            assert_eq!((problem.code, &*problem.errors[0].at), (Code::AmountInvalid, at), "{text} {currency}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_refused_or_read_exactly(text in "[0-9.e+-]{0,24}") {
            if let Ok(money) = amount(&text, Currency::CNY, "at") {
                prop_assert!(money.minor() >= 0);
                let again = amount(&money.amount(), Currency::CNY, "at").unwrap();
                prop_assert_eq!(again, money);
            }
        }

        #[test]
        fn what_we_print_we_read(minor in 1i64.., digits in any::<bool>()) {
            let currency = if digits { Currency::KWD } else { Currency::JPY };
            let money = pano_types::Money::new(minor, currency);
            prop_assert_eq!(Money::from(money).positive("").unwrap(), money);
        }
    }
}
