//! The way in: who calls and for whom, which operation, what was sent; the sandbox answers; the answer goes out.

pub(crate) mod caller;
pub(crate) mod idempotency;

use crate::call::{Answer, Input, Refusal};
use crate::role::Bank;
use crate::rooms::certification::{self, Outside};
use crate::rooms::sandbox_control::{self, Met};
use crate::rooms::{Doing, Handler, Operation, ROOMS};
use crate::vault::Work;
use axum::Router;
use axum::extract::{FromRequestParts as _, RawPathParams, Request, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::on;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use caller::Caller;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderName, HeaderValue, StatusCode};
use pano_http::{Failure, IdempotencyKey};
use pano_types::Code;
use std::sync::{Arc, Mutex, PoisonError};

/// Every operation of every room, below `/{slug}/v1`.
pub(crate) fn router() -> Router<Bank> {
    let mut router = Router::new();
    for room in ROOMS {
        for operation in room.operations {
            let path = format!("{}{}", room.document.base_path(), operation.path);
            let serve = move |State(bank): State<Bank>, request: Request| serve(operation, bank, request);
            router = router.route(&path, on(operation.method.filter(), serve));
        }
    }
    router
}

async fn serve(operation: &'static Operation, bank: Bank, request: Request) -> Result<Response, Failure> {
    let (mut parts, body) = request.into_parts();
    let caller = Caller::from_request_parts(&mut parts, &bank).await?;
    answer(operation, bank, caller, Request::from_parts(parts, body)).await
}

/// Answers an operation for a caller who has been admitted.
pub(crate) async fn answer(
    operation: &'static Operation,
    bank: Bank,
    caller: Caller,
    request: Request,
) -> Result<Response, Failure> {
    let (mut parts, body) = request.into_parts();
    let params = RawPathParams::from_request_parts(&mut parts, &bank).await.map_err(|_| Code::NotFound)?;
    let path = params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let (method, uri, headers) = (parts.method.clone(), parts.uri.clone(), parts.headers.clone());
    let body = pano_http::extract::body_bytes(Request::from_parts(parts, body), &bank).await?;
    let key = IdempotencyKey::of(&headers)?;
    if operation.keyed && key.is_none() {
        return Err(Code::IdempotencyKeyRequired.into());
    }
    let fingerprint = pano_http::idempotency::fingerprint(
        method.as_str(),
        uri.path_and_query().map_or("", http::uri::PathAndQuery::as_str),
        &body,
    );
    let outside = match operation.looking {
        true => certification::look(bank.store(), &caller.app).await?,
        false => Outside::default(),
    };
    let outside = Arc::new(outside);
    let (keys, outbound) = (bank.keys().clone(), bank.outbound().clone());
    let input = Input { path, uri, headers, body, keys, outbound, outside: Arc::clone(&outside) };
    let met = Arc::new(Mutex::new(Met::default()));
    let answered = match operation.doing {
        Doing::Control(make) => match make(&input) {
            Ok(control) => bank.vault().control(caller.partner, control).await,
            Err(refusal) => Err(refusal.into()),
        },
        Doing::Call(handler) => {
            let work = work(operation, handler, key, fingerprint, input, Arc::clone(&met));
            bank.vault().call(caller.partner, &caller.app, work).await
        }
    };
    if answered.is_ok() {
        certification::keep(bank.store(), bank.entropy(), bank.clock().now(), &outside).await?;
    }
    let met = *met.lock().unwrap_or_else(PoisonError::into_inner);
    if !met.wait.is_zero() {
        tokio::time::sleep(met.wait).await;
    }
    if met.silent {
        return Err(Code::Unavailable.into());
    }
    match answered {
        Ok(answer) => respond(answer, met.wrong_digest),
        Err(error) => {
            let wait = error.wait();
            let failure = Failure::from(crate::failure::Error::from(error));
            Err(match wait {
                Some(seconds) => failure.header(RETRY_AFTER, HeaderValue::from(seconds)),
                None => failure,
            })
        }
    }
}

/// What a call does: what was switched on to go wrong, then, once for its key, what the room says.
fn work(
    operation: &'static Operation,
    handler: Handler,
    key: Option<IdempotencyKey>,
    fingerprint: String,
    input: Input,
    met: Arc<Mutex<Met>>,
) -> Work {
    Arc::new(move |call| {
        let fault = sandbox_control::meet(call, operation.id).unwrap_or_default();
        let noted = |fault: Met| *met.lock().unwrap_or_else(PoisonError::into_inner) = fault;
        noted(fault);
        if fault.lost {
            return Err(Code::Unavailable.into());
        }
        if let Some(code) = fault.error {
            return Err(Refusal::from(code).detail("a fault that is switched on", "已开启的故障开关"));
        }
        let answer =
            certification::watch(call, operation.id, &input, |call| match key.as_ref().filter(|_| operation.keyed) {
                Some(key) => idempotency::once(call, key.as_str(), &fingerprint, |call| handler(call, &input)),
                None => handler(call, &input),
            })?;
        if answer.silent {
            noted(fault.silenced());
        }
        Ok(answer)
    })
}

/// An answer on the wire, with the digest of its content (RFC 9530), which may be wrong on purpose.
fn respond(answer: Answer, wrong_digest: bool) -> Result<Response, Failure> {
    let broken = |what: &str| Failure::internal(crate::failure::Error::broken(what));
    let status = StatusCode::from_u16(answer.status).map_err(|_| broken("a status is none"))?;
    let over: &[u8] = if wrong_digest { b"another content" } else { answer.body.as_bytes() };
    let digest = format!("sha-256=:{}:", STANDARD.encode(pano_crypto::digest::sha256(over)));
    let mut response = (status, answer.body).into_response();
    let headers = response.headers_mut();
    headers.remove(CONTENT_TYPE);
    let media = answer.media.map(|media| (CONTENT_TYPE.as_str().to_owned(), media));
    let digest = ("content-digest".to_owned(), digest);
    for (name, value) in media.into_iter().chain(answer.headers).chain([digest]) {
        let name = HeaderName::try_from(name).map_err(|_| broken("a header's name is none"))?;
        headers.insert(name, HeaderValue::try_from(value).map_err(|_| broken("a header's value is none"))?);
    }
    Ok(response)
}
