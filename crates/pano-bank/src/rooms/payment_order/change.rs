//! What can still be done about a payment: taking it back before it is booked, giving it back after.

use super::clearing::{CLEAR, unspend};
use super::order::{Order, Payee, What, announce, place};
use super::payment::{Clearing, Payment, PaymentKind, PaymentState};
use super::wire::PaymentDetail;
use crate::call::{Answer, Call, Input, Refusal};
use crate::wire::Money;
use pano_types::Code;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::Duration;

/// How long after it was booked a payment can be refunded.
const REFUND_WINDOW: Duration = Duration::from_secs(180 * 24 * 3600);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cancellation {
    reason: Reason,
}

/// Reasons of ISO 20022.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Reason {
    Cust,
    Dupl,
    Am09,
    Frad,
}

impl Reason {
    const fn code(self) -> &'static str {
        match self {
            Self::Cust => "CUST",
            Self::Dupl => "DUPL",
            Self::Am09 => "AM09",
            Self::Frad => "FRAD",
        }
    }
}

pub(super) fn cancel(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let Cancellation { reason } = input.body()?;
    let payment = super::own(call, input)?.clone();
    let PaymentState::Accepted { hold } = payment.state else {
        let refusal = Refusal::from(Code::LifecycleRefused);
        return Err(refusal.detail("only a payment that is not settled can be cancelled", "只有尚未入账的支付可以撤销"));
    };
    call.release(hold)?;
    if let Some(at) = payment.settles_at {
        call.world.unschedule(at, CLEAR, payment.id);
    }
    unspend(call, &payment);
    let state = PaymentState::Cancelled { reason: reason.code().to_owned(), at: call.now() };
    let payment = Payment { state, ..payment };
    call.world.put(payment.clone());
    announce(call, &payment);
    Answer::ok(&PaymentDetail::from(&payment))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RefundRequest {
    amount: Money,
    #[serde(default)]
    remittance_information: String,
}

pub(super) fn refund(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let body: RefundRequest = input.body()?;
    let amount = body.amount.positive("/amount")?;
    let original = super::own(call, input)?.clone();
    let payee = refundable(&original, amount, call.now())?;
    let order = Order {
        debtor: payee,
        payee: Payee::Here(original.debtor),
        amount,
        clearing: Clearing::Book,
        end_to_end_id: original.end_to_end_id.clone(),
        remittance: body.remittance_information,
        what: What::Refund(original.id),
    };
    let app = call.app.to_owned();
    let payment = place(call, &app, order)?;
    call.world.edit::<Payment>(&original.id, |original| original.refunded_minor += amount.minor());
    call.event(
        "bank.payment.refunded",
        original.id,
        json!({ "paymentId": original.id, "refundPaymentId": payment.id }),
    );
    Answer::created(format!("payments/{}", payment.id), &PaymentDetail::from(&payment))
}

/// The payee who may give `amount` of a payment back.
fn refundable(
    original: &Payment,
    amount: pano_types::Money,
    now: pano_types::Instant,
) -> Result<pano_types::id::AccountId, Refusal> {
    let refused = |en: &str, zh: &str| Err(Refusal::from(Code::LifecycleRefused).detail(en, zh));
    let (PaymentState::Settled { at, .. }, Some(payee)) = (&original.state, original.creditor) else {
        return refused("only a settled payment within the bank can be refunded", "只有已入账的行内支付可以退款");
    };
    if matches!(original.kind, PaymentKind::Refund | PaymentKind::OwnAccount) {
        return refused("a refund or a transfer between own accounts is not refunded", "退款与同名划转不能再退款");
    }
    if now.since(*at) > REFUND_WINDOW {
        return refused("settled more than 180 days ago", "入账已超过 180 天");
    }
    if amount.currency() != original.currency {
        return Err(Refusal::from(Code::CurrencyMismatch)
            .at("/amount/currency", ("is not that of the payment", "与原支付币种不一致")));
    }
    let left = original.amount_minor - original.refunded_minor;
    if amount.minor() > left {
        let left = pano_types::Money::new(left, original.currency);
        return Err(
            Refusal::from(Code::LimitExceeded).detail(format!("refundable: {left}"), format!("可退金额：{left}"))
        );
    }
    Ok(payee)
}
