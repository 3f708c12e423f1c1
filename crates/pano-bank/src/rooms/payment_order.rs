//! Payment Order: transfers, domestic payments, their status, their clearing.

mod change;
mod clearing;
mod order;
mod payment;
mod provoked;
mod rules;
mod systems;
mod wire;

pub(crate) use clearing::{CLEAR, clear, settle};
pub(crate) use order::{Order, Payee, What, place};
pub(crate) use payment::{Clearing, Payment, PaymentState};
pub(crate) use rules::OWN_BANK_CODE;
pub(crate) use wire::Creditor;

use super::{Room, get, post};
use crate::call::{Answer, Call, Input, Refusal};
use crate::document::Document;
use crate::numbers::Outcome;
use crate::wire::{Listed, Money};
use crate::world::{Kind, World};
use pano_types::id::{AccountId, HoldId, PaymentId};
use pano_types::{Code, Problem};
use serde::Deserialize;
use wire::{PaymentDetail, PaymentStatus};

pub(crate) const ROOM: Room = Room {
    document: Document::new("payment-order", include_str!("../../openapi/payment-order.yaml")),
    operations: &[
        post("/internal-transfers", "initiateInternalTransfer", internal).keyed(),
        post("/domestic-payments", "initiateDomesticPayment", domestic).keyed(),
        get("/payments", "listPayments", list),
        get("/payments/{paymentId}", "retrievePayment", retrieve),
        get("/payments/{paymentId}/status", "retrievePaymentStatus", status),
        post("/own-account-transfers", "initiateOwnAccountTransfer", own_account).keyed(),
        post("/payments/{paymentId}/cancellation", "cancelPayment", change::cancel).keyed(),
        post("/payments/{paymentId}/refunds", "initiatePaymentRefund", change::refund).keyed(),
        get("/clearing-systems", "listClearingSystems", systems::list),
    ],
    kinds: &[Kind::of::<Payment>()],
    seed: None,
};

const LIST: &str = "payments";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct InternalTransfer {
    debtor_account_id: AccountId,
    creditor_account_id: AccountId,
    amount: Money,
    #[serde(default)]
    end_to_end_id: String,
    #[serde(default)]
    remittance_information: String,
}

fn internal(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let body: InternalTransfer = input.body()?;
    let order = Order {
        debtor: body.debtor_account_id,
        payee: Payee::Here(body.creditor_account_id),
        amount: body.amount.positive("/amount")?,
        clearing: Clearing::Book,
        end_to_end_id: body.end_to_end_id,
        remittance: body.remittance_information,
        what: What::Payment,
    };
    ordered(call, order)
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DomesticPayment {
    debtor_account_id: AccountId,
    creditor: Creditor,
    amount: Money,
    clearing: String,
    #[serde(default)]
    end_to_end_id: String,
    #[serde(default)]
    remittance_information: String,
}

fn domestic(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let body: DomesticPayment = input.body()?;
    let clearing =
        Clearing::from_code(&body.clearing).filter(|clearing| *clearing != Clearing::Book).ok_or_else(|| {
            Problem::new(Code::RequestInvalid)
                .error("/clearing", ("must be IBPS, BEPS or HVPS", "须为 IBPS、BEPS 或 HVPS"))
        })?;
    let order = Order {
        debtor: body.debtor_account_id,
        payee: body.creditor.into(),
        amount: body.amount.positive("/amount")?,
        clearing,
        end_to_end_id: body.end_to_end_id,
        remittance: body.remittance_information,
        what: What::Payment,
    };
    ordered(call, order)
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct OwnAccountTransfer {
    debtor_account_id: AccountId,
    creditor_account_id: AccountId,
    amount: Money,
    #[serde(default)]
    remittance_information: String,
}

fn own_account(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let body: OwnAccountTransfer = input.body()?;
    let order = Order {
        debtor: body.debtor_account_id,
        payee: Payee::Here(body.creditor_account_id),
        amount: body.amount.positive("/amount")?,
        clearing: Clearing::Book,
        end_to_end_id: String::new(),
        remittance: body.remittance_information,
        what: What::OwnAccount,
    };
    ordered(call, order)
}

fn ordered(call: &mut Call<'_>, order: Order) -> Result<Answer, Refusal> {
    let silent = provoked::by(&order) == Some(Outcome::TimeOut);
    let app = call.app.to_owned();
    let payment = place(call, &app, order)?;
    // Relative to the API, for the bank does not know below which path the gateway shows it.
    let answer = Answer::created(format!("payments/{}", payment.id), &PaymentDetail::from(&payment))?;
    Ok(if silent { answer.silent() } else { answer })
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ListQuery {
    debtor_account_id: Option<AccountId>,
    cursor: Option<String>,
    limit: Option<u32>,
}

fn list(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: ListQuery = input.query()?;
    let page = Input::page(LIST, query.cursor.as_deref(), query.limit)?;
    let payments = call.world.under::<Payment>(payment::BY_APP, call.app).rev();
    let wanted = payments.filter(|payment| query.debtor_account_id.is_none_or(|debtor| debtor == payment.debtor));
    Answer::ok(&Listed::descending(LIST, &page, wanted, |payment| payment.id.to_string(), PaymentDetail::from))
}

fn retrieve(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    Answer::ok(&PaymentDetail::from(own(call, input)?))
}

fn status(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    Answer::ok(&PaymentStatus::from(own(call, input)?))
}

/// The payment that the path names, if the caller's app ordered it; another app's does not exist for it.
fn own<'c>(call: &'c Call<'_>, input: &Input) -> Result<&'c Payment, Refusal> {
    let id: PaymentId = input.id("paymentId", Code::PaymentNotFound)?;
    let found = call.world.get::<Payment>(&id);
    found.filter(|payment| payment.app == call.app).ok_or_else(|| Code::PaymentNotFound.into())
}

/// The holds of an account's payments that wait for clearing, with what statements will print.
pub(crate) fn waiting(world: &World, account: AccountId) -> impl Iterator<Item = (HoldId, String)> {
    world.under::<Payment>(payment::WAITING, &account.to_string()).filter_map(|payment| match payment.state {
        PaymentState::Accepted { hold } => {
            Some((hold, clearing::narrative(payment.clearing, What::Payment, &payment.remittance)))
        }
        PaymentState::Settled { .. } | PaymentState::Rejected { .. } | PaymentState::Cancelled { .. } => None,
    })
}
