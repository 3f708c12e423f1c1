//! Phase 7: the call to the upstream, bounded in time and number.

use super::protect::{COLLECT_MAX, ReqBody, broken};
use crate::breaker::Gate;
use crate::context::Context;
use crate::deadline::Deadline;
use crate::refusal::{Refused, With as _};
use crate::registry::Place;
use crate::upstream::body::{Incoming, Source};
use crate::upstream::target::Target;
use crate::upstream::{Call, CallError, Reply};
use bytes::Bytes;
use http::header::{CONNECTION, HOST};
use http::request::Parts;
use http::{HeaderMap, HeaderName, Method, StatusCode};
use pano_types::{Code, Problem};
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Instant;
use tokio::time::Sleep;

/// What came back.
pub struct Forwarded {
    /// Status.
    pub status: StatusCode,
    /// Headers that go on.
    pub headers: HeaderMap,
    /// Body.
    pub body: ForwardedBody,
}

/// The body of an answer.
pub enum ForwardedBody {
    /// Read whole.
    Whole(Bytes),
    /// Still coming.
    Coming(Box<Incoming>, Place, Pin<Box<Sleep>>),
}

/// The right to call: taken before the quota is counted, so that a call that cannot be made costs nothing.
pub struct Passage {
    place: Place,
}

/// Asks breaker and bulkhead.
///
/// # Errors
/// When the operation is switched off for a while, or its upstream has enough to do.
pub fn open(context: &Context) -> Result<Passage, Refused> {
    let (Some(operation), Some(route)) = (context.operation(), &context.route) else {
        return Err(Code::RouteUnknown.into());
    };
    let upstream = &route.api.upstream;
    let Some(place) = upstream.in_flight.enter(upstream.in_flight_max) else {
        let problem = Problem::new(Code::Unavailable).detail("the provider is handling as many requests as it may");
        return Err(Refused::from(problem).retry_after(1));
    };
    match operation.state.breaker.gate(&context.worker.shared.options.breaker, context.at) {
        Gate::Closed | Gate::Trial => Ok(Passage { place }),
        Gate::Open(seconds) => Err(Refused::from(Code::CircuitOpen).retry_after(seconds)),
    }
}

/// Calls the upstream.
///
/// # Errors
/// When it cannot be reached, breaks off or takes too long; or when the request's body does.
pub async fn call(context: &mut Context, parts: &Parts, body: ReqBody, passage: Passage) -> Result<Forwarded, Refused> {
    let deadline = context.operation().map(|o| o.deadline).unwrap_or_default();
    let started = Instant::now();
    context.upstream_since = Some(started);
    let until = tokio::time::Instant::from_std(started + deadline);
    let outcome = {
        let worker = std::rc::Rc::clone(&context.worker);
        let mut over = pin!(Deadline::new(&worker, until));
        let mut exchange = pin!(exchange(context, parts, body));
        poll_fn(|cx| match exchange.as_mut().poll(cx) {
            Poll::Ready(outcome) => Poll::Ready(outcome),
            Poll::Pending => over.as_mut().poll(cx).map(|()| Err(Failure::Call(Code::UpstreamTimeout))),
        })
        .await
    };
    context.upstream_us = Some(u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX));
    note(context, &outcome);
    match outcome {
        Err(Failure::Call(code)) => Err(code.into()),
        Err(Failure::Request(refused)) => Err(refused),
        Ok(Came::Whole(status, headers, bytes)) => Ok(Forwarded { status, headers, body: ForwardedBody::Whole(bytes) }),
        Ok(Came::Coming(status, headers, incoming)) => {
            let sleep = Box::pin(tokio::time::sleep_until(until));
            Ok(Forwarded { status, headers, body: ForwardedBody::Coming(incoming, passage.place, sleep) })
        }
    }
}

enum Came {
    Whole(StatusCode, HeaderMap, Bytes),
    Coming(StatusCode, HeaderMap, Box<Incoming>),
}

enum Failure {
    /// The upstream's fault.
    Call(Code),
    /// The caller's.
    Request(Refused),
}

/// Tells breaker and counters how the call ended. Answers 500 and 502 to 504 count as failures: the upstream says so itself.
fn note(context: &Context, outcome: &Result<Came, Failure>) {
    let failed = match outcome {
        Ok(Came::Whole(status, ..) | Came::Coming(status, ..)) => matches!(status.as_u16(), 500 | 502..=504),
        Err(Failure::Call(_)) => true,
        Err(Failure::Request(_)) => return,
    };
    if let (Some(operation), Some(route)) = (context.operation(), &context.route) {
        operation.state.breaker.record(&context.worker.shared.options.breaker, context.at, failed);
        if failed {
            route.api.stats.upstream_failed();
        }
    }
}

async fn exchange(context: &mut Context, parts: &Parts, body: ReqBody) -> Result<Came, Failure> {
    let Some(api) = context.route.as_ref().map(|r| std::sync::Arc::clone(&r.api)) else {
        return Err(Failure::Call(Code::UpstreamUnreachable));
    };
    let worker = std::rc::Rc::clone(&context.worker);
    let is_head = parts.method == Method::HEAD;
    let idempotent = parts.method.is_idempotent();
    let mut body = body;
    let targets = &api.upstream.targets;
    let first = worker.turn(targets.len());
    let healthy = |at: usize| targets.get((first + at) % targets.len().max(1)).filter(|t| !worker.pool(t).is_ejected());
    // When all are ejected, the one in turn is tried in spite of it: better one more failure than none served.
    let mut order: Vec<&Target> = (0..targets.len()).filter_map(healthy).collect();
    if order.is_empty() {
        order.extend(targets.get(first));
    }
    for target in order {
        let pool = worker.pool(target);
        let mut head = worker.take_buffer();
        write_head(&mut head, context, parts, target, &body);
        let whole = match &body {
            ReqBody::Whole(bytes) => bytes.clone(),
            ReqBody::None | ReqBody::Coming(..) => Bytes::new(),
        };
        let connect_timeout = api.upstream.connect_timeout;
        let call = Call { head: &head, body: &whole, idempotent, is_head, connect_timeout };
        // Attempts are counted on the context before anything is sent: a caller that breaks off meanwhile does not undo them.
        let result = match &mut body {
            ReqBody::Coming(incoming, max, length) => {
                let chunked = length.is_none();
                context.attempts = context.attempts.saturating_add(1);
                let mut source = Counted { incoming, max: *max, context };
                pool.call_streaming(&call, &mut source, chunked).await
            }
            ReqBody::None | ReqBody::Whole(_) => pool.call(&call, &mut context.attempts).await,
        };
        worker.give_buffer(head);
        match result {
            Ok(reply) => return receive(reply, &pool).await,
            // Nothing was sent: the next target may have it.
            Err(CallError::Unreachable) => continue,
            Err(CallError::Broken) => return Err(Failure::Call(Code::UpstreamFailed)),
            Err(CallError::Body) => return Err(Failure::Request(broken(context))),
            Err(CallError::TooLarge) => return Err(Failure::Request(Code::RequestTooLarge.into())),
        }
    }
    Err(Failure::Call(Code::UpstreamUnreachable))
}

async fn receive(reply: Box<Reply>, pool: &std::rc::Rc<crate::upstream::pool::Pool>) -> Result<Came, Failure> {
    if reply.length().is_some_and(|length| length <= COLLECT_MAX) {
        let (answer, bytes) = reply.collect(pool).await.map_err(|_| Failure::Call(Code::UpstreamFailed))?;
        return Ok(Came::Whole(answer.status, answer.headers, bytes));
    }
    let Reply { answer, connection, clean } = *reply;
    let reusable = clean && answer.keep_alive;
    let incoming = Incoming::new(connection, answer.framing, std::rc::Rc::clone(pool), reusable);
    Ok(Came::Coming(answer.status, answer.headers, Box::new(incoming)))
}

/// A body that is counted while it streams.
struct Counted<'b> {
    incoming: &'b mut crate::incoming::Incoming,
    max: u64,
    context: &'b mut Context,
}

impl Source for Counted<'_> {
    async fn next(&mut self) -> Option<Result<Bytes, CallError>> {
        let Ok(data) = self.incoming.next().await? else { return Some(Err(CallError::Body)) };
        self.context.bytes_in += data.len() as u64;
        Some(if self.context.bytes_in > self.max { Err(CallError::TooLarge) } else { Ok(data) })
    }
}

/// Headers of the caller that end here: the connection's own, the framing, and names under which only we speak to upstreams.
fn ends_here(name: &HeaderName, pass_authorization: bool) -> bool {
    match name.as_str() {
        "authorization" => !pass_authorization,
        "connection"
        | "content-length"
        | "expect"
        | "forwarded"
        | "host"
        | "keep-alive"
        | "proxy-authorization"
        | "proxy-connection"
        | "te"
        | "trailer"
        | "traceparent"
        | "transfer-encoding"
        | "upgrade"
        | "via"
        | "x-client-id"
        | "x-consent-id"
        | "x-customer-id"
        | "x-partner-id"
        | "x-real-ip"
        | "x-request-id" => true,
        other => other.starts_with("x-forwarded-") || other.starts_with("x-panorama-"),
    }
}

fn write_head(out: &mut Vec<u8>, context: &Context, parts: &Parts, target: &Target, body: &ReqBody) {
    let Some(route) = &context.route else { return };
    let path = route.normal.as_deref().unwrap_or_else(|| parts.uri.path());
    let path = path.get(route.base..).unwrap_or_default();
    let mut put = |parts: &[&[u8]]| parts.iter().for_each(|p| out.extend_from_slice(p));
    put(&[parts.method.as_str().as_bytes(), b" ", target.prefix.as_bytes(), path.as_bytes()]);
    if path.is_empty() && target.prefix.is_empty() {
        put(&[b"/"]);
    }
    if let Some(query) = parts.uri.query() {
        put(&[b"?", query.as_bytes()]);
    }
    put(&[b" HTTP/1.1\r\nhost: ", target.host.as_bytes(), b"\r\n"]);
    let upstream = &route.api.upstream;
    let named = named_by_connection(&parts.headers);
    for (name, value) in &parts.headers {
        if !ends_here(name, upstream.pass_authorization) && !named.contains(name) {
            put(&[name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"]);
        }
    }
    let scheme: &[u8] = if context.conn.tls { b"https" } else { b"http" };
    let peer = context.conn.peer_text.as_bytes();
    put(&[b"x-forwarded-for: ", peer, b"\r\nx-forwarded-proto: ", scheme, b"\r\n"]);
    let host = parts.headers.get(HOST).map(|h| h.as_bytes());
    if let Some(host) = host.or_else(|| parts.uri.authority().map(|a| a.as_str().as_bytes())) {
        put(&[b"x-forwarded-host: ", host, b"\r\n"]);
    }
    // RFC 7239 §6: an IPv6 address is quoted and in brackets.
    let (open, close): (&[u8], &[u8]) = if context.conn.peer.is_ipv6() { (b"\"[", b"]\"") } else { (b"", b"") };
    put(&[b"forwarded: for=", open, peer, close, b";proto=", scheme, b"\r\n"]);
    put(&[b"x-request-id: ", context.id.as_bytes(), b"\r\ntraceparent: ", &context.traceparent, b"\r\n"]);
    if let Some(claims) = &context.claims {
        put(&[b"x-client-id: ", claims.client_id.as_bytes(), b"\r\n"]);
        if let (Some(customer), Some(consent)) = (&claims.customer, &claims.consent) {
            put(&[b"x-customer-id: ", customer.as_bytes(), b"\r\nx-consent-id: ", consent.as_bytes(), b"\r\n"]);
        }
    }
    if let Some((app, _)) = &context.app {
        put(&[b"x-partner-id: ", app.partner.as_bytes(), b"\r\n"]);
    }
    if let Some(authorization) = &upstream.authorization {
        put(&[b"authorization: ", authorization, b"\r\n"]);
    }
    let length = match body {
        ReqBody::None => None,
        ReqBody::Whole(bytes) => Some(bytes.len() as u64),
        ReqBody::Coming(_, _, Some(length)) => Some(*length),
        ReqBody::Coming(_, _, None) => {
            out.extend_from_slice(b"transfer-encoding: chunked\r\n\r\n");
            return;
        }
    };
    // RFC 9110 §8.6: a method that usually has a body says so when it has none.
    let length = length.or_else(|| matches!(parts.method, Method::POST | Method::PUT | Method::PATCH).then_some(0));
    if let Some(length) = length {
        out.extend_from_slice(b"content-length: ");
        crate::stamp::number(length, out);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"\r\n");
}

/// Headers that the caller's `Connection` names (RFC 9110 §7.6.1).
fn named_by_connection(headers: &HeaderMap) -> Vec<HeaderName> {
    let mut named = Vec::new();
    for value in headers.get_all(CONNECTION) {
        let tokens = value.to_str().unwrap_or_default().split(',').map(str::trim);
        named.extend(tokens.filter_map(|t| HeaderName::from_bytes(t.as_bytes()).ok()));
    }
    named
}
