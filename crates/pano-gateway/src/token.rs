//! Access tokens: JWT profile of RFC 9068, verified once and remembered until they expire.
//!
//! The memory of verified tokens is bounded, belongs to one worker and holds no token: its key is a 128-bit tag of the token under a
//! random key (the universal hash of AES-GCM), which nobody outside can make collide. What can change after verification —
//! expiry, revocation, the issuer's keys — is looked at on every request.

mod keys;
mod memory;

pub use keys::{Keys, KeysError};
pub use memory::{Memory, Tag};

use crate::limit::Bucket;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pano_types::Instant;
use pano_types::id::AppId;
use serde::Deserialize;
use std::borrow::Cow;
use std::cell::OnceCell;
use std::sync::Arc;
use std::time::Duration;

/// Longest token that is looked at.
pub const TOKEN_BYTES_MAX: usize = 8 * 1024;
/// How far clocks may differ.
pub const TOLERANCE: Duration = Duration::from_secs(10);

/// Which tokens are accepted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rules {
    /// Take any signed JWT, not only `typ: at+jwt` with a `jti` (plain proxying, benches).
    pub any_jwt: bool,
}

/// What a verified token says.
#[derive(Debug)]
pub struct Claims {
    /// `client_id`.
    pub client_id: Box<str>,
    /// The same as an app's id, when it is one.
    pub app: Option<AppId>,
    /// `scope`, separated by spaces.
    pub scope: Box<str>,
    /// `sub`, where a customer's consent is named; else the token is the client's own.
    pub customer: Option<Box<str>>,
    /// `consent_id`.
    pub consent: Option<Box<str>>,
    /// `jti`.
    pub jti: Option<Box<str>>,
    /// `iat`.
    pub issued: Instant,
    /// `exp`.
    pub expires: Instant,
    /// The state of [`Keys`] it was verified with.
    pub epoch: u64,
    /// Rate of the client, once it was looked up.
    pub bucket: OnceCell<Arc<Bucket>>,
}

/// Why a token was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Too long, not three parts, not base64url, not JSON, duplicate members.
    #[error("the token is not a signed JWT")]
    Malformed,
    /// Not an access token.
    #[error("the token's typ is not at+jwt")]
    Type,
    /// An algorithm that is not on the list, or not the key's.
    #[error("the token's alg is not one of ES256, PS256 and EdDSA, or not the key's")]
    Algorithm,
    /// `crit` names something.
    #[error("the token demands an extension that is not known here")]
    Critical,
    /// No issuer has this key.
    #[error("no trusted issuer has the token's key")]
    Key,
    /// The signature does not fit.
    #[error("the token's signature does not verify")]
    Signature,
    /// Another issuer than the key's.
    #[error("the token's iss is not the issuer of its key")]
    Issuer,
    /// For someone else.
    #[error("the token's aud does not name this platform")]
    Audience,
    /// A claim that must be there is not.
    #[error("the token lacks the claim {0}")]
    Missing(&'static str),
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// Its time has not come.
    #[error("the token is not valid yet")]
    NotYet,
}

#[derive(Deserialize)]
struct Header<'t> {
    #[serde(borrow)]
    alg: Cow<'t, str>,
    #[serde(borrow)]
    kid: Option<Cow<'t, str>>,
    #[serde(borrow)]
    typ: Option<Cow<'t, str>>,
    crit: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Payload<'t> {
    #[serde(borrow)]
    iss: Option<Cow<'t, str>>,
    #[serde(borrow)]
    aud: Option<Audience<'t>>,
    exp: Option<f64>,
    nbf: Option<f64>,
    iat: Option<f64>,
    #[serde(borrow)]
    sub: Option<Cow<'t, str>>,
    #[serde(borrow)]
    client_id: Option<Cow<'t, str>>,
    #[serde(borrow)]
    consent_id: Option<Cow<'t, str>>,
    #[serde(borrow)]
    scope: Option<Cow<'t, str>>,
    #[serde(borrow)]
    jti: Option<Cow<'t, str>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience<'t> {
    #[serde(borrow)]
    One(Cow<'t, str>),
    #[serde(borrow)]
    Many(Vec<Cow<'t, str>>),
}

impl Audience<'_> {
    fn names(&self, wanted: &str) -> bool {
        match self {
            Self::One(one) => one == wanted,
            Self::Many(many) => many.iter().any(|one| one == wanted),
        }
    }
}

/// Verifies `token` at `now`.
///
/// # Errors
/// When it is not a valid access token of one of the issuers in `keys`.
pub fn verify(token: &[u8], keys: &Keys, rules: Rules, now: Instant) -> Result<Claims, TokenError> {
    if token.len() > TOKEN_BYTES_MAX {
        return Err(TokenError::Malformed);
    }
    let mut parts = token.split(|b| *b == b'.');
    let (Some(header), Some(payload), Some(signature), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(TokenError::Malformed);
    };
    let mut buffer = [0; 1024];
    let key = {
        let size = URL_SAFE_NO_PAD.decode_slice(header, &mut buffer).map_err(|_| TokenError::Malformed)?;
        let bytes = buffer.get(..size).unwrap_or_default();
        let header: Header<'_> = serde_json::from_slice(bytes).map_err(|_| TokenError::Malformed)?;
        check_header(&header, keys, rules)?
    };
    let size = URL_SAFE_NO_PAD.decode_slice(signature, &mut buffer).map_err(|_| TokenError::Malformed)?;
    let signed = token.get(..header.len() + 1 + payload.len()).unwrap_or_default();
    key.verify(signed, buffer.get(..size).unwrap_or_default()).map_err(|()| TokenError::Signature)?;
    let payload = URL_SAFE_NO_PAD.decode(payload).map_err(|_| TokenError::Malformed)?;
    let payload: Payload<'_> = serde_json::from_slice(&payload).map_err(|_| TokenError::Malformed)?;
    check_claims(&payload, key, keys, rules, now)
}

fn check_header<'k>(header: &Header<'_>, keys: &'k Keys, rules: Rules) -> Result<&'k keys::Key, TokenError> {
    let typ = header.typ.as_deref().unwrap_or_default();
    let access = typ.eq_ignore_ascii_case("at+jwt") || typ.eq_ignore_ascii_case("application/at+jwt");
    if !access && !(rules.any_jwt && (typ.is_empty() || typ.eq_ignore_ascii_case("jwt"))) {
        return Err(TokenError::Type);
    }
    if header.crit.is_some() {
        return Err(TokenError::Critical);
    }
    let algorithm = keys::Algorithm::from_name(&header.alg).ok_or(TokenError::Algorithm)?;
    let key = keys.find(header.kid.as_deref(), algorithm).ok_or(TokenError::Key)?;
    if key.algorithm != algorithm { Err(TokenError::Algorithm) } else { Ok(key) }
}

fn check_claims(
    claims: &Payload<'_>,
    key: &keys::Key,
    keys: &Keys,
    rules: Rules,
    now: Instant,
) -> Result<Claims, TokenError> {
    let issuer = keys.issuer(key).ok_or(TokenError::Key)?;
    if claims.iss.as_deref() != Some(&*issuer.name) {
        return Err(TokenError::Issuer);
    }
    if !claims.aud.as_ref().is_some_and(|aud| aud.names(&issuer.audience)) {
        return Err(TokenError::Audience);
    }
    let expires = instant(claims.exp.ok_or(TokenError::Missing("exp"))?);
    if expires.plus(TOLERANCE) <= now {
        return Err(TokenError::Expired);
    }
    let early = now.plus(TOLERANCE);
    if [claims.nbf, claims.iat].into_iter().flatten().any(|at| instant(at) > early) {
        return Err(TokenError::NotYet);
    }
    if !rules.any_jwt && claims.iat.is_none() {
        return Err(TokenError::Missing("iat"));
    }
    if !rules.any_jwt && claims.jti.is_none() {
        return Err(TokenError::Missing("jti"));
    }
    let client_id = claims.client_id.as_deref().filter(|id| is_plain(id)).ok_or(TokenError::Missing("client_id"))?;
    let consent = claims.consent_id.as_deref();
    if consent.is_some_and(|id| !is_plain(id)) {
        return Err(TokenError::Missing("consent_id"));
    }
    let customer = consent.and(claims.sub.as_deref());
    if consent.is_some() && !customer.is_some_and(is_plain) {
        return Err(TokenError::Missing("sub"));
    }
    Ok(Claims {
        customer: customer.map(Into::into),
        consent: consent.map(Into::into),
        client_id: client_id.into(),
        app: client_id.parse().ok(),
        scope: claims.scope.as_deref().unwrap_or_default().into(),
        jti: claims.jti.as_deref().map(Into::into),
        issued: instant(claims.iat.unwrap_or_default()),
        expires,
        epoch: keys.epoch,
        bucket: OnceCell::new(),
    })
}

/// A client id travels on as a header, so it must be one: 1 to 128 visible ASCII characters.
fn is_plain(id: &str) -> bool {
    (1..=128).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic())
}

/// NumericDate (RFC 7519 §2): seconds, maybe with a fraction.
fn instant(seconds: f64) -> Instant {
    Instant::from_unix_micros((seconds.clamp(-6e10, 2.5e11) * 1e6) as i64)
}

impl Claims {
    /// Whether all of `wanted` are granted.
    pub fn has_scopes(&self, wanted: &[Box<str>]) -> bool {
        wanted.iter().all(|w| self.scope.split(' ').any(|s| s == &**w))
    }
    /// Whether the time is over at `now`.
    pub fn expired(&self, now: Instant) -> bool {
        self.expires.plus(TOLERANCE) <= now
    }
}

#[cfg(test)]
mod tests;
