//! Shapes on the wire, as both documents describe them.

use super::apply::{Application, Offer};
use super::facility::{Loan, penalty_rate};
use super::line::{CURRENCY, Product};
use super::repay::{self, Instalment, Parts, Settlement};
use super::schedule::Method;
use super::score::{Grade, Reason};
use crate::rooms::desk::money;
use crate::wire::Money;
use pano_ledger::Rate;
use pano_types::id::{AccountId, LoanApplicationId, LoanId, PartyId, TransactionId};
use pano_types::{Currency, Date, Instant, Localized};
use serde::{Deserialize, Serialize};

fn cny(minor: i64) -> Money {
    money(minor, CURRENCY)
}

/// A product.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProductView {
    product_code: &'static str,
    name: Localized,
    currency: Currency,
    minimum_amount: Money,
    maximum_amount: Money,
    minimum_term_months: u32,
    maximum_term_months: u32,
    repayment_methods: &'static [Method],
    annual_rate_from: String,
    annual_rate_to: String,
    penalty_rate_multiple: &'static str,
    early_settlement_fee_rate: String,
}

impl From<&'static Product> for ProductView {
    fn from(product: &'static Product) -> Self {
        let percent = |rate: Option<Rate>| rate.unwrap_or(Rate::from_ppm(0)).percent();
        Self {
            product_code: product.code,
            name: Localized::new(product.zh, product.en),
            currency: CURRENCY,
            minimum_amount: cny(product.minimum_minor),
            maximum_amount: cny(product.maximum_minor),
            minimum_term_months: product.months.0,
            maximum_term_months: product.months.1,
            repayment_methods: product.methods,
            annual_rate_from: percent(product.rates.into_iter().min()),
            annual_rate_to: percent(product.rates.into_iter().max()),
            penalty_rate_multiple: "1.5000",
            early_settlement_fee_rate: Rate::from_ppm(product.fee_ppm).percent(),
        }
    }
}

/// An offer.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct OfferView {
    amount: Money,
    annual_rate: String,
    term_months: u32,
    repayment_method: Method,
    first_instalment: Money,
    total_interest: Money,
    expires_at: Instant,
    agreement: String,
    agreement_hash: String,
}

impl OfferView {
    fn new(application: &Application, offer: &Offer) -> Self {
        Self {
            amount: cny(offer.amount_minor),
            annual_rate: Rate::from_ppm(offer.rate_ppm).percent(),
            term_months: application.months,
            repayment_method: application.method,
            first_instalment: cny(offer.first_minor),
            total_interest: cny(offer.interest_minor),
            expires_at: offer.expires_at,
            agreement: offer.agreement.clone(),
            agreement_hash: offer.hash.clone(),
        }
    }
}

/// An application.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ApplicationView {
    application_id: LoanApplicationId,
    status: &'static str,
    party_id: PartyId,
    account_id: AccountId,
    product_code: String,
    requested_amount: Money,
    requested_term_months: u32,
    repayment_method: Method,
    purpose: String,
    score: u32,
    grade: Grade,
    reasons: Vec<Reason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offer: Option<OfferView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    loan_id: Option<LoanId>,
    applied_at: Instant,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_at: Option<Instant>,
}

impl ApplicationView {
    pub(super) fn new(application: &Application, now: Instant) -> Self {
        Self {
            application_id: application.id,
            status: match (&application.offer, application.loan) {
                (_, Some(_)) => "ACCEPTED",
                (None, None) if application.is_referred() => "REFERRED",
                (None, None) => "DECLINED",
                (Some(offer), None) if now >= offer.expires_at => "EXPIRED",
                (Some(_), None) => "OFFERED",
            },
            party_id: application.party,
            account_id: application.account,
            product_code: application.product.clone(),
            requested_amount: cny(application.amount_minor),
            requested_term_months: application.months,
            repayment_method: application.method,
            purpose: application.purpose.clone(),
            score: application.score,
            grade: application.grade,
            reasons: application.reasons.clone(),
            offer: application.offer.as_ref().map(|offer| OfferView::new(application, offer)),
            loan_id: application.loan,
            applied_at: application.at,
            decided_at: (!application.is_referred()).then(|| application.decided_at.unwrap_or(application.at)),
        }
    }
}

/// Where a loan stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Status {
    Agreed,
    Active,
    Overdue,
    Settled,
    Lapsed,
}

impl Status {
    pub(super) fn of(loan: &Loan, today: Date) -> Self {
        match (loan.drawn, loan.settled_on) {
            (_, Some(_)) => Self::Settled,
            (None, None) if today > loan.draw_before => Self::Lapsed,
            (None, None) => Self::Agreed,
            (Some(_), None) if loan.is_overdue(today) => Self::Overdue,
            (Some(_), None) => Self::Active,
        }
    }
}

/// A loan.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LoanView {
    loan_id: LoanId,
    application_id: LoanApplicationId,
    status: Status,
    classification: &'static str,
    party_id: PartyId,
    account_id: AccountId,
    product_code: String,
    agreed_amount: Money,
    annual_rate: String,
    penalty_rate: String,
    term_months: u32,
    repayment_method: Method,
    outstanding_principal: Money,
    overdue_amount: Money,
    days_past_due: u32,
    agreement_hash: String,
    agreed_at: Instant,
    drawdown_before: Date,
    #[serde(skip_serializing_if = "Option::is_none")]
    drawn_amount: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    drawn_on: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    maturity_date: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_due_date: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_due_amount: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_on: Option<Date>,
}

impl LoanView {
    pub(super) fn new(loan: &Loan, today: Date) -> Self {
        let days_past_due = repay::days_past_due(&loan.instalments, today);
        let overdue = loan.instalments.iter().filter(|instalment| instalment.is_overdue(today));
        let next = loan.next_due();
        Self {
            loan_id: loan.id,
            application_id: loan.application,
            status: Status::of(loan, today),
            classification: repay::classification(days_past_due),
            party_id: loan.party,
            account_id: loan.account,
            product_code: loan.product.clone(),
            agreed_amount: cny(loan.agreed_minor),
            annual_rate: loan.rate().percent(),
            penalty_rate: penalty_rate(loan.rate()).percent(),
            term_months: loan.months,
            repayment_method: loan.method,
            outstanding_principal: cny(loan.outstanding()),
            overdue_amount: cny(overdue.map(Instalment::open).sum()),
            days_past_due,
            agreement_hash: loan.hash.clone(),
            agreed_at: loan.agreed_at,
            drawdown_before: loan.draw_before,
            drawn_amount: loan.drawn.map(|drawn| cny(drawn.minor)),
            drawn_on: loan.drawn.map(|drawn| drawn.on),
            maturity_date: loan.instalments.last().map(|last| last.due),
            next_due_date: next.map(|next| next.due),
            next_due_amount: next.map(|next| cny(next.open())),
            settled_on: loan.settled_on,
        }
    }
}

/// An instalment.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InstalmentView {
    number: u32,
    due_date: Date,
    status: &'static str,
    principal: Money,
    interest: Money,
    penalty: Money,
    paid: Money,
    balance_after: Money,
}

impl InstalmentView {
    /// Sorts as the numbers do.
    pub(super) fn key(&self) -> String {
        format!("{:04}", self.number)
    }

    /// All of a loan, each with the principal that is left after it by the schedule.
    pub(super) fn all(loan: &Loan, today: Date) -> impl Iterator<Item = Self> + '_ {
        let mut left: i64 = loan.instalments.iter().map(|instalment| instalment.principal_minor).sum();
        loan.instalments.iter().map(move |instalment| {
            left -= instalment.principal_minor;
            Self {
                number: instalment.number,
                due_date: instalment.due,
                status: match instalment.open() {
                    0 => "PAID",
                    _ if instalment.is_overdue(today) => "OVERDUE",
                    _ => "PENDING",
                },
                principal: cny(instalment.principal_minor),
                interest: cny(instalment.interest_minor),
                penalty: cny(instalment.penalty()),
                paid: cny(instalment.paid()),
                balance_after: cny(left),
            }
        })
    }
}

/// A repayment.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RepaymentView {
    loan_id: LoanId,
    amount: Money,
    principal: Money,
    interest: Money,
    penalty: Money,
    outstanding_principal: Money,
    repaid_at: Instant,
    transaction_id: TransactionId,
}

impl RepaymentView {
    pub(super) fn new(loan: &Loan, parts: Parts, now: Instant, transaction: TransactionId) -> Self {
        Self {
            loan_id: loan.id,
            amount: cny(parts.total()),
            principal: cny(parts.principal_minor),
            interest: cny(parts.interest_minor),
            penalty: cny(parts.penalty_minor),
            outstanding_principal: cny(loan.outstanding()),
            repaid_at: now,
            transaction_id: transaction,
        }
    }
}

/// What settling costs, and, once done, when it was.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SettlementView {
    loan_id: LoanId,
    as_of: Date,
    outstanding_principal: Money,
    interest: Money,
    penalty: Money,
    fee: Money,
    total: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_at: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_id: Option<TransactionId>,
}

impl SettlementView {
    pub(super) fn new(loan: LoanId, day: Date, quote: &Settlement) -> Self {
        Self {
            loan_id: loan,
            as_of: day,
            outstanding_principal: cny(quote.parts.principal_minor),
            interest: cny(quote.parts.interest_minor),
            penalty: cny(quote.parts.penalty_minor),
            fee: cny(quote.fee_minor),
            total: cny(quote.total()),
            settled_at: None,
            transaction_id: None,
        }
    }

    pub(super) fn settled(self, at: Instant, by: TransactionId) -> Self {
        Self { settled_at: Some(at), transaction_id: Some(by), ..self }
    }
}
