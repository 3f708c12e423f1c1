//! What finance on a receivable costs. Pure.

use crate::rooms::loan::schedule::half_up;
use pano_ledger::{Accrual, DayCount, Rate};
use pano_types::Date;

/// Discount a year.
pub(crate) const DISCOUNT: Rate = Rate::from_ppm(42_000);
/// What is overdue bears 1.5 times the discount.
pub(crate) const PENALTY: Rate = Rate::from_ppm(63_000);
/// Largest part of a receivable that is financed, in percent.
pub(crate) const ADVANCE_PERCENT: i64 = 90;
/// Handling fee in millionths of the principal.
const FEE_PPM: i128 = 500;

/// Finance worked out. `proceeds = principal − discount − fee`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Terms {
    pub(crate) principal_minor: i64,
    pub(crate) days: u32,
    pub(crate) discount_minor: i64,
    pub(crate) fee_minor: i64,
}

impl Terms {
    /// What the supplier gets.
    pub(crate) const fn proceeds_minor(&self) -> i64 {
        self.principal_minor - self.discount_minor - self.fee_minor
    }
}

/// The most that may be financed of `amount_minor`.
pub(crate) fn most(amount_minor: i64) -> i64 {
    i64::try_from(i128::from(amount_minor) * i128::from(ADVANCE_PERCENT) / 100).unwrap_or(0)
}

/// Finance of `principal_minor` from `from` until `due`; `None` when nothing would be left, or `due` has come.
pub(crate) fn finance(principal_minor: i64, from: Date, due: Date) -> Option<Terms> {
    let days = u32::try_from(due.unix_days() - from.unix_days()).ok().filter(|days| *days > 0)?;
    let discount_minor = Accrual::default().grown(principal_minor, DISCOUNT, DayCount::Act360, from, due).settle().0;
    let fee_minor = half_up(i128::from(principal_minor) * FEE_PPM, 1_000_000)?;
    let terms = Terms { principal_minor, days, discount_minor, fee_minor };
    (terms.proceeds_minor() > 0).then_some(terms)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop_assert, proptest};

    #[test]
    fn discount_goes_by_actual_days() {
        let day = |text| Date::parse(text).unwrap();
        let terms = finance(45_000_000, day("2026-03-02"), day("2026-05-26")).unwrap();
        assert_eq!((terms.days, terms.discount_minor, terms.fee_minor), (85, 446_250, 22_500));
        assert_eq!(terms.proceeds_minor(), 44_531_250);
        assert_eq!(most(50_000_000), 45_000_000);
        assert_eq!(finance(45_000_000, day("2026-05-26"), day("2026-05-26")), None);
        assert_eq!(finance(0, day("2026-03-02"), day("2026-05-26")), None);
    }

    proptest! {
        #[test]
        fn more_time_costs_more(principal in 10_000i64..1_000_000_000_000, days in 1i32..366) {
            let from = Date::parse("2026-03-02").unwrap();
            let (short, long) = (finance(principal, from, from.plus_days(days)), finance(principal, from, from.plus_days(days + 1)));
            let (short, long) = (short.unwrap(), long.unwrap());
            prop_assert!(short.discount_minor <= long.discount_minor && long.proceeds_minor() <= short.proceeds_minor());
            prop_assert!(short.proceeds_minor() < principal);
        }
    }
}
