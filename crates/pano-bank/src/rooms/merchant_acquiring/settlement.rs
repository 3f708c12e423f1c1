//! Settlement: a merchant's takings of a trading day, less refunds and fee, paid out on the next business day.

use super::facility::{BY_MERCHANT, BY_ORDER, BY_SETTLEMENT, Merchant, Order, Refund, State, UNSETTLED, fee};
use crate::call::{Answer, Call, Input, Refusal};
use crate::model::account::Purpose;
use crate::model::calendar::is_business_day;
use crate::model::limit::Counts;
use crate::wire::{Listed, Money};
use crate::world::{Entity, World};
use pano_ledger::Posting;
use pano_types::id::{AccountId, MerchantId, SettlementId, TransactionId};
use pano_types::{Code, Currency, Date, Instant};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeSet;
use std::fmt::Write as _;

const LIST: &str = "settlements";

/// A settlement.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Settlement {
    id: SettlementId,
    merchant: MerchantId,
    account: AccountId,
    trading_day: Date,
    settled_on: Date,
    settled_at: Instant,
    currency: Currency,
    #[serde(flatten)]
    sums: Sums,
    /// None: everything was refunded, there was nothing to book.
    by: Option<TransactionId>,
}

/// What a settlement sums up, minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Sums {
    orders: usize,
    order_minor: i64,
    refunds: usize,
    refund_minor: i64,
    fee_minor: i64,
}

impl Sums {
    const fn net_minor(&self) -> i64 {
        self.order_minor - self.refund_minor - self.fee_minor
    }
}

impl Entity for Settlement {
    const KIND: &'static str = "merchant.settlement";
    type Id = SettlementId;
    fn id(&self) -> SettlementId {
        self.id
    }
    fn index(&self, put: &mut dyn FnMut(&'static str, String)) {
        put(BY_MERCHANT, self.merchant.to_string());
    }
}

/// Job of the evening: on the eve of a business day, pays out what was sold up to today.
pub(crate) fn settle(call: &mut Call<'_>, day: Date) -> Result<(), Refusal> {
    if !is_business_day(day.plus_days(1)) {
        return Ok(());
    }
    let merchants: Vec<_> = call.world.all::<Merchant>().map(|merchant| merchant.id).collect();
    for merchant in merchants {
        for trading_day in unsettled_days(call.world, merchant, day) {
            settle_day(call, merchant, trading_day)?;
        }
    }
    Ok(())
}

/// Days up to `to` with orders that wait.
fn unsettled_days(world: &World, merchant: MerchantId, to: Date) -> BTreeSet<Date> {
    let waiting = world.under::<Order>(UNSETTLED, &merchant.to_string());
    waiting.filter_map(Order::trading_day).filter(|day| *day <= to).collect()
}

/// Settles one trading day of a merchant. What cannot be paid out waits for the next business day.
pub(super) fn settle_day(call: &mut Call<'_>, merchant: MerchantId, day: Date) -> Result<(), Refusal> {
    let merchant = call.world.get::<Merchant>(&merchant).cloned().ok_or_else(|| Refusal::broken("no such merchant"))?;
    let waiting = call.world.under::<Order>(UNSETTLED, &merchant.id.to_string());
    let orders: Vec<_> = waiting.filter(|order| order.trading_day() == Some(day)).cloned().collect();
    let Some(currency) = orders.first().map(|order| order.currency) else { return Ok(()) };
    let sums = sums(call.world, &orders);
    let id = call.id(SettlementId::new);
    let by = match pay_out(call, &merchant, currency, &sums, (id, day)) {
        Ok(by) => by,
        Err(refusal) if refusal.code().is_some() => return Ok(()),
        Err(broken) => return Err(broken),
    };
    for order in orders {
        call.world.put(Order { settlement: Some(id), ..order });
    }
    let (settled_on, settled_at) = (call.today(), call.now());
    let account = merchant.account;
    call.world.put(Settlement {
        id,
        merchant: merchant.id,
        account,
        trading_day: day,
        settled_on,
        settled_at,
        currency,
        sums,
        by,
    });
    call.event(
        "bank.merchant.settled",
        id,
        json!({ "settlementId": id, "merchantId": merchant.id, "tradingDate": day }),
    );
    Ok(())
}

fn sums(world: &World, orders: &[Order]) -> Sums {
    let mut sums = Sums::default();
    for order in orders {
        sums.orders += 1;
        sums.order_minor += order.amount_minor;
        sums.refund_minor += order.refunded_minor;
        sums.fee_minor += order.fee_minor;
        sums.refunds += world.under::<Refund>(BY_ORDER, &order.id.to_string()).count();
    }
    sums
}

fn pay_out(
    call: &mut Call<'_>,
    merchant: &Merchant,
    currency: Currency,
    sums: &Sums,
    (id, day): (SettlementId, Date),
) -> Result<Option<TransactionId>, Refusal> {
    let money = |minor| pano_types::Money::new(minor, currency);
    let taken = sums.order_minor - sums.refund_minor;
    if taken == 0 {
        return Ok(None);
    }
    let mut postings = vec![Posting::debit(call.own(Purpose::MerchantPayable, currency)?, money(taken))];
    if sums.net_minor() > 0 {
        call.world.may_reach(merchant.account, money(sums.net_minor()), Counts::Nothing, "")?;
        postings.push(Posting::credit(merchant.account, money(sums.net_minor())));
    }
    if sums.fee_minor > 0 {
        postings.push(Posting::credit(call.own(Purpose::FeeIncome, currency)?, money(sums.fee_minor)));
    }
    call.post(format!("收单结算 Settlement of {day}"), id, postings).map(Some)
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ListQuery {
    merchant_id: Option<MerchantId>,
    cursor: Option<String>,
    limit: Option<u32>,
}

pub(super) fn list(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: ListQuery = input.query()?;
    let page = Input::page(LIST, query.cursor.as_deref(), query.limit)?;
    let key = |settlement: &&Settlement| settlement.id.to_string();
    match query.merchant_id {
        Some(merchant) => {
            let found = call.world.under::<Settlement>(BY_MERCHANT, &merchant.to_string()).rev();
            Answer::ok(&Listed::descending(LIST, &page, found, key, View::from))
        }
        None => Answer::ok(&Listed::descending(LIST, &page, call.world.all::<Settlement>().rev(), key, View::from)),
    }
}

pub(super) fn export(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let id: SettlementId = input.id("settlementId", Code::NotFound)?;
    let settlement = call.world.get::<Settlement>(&id).ok_or(Code::NotFound)?;
    let merchant =
        call.world.get::<Merchant>(&settlement.merchant).ok_or_else(|| Refusal::broken("no such merchant"))?;
    let text = reconcile(call.world, settlement, merchant.fee_ppm).map_err(Refusal::broken)?;
    Ok(Answer::text("text/csv", text))
}

/// The file: nothing in it needs quoting, for numbers, ids and times hold neither commas nor quotes.
fn reconcile(world: &World, settlement: &Settlement, fee_ppm: i64) -> Result<String, std::fmt::Error> {
    let mut text = "record,order_id,merchant_number,booked_at,currency,amount,fee,net\r\n".to_owned();
    let (mut lines, mut total, mut fees) = (0, 0, 0);
    let currency = settlement.currency;
    let money = |minor| pano_types::Money::new(minor, currency).amount();
    for order in world.under::<Order>(BY_SETTLEMENT, &settlement.id.to_string()) {
        let State::Paid { at, .. } = order.state else { continue };
        let charged = fee(order.amount_minor, fee_ppm);
        let (amount, net) = (money(order.amount_minor), money(order.amount_minor - charged));
        write!(text, "ORDER,{},{},{at},{currency},{amount},{},{net}\r\n", order.id, order.number, money(charged))?;
        (lines, total, fees) = (lines + 1, total + order.amount_minor, fees + charged);
        let refunds = world.under::<Refund>(BY_ORDER, &order.id.to_string());
        for refund in refunds.filter(|refund| refund.before_settlement) {
            let (amount, net) = (money(-refund.amount_minor), money(refund.fee_minor - refund.amount_minor));
            let back = money(-refund.fee_minor);
            write!(text, "REFUND,{},{},{},{currency},{amount},{back},{net}\r\n", order.id, refund.number, refund.at)?;
            (lines, total, fees) = (lines + 1, total - refund.amount_minor, fees - refund.fee_minor);
        }
    }
    let (day, on) = (settlement.trading_day, settlement.settled_on);
    write!(text, "TOTAL,{lines},{day},{on},{currency},{},{},{}\r\n", money(total), money(fees), money(total - fees))?;
    Ok(text)
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct View {
    settlement_id: SettlementId,
    merchant_id: MerchantId,
    trading_date: Date,
    settlement_date: Date,
    order_count: usize,
    order_amount: Money,
    refund_count: usize,
    refund_amount: Money,
    fee: Money,
    net_amount: Money,
    settlement_account_id: AccountId,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_id: Option<TransactionId>,
    settled_at: Instant,
}

impl From<&Settlement> for View {
    fn from(settlement: &Settlement) -> Self {
        let money = |minor| pano_types::Money::new(minor, settlement.currency).into();
        let sums = &settlement.sums;
        Self {
            settlement_id: settlement.id,
            merchant_id: settlement.merchant,
            trading_date: settlement.trading_day,
            settlement_date: settlement.settled_on,
            order_count: sums.orders,
            order_amount: money(sums.order_minor),
            refund_count: sums.refunds,
            refund_amount: money(sums.refund_minor),
            fee: money(sums.fee_minor),
            net_amount: money(sums.net_minor()),
            settlement_account_id: settlement.account,
            transaction_id: settlement.by,
            settled_at: settlement.settled_at,
        }
    }
}
