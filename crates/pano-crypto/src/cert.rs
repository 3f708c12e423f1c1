//! X.509 certificates as app credentials (RFC 5280): the key inside, the validity, the thumbprint of RFC 8705 §3.1.

use crate::jwk::{self, Material, PublicJwk};
use crate::key::rsa_material;
use crate::{b64, digest, pem};
use pano_types::Instant;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use x509_parser::certificate::X509Certificate;
use x509_parser::oid_registry::{OID_EC_P256, OID_KEY_TYPE_EC_PUBLIC_KEY, OID_PKCS1_RSAENCRYPTION, OID_SIG_ED25519};
use x509_parser::prelude::FromDer as _;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

/// Longest certificate text that is read, bytes.
pub const CERTIFICATE_BYTES_MAX: usize = 16 * 1024;

/// Why a certificate was refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The text holds a private key, which must now be considered disclosed.
    #[error("the text holds a private key")]
    Private,
    /// Longer than [`CERTIFICATE_BYTES_MAX`].
    #[error("longer than {CERTIFICATE_BYTES_MAX} bytes")]
    TooLong,
    /// Not exactly one `CERTIFICATE` section of PEM.
    #[error("expected one PEM section `CERTIFICATE`")]
    NotOnePem,
    /// Not a certificate, or bytes after it.
    #[error("not an X.509 certificate")]
    Malformed,
    /// Its end lies before its beginning.
    #[error("the certificate ends before it begins")]
    Validity,
    /// It certifies an authority, not a client.
    #[error("a certificate of an authority cannot be a client's")]
    Authority,
    /// Its key is not one we accept.
    #[error("the certificate's key is refused")]
    Key(#[from] jwk::Error),
}

/// What we keep of a client certificate. That it chains to somebody is not asked: it is pinned by its thumbprint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    subject: String,
    not_before: Instant,
    not_after: Instant,
    key: PublicJwk,
}

impl Certificate {
    /// Reads one certificate in PEM.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn from_pem(text: &str) -> Result<Self, Error> {
        if pem::holds_private_key(text) {
            return Err(Error::Private);
        }
        if text.len() > CERTIFICATE_BYTES_MAX {
            return Err(Error::TooLong);
        }
        let mut sections = CertificateDer::pem_slice_iter(text.as_bytes());
        match (sections.next(), sections.next()) {
            (Some(Ok(der)), None) => Self::from_der(&der),
            _ => Err(Error::NotOnePem),
        }
    }

    /// Reads one certificate in DER.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        if der.len() > CERTIFICATE_BYTES_MAX {
            return Err(Error::TooLong);
        }
        let (rest, parsed) = X509Certificate::from_der(der).map_err(|_| Error::Malformed)?;
        if !rest.is_empty() {
            return Err(Error::Malformed);
        }
        let validity = parsed.validity();
        let instant = |at: x509_parser::time::ASN1Time| Instant::from_unix_seconds(at.timestamp());
        let (not_before, not_after) = (instant(validity.not_before), instant(validity.not_after));
        if not_after <= not_before {
            return Err(Error::Validity);
        }
        if parsed.is_ca() {
            return Err(Error::Authority);
        }
        let key = PublicJwk::from_material(material(parsed.public_key())?)?;
        Ok(Self { der: der.to_vec(), subject: parsed.subject().to_string(), not_before, not_after, key })
    }

    /// DER, as it came.
    pub fn der(&self) -> &[u8] {
        &self.der
    }
    /// The subject's distinguished name, for people to read.
    pub fn subject(&self) -> &str {
        &self.subject
    }
    /// First instant of its validity.
    pub const fn not_before(&self) -> Instant {
        self.not_before
    }
    /// Last instant of its validity (inclusive, RFC 5280 §4.1.2.5).
    pub const fn not_after(&self) -> Instant {
        self.not_after
    }
    /// The key inside.
    pub const fn key(&self) -> &PublicJwk {
        &self.key
    }
    /// `x5t#S256`: SHA-256 of the DER, base64url (RFC 8705 §3.1).
    pub fn thumbprint(&self) -> String {
        b64::encode(digest::sha256(&self.der))
    }
    /// SHA-256 of the DER, 64 lower-case hex digits, as snapshots carry it.
    pub fn thumbprint_hex(&self) -> String {
        digest::sha256_hex(&self.der)
    }
}

fn material(info: &SubjectPublicKeyInfo<'_>) -> Result<Material, jwk::Error> {
    let bits = info.subject_public_key.data.as_ref();
    let kind = &info.algorithm.algorithm;
    if *kind == OID_KEY_TYPE_EC_PUBLIC_KEY {
        let curve = info.algorithm.parameters.as_ref().and_then(|any| any.as_oid().ok());
        let point = bits.try_into().ok().filter(|_| curve == Some(OID_EC_P256));
        return point.map(Material::P256).ok_or(jwk::Error::Unsupported);
    }
    if *kind == OID_SIG_ED25519 {
        return bits.try_into().map(Material::Ed25519).map_err(|_| jwk::Error::Unsupported);
    }
    match info.parsed() {
        Ok(PublicKey::RSA(key)) if *kind == OID_PKCS1_RSAENCRYPTION => Ok(rsa_material(&key)),
        _ => Err(jwk::Error::Unsupported),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alg::Alg;

    fn certificate(edit: impl FnOnce(&mut rcgen::CertificateParams)) -> (String, rcgen::KeyPair) {
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
        let mut params = rcgen::CertificateParams::new(vec!["app.partner.example".into()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2026, 1, 1);
        params.not_after = rcgen::date_time_ymd(2027, 1, 1);
        edit(&mut params);
        (params.self_signed(&key).unwrap().pem(), key)
    }

    #[test]
    fn a_client_certificate_gives_key_validity_and_thumbprint() {
        let (pem, pair) = certificate(|_| {});
        let read = Certificate::from_pem(&pem).unwrap();
        assert_eq!(read.not_before().to_string(), "2026-01-01T00:00:00Z");
        assert_eq!(read.not_after().to_string(), "2027-01-01T00:00:00Z");
        assert_eq!(read.key().alg(), Alg::Es256);
        let own = crate::key::SigningKey::from_pkcs8(&pair.serialize_der()).unwrap();
        assert_eq!(own.public().thumbprint(), read.key().thumbprint());
        assert_eq!((read.thumbprint().len(), read.thumbprint_hex().len()), (43, 64));
    }

    #[test]
    fn other_texts_are_refused_for_their_reason() {
        let (pem, pair) = certificate(|_| {});
        let (authority, _) = certificate(|p| p.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained));
        let (backwards, _) = certificate(|p| p.not_after = rcgen::date_time_ymd(2025, 1, 1));
        let refused = |text: &str| format!("{:?}", Certificate::from_pem(text).unwrap_err());
        for (text, error) in [
            (format!("{pem}{}", pair.serialize_pem()), "Private"),
            (pem.repeat(2), "NotOnePem"),
            (String::new(), "NotOnePem"),
            (pem.repeat(40), "TooLong"),
            ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_owned(), "Malformed"),
            (authority, "Authority"),
            (backwards, "Validity"),
        ] {
            assert_eq!(refused(&text), error);
        }
    }

    proptest::proptest! {
        #[test]
        fn damaged_certificates_never_panic(at in 0usize..400, to: u8) {
            let der = &CertificateDer::from_pem_slice(FIXED.as_bytes()).unwrap();
            let mut bent = der.to_vec();
            let at = at % bent.len();
            bent[at] = to;
            let _ = Certificate::from_der(&bent);
            let _ = Certificate::from_der(&bent[..at]);
        }
    }

    const FIXED: &str = include_str!("../tests/data/client.pem");
}
