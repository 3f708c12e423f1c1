//! How a loan is repaid. Whatever the method, the principal of the instalments adds up to the loan, to the minor unit.

use pano_ledger::Rate;
use pano_types::Date;
use serde::{Deserialize, Serialize};

/// How a loan is repaid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Method {
    /// The same amount each month (等额本息).
    EqualInstalment,
    /// The same principal each month (等额本金).
    EqualPrincipal,
    /// Interest each month, the principal with the last (先息后本).
    InterestOnly,
}

impl Method {
    /// The code on the wire.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::EqualInstalment => "EQUAL_INSTALMENT",
            Self::EqualPrincipal => "EQUAL_PRINCIPAL",
            Self::InterestOnly => "INTEREST_ONLY",
        }
    }
}

/// What is due on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Line {
    /// From 1.
    pub(crate) number: u32,
    pub(crate) due: Date,
    pub(crate) principal_minor: i64,
    pub(crate) interest_minor: i64,
}

/// Months of a year times a million: a month's part of a rate in millionths.
const YEAR: i128 = 12_000_000;
/// Digits kept of the growth over the whole term.
const FINE: i128 = 1_000_000_000_000_000_000;
/// Digits kept of the ratio `(1+r)ⁿ / ((1+r)ⁿ − 1)`.
const WEIGHT: i128 = 1_000_000_000_000;

/// The instalments of `principal_minor` over `months` from `start`: one on the same day of each month. `None` when the
/// principal is not positive, the term is not 1 to 600 months, the rate is negative or above 100 %, or numbers leave 64 bits.
pub(crate) fn schedule(
    principal_minor: i64,
    rate: Rate,
    months: u32,
    method: Method,
    start: Date,
) -> Option<Vec<Line>> {
    if principal_minor <= 0 || !(1..=600).contains(&months) || !(0..=1_000_000).contains(&rate.ppm()) {
        return None;
    }
    let level = match method {
        Method::EqualInstalment => level(principal_minor, rate, months)?,
        Method::EqualPrincipal | Method::InterestOnly => 0,
    };
    let even = principal_minor / i64::from(months);
    let (mut balance, mut lines) = (principal_minor, Vec::with_capacity(months as usize));
    for number in 1..=months {
        let interest_minor = month_of(balance, rate)?;
        let principal = match method {
            _ if number == months => balance,
            Method::EqualInstalment => level.saturating_sub(interest_minor).clamp(0, balance),
            Method::EqualPrincipal => even,
            Method::InterestOnly => 0,
        };
        let due = start.plus_months(i32::try_from(number).ok()?);
        lines.push(Line { number, due, principal_minor: principal, interest_minor });
        balance -= principal;
    }
    Some(lines)
}

/// A month's interest, halves up.
fn month_of(balance_minor: i64, rate: Rate) -> Option<i64> {
    half_up(i128::from(balance_minor) * i128::from(rate.ppm()), YEAR)
}

/// The amount that, paid each month, leaves nothing: `P·r·(1+r)ⁿ / ((1+r)ⁿ − 1)`, halves up.
fn level(principal_minor: i64, rate: Rate, months: u32) -> Option<i64> {
    let (principal, ppm) = (i128::from(principal_minor), i128::from(rate.ppm()));
    if ppm == 0 {
        return half_up(principal, i128::from(months));
    }
    let mut grown = FINE;
    for _ in 0..months {
        grown = grown.checked_mul(YEAR + ppm)?.div_euclid(YEAR);
        // A factor so large that 1/(factor − 1) no longer shows: the level amount is the interest alone.
        if grown > FINE * 1_000_000 {
            break;
        }
    }
    let weight = grown.checked_mul(WEIGHT)?.div_euclid(grown - FINE);
    half_up(principal.checked_mul(ppm)?.checked_mul(weight)?, YEAR * WEIGHT)
}

pub(crate) fn half_up(above: i128, below: i128) -> Option<i64> {
    i64::try_from((above * 2 + below).div_euclid(below * 2)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    fn day(text: &str) -> Date {
        Date::parse(text).unwrap()
    }
    const METHODS: [Method; 3] = [Method::EqualInstalment, Method::EqualPrincipal, Method::InterestOnly];

    #[test]
    fn the_three_ways_look_as_textbooks_say() {
        let of =
            |method, months| schedule(6_000_000, Rate::from_ppm(54_000), months, method, day("2026-03-02")).unwrap();
        let equal = of(Method::EqualInstalment, 12);
        assert!(equal[..11].iter().all(|line| line.principal_minor + line.interest_minor == 514_745), "{equal:?}");
        assert_eq!((equal[0].interest_minor, equal[0].due), (27_000, day("2026-04-02")));
        let last = equal[11].principal_minor + equal[11].interest_minor;
        assert!((last - 514_745).abs() < 12, "{last}");
        let even = of(Method::EqualPrincipal, 7);
        assert!(even[..6].iter().all(|line| line.principal_minor == 857_142));
        assert_eq!(even[6].principal_minor, 857_148);
        let only = of(Method::InterestOnly, 3);
        assert_eq!(only.iter().map(|line| line.interest_minor).collect::<Vec<_>>(), [27_000; 3]);
        assert_eq!((only[1].principal_minor, only[2].principal_minor), (0, 6_000_000));
        let ends = schedule(100, Rate::from_ppm(0), 2, Method::EqualInstalment, day("2026-01-31")).unwrap();
        assert_eq!((ends[0].due, ends[1].due), (day("2026-02-28"), day("2026-03-31")));
        assert_eq!(schedule(0, Rate::from_ppm(1), 1, Method::InterestOnly, day("2026-01-31")), None);
    }

    proptest! {
        #[test]
        fn principal_adds_up_exactly(principal in 1i64..10_000_000_000_000, ppm in 0i64..360_000, months in 1u32..361, place in 0usize..3) {
            let lines = schedule(principal, Rate::from_ppm(ppm), months, METHODS[place], day("2026-01-31")).unwrap();
            prop_assert_eq!(lines.len(), months as usize);
            prop_assert_eq!(lines.iter().map(|line| line.principal_minor).sum::<i64>(), principal);
            prop_assert!(lines.iter().all(|line| line.principal_minor >= 0 && line.interest_minor >= 0));
            prop_assert!(lines.windows(2).all(|pair| pair[0].due < pair[1].due));
            // What remains never grows, so interest never does.
            prop_assert!(lines.windows(2).all(|pair| pair[0].interest_minor >= pair[1].interest_minor));
        }

        #[test]
        fn equal_instalments_are_equal(principal in 100_000i64..1_000_000_000, ppm in 1i64..240_000, months in 2u32..121) {
            let lines = schedule(principal, Rate::from_ppm(ppm), months, Method::EqualInstalment, day("2026-01-15")).unwrap();
            let totals: Vec<_> = lines.iter().map(|line| line.principal_minor + line.interest_minor).collect();
            let (last, rest) = totals.split_last().unwrap();
            prop_assert!(rest.windows(2).all(|pair| pair[0] == pair[1]));
            // The last one takes up what each rounding left: at most one minor unit a month, with its interest.
            let apart = (last - rest[0]).abs();
            prop_assert!(apart <= i64::from(months) * 12, "{apart}");
        }
    }
}
