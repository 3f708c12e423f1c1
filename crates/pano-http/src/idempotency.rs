//! `Idempotency-Key`: the same key with the same request is carried out once; with another request it is refused.
//!
//! This file reads the key and takes the request's fingerprint. Remembering both is the caller's, in the same
//! transaction as the change (DESIGN §11), for only then two requests at once cannot both pass.

use axum::extract::{FromRequest, FromRequestParts, Request};
use http::HeaderMap;
use http::request::Parts;
use pano_types::{Code, Problem};
use serde::de::DeserializeOwned;

use crate::extract::{body_bytes, json_only, parse_json};
use crate::failure::Failure;

/// Name of the header (draft-ietf-httpapi-idempotency-key-header).
pub const HEADER: &str = "idempotency-key";
/// Header on an answer that is a replay.
pub const REPLAYED: &str = "idempotency-replayed";

/// A key that the caller chose: 1 to 255 visible ASCII characters. As an extractor it is required.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key(String);

impl Key {
    /// The key in `headers`, if any.
    ///
    /// # Errors
    /// `idempotency.key_required` when it is malformed or sent twice.
    pub fn of(headers: &HeaderMap) -> Result<Option<Self>, Problem> {
        let mut values = headers.get_all(HEADER).iter();
        let Some(value) = values.next() else { return Ok(None) };
        let text = value.to_str().unwrap_or_default();
        let legal = (1..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        if !legal || values.next().is_some() {
            return Err(
                Problem::new(Code::IdempotencyKeyRequired).error("Idempotency-Key", ("is malformed", "格式错误"))
            );
        }
        Ok(Some(Self(text.to_owned())))
    }
    /// The key.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<S: Sync> FromRequestParts<S> for Key {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        Ok(Self::of(&parts.headers)?.ok_or(Code::IdempotencyKeyRequired)?)
    }
}

/// SHA-256 (hex) over method, path, query and body: tells whether two requests with one key are the same.
pub fn fingerprint(method: &str, path_and_query: &str, body: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(method.len() + path_and_query.len() + body.len() + 2);
    for part in [method.as_bytes(), b"\n", path_and_query.as_bytes(), b"\n", body] {
        bytes.extend_from_slice(part);
    }
    pano_crypto::digest::sha256_hex(&bytes)
}

/// A JSON body with the caller's key, when it sent one, and the request's fingerprint. `T = ()` stands for no body.
#[derive(Debug, Clone)]
pub struct Idempotent<T> {
    /// The key.
    pub key: Option<Key>,
    /// [`fingerprint`] of this request.
    pub fingerprint: String,
    /// The body.
    pub body: T,
}

impl<S: Send + Sync, T: DeserializeOwned + 'static> FromRequest<S> for Idempotent<T> {
    type Rejection = Failure;
    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let key = Key::of(request.headers())?;
        let method = request.method().clone();
        let uri = request.extensions().get::<axum::extract::OriginalUri>().map_or(request.uri(), |uri| &uri.0);
        let path = uri.path_and_query().map(ToString::to_string).unwrap_or_default();
        let headers = request.headers().clone();
        let bytes = body_bytes(request, state).await?;
        let fingerprint = fingerprint(method.as_str(), &path, &bytes);
        let empty = bytes.is_empty() && std::any::TypeId::of::<T>() == std::any::TypeId::of::<()>();
        if !empty {
            json_only(&headers)?;
        }
        let body = parse_json(if empty { b"null" } else { &bytes })?;
        Ok(Self { key, fingerprint, body })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_bounded_and_fingerprints_differ_by_every_part() {
        let mut headers = HeaderMap::new();
        assert_eq!(Key::of(&headers).unwrap(), None);
        for bad in ["", "a b", &"x".repeat(256)] {
            headers.insert(HEADER, bad.parse().unwrap());
            assert_eq!(Key::of(&headers).unwrap_err().code, Code::IdempotencyKeyRequired);
        }
        headers.insert(HEADER, "k-1".parse().unwrap());
        assert_eq!(Key::of(&headers).unwrap().unwrap().as_str(), "k-1");
        headers.append(HEADER, "k-2".parse().unwrap());
        assert!(Key::of(&headers).is_err());
        let prints = [("POST", "/a", "x"), ("PUT", "/a", "x"), ("POST", "/b", "x"), ("POST", "/a", "y")]
            .map(|(m, p, b)| fingerprint(m, p, b.as_bytes()));
        assert_eq!(prints.iter().collect::<std::collections::HashSet<_>>().len(), 4);
    }
}
