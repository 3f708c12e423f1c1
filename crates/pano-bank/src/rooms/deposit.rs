//! Term Deposit: products, deposits, interest, early withdrawal, maturity.

mod facility;
pub(crate) mod terms;

pub(crate) use facility::{MATURE, mature};

use super::desk::{in_currency, money, of_party, payer, refused_now};
use super::{Room, get, post, put};
use crate::call::{Answer, Call, Input, Refusal};
use crate::document::Document;
use crate::wire::{Listed, Money};
use crate::world::Kind;
use facility::{Deposit, Rollover, Status, Withdrawal};
use pano_types::id::{AccountId, DepositId, PartyId, TransactionId};
use pano_types::{Code, Currency, Date, Instant};
use serde::{Deserialize, Serialize};
use terms::{PRODUCTS, Product};

pub(crate) const ROOM: Room = Room {
    document: Document::new("term-deposit", include_str!("../../openapi/term-deposit.yaml")),
    operations: &[
        get("/products", "listTermDepositProducts", products),
        post("/deposits", "initiateTermDeposit", initiate).keyed(),
        get("/deposits", "listTermDeposits", list),
        get("/deposits/{depositId}", "retrieveTermDeposit", retrieve),
        get("/deposits/{depositId}/interest", "retrieveTermDepositInterest", interest),
        put("/deposits/{depositId}/rollover-instruction", "updateTermDepositRollover", rollover),
        post("/deposits/{depositId}/withdrawals", "executeTermDepositWithdrawal", withdraw).keyed(),
    ],
    kinds: &[Kind::of::<Deposit>()],
    seed: Some(facility::seed),
};

const PRODUCT_LIST: &str = "term-deposit-products";
const LIST: &str = "term-deposits";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ProductQuery {
    currency: Option<Currency>,
    cursor: Option<String>,
    limit: Option<u32>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ProductView {
    product_code: String,
    currency: Currency,
    term_months: u32,
    annual_rate: String,
    demand_rate: String,
    day_count: &'static str,
    minimum_amount: Money,
}

impl From<&Product> for ProductView {
    fn from(product: &Product) -> Self {
        Self {
            product_code: product.code(),
            currency: product.currency,
            term_months: product.months,
            annual_rate: product.rate.percent(),
            demand_rate: product.demand_rate().percent(),
            day_count: product.day_count().code(),
            minimum_amount: product.minimum().into(),
        }
    }
}

fn products(_: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: ProductQuery = input.query()?;
    let page = Input::page(PRODUCT_LIST, query.cursor.as_deref(), query.limit)?;
    if query.currency.is_some_and(|wanted| !PRODUCTS.iter().any(|product| product.currency == wanted)) {
        return Err(Refusal::from(Code::RequestInvalid).at("currency", "has no term deposits"));
    }
    let wanted = PRODUCTS.iter().filter(|product| query.currency.is_none_or(|wanted| wanted == product.currency));
    let mut sorted: Vec<_> = wanted.collect();
    sorted.sort_by_key(|product| product.code());
    Answer::ok(&Listed::ascending(PRODUCT_LIST, &page, sorted.into_iter(), |product| product.code(), ProductView::from))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct InitiateRequest {
    account_id: AccountId,
    product_code: String,
    amount: Money,
    rollover_instruction: Rollover,
}

fn initiate(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let body: InitiateRequest = input.body()?;
    let amount = body.amount.positive("/amount")?;
    let product = Product::find(&body.product_code)
        .ok_or_else(|| Refusal::from(Code::NotFound).at("/productCode", "names no product"))?;
    let account = payer(call, body.account_id, "/accountId")?;
    in_currency(amount, product.currency, "/amount/currency")?;
    in_currency(amount, account.ledger.currency, "/accountId")?;
    if amount.minor() < product.minimum().minor() {
        let refusal = Refusal::from(Code::AmountInvalid);
        return Err(refusal.at("/amount/amount", format!("must be at least {}", product.minimum())));
    }
    let deposit = facility::open(call, &product, body.account_id, amount, body.rollover_instruction)?;
    Answer::created(format!("deposits/{}", deposit.id), &DepositView::from(&deposit))
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LineView {
    principal: Money,
    interest: Money,
    remaining: Money,
    withdrawn_on: Date,
    transaction_id: TransactionId,
}

impl LineView {
    fn new(line: &Withdrawal, currency: Currency) -> Self {
        Self {
            principal: money(line.principal_minor, currency),
            interest: money(line.interest_minor, currency),
            remaining: money(line.remaining_minor, currency),
            withdrawn_on: line.on,
            transaction_id: line.transaction,
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct DepositView {
    deposit_id: DepositId,
    party_id: PartyId,
    account_id: AccountId,
    product_code: String,
    status: Status,
    principal: Money,
    annual_rate: String,
    day_count: &'static str,
    term_months: u32,
    value_date: Date,
    maturity_date: Date,
    rollover_instruction: Rollover,
    withdrawals: Vec<LineView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    interest_paid: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rolled_from: Option<DepositId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rolled_into: Option<DepositId>,
    opened_at: Instant,
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_on: Option<Date>,
}

impl From<&Deposit> for DepositView {
    fn from(deposit: &Deposit) -> Self {
        let product = deposit.product();
        Self {
            deposit_id: deposit.id,
            party_id: deposit.party,
            account_id: deposit.account,
            product_code: product.code(),
            status: deposit.status,
            principal: money(deposit.principal_minor, deposit.currency),
            annual_rate: product.rate.percent(),
            day_count: product.day_count().code(),
            term_months: product.months,
            value_date: deposit.value,
            maturity_date: product.maturity(deposit.value),
            rollover_instruction: deposit.rollover,
            withdrawals: deposit.withdrawals.iter().map(|line| LineView::new(line, deposit.currency)).collect(),
            interest_paid: deposit.interest_paid_minor.map(|minor| money(minor, deposit.currency)),
            rolled_from: deposit.rolled_from,
            rolled_into: deposit.rolled_into,
            opened_at: deposit.opened_at,
            closed_on: deposit.closed_on,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ListQuery {
    party_id: Option<PartyId>,
    status: Option<Status>,
    cursor: Option<String>,
    limit: Option<u32>,
}

fn list(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: ListQuery = input.query()?;
    let page = Input::page(LIST, query.cursor.as_deref(), query.limit)?;
    let all = of_party::<Deposit>(call.world, query.party_id);
    let wanted = all.filter(|deposit| query.status.is_none_or(|status| status == deposit.status));
    Answer::ok(&Listed::descending(LIST, &page, wanted, |deposit| deposit.id.to_string(), DepositView::from))
}

fn found<'c>(call: &'c Call<'_>, input: &Input) -> Result<&'c Deposit, Refusal> {
    let id: DepositId = input.id("depositId", Code::NotFound)?;
    call.world.get::<Deposit>(&id).ok_or_else(|| Code::NotFound.into())
}

fn retrieve(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    Answer::ok(&DepositView::from(found(call, input)?))
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct InterestView {
    deposit_id: DepositId,
    as_of: Date,
    days_elapsed: i32,
    annual_rate: String,
    demand_rate: String,
    principal: Money,
    accrued: Money,
    at_maturity: Money,
    if_withdrawn_today: Money,
}

fn interest(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let (deposit, today) = (found(call, input)?, call.today());
    let product = deposit.product();
    let (principal, from) = (deposit.principal_minor, deposit.value);
    let until = today.min(product.maturity(from));
    let large = || Refusal::broken("interest out of range");
    let of = |minor| money(minor, deposit.currency);
    Answer::ok(&InterestView {
        deposit_id: deposit.id,
        as_of: today,
        days_elapsed: (until.unix_days() - from.unix_days()).max(0),
        annual_rate: product.rate.percent(),
        demand_rate: product.demand_rate().percent(),
        principal: of(principal),
        accrued: of(product.accrued(principal, product.rate, from, until).ok_or_else(large)?),
        at_maturity: of(product.at_maturity(principal, product.rate, from).ok_or_else(large)?),
        if_withdrawn_today: of(product.early(principal, from, until)),
    })
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RolloverRequest {
    rollover_instruction: Rollover,
}

fn rollover(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let body: RolloverRequest = input.body()?;
    let mut deposit = still_open(call, input)?;
    deposit.rollover = body.rollover_instruction;
    call.world.put(deposit.clone());
    Answer::ok(&DepositView::from(&deposit))
}

fn still_open(call: &Call<'_>, input: &Input) -> Result<Deposit, Refusal> {
    let deposit = found(call, input)?;
    if deposit.status == Status::Open {
        return Ok(deposit.clone());
    }
    Err(refused_now("the deposit has ended", "该存款已结清"))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WithdrawalRequest {
    amount: Money,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct WithdrawalView {
    deposit_id: DepositId,
    #[serde(flatten)]
    line: LineView,
}

fn withdraw(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let body: WithdrawalRequest = input.body()?;
    let amount = body.amount.positive("/amount")?;
    let deposit = still_open(call, input)?;
    let minor = in_currency(amount, deposit.currency, "/amount/currency")?;
    let line = facility::withdraw(call, deposit.clone(), minor)?;
    let view = WithdrawalView { deposit_id: deposit.id, line: LineView::new(&line, deposit.currency) };
    Answer::created(format!("deposits/{}", deposit.id), &view)
}
