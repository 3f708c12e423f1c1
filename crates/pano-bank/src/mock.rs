//! The mock of any published API: answers from its document, for APIs that have no backend yet.
//!
//! `ANY /mock/{version_id}/{path of the operation}`. Bodies are not checked here, the gateway does that. `Prefer: code=404`
//! (RFC 7240 §2; `code` is a habit of mocks, not registered) asks for the documented response of that status.
//!
//! What an app makes is remembered in its partner's sandbox, where the shapes of the paths allow it ([`place`]): what it reads
//! afterwards is what it made, and what it changed is changed.

mod library;
mod memory;
mod place;
mod route;

use crate::door::caller::{Caller, Gateway};
use crate::failure::Error;
use crate::role::Bank;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{FromRequestParts, OriginalUri, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use memory::{Known, Owner};
use pano_http::Failure;
use pano_spec::mock::{MockAnswer, MockRequest};
use pano_types::id::ApiVersionId;
use pano_types::{Code, Problem};
use place::Place;
use serde_json::Value;

pub(crate) use library::Library;
pub(crate) use memory::Thing;

const PREFIX: &str = "/mock/";

pub(crate) fn router() -> Router<Bank> {
    Router::new().route("/mock/{version_id}/{*path}", any(answer))
}

async fn answer(
    Whoever(caller): Whoever,
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
    let asked = Asked { version, method: method.as_str(), path, request };
    let made = match (caller, wanted) {
        (Some(caller), None) => remembering(&bank, &caller, asked).await?,
        // Asked for a certain response, or for nobody in particular: nothing is remembered.
        (_, wanted) => bank.library().answer(bank.store(), asked, wanted).await?,
    };
    Ok(response(made)?)
}

/// The gateway, and the app it calls for if it says so.
struct Whoever(Option<Caller>);

impl FromRequestParts<Bank> for Whoever {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, bank: &Bank) -> Result<Self, Failure> {
        Gateway::from_request_parts(parts, bank).await?;
        Ok(Self(Caller::from_request_parts(parts, bank).await.ok()))
    }
}

/// A request to the mock.
struct Asked<'a> {
    version: ApiVersionId,
    method: &'a str,
    /// The operation's, with its leading slash.
    path: &'a str,
    request: MockRequest,
}

/// Answers with what the app made before, and remembers what it makes now.
async fn remembering(bank: &Bank, caller: &Caller, mut asked: Asked<'_>) -> Result<MockAnswer, Error> {
    let owner = Owner { partner: caller.partner, app: caller.app.clone(), version: asked.version };
    let (library, vault) = (bank.library(), bank.vault());
    let said = asked.request.body.clone();
    match library.place(bank.store(), asked.version, asked.method, asked.path).await? {
        None => library.answer(bank.store(), asked, None).await,
        Some(Place::Makes { base, variable, after }) => {
            let name = pano_crypto::random::identifier(bank.entropy());
            asked.request.path.push((variable, name.clone()));
            let mut made = library.answer(bank.store(), asked, None).await?;
            let answered: Value = serde_json::from_str(&made.body).unwrap_or(Value::Null);
            if (200..300).contains(&made.status) && answered.is_object() {
                let thing = said.map_or(answered.clone(), |said| memory::merged(answered, &said));
                memory::write(vault, &owner, &format!("{base}/{name}"), Some(&thing)).await?;
                made.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("location"));
                made.headers.push(("location".to_owned(), format!("{base}/{name}{after}")));
            }
            Ok(made)
        }
        Some(Place::Reads(path)) => match memory::read(vault, &owner, &path).await? {
            Known::No => library.answer(bank.store(), asked, None).await,
            Known::Here(thing) => library.answer_with(bank.store(), asked, thing).await,
            Known::Gone => match library.answer(bank.store(), asked, Some(404)).await {
                Err(Error::Refused(problem)) if problem.code == Code::MockResponseUnknown => {
                    Err(Problem::new(Code::NotFound).into())
                }
                answer => answer,
            },
        },
        Some(Place::Changes(path)) => {
            let Known::Here(thing) = memory::read(vault, &owner, &path).await? else {
                return library.answer(bank.store(), asked, None).await;
            };
            let thing = said.map_or(thing.clone(), |said| memory::merged(thing, &said));
            let made = library.answer_with(bank.store(), asked, thing.clone()).await?;
            if made.status < 300 {
                memory::write(vault, &owner, &path, Some(&thing)).await?;
            }
            Ok(made)
        }
        Some(Place::Removes(path)) => {
            let made = library.answer(bank.store(), asked, None).await?;
            if made.status < 300 && memory::read(vault, &owner, &path).await? != Known::No {
                memory::write(vault, &owner, &path, None).await?;
            }
            Ok(made)
        }
    }
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
