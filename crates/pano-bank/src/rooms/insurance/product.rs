//! What the insurer offers.

use crate::call::Refusal;
use crate::wire::Money;
use pano_types::{Code, Currency, Localized};
use serde::Serialize;

/// A product.
#[derive(Debug)]
pub(crate) struct Product {
    pub(crate) code: &'static str,
    pub(crate) zh: &'static str,
    pub(crate) en: &'static str,
    min_minor: i64,
    max_minor: i64,
    /// Premium of a year, parts in ten thousand of the sum insured.
    pub(crate) yearly_per_10_000: i64,
    pub(super) cooling_off_days: i32,
}

/// By code.
pub(crate) const PRODUCTS: &[Product] = &[
    Product {
        code: "CYBER-BASIC",
        zh: "个人账户资金安全保险",
        en: "Account security",
        min_minor: 1_000_000,
        max_minor: 20_000_000,
        yearly_per_10_000: 5,
        cooling_off_days: 15,
    },
    Product {
        code: "HOME-BASIC",
        zh: "家庭财产保险（基础版）",
        en: "Home contents, basic",
        min_minor: 1_000_000,
        max_minor: 50_000_000,
        yearly_per_10_000: 8,
        cooling_off_days: 15,
    },
    Product {
        code: "TRAVEL-WORLD",
        zh: "全球旅行保险",
        en: "Travel, worldwide",
        min_minor: 5_000_000,
        max_minor: 200_000_000,
        yearly_per_10_000: 42,
        cooling_off_days: 3,
    },
];

pub(super) fn by_code(code: &str) -> Option<&'static Product> {
    PRODUCTS.iter().find(|product| product.code == code)
}

impl Product {
    /// Whether this sum can be insured.
    ///
    /// # Errors
    /// `bank.currency_mismatch`, `bank.limit_exceeded`.
    pub(super) fn check(&self, sum: pano_types::Money) -> Result<(), Refusal> {
        if sum.currency() != Currency::CNY {
            let reason = "the product is offered in CNY";
            return Err(Refusal::from(Code::CurrencyMismatch).at("/sumInsured/currency", reason));
        }
        if (self.min_minor..=self.max_minor).contains(&sum.minor()) {
            return Ok(());
        }
        let [least, most] = [self.min_minor, self.max_minor].map(|minor| pano_types::Money::new(minor, Currency::CNY));
        Err(Refusal::from(Code::LimitExceeded)
            .at("/sumInsured/amount", "is outside what can be insured")
            .detail(format!("between {least} and {most}"), format!("保额须在 {least} 至 {most} 之间")))
    }

    /// Premium for a sum and term, minor units, rounded up; at least 1.00.
    pub(super) fn premium(&self, sum_minor: i64, term_days: i32) -> i64 {
        let whole = i128::from(sum_minor) * i128::from(self.yearly_per_10_000) * i128::from(term_days);
        let premium = (whole + 3_649_999) / 3_650_000;
        i64::try_from(premium).unwrap_or(i64::MAX).max(100)
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProductView {
    product_code: &'static str,
    name: Localized,
    provider: Localized,
    currency: Currency,
    sum_insured_min: Money,
    sum_insured_max: Money,
    yearly_rate: String,
    cooling_off_days: i32,
}

impl From<&Product> for ProductView {
    fn from(product: &Product) -> Self {
        let money = |minor| Money::from(pano_types::Money::new(minor, Currency::CNY));
        Self {
            product_code: product.code,
            name: Localized::new(product.zh, product.en),
            provider: Localized::new("示例财产保险", "Example Property Insurance"),
            currency: Currency::CNY,
            sum_insured_min: money(product.min_minor),
            sum_insured_max: money(product.max_minor),
            yearly_rate: format!("0.{:04}", product.yearly_per_10_000),
            cooling_off_days: product.cooling_off_days,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn premiums_are_rounded_up_and_never_nothing() {
        let home = by_code("HOME-BASIC").unwrap();
        for (sum, days, premium) in [(10_000_000, 365, 8_000), (10_000_000, 364, 7_979), (1_000_000, 7, 100)] {
            assert_eq!(home.premium(sum, days), premium, "{sum} {days}");
        }
        assert!(PRODUCTS.windows(2).all(|pair| pair[0].code < pair[1].code), "lists are by code");
    }
}
