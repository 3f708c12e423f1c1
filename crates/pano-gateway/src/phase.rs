//! The phases of a request, in the one place that says their order.
//!
//! | phase | reads | refuses with |
//! |---|---|---|
//! | [`listen`] | framing, head | `request.framing`, `request.malformed`, `request.headers_too_large`, `request.timeout` |
//! | [`route`] | host, path, method | `gateway.route_unknown`, `request.method_not_allowed`, `gateway.version_retired`, `gateway.no_snapshot` |
//! | [`identify`] | access token | `gateway.token_missing`, `…token_invalid`, `…token_expired`, `…token_revoked` |
//! | [`authorise`] | app, subscription, environment, scopes | `gateway.app_unknown`, `…not_subscribed`, `…environment_refused`, `…scope_missing` |
//! | [`protect`] | rates, size, contract, quota | `gateway.rate_limited`, `…quota_exceeded`, `…body_invalid`, `request.too_large`, `request.unsupported_media_type` |
//! | [`forward`] | breaker, bulkhead, upstream | `gateway.circuit_open`, `unavailable`, `gateway.upstream_unreachable`, `…upstream_failed`, `…upstream_timeout` |
//! | [`seal`] | answer | – |
//! | [`record`] | all of the above | `unavailable`, when the record cannot be written |

pub mod authorise;
pub mod forward;
pub mod identify;
pub mod listen;
pub mod protect;
pub mod record;
pub mod route;
pub mod seal;

use crate::body::Body;
use crate::conn::Conn;
use crate::context::Context;
use crate::incoming::Incoming;
use crate::worker::Worker;
use http::Response;
use http::request::Parts;
use std::rc::Rc;

/// Answers one request.
pub async fn serve(worker: Rc<Worker>, conn: Rc<Conn>, parts: Parts, body: Incoming) -> Response<Body> {
    let mut context = Context::new(worker, conn, &parts);
    let outcome = pass(&mut context, &parts, body).await;
    record::answer(context, outcome).await
}

async fn pass(
    context: &mut Context,
    parts: &Parts,
    body: Incoming,
) -> Result<forward::Forwarded, crate::refusal::Refused> {
    listen::check(context, parts)?;
    route::find(context, parts)?;
    if identify::caller(context, &parts.headers)? {
        // Others first: their answers shall not wait behind a burst of new tokens. And what those who verified in this turn send
        // then goes out in one go, which wakes a sleeping upstream once instead of each time.
        tokio::task::yield_now().await;
    }
    authorise::permit(context)?;
    protect::rates(context)?;
    let body = protect::body(context, parts, body).await?;
    protect::contract(context, parts, &body).await?;
    let passage = forward::open(context)?;
    protect::quota(context)?;
    let mut forwarded = forward::call(context, parts, body, passage).await?;
    seal::headers(context, &mut forwarded);
    Ok(forwarded)
}
