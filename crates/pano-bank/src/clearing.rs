//! The clearing run: books what was held for the bulk system, and settles with the central bank.
//!
//! Each payment is one transaction, so that a run can stop anywhere and the next one goes on from there.

use crate::caller::Role;
use crate::failure::Error;
use crate::order::{BANK_ZONE, booked, narrative};
use crate::role::Bank;
use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use pano_http::Failure;
use pano_ledger::{Posting, Transaction};
use pano_store::bank::{Payment, PaymentState, Posted, Purpose, Refusal};
use pano_store::transact;
use pano_types::id::{HoldId, TransactionId};
use pano_types::{Code, Currency, Date, Money};
use serde::Serialize;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Payments read at once.
const BATCH: u32 = 200;
/// How long an idempotency key is kept.
const KEYS_KEPT: Duration = Duration::from_secs(7 * 24 * 3600);
/// Keys forgotten in one transaction.
const KEYS_PRUNED: u32 = 500;

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Run {
    /// Payments booked.
    settled: u32,
    /// Payments given up, their holds released.
    rejected: u32,
}

/// Runs every `interval` until `stop`. A failed run is logged; the next one goes on.
pub(crate) async fn serve(bank: Bank, interval: Duration, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            // Both are cancel safe; a run itself is never cut off, only not begun.
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        match run(&bank).await {
            Ok(done) if done == Run::default() => {}
            Ok(done) => tracing::info!(settled = done.settled, rejected = done.rejected, "clearing run done"),
            Err(error) => tracing::warn!(%error, "clearing run failed"),
        }
    }
}

/// `POST /internal/v1/clearing-runs`: runs now, for those who cannot wait.
pub(crate) fn router() -> Router<Bank> {
    Router::new().route("/internal/v1/clearing-runs", post(run_now))
}

async fn run_now(_: Role, State(bank): State<Bank>) -> Result<Json<Run>, Failure> {
    Ok(Json(run(&bank).await?))
}

/// Books every waiting payment, then settles what the clearing account holds.
async fn run(bank: &Bank) -> Result<Run, Error> {
    let mut done = Run::default();
    loop {
        let waiting = bank.store().read().await?.bank_payment_waiting(BATCH).await?;
        for payment in &waiting {
            match settle(bank, payment).await? {
                Some(true) => done.settled += 1,
                Some(false) => done.rejected += 1,
                None => {}
            }
        }
        if waiting.len() < BATCH as usize {
            break;
        }
    }
    net(bank, Currency::CNY).await?;
    prune(bank).await?;
    Ok(done)
}

/// Books one payment; `Some(false)` when its hold could not be used, `None` when another run was first.
async fn settle(bank: &Bank, payment: &Payment) -> Result<Option<bool>, Error> {
    let PaymentState::Accepted { hold } = payment.state else { return Ok(None) };
    match capture(bank, payment, hold).await {
        Err(Error::Refused(problem)) => reject(bank, payment, hold, problem.code).await,
        outcome => outcome,
    }
}

async fn capture(bank: &Bank, payment: &Payment, hold: HoldId) -> Result<Option<bool>, Error> {
    transact(bank.store(), move |mut work| {
        Box::pin(async move {
            let now = bank.clock().now();
            let currency = payment.amount.currency();
            let clearing = work.bank_account_own(Purpose::Clearing, currency).await?;
            let clearing = clearing.ok_or_else(|| Error::broken("there is no clearing account"))?.account.ledger.id;
            let id = TransactionId::new(now, bank.entropy());
            let postings =
                vec![Posting::debit(payment.debtor, payment.amount), Posting::credit(clearing, payment.amount)];
            let text = narrative(payment.clearing, &payment.remittance);
            let transaction =
                Transaction::new(id, now, Date::of(now, BANK_ZONE), text, postings).map_err(Error::broken)?;
            match work.bank_transaction_capture(hold, &transaction).await? {
                // The unit is dropped; whoever ended the hold has moved the payment on as well.
                Posted::Refused(Refusal::NoHold) => return Err(Code::Conflict.into()),
                posted => booked(posted)?,
            }
            let state = PaymentState::Settled { by: id, at: now };
            if !work.bank_payment_finish(payment.id, &state).await? {
                return Err(Code::Conflict.into());
            }
            Ok(Some(true))
        })
    })
    .await
}

async fn reject(bank: &Bank, payment: &Payment, hold: HoldId, code: Code) -> Result<Option<bool>, Error> {
    transact(bank.store(), move |mut work| {
        Box::pin(async move {
            let now = bank.clock().now();
            let state = PaymentState::Rejected { reason: code.text().to_owned(), at: now };
            if !work.bank_payment_finish(payment.id, &state).await? {
                return Ok(None);
            }
            work.bank_hold_release(hold, now).await?;
            Ok(Some(false))
        })
    })
    .await
}

/// Pays what is on its way to other banks out of the bank's balance at the central bank.
async fn net(bank: &Bank, currency: Currency) -> Result<(), Error> {
    transact(bank.store(), move |mut work| {
        Box::pin(async move {
            let clearing = work.bank_account_own(Purpose::Clearing, currency).await?;
            let nostro = work.bank_account_own(Purpose::Nostro, currency).await?;
            let (Some(clearing), Some(nostro)) = (clearing, nostro) else { return Ok(()) };
            let (clearing, nostro) = (clearing.account.ledger.id, nostro.account.ledger.id);
            let locked = work.bank_account_lock(&[clearing, nostro]).await?;
            let due = locked.iter().find(|standing| standing.account.ledger.id == clearing);
            let due = due.map_or(0, |standing| standing.balance.booked_minor);
            if due <= 0 {
                return Ok(());
            }
            let (now, due) = (bank.clock().now(), Money::new(due, currency));
            let postings = vec![Posting::debit(clearing, due), Posting::credit(nostro, due)];
            let id = TransactionId::new(now, bank.entropy());
            let transaction = Transaction::new(id, now, Date::of(now, BANK_ZONE), "清算 Settlement", postings)
                .map_err(Error::broken)?;
            booked(work.bank_transaction_post(&transaction).await?)
        })
    })
    .await
}

async fn prune(bank: &Bank) -> Result<(), Error> {
    let before = bank.clock().now().minus(KEYS_KEPT);
    loop {
        let gone = transact(bank.store(), move |mut work| {
            Box::pin(async move { work.bank_idempotency_prune(before, KEYS_PRUNED).await })
        });
        if gone.await.map_err(Error::Store)? < u64::from(KEYS_PRUNED) {
            return Ok(());
        }
    }
}
