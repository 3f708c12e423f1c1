//! Phase 8: what must not leave stays, what the partner should know is added.

use super::forward::Forwarded;
use crate::compiled::Serving;
use crate::context::Context;
use http::HeaderName;

/// Whether a header of the upstream's answer goes on to the partner: not those of the connection (RFC 9110 §7.6.1), not the framing,
/// which is made anew, and not those that say what software the upstream is.
pub fn passes(name: &HeaderName) -> bool {
    !matches!(
        name.as_str(),
        "connection"
            | "content-length"
            | "keep-alive"
            | "proxy-authenticate"
            | "proxy-connection"
            | "server"
            | "te"
            | "trailer"
            | "transfer-encoding"
            | "upgrade"
            | "via"
            | "x-powered-by"
            | "x-aspnet-version"
            | "x-aspnetmvc-version"
            | "x-request-id"
            | "ratelimit"
            | "ratelimit-policy"
    )
}

/// Adds the version's lifecycle headers.
pub fn headers(context: &Context, forwarded: &mut Forwarded) {
    if let Some(route) = &context.route
        && let Serving::Served(headers) = &route.api.serving
    {
        for (name, value) in headers {
            forwarded.headers.append(name, value.clone());
        }
    }
}
