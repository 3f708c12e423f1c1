//! Consumer Loan and Corporate Loan: two documents, one engine. What differs between them is a [`Line`].

mod apply;
mod facility;
pub(crate) mod line;
pub(crate) mod repay;
pub(crate) mod schedule;
mod score;
mod wire;

pub(crate) use apply::{DECIDE, decide};
pub(crate) use facility::collect;

use super::desk::{BY_APP, in_currency, of_party, refused_now};
use super::{Room, get, post};
use crate::call::{Answer, Call, Input, Refusal};
use crate::document::Document;
use crate::wire::{Listed, Money};
use crate::world::Kind;
use apply::Application;
use facility::Loan;
use line::{Business, Line, Personal};
use pano_types::Code;
use pano_types::id::{LoanApplicationId, LoanId, PartyId};
use serde::Deserialize;
use wire::{ApplicationView, InstalmentView, LoanView, ProductView, RepaymentView, SettlementView, Status};

pub(crate) const CONSUMER: Room = Room {
    document: Document::new("consumer-loan", include_str!("../../openapi/consumer-loan.yaml")),
    operations: &[
        get("/products", "listConsumerLoanProducts", products::<Personal>),
        post("/applications", "initiateConsumerLoanApplication", apply::<Personal>).keyed(),
        get("/applications/{applicationId}", "retrieveConsumerLoanApplication", application::<Personal>),
        post("/applications/{applicationId}/acceptance", "executeConsumerLoanAcceptance", accept::<Personal>).keyed(),
        post("/loans/{loanId}/drawdowns", "executeConsumerLoanDrawdown", draw::<Personal>).keyed(),
        get("/loans", "listConsumerLoans", list::<Personal>),
        get("/loans/{loanId}", "retrieveConsumerLoan", retrieve::<Personal>),
        get("/loans/{loanId}/schedule", "listConsumerLoanInstalments", instalments::<Personal>),
        post("/loans/{loanId}/repayments", "executeConsumerLoanRepayment", repayment::<Personal>).keyed(),
        get("/loans/{loanId}/settlement-quote", "retrieveConsumerLoanSettlementQuote", settlement_quote::<Personal>),
        post("/loans/{loanId}/settlement", "executeConsumerLoanSettlement", settlement::<Personal>).keyed(),
    ],
    kinds: &[Kind::of::<Application>(), Kind::of::<Loan>()],
    seed: Some(facility::seed),
};

pub(crate) const CORPORATE: Room = Room {
    document: Document::new("corporate-loan", include_str!("../../openapi/corporate-loan.yaml")),
    operations: &[
        get("/products", "listCorporateLoanProducts", products::<Business>),
        post("/applications", "initiateCorporateLoanApplication", apply::<Business>).keyed(),
        get("/applications/{applicationId}", "retrieveCorporateLoanApplication", application::<Business>),
        post("/applications/{applicationId}/acceptance", "executeCorporateLoanAcceptance", accept::<Business>).keyed(),
        post("/loans/{loanId}/drawdowns", "executeCorporateLoanDrawdown", draw::<Business>).keyed(),
        get("/loans", "listCorporateLoans", list::<Business>),
        get("/loans/{loanId}", "retrieveCorporateLoan", retrieve::<Business>),
        get("/loans/{loanId}/schedule", "listCorporateLoanInstalments", instalments::<Business>),
        post("/loans/{loanId}/repayments", "executeCorporateLoanRepayment", repayment::<Business>).keyed(),
        get("/loans/{loanId}/settlement-quote", "retrieveCorporateLoanSettlementQuote", settlement_quote::<Business>),
        post("/loans/{loanId}/settlement", "executeCorporateLoanSettlement", settlement::<Business>).keyed(),
    ],
    // The engine's entities are listed with the consumer loans.
    kinds: &[],
    seed: None,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PageQuery {
    cursor: Option<String>,
    limit: Option<u32>,
}

fn products<L: Line>(_: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: PageQuery = input.query()?;
    let list = format!("loan-products/{}", L::PREFIX);
    let page = Input::page(&list, query.cursor.as_deref(), query.limit)?;
    let key = |product: &&line::Product| product.code.to_owned();
    Answer::ok(&Listed::ascending(&list, &page, L::PRODUCTS.iter(), key, ProductView::from))
}

fn apply<L: Line>(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let body: L::Request = input.body()?;
    let application = apply::apply::<L>(call, &body)?;
    let view = ApplicationView::new(&application, call.now());
    Answer::created(format!("applications/{}", application.id), &view)
}

/// The application that the path names, if the caller's app made it in this line.
fn own<L: Line>(call: &Call<'_>, input: &Input) -> Result<Application, Refusal> {
    let id: LoanApplicationId = input.id("applicationId", Code::NotFound)?;
    let found = call.world.get::<Application>(&id);
    let found = found.filter(|application| application.app == call.app && application.is_of::<L>());
    found.cloned().ok_or_else(|| Code::NotFound.into())
}

fn application<L: Line>(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    Answer::ok(&ApplicationView::new(&own::<L>(call, input)?, call.now()))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AcceptRequest {
    agreement_hash: String,
    signer_name: String,
}

fn accept<L: Line>(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let body: AcceptRequest = input.body()?;
    let application = own::<L>(call, input)?;
    let loan = apply::accept(call, application, &body.agreement_hash, &body.signer_name)?;
    Answer::created(format!("loans/{}", loan.id), &LoanView::new(&loan, call.today()))
}

/// The loan that the path names, with its penalty up to today.
fn found<L: Line>(call: &Call<'_>, input: &Input) -> Result<Loan, Refusal> {
    let id: LoanId = input.id("loanId", Code::NotFound)?;
    let loan = call.world.get::<Loan>(&id).filter(|loan| loan.is_of::<L>());
    let mut loan = loan.cloned().ok_or(Code::NotFound)?;
    loan.grow(call.today());
    Ok(loan)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AmountRequest {
    amount: Money,
}

fn draw<L: Line>(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let body: AmountRequest = input.body()?;
    let amount = body.amount.positive("/amount")?;
    let loan = found::<L>(call, input)?;
    let minor = in_currency(amount, line::CURRENCY, "/amount/currency")?;
    let loan = facility::draw(call, loan, minor)?;
    Answer::created(format!("loans/{}", loan.id), &LoanView::new(&loan, call.today()))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ListQuery {
    party_id: Option<PartyId>,
    status: Option<Status>,
    cursor: Option<String>,
    limit: Option<u32>,
}

fn list<L: Line>(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: ListQuery = input.query()?;
    let list = format!("loans/{}", L::PREFIX);
    let page = Input::page(&list, query.cursor.as_deref(), query.limit)?;
    let today = call.today();
    let all = of_party::<Loan>(call.world, query.party_id).filter(|loan| loan.is_of::<L>());
    let wanted = all.filter(|loan| query.status.is_none_or(|status| status == Status::of(loan, today)));
    let view = |loan: &Loan| {
        let mut loan = loan.clone();
        loan.grow(today);
        LoanView::new(&loan, today)
    };
    Answer::ok(&Listed::descending(&list, &page, wanted, |loan| loan.id.to_string(), view))
}

fn retrieve<L: Line>(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    Answer::ok(&LoanView::new(&found::<L>(call, input)?, call.today()))
}

fn instalments<L: Line>(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: PageQuery = input.query()?;
    let list = format!("instalments/{}", input.path("loanId"));
    let page = Input::page(&list, query.cursor.as_deref(), query.limit)?;
    let (loan, today) = (found::<L>(call, input)?, call.today());
    let key = |view: &InstalmentView| view.key();
    Answer::ok(&Listed::ascending(&list, &page, InstalmentView::all(&loan, today), key, |view| view))
}

fn repayment<L: Line>(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let body: AmountRequest = input.body()?;
    let amount = body.amount.positive("/amount")?;
    let loan = found::<L>(call, input)?;
    let minor = in_currency(amount, line::CURRENCY, "/amount/currency")?;
    let (loan, parts, transaction) = facility::repay(call, loan, minor)?;
    let view = RepaymentView::new(&loan, parts, call.now(), transaction);
    Answer::created(format!("loans/{}/schedule", loan.id), &view)
}

fn settlement_quote<L: Line>(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let (loan, today) = (found::<L>(call, input)?, call.today());
    let quote = facility::quote(&loan, today)?;
    Answer::ok(&SettlementView::new(loan.id, today, &quote))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SettleRequest {
    total: Money,
}

fn settlement<L: Line>(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let body: SettleRequest = input.body()?;
    let total = body.total.positive("/total")?;
    let (loan, today) = (found::<L>(call, input)?, call.today());
    let minor = in_currency(total, line::CURRENCY, "/total/currency")?;
    let quote = facility::quote(&loan, today)?;
    if quote.total() != minor {
        let total = pano_types::Money::new(quote.total(), line::CURRENCY);
        return Err(refused_now(format!("settling today costs {total}"), format!("今日结清应付 {total}")));
    }
    let id = loan.id;
    let transaction = facility::settle(call, loan, &quote)?;
    let view = SettlementView::new(id, today, &quote).settled(call.now(), transaction);
    Answer::created(format!("loans/{id}"), &view)
}
