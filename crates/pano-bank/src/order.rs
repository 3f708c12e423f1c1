//! Orders: what an app wants paid, the rules it must meet, and how it is carried out in one transaction.

mod rules;

use crate::failure::Error;
use crate::role::Bank;
use crate::wire::PaymentDetail;
use pano_ledger::{Hold, Posting, Transaction};
use pano_store::bank::{
    Answer, Claim, Clearing, Counterparty, Payment, PaymentKind, PaymentState, Posted, Purpose, Refusal, Standing,
};
use pano_store::{UnitOfWork, transact};
use pano_types::id::{AccountId, HoldId, PaymentId, TransactionId};
use pano_types::{Code, Date, Instant, Money, Problem};
use std::time::Duration;

/// The bank's days are Beijing's.
pub(crate) const BANK_ZONE: Duration = Duration::from_secs(8 * 3600);

/// What an app wants paid.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) debtor: AccountId,
    pub(crate) payee: Payee,
    pub(crate) amount: Money,
    pub(crate) clearing: Clearing,
    pub(crate) end_to_end_id: String,
    pub(crate) remittance: String,
}

/// Who is paid.
#[derive(Debug, Clone)]
pub(crate) enum Payee {
    /// An account of this bank.
    Here(AccountId),
    /// An account of another bank.
    Elsewhere {
        /// Name.
        name: String,
        /// Account number.
        account_number: String,
        /// CNAPS code of the bank.
        bank_code: String,
    },
}

/// What became of a request.
#[derive(Debug)]
pub(crate) struct Placed {
    pub(crate) answer: Answer,
    /// Whether the request had been carried out before.
    pub(crate) replayed: bool,
}

/// Carries the order out once for this key: claim, payment, postings or hold, and the answer are one transaction.
///
/// # Errors
/// The rules' problems, `idempotency.*`, or the store's failure. Nothing is left behind then.
pub(crate) async fn place(
    bank: &Bank,
    app: &str,
    key: &str,
    fingerprint: &str,
    order: &Order,
) -> Result<Placed, Error> {
    transact(bank.store(), move |mut work| {
        Box::pin(async move {
            let now = bank.clock().now();
            match work.bank_idempotency_claim(app, key, fingerprint, now).await? {
                Claim::New => {}
                Claim::Replay(answer) => return Ok(Placed { answer, replayed: true }),
                Claim::Reused => return Err(Code::IdempotencyKeyReused.into()),
                Claim::InProgress => return Err(Code::IdempotencyInProgress.into()),
            }
            let payment = carry_out(&mut *work, bank, app, order, now).await?;
            let body = serde_json::to_string(&PaymentDetail::from(payment)).map_err(Error::broken)?;
            let answer = Answer { status: 201, body };
            work.bank_idempotency_answer(app, key, &answer).await?;
            Ok(Placed { answer, replayed: false })
        })
    })
    .await
}

async fn carry_out(
    unit: &mut dyn UnitOfWork,
    bank: &Bank,
    app: &str,
    order: &Order,
    now: Instant,
) -> Result<Payment, Error> {
    let day = Date::of(now, BANK_ZONE);
    let (debtor, creditor) = parties(unit, order).await?;
    let spent = unit.bank_payment_day_total(order.debtor, day).await?;
    rules::check(order, &debtor, &creditor, spent)?;
    let state = match order.clearing {
        Clearing::Book | Clearing::Ibps => {
            let by = book(unit, bank, order, creditor.account.ledger.id, now).await?;
            PaymentState::Settled { by, at: now }
        }
        Clearing::Beps => {
            let id = HoldId::new(now, bank.entropy());
            let hold = Hold::place(id, order.debtor, order.amount, now).map_err(Error::broken)?;
            booked(unit.bank_hold_place(&hold).await?)?;
            PaymentState::Accepted { hold: id }
        }
    };
    let payment = payment(PaymentId::new(now, bank.entropy()), app, order, creditor, state, day, now);
    unit.bank_payment_add(&payment).await?;
    Ok(payment)
}

/// Debtor and creditor, locked. Money for another bank goes to the clearing account.
async fn parties(unit: &mut dyn UnitOfWork, order: &Order) -> Result<(Standing, Standing), Error> {
    let creditor = match order.payee {
        Payee::Here(id) if id == order.debtor => return Err(Code::SameAccount.into()),
        Payee::Here(id) => id,
        Payee::Elsewhere { .. } => {
            let own = unit.bank_account_own(Purpose::Clearing, order.amount.currency()).await?;
            own.ok_or_else(rules::not_cleared)?.account.ledger.id
        }
    };
    let mut locked = unit.bank_account_lock(&[order.debtor, creditor]).await?;
    let mut take = |id: AccountId, at: &str| {
        let place = locked.iter().position(|standing| standing.account.ledger.id == id);
        place.map(|place| locked.swap_remove(place)).ok_or_else(|| rules::no_account(at))
    };
    Ok((take(order.debtor, "/debtorAccountId")?, take(creditor, "/creditorAccountId")?))
}

async fn book(
    unit: &mut dyn UnitOfWork,
    bank: &Bank,
    order: &Order,
    creditor: AccountId,
    now: Instant,
) -> Result<TransactionId, Error> {
    let id = TransactionId::new(now, bank.entropy());
    let postings = vec![Posting::debit(order.debtor, order.amount), Posting::credit(creditor, order.amount)];
    let narrative = narrative(order.clearing, &order.remittance);
    let transaction =
        Transaction::new(id, now, Date::of(now, BANK_ZONE), narrative, postings).map_err(Error::broken)?;
    booked(unit.bank_transaction_post(&transaction).await?)?;
    Ok(id)
}

/// What statements print.
pub(crate) fn narrative(clearing: Clearing, remittance: &str) -> String {
    let what = match clearing {
        Clearing::Book => "转账 Transfer",
        Clearing::Ibps | Clearing::Beps => "跨行付款 Payment",
    };
    if remittance.is_empty() { what.to_owned() } else { format!("{what}: {remittance}") }
}

/// A refusal of the ledger as the payer sees it.
pub(crate) fn booked(posted: Posted) -> Result<(), Error> {
    match posted {
        Posted::Booked(_) | Posted::Repeated => Ok(()),
        Posted::Refused(Refusal::BelowFloor(_)) => Err(Code::InsufficientFunds.into()),
        Posted::Refused(Refusal::Currency { .. }) => Err(Code::CurrencyMismatch.into()),
        Posted::Refused(Refusal::NoAccount(_)) => Err(Code::AccountNotFound.into()),
        Posted::Refused(refusal @ (Refusal::IdInUse | Refusal::NoHold)) => Err(Error::broken(refusal)),
    }
}

fn payment(
    id: PaymentId,
    app: &str,
    order: &Order,
    creditor: Standing,
    state: PaymentState,
    day: Date,
    now: Instant,
) -> Payment {
    let (kind, creditor, counterparty) = match &order.payee {
        Payee::Here(account) => {
            let number = creditor.account.number;
            let name = creditor.account.name.zh;
            (PaymentKind::Internal, Some(*account), Counterparty { name, account_number: number, bank_code: None })
        }
        Payee::Elsewhere { name, account_number, bank_code } => {
            let (name, account_number) = (name.clone(), account_number.clone());
            (PaymentKind::Domestic, None, Counterparty { name, account_number, bank_code: Some(bank_code.clone()) })
        }
    };
    Payment {
        id,
        app: app.to_owned(),
        kind,
        state,
        debtor: order.debtor,
        creditor,
        counterparty,
        amount: order.amount,
        clearing: order.clearing,
        end_to_end_id: order.end_to_end_id.clone(),
        remittance: order.remittance.clone(),
        booking_day: day,
        ordered_at: now,
    }
}

impl Order {
    /// Checks what the contract says about texts: the bank does not rely on the gateway having done so.
    pub(crate) fn check_texts(&self) -> Result<(), Problem> {
        rules::texts(self)
    }
}
