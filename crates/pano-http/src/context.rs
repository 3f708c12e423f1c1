//! What every request carries: trace, language, time, peer.

use axum::extract::FromRequestParts;
use http::HeaderMap;
use http::request::Parts;
use pano_types::{Code, Entropy, Instant, Lang};
use std::net::SocketAddr;

use crate::failure::Failure;

/// The request's context, made once by [`crate::app::finish`] and taken by handlers as an extractor.
#[derive(Debug, Clone)]
pub struct Context {
    /// Trace id (W3C Trace Context §3.2.2.3), 32 lower-case hex digits; the caller's when it sent a valid one.
    pub trace_id: String,
    /// Our own span in that trace, 16 hex digits: the parent of what we call.
    pub span_id: String,
    /// Language of problems and texts.
    pub lang: Lang,
    /// When the request's head was in.
    pub now: Instant,
    /// Who is at the other end of the connection, when the server told.
    pub peer: Option<SocketAddr>,
}

impl Context {
    /// Reads `traceparent` and `Accept-Language`; what is absent or malformed is made anew.
    pub fn new(headers: &HeaderMap, peer: Option<SocketAddr>, now: Instant, entropy: &dyn Entropy) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let mut span = [0; 8];
        entropy.fill(&mut span);
        let trace_id = text("traceparent")
            .and_then(parse_traceparent)
            .map_or_else(|| hex::encode(entropy.u128().max(1).to_be_bytes()), str::to_owned);
        let lang = Lang::negotiate(text("accept-language"));
        Self { trace_id, span_id: hex::encode(span), lang, now, peer }
    }
    /// The `traceparent` to send with calls made on behalf of this request.
    pub fn traceparent(&self) -> String {
        format!("00-{}-{}-01", self.trace_id, self.span_id)
    }
}

/// The trace id of a valid `traceparent` (W3C Trace Context §3.2): version not `ff`, lower-case hex, no id all zero.
pub fn parse_traceparent(text: &str) -> Option<&str> {
    let hex = |part: &str, len: usize| {
        part.len() == len && part.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    };
    let mut parts = text.trim().split('-');
    let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let zero = |part: &str| part.bytes().all(|b| b == b'0');
    let whole = hex(version, 2) && hex(trace, 32) && hex(span, 16) && hex(flags, 2);
    let more = parts.next().is_some();
    (whole && version != "ff" && !zero(trace) && !zero(span) && !(version == "00" && more)).then_some(trace)
}

impl<S: Sync> FromRequestParts<S> for Context {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Code::Internal.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pano_types::clock::SeededEntropy;

    #[test]
    fn only_a_valid_traceparent_is_continued() {
        let id = "0af7651916cd43dd8448eb211c80319c";
        for (text, taken) in [
            (format!("00-{id}-b7ad6b7169203331-01"), true),
            (format!("cc-{id}-b7ad6b7169203331-01-what-the-future"), true),
            (format!("00-{id}-b7ad6b7169203331-01-more"), false),
            (format!("ff-{id}-b7ad6b7169203331-01"), false),
            (format!("00-{}-b7ad6b7169203331-01", id.to_uppercase()), false),
            (format!("00-{}-b7ad6b7169203331-01", "0".repeat(32)), false),
            (format!("00-{id}-0000000000000000-01"), false),
            (format!("00-{id}"), false),
            (String::new(), false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("traceparent", text.parse().unwrap());
            let context = Context::new(&headers, None, Instant::default(), &SeededEntropy::new(1));
            assert_eq!(context.trace_id == id, taken, "{text}");
            assert_eq!(parse_traceparent(&context.traceparent()), Some(&*context.trace_id));
        }
    }
}
