//! Consumer Investments: funds and wealth products, suitability, orders confirmed at T+1, holdings.

mod holding;
mod order;
mod risk;
mod suitability;
pub(crate) mod value;

pub(crate) use order::{COOLED, confirm, cooled};

use super::desk::{BY_APP, in_currency, money, of_party, payee, payer, refused_now};
use super::{Room, get, post};
use crate::call::{Answer, Call, Input, Refusal};
use crate::document::Document;
use crate::model::calendar;
use crate::model::party::Party;
use crate::wire::{Listed, Money};
use crate::world::Kind;
use holding::Holding;
use order::{Order, Side, State};
use pano_ledger::Rate;
use pano_types::id::{AccountId, AssessmentId, InvestmentOrderId, PartyId, TransactionId};
use pano_types::{Code, Currency, Date, Instant, Localized};
use serde::{Deserialize, Serialize};
use suitability::Assessment;
use value::{CURRENCY, PRODUCTS, Product, nav_text, units_text};

pub(crate) const ROOM: Room = Room {
    document: Document::new("consumer-investments", include_str!("../../openapi/consumer-investments.yaml")),
    operations: &[
        get("/products", "listInvestmentProducts", products),
        get("/products/{productCode}", "retrieveInvestmentProduct", product),
        get("/products/{productCode}/nav-history", "listNetAssetValues", values),
        get("/risk-questionnaire", "retrieveRiskQuestionnaire", questionnaire),
        post("/risk-assessments", "evaluateInvestorRisk", assess).keyed(),
        get("/parties/{partyId}/risk-assessment", "retrieveInvestorRisk", assessment),
        post("/subscriptions", "initiateFundSubscription", subscribe).keyed(),
        post("/redemptions", "initiateFundRedemption", redeem).keyed(),
        get("/orders", "listInvestmentOrders", orders),
        get("/orders/{orderId}", "retrieveInvestmentOrder", retrieve),
        post("/orders/{orderId}/cancellation", "controlInvestmentOrder", cancel).keyed(),
        get("/holdings", "listFundHoldings", holdings),
    ],
    kinds: &[Kind::of::<Assessment>(), Kind::of::<Order>(), Kind::of::<Holding>()],
    seed: Some(order::seed),
};

const PRODUCT_LIST: &str = "investment-products";
const ORDERS: &str = "investment-orders";
const HOLDINGS: &str = "holdings";
/// Days of values that are listed when no first day is asked for.
const VALUE_DAYS: i32 = 365;

/// The last trading day whose value is published: it is, after the end of the day.
fn published(call: &Call<'_>) -> Date {
    let mut day = call.world.closed_on();
    while !calendar::is_trading_day(day) && day > Product::first_day() {
        day = day.plus_days(-1);
    }
    day
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum RiskLevel {
    R1,
    R2,
    R3,
    R4,
    R5,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum ProductType {
    Fund,
    Wealth,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ProductQuery {
    risk_level: Option<RiskLevel>,
    product_type: Option<ProductType>,
    cursor: Option<String>,
    limit: Option<u32>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct FeeView {
    held_less_than_days: u32,
    fee_rate: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ProductView {
    product_code: &'static str,
    name: Localized,
    product_type: &'static str,
    risk_level: String,
    currency: Currency,
    minimum_subscription: Money,
    subscription_fee_rate: String,
    redemption_fees: Vec<FeeView>,
    holding_days_minimum: u32,
    cooling_off_hours: u32,
    net_asset_value: String,
    net_asset_value_date: Date,
}

impl ProductView {
    fn new(product: &'static Product, day: Date) -> Self {
        let percent = |ppm| Rate::from_ppm(ppm).percent();
        let fee = |(days, ppm): &(u32, i64)| FeeView { held_less_than_days: *days, fee_rate: percent(*ppm) };
        Self {
            product_code: product.code,
            name: Localized::new(product.zh, product.en),
            product_type: product.kind,
            risk_level: format!("R{}", product.risk),
            currency: CURRENCY,
            minimum_subscription: money(product.minimum_minor, CURRENCY),
            subscription_fee_rate: percent(product.subscription_ppm),
            redemption_fees: product.redemption.iter().map(fee).collect(),
            holding_days_minimum: product.lock_days,
            cooling_off_hours: product.cooling_hours,
            net_asset_value: nav_text(product.nav(day)),
            net_asset_value_date: day,
        }
    }
}

fn products(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: ProductQuery = input.query()?;
    let page = Input::page(PRODUCT_LIST, query.cursor.as_deref(), query.limit)?;
    let kind = query.product_type.map(|kind| match kind {
        ProductType::Fund => "FUND",
        ProductType::Wealth => "WEALTH",
    });
    let wanted = PRODUCTS.iter().filter(|product| {
        query.risk_level.is_none_or(|level| level as u8 + 1 == product.risk)
            && kind.is_none_or(|kind| kind == product.kind)
    });
    let day = published(call);
    let view = |product| ProductView::new(product, day);
    Answer::ok(&Listed::ascending(PRODUCT_LIST, &page, wanted, |product| product.code.to_owned(), view))
}

fn named(input: &Input) -> Result<&'static Product, Refusal> {
    Product::find(input.path("productCode")).ok_or_else(|| Code::NotFound.into())
}

fn product(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    Answer::ok(&ProductView::new(named(input)?, published(call)))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ValueQuery {
    from_date: Option<Date>,
    to_date: Option<Date>,
    cursor: Option<String>,
    limit: Option<u32>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ValueView {
    date: Date,
    net_asset_value: String,
}

fn values(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: ValueQuery = input.query()?;
    let product = named(input)?;
    let list = format!("values/{}", product.code);
    let page = Input::page(&list, query.cursor.as_deref(), query.limit)?;
    let (first, last) = super::desk::span(query.from_date, query.to_date, published(call), VALUE_DAYS)?;
    let days = (first.max(Product::first_day()).unix_days()..=last.unix_days()).rev();
    let trading = days.filter_map(Date::from_unix_days).filter(|day| calendar::is_trading_day(*day));
    let view = |date: Date| ValueView { date, net_asset_value: nav_text(product.nav(date)) };
    Answer::ok(&Listed::descending(&list, &page, trading, Date::to_string, view))
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct QuestionnaireView {
    questionnaire_id: &'static str,
    questions: Vec<QuestionView>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct QuestionView {
    question_id: &'static str,
    text: Localized,
    options: Vec<OptionView>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct OptionView {
    option_id: &'static str,
    text: Localized,
}

fn questionnaire(_: &mut Call<'_>, _: &Input) -> Result<Answer, Refusal> {
    let option = |(letter, (zh, en)): (&&'static str, &(&'static str, &'static str))| OptionView {
        option_id: letter,
        text: Localized::new(*zh, *en),
    };
    let question = |question: &risk::Question| QuestionView {
        question_id: question.id,
        text: Localized::new(question.zh, question.en),
        options: risk::LETTERS.iter().zip(question.options).map(option).collect(),
    };
    let questions = risk::QUESTIONS.iter().map(question).collect();
    Answer::ok(&QuestionnaireView { questionnaire_id: risk::QUESTIONNAIRE, questions })
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AnswerLine {
    question_id: String,
    option_id: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AssessRequest {
    party_id: PartyId,
    questionnaire_id: String,
    answers: Vec<AnswerLine>,
}

fn assess(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let body: AssessRequest = input.body()?;
    super::desk::party(call, body.party_id, "/partyId")?;
    if body.questionnaire_id != risk::QUESTIONNAIRE {
        let reason = format!("must be that in force: {}", risk::QUESTIONNAIRE);
        return Err(Refusal::from(Code::RequestInvalid).at("/questionnaireId", reason));
    }
    let answers: Vec<_> =
        body.answers.iter().map(|line| (line.question_id.as_str(), line.option_id.as_str())).collect();
    let assessment = suitability::assess(call, body.party_id, &answers)?;
    Answer::created(format!("parties/{}/risk-assessment", body.party_id), &AssessmentView::from(&assessment))
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct AssessmentView {
    assessment_id: AssessmentId,
    party_id: PartyId,
    questionnaire_id: String,
    score: u8,
    investor_level: String,
    maximum_risk_level: String,
    assessed_at: Instant,
    valid_until: Date,
}

impl From<&Assessment> for AssessmentView {
    fn from(assessment: &Assessment) -> Self {
        Self {
            assessment_id: assessment.id,
            party_id: assessment.party,
            questionnaire_id: assessment.questionnaire.clone(),
            score: assessment.score,
            investor_level: format!("C{}", assessment.level),
            maximum_risk_level: format!("R{}", assessment.level),
            assessed_at: assessment.at,
            valid_until: assessment.valid_until,
        }
    }
}

fn assessment(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let party: PartyId = input.id("partyId", Code::PartyNotFound)?;
    call.world.get::<Party>(&party).ok_or(Code::PartyNotFound)?;
    let latest = suitability::latest(call.world, party);
    let none = || Refusal::from(Code::NotFound).detail("the customer has not been assessed", "客户尚未测评");
    Answer::ok(&AssessmentView::from(latest.ok_or_else(none)?))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SubscribeRequest {
    account_id: AccountId,
    product_code: String,
    amount: Money,
    risk_disclosure_acknowledged: bool,
}

/// The product that a body names.
fn of_body(code: &str) -> Result<&'static Product, Refusal> {
    Product::find(code).ok_or_else(|| Refusal::from(Code::NotFound).at("/productCode", "names no product"))
}

fn subscribe(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let body: SubscribeRequest = input.body()?;
    let amount = body.amount.positive("/amount")?;
    let product = of_body(&body.product_code)?;
    let account = payer(call, body.account_id, "/accountId")?;
    in_currency(amount, CURRENCY, "/amount/currency")?;
    in_currency(amount, account.ledger.currency, "/accountId")?;
    if !body.risk_disclosure_acknowledged {
        return Err(Refusal::from(Code::RequestInvalid).at("/riskDisclosureAcknowledged", "must be true"));
    }
    let order = order::subscribe(call, product, body.account_id, amount.minor())?;
    Answer::created(format!("orders/{}", order.id), &OrderView::from(&order))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RedeemRequest {
    account_id: AccountId,
    product_code: String,
    units: String,
}

fn redeem(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let body: RedeemRequest = input.body()?;
    // Hundredths of units are written as an amount with two digits is.
    let units = crate::wire::amount(&body.units, Currency::CNY, "/units")?.minor();
    if units == 0 {
        return Err(Refusal::from(Code::AmountInvalid).at("/units", "must be more than zero"));
    }
    let product = of_body(&body.product_code)?;
    payee(call, body.account_id, "/accountId")?;
    let order = order::redeem(call, product, body.account_id, units)?;
    Answer::created(format!("orders/{}", order.id), &OrderView::from(&order))
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct OrderView {
    order_id: InvestmentOrderId,
    order_type: Side,
    status: State,
    party_id: PartyId,
    account_id: AccountId,
    product_code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    units: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cooling_off_until: Option<Instant>,
    trade_date: Date,
    confirmation_date: Date,
    #[serde(skip_serializing_if = "Option::is_none")]
    net_asset_value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fee: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmed_amount: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmed_on: Option<Date>,
    ordered_at: Instant,
    #[serde(skip_serializing_if = "Option::is_none")]
    cancelled_at: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_id: Option<TransactionId>,
}

impl From<&Order> for OrderView {
    fn from(order: &Order) -> Self {
        let cny = |minor| money(minor, CURRENCY);
        let done = order.done.as_ref();
        Self {
            order_id: order.id,
            order_type: order.side,
            status: order.state,
            party_id: order.party,
            account_id: order.account,
            product_code: order.product.clone(),
            amount: (order.side == Side::Subscription).then(|| cny(order.amount_minor)),
            units: (order.units > 0).then(|| units_text(order.units)),
            cooling_off_until: order.cooling_until,
            trade_date: order.trade,
            confirmation_date: order.confirmation(),
            net_asset_value: done.map(|done| nav_text(done.nav)),
            fee: done.map(|done| cny(done.fee_minor)),
            confirmed_amount: done.map(|done| cny(done.net_minor)),
            confirmed_on: done.map(|done| done.on),
            ordered_at: order.at,
            cancelled_at: order.cancelled_at,
            transaction_id: done.and_then(|done| done.transaction),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct OrderQuery {
    party_id: Option<PartyId>,
    status: Option<State>,
    cursor: Option<String>,
    limit: Option<u32>,
}

fn orders(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: OrderQuery = input.query()?;
    let page = Input::page(ORDERS, query.cursor.as_deref(), query.limit)?;
    let own = call.world.under::<Order>(BY_APP, call.app).rev();
    let wanted = own.filter(|order| {
        query.party_id.is_none_or(|party| party == order.party) && query.status.is_none_or(|state| state == order.state)
    });
    Answer::ok(&Listed::descending(ORDERS, &page, wanted, |order| order.id.to_string(), OrderView::from))
}

fn own<'c>(call: &'c Call<'_>, input: &Input) -> Result<&'c Order, Refusal> {
    let id: InvestmentOrderId = input.id("orderId", Code::NotFound)?;
    let found = call.world.get::<Order>(&id).filter(|order| order.app == call.app);
    found.ok_or_else(|| Code::NotFound.into())
}

fn retrieve(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    Answer::ok(&OrderView::from(own(call, input)?))
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Reason {
    CustomerRequest,
    WrongDetails,
    Duplicate,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CancelRequest {
    reason: Reason,
}

fn cancel(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let body: CancelRequest = input.body()?;
    let order = own(call, input)?.clone();
    let is_open = match order.state {
        State::CoolingOff => true,
        State::Accepted => order::is_before_cut_off(&order, call.now()),
        State::Confirmed | State::Cancelled => false,
    };
    if !is_open {
        return Err(refused_now("the order can no longer be cancelled", "该委托已不可撤销"));
    }
    let order = order::cancel(call, order, serde_json::json!({ "reason": body.reason }))?;
    Answer::ok(&OrderView::from(&order))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct HoldingQuery {
    party_id: Option<PartyId>,
    cursor: Option<String>,
    limit: Option<u32>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct HoldingView {
    party_id: PartyId,
    product_code: String,
    units: String,
    reserved_units: String,
    cost: Money,
    net_asset_value: String,
    net_asset_value_date: Date,
    market_value: Money,
    unrealised_gain: Money,
}

fn holdings(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: HoldingQuery = input.query()?;
    let page = Input::page(HOLDINGS, query.cursor.as_deref(), query.limit)?;
    let day = published(call);
    let all = of_party::<Holding>(call.world, query.party_id).filter(|holding| holding.units() > 0);
    let view = |holding: &Holding| {
        let nav = Product::find(&holding.product).map_or(0, |product| product.nav(day));
        let (worth, cost) = (value::worth(holding.units(), nav).unwrap_or_default(), holding.cost());
        HoldingView {
            party_id: holding.party,
            product_code: holding.product.clone(),
            units: units_text(holding.units()),
            reserved_units: units_text(holding.reserved),
            cost: money(cost, CURRENCY),
            net_asset_value: nav_text(nav),
            net_asset_value_date: day,
            market_value: money(worth, CURRENCY),
            unrealised_gain: money(worth - cost, CURRENCY),
        }
    };
    Answer::ok(&Listed::descending(HOLDINGS, &page, all, |holding| holding.key(), view))
}
