//! Introspection (RFC 7662) and revocation (RFC 7009): what may be asked about a token, and by whom.

use crate::access::{ACCESS_TOKEN_TYPE, AccessClaims};
use crate::form::Form;
use crate::refusal::Refusal;
use pano_crypto::VerifyingKey;
use pano_crypto::jws::{Compact, JWS_BYTES_MAX};
use pano_types::Instant;
use pano_types::id::AppId;
use serde_json::{Value, json};

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// An app: about its own tokens only.
    Client(AppId),
    /// A role of ours, such as the gateway: about any token.
    Role(String),
}

/// A token that one of our keys signed. Time and revocation are not part of that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Genuine(AccessClaims);

/// Reads the `token` parameter.
///
/// # Errors
/// When it is absent or too long. Hints are not needed: an access token has two points in it, a refresh token none.
pub fn parameter(form: &Form) -> Result<&str, Refusal> {
    form.required("token", JWS_BYTES_MAX)
}

impl Genuine {
    /// The token's claims, if one of our published keys signed it as an access token of `issuer`.
    pub fn read<'k>(token: &str, issuer: &str, key: impl FnOnce(&str) -> Option<&'k VerifyingKey>) -> Option<Self> {
        let jws = Compact::parse(token).ok()?;
        let header = jws.header();
        let ours = header.typ.as_deref().is_some_and(|typ| typ.eq_ignore_ascii_case(ACCESS_TOKEN_TYPE));
        let key = key(header.kid.as_deref()?).filter(|_| ours)?;
        let claims: AccessClaims = jws.verify(key).ok()?;
        (claims.iss == issuer).then_some(Self(claims))
    }

    /// Its claims.
    pub const fn claims(&self) -> &AccessClaims {
        &self.0
    }

    /// Whether `caller` may ask about it or take it back.
    pub fn concerns(&self, caller: &Caller) -> bool {
        match caller {
            Caller::Client(app) => self.0.app() == Some(*app),
            Caller::Role(_) => true,
        }
    }

    /// Whether it still counts. `revoked_before`: the app's tokens issued before that instant are void.
    /// `revoked`: the token itself, or the consent that it names, was taken back.
    pub fn is_active(&self, now: Instant, revoked: bool, revoked_before: Option<Instant>) -> bool {
        now < self.0.expires_at() && !revoked && revoked_before.is_none_or(|cutoff| cutoff <= self.0.issued_at())
    }

    /// The answer about an active token (RFC 7662 §2.2).
    pub fn introspection(&self) -> Value {
        let mut json = json!(self.0);
        if let Some(members) = json.as_object_mut() {
            members.insert("active".into(), true.into());
            members.insert("token_type".into(), "Bearer".into());
        }
        json
    }
}

/// The answer about any other token: the same for expired, revoked, foreign and forged ones (RFC 7662 §4).
pub fn inactive() -> Value {
    json!({ "active": false })
}

#[cfg(test)]
mod tests {
    use super::*;
    use pano_crypto::{Alg, SigningKey, jws};
    use pano_types::clock::SeededEntropy;
    use std::time::Duration;

    const NOW: Instant = Instant::from_unix_seconds(1_800_000_000);

    fn claims(app: AppId) -> AccessClaims {
        AccessClaims {
            iss: "https://auth".into(),
            sub: app.to_string(),
            client_id: app.to_string(),
            aud: "https://api".into(),
            scope: "a b".into(),
            consent_id: None,
            jti: "j".into(),
            iat: NOW.unix_seconds(),
            exp: NOW.unix_seconds() + 300,
        }
    }

    #[test]
    fn a_token_is_genuine_by_key_type_and_issuer() {
        let key = SigningKey::generate(Alg::Es256).unwrap();
        let verifying = VerifyingKey::new(key.public()).unwrap();
        let app = AppId::new(NOW, &SeededEntropy::new(1));
        let find = |kid: &str| (Some(kid) == key.public().kid()).then_some(&verifying);
        let token = jws::sign(&key, "at+jwt", &claims(app)).unwrap();
        assert!(Genuine::read(&token, "https://auth", find).is_some());
        assert!(Genuine::read(&token, "https://other", find).is_none());
        assert!(Genuine::read(&token, "https://auth", |_| None).is_none());
        let assertion = jws::sign(&key, "JWT", &claims(app)).unwrap();
        assert!(Genuine::read(&assertion, "https://auth", find).is_none());
        let forged = jws::sign(&SigningKey::generate(Alg::Es256).unwrap(), "at+jwt", &claims(app)).unwrap();
        assert!(Genuine::read(&forged, "https://auth", |_| Some(&verifying)).is_none());
    }

    #[test]
    fn a_token_is_active_until_it_ends_or_is_taken_back() {
        let app = AppId::new(NOW, &SeededEntropy::new(1));
        let token = Genuine(claims(app));
        let second = Duration::from_secs(1);
        for (now, revoked, cutoff, active) in [
            (NOW, false, None, true),
            (NOW.plus(300 * second), false, None, false),
            (NOW, true, None, false),
            (NOW, false, Some(NOW), true),
            (NOW, false, Some(NOW.plus(second)), false),
        ] {
            assert_eq!(token.is_active(now, revoked, cutoff), active);
        }
        assert!(token.concerns(&Caller::Client(app)) && token.concerns(&Caller::Role("gateway".into())));
        assert!(!token.concerns(&Caller::Client(AppId::new(NOW, &SeededEntropy::new(2)))));
        assert_eq!(token.introspection()["scope"], "a b");
    }

    #[test]
    fn the_parameter_is_bounded() {
        let long = format!("token={}", "x".repeat(JWS_BYTES_MAX + 1));
        for (body, outcome) in [
            ("token=abc&token_type_hint=access_token", Ok("abc")),
            ("token=abc&token_type_hint=what_is_this", Ok("abc")),
            ("token=abc&token_type_hint=refresh_token", Ok("abc")),
            ("token=", Err(Refusal::ParameterMissing("token"))),
            (long.as_str(), Err(Refusal::ParameterTooLong("token"))),
        ] {
            assert_eq!(parameter(&Form::parse(body.as_bytes()).unwrap()), outcome);
        }
    }
}
