//! Phase 5: rates, size, contract, quota — cheapest first, and what must be counted exactly last.

use crate::context::Context;
use crate::contract;
use crate::incoming::Incoming;
use crate::limit::{Bucket, Limit, Verdict, seconds_to_midnight};
use crate::path;
use crate::refusal::{Refusal, Refused, With as _};
use crate::registry::bucket_of;
use bytes::{Bytes, BytesMut};
use http::HeaderName;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use http::request::Parts;
use pano_snapshot::unit::Rate;
use pano_types::{Code, Problem};
use std::sync::Arc;

/// A request body of at most this size is read whole before the upstream is called, so that the call can be repeated.
pub const COLLECT_MAX: u64 = 64 << 10;

/// A request body, after its size is known to be acceptable or to be watched.
pub enum ReqBody {
    /// There is none.
    None,
    /// Read whole.
    Whole(Bytes),
    /// Still coming, at most so many bytes; the length when the head told it.
    Coming(Incoming, u64, Option<u64>),
}

/// Takes from every rate that applies; when one refuses, the others get theirs back.
///
/// # Errors
/// When a rate is used up.
pub fn rates(context: &mut Context) -> Result<(), Refused> {
    let now = context.at;
    let mut taken: [Option<(Limit, Arc<Bucket>)>; 4] = Default::default();
    let mut tightest: Option<(&'static str, Limit, Verdict)> = None;
    let mut refused = None;
    for (slot, (name, limit, bucket)) in taken.iter_mut().zip(applicable(context)) {
        let verdict = bucket.take(&limit, now);
        if !verdict.allowed {
            refused = Some((name, limit, verdict));
            break;
        }
        if tightest.as_ref().is_none_or(|(_, _, t)| verdict.remaining < t.remaining) {
            tightest = Some((name, limit, verdict));
        }
        *slot = Some((limit, bucket));
    }
    let Some((name, limit, verdict)) = refused else {
        context.limit = tightest;
        return Ok(());
    };
    for (limit, bucket) in taken.iter().flatten() {
        bucket.give_back(limit);
    }
    context.limit = Some((name, limit, verdict));
    let Rate { requests, per_seconds, .. } = limit.rate;
    let detail = (
        format!("{name}: {requests} requests in {per_seconds} s"),
        format!("{name}：{per_seconds} 秒内 {requests} 次请求"),
    );
    Err(Refused::from(Problem::new(Code::RateLimited).detail(detail)).retry_after(verdict.seconds))
}

fn applicable(context: &Context) -> impl Iterator<Item = (&'static str, Limit, Arc<Bucket>)> {
    let operation = context.operation();
    let app = context.app.as_ref().map(|(app, _)| app);
    let of_app = app.and_then(|a| a.limit.as_ref()).map(|(l, b)| ("app", *l, Arc::clone(b)));
    let of_partner = app.and_then(|a| a.partner_limit.as_ref()).map(|(l, b)| ("partner", *l, Arc::clone(b)));
    let of_subscription =
        context.subscription().and_then(|s| Some(("subscription", s.limit?, s.state.bucket(operation?.state.number))));
    let of_client = context.claims.as_ref().filter(|_| app.is_none()).and_then(|claims| {
        let shared = &context.worker.shared;
        let limit = shared.client_limit?;
        let bucket =
            claims.bucket.get_or_init(|| bucket_of(&shared.registry.clients, &*claims.client_id, &claims.client_id));
        Some(("client", limit, Arc::clone(bucket)))
    });
    let of_operation = operation.and_then(|o| Some(("operation", o.limit?, Arc::clone(&o.state.bucket))));
    [of_operation, of_app.or(of_client), of_partner, of_subscription].into_iter().flatten()
}

/// Reads the body, or prepares to stream it.
///
/// # Errors
/// When it is larger than the operation takes, or breaks off.
pub async fn body(context: &mut Context, parts: &Parts, body: Incoming) -> Result<ReqBody, Refused> {
    if body.is_empty() {
        return Ok(ReqBody::None);
    }
    let Some(operation) = context.operation() else { return Err(Code::RouteUnknown.into()) };
    let max = operation.body_bytes_max;
    let too_large =
        || Refused::from(Problem::new(Code::RequestTooLarge).detail((format!("{max} bytes"), format!("{max} 字节"))));
    let length = parts.headers.get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > max) {
        return Err(too_large());
    }
    let wanted = match &operation.contract {
        Some(slot) => contract_of(context, slot).await?.wants_body(),
        None => false,
    };
    if !wanted && length.is_none_or(|length| length > COLLECT_MAX) {
        return Ok(ReqBody::Coming(body, max, length));
    }
    let mut body = body;
    let mut whole = BytesMut::new();
    let mut first = None;
    while let Some(data) = body.next().await {
        let Ok(data) = data else { return Err(broken(context)) };
        context.bytes_in += data.len() as u64;
        if context.bytes_in > max {
            return Err(too_large());
        }
        match first.take() {
            // The usual case: one piece, which is not copied.
            None if whole.is_empty() => first = Some(data),
            None => whole.extend_from_slice(&data),
            Some(one) => {
                whole.extend_from_slice(&one);
                whole.extend_from_slice(&data);
            }
        }
    }
    Ok(ReqBody::Whole(first.unwrap_or_else(|| whole.freeze())))
}

/// Why a body broke off: what the connection saw, or the caller went away.
pub fn broken(context: &Context) -> Refused {
    let code = context.conn.refusal(context.call).unwrap_or(Code::RequestMalformed);
    Refused::from(code).header(http::header::CONNECTION, http::HeaderValue::from_static("close"))
}

/// Checks parameters and body against the operation's contract.
///
/// # Errors
/// With every mistake, up to a bound.
pub async fn contract(context: &Context, parts: &Parts, body: &ReqBody) -> Result<(), Refused> {
    let Some(slot) = context.operation().and_then(|o| o.contract.as_ref()) else { return Ok(()) };
    let contract = contract_of(context, slot).await?;
    contract.check_parameters(&parameters(context, parts))?;
    let bytes = match body {
        ReqBody::None => Bytes::new(),
        ReqBody::Whole(bytes) => bytes.clone(),
        // Only bodies that the contract does not speak of are streamed.
        ReqBody::Coming(..) => return Ok(()),
    };
    let content_type = parts.headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok());
    let encoding = parts.headers.get(CONTENT_ENCODING).filter(|e| !e.as_bytes().eq_ignore_ascii_case(b"identity"));
    if encoding.is_some() && contract.wants_body() {
        // What is packed cannot be held against the contract (RFC 9110 §8.4: an encoding that is not accepted is 415).
        return Err(Problem::new(Code::UnsupportedMediaType).detail("Content-Encoding: identity").into());
    }
    if (bytes.len() as u64) <= COLLECT_MAX {
        return contract.check_body(content_type, &bytes).map_err(Into::into);
    }
    // Large bodies take milliseconds: not on the thread that serves requests.
    let content_type = content_type.map(str::to_owned);
    let check = move || contract.check_body(content_type.as_deref(), &bytes);
    tokio::task::spawn_blocking(check).await.map_err(|_| Refused::from(Code::Internal))?.map_err(Into::into)
}

async fn contract_of(context: &Context, slot: &contract::Slot) -> Result<Arc<contract::Contract>, Refused> {
    slot.contract(&context.worker.shared.contracts).await.map_err(|error| {
        tracing::error!(%error, "a contract cannot be enforced");
        Code::Internal.into()
    })
}

fn parameters<'r>(context: &'r Context, parts: &'r Parts) -> contract::Request<'r> {
    let mut path = Vec::new();
    if let Some(route) = &context.route {
        let whole = route.normal.as_deref().unwrap_or_else(|| parts.uri.path());
        let below = whole.get(route.base..).unwrap_or_default();
        let names =
            route.api.router.find(below).and_then(|(leaf, _)| leaf.method(&parts.method)).map(|(_, t)| &t.names);
        path.extend(names.into_iter().flatten().map(|n| &**n).zip(route.captures.of(below)));
    }
    contract::Request { path, query: path::query(&parts.uri), headers: &parts.headers }
}

/// Counts the request against its subscription's quota. After every other check, so that what is counted is what is metered.
///
/// # Errors
/// When the day's quota is used up.
pub fn quota(context: &mut Context) -> Result<(), Refused> {
    if let Some(subscription) = context.subscription()
        && let Some(quota) = subscription.quota_per_day
        && subscription.state.day.take(quota, context.at).is_none()
    {
        let detail = (format!("{quota} requests a day"), format!("每日 {quota} 次请求"));
        let refused = Refused::from(Problem::new(Code::QuotaExceeded).detail(detail));
        return Err(refused.retry_after(seconds_to_midnight(context.at)));
    }
    context.accepted = true;
    Ok(())
}

/// `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-08) for the tightest limit.
pub fn limit_headers(context: &Context) -> Option<[(HeaderName, http::HeaderValue); 2]> {
    let (name, limit, verdict) = context.limit.as_ref()?;
    let text = |parts: [&[u8]; 2], numbers: [u64; 2]| {
        let mut out = Vec::with_capacity(48);
        out.push(b'"');
        out.extend_from_slice(name.as_bytes());
        out.push(b'"');
        for (part, number) in parts.into_iter().zip(numbers) {
            out.extend_from_slice(part);
            crate::stamp::number(number, &mut out);
        }
        http::HeaderValue::from_maybe_shared(Bytes::from(out)).ok()
    };
    let policy = text([b";q=", b";w="], [u64::from(limit.rate.requests), u64::from(limit.rate.per_seconds)])?;
    let state = text([b";r=", b";t="], [verdict.remaining, verdict.seconds])?;
    Some([(HeaderName::from_static("ratelimit-policy"), policy), (HeaderName::from_static("ratelimit"), state)])
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        let Refusal { problem, .. } = *refused;
        problem
    }
}
