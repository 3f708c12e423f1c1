//! Refunds: up to what was paid, from takings that wait for settlement, or from the merchant's account after it.

use super::facility::{BY_NUMBER, Order, OrderView, Refund, State, fee};
use super::order::{merchant_of, named, own_number, refused};
use crate::call::{Answer, Call, Input, Refusal};
use crate::model::account::Purpose;
use crate::model::limit::{Counts, Note};
use crate::wire::{Money, text};
use pano_ledger::Posting;
use pano_types::id::{AccountId, MerchantOrderId, MerchantRefundId, TransactionId};
use pano_types::{Code, Instant};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::Duration;

/// How long after its payment an order can be refunded.
const WINDOW: Duration = Duration::from_secs(180 * 24 * 3600);

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RefundRequest {
    merchant_refund_number: String,
    amount: Money,
    reason: Option<String>,
}

pub(super) fn initiate(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let body: RefundRequest = input.body()?;
    own_number(&body.merchant_refund_number, "/merchantRefundNumber")?;
    if let Some(reason) = &body.reason {
        text(reason, 100, "/reason")?;
    }
    let (order, amount) = (named(call, input)?, body.amount.positive("/amount")?);
    let State::Paid { payer, at, .. } = order.state else { return Err(refused(&order)) };
    let now = call.now();
    if now.since(at) > WINDOW {
        return Err(Refusal::from(Code::LifecycleRefused).detail("paid more than 180 days ago", "支付已超过 180 天"));
    }
    if amount.currency() != order.currency {
        return Err(Refusal::from(Code::CurrencyMismatch)
            .at("/amount/currency", ("is not that of the order", "与订单币种不一致")));
    }
    let left = order.amount_minor - order.refunded_minor;
    if amount.minor() > left {
        let left = pano_types::Money::new(left, order.currency);
        return Err(
            Refusal::from(Code::LimitExceeded).detail(format!("refundable: {left}"), format!("可退金额：{left}"))
        );
    }
    let key = format!("{} {}", order.merchant, body.merchant_refund_number);
    if call.world.under::<Refund>(BY_NUMBER, &key).next().is_some() {
        return Err(Refusal::from(Code::Conflict).at("/merchantRefundNumber", ("has been used", "已被使用")));
    }
    let merchant = merchant_of(call, &order)?;
    let fee_left = fee(left - amount.minor(), merchant.fee_ppm);
    let fee_minor = order.fee_minor - fee_left;
    let id = call.id(MerchantRefundId::new);
    let narrative = format!("退款 Refund: {}", merchant.name.zh);
    let by = match order.settlement {
        None => {
            let payable = call.own(Purpose::MerchantPayable, order.currency)?;
            let note = Note { narrative: &narrative, about: &id.to_string(), at: "" };
            call.give(payable, payer, amount, Counts::Nothing, note)?
        }
        Some(_) => from_merchant(call, merchant.account, payer, amount, fee_minor, (&narrative, id))?,
    };
    let before_settlement = order.settlement.is_none();
    let order = Order { refunded_minor: order.refunded_minor + amount.minor(), fee_minor: fee_left, ..order };
    let refund = Refund {
        id,
        order: order.id,
        merchant: order.merchant,
        number: body.merchant_refund_number,
        amount_minor: amount.minor(),
        fee_minor,
        before_settlement,
        reason: body.reason,
        at: now,
        by,
    };
    call.event("bank.merchant_order.refunded", order.id, json!({ "orderId": order.id, "refundId": id }));
    let answer = Answer::json(201, &RefundView::new(&refund, &order));
    call.world.put(order);
    call.world.put(refund);
    answer
}

/// The merchant pays what it got, the bank what it took.
fn from_merchant(
    call: &mut Call<'_>,
    merchant: AccountId,
    payer: AccountId,
    amount: pano_types::Money,
    fee_minor: i64,
    (narrative, about): (&str, MerchantRefundId),
) -> Result<TransactionId, Refusal> {
    let currency = amount.currency();
    let own = pano_types::Money::new(amount.minor() - fee_minor, currency);
    let mut postings = vec![Posting::credit(payer, amount)];
    if own.minor() > 0 {
        call.world.may_leave(merchant, own, Counts::Nothing, "")?;
        postings.push(Posting::debit(merchant, own));
    }
    if fee_minor > 0 {
        let fees = call.own(Purpose::FeeIncome, currency)?;
        postings.push(Posting::debit(fees, pano_types::Money::new(fee_minor, currency)));
    }
    call.world.may_reach(payer, amount, Counts::Nothing, "")?;
    call.post(narrative, about, postings)
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RefundView {
    refund_id: MerchantRefundId,
    order_id: MerchantOrderId,
    merchant_refund_number: String,
    amount: Money,
    fee_returned: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    refunded_at: Instant,
    transaction_id: TransactionId,
    order: OrderView,
}

impl RefundView {
    fn new(refund: &Refund, order: &Order) -> Self {
        let money = |minor| pano_types::Money::new(minor, order.currency).into();
        Self {
            refund_id: refund.id,
            order_id: refund.order,
            merchant_refund_number: refund.number.clone(),
            amount: money(refund.amount_minor),
            fee_returned: money(refund.fee_minor),
            reason: refund.reason.clone(),
            refunded_at: refund.at,
            transaction_id: refund.by,
            order: order.into(),
        }
    }
}
