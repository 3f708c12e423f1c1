//! The two lines of lending: their products, what an application must say, and how it is decided.

use super::facility::Loan;
use super::schedule::Method;
use super::score::{self, Decision, TaxGrade, Wanted};
use crate::BANK_ZONE;
use crate::call::{Call, Refusal};
use crate::model::account::Purpose as AccountPurpose;
use crate::model::party::{Party, PartyKind};
use crate::rooms::desk::{BY_PARTY, in_currency};
use crate::wire::Money;
use pano_ledger::{Rate, Side};
use pano_types::id::{AccountId, PartyId};
use pano_types::{Currency, Date};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The currency of all loans.
pub(super) const CURRENCY: Currency = Currency::CNY;
/// Days over which turnover is looked at.
const TURNOVER_DAYS: i32 = 182;

/// A product. Amounts in fen, rates in millionths.
#[derive(Debug)]
pub(super) struct Product {
    pub(super) code: &'static str,
    pub(super) zh: &'static str,
    pub(super) en: &'static str,
    pub(super) minimum_minor: i64,
    pub(super) maximum_minor: i64,
    pub(super) months: (u32, u32),
    pub(super) methods: &'static [Method],
    /// For the grades A, B and C.
    pub(super) rates: [Rate; 3],
    pub(super) fee_ppm: i64,
}

const ALL: &[Method] = &[Method::EqualInstalment, Method::EqualPrincipal, Method::InterestOnly];

const CONSUMER: &[Product] = &[
    Product {
        code: "CL-GENERAL",
        zh: "综合消费贷",
        en: "General consumer loan",
        minimum_minor: 100_000,
        maximum_minor: 20_000_000,
        months: (3, 36),
        methods: ALL,
        rates: [Rate::from_ppm(36_000), Rate::from_ppm(54_000), Rate::from_ppm(72_000)],
        fee_ppm: 10_000,
    },
    Product {
        code: "CL-SMALL",
        zh: "小额闪贷",
        en: "Small instant loan",
        minimum_minor: 50_000,
        maximum_minor: 2_000_000,
        months: (1, 12),
        methods: &[Method::EqualInstalment],
        rates: [Rate::from_ppm(54_000), Rate::from_ppm(72_000), Rate::from_ppm(90_000)],
        fee_ppm: 0,
    },
];

const CORPORATE: &[Product] = &[
    Product {
        code: "KL-EQUIP",
        zh: "设备更新贷",
        en: "Equipment loan",
        minimum_minor: 10_000_000,
        maximum_minor: 1_000_000_000,
        months: (12, 60),
        methods: &[Method::EqualInstalment, Method::EqualPrincipal],
        rates: [Rate::from_ppm(37_500), Rate::from_ppm(45_000), Rate::from_ppm(57_000)],
        fee_ppm: 5_000,
    },
    Product {
        code: "KL-WORKING",
        zh: "小微流动资金贷",
        en: "Working capital loan",
        minimum_minor: 1_000_000,
        maximum_minor: 500_000_000,
        months: (3, 36),
        methods: ALL,
        rates: [Rate::from_ppm(34_500), Rate::from_ppm(43_500), Rate::from_ppm(60_000)],
        fee_ppm: 5_000,
    },
];

/// The product with this code, of either line.
pub(super) fn product(code: &str) -> Option<&'static Product> {
    CONSUMER.iter().chain(CORPORATE).find(|product| product.code == code)
}

/// What every application says.
#[derive(Debug)]
pub(super) struct Wish<'b> {
    pub(super) party: PartyId,
    pub(super) account: AccountId,
    pub(super) product: &'b str,
    pub(super) amount: &'b Money,
    pub(super) months: u32,
    pub(super) method: Method,
    pub(super) purpose: String,
}

/// A line of lending.
pub(super) trait Line: 'static {
    /// What an application says.
    type Request: DeserializeOwned;
    /// Begins the code of each product.
    const PREFIX: &'static str;
    /// By code.
    const PRODUCTS: &'static [Product];
    /// Whom it lends to.
    const KIND: PartyKind;
    /// The part that both lines share.
    fn wish(request: &Self::Request) -> Result<Wish<'_>, Refusal>;
    /// Decides on what is wanted.
    fn decide(call: &Call<'_>, party: &Party, request: &Self::Request, wanted: &Wanted) -> Result<Decision, Refusal>;
}

/// Loans to natural persons.
pub(super) struct Personal;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PersonalRequest {
    party_id: PartyId,
    account_id: AccountId,
    product_code: String,
    amount: Money,
    term_months: u32,
    repayment_method: Method,
    purpose: PersonalPurpose,
    monthly_income: Money,
    monthly_debt_payments: Money,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum PersonalPurpose {
    Renovation,
    Education,
    Medical,
    Travel,
    DurableGoods,
    OtherConsumption,
}

impl Line for Personal {
    type Request = PersonalRequest;
    const PREFIX: &'static str = "CL";
    const PRODUCTS: &'static [Product] = CONSUMER;
    const KIND: PartyKind = PartyKind::Person;

    fn wish(request: &PersonalRequest) -> Result<Wish<'_>, Refusal> {
        Ok(Wish {
            party: request.party_id,
            account: request.account_id,
            product: &request.product_code,
            amount: &request.amount,
            months: request.term_months,
            method: request.repayment_method,
            purpose: code(request.purpose)?,
        })
    }

    fn decide(call: &Call<'_>, party: &Party, request: &PersonalRequest, wanted: &Wanted) -> Result<Decision, Refusal> {
        let income = request.monthly_income.positive("/monthlyIncome")?;
        let debts = request.monthly_debt_payments.not_negative("/monthlyDebtPayments")?;
        let today = call.today();
        // What is owed to this bank is known better than any declaration.
        let ours: i64 = loans(call, party.id).filter_map(|loan| loan.next_due()).map(|due| due.open()).sum();
        let who = score::Person {
            income_minor: in_currency(income, CURRENCY, "/monthlyIncome/currency")?,
            debts_minor: in_currency(debts, CURRENCY, "/monthlyDebtPayments/currency")?.saturating_add(ours),
            age_years: months(party.born_on, today) / 12,
            tenure_months: months(party.since, today),
            balance_minor: accounts(call, party.id).map(|(_, spendable)| spendable.max(0)).sum(),
            is_overdue: loans(call, party.id).any(|loan| loan.is_overdue(today)),
        };
        Ok(score::person(wanted, &who))
    }
}

/// Loans to enterprises and sole traders.
pub(super) struct Business;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct BusinessRequest {
    party_id: PartyId,
    account_id: AccountId,
    product_code: String,
    amount: Money,
    term_months: u32,
    repayment_method: Method,
    purpose: BusinessPurpose,
    annual_revenue: Money,
    existing_debt: Money,
    taxpayer_grade: TaxGrade,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum BusinessPurpose {
    WorkingCapital,
    Equipment,
    Inventory,
    Wages,
    OtherOperation,
}

impl Line for Business {
    type Request = BusinessRequest;
    const PREFIX: &'static str = "KL";
    const PRODUCTS: &'static [Product] = CORPORATE;
    const KIND: PartyKind = PartyKind::Organisation;

    fn wish(request: &BusinessRequest) -> Result<Wish<'_>, Refusal> {
        Ok(Wish {
            party: request.party_id,
            account: request.account_id,
            product: &request.product_code,
            amount: &request.amount,
            months: request.term_months,
            method: request.repayment_method,
            purpose: code(request.purpose)?,
        })
    }

    fn decide(call: &Call<'_>, party: &Party, request: &BusinessRequest, wanted: &Wanted) -> Result<Decision, Refusal> {
        let revenue = request.annual_revenue.positive("/annualRevenue")?;
        let debts = request.existing_debt.not_negative("/existingDebt")?;
        let today = call.today();
        let ours: i64 = loans(call, party.id).map(Loan::outstanding).sum();
        let who = score::Business {
            revenue_minor: in_currency(revenue, CURRENCY, "/annualRevenue/currency")?,
            debts_minor: in_currency(debts, CURRENCY, "/existingDebt/currency")?.saturating_add(ours),
            years: months(party.born_on, today) / 12,
            turnover_minor: turnover(call, party.id),
            tax: request.taxpayer_grade,
            is_overdue: loans(call, party.id).any(|loan| loan.is_overdue(today)),
        };
        Ok(score::business(wanted, &who))
    }
}

/// The code of a purpose on the wire.
fn code(purpose: impl Serialize) -> Result<String, Refusal> {
    let value = serde_json::to_value(purpose).map_err(Refusal::broken)?;
    value.as_str().map(str::to_owned).ok_or_else(|| Refusal::broken("a purpose without a code"))
}

/// Loans of a party that are not settled.
fn loans<'c>(call: &'c Call<'_>, party: PartyId) -> impl Iterator<Item = &'c Loan> {
    call.world.under::<Loan>(BY_PARTY, &party.to_string()).filter(|loan| loan.outstanding() > 0)
}

/// The party's current accounts in CNY, and what may be spent from each.
fn accounts<'c>(call: &'c Call<'_>, party: PartyId) -> impl Iterator<Item = (AccountId, i64)> + 'c {
    use crate::model::account::BankAccount;
    let all = call.world.under::<BankAccount>("owner", &party.to_string());
    let current = all.filter(|account| account.purpose == AccountPurpose::Current);
    let standing = current.filter_map(|account| call.world.standing(account.id));
    standing.filter(|standing| standing.ledger.currency == CURRENCY).map(|s| (s.account.id, s.spendable().minor()))
}

/// What came into the party's accounts lately.
fn turnover(call: &Call<'_>, party: PartyId) -> i64 {
    let since = call.today().plus_days(-TURNOVER_DAYS).start(BANK_ZONE);
    let mut sum = 0i64;
    for (account, _) in accounts(call, party) {
        let lately =
            call.world.book().entries(account).rev().take_while(|entry| entry.transaction.booked_at() >= since);
        let came_in = lately.filter(|entry| entry.posting.side() == Side::Credit);
        sum = came_in.fold(sum, |sum, entry| sum.saturating_add(entry.posting.amount().minor()));
    }
    sum
}

/// Whole months from one day to another.
fn months(from: Date, to: Date) -> i32 {
    let ((from_year, from_month, from_day), (year, month, day)) = (from.parts(), to.parts());
    let whole = (year - from_year) * 12 + i32::from(month) - i32::from(from_month);
    whole - i32::from(day < from_day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_in_order_and_their_rates_rise_with_risk() {
        for products in [CONSUMER, CORPORATE] {
            assert!(products.windows(2).all(|pair| pair[0].code < pair[1].code));
            for known in products {
                assert!(known.rates.is_sorted() && known.minimum_minor < known.maximum_minor);
                assert_eq!(product(known.code).map(|found| found.code), Some(known.code));
            }
        }
        let day = |text| Date::parse(text).unwrap();
        assert_eq!(months(day("2019-06-03"), day("2026-03-02")), 80);
        assert_eq!(months(day("2019-06-03"), day("2026-03-03")), 81);
    }
}
