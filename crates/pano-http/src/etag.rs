//! `ETag` and `If-Match` (RFC 9110 §8.8.3, §13.1.1) over a resource's generation.

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::header::{ETAG, IF_MATCH};
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use pano_types::{Code, Problem};
use serde::Serialize;

use crate::failure::Failure;

/// Strong entity tag of a resource: its generation, which grows by one with every change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Etag(pub u64);

impl Etag {
    /// The header's value, quotes included.
    pub fn value(self) -> HeaderValue {
        HeaderValue::from_str(&format!("\"{}\"", self.0)).unwrap_or(HeaderValue::from_static("\"0\""))
    }
}

/// The generation that a change is based on. As an extractor it is required: `resource.precondition_required` without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IfMatch(pub u64);

impl IfMatch {
    /// The generation, when `current` still is that one.
    ///
    /// # Errors
    /// `resource.changed` when the resource has moved on.
    pub fn check(self, current: u64) -> Result<u64, Problem> {
        if self.0 == current { Ok(current) } else { Err(Code::PreconditionFailed.into()) }
    }
}

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let mut values = parts.headers.get_all(IF_MATCH).iter();
        let value = values.next().ok_or(Code::PreconditionRequired)?;
        if values.next().is_some() {
            return Err(Problem::new(Code::RequestMalformed)
                .error("If-Match", ("must be sent once", "只能发送一次"))
                .into());
        }
        // A weak tag, a list, `*` or a tag that we never made cannot match (RFC 9110 §13.1.1: strong comparison).
        let generation = value.to_str().ok().and_then(|text| text.strip_prefix('"')?.strip_suffix('"')?.parse().ok());
        generation.map(Self).ok_or_else(|| Code::PreconditionFailed.into())
    }
}

/// A JSON answer with the resource's `ETag`, and `Location` when it has just been created (201).
#[derive(Debug)]
pub struct Tagged<T> {
    /// Generation of the resource.
    pub generation: u64,
    /// Where a created resource is.
    pub created_at: Option<String>,
    /// The resource.
    pub body: T,
}

impl<T> Tagged<T> {
    /// 200.
    pub const fn ok(generation: u64, body: T) -> Self {
        Self { generation, created_at: None, body }
    }
    /// 201 with `Location`.
    pub const fn created(generation: u64, location: String, body: T) -> Self {
        Self { generation, created_at: Some(location), body }
    }
}

impl<T: Serialize> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        let status = if self.created_at.is_some() { StatusCode::CREATED } else { StatusCode::OK };
        let mut response = (status, axum::Json(self.body)).into_response();
        response.headers_mut().insert(ETAG, Etag(self.generation).value());
        if let Some(location) = self.created_at.and_then(|at| HeaderValue::try_from(at).ok()) {
            response.headers_mut().insert(http::header::LOCATION, location);
        }
        response
    }
}
