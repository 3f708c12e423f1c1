//! Phase 9: the access record, before the partner has the whole answer.

use super::forward::{Forwarded, ForwardedBody};
use super::protect::limit_headers;
use crate::body::Body;
use crate::context::Context;
use crate::refusal::{Refused, With as _};
use http::{HeaderMap, HeaderName, Response};
use pano_types::Code;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Makes the answer, and gives it away when its record is in the log. A streamed body does the same at its end.
pub async fn answer(mut context: Context, outcome: Result<Forwarded, Refused>) -> Response<Body> {
    let forwarded = match outcome {
        Ok(forwarded) => forwarded,
        Err(refused) => return refuse(context, refused).await,
    };
    let mut response = Response::new(Body::Full(None));
    *response.status_mut() = forwarded.status;
    *response.headers_mut() = forwarded.headers;
    common(&context, response.headers_mut());
    let status = forwarded.status.as_u16();
    match forwarded.body {
        ForwardedBody::Whole(bytes) => {
            let ticket = context.record(status, bytes.len() as u64);
            if context.worker.recorder.is_on() {
                tokio::task::yield_now().await;
                if context.settle(ticket).is_err() {
                    return unrecorded(&context);
                }
            }
            *response.body_mut() = Body::full(bytes);
        }
        ForwardedBody::Coming(incoming, place, deadline) => {
            *response.body_mut() = Body::stream(*incoming, context, status, deadline, place);
        }
    }
    response
}

async fn refuse(mut context: Context, refused: Refused) -> Response<Body> {
    context.code = Some(refused.problem.code);
    let mut response = refused.answer(&context);
    common(&context, response.headers_mut());
    let ticket = context.record(response.status().as_u16(), response.body().length());
    if context.worker.recorder.is_on() {
        tokio::task::yield_now().await;
        if context.settle(ticket).is_err() {
            return unrecorded(&context);
        }
    }
    response
}

/// What every answer carries.
fn common(context: &Context, headers: &mut HeaderMap) {
    headers.insert(REQUEST_ID, context.id.clone());
    for (name, value) in limit_headers(context).into_iter().flatten() {
        headers.insert(name, value);
    }
}

/// The answer in place of one whose record could not be written: what is not metered is not given away.
fn unrecorded(context: &Context) -> Response<Body> {
    let mut response = Refused::from(Code::Unavailable).retry_after(1).answer(context);
    common(context, response.headers_mut());
    response
}
