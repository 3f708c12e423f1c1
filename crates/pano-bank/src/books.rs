//! The trial balance as an operation: debits equal credits, and every balance is what its postings and holds sum up to.

use crate::caller::Role;
use crate::failure::Error;
use crate::role::Bank;
use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use pano_http::Failure;
use pano_ledger::Trial;
use pano_store::bank::Discrepancy;
use pano_store::{Store, StoreError};
use pano_types::{Currency, Money};
use serde::Serialize;

/// What an inspection of the books found.
#[derive(Debug, Clone)]
pub(crate) struct Books {
    pub(crate) trial: Trial,
    pub(crate) discrepancies: Vec<Discrepancy>,
}

/// Reads the books as of one moment.
pub(crate) async fn inspect(store: &dyn Store) -> Result<Books, StoreError> {
    let mut unit = store.read().await?;
    let mut trial = Trial::default();
    for (kind, currency, booked) in unit.bank_trial().await? {
        trial.add(kind, currency, i128::from(booked));
    }
    Ok(Books { trial, discrepancies: unit.bank_discrepancies().await? })
}

/// `GET /internal/v1/trial-balance`.
pub(crate) fn router() -> Router<Bank> {
    Router::new().route("/internal/v1/trial-balance", get(trial_balance))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TrialBalance {
    /// Debits equal credits in every currency, and no account differs from its postings and holds.
    balanced: bool,
    currencies: Vec<Columns>,
    /// Accounts that differ; there must be none.
    discrepancies: Vec<String>,
}

#[derive(Serialize)]
struct Columns {
    currency: Currency,
    debit: String,
    credit: String,
}

async fn trial_balance(_: Role, State(bank): State<Bank>) -> Result<Json<TrialBalance>, Failure> {
    let books = inspect(bank.store()).await.map_err(Error::from)?;
    let amount = |minor: i128, currency| {
        let minor = i64::try_from(minor).map_err(|_| Error::broken("a column of the trial balance leaves 64 bits"))?;
        Ok::<_, Error>(Money::new(minor, currency).amount())
    };
    let currencies = books.trial.columns().map(|(currency, columns)| {
        Ok::<_, Error>(Columns {
            currency,
            debit: amount(columns.debit_minor, currency)?,
            credit: amount(columns.credit_minor, currency)?,
        })
    });
    Ok(Json(TrialBalance {
        balanced: books.trial.is_balanced() && books.discrepancies.is_empty(),
        currencies: currencies.collect::<Result<_, _>>()?,
        discrepancies: books.discrepancies.iter().map(|d| d.account.to_string()).collect(),
    }))
}
