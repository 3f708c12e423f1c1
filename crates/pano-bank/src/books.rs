//! The trial balance as an operation: debits equal credits, and every balance is what its postings and holds sum up to.

use crate::call::{Answer, Call, Refusal};
use crate::door::caller::Role;
use crate::failure::Error;
use crate::role::Bank;
use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use pano_http::Failure;
use pano_types::{Currency, Money, PageRequest};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The trial balance of a sandbox, or of all of them.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TrialBalance {
    /// Debits equal credits in every currency, and no account differs from its postings and holds.
    balanced: bool,
    currencies: Vec<Columns>,
    /// Accounts that differ; there must be none.
    discrepancies: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Columns {
    currency: Currency,
    debit: String,
    credit: String,
}

/// Sums a sandbox's books anew.
pub(crate) fn trial_balance(call: &mut Call<'_>) -> Result<TrialBalance, Refusal> {
    let (trial, discrepancies) = (call.world.book().trial(), call.world.book().discrepancies());
    let amount = |minor: i128, currency| {
        let minor =
            i64::try_from(minor).map_err(|_| Refusal::broken("a column of the trial balance leaves 64 bits"))?;
        Ok::<_, Refusal>(Money::new(minor, currency).amount())
    };
    let currencies = trial.columns().map(|(currency, columns)| {
        Ok::<_, Refusal>(Columns {
            currency,
            debit: amount(columns.debit_minor, currency)?,
            credit: amount(columns.credit_minor, currency)?,
        })
    });
    Ok(TrialBalance {
        balanced: trial.is_balanced() && discrepancies.is_empty(),
        currencies: currencies.collect::<Result<_, _>>()?,
        discrepancies: discrepancies.iter().map(ToString::to_string).collect(),
    })
}

/// `GET /internal/v1/trial-balance`: over all sandboxes.
pub(crate) fn router() -> Router<Bank> {
    Router::new().route("/internal/v1/trial-balance", get(of_all))
}

async fn of_all(_: Role, State(bank): State<Bank>) -> Result<Json<TrialBalance>, Failure> {
    let mut all = TrialBalance { balanced: true, currencies: Vec::new(), discrepancies: Vec::new() };
    let mut sums: BTreeMap<Currency, (Money, Money)> = BTreeMap::new();
    let mut page = PageRequest::new(None, Some(PageRequest::MAX));
    loop {
        let mut unit = bank.store().read().await.map_err(Error::from)?;
        let sandboxes = unit.bank_sandbox_list(&page).await.map_err(Error::from)?;
        drop(unit);
        for sandbox in sandboxes.items {
            let work = Arc::new(|call: &mut Call<'_>| Answer::ok(&trial_balance(call)?));
            let answer = bank.vault().call(sandbox.partner, "", work).await.map_err(Error::from)?;
            let one: TrialBalance = serde_json::from_str(&answer.body).map_err(Error::broken)?;
            all.balanced &= one.balanced;
            all.discrepancies.extend(one.discrepancies.iter().map(|account| format!("{} {account}", sandbox.id)));
            for columns in one.currencies {
                add(&mut sums, &columns).map_err(Error::broken)?;
            }
        }
        let Some(next) = sandboxes.next else { break };
        page = PageRequest::new(Some(next), Some(PageRequest::MAX));
    }
    all.currencies = sums
        .into_iter()
        .map(|(currency, (debit, credit))| Columns { currency, debit: debit.amount(), credit: credit.amount() })
        .collect();
    Ok(Json(all))
}

fn add(sums: &mut BTreeMap<Currency, (Money, Money)>, columns: &Columns) -> Result<(), pano_types::money::MoneyError> {
    let nothing = Money::zero(columns.currency);
    let (debit, credit) = sums.entry(columns.currency).or_insert((nothing, nothing));
    *debit = debit.plus(Money::parse(&columns.debit, columns.currency)?)?;
    *credit = credit.plus(Money::parse(&columns.credit, columns.currency)?)?;
    Ok(())
}
