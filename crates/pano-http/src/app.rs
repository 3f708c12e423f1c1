//! [`finish`]: what every router of ours is wrapped in, outermost first.
//!
//! context → time limit → panic guard → routes (404 and 405 as problems) → problem body and headers on the way out.

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use http::header::{
    CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderValue};
use pano_types::{Clock, Code, Entropy, Lang, Problem};
use std::any::Any;
use std::sync::Arc;
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;

use crate::context::Context;
use crate::failure::Failure;
use crate::server::Peer;

/// Header with the trace id on every answer.
pub const TRACE_ID: HeaderName = HeaderName::from_static("x-trace-id");

/// What the kit needs from outside.
#[derive(Clone)]
pub struct Kit {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness, for trace ids.
    pub entropy: Arc<dyn Entropy>,
    /// Longest time for a request, from its head to the head of the answer.
    pub timeout: Duration,
    /// Largest body, bytes, where a route does not say otherwise.
    pub body_limit: usize,
}

impl Kit {
    /// 30 s and 1 MiB.
    pub fn new(clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self { clock, entropy, timeout: Duration::from_secs(30), body_limit: 1024 * 1024 }
    }
}

/// Wraps a router whose routes are complete.
pub fn finish(router: Router, kit: Kit) -> Router {
    router
        .fallback(|| async { Failure::from(Code::NotFound) })
        .method_not_allowed_fallback(|| async { Failure::from(Code::MethodNotAllowed) })
        .layer(DefaultBodyLimit::max(kit.body_limit))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(kit, around))
}

#[expect(clippy::needless_pass_by_value, reason = "the layer's signature")]
fn panicked(payload: Box<dyn Any + Send + 'static>) -> Response {
    let text = payload.downcast_ref::<&str>().map(|s| (*s).to_owned()).or_else(|| payload.downcast_ref().cloned());
    Failure::internal(std::io::Error::other(format!("panic: {}", text.unwrap_or_default()))).into_response()
}

async fn around(State(kit): State<Kit>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<Peer>().map(|peer| peer.0);
    let context = Context::new(request.headers(), peer, kit.clock.now(), &*kit.entropy);
    request.extensions_mut().insert(context.clone());
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let mut response = match tokio::time::timeout(kit.timeout, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Failure::from(Problem::new(Code::Unavailable).detail(("not done in time", "未能在时限内完成")))
            .into_response(),
    };
    if let Some(failure) = response.extensions_mut().remove::<Failure>() {
        log(&failure, &context, method.as_str(), &path);
        response = problem(&failure, &context, response);
    }
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&context.trace_id) {
        headers.insert(TRACE_ID, value);
    }
    secure(headers);
    response
}

/// A cause is logged once, here. The path holds identifiers only; queries and bodies are not logged.
fn log(failure: &Failure, context: &Context, method: &str, path: &str) {
    let (code, trace_id) = (failure.problem().code.text(), &context.trace_id);
    if let Some(cause) = failure.cause() {
        let mut chain = cause.to_string();
        let mut inner = cause.source();
        while let Some(error) = inner {
            chain.push_str(": ");
            chain.push_str(&error.to_string());
            inner = error.source();
        }
        tracing::error!(code, trace_id, method, path, cause = chain, "request failed");
    } else {
        tracing::debug!(code, trace_id, method, path, "request refused");
    }
}

fn problem(failure: &Failure, context: &Context, mut response: Response) -> Response {
    let json = failure.problem().to_json(context.lang, &context.trace_id);
    *response.body_mut() = Body::from(json.to_string());
    let headers = response.headers_mut();
    headers.remove(http::header::CONTENT_LENGTH);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    let lang = match context.lang {
        Lang::Zh => "zh",
        Lang::En => "en",
    };
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(lang));
    if failure.problem().code == Code::Unavailable {
        headers.entry(http::header::RETRY_AFTER).or_insert(HeaderValue::from_static("2"));
    }
    response
}

/// A page that needs more than this (login, console) sets its own value first.
fn secure(headers: &mut HeaderMap) {
    for (name, value) in [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "no-store"),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}
