//! Payment Order: transfers, domestic payments, their status.

use crate::caller::Caller;
use crate::failure::Error;
use crate::order::{self, Order, Payee, Placed};
use crate::role::Bank;
use crate::wire::{Creditor, Listed, Money, PaymentDetail, PaymentStatus};
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderName, HeaderValue, StatusCode};
use pano_http::{Failure, Idempotent, Path, Query, cursor, idempotency};
use pano_store::bank::{Clearing, Payment};
use pano_types::id::{AccountId, PaymentId};
use pano_types::{Code, Problem};
use serde::Deserialize;

const LIST: &str = "payments";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct InternalTransfer {
    debtor_account_id: AccountId,
    creditor_account_id: AccountId,
    amount: Money,
    #[serde(default)]
    end_to_end_id: String,
    #[serde(default)]
    remittance_information: String,
}

pub(super) async fn internal(
    caller: Caller,
    State(bank): State<Bank>,
    request: Idempotent<InternalTransfer>,
) -> Result<Response, Failure> {
    let body = request.body;
    let order = Order {
        debtor: body.debtor_account_id,
        payee: Payee::Here(body.creditor_account_id),
        amount: body.amount.positive("/amount")?,
        clearing: Clearing::Book,
        end_to_end_id: body.end_to_end_id,
        remittance: body.remittance_information,
    };
    place(&bank, &caller, request.key, &request.fingerprint, order).await
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DomesticPayment {
    debtor_account_id: AccountId,
    creditor: Creditor,
    amount: Money,
    clearing: String,
    #[serde(default)]
    end_to_end_id: String,
    #[serde(default)]
    remittance_information: String,
}

pub(super) async fn domestic(
    caller: Caller,
    State(bank): State<Bank>,
    request: Idempotent<DomesticPayment>,
) -> Result<Response, Failure> {
    let body = request.body;
    let clearing = Clearing::from_code(&body.clearing)
        .filter(|clearing| *clearing != Clearing::Book)
        .ok_or_else(|| Problem::new(Code::RequestInvalid).error("/clearing", "must be IBPS or BEPS"))?;
    let order = Order {
        debtor: body.debtor_account_id,
        payee: Payee::Elsewhere {
            name: body.creditor.name,
            account_number: body.creditor.account_number,
            bank_code: body.creditor.bank_code,
        },
        amount: body.amount.positive("/amount")?,
        clearing,
        end_to_end_id: body.end_to_end_id,
        remittance: body.remittance_information,
    };
    place(&bank, &caller, request.key, &request.fingerprint, order).await
}

async fn place(
    bank: &Bank,
    caller: &Caller,
    key: Option<pano_http::IdempotencyKey>,
    fingerprint: &str,
    order: Order,
) -> Result<Response, Failure> {
    let key = key.ok_or(Code::IdempotencyKeyRequired)?;
    order.check_texts()?;
    let Placed { answer, replayed } = order::place(bank, &caller.app, key.as_str(), fingerprint, &order).await?;
    let status = StatusCode::from_u16(answer.status).map_err(|_| Error::broken("a stored status is none"))?;
    let location = location(&answer.body)?;
    let mut response = (status, [(CONTENT_TYPE, "application/json")], answer.body).into_response();
    response.headers_mut().insert(LOCATION, location);
    if replayed {
        response.headers_mut().insert(HeaderName::from_static(idempotency::REPLAYED), HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// Relative to the API, for the bank does not know below which path the gateway shows it.
fn location(body: &str) -> Result<HeaderValue, Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Made {
        payment_id: PaymentId,
    }
    let made: Made = serde_json::from_str(body).map_err(Error::broken)?;
    HeaderValue::from_str(&format!("payments/{}", made.payment_id)).map_err(Error::broken)
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListQuery {
    debtor_account_id: Option<AccountId>,
    cursor: Option<String>,
    limit: Option<u32>,
}

pub(super) async fn list(
    caller: Caller,
    State(bank): State<Bank>,
    Query(query): Query<ListQuery>,
) -> Result<Json<Listed<PaymentDetail>>, Failure> {
    let page = cursor::request(LIST, query.cursor.as_deref(), query.limit)?;
    let mut unit = bank.store().read().await.map_err(Error::from)?;
    let payments = unit.bank_payment_list(&caller.app, query.debtor_account_id, &page).await.map_err(Error::from)?;
    Ok(Json(Listed::new(LIST, payments.map(PaymentDetail::from))))
}

pub(super) async fn retrieve(
    caller: Caller,
    State(bank): State<Bank>,
    Path(id): Path<String>,
) -> Result<Json<PaymentDetail>, Failure> {
    Ok(Json(own(&bank, &caller, &id).await?.into()))
}

pub(super) async fn status(
    caller: Caller,
    State(bank): State<Bank>,
    Path(id): Path<String>,
) -> Result<Json<PaymentStatus>, Failure> {
    Ok(Json((&own(&bank, &caller, &id).await?).into()))
}

/// A payment that the caller's app ordered; another app's does not exist for it.
async fn own(bank: &Bank, caller: &Caller, id: &str) -> Result<Payment, Error> {
    let id: PaymentId = id.parse().map_err(|_| Code::PaymentNotFound)?;
    let mut unit = bank.store().read().await?;
    let found = unit.bank_payment(id).await?;
    Ok(found.filter(|payment| payment.app == caller.app).ok_or(Code::PaymentNotFound)?)
}
