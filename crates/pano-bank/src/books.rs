//! The trial balance as an operation: debits equal credits, and every balance is what its postings and holds sum up to.

use crate::call::{Answer, Call, Refusal};
use crate::door::caller::Role;
use crate::failure::Error;
use crate::role::Bank;
use crate::world::clock;
use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use pano_http::Failure;
use pano_types::{Currency, PageRequest};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Most failures that are told of one sandbox.
const FAILURES_MAX: usize = 100;

/// The trial balance of a sandbox, or of all of them.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TrialBalance {
    /// Debits equal credits in every currency, and no account differs from its postings and holds.
    balanced: bool,
    currencies: Vec<Columns>,
    /// Accounts that differ; there must be none.
    discrepancies: Vec<String>,
    /// Jobs that failed and have not succeeded since; there should be none.
    failures: Vec<String>,
}

impl Default for TrialBalance {
    /// Of no books.
    fn default() -> Self {
        Self { balanced: true, currencies: Vec::new(), discrepancies: Vec::new(), failures: Vec::new() }
    }
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
    let currencies = trial.columns().map(|(currency, columns)| Columns {
        currency,
        debit: decimal(columns.debit_minor, currency),
        credit: decimal(columns.credit_minor, currency),
    });
    Ok(TrialBalance {
        balanced: trial.is_balanced() && discrepancies.is_empty(),
        currencies: currencies.collect(),
        discrepancies: discrepancies.iter().map(ToString::to_string).collect(),
        failures: call.world.all::<clock::Failure>().take(FAILURES_MAX).map(ToString::to_string).collect(),
    })
}

/// A column's sum with exactly the currency's digits. It may leave the 64 bits that any one balance has.
fn decimal(minor: i128, currency: Currency) -> String {
    let digits = currency.digits() as usize;
    let sign = if minor < 0 { "-" } else { "" };
    let padded = format!("{:0>width$}", minor.unsigned_abs(), width = digits + 1);
    let (whole, fraction) = padded.split_at(padded.len() - digits);
    if digits == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// What [`decimal`] wrote.
fn minor(text: &str) -> Result<i128, Error> {
    text.replace('.', "").parse().map_err(Error::broken)
}

/// `GET /internal/v1/trial-balance`: over all sandboxes.
pub(crate) fn router() -> Router<Bank> {
    Router::new().route("/internal/v1/trial-balance", get(of_all))
}

async fn of_all(_: Role, State(bank): State<Bank>) -> Result<Json<TrialBalance>, Failure> {
    let mut all = TrialBalance::default();
    let mut sums: BTreeMap<Currency, (i128, i128)> = BTreeMap::new();
    let mut page = PageRequest::new(None, Some(PageRequest::MAX));
    loop {
        let mut unit = bank.store().read().await.map_err(Error::from)?;
        let sandboxes = unit.bank_sandbox_list(&page).await.map_err(Error::from)?;
        drop(unit);
        for sandbox in sandboxes.items {
            let work = Arc::new(|call: &mut Call<'_>| Answer::ok(&trial_balance(call)?));
            let answer = bank.vault().call(sandbox.partner, "", work).await.map_err(Error::from);
            // One sandbox that cannot be summed must not hide the others' books: it is told among what differs.
            if let Err(error) =
                answer.and_then(|answer| add(&mut all, &mut sums, &sandbox.id.to_string(), &answer.body))
            {
                tracing::error!(sandbox = %sandbox.id, %error, "a sandbox's books cannot be summed");
                all.balanced = false;
                all.discrepancies.push(format!("{}: its books cannot be summed", sandbox.id));
            }
        }
        let Some(next) = sandboxes.next else { break };
        page = PageRequest::new(Some(next), Some(PageRequest::MAX));
    }
    let column = |(currency, (debit, credit))| Columns {
        currency,
        debit: decimal(debit, currency),
        credit: decimal(credit, currency),
    };
    all.currencies = sums.into_iter().map(column).collect();
    Ok(Json(all))
}

/// Adds a sandbox's trial balance, as it was answered, to that of all.
fn add(
    all: &mut TrialBalance,
    sums: &mut BTreeMap<Currency, (i128, i128)>,
    sandbox: &str,
    body: &str,
) -> Result<(), Error> {
    let one: TrialBalance = serde_json::from_str(body).map_err(Error::broken)?;
    let columns = one.currencies.iter().map(|c| Ok((c.currency, minor(&c.debit)?, minor(&c.credit)?)));
    let columns: Vec<_> = columns.collect::<Result<_, Error>>()?;
    all.balanced &= one.balanced;
    all.failures.extend(one.failures.iter().map(|failure| format!("{sandbox} {failure}")));
    all.discrepancies.extend(one.discrepancies.iter().map(|account| format!("{sandbox} {account}")));
    for (currency, debit, credit) in columns {
        let sum = sums.entry(currency).or_default();
        (sum.0, sum.1) = (sum.0.saturating_add(debit), sum.1.saturating_add(credit));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::account::Purpose;
    use crate::world::World;
    use pano_types::{Instant, Money};

    /// Two assets and two liabilities that hold what an account can hold: each column leaves 64 bits.
    #[test]
    fn columns_may_leave_64_bits() {
        let mut world = World::new(Instant::parse("2026-03-02T02:00:00Z").unwrap());
        let mut call = Call::of_the_bank(&mut world, 7);
        for (from, to) in [(Purpose::Nostro, Purpose::Suspense), (Purpose::Loans, Purpose::Escrow)] {
            let (from, to) = (call.own(from, Currency::CNY).unwrap(), call.own(to, Currency::CNY).unwrap());
            call.transfer(from, to, Money::new(i64::MAX, Currency::CNY), "", "").unwrap();
        }
        let trial = trial_balance(&mut call).unwrap();
        assert_eq!((trial.balanced, &*trial.currencies[0].debit), (true, "184467440737095516.14"));
        let (mut all, mut sums) = (TrialBalance::default(), BTreeMap::new());
        let body = serde_json::to_string(&trial).unwrap();
        for sandbox in ["one", "two"] {
            add(&mut all, &mut sums, sandbox, &body).unwrap();
        }
        assert_eq!(sums[&Currency::CNY].0, i128::from(i64::MAX) * 4);
        assert!(add(&mut all, &mut sums, "three", "{}").is_err());
    }

    #[test]
    fn sums_are_written_with_the_currencys_digits_and_read_back() {
        for (sum, currency, text) in [
            (5, Currency::CNY, "0.05"),
            (-1_234, Currency::KWD, "-1.234"),
            (70, Currency::JPY, "70"),
            (0, Currency::USD, "0.00"),
        ] {
            assert_eq!((decimal(sum, currency).as_str(), minor(text).unwrap()), (text, sum));
        }
    }
}
