//! An app's public keys and certificates: several at once, each with its own time, so that rotation needs no downtime.

use crate::step::Step;
use pano_crypto::cert::Certificate;
use pano_crypto::jwk::{self, PublicJwk};
use pano_crypto::{cert, pem};
use pano_types::Instant;
use pano_types::id::{AppId, CredentialId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Most credentials of an app that are neither revoked nor expired.
pub const LIVE_MAX: usize = 10;

/// A registered public key or certificate.
#[derive(Debug, Clone, PartialEq)]
pub struct Credential {
    /// Identifier.
    pub id: CredentialId,
    /// Of this app.
    pub app: AppId,
    /// Key id, as assertions name it; unique among the app's credentials.
    pub kid: String,
    /// For people.
    pub label: String,
    /// The key.
    pub material: Material,
    /// SHA-256 thumbprint of the key, base64url (RFC 7638); unique in the platform: a key is one app's.
    pub thumbprint: String,
    /// Not taken before.
    pub not_before: Instant,
    /// Not taken at or after; `None`: until revoked.
    pub expires_at: Option<Instant>,
    /// When a token was last got with it (to the minute; saved before the token is given out).
    pub last_used_at: Option<Instant>,
    /// Who took it back, and why.
    pub revoked: Option<Step>,
    /// When it was registered.
    pub created_at: Instant,
}

/// The public key, as it was registered. Stored form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Material {
    /// A JSON Web Key.
    Jwk {
        /// The key with its kid.
        jwk: PublicJwk,
    },
    /// An X.509 certificate, pinned.
    Certificate {
        /// PEM.
        pem: String,
        /// SHA-256 of the DER, hex: what TLS client authentication and certificate-bound tokens compare.
        sha256: String,
        /// Distinguished name, for people.
        subject: String,
        /// The key inside, with the credential's kid.
        jwk: PublicJwk,
    },
}

/// What someone registers.
#[derive(Debug, Clone)]
pub struct Registration {
    /// A JWK; exactly one of this and `certificate`.
    pub jwk: Option<Value>,
    /// A certificate in PEM.
    pub certificate: Option<String>,
    /// For people.
    pub label: String,
    /// Not taken before; now, when absent.
    pub not_before: Option<Instant>,
    /// Not taken at or after; a certificate's own end, when absent or later.
    pub expires_at: Option<Instant>,
}

/// Why a key was refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A private key came with it: it must be considered disclosed.
    #[error("{0} holds a private key")]
    Private(&'static str),
    /// Neither a JWK nor a certificate, or both.
    #[error("send exactly one of `jwk` and `certificate`")]
    NotOne,
    /// The JWK.
    #[error("the JWK is refused: {0}")]
    Jwk(#[source] jwk::Error),
    /// The certificate.
    #[error("the certificate is refused: {0}")]
    Certificate(#[source] cert::Error),
    /// It would never be valid.
    #[error("the credential would end before it begins, or has ended already")]
    Validity,
}

impl Credential {
    /// Judges what someone registers for `app`.
    ///
    /// # Errors
    /// [`Error`]; a private key wins over every other refusal.
    pub fn register(id: CredentialId, app: AppId, registration: Registration, now: Instant) -> Result<Self, Error> {
        let Registration { jwk, certificate, label, not_before, expires_at } = registration;
        refuse_private(jwk.as_ref(), certificate.as_deref(), &label)?;
        let (material, begins, ends) = match (jwk, certificate) {
            (Some(jwk), None) => (from_jwk(&jwk)?, None, None),
            (None, Some(pem)) => from_certificate(pem)?,
            _ => return Err(Error::NotOne),
        };
        let key = material.key();
        let (kid, thumbprint) = (key.kid().unwrap_or_default().to_owned(), key.thumbprint());
        let wanted = not_before.unwrap_or(now);
        let not_before = begins.map_or(wanted, |begins| wanted.max(begins));
        let expires_at = match (expires_at, ends) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        if expires_at.is_some_and(|end| end <= not_before || end <= now) {
            return Err(Error::Validity);
        }
        let created_at = now;
        let (last_used_at, revoked) = (None, None);
        Ok(Self {
            id,
            app,
            kid,
            label,
            material,
            thumbprint,
            not_before,
            expires_at,
            last_used_at,
            revoked,
            created_at,
        })
    }
    /// Whether it is neither revoked nor expired; it may yet have to begin.
    pub fn is_live(&self, now: Instant) -> bool {
        self.revoked.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
    /// Whether an assertion signed with it is taken at `now`.
    pub fn is_valid(&self, now: Instant) -> bool {
        self.is_live(now) && self.not_before <= now
    }
    /// The public key.
    pub const fn key(&self) -> &PublicJwk {
        self.material.key()
    }
}

impl Material {
    /// The public key, with its kid.
    pub const fn key(&self) -> &PublicJwk {
        match self {
            Self::Jwk { jwk } | Self::Certificate { jwk, .. } => jwk,
        }
    }
    /// The certificate's thumbprint, hex, when it is one.
    pub fn certificate_sha256(&self) -> Option<&str> {
        match self {
            Self::Jwk { .. } => None,
            Self::Certificate { sha256, .. } => Some(sha256),
        }
    }
}

/// Looks everywhere before anything else is judged, for whoever sent a private key must learn that first.
fn refuse_private(jwk: Option<&Value>, certificate: Option<&str>, label: &str) -> Result<(), Error> {
    if certificate.is_some_and(pem::holds_private_key) {
        return Err(Error::Private("`certificate`"));
    }
    if pem::holds_private_key(label) {
        return Err(Error::Private("`label`"));
    }
    if jwk.is_some_and(holds_private) {
        return Err(Error::Private("`jwk`"));
    }
    Ok(())
}

/// A private member at any level (a key set, a wrapped key), or a PEM text in any string.
fn holds_private(value: &Value) -> bool {
    const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
    match value {
        Value::Object(members) => members.iter().any(|(k, v)| PRIVATE.contains(&k.as_str()) || holds_private(v)),
        Value::Array(items) => items.iter().any(holds_private),
        Value::String(text) => pem::holds_private_key(text),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn from_jwk(jwk: &Value) -> Result<Material, Error> {
    // Through the text again, for its bounds are on the text.
    let key = PublicJwk::parse(jwk.to_string().as_bytes()).map_err(Error::Jwk)?;
    Ok(Material::Jwk { jwk: with_kid(key)? })
}

type Parts = (Material, Option<Instant>, Option<Instant>);

fn from_certificate(pem: String) -> Result<Parts, Error> {
    let certificate = Certificate::from_pem(&pem).map_err(Error::Certificate)?;
    let material = Material::Certificate {
        sha256: certificate.thumbprint_hex(),
        subject: certificate.subject().chars().take(200).collect(),
        jwk: with_kid(certificate.key().clone())?,
        pem,
    };
    Ok((material, Some(certificate.not_before()), Some(certificate.not_after())))
}

/// A key that came without an id is known by its thumbprint.
fn with_kid(key: PublicJwk) -> Result<PublicJwk, Error> {
    if key.kid().is_some() {
        return Ok(key);
    }
    let thumbprint = key.thumbprint();
    key.with_kid(&thumbprint).map_err(Error::Jwk)
}

#[cfg(test)]
mod tests {
    use super::*;
    use pano_types::clock::SeededEntropy;
    use serde_json::json;
    use std::time::Duration;

    const NOW: Instant = Instant::from_unix_seconds(1_800_000_000);
    const X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
    const Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";

    fn register(edit: impl FnOnce(&mut Registration)) -> Result<Credential, Error> {
        let jwk = Some(json!({ "kty": "EC", "crv": "P-256", "x": X, "y": Y }));
        let mut registration =
            Registration { jwk, certificate: None, label: "main".into(), not_before: None, expires_at: None };
        edit(&mut registration);
        let entropy = SeededEntropy::new(1);
        Credential::register(CredentialId::new(NOW, &entropy), AppId::new(NOW, &entropy), registration, NOW)
    }

    #[test]
    fn a_key_without_an_id_is_known_by_its_thumbprint_and_is_stored_as_public() {
        let credential = register(|_| ()).unwrap();
        assert_eq!(credential.kid, credential.thumbprint);
        let stored = serde_json::to_string(&credential.material).unwrap();
        assert_eq!(serde_json::from_str::<Material>(&stored).unwrap(), credential.material);
        let named = register(|r| r.jwk.as_mut().unwrap()["kid"] = "k1".into()).unwrap();
        assert_eq!((&*named.kid, &named.thumbprint), ("k1", &credential.thumbprint));
    }

    #[test]
    fn validity_has_a_beginning_and_an_end() {
        let (hour, later) = (Duration::from_secs(3600), NOW.plus(Duration::from_secs(7200)));
        let credential = register(|r| (r.not_before, r.expires_at) = (Some(NOW.plus(hour)), Some(later))).unwrap();
        for (at, live, valid) in [(NOW, true, false), (NOW.plus(hour), true, true), (later, false, false)] {
            assert_eq!((credential.is_live(at), credential.is_valid(at)), (live, valid));
        }
        for end in [NOW, NOW.minus(hour)] {
            assert!(matches!(register(|r| r.expires_at = Some(end)), Err(Error::Validity)));
        }
        assert!(matches!(
            register(|r| (r.not_before, r.expires_at) = (Some(later), Some(NOW.plus(hour)))),
            Err(Error::Validity)
        ));
    }

    #[test]
    fn private_keys_are_told_apart_from_every_other_mistake() {
        let pem = "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n";
        for edit in [
            (|r: &mut Registration| r.jwk.as_mut().unwrap()["d"] = "AAAA".into()) as fn(&mut Registration),
            |r| r.jwk = Some(json!({ "kty": "oct", "k": "AAAA" })),
            |r| r.jwk = Some(json!({ "keys": [{ "kty": "RSA", "p": "AAAA" }] })),
            |r| r.jwk.as_mut().unwrap()["x5c"] = json!(["-----BEGIN PRIVATE KEY-----"]),
            |r| r.label = "-----BEGIN PRIVATE KEY-----".into(),
        ] {
            assert!(matches!(register(edit), Err(Error::Private(_))));
        }
        let both = register(|r| (r.jwk, r.certificate) = (None, Some(format!("-----BEGIN CERTIFICATE-----\n{pem}"))));
        assert!(matches!(both, Err(Error::Private(_))));
    }

    #[test]
    fn exactly_one_key_of_an_accepted_kind() {
        assert!(matches!(register(|r| r.jwk = None), Err(Error::NotOne)));
        assert!(matches!(register(|r| r.certificate = Some(String::new())), Err(Error::NotOne)));
        assert!(matches!(register(|r| r.jwk.as_mut().unwrap()["crv"] = "P-521".into()), Err(Error::Jwk(_))));
        assert!(matches!(register(|r| r.jwk = Some(json!([]))), Err(Error::Jwk(_))));
        assert!(matches!(register(|r| (r.jwk, r.certificate) = (None, Some("x".into()))), Err(Error::Certificate(_))));
    }
}
