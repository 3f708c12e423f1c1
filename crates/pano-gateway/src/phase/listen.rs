//! Phase 1: what the connection already knows about the request. The bytes of HTTP/1.1 have been checked (see [`crate::http1`]);
//! HTTP/2 heads are checked by hyper's h2.

use crate::context::Context;
use crate::refusal::{Refused, With as _};
use http::header::{ACCEPT_LANGUAGE, CONNECTION};
use http::request::Parts;
use http::{HeaderValue, Method};
use pano_types::{Code, Lang};

/// Refuses what the connection refused, and methods that are no requests.
///
/// # Errors
/// When the head was refused.
pub fn check(context: &mut Context, parts: &Parts) -> Result<(), Refused> {
    if let Some(header) = parts.headers.get(ACCEPT_LANGUAGE) {
        context.lang = Lang::negotiate(header.to_str().ok());
    }
    if let Some(code) = context.conn.refusal(context.call) {
        return Err(Refused::from(code).header(CONNECTION, HeaderValue::from_static("close")));
    }
    if parts.method == Method::CONNECT {
        return Err(Code::RequestMalformed.into());
    }
    Ok(())
}
