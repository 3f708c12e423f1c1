//! Clearing: books what was held for the bulk system, round by round, and settles with the central bank each evening.

use super::order::announce;
use super::payment::{Clearing, Payment, PaymentState};
use crate::call::{Call, Refusal};
use crate::model::account::{BankAccount, Purpose};
use crate::world::clock::next_round;
use pano_ledger::Posting;
use pano_types::id::{HoldId, PaymentId, TransactionId};
use pano_types::{Date, Instant, Money};
use std::time::Duration;

/// Name of the job that books one payment.
pub(crate) const CLEAR: &str = "payment.clear";
/// Time between rounds of the bulk system.
const ROUND: Duration = Duration::from_secs(10);

/// The round that takes along what was ordered at `at`.
pub(super) fn round_after(at: Instant) -> Instant {
    next_round(at, ROUND)
}

/// What statements print.
pub(super) fn narrative(clearing: Clearing, remittance: &str) -> String {
    let what = match clearing {
        Clearing::Book => "转账 Transfer",
        Clearing::Ibps | Clearing::Beps => "跨行付款 Payment",
    };
    if remittance.is_empty() { what.to_owned() } else { format!("{what}: {remittance}") }
}

/// Job: books a waiting payment, or rejects it when its account gives nothing out any more.
pub(crate) fn clear(call: &mut Call<'_>, subject: &str) -> Result<(), Refusal> {
    let id: PaymentId = subject.parse().map_err(Refusal::broken)?;
    let payment = call.world.get::<Payment>(&id).cloned().ok_or_else(|| Refusal::broken("no such payment"))?;
    let PaymentState::Accepted { hold } = payment.state else { return Ok(()) };
    let at = call.now();
    let given_up = super::provoked::given_up(&payment.counterparty.account_number);
    let booked = given_up.map_or_else(|| book(call, &payment, hold), |code| Err(code.into()));
    let state = match booked {
        Ok(by) => PaymentState::Settled { by, at },
        Err(refusal) => {
            let Some(code) = refusal.code() else { return Err(refusal) };
            call.release(hold)?;
            call.world.spend(payment.debtor, payment.booking_day, -payment.amount_minor);
            PaymentState::Rejected { reason: code.text().to_owned(), at }
        }
    };
    let payment = Payment { state, ..payment };
    call.world.put(payment.clone());
    announce(call, &payment);
    Ok(())
}

fn book(call: &mut Call<'_>, payment: &Payment, hold: HoldId) -> Result<TransactionId, Refusal> {
    let clearing = call.own(Purpose::Clearing, payment.currency)?;
    let postings = vec![Posting::debit(payment.debtor, payment.amount()), Posting::credit(clearing, payment.amount())];
    call.capture(hold, narrative(payment.clearing, &payment.remittance), payment.id, postings)
}

/// Job: pays what is on its way to other banks out of the bank's balance at the central bank.
pub(crate) fn settle(call: &mut Call<'_>, day: Date) -> Result<(), Refusal> {
    let clearing: Vec<_> =
        call.world.all::<BankAccount>().filter(|a| a.purpose == Purpose::Clearing).map(|a| a.id).collect();
    for account in clearing {
        let Some((ledger, balance)) = call.world.book().account(account) else { continue };
        if balance.booked_minor <= 0 {
            continue;
        }
        let due = Money::new(balance.booked_minor, ledger.currency);
        let nostro = call.own(Purpose::Nostro, ledger.currency)?;
        // It closes the day that is over.
        let mut booking = call.booking("清算 Settlement", format!("clearing {day}"));
        (booking.on, booking.value) = (day, day);
        call.post_as(booking, vec![Posting::debit(account, due), Posting::credit(nostro, due)])?;
    }
    Ok(())
}
