//! Orders: placed, paid, closed.

use super::LAPSE;
use super::facility::{BY_MERCHANT, BY_NUMBER, Merchant, Order, OrderView, State, fee};
use crate::call::{Answer, Call, Input, Refusal};
use crate::model::account::Purpose;
use crate::model::limit::{Counts, Note};
use crate::wire::{Listed, Money, text};
use pano_types::id::{AccountId, MerchantId, MerchantOrderId};
use pano_types::{Code, Currency, Date};
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;

const LIST: &str = "merchant-orders";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct OrderRequest {
    merchant_id: MerchantId,
    merchant_order_number: String,
    amount: Money,
    subject: String,
    #[serde(default = "half_an_hour")]
    expires_in_minutes: u32,
}

const fn half_an_hour() -> u32 {
    30
}

/// A number that a merchant gives.
pub(super) fn own_number(number: &str, at: &str) -> Result<(), Refusal> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    if (1..=32).contains(&number.len()) && number.bytes().all(fits) {
        return Ok(());
    }
    Err(Refusal::from(Code::RequestInvalid)
        .at(at, ("must be 1 to 32 letters, digits, _ or -", "须为 1 至 32 个字母、数字、_ 或 -")))
}

pub(super) fn initiate(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let body: OrderRequest = input.body()?;
    own_number(&body.merchant_order_number, "/merchantOrderNumber")?;
    text(&body.subject, 100, "/subject")?;
    if !(1..=1_440).contains(&body.expires_in_minutes) {
        return Err(
            Refusal::from(Code::RequestInvalid).at("/expiresInMinutes", ("must be 1 to 1440", "须为 1 至 1440"))
        );
    }
    let amount = body.amount.positive("/amount")?;
    if amount.currency() != Currency::CNY {
        return Err(Refusal::from(Code::CurrencyMismatch)
            .at("/amount/currency", ("merchants are paid in CNY", "商户以人民币结算")));
    }
    let merchant = call.world.get::<Merchant>(&body.merchant_id);
    let merchant = merchant
        .ok_or_else(|| Refusal::from(Code::NotFound).at("/merchantId", ("names no merchant", "没有对应的商户")))?
        .id;
    let key = format!("{merchant} {}", body.merchant_order_number);
    if call.world.under::<Order>(BY_NUMBER, &key).next().is_some() {
        return Err(Refusal::from(Code::Conflict).at("/merchantOrderNumber", ("has been used", "已被使用")));
    }
    let now = call.now();
    let order = Order {
        id: call.id(MerchantOrderId::new),
        app: call.app.to_owned(),
        merchant,
        number: body.merchant_order_number,
        state: State::Created,
        amount_minor: amount.minor(),
        refunded_minor: 0,
        fee_minor: 0,
        currency: amount.currency(),
        subject: body.subject,
        settlement: None,
        expires_at: now.plus(Duration::from_secs(u64::from(body.expires_in_minutes) * 60)),
        created_at: now,
    };
    call.world.schedule(order.expires_at, LAPSE, order.id);
    call.event("bank.merchant_order.created", order.id, json!({ "orderId": order.id }));
    call.world.put(order.clone());
    Answer::created(format!("orders/{}", order.id), &OrderView::from(&order))
}

/// The order that the path names. Payers' apps see the orders of merchants' apps.
pub(super) fn named(call: &Call<'_>, input: &Input) -> Result<Order, Refusal> {
    let id: MerchantOrderId = input.id("orderId", Code::NotFound)?;
    call.world.get::<Order>(&id).cloned().ok_or_else(|| Code::NotFound.into())
}

pub(super) fn merchant_of(call: &Call<'_>, order: &Order) -> Result<Merchant, Refusal> {
    call.world.get::<Merchant>(&order.merchant).cloned().ok_or_else(|| Refusal::broken("an order without its merchant"))
}

/// Refuses what the order's state does not allow.
pub(super) fn refused(order: &Order) -> Refusal {
    let state = order.status();
    Refusal::from(Code::LifecycleRefused).detail(format!("the order is {state}"), format!("当前状态：{state}"))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct OrderPayment {
    payer_account_id: AccountId,
}

pub(super) fn pay(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let body: OrderPayment = input.body()?;
    let order = named(call, input)?;
    if order.state != State::Created {
        return Err(refused(&order));
    }
    let merchant = merchant_of(call, &order)?;
    let payer = body.payer_account_id;
    if payer == merchant.account {
        return Err(Code::SameAccount.into());
    }
    call.world.current(payer, "/payerAccountId")?;
    let payable = call.own(Purpose::MerchantPayable, order.currency)?;
    let amount = pano_types::Money::new(order.amount_minor, order.currency);
    let (narrative, about) = (format!("消费 Purchase: {}", merchant.name.zh), order.id.to_string());
    let note = Note { narrative: &narrative, about: &about, at: "/payerAccountId" };
    call.take(payer, payable, amount, Counts::All, note)?;
    call.world.unschedule(order.expires_at, LAPSE, order.id);
    let state = State::Paid { payer, at: call.now(), day: call.today() };
    let order = Order { state, fee_minor: fee(order.amount_minor, merchant.fee_ppm), ..order };
    call.event("bank.merchant_order.paid", order.id, json!({ "orderId": order.id }));
    call.world.put(order.clone());
    Answer::ok(&OrderView::from(&order))
}

pub(super) fn close(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let order = named(call, input)?;
    if order.state != State::Created {
        return Err(refused(&order));
    }
    call.world.unschedule(order.expires_at, LAPSE, order.id);
    Answer::ok(&OrderView::from(&closed(call, order)))
}

fn closed(call: &mut Call<'_>, order: Order) -> Order {
    let order = Order { state: State::Closed, ..order };
    call.event("bank.merchant_order.closed", order.id, json!({ "orderId": order.id }));
    call.world.put(order.clone());
    order
}

/// Job: an order that nobody paid in time closes.
pub(crate) fn lapse(call: &mut Call<'_>, subject: &str) -> Result<(), Refusal> {
    let id: MerchantOrderId = subject.parse().map_err(Refusal::broken)?;
    if let Some(order) = call.world.get::<Order>(&id).filter(|order| order.state == State::Created).cloned() {
        closed(call, order);
    }
    Ok(())
}

pub(super) fn retrieve(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    Answer::ok(&OrderView::from(&named(call, input)?))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ListQuery {
    merchant_id: Option<MerchantId>,
    trading_date: Option<Date>,
    cursor: Option<String>,
    limit: Option<u32>,
}

pub(super) fn list(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: ListQuery = input.query()?;
    let page = Input::page(LIST, query.cursor.as_deref(), query.limit)?;
    let wanted = |order: &&Order| query.trading_date.is_none_or(|day| order.trading_day() == Some(day));
    let key = |order: &&Order| order.id.to_string();
    match query.merchant_id {
        Some(merchant) => {
            let orders = call.world.under::<Order>(BY_MERCHANT, &merchant.to_string()).rev().filter(wanted);
            Answer::ok(&Listed::descending(LIST, &page, orders, key, OrderView::from))
        }
        None => {
            let orders = call.world.all::<Order>().rev().filter(wanted);
            Answer::ok(&Listed::descending(LIST, &page, orders, key, OrderView::from))
        }
    }
}
