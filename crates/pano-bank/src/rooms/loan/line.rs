//! The two lines of lending: their products, what an application must say, and how it is decided.

use super::apply::Application;
use super::facility::Loan;
use super::repay::Instalment;
use super::schedule::Method;
use super::score::{self, Decision, TaxGrade, Wanted};
use crate::BANK_ZONE;
use crate::call::{Call, Refusal};
use crate::model::account::Purpose as AccountPurpose;
use crate::model::party::{Party, PartyKind};
use crate::rooms::desk::{BY_PARTY, in_currency};
use crate::wire::Money;
use pano_ledger::{Rate, Side};
use pano_types::id::{AccountId, LoanApplicationId, PartyId};
use pano_types::{Code, Currency, Date};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The currency of all loans.
pub(super) const CURRENCY: Currency = Currency::CNY;
/// Days over which turnover is looked at.
const TURNOVER_DAYS: i32 = 182;

/// A product. Amounts in fen, rates in millionths.
#[derive(Debug)]
pub(crate) struct Product {
    pub(crate) code: &'static str,
    pub(crate) zh: &'static str,
    pub(crate) en: &'static str,
    pub(crate) minimum_minor: i64,
    pub(crate) maximum_minor: i64,
    pub(crate) months: (u32, u32),
    pub(crate) methods: &'static [Method],
    /// For the grades A, B and C.
    pub(crate) rates: [Rate; 3],
    pub(crate) fee_ppm: i64,
}

const ALL: &[Method] = &[Method::EqualInstalment, Method::EqualPrincipal, Method::InterestOnly];

/// By code.
pub(crate) const CONSUMER: &[Product] = &[
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

/// By code.
pub(crate) const CORPORATE: &[Product] = &[
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
    /// What the borrower says of their means.
    fn means(request: &Self::Request) -> Result<Means, Refusal>;
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

    fn means(request: &PersonalRequest) -> Result<Means, Refusal> {
        let income = request.monthly_income.positive("/monthlyIncome")?;
        let debts = request.monthly_debt_payments.not_negative("/monthlyDebtPayments")?;
        Ok(Means {
            has_minor: in_currency(income, CURRENCY, "/monthlyIncome/currency")?,
            debts_minor: in_currency(debts, CURRENCY, "/monthlyDebtPayments/currency")?,
        })
    }

    fn decide(call: &Call<'_>, party: &Party, request: &PersonalRequest, wanted: &Wanted) -> Result<Decision, Refusal> {
        let means = Self::means(request)?;
        let today = call.today();
        // What is owed to this bank is known better than any declaration.
        let ours = Owed::by(call, party.id, None);
        let who = score::Person {
            income_minor: means.has_minor,
            debts_minor: means.debts_minor.saturating_add(ours.monthly_minor),
            age_years: months(party.born_on, today) / 12,
            tenure_months: months(party.since, today),
            balance_minor: accounts(call, party.id).map(|(_, spendable)| spendable.max(0)).sum(),
            is_overdue: ours.is_overdue,
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

    fn means(request: &BusinessRequest) -> Result<Means, Refusal> {
        let revenue = request.annual_revenue.positive("/annualRevenue")?;
        let debts = request.existing_debt.not_negative("/existingDebt")?;
        Ok(Means {
            has_minor: in_currency(revenue, CURRENCY, "/annualRevenue/currency")?,
            debts_minor: in_currency(debts, CURRENCY, "/existingDebt/currency")?,
        })
    }

    fn decide(call: &Call<'_>, party: &Party, request: &BusinessRequest, wanted: &Wanted) -> Result<Decision, Refusal> {
        let means = Self::means(request)?;
        let today = call.today();
        let ours = Owed::by(call, party.id, None);
        let who = score::Business {
            revenue_minor: means.has_minor,
            debts_minor: means.debts_minor.saturating_add(ours.total_minor),
            years: months(party.born_on, today) / 12,
            turnover_minor: turnover(call, party.id),
            tax: request.taxpayer_grade,
            is_overdue: ours.is_overdue,
        };
        Ok(score::business(wanted, &who))
    }
}

/// The code of a purpose on the wire.
fn code(purpose: impl Serialize) -> Result<String, Refusal> {
    let value = serde_json::to_value(purpose).map_err(Refusal::broken)?;
    value.as_str().map(str::to_owned).ok_or_else(|| Refusal::broken("a purpose without a code"))
}

/// What a borrower declared, kept with the application: a person's income and debt payments of a month, a business's
/// revenue of a year and its debts. Minor units.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Means {
    has_minor: i64,
    debts_minor: i64,
}

/// What a party owes this bank or may come to owe without being decided on again: loans that run, loans that were signed and
/// can still be drawn, offers that still stand.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Owed {
    /// Of a month.
    monthly_minor: i64,
    total_minor: i64,
    is_overdue: bool,
}

impl Owed {
    /// All but what came of the application `except`.
    fn by(call: &Call<'_>, party: PartyId, except: Option<LoanApplicationId>) -> Self {
        let (key, today, now) = (party.to_string(), call.today(), call.now());
        let mut owed = Self::default();
        let mut add = |monthly: i64, total: i64| {
            owed.monthly_minor = owed.monthly_minor.saturating_add(monthly);
            owed.total_minor = owed.total_minor.saturating_add(total);
        };
        for loan in call.world.under::<Loan>(BY_PARTY, &key).filter(|loan| Some(loan.application) != except) {
            if loan.drawn.is_some() {
                add(loan.next_due().map_or(0, Instalment::open), loan.outstanding());
            } else if today <= loan.draw_before {
                add(burden(&loan.product, loan.agreed_minor, loan.months), loan.agreed_minor);
            }
        }
        for application in call.world.under::<Application>(BY_PARTY, &key) {
            let stands = application.loan.is_none() && Some(application.id) != except;
            if let Some(offer) = application.offer.as_ref().filter(|offer| stands && now < offer.expires_at) {
                add(burden(&application.product, offer.amount_minor, application.months), offer.amount_minor);
            }
        }
        owed.is_overdue = call.world.under::<Loan>(BY_PARTY, &key).any(|loan| loan.is_overdue(today));
        owed
    }
}

/// A month's burden of what was offered or signed, reckoned as when it was decided on.
fn burden(code: &str, amount_minor: i64, months: u32) -> i64 {
    product(code).map_or(amount_minor, |product| score::burden(amount_minor, &product.wanted(amount_minor, months)))
}

/// Decides again, when an offer is accepted or a loan drawn, on `amount_minor` of what was applied for: nothing may be overdue,
/// and beside all that was agreed elsewhere since there must still be room.
///
/// # Errors
/// `bank.unsuitable`.
pub(super) fn decide_again(call: &Call<'_>, application: &Application, amount_minor: i64) -> Result<(), Refusal> {
    let refused = |en: &str, zh: &str| Err(Refusal::from(Code::Unsuitable).detail(en, zh));
    let owed = Owed::by(call, application.party, Some(application.id));
    if owed.is_overdue {
        return refused("another loan is overdue", "有其他贷款逾期");
    }
    let product = product(&application.product).ok_or_else(|| Refusal::broken("a loan of no product"))?;
    let Some(Means { has_minor, debts_minor }) = application.means else { return Ok(()) };
    let is_personal = CONSUMER.iter().any(|known| known.code == product.code);
    let (burden, room) = if is_personal {
        let burden = burden(product.code, amount_minor, application.months);
        (burden, score::room_of_person(has_minor, debts_minor.saturating_add(owed.monthly_minor)))
    } else {
        (amount_minor, score::room_of_business(has_minor, debts_minor.saturating_add(owed.total_minor)))
    };
    if burden > room {
        return refused("what was agreed since leaves no room for it", "其间新增的借款已占用额度");
    }
    Ok(())
}

impl Product {
    /// What is asked for, tested at the highest rate.
    pub(super) fn wanted(&self, amount_minor: i64, months: u32) -> Wanted {
        let rate = self.rates.into_iter().max().unwrap_or(Rate::from_ppm(0));
        Wanted { amount_minor, months, minimum_minor: self.minimum_minor, rate }
    }
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
