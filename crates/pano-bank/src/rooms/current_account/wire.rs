//! Shapes on the wire, as the document describes them.

use crate::model::account::Standing;
use crate::model::class::AccountClass;
use crate::wire::Money;
use pano_ledger::{AccountStatus, Entry, Side};
use pano_types::id::{AccountId, PartyId, TransactionId};
use pano_types::{Currency, Date, Instant, Localized};
use serde::Serialize;

/// An account.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Account {
    account_id: AccountId,
    account_number: String,
    name: Localized,
    account_type: &'static str,
    account_class: AccountClass,
    #[serde(skip_serializing_if = "Option::is_none")]
    bound_account_id: Option<AccountId>,
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

impl From<Standing<'_>> for Account {
    fn from(standing: Standing<'_>) -> Self {
        let (account, currency) = (standing.account, standing.ledger.currency);
        let money = |minor| pano_types::Money::new(minor, currency).into();
        Self {
            account_id: account.id,
            account_number: account.number.clone(),
            name: account.name.clone(),
            account_type: "CURRENT",
            account_class: account.class,
            bound_account_id: account.bound_to,
            currency,
            status: match standing.ledger.status {
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
pub(super) struct Balances {
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
    pub(super) fn new(standing: &Standing<'_>, at: Instant) -> Self {
        Self {
            account_id: standing.account.id,
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

impl From<Entry<'_>> for AccountTransaction {
    fn from(entry: Entry<'_>) -> Self {
        Self {
            entry_number: entry.seq,
            transaction_id: entry.transaction.id(),
            // A deposit is the bank's liability: what the customer receives stands on its credit side.
            credit_debit_indicator: match entry.posting.side() {
                Side::Credit => "CRDT",
                Side::Debit => "DBIT",
            },
            amount: entry.posting.amount().into(),
            balance_after: entry.balance_after.into(),
            booked_at: entry.transaction.booked_at(),
            value_date: entry.transaction.value_date(),
            narrative: entry.transaction.narrative().to_owned(),
        }
    }
}
