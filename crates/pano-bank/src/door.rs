//! The way in: who calls and for whom, which operation, what was sent; the sandbox answers; the answer goes out.

pub(crate) mod caller;
pub(crate) mod idempotency;

use crate::call::{Answer, Input, Refusal};
use crate::role::Bank;
use crate::rooms::certification::{self, Outside};
use crate::rooms::{Operation, ROOMS};
use crate::vault::{CallError, Work};
use axum::Router;
use axum::extract::{FromRequestParts as _, RawPathParams, Request, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::on;
use caller::Caller;
use http::header::{ACCEPT_LANGUAGE, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderName, HeaderValue, StatusCode};
use pano_http::{Failure, IdempotencyKey};
use pano_types::{Code, Lang};
use std::sync::Arc;

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
    let params = RawPathParams::from_request_parts(&mut parts, &bank).await.map_err(|_| Code::NotFound)?;
    let path = params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let lang = Lang::negotiate(parts.headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()));
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
    let work: Work = match key.filter(|_| operation.keyed) {
        Some(key) => Arc::new(move |call| {
            certification::watch(call, operation.id, &input, |call| {
                idempotency::once(call, key.as_str(), &fingerprint, |call| (operation.handler)(call, &input))
            })
        }),
        None => Arc::new(move |call| {
            certification::watch(call, operation.id, &input, |call| (operation.handler)(call, &input))
        }),
    };
    match bank.vault().call(caller.partner, &caller.app, work).await {
        Ok(answer) => {
            certification::keep(bank.store(), bank.entropy(), bank.clock().now(), &outside).await?;
            respond(answer)
        }
        Err(CallError::Refused(refusal)) => Err(failure(refusal, lang)),
        Err(error) => Err(crate::failure::Error::from(error).into()),
    }
}

fn failure(refusal: Refusal, lang: Lang) -> Failure {
    let wait = refusal.wait();
    match refusal.problem(lang) {
        Ok(problem) => match wait {
            Some(seconds) => Failure::from(problem).header(RETRY_AFTER, HeaderValue::from(seconds)),
            None => problem.into(),
        },
        Err(what) => Failure::internal(crate::failure::Error::Broken(what)),
    }
}

/// An answer on the wire.
pub(crate) fn respond(answer: Answer) -> Result<Response, Failure> {
    let broken = |what: &str| Failure::internal(crate::failure::Error::broken(what));
    let status = StatusCode::from_u16(answer.status).map_err(|_| broken("a status is none"))?;
    let mut response = (status, answer.body).into_response();
    let headers = response.headers_mut();
    headers.remove(CONTENT_TYPE);
    let media = answer.media.map(|media| (CONTENT_TYPE.as_str().to_owned(), media));
    for (name, value) in media.into_iter().chain(answer.headers) {
        let name = HeaderName::try_from(name).map_err(|_| broken("a header's name is none"))?;
        headers.insert(name, HeaderValue::try_from(value).map_err(|_| broken("a header's value is none"))?);
    }
    Ok(response)
}
