//! Client authentication by `private_key_jwt` (OpenID Connect Core §9; RFC 7521 §4.2, RFC 7523 §3), as FAPI 2.0 Security
//! Profile §5.3.2.1 narrows it.

use crate::client::{Client, ClientKey};
use crate::form::Form;
use crate::refusal::Refusal;
use pano_crypto::jws::{self, Compact};
use pano_types::Instant;
use pano_types::id::{AppId, CredentialId};
use serde_json::{Map, Value};
use std::time::Duration;

/// The one `client_assertion_type` (RFC 7523 §2.2).
pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What an assertion must keep to.
#[derive(Debug, Clone)]
pub struct AssertionRules {
    /// The one `aud`: the issuer, as one string and never a list (FAPI 2.0 §5.3.2.1), for anything looser lets another
    /// server replay the assertion to us.
    pub audience: String,
    /// How far ahead `exp` may lie.
    pub lifetime_max: Duration,
    /// How far a client's clock may run ahead of ours (FAPI 2.0: accept 10 s, refuse 60 s).
    pub skew: Duration,
}

impl AssertionRules {
    /// 5 minutes and 10 seconds, for an issuer.
    pub fn new(issuer: &str) -> Self {
        Self { audience: issuer.to_owned(), lifetime_max: Duration::from_secs(300), skew: Duration::from_secs(10) }
    }
}

/// An assertion that is well formed, timely and addressed to us; whose it is remains to be proven.
#[derive(Debug)]
pub struct Presented<'a> {
    jws: Compact<'a>,
    client: AppId,
    jti: String,
    expires_at: Instant,
}

/// A client that has proven who it is. To be trusted only once its `jti` has been recorded as used ([`Proven::jti`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    client: AppId,
    credential: CredentialId,
    jti: String,
    expires_at: Instant,
}

impl<'a> Presented<'a> {
    /// Reads the client authentication out of a form.
    ///
    /// # Errors
    /// When there is none, another one, or the assertion breaks a rule that needs no key.
    pub fn read(form: &'a Form, rules: &AssertionRules, now: Instant) -> Result<Self, Refusal> {
        if form.value("client_secret").is_some() {
            return Err(Refusal::OtherClientAuthentication);
        }
        let (kind, text) = match (form.value("client_assertion_type"), form.value("client_assertion")) {
            (Some(kind), Some(text)) => (kind, text),
            (None, None) => return Err(Refusal::NoClientAuthentication),
            (None, Some(_)) => return Err(Refusal::ParameterMissing("client_assertion_type")),
            (Some(_), None) => return Err(Refusal::ParameterMissing("client_assertion")),
        };
        if kind != ASSERTION_TYPE {
            return Err(Refusal::AssertionTypeUnknown);
        }
        let presented = Self::parse(text, rules, now)?;
        // RFC 7521 §4.2: client_id is unnecessary, but must then be the assertion's.
        if form.value("client_id").is_some_and(|id| id != presented.client.to_string()) {
            return Err(Refusal::ClientIdMismatch);
        }
        Ok(presented)
    }

    /// Reads an assertion.
    ///
    /// # Errors
    /// When it breaks a rule that needs no key.
    pub fn parse(text: &'a str, rules: &AssertionRules, now: Instant) -> Result<Self, Refusal> {
        let jws = Compact::parse(text).map_err(|error| match error {
            jws::Error::TooLong => Refusal::AssertionTooLong,
            jws::Error::Algorithm => Refusal::AssertionAlgorithm,
            _ => Refusal::AssertionMalformed,
        })?;
        // What is checked here is checked of bytes whose signature `prove` then verifies.
        let claims: Map<String, Value> = jws.unverified().map_err(|_| Refusal::AssertionMalformed)?;
        let client = subject(&claims)?;
        audience(&claims, rules)?;
        let expires_at = times(&claims, rules, now)?;
        let jti = text_claim(&claims, "jti")?;
        if !(8..=128).contains(&jti.len()) || !jti.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Refusal::AssertionJti);
        }
        let jti = jti.to_owned();
        Ok(Self { jws, client, jti, expires_at })
    }

    /// Who it says it is.
    pub const fn client(&self) -> AppId {
        self.client
    }

    /// Checks the signature with the keys of `client`, `None` when there is no such client.
    ///
    /// # Errors
    /// [`Refusal::ClientNotProven`], whatever the reason; [`Refusal::ClientNotActive`] only to who has proven to be it.
    pub fn prove(self, client: Option<&Client>, now: Instant) -> Result<Proven, Refusal> {
        let client = client.filter(|client| client.id == self.client).ok_or(Refusal::ClientNotProven)?;
        let header = self.jws.header();
        let candidate = |key: &&ClientKey| {
            key.is_valid(now) && key.key.alg() == header.alg && header.kid.as_ref().is_none_or(|kid| *kid == key.kid)
        };
        let key = client
            .keys
            .iter()
            .filter(candidate)
            .find(|key| self.jws.verify_signature(&key.key).is_ok())
            .ok_or(Refusal::ClientNotProven)?;
        if !client.active {
            return Err(Refusal::ClientNotActive);
        }
        Ok(Proven { client: self.client, credential: key.credential, jti: self.jti, expires_at: self.expires_at })
    }
}

impl Proven {
    /// Who it is.
    pub const fn client(&self) -> AppId {
        self.client
    }
    /// By which credential.
    pub const fn credential(&self) -> CredentialId {
        self.credential
    }
    /// The assertion's id, to be used once until [`Proven::expires_at`].
    pub fn jti(&self) -> &str {
        &self.jti
    }
    /// Until when the assertion could be replayed.
    pub const fn expires_at(&self) -> Instant {
        self.expires_at
    }
}

/// RFC 7523 §3, items 1 and 2: `iss` and `sub` are the `client_id`.
fn subject(claims: &Map<String, Value>) -> Result<AppId, Refusal> {
    let (iss, sub) = (text_claim(claims, "iss")?, text_claim(claims, "sub")?);
    if iss != sub {
        return Err(Refusal::AssertionSubject);
    }
    // An id that is not of our form is an unknown client, and is told so.
    sub.parse().map_err(|_| Refusal::ClientNotProven)
}

/// RFC 7523 §3, item 3.
fn audience(claims: &Map<String, Value>, rules: &AssertionRules) -> Result<(), Refusal> {
    match claims.get("aud") {
        None => Err(Refusal::AssertionClaimMissing("aud")),
        Some(Value::String(aud)) if *aud == rules.audience => Ok(()),
        Some(_) => Err(Refusal::AssertionAudience),
    }
}

/// RFC 7523 §3, items 4 to 6; gives `exp`.
fn times(claims: &Map<String, Value>, rules: &AssertionRules, now: Instant) -> Result<Instant, Refusal> {
    let exp = instant_claim(claims, "exp")?.ok_or(Refusal::AssertionClaimMissing("exp"))?;
    let latest = now.plus(rules.skew);
    if exp <= now {
        return Err(Refusal::AssertionExpired);
    }
    if exp > latest.plus(rules.lifetime_max) {
        return Err(Refusal::AssertionLifetime);
    }
    if instant_claim(claims, "nbf")?.is_some_and(|nbf| nbf > latest) {
        return Err(Refusal::AssertionNotYetValid);
    }
    if instant_claim(claims, "iat")?.is_some_and(|iat| iat > latest) {
        return Err(Refusal::AssertionFromFuture);
    }
    Ok(exp)
}

fn text_claim<'c>(claims: &'c Map<String, Value>, name: &'static str) -> Result<&'c str, Refusal> {
    claims.get(name).and_then(Value::as_str).ok_or(Refusal::AssertionClaimMissing(name))
}

/// A NumericDate (RFC 7519 §2): seconds, fractions allowed and cut.
fn instant_claim(claims: &Map<String, Value>, name: &'static str) -> Result<Option<Instant>, Refusal> {
    /// The year 9999, beyond which a number is a mistake.
    const SECONDS_MAX: f64 = 253_402_300_799.0;
    let Some(value) = claims.get(name) else { return Ok(None) };
    let seconds = value.as_f64().filter(|s| (0.0..=SECONDS_MAX).contains(s));
    #[expect(clippy::cast_possible_truncation, reason = "bounded above, and cutting is the intent")]
    let instant = seconds.map(|s| Instant::from_unix_seconds(s as i64));
    instant.map(Some).ok_or(Refusal::AssertionClaimMissing(name))
}

#[cfg(test)]
mod tests;
