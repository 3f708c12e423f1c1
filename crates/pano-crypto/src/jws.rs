//! JSON Web Signatures in the compact form (RFC 7515 §7.1).
//!
//! Reading is two steps on purpose: [`Compact::parse`] gives what the sender claims, and only [`Compact::verify`] gives the
//! payload away. So nobody can take unverified claims for verified ones; who must look before knowing the key (to find the
//! key) says so with [`Compact::unverified`].
//!
//! The envelope is ours and the mathematics is aws-lc's: the general JOSE crates neither refuse duplicate members nor bound
//! the header before parsing, and keep no parsed key. They serve as the oracle in the tests.

use crate::alg::Alg;
use crate::key::{PrivateKeyError, Signer, VerifyingKey};
use crate::{b64, strict};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Longest compact JWS that is looked at, bytes.
pub const JWS_BYTES_MAX: usize = 16 * 1024;
/// Longest decoded header, bytes.
pub const HEADER_BYTES_MAX: usize = 2 * 1024;

/// Why a JWS was refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Longer than [`JWS_BYTES_MAX`].
    #[error("the token is longer than {JWS_BYTES_MAX} bytes")]
    TooLong,
    /// Not three base64url parts (five would be encryption).
    #[error("the token is not a compact JWS")]
    NotCompact,
    /// The header is not a bounded JSON object with each member once.
    #[error("the token's header cannot be read")]
    Header(#[source] strict::Error),
    /// A header member is of the wrong form.
    #[error("the token's header member `{0}` is not acceptable")]
    HeaderMember(&'static str),
    /// `none`, an HMAC, or anything else outside the allow-list.
    #[error("the token's algorithm is not one of ES256, PS256, EdDSA")]
    Algorithm,
    /// `crit` names extensions; we have none (RFC 7515 §4.1.11).
    #[error("the token demands extensions that are not supported")]
    Critical,
    /// The key is for another algorithm than the header says (RFC 8725 §3.1).
    #[error("the token's algorithm is not the key's")]
    AlgorithmMismatch,
    /// The signature does not verify.
    #[error("the token's signature does not verify")]
    Signature,
    /// The payload is not a JSON object of the wanted shape with each member once.
    #[error("the token's claims cannot be read")]
    Claims(#[source] strict::Error),
}

/// What a header says. `jwk`, `jku`, `x5u` and `x5c` are never looked at: keys come from our own records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Algorithm.
    pub alg: Alg,
    /// Key id.
    pub kid: Option<String>,
    /// Media type of the whole, e.g. `at+jwt`; as sent.
    pub typ: Option<String>,
}

/// A compact JWS taken apart, not yet verified.
#[derive(Debug)]
pub struct Compact<'a> {
    header: Header,
    signed: &'a str,
    payload: &'a str,
    signature: Vec<u8>,
}

impl<'a> Compact<'a> {
    /// Takes `text` apart. Lengths are checked before anything is decoded.
    ///
    /// # Errors
    /// See [`Error`]; never `Signature` or `Claims`.
    pub fn parse(text: &'a str) -> Result<Self, Error> {
        if text.len() > JWS_BYTES_MAX {
            return Err(Error::TooLong);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(Error::NotCompact)?;
        let (header, payload) = signed.split_once('.').ok_or(Error::NotCompact)?;
        if payload.contains('.') {
            return Err(Error::NotCompact);
        }
        let header = read_header(&b64::decode(header).map_err(|_| Error::NotCompact)?)?;
        let signature = b64::decode(signature).map_err(|_| Error::NotCompact)?;
        Ok(Self { header, signed, payload, signature })
    }

    /// What the header says. Unverified: good for finding the key, for nothing else.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The payload as claimed, before any check. Good for finding out whose key to check with, for nothing else.
    ///
    /// # Errors
    /// When it is no JSON of the wanted shape.
    pub fn unverified<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let payload = b64::decode(self.payload).map_err(|_| Error::NotCompact)?;
        strict::from_slice(&payload, JWS_BYTES_MAX).map_err(Error::Claims)
    }

    /// The payload, once the signature has been found to be `key`'s.
    ///
    /// # Errors
    /// When algorithm or signature are not the key's, or the payload is no JSON of the wanted shape.
    pub fn verify<T: DeserializeOwned>(&self, key: &VerifyingKey) -> Result<T, Error> {
        self.verify_signature(key)?;
        self.unverified()
    }

    /// Only checks the signature.
    ///
    /// # Errors
    /// When algorithm or signature are not the key's.
    pub fn verify_signature(&self, key: &VerifyingKey) -> Result<(), Error> {
        if self.header.alg != key.alg() {
            return Err(Error::AlgorithmMismatch);
        }
        key.verify(self.signed.as_bytes(), &self.signature).map_err(|_| Error::Signature)
    }
}

/// Signs `claims` with `signer`; the header holds `alg`, `kid` and `typ`.
///
/// # Errors
/// When the key cannot be used.
pub fn sign(signer: &dyn Signer, typ: &str, claims: &impl Serialize) -> Result<String, PrivateKeyError> {
    let header = serde_json::json!({ "alg": signer.alg().text(), "kid": signer.kid(), "typ": typ });
    let claims = serde_json::to_vec(claims).map_err(|_| PrivateKeyError::Sign)?;
    let mut token = format!("{}.{}", b64::encode(header.to_string()), b64::encode(claims));
    let signature = signer.sign(token.as_bytes())?;
    token.push('.');
    token.push_str(&b64::encode(signature));
    Ok(token)
}

fn read_header(bytes: &[u8]) -> Result<Header, Error> {
    let members: Map<String, Value> = strict::from_slice(bytes, HEADER_BYTES_MAX).map_err(Error::Header)?;
    // `b64` (RFC 7797) has effect only through `crit`, and so is covered by this.
    if members.contains_key("crit") {
        return Err(Error::Critical);
    }
    let alg = members.get("alg").and_then(Value::as_str).and_then(Alg::from_text).ok_or(Error::Algorithm)?;
    Ok(Header { alg, kid: text(&members, "kid")?, typ: text(&members, "typ")? })
}

fn text(members: &Map<String, Value>, name: &'static str) -> Result<Option<String>, Error> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) if text.len() <= crate::jwk::KID_BYTES_MAX => Ok(Some(text.clone())),
        Some(_) => Err(Error::HeaderMember(name)),
    }
}

#[cfg(test)]
mod tests;
