//! Issuers and their public keys, parsed once.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PSS_2048_8192_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pano_snapshot::IssuerUnit;
use serde_json::Value;

/// Signature algorithms that are accepted (RFC 7518 §3.1, RFC 8037 §3.1). There is no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Es256,
    Ps256,
    EdDsa,
}

impl Algorithm {
    pub(super) fn from_name(name: &str) -> Option<Self> {
        match name {
            "ES256" => Some(Self::Es256),
            "PS256" => Some(Self::Ps256),
            "EdDSA" => Some(Self::EdDsa),
            _ => None,
        }
    }
}

/// All issuers with their keys.
#[derive(Debug, Default)]
pub struct Keys {
    /// Changes with every change of issuers or keys, so that remembered tokens are verified anew.
    pub epoch: u64,
    issuers: Vec<Issuer>,
    keys: Vec<Key>,
}

#[derive(Debug)]
pub(super) struct Issuer {
    pub(super) name: Box<str>,
    pub(super) audience: Box<str>,
}

#[derive(Debug)]
pub(super) struct Key {
    issuer: usize,
    kid: Option<Box<str>>,
    pub(super) algorithm: Algorithm,
    key: ParsedPublicKey,
}

/// Why an issuer was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeysError {
    /// Its key set has no `keys`.
    #[error("the key set of issuer {0} is not one")]
    NotASet(String),
}

impl Keys {
    /// Parses all keys of `issuers`. A key of a kind that is not used here is left out, as RFC 7517 §5 demands.
    ///
    /// # Errors
    /// When a key set is not one.
    pub fn new<'u>(epoch: u64, issuers: impl IntoIterator<Item = &'u IssuerUnit>) -> Result<Self, KeysError> {
        let mut all = Self { epoch, ..Self::default() };
        for (n, unit) in issuers.into_iter().enumerate() {
            let set = unit.jwks.get("keys").and_then(Value::as_array);
            let set = set.ok_or_else(|| KeysError::NotASet(unit.issuer.clone()))?;
            all.issuers.push(Issuer { name: unit.issuer.as_str().into(), audience: unit.audience.as_str().into() });
            all.keys.extend(set.iter().filter_map(|jwk| Key::parse(n, jwk)));
        }
        Ok(all)
    }

    /// The key with this id; without an id, the only key of the algorithm.
    pub(super) fn find(&self, kid: Option<&str>, algorithm: Algorithm) -> Option<&Key> {
        match kid {
            Some(_) => self.keys.iter().find(|key| key.kid.as_deref() == kid),
            None => {
                let mut fitting = self.keys.iter().filter(|key| key.algorithm == algorithm);
                fitting.next().filter(|_| fitting.next().is_none())
            }
        }
    }

    pub(super) fn issuer(&self, key: &Key) -> Option<&Issuer> {
        self.issuers.get(key.issuer)
    }
}

impl Key {
    fn parse(issuer: usize, jwk: &Value) -> Option<Self> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        let bytes = |name: &str| URL_SAFE_NO_PAD.decode(text(name)?).ok();
        if text("use").is_some_and(|usage| usage != "sig") {
            return None;
        }
        let (algorithm, key) = match (text("kty")?, text("crv")) {
            ("EC", Some("P-256")) => {
                let point = [vec![4], bytes("x")?, bytes("y")?].concat();
                (Algorithm::Es256, ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).ok()?)
            }
            ("OKP", Some("Ed25519")) => (Algorithm::EdDsa, ParsedPublicKey::new(&ED25519, bytes("x")?).ok()?),
            ("RSA", _) => {
                let parts = aws_lc_rs::rsa::PublicKeyComponents { n: bytes("n")?, e: bytes("e")? };
                (Algorithm::Ps256, parts.to_parsed_public_key(&RSA_PSS_2048_8192_SHA256).ok()?)
            }
            _ => return None,
        };
        if text("alg").is_some_and(|name| Algorithm::from_name(name) != Some(algorithm)) {
            return None;
        }
        Some(Self { issuer, kid: text("kid").map(Into::into), algorithm, key })
    }

    pub(super) fn verify(&self, signed: &[u8], signature: &[u8]) -> Result<(), ()> {
        self.key.verify_sig(signed, signature).map_err(|_| ())
    }
}
