//! Refusals: problems with the headers that belong to them.

use crate::body::Body;
use crate::context::Context;
use bytes::Bytes;
use http::header::{CONTENT_LANGUAGE, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use pano_types::{Code, Lang, Problem};

/// Why a request is not answered by its upstream.
#[derive(Debug)]
pub struct Refusal {
    /// The problem.
    pub problem: Problem,
    /// Headers beside it.
    pub headers: Vec<(HeaderName, HeaderValue)>,
}

/// Phases return it boxed: it is rare, and large beside what they return otherwise.
pub type Refused = Box<Refusal>;

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Box::new(Refusal { problem, headers: Vec::new() })
    }
}

impl From<Code> for Refused {
    fn from(code: Code) -> Self {
        Problem::new(code).into()
    }
}

/// Adds to a refusal.
pub trait With {
    /// With a header.
    #[must_use]
    fn header(self, name: HeaderName, value: impl TryInto<HeaderValue>) -> Self;
    /// With `Retry-After` in seconds.
    #[must_use]
    fn retry_after(self, seconds: u64) -> Self;
    /// With `WWW-Authenticate` (RFC 6750 §3).
    #[must_use]
    fn bearer(self, error: Option<(&str, &str)>) -> Self;
}

impl With for Refused {
    fn header(mut self, name: HeaderName, value: impl TryInto<HeaderValue>) -> Self {
        if let Ok(value) = value.try_into() {
            self.headers.push((name, value));
        }
        self
    }
    fn retry_after(self, seconds: u64) -> Self {
        self.header(RETRY_AFTER, HeaderValue::from(seconds))
    }
    fn bearer(self, error: Option<(&str, &str)>) -> Self {
        let value = match error {
            None => "Bearer realm=\"panorama\"".to_owned(),
            Some((error, more)) => format!("Bearer realm=\"panorama\", error=\"{error}\"{more}"),
        };
        self.header(WWW_AUTHENTICATE, value)
    }
}

impl Refusal {
    /// The answer, and its body's length.
    pub fn answer(&self, context: &Context) -> Response<Body> {
        let code = self.problem.code;
        let json = self.problem.to_json(context.lang, context.trace_id());
        let mut response = Response::new(Body::full(Bytes::from(json.to_string())));
        *response.status_mut() = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        let language = match context.lang {
            Lang::Zh => "zh",
            Lang::En => "en",
        };
        headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language));
        headers.insert(http::header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        for (name, value) in &self.headers {
            headers.append(name, value.clone());
        }
        response
    }
}
