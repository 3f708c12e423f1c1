//! The products.

use pano_types::Currency;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum ProductClass {
    Account,
    Deposit,
    Card,
    Payment,
    Loan,
    Wealth,
    Forex,
    Insurance,
}

/// A product.
#[derive(Debug)]
pub(super) struct Product {
    pub(super) code: &'static str,
    pub(super) class: ProductClass,
    pub(super) zh: &'static str,
    pub(super) en: &'static str,
    pub(super) about: (&'static str, &'static str),
    pub(super) currencies: &'static [Currency],
    pub(super) persons: bool,
    pub(super) organisations: bool,
    pub(super) fees: &'static [Fee],
    pub(super) since: &'static str,
}

/// A fee: an amount in CNY, or a share.
#[derive(Debug)]
pub(super) struct Fee {
    pub(super) zh: &'static str,
    pub(super) en: &'static str,
    pub(super) minor: Option<i64>,
    pub(super) rate: Option<&'static str>,
    pub(super) per: &'static str,
}

const fn fixed(zh: &'static str, en: &'static str, minor: i64, per: &'static str) -> Fee {
    Fee { zh, en, minor: Some(minor), rate: None, per }
}

const fn share(zh: &'static str, en: &'static str, rate: &'static str, per: &'static str) -> Fee {
    Fee { zh, en, minor: None, rate: Some(rate), per }
}

const CNY: &[Currency] = &[Currency::CNY];
const MAJOR: &[Currency] = &[Currency::CNY, Currency::USD, Currency::EUR, Currency::HKD];

/// By code.
pub(super) const PRODUCTS: &[Product] = &[
    Product {
        code: "CA-BUSINESS",
        class: ProductClass::Account,
        zh: "单位结算账户",
        en: "Business account",
        about: ("企业与个体工商户的基本结算账户", "Settlement account of companies and sole traders"),
        currencies: MAJOR,
        persons: false,
        organisations: true,
        fees: &[fixed("账户管理费", "Maintenance", 3_000, "MONTH")],
        since: "2020-01-01",
    },
    Product {
        code: "CA-CNY-I",
        class: ProductClass::Account,
        zh: "个人一类结算账户",
        en: "Personal account, class I",
        about: ("全功能个人结算账户", "Personal account with every function"),
        currencies: CNY,
        persons: true,
        organisations: false,
        fees: &[fixed("账户管理费", "Maintenance", 0, "MONTH")],
        since: "2020-01-01",
    },
    Product {
        code: "CARD-CREDIT",
        class: ProductClass::Card,
        zh: "全景信用卡",
        en: "Panorama credit card",
        about: ("可循环信用额度，消费可分期", "Revolving credit; purchases can be paid by instalments"),
        currencies: CNY,
        persons: true,
        organisations: false,
        fees: &[fixed("年费", "Yearly fee", 0, "YEAR"), share("分期手续费", "Instalment fee", "0.0060", "INSTALMENT")],
        since: "2021-06-01",
    },
    Product {
        code: "CARD-DEBIT",
        class: ProductClass::Card,
        zh: "全景借记卡",
        en: "Panorama debit card",
        about: ("关联个人结算账户", "Draws on the personal account"),
        currencies: CNY,
        persons: true,
        organisations: false,
        fees: &[],
        since: "2020-01-01",
    },
    Product {
        code: "FX-SPOT",
        class: ProductClass::Forex,
        zh: "即期结售汇",
        en: "Spot exchange",
        about: ("人民币与主要外币兑换", "Exchange of CNY and major currencies"),
        currencies: MAJOR,
        persons: true,
        organisations: true,
        fees: &[],
        since: "2022-03-01",
    },
    Product {
        code: "INS-HOME",
        class: ProductClass::Insurance,
        zh: "家庭财产保险（代理）",
        en: "Home contents insurance (as agent)",
        about: ("由示例财产保险承保", "Underwritten by Example Property Insurance"),
        currencies: CNY,
        persons: true,
        organisations: false,
        fees: &[],
        since: "2023-09-01",
    },
    Product {
        code: "LN-CONSUMER",
        class: ProductClass::Loan,
        zh: "个人消费贷款",
        en: "Consumer loan",
        about: ("等额本息，最长 36 期", "Equal instalments, up to 36 months"),
        currencies: CNY,
        persons: true,
        organisations: false,
        fees: &[],
        since: "2021-01-01",
    },
    Product {
        code: "PAY-DOMESTIC",
        class: ProductClass::Payment,
        zh: "境内跨行付款",
        en: "Domestic payment",
        about: ("经网上支付跨行清算系统或小额支付系统", "Through IBPS or BEPS"),
        currencies: CNY,
        persons: true,
        organisations: true,
        fees: &[fixed("手续费", "Fee", 0, "TRANSACTION")],
        since: "2020-01-01",
    },
    Product {
        code: "TD-CNY-12M",
        class: ProductClass::Deposit,
        zh: "一年期定期存款",
        en: "Term deposit, 12 months",
        about: ("整存整取，到期一次还本付息", "Principal and interest are paid at the end"),
        currencies: CNY,
        persons: true,
        organisations: true,
        fees: &[],
        since: "2020-01-01",
    },
    Product {
        code: "WM-STEADY",
        class: ProductClass::Wealth,
        zh: "稳健理财",
        en: "Steady wealth plan",
        about: ("中低风险，非保本浮动收益", "Medium to low risk; neither principal nor return is guaranteed"),
        currencies: CNY,
        persons: true,
        organisations: true,
        fees: &[share("管理费", "Management fee", "0.0030", "YEAR")],
        since: "2022-01-01",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_by_code() {
        assert!(PRODUCTS.windows(2).all(|pair| pair[0].code < pair[1].code));
    }
}
