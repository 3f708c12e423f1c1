//! Interest: day-count conventions, and accrual day by day without losing fractions.
//!
//! Every convention here is additive: the days of two adjoining periods sum up to those of both together. So an account can
//! be accrued each evening and ends with what one computation over the whole time would give.

use pano_types::Date;

/// How days become a part of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DayCount {
    /// Actual days over 365 (ISDA "Actual/365 (Fixed)").
    Act365,
    /// Actual days over 360 (ISDA "Actual/360").
    Act360,
    /// Months of 30 days over 360, days 31 counted as 30 (ISDA "30E/360", Eurobond basis).
    Thirty360,
    /// Actual days over the days of the year each of them lies in (ISDA "Actual/Actual").
    ActAct,
}

/// A part of a year, exact: `days_365 / 365 + days_366 / 366 + days_360 / 360`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct YearPart {
    over_365: i64,
    over_366: i64,
    over_360: i64,
}

impl DayCount {
    /// All conventions.
    pub const ALL: [Self; 4] = [Self::Act365, Self::Act360, Self::Thirty360, Self::ActAct];

    /// The stable code, as stored and on the wire.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Act365 => "ACT/365",
            Self::Act360 => "ACT/360",
            Self::Thirty360 => "30/360",
            Self::ActAct => "ACT/ACT",
        }
    }
    /// The convention with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|count| count.code() == code)
    }

    fn part(self, from: Date, to: Date) -> YearPart {
        let days = i64::from(to.unix_days()) - i64::from(from.unix_days());
        match self {
            Self::Act365 => YearPart { over_365: days, ..YearPart::default() },
            Self::Act360 => YearPart { over_360: days, ..YearPart::default() },
            Self::Thirty360 => YearPart { over_360: thirty(to) - thirty(from), ..YearPart::default() },
            Self::ActAct => {
                let over_366 = leap_days_before(to) - leap_days_before(from);
                YearPart { over_365: days - over_366, over_366, ..YearPart::default() }
            }
        }
    }
}

/// Days since year 0 when every month has 30 of them.
fn thirty(date: Date) -> i64 {
    let (year, month, day) = date.parts();
    i64::from(year) * 360 + (i64::from(month) - 1) * 30 + i64::from(day.min(30))
}

/// How many days before `date` lie in leap years, from year 0 on.
fn leap_days_before(date: Date) -> i64 {
    let (year, ..) = date.parts();
    // Year 0 is a leap year of the proleptic calendar.
    let last = i64::from(year) - 1;
    let before = if last < 0 { 0 } else { (last / 4 - last / 100 + last / 400 + 1) * 366 };
    let start = Date::from_parts(year, 1, 1).map_or(0, Date::unix_days);
    before + if is_leap(i64::from(year)) { i64::from(date.unix_days() - start) } else { 0 }
}

const fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Interest per year, in millionths: 3.45 % is 34,500. Negative rates exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate(i64);

impl Rate {
    /// From millionths per year.
    pub const fn from_ppm(ppm: i64) -> Self {
        Self(ppm)
    }
    /// Millionths per year.
    pub const fn ppm(self) -> i64 {
        self.0
    }
    /// As a percentage with four digits: `"3.4500"`.
    pub fn percent(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, fraction) = (self.0.unsigned_abs() / 10_000, self.0.unsigned_abs() % 10_000);
        format!("{sign}{whole}.{fraction:04}")
    }
}

/// Interest that has grown but is not booked yet, in billionths of a minor unit: fine enough that rounding each evening for
/// a hundred years stays far below one minor unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Accrual(i128);

/// Billionths in a minor unit.
const FINE: i128 = 1_000_000_000;

impl Accrual {
    /// From billionths of a minor unit, as kept.
    pub const fn from_billionths(billionths: i128) -> Self {
        Self(billionths)
    }
    /// Billionths of a minor unit, to be kept.
    pub const fn billionths(self) -> i128 {
        self.0
    }

    /// Grown by `rate` on `balance_minor` from one day to another (which bears none itself). Each part is rounded to the
    /// nearest billionth, halves away from zero. `to` before `from` takes the same interest back.
    #[must_use]
    pub fn grown(self, balance_minor: i64, rate: Rate, count: DayCount, from: Date, to: Date) -> Self {
        let part = count.part(from, to);
        let of = |days: i64, year: i128| {
            // |balance| < 2^63, |ppm| < 2^63, days < 2^23: far inside 2^127 together with the factor 1,000 (2^10) only for
            // sane rates, so the product saturates instead of wrapping.
            let per_year = i128::from(balance_minor).saturating_mul(i128::from(rate.0));
            div_round(per_year.saturating_mul(i128::from(days)).saturating_mul(FINE / 1_000_000), year)
        };
        let grown = of(part.over_365, 365) + of(part.over_366, 366) + of(part.over_360, 360);
        Self(self.0.saturating_add(grown))
    }

    /// Whole minor units to book now, halves away from zero, and what stays to be grown on. The rest may be negative: then
    /// the next booking is smaller.
    pub fn settle(self) -> (i64, Self) {
        let minor = i64::try_from(div_round(self.0, FINE)).unwrap_or(if self.0 < 0 { i64::MIN } else { i64::MAX });
        (minor, Self(self.0 - i128::from(minor) * FINE))
    }
}

/// Division rounded to nearest, halves away from zero.
const fn div_round(value: i128, by: i128) -> i128 {
    let (quotient, rest) = (value / by, value % by);
    if rest.abs() * 2 >= by { quotient + value.signum() } else { quotient }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop, prop_assert, prop_assert_eq, proptest};

    fn day(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    #[test]
    fn conventions_count_as_their_definitions_say() {
        // 10,000.00 at 3.6 % a year.
        for (count, from, to, minor) in [
            (DayCount::Act365, "2026-01-01", "2027-01-01", 36_000),
            (DayCount::Act360, "2026-01-01", "2026-12-27", 36_000),
            (DayCount::Thirty360, "2026-01-31", "2026-02-28", 2_800),
            (DayCount::Thirty360, "2026-01-15", "2027-01-15", 36_000),
            (DayCount::Thirty360, "2026-01-31", "2026-03-31", 6_000),
            (DayCount::ActAct, "2024-01-01", "2025-01-01", 36_000),
            (DayCount::ActAct, "2023-07-01", "2024-07-01", 36_050),
            (DayCount::Act365, "2024-01-01", "2025-01-01", 36_099),
            (DayCount::Act365, "2026-03-01", "2026-03-02", 99),
        ] {
            let grown = Accrual::default().grown(1_000_000, Rate::from_ppm(36_000), count, day(from), day(to));
            assert_eq!(grown.settle().0, minor, "{count:?} {from} {to}");
            assert_eq!(DayCount::from_code(count.code()), Some(count));
        }
        assert_eq!(
            (Rate::from_ppm(34_500).percent(), Rate::from_ppm(-5).percent()),
            ("3.4500".into(), "-0.0005".into())
        );
    }

    proptest! {
        #[test]
        fn evenings_sum_up_to_the_whole_time(
            balance in -1_000_000_000_000i64..1_000_000_000_000, ppm in -50_000i64..500_000,
            start in 10_000i32..30_000, days in 1i32..800, place in 0usize..4,
        ) {
            let count = DayCount::ALL[place];
            let (rate, from) = (Rate::from_ppm(ppm), Date::from_unix_days(start).unwrap());
            let whole = Accrual::default().grown(balance, rate, count, from, from.plus_days(days));
            let mut daily = Accrual::default();
            for n in 0..days {
                daily = daily.grown(balance, rate, count, from.plus_days(n), from.plus_days(n + 1));
            }
            let apart = (daily.billionths() - whole.billionths()).abs();
            prop_assert!(apart <= i128::from(days) * 2, "{apart} billionths apart after {days} days");
        }

        #[test]
        fn nothing_is_lost_by_booking_often(parts in prop::collection::vec(-3_000_000_000i128..3_000_000_000, 1..60)) {
            let (mut kept, mut booked, mut all) = (Accrual::default(), 0i128, 0i128);
            for part in parts {
                all += part;
                let (minor, rest) = Accrual(kept.0 + part).settle();
                booked += i128::from(minor);
                kept = rest;
                prop_assert!(kept.0.abs() * 2 <= FINE);
            }
            prop_assert_eq!(booked * FINE + kept.0, all);
        }
    }
}
