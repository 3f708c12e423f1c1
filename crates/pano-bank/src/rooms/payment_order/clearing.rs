//! Clearing: books what was held for the bulk system, round by round, and settles with the central bank each evening.

use super::order::{What, announce};
use super::payment::{Clearing, Payment, PaymentState};
use crate::BANK_ZONE;
use crate::call::{Call, Refusal};
use crate::model::account::{BankAccount, Purpose};
use crate::model::calendar::{is_business_day, next_business_day};
use crate::world::clock::next_round;
use pano_ledger::Posting;
use pano_types::id::{HoldId, PaymentId, TransactionId};
use pano_types::{Date, Instant, Money};
use std::time::Duration;

/// Name of the job that books one payment.
pub(crate) const CLEAR: &str = "payment.clear";
/// Time between rounds of the bulk system.
const ROUND: Duration = Duration::from_secs(10);
/// When the high-value system opens and when it closes, from midnight in Beijing.
pub(super) const HIGH_VALUE_OPENS: Duration = Duration::from_secs(8 * 3600 + 30 * 60);
pub(super) const HIGH_VALUE_CLOSES: Duration = Duration::from_secs(17 * 3600 + 15 * 60);

/// The bulk system's round that takes along what is ready at `at`.
pub(super) fn round_after(at: Instant) -> Instant {
    next_round(at, ROUND)
}

/// When what is ordered at `at` is booked, if that is not at once.
pub(super) fn settles_at(clearing: Clearing, at: Instant) -> Option<Instant> {
    match clearing {
        Clearing::Book | Clearing::Ibps => None,
        Clearing::Beps => Some(round_after(at)),
        Clearing::Hvps => {
            let today = Date::of(at, BANK_ZONE);
            let since_midnight = at.since(today.start(BANK_ZONE));
            if !is_business_day(today) || since_midnight >= HIGH_VALUE_CLOSES {
                Some(next_business_day(today).start(BANK_ZONE).plus(HIGH_VALUE_OPENS))
            } else if since_midnight < HIGH_VALUE_OPENS {
                Some(today.start(BANK_ZONE).plus(HIGH_VALUE_OPENS))
            } else {
                None
            }
        }
    }
}

/// What statements print.
pub(super) fn narrative(clearing: Clearing, what: What, remittance: &str) -> String {
    let what = match (clearing, what) {
        (Clearing::Book, What::Payment) => "转账 Transfer",
        (Clearing::Book, What::OwnAccount) => "同名划转 Own transfer",
        (Clearing::Book, What::Collection) => "代扣 Collection",
        (Clearing::Book, What::Refund(_)) => "退款 Refund",
        (Clearing::Ibps | Clearing::Beps | Clearing::Hvps, _) => "跨行付款 Payment",
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
            unspend(call, &payment);
            PaymentState::Rejected { reason: code.text().to_owned(), at }
        }
    };
    let payment = Payment { state, ..payment };
    call.world.put(payment.clone());
    announce(call, &payment);
    Ok(())
}

/// Takes back what a payment that was given up counts for its payer's limits.
pub(super) fn unspend(call: &mut Call<'_>, payment: &Payment) {
    if payment.counted {
        call.world.spend(payment.debtor, Date::of(payment.ordered_at, BANK_ZONE), -payment.amount_minor);
    }
}

fn book(call: &mut Call<'_>, payment: &Payment, hold: HoldId) -> Result<TransactionId, Refusal> {
    let clearing = call.own(Purpose::Clearing, payment.currency)?;
    let postings = vec![Posting::debit(payment.debtor, payment.amount()), Posting::credit(clearing, payment.amount())];
    call.capture(hold, narrative(payment.clearing, What::Payment, &payment.remittance), payment.id, postings)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_high_value_system_has_hours() {
        let at = |text: &str| Instant::parse(text).unwrap();
        for (ordered, settles) in [
            // Monday in Beijing: 08:29, 08:30, 17:14, 17:15.
            ("2026-03-02T00:29:59Z", Some("2026-03-02T00:30:00Z")),
            ("2026-03-02T00:30:00Z", None),
            ("2026-03-02T09:14:59Z", None),
            ("2026-03-02T09:15:00Z", Some("2026-03-03T00:30:00Z")),
            // Friday evening and Saturday.
            ("2026-03-06T10:00:00Z", Some("2026-03-09T00:30:00Z")),
            ("2026-03-07T04:00:00Z", Some("2026-03-09T00:30:00Z")),
            // The eve of the Spring Festival, a Saturday that is worked.
            ("2026-02-14T09:15:00Z", Some("2026-02-24T00:30:00Z")),
        ] {
            assert_eq!(settles_at(Clearing::Hvps, at(ordered)), settles.map(at), "{ordered}");
        }
        let noon = at("2026-03-07T04:00:01Z");
        assert_eq!(settles_at(Clearing::Ibps, noon), None);
        assert_eq!(settles_at(Clearing::Beps, noon), Some(at("2026-03-07T04:00:10Z")));
    }
}
