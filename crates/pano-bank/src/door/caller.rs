//! Who calls: the gateway on behalf of an app, or another role of the platform.

use crate::role::Bank;
use axum::extract::FromRequestParts;
use http::header::WWW_AUTHENTICATE;
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use pano_crypto::digest::sha256_hex;
use pano_http::Failure;
use pano_types::id::PartnerId;
use pano_types::{Code, Problem, Secret};

/// Longest `X-Client-Id`.
const CLIENT_ID_MAX: usize = 128;

/// Credentials that are accepted, as digests: comparing digests tells nothing about how much of a guess was right.
#[derive(Debug, Clone)]
pub(crate) struct Accepted(Vec<String>);

impl Accepted {
    pub(crate) fn new(secrets: &[Secret]) -> Self {
        // The values are needed once, to be digested.
        Self(secrets.iter().map(|secret| sha256_hex(secret.expose().as_bytes())).collect())
    }

    fn admits(&self, headers: &HeaderMap) -> bool {
        let Ok(Some(token)) = pano_http::bearer(headers) else { return false };
        let digest = sha256_hex(token.expose().as_bytes());
        self.0.contains(&digest)
    }
}

/// Refuses whoever does not come with one of these credentials.
fn admit(accepted: &Accepted, parts: &Parts) -> Result<(), Failure> {
    if accepted.admits(&parts.headers) {
        return Ok(());
    }
    Err(Failure::from(Code::BankCallerUnknown).header(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")))
}

/// The app that a call is made for and its partner, vouched for by the gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    /// Client id. Owner of idempotency keys and payments.
    pub(crate) app: String,
    /// Owner of the sandbox.
    pub(crate) partner: PartnerId,
}

impl FromRequestParts<Bank> for Caller {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, bank: &Bank) -> Result<Self, Failure> {
        admit(bank.gateways(), parts)?;
        let app = one(&parts.headers, "x-client-id").filter(|app| app.bytes().all(|b| b.is_ascii_graphic()));
        let partner = one(&parts.headers, "x-partner-id").and_then(|partner| partner.parse().ok());
        match (app, partner) {
            (Some(app), Some(partner)) => Ok(Self { app: app.to_owned(), partner }),
            _ => Err(Problem::new(Code::BankClientIdRequired).into()),
        }
    }
}

/// A header that was sent once, and neither empty nor too long.
fn one<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    (values.next().is_none() && (1..=CLIENT_ID_MAX).contains(&value.len())).then_some(value)
}

/// The gateway, whoever it calls for.
#[derive(Debug)]
pub(crate) struct Gateway;

impl FromRequestParts<Bank> for Gateway {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, bank: &Bank) -> Result<Self, Failure> {
        admit(bank.gateways(), parts).map(|()| Self)
    }
}

/// Another role of the platform.
#[derive(Debug)]
pub(crate) struct Role;

impl FromRequestParts<Bank> for Role {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, bank: &Bank) -> Result<Self, Failure> {
        admit(bank.roles(), parts).map(|()| Self)
    }
}
