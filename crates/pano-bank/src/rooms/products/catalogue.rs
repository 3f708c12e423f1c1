//! The products: those that rooms sell by a table of their own are taken from it, so the directory never says anything else.

use crate::rooms::fx::board;
use crate::rooms::{credit_card, deposit, fund, insurance, loan};
use pano_types::{Currency, Localized};
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
    pub(super) code: String,
    pub(super) class: ProductClass,
    pub(super) name: Localized,
    pub(super) about: Localized,
    pub(super) currencies: Vec<Currency>,
    pub(super) persons: bool,
    pub(super) organisations: bool,
    pub(super) fees: Vec<Fee>,
    pub(super) since: &'static str,
}

/// A fee: an amount in CNY, or a share.
#[derive(Debug)]
pub(super) struct Fee {
    pub(super) name: Localized,
    pub(super) minor: Option<i64>,
    pub(super) rate: Option<String>,
    pub(super) per: &'static str,
}

fn fixed(zh: &str, en: &str, minor: i64, per: &'static str) -> Fee {
    Fee { name: Localized::new(zh, en), minor: Some(minor), rate: None, per }
}

fn share(name: Localized, ppm: i64, per: &'static str) -> Fee {
    Fee { name, minor: None, rate: Some(format!("0.{ppm:06}")), per }
}

/// All products, by code.
pub(super) fn products() -> Vec<Product> {
    let mut all = own();
    all.extend(deposits());
    all.extend(loans());
    all.extend(funds());
    all.extend(covers());
    all.sort_by(|a, b| a.code.cmp(&b.code));
    all
}

fn product(code: &str, class: ProductClass, name: (&str, &str), about: (&str, &str), since: &'static str) -> Product {
    Product {
        code: code.to_owned(),
        class,
        name: Localized::new(name.0, name.1),
        about: Localized::new(about.0, about.1),
        currencies: vec![Currency::CNY],
        persons: true,
        organisations: true,
        fees: Vec::new(),
        since,
    }
}

/// What has no table elsewhere: accounts, cards, payments, exchange.
fn own() -> Vec<Product> {
    let foreign = || std::iter::once(Currency::CNY).chain(board::currencies()).collect();
    let instalment = Localized::new("分期手续费", "Instalment fee");
    vec![
        Product {
            currencies: foreign(),
            persons: false,
            ..product(
                "CA-BUSINESS",
                ProductClass::Account,
                ("单位结算账户", "Business account"),
                ("企业与个体工商户的基本结算账户", "Settlement account of companies and sole traders"),
                "2020-01-01",
            )
        },
        Product {
            organisations: false,
            fees: vec![fixed("账户管理费", "Maintenance", 0, "MONTH")],
            ..product(
                "CA-CNY-I",
                ProductClass::Account,
                ("个人一类结算账户", "Personal account, class I"),
                ("全功能个人结算账户", "Personal account with every function"),
                "2020-01-01",
            )
        },
        Product {
            organisations: false,
            fees: vec![
                fixed("年费", "Yearly fee", 0, "YEAR"),
                share(instalment, credit_card::FEE_PER_10_000 * 100, "INSTALMENT"),
            ],
            ..product(
                "CARD-CREDIT",
                ProductClass::Card,
                ("全景信用卡", "Panorama credit card"),
                ("可循环信用额度，消费可分期", "Revolving credit; purchases can be paid by instalments"),
                "2021-06-01",
            )
        },
        Product {
            organisations: false,
            ..product(
                "CARD-DEBIT",
                ProductClass::Card,
                ("全景借记卡", "Panorama debit card"),
                ("关联个人结算账户", "Draws on the personal account"),
                "2020-01-01",
            )
        },
        Product {
            currencies: foreign(),
            ..product(
                "FX-SPOT",
                ProductClass::Forex,
                ("即期结售汇", "Spot exchange"),
                ("人民币与主要外币兑换", "Exchange of CNY and major currencies"),
                "2022-03-01",
            )
        },
        Product {
            fees: vec![fixed("手续费", "Fee", 0, "TRANSACTION")],
            ..product(
                "PAY-DOMESTIC",
                ProductClass::Payment,
                ("境内跨行付款", "Domestic payment"),
                ("经网上支付跨行清算、小额或大额支付系统", "Through IBPS, BEPS or HVPS"),
                "2020-01-01",
            )
        },
    ]
}

fn deposits() -> impl Iterator<Item = Product> {
    deposit::terms::PRODUCTS.iter().map(|term| {
        let months = term.months;
        let (zh, en) = (format!("{months} 个月定期存款"), format!("Term deposit, {months} months"));
        Product {
            currencies: vec![term.currency],
            ..product(
                &term.code(),
                ProductClass::Deposit,
                (&zh, &en),
                ("整存整取，到期一次还本付息", "Principal and interest are paid at the end"),
                "2020-01-01",
            )
        }
    })
}

fn loans() -> impl Iterator<Item = Product> {
    let of = |lines: &'static [loan::line::Product], persons: bool| {
        lines.iter().map(move |line| {
            let (least, most) = line.months;
            let (zh, en) = (format!("{least} 至 {most} 个月"), format!("{least} to {most} months"));
            let settlement = Localized::new("提前结清手续费", "Early settlement fee");
            let fee = (line.fee_ppm > 0).then(|| share(settlement, line.fee_ppm, "TRANSACTION"));
            Product {
                persons,
                organisations: !persons,
                fees: fee.into_iter().collect(),
                ..product(line.code, ProductClass::Loan, (line.zh, line.en), (&zh, &en), "2021-01-01")
            }
        })
    };
    of(loan::line::CONSUMER, true).chain(of(loan::line::CORPORATE, false))
}

fn funds() -> impl Iterator<Item = Product> {
    fund::value::PRODUCTS.iter().map(|fund| {
        let (zh, en) =
            (format!("风险等级 R{}，非保本浮动收益", fund.risk), format!("Risk R{}; nothing is guaranteed", fund.risk));
        let subscription = Localized::new("申购费", "Subscription fee");
        let subscription =
            (fund.subscription_ppm > 0).then(|| share(subscription, fund.subscription_ppm, "TRANSACTION"));
        let redemption = fund.redemption.iter().map(|(days, ppm)| {
            let name = Localized::new(
                format!("赎回费（持有不足 {days} 天）"),
                format!("Redemption fee, held less than {days} days"),
            );
            share(name, *ppm, "TRANSACTION")
        });
        Product {
            fees: subscription.into_iter().chain(redemption).collect(),
            currencies: vec![fund::value::CURRENCY],
            ..product(fund.code, ProductClass::Wealth, (fund.zh, fund.en), (&zh, &en), "2022-01-01")
        }
    })
}

fn covers() -> impl Iterator<Item = Product> {
    insurance::product::PRODUCTS.iter().map(|cover| {
        let premium = Localized::new("保费（占保额，按年）", "Premium, share of the sum insured");
        Product {
            fees: vec![share(premium, cover.yearly_per_10_000 * 100, "YEAR")],
            ..product(
                cover.code,
                ProductClass::Insurance,
                (cover.zh, cover.en),
                ("由示例财产保险承保，本行代理", "Underwritten by Example Property Insurance; the bank is its agent"),
                "2023-09-01",
            )
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_directory_lists_what_rooms_sell_and_nothing_else() {
        let of = |classes: &[ProductClass]| -> BTreeSet<String> {
            products().into_iter().filter(|product| classes.contains(&product.class)).map(|p| p.code).collect()
        };
        let deposits: BTreeSet<_> = deposit::terms::PRODUCTS.iter().map(deposit::terms::Product::code).collect();
        assert_eq!(of(&[ProductClass::Deposit]), deposits);
        let loans = loan::line::CONSUMER.iter().chain(loan::line::CORPORATE);
        assert_eq!(of(&[ProductClass::Loan]), loans.map(|loan| loan.code.to_owned()).collect());
        let funds = fund::value::PRODUCTS.iter().map(|fund| fund.code.to_owned());
        assert_eq!(of(&[ProductClass::Wealth]), funds.collect());
        let covers = insurance::product::PRODUCTS.iter().map(|cover| cover.code.to_owned());
        assert_eq!(of(&[ProductClass::Insurance]), covers.collect());
        assert!(products().windows(2).all(|pair| pair[0].code < pair[1].code), "by code, each once");
    }
}
