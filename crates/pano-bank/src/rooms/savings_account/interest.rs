//! Interest on savings: accrued each evening, paid in on the 21st of March, June, September and December.

use super::named;
use crate::call::{Answer, Call, Input, Refusal};
use crate::model::account::Purpose;
use crate::wire::Money;
use crate::world::Entity;
use pano_ledger::{Accrual, DayCount, Posting, Rate};
use pano_types::id::AccountId;
use pano_types::{Currency, Date};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Yearly rates of demand savings, millionths. A currency without a row is not offered.
pub(crate) const RATES: &[(Currency, i64)] = &[
    (Currency::CNY, 500),
    (Currency::USD, 500),
    (Currency::EUR, 100),
    (Currency::HKD, 100),
    (Currency::GBP, 500),
    (Currency::JPY, 1),
];

/// The rate of a currency.
pub(super) fn rate(currency: Currency) -> Option<Rate> {
    RATES.iter().find(|(known, _)| *known == currency).map(|(_, ppm)| Rate::from_ppm(*ppm))
}

/// A year has 360 days, but 365 where the market of the currency counts so.
pub(crate) const fn day_count(currency: Currency) -> DayCount {
    match currency {
        Currency::HKD | Currency::GBP => DayCount::Act365,
        _ => DayCount::Act360,
    }
}

/// What a savings account has grown.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Savings {
    pub(crate) account: AccountId,
    /// Billionths of a minor unit, grown and not paid in.
    accrued_billionths: i128,
    /// Interest has grown up to and with this day.
    accrued_to: Date,
    last_paid_on: Option<Date>,
    /// In the calendar year of `last_paid_on`.
    paid_minor: i64,
}

impl Savings {
    pub(super) fn opened(account: AccountId, day: Date) -> Self {
        let accrued_to = day.plus_days(-1);
        Self { account, accrued_billionths: 0, accrued_to, last_paid_on: None, paid_minor: 0 }
    }
}

impl Entity for Savings {
    const KIND: &'static str = "savings";
    type Id = AccountId;
    fn id(&self) -> AccountId {
        self.account
    }
}

/// The first day on which interest is paid in, after `day`.
fn next_payment(day: Date) -> Date {
    let (year, month, of_month) = day.parts();
    let quarter = month.div_ceil(3) * 3;
    let this = Date::from_parts(year, quarter, 21).unwrap_or(day);
    if month == quarter && of_month >= 21 { this.plus_months(3) } else { this }
}

/// Job of the evening: a day's interest on every savings account, and what has grown paid in when tomorrow is a day for it.
pub(crate) fn accrue(call: &mut Call<'_>, day: Date) -> Result<(), Refusal> {
    let accounts: Vec<_> = call.world.all::<Savings>().cloned().collect();
    let tomorrow = day.plus_days(1);
    for savings in accounts {
        let Some(standing) = call.world.standing(savings.account) else { continue };
        let (currency, balance) = (standing.ledger.currency, standing.balance.booked_minor);
        let Some(rate) = rate(currency) else { continue };
        let grown = Accrual::from_billionths(savings.accrued_billionths);
        let from = savings.accrued_to.plus_days(1);
        let grown = grown.grown(balance, rate, day_count(currency), from, tomorrow);
        let mut savings = Savings { accrued_billionths: grown.billionths(), accrued_to: day, ..savings };
        if next_payment(day) == tomorrow {
            pay_in(call, &mut savings, currency, tomorrow)?;
        }
        call.world.put(savings);
    }
    Ok(())
}

fn pay_in(call: &mut Call<'_>, savings: &mut Savings, currency: Currency, on: Date) -> Result<(), Refusal> {
    let (minor, rest) = whole(savings.accrued_billionths);
    let same_year = savings.last_paid_on.is_some_and(|last| last.parts().0 == on.parts().0);
    savings.paid_minor = if same_year { savings.paid_minor } else { 0 };
    savings.last_paid_on = Some(on);
    if minor <= 0 {
        return Ok(());
    }
    let amount = pano_types::Money::new(minor, currency);
    let expense = call.own(Purpose::InterestExpense, currency)?;
    let mut booking = call.booking("结息 Interest", savings.account);
    (booking.on, booking.value) = (on, on);
    let postings = vec![Posting::debit(expense, amount), Posting::credit(savings.account, amount)];
    match call.post_as(booking, postings) {
        Ok(_) => {}
        // A closed account takes nothing in: what has grown stays where it is.
        Err(refusal) if refusal.code().is_some() => return Ok(()),
        Err(broken) => return Err(broken),
    }
    savings.accrued_billionths = rest;
    savings.paid_minor = savings.paid_minor.saturating_add(minor);
    call.event("bank.savings.interest-paid", savings.account, json!({ "savingsAccountId": savings.account }));
    Ok(())
}

/// Whole minor units and the rest: interest is cut, not rounded up, for what is not grown is not paid.
const fn whole(billionths: i128) -> (i64, i128) {
    const FINE: i128 = 1_000_000_000;
    let minor = billionths.div_euclid(FINE);
    (minor as i64, billionths.rem_euclid(FINE))
}

pub(super) fn retrieve(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let standing = named(call, input)?;
    let (id, currency) = (standing.account.id, standing.ledger.currency);
    let savings = call.world.get::<Savings>(&id).ok_or_else(|| Refusal::broken("savings without interest"))?;
    let rate = rate(currency).ok_or_else(|| Refusal::broken("savings in a currency without a rate"))?;
    let paid_this_year = savings.last_paid_on.is_some_and(|last| last.parts().0 == call.today().parts().0);
    let money = |minor| Money::from(pano_types::Money::new(minor, currency));
    Answer::ok(&SavingsInterest {
        savings_account_id: id,
        as_of: savings.accrued_to,
        annual_rate: rate.percent(),
        day_count: match day_count(currency) {
            DayCount::Act365 => "ACT_365",
            DayCount::Act360 | DayCount::Thirty360 | DayCount::ActAct => "ACT_360",
        },
        accrued: money(whole(savings.accrued_billionths).0),
        paid_this_year: money(if paid_this_year { savings.paid_minor } else { 0 }),
        last_capitalised_on: savings.last_paid_on,
        next_capitalisation_on: next_payment(call.today()),
    })
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SavingsInterest {
    savings_account_id: AccountId,
    as_of: Date,
    annual_rate: String,
    day_count: &'static str,
    accrued: Money,
    paid_this_year: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_capitalised_on: Option<Date>,
    next_capitalisation_on: Date,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop_assert, proptest};

    fn day(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    #[test]
    fn interest_is_paid_in_four_times_a_year() {
        for (from, next) in [
            ("2026-01-01", "2026-03-21"),
            ("2026-03-20", "2026-03-21"),
            ("2026-03-21", "2026-06-21"),
            ("2026-12-21", "2027-03-21"),
            ("2026-12-20", "2026-12-21"),
        ] {
            assert_eq!(next_payment(day(from)), day(next), "{from}");
        }
    }

    #[test]
    fn what_has_not_grown_whole_is_not_paid() {
        assert_eq!(whole(1_999_999_999), (1, 999_999_999));
        assert_eq!(whole(0), (0, 0));
    }

    proptest! {
        #[test]
        fn the_next_payment_is_within_a_quarter(n in 18_000i32..40_000) {
            let day = Date::from_unix_days(n).unwrap();
            let next = next_payment(day);
            prop_assert!(next > day && next <= day.plus_days(92), "{day} {next}");
            prop_assert!(next_payment(next) > next && next_payment(next.plus_days(-1)) == next);
        }
    }
}
