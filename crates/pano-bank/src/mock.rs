//! The mock of any published API: answers from its document, for APIs that have no backend yet.
//!
//! `ANY /mock/{version_id}/{path of the operation}`. Bodies are not checked here, the gateway does that. `Prefer: code=404`
//! (RFC 7240 §2; `code` is a habit of mocks, not registered) asks for the documented response of that status.

mod library;
mod route;

use crate::door::caller::Gateway;
use crate::failure::Error;
use crate::role::Bank;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{OriginalUri, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use pano_http::Failure;
use pano_spec::mock::{MockAnswer, MockRequest};
use pano_types::id::ApiVersionId;
use pano_types::{Code, Problem};

pub(crate) use library::Library;

const PREFIX: &str = "/mock/";

pub(crate) fn router() -> Router<Bank> {
    Router::new().route("/mock/{version_id}/{*path}", any(answer))
}

async fn answer(
    _: Gateway,
    State(bank): State<Bank>,
    method: Method,
    OriginalUri(uri): OriginalUri,
    query: Result<Query<Vec<(String, String)>>, axum::extract::rejection::QueryRejection>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let rest = uri.path().strip_prefix(PREFIX).unwrap_or_default();
    let (version, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let version: ApiVersionId = version.parse().map_err(|_| Code::MockVersionUnknown)?;
    let wanted = preferred(&headers)?;
    let request = MockRequest {
        path: Vec::new(),
        query: query.map(|Query(pairs)| pairs).unwrap_or_default(),
        body: serde_json::from_slice(&body).ok(),
    };
    let made = bank.library().answer(bank.store(), version, method.as_str(), path, wanted, request).await?;
    Ok(response(made)?)
}

/// The status in `Prefer: code=…`, if one is asked for.
fn preferred(headers: &HeaderMap) -> Result<Option<u16>, Problem> {
    let all = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
    let mut preferences = all.flat_map(|value| value.split([',', ';'])).map(str::trim);
    let Some(code) = preferences.find_map(|preference| preference.strip_prefix("code=")) else { return Ok(None) };
    let status = code.trim_matches('"').parse::<u16>().ok().filter(|status| (200..600).contains(status));
    status.map(Some).ok_or_else(|| {
        Problem::new(Code::MockResponseUnknown).error("Prefer", ("code must be 200 to 599", "code 须为 200 至 599"))
    })
}

fn response(made: MockAnswer) -> Result<Response, Error> {
    let status = StatusCode::from_u16(made.status).map_err(Error::broken)?;
    let mut response = (status, made.body).into_response();
    response.headers_mut().remove(CONTENT_TYPE);
    let media = made.media_type.map(|media| (CONTENT_TYPE.as_str().to_owned(), media));
    for (name, value) in media.into_iter().chain(made.headers) {
        // A document may describe headers that HTTP does not allow; the answer goes without them.
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preferences_are_read() {
        for (value, want) in [
            ("code=404", Ok(Some(404))),
            ("respond-async, code=\"201\"", Ok(Some(201))),
            ("return=minimal", Ok(None)),
            ("code=abc", Err(Code::MockResponseUnknown)),
            ("code=99", Err(Code::MockResponseUnknown)),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("prefer", value.parse().unwrap());
            assert_eq!(preferred(&headers).map_err(|problem| problem.code), want, "{value}");
        }
        assert_eq!(preferred(&HeaderMap::new()), Ok(None));
    }
}
