//! Products and interest of term deposits. Pure.

use pano_ledger::{Accrual, DayCount, Rate};
use pano_types::{Currency, Date, Money};

/// A currency with a term, and what it pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Product {
    pub(crate) currency: Currency,
    pub(crate) months: u32,
    pub(crate) rate: Rate,
}

const fn product(currency: Currency, months: u32, ppm: i64) -> Product {
    Product { currency, months, rate: Rate::from_ppm(ppm) }
}

/// All of them, by currency and term.
pub(crate) const PRODUCTS: [Product; 14] = [
    product(Currency::CNY, 3, 9_500),
    product(Currency::CNY, 6, 11_500),
    product(Currency::CNY, 12, 13_500),
    product(Currency::CNY, 24, 14_500),
    product(Currency::CNY, 36, 17_500),
    product(Currency::CNY, 60, 18_000),
    product(Currency::USD, 3, 28_000),
    product(Currency::USD, 6, 30_000),
    product(Currency::USD, 12, 28_000),
    product(Currency::EUR, 6, 9_000),
    product(Currency::EUR, 12, 10_000),
    product(Currency::GBP, 6, 18_000),
    product(Currency::HKD, 6, 20_000),
    product(Currency::HKD, 12, 22_000),
];

impl Product {
    /// `TD-CNY-12M`.
    pub(crate) fn code(&self) -> String {
        format!("TD-{}-{:02}M", self.currency, self.months)
    }
    /// The product with this code.
    pub(crate) fn find(code: &str) -> Option<Self> {
        PRODUCTS.into_iter().find(|product| product.code() == code)
    }
    /// How a term's days are counted.
    pub(crate) const fn day_count(&self) -> DayCount {
        match self.currency {
            Currency::CNY => DayCount::Thirty360,
            Currency::GBP | Currency::HKD => DayCount::Act365,
            _ => DayCount::Act360,
        }
    }
    /// What is paid for what is withdrawn early.
    pub(crate) const fn demand_rate(&self) -> Rate {
        match self.currency {
            Currency::CNY | Currency::USD => Rate::from_ppm(500),
            _ => Rate::from_ppm(100),
        }
    }
    /// The least that a deposit may hold, also after a part of it is withdrawn: 50 in CNY, 100 in foreign currency.
    pub(crate) const fn minimum(&self) -> Money {
        let units = if matches!(self.currency, Currency::CNY) { 50 } else { 100 };
        Money::new(units * 10i64.pow(self.currency.digits()), self.currency)
    }
    /// The last day of a deposit begun on `from`.
    pub(crate) fn maturity(&self, from: Date) -> Date {
        from.plus_months(i32::try_from(self.months).unwrap_or(i32::MAX))
    }

    /// Interest of a whole term. CNY by months (对年对月), so that short months bear no less.
    pub(crate) fn at_maturity(&self, principal_minor: i64, rate: Rate, from: Date) -> Option<i64> {
        match self.day_count() {
            DayCount::Thirty360 => {
                let over = i128::from(principal_minor) * i128::from(rate.ppm()) * i128::from(self.months);
                crate::rooms::loan::schedule::half_up(over, 12_000_000)
            }
            count => Some(grown(principal_minor, rate, count, from, self.maturity(from))),
        }
    }

    /// What has accrued at the deposit's own rate by `to`, never more than at maturity.
    pub(crate) fn accrued(&self, principal_minor: i64, rate: Rate, from: Date, to: Date) -> Option<i64> {
        let whole = self.at_maturity(principal_minor, rate, from)?;
        if to >= self.maturity(from) {
            return Some(whole);
        }
        Some(grown(principal_minor, rate, self.day_count(), from, to).min(whole))
    }

    /// Interest of what is withdrawn before maturity: the demand rate for the actual days.
    pub(crate) fn early(&self, principal_minor: i64, from: Date, to: Date) -> i64 {
        let count = match self.day_count() {
            DayCount::Thirty360 => DayCount::Act360,
            count => count,
        };
        grown(principal_minor, self.demand_rate(), count, from, to)
    }
}

fn grown(principal_minor: i64, rate: Rate, count: DayCount, from: Date, to: Date) -> i64 {
    Accrual::default().grown(principal_minor, rate, count, from, to).settle().0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop_assert, proptest};

    fn day(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    #[test]
    fn interest_goes_by_the_books_of_each_currency() {
        let cny = Product::find("TD-CNY-12M").unwrap();
        let from = day("2026-03-02");
        assert_eq!(cny.maturity(from), day("2027-03-02"));
        assert_eq!(cny.at_maturity(2_000_000, cny.rate, from), Some(27_000));
        assert_eq!(cny.accrued(2_000_000, cny.rate, from, day("2026-06-02")), Some(6_750));
        assert_eq!(cny.early(2_000_000, from, day("2026-06-02")), 256);
        assert_eq!(cny.early(2_000_000, from, from), 0);
        // A quarter that ends in February bears a quarter's interest all the same.
        let quarter = Product::find("TD-CNY-03M").unwrap();
        assert_eq!(quarter.at_maturity(1_000_000, quarter.rate, day("2025-11-30")), Some(2_375));
        let usd = Product::find("TD-USD-06M").unwrap();
        assert_eq!(usd.at_maturity(1_000_000, usd.rate, from), Some(15_333), "184 days over 360");
        let hkd = Product::find("TD-HKD-06M").unwrap();
        assert_eq!(hkd.at_maturity(1_000_000, hkd.rate, from), Some(10_082), "184 days over 365");
        assert_eq!(Product::find("TD-CNY-07M"), None);
        assert_eq!((cny.minimum().minor(), usd.minimum().minor()), (5_000, 10_000));
    }

    proptest! {
        #[test]
        fn waiting_never_costs(place in 0usize..14, principal in 5_000i64..100_000_000_000, start in 19_000i32..24_000, days in 0i32..2_000) {
            let product = PRODUCTS[place];
            let from = Date::from_unix_days(start).unwrap();
            let (to, next) = (from.plus_days(days), from.plus_days(days + 1));
            let accrued = |to| product.accrued(principal, product.rate, from, to).unwrap();
            prop_assert!(accrued(to) <= accrued(next));
            prop_assert!(product.early(principal, from, to) <= product.early(principal, from, next));
            if to >= product.maturity(from) {
                prop_assert!(product.early(principal, from, product.maturity(from)) < accrued(to));
            }
        }

        #[test]
        fn parts_bear_what_the_whole_does(place in 0usize..14, whole in 2i64..10_000_000_000, days in 0i32..400, cut in 1i64..1_000) {
            let (product, from) = (PRODUCTS[place], day("2026-01-31"));
            let part = (whole * cut / 1_000).max(1);
            let to = from.plus_days(days);
            let apart = product.early(part, from, to) + product.early(whole - part, from, to) - product.early(whole, from, to);
            prop_assert!(apart.abs() <= 1);
        }
    }
}
