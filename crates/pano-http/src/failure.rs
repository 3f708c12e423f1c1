//! How a [`Problem`] travels from a handler to the wire.

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use pano_types::{Code, Problem};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What a handler answers when it does not succeed: a problem for the caller and, apart from it, a cause for the log.
#[derive(Debug, Clone)]
pub struct Failure {
    problem: Problem,
    cause: Option<Arc<dyn std::error::Error + Send + Sync>>,
    headers: HeaderMap,
}

/// Shorthand for handlers.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

impl Failure {
    /// Something failed on our side: `cause` is logged once with the trace id, the caller sees only `internal`.
    pub fn internal(cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self { cause: Some(Arc::new(cause)), ..Self::from(Code::Internal) }
    }
    /// `problem` for the caller, `cause` for the log.
    pub fn caused(problem: impl Into<Problem>, cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self { cause: Some(Arc::new(cause)), ..Self::from(problem.into()) }
    }
    /// With a header that belongs to the answer (`Retry-After`, `WWW-Authenticate`).
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }
    /// What the caller will see.
    pub const fn problem(&self) -> &Problem {
        &self.problem
    }
    /// What only the log will see.
    pub fn cause(&self) -> Option<&(dyn std::error::Error + Send + Sync + 'static)> {
        self.cause.as_deref()
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self { problem, cause: None, headers: HeaderMap::new() }
    }
}

impl From<Code> for Failure {
    fn from(code: Code) -> Self {
        Problem::new(code).into()
    }
}

impl IntoResponse for Failure {
    /// The body stays empty here; [`crate::app::finish`] writes it, for only there language and trace id are known.
    fn into_response(self) -> Response {
        let mut response = Response::default();
        *response.status_mut() =
            StatusCode::from_u16(self.problem.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        response.headers_mut().extend(self.headers.clone());
        response.extensions_mut().insert(self);
        response
    }
}

/// `application/problem+json` (RFC 9457 §3) as callers read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ProblemBody {
    /// Address of the page that explains the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// What went wrong, in one line, in the language of `Content-Language`.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// Stable code, `area.what`; the same in every language.
    pub code: String,
    /// What the reader can do.
    pub remedy: String,
    /// Trace id (W3C Trace Context), 32 hex digits. Name it when reporting the problem.
    pub trace_id: String,
    /// What in particular.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Every single mistake, when there can be several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ProblemError>,
}

/// One mistake inside a [`ProblemBody`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ProblemError {
    /// A JSON pointer into the body (RFC 6901), or the name of a parameter or header.
    pub at: String,
    /// The rule that refused it.
    pub reason: String,
}
