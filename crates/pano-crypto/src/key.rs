//! Keys ready for work: [`VerifyingKey`] checks signatures, [`SigningKey`] makes them. All arithmetic is aws-lc's.

use crate::alg::Alg;
use crate::jwk::{self, Material, PublicJwk};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
    ParsedPublicKey, RSA_PSS_2048_8192_SHA256, RSA_PSS_SHA256, RsaKeyPair, RsaPublicKeyComponents,
};
use pano_types::Secret;
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject as _;
use x509_parser::prelude::FromDer as _;
use x509_parser::public_key::RSAPublicKey;

/// The signature is not this key's over this message. Says no more, on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not verify")]
pub struct BadSignature;

/// A public key, parsed once for many verifications.
#[derive(Debug)]
pub struct VerifyingKey {
    alg: Alg,
    key: ParsedPublicKey,
}

impl VerifyingKey {
    /// The key ready for work. A [`PublicJwk`] is acceptable by its type, so an error here means that the cryptographic
    /// library changed its mind.
    ///
    /// # Errors
    /// When the library refuses the numbers.
    pub fn new(jwk: &PublicJwk) -> Result<Self, jwk::Error> {
        Ok(Self { alg: jwk.alg(), key: Self::parse_material(jwk.material())? })
    }

    /// The one algorithm it verifies.
    pub const fn alg(&self) -> Alg {
        self.alg
    }

    /// Checks `signature` in the form of RFC 7518 §3.4 and §3.5, RFC 8037 §3.1.
    ///
    /// # Errors
    /// When it does not verify, for whatever reason.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        self.key.verify_sig(message, signature).map_err(|_| BadSignature)
    }

    pub(crate) fn parse_material(material: &Material) -> Result<ParsedPublicKey, jwk::Error> {
        let parsed = match material {
            Material::P256(point) => ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point),
            Material::Ed25519(point) => ParsedPublicKey::new(&ED25519, point),
            Material::Rsa { n, e } => RsaPublicKeyComponents { n: n.as_slice(), e: e.as_slice() }
                .to_parsed_public_key(&RSA_PSS_2048_8192_SHA256),
        };
        parsed.map_err(|_| jwk::Error::Numbers("not a point of the curve, or not an RSA key"))
    }
}

/// Why a private key could not be made or read. Never says anything about its value.
#[derive(Debug, thiserror::Error)]
pub enum PrivateKeyError {
    /// The library could not make a key.
    #[error("making a key failed")]
    Generate,
    /// Not PEM, or not a `PRIVATE KEY` section.
    #[error("expected a PEM section `PRIVATE KEY` (PKCS#8, not encrypted)")]
    NotPkcs8Pem,
    /// PKCS#8, but of another kind of key or damaged.
    #[error("expected an EC P-256, Ed25519 or RSA private key of 2048 to 4096 bits in PKCS#8")]
    Unsupported,
    /// Its public half is not one we accept.
    #[error("the key's public half is refused")]
    Public(#[from] jwk::Error),
    /// The library could not sign.
    #[error("signing failed")]
    Sign,
}

/// What makes signatures: a key in memory, or one that a key service or PKCS#11 module keeps.
pub trait Signer: Send + Sync {
    /// The key's id, sent as `kid`.
    fn kid(&self) -> &str;
    /// The key's algorithm, sent as `alg`.
    fn alg(&self) -> Alg;
    /// The signature over `message` in the form of RFC 7518 §3.
    ///
    /// # Errors
    /// When the key cannot be used (any more).
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, PrivateKeyError>;
}

enum Private {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

/// A key pair in memory. Its `Debug` shows the public half only; its `kid` is the public half's thumbprint (RFC 7638)
/// unless [`SigningKey::with_kid`] says otherwise.
pub struct SigningKey {
    private: Private,
    public: PublicJwk,
    kid: String,
}

impl SigningKey {
    /// A new key pair, from the library's own randomness. RSA keys have 3072 bits and take a second to make.
    ///
    /// # Errors
    /// When the library cannot make one.
    pub fn generate(alg: Alg) -> Result<Self, PrivateKeyError> {
        let failed = |_| PrivateKeyError::Generate;
        Self::new(match alg {
            Alg::Es256 => Private::P256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(failed)?),
            Alg::EdDsa => Private::Ed25519(Ed25519KeyPair::generate().map_err(failed)?),
            Alg::Ps256 => Private::Rsa(RsaKeyPair::generate(KeySize::Rsa3072).map_err(failed)?),
        })
    }

    /// The Ed25519 key pair of a seed (RFC 8032 §5.1.5): the same seed, the same pair.
    ///
    /// # Errors
    /// When the library refuses it.
    pub fn ed25519(seed: &[u8; 32]) -> Result<Self, PrivateKeyError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| PrivateKeyError::Generate)?;
        Self::new(Private::Ed25519(pair))
    }

    /// Reads an unencrypted PKCS#8 key (RFC 5958) in DER.
    ///
    /// # Errors
    /// When it is none of the kinds in [`Alg`].
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, PrivateKeyError> {
        let private = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der)
            .map(Private::P256)
            .or_else(|_| Ed25519KeyPair::from_pkcs8(der).map(Private::Ed25519))
            .or_else(|_| RsaKeyPair::from_pkcs8(der).map(Private::Rsa));
        Self::new(private.map_err(|_| PrivateKeyError::Unsupported)?)
    }

    /// Reads the first `PRIVATE KEY` section of a PEM text (RFC 7468 §10).
    ///
    /// # Errors
    /// When there is none, or it is none of the kinds in [`Alg`].
    pub fn from_pem(pem: &Secret) -> Result<Self, PrivateKeyError> {
        let der = PrivatePkcs8KeyDer::from_pem_slice(pem.expose().as_bytes());
        Self::from_pkcs8(der.map_err(|_| PrivateKeyError::NotPkcs8Pem)?.secret_pkcs8_der())
    }

    /// The whole key pair as PKCS#8 (version 1, which every tool reads) in DER.
    ///
    /// # Errors
    /// When the library cannot write it.
    pub fn to_pkcs8(&self) -> Result<zeroize::Zeroizing<Vec<u8>>, PrivateKeyError> {
        let der = match &self.private {
            Private::P256(key) => key.to_pkcs8v1().map(|document| document.as_ref().to_vec()),
            Private::Ed25519(key) => key.to_pkcs8v1().map(|document| document.as_ref().to_vec()),
            Private::Rsa(key) => AsDer::<Pkcs8V1Der<'_>>::as_der(key).map(|der| der.as_ref().to_vec()),
        };
        der.map(zeroize::Zeroizing::new).map_err(|_| PrivateKeyError::Generate)
    }

    /// The whole key pair as a PEM section `PRIVATE KEY`.
    ///
    /// # Errors
    /// When the library cannot write it.
    pub fn to_pem(&self) -> Result<Secret, PrivateKeyError> {
        Ok(crate::pem::write("PRIVATE KEY", &self.to_pkcs8()?))
    }

    /// The same key pair under another id.
    ///
    /// # Errors
    /// When `kid` is not 1 to 128 visible ASCII characters.
    pub fn with_kid(mut self, kid: &str) -> Result<Self, jwk::Error> {
        self.public = self.public.with_kid(kid)?;
        self.kid = kid.to_owned();
        Ok(self)
    }

    /// The public half, with the `kid`.
    pub const fn public(&self) -> &PublicJwk {
        &self.public
    }

    fn new(private: Private) -> Result<Self, PrivateKeyError> {
        let material = match &private {
            Private::P256(key) => {
                Material::P256(key.public_key().as_ref().try_into().map_err(|_| PrivateKeyError::Unsupported)?)
            }
            Private::Ed25519(key) => {
                Material::Ed25519(key.public_key().as_ref().try_into().map_err(|_| PrivateKeyError::Unsupported)?)
            }
            Private::Rsa(key) => {
                let (_, public) =
                    RSAPublicKey::from_der(key.public_key().as_ref()).map_err(|_| PrivateKeyError::Unsupported)?;
                rsa_material(&public)
            }
        };
        let public = PublicJwk::from_material(material)?;
        let kid = public.thumbprint();
        Ok(Self { private, public: public.with_kid(&kid)?, kid })
    }
}

impl Signer for SigningKey {
    fn kid(&self) -> &str {
        &self.kid
    }
    fn alg(&self) -> Alg {
        self.public.alg()
    }
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, PrivateKeyError> {
        let failed = |_| PrivateKeyError::Sign;
        let rng = SystemRandom::new();
        Ok(match &self.private {
            Private::P256(key) => key.sign(&rng, message).map_err(failed)?.as_ref().to_vec(),
            Private::Ed25519(key) => key.try_sign(message).map_err(failed)?.as_ref().to_vec(),
            Private::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PSS_SHA256, &rng, message, &mut signature).map_err(failed)?;
                signature
            }
        })
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({} {})", self.alg(), self.kid)
    }
}

/// ASN.1 integers may carry a leading zero for their sign; ours may not.
pub(crate) fn rsa_material(key: &RSAPublicKey<'_>) -> Material {
    let trim = |bytes: &[u8]| bytes.iter().copied().skip_while(|b| *b == 0).collect();
    Material::Rsa { n: trim(key.modulus), e: trim(key.exponent) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_pairs_survive_pem_and_sign_what_their_public_half_verifies() {
        for alg in Alg::ALL {
            let made = SigningKey::generate(alg).unwrap();
            let read = SigningKey::from_pem(&made.to_pem().unwrap()).unwrap();
            assert_eq!(read.public(), made.public());
            assert_eq!((read.alg(), read.kid().len()), (alg, 43));
            let key = VerifyingKey::new(made.public()).unwrap();
            let signature = read.sign(b"message").unwrap();
            assert_eq!(key.verify(b"message", &signature), Ok(()));
            assert_eq!(key.verify(b"massage", &signature), Err(BadSignature));
            for at in [0, signature.len() / 2, signature.len() - 1] {
                let mut bent = signature.clone();
                bent[at] ^= 1;
                assert_eq!(key.verify(b"message", &bent), Err(BadSignature), "{alg} {at}");
            }
            for bad in [&signature[..signature.len() - 1], &[], &[0; 64], &[0; 4096]] {
                assert_eq!(key.verify(b"message", bad), Err(BadSignature), "{alg}");
            }
        }
    }

    #[test]
    fn a_seed_gives_the_key_pair_of_rfc_8032() {
        // Section 7.1, test 1.
        let seed = hex::decode("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60").unwrap();
        let key = SigningKey::ed25519(&seed.try_into().unwrap()).unwrap();
        let Material::Ed25519(public) = key.public().material() else { panic!("{key:?}") };
        assert_eq!(hex::encode(public), "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
        assert_eq!(hex::encode(&key.sign(b"").unwrap()[..8]), "e5564300c360ac72");
    }

    #[test]
    fn a_key_pair_never_prints_its_private_half() {
        let key = SigningKey::generate(Alg::Es256).unwrap();
        let der = hex::encode(key.to_pkcs8().unwrap().as_slice());
        let shown = format!("{key:?} {:?}", key.to_pem().unwrap());
        assert!(shown.contains(key.kid()) && !shown.contains("BEGIN") && !shown.contains(&der[60..100]));
    }

    #[test]
    fn other_texts_are_no_private_keys() {
        for (text, why) in [
            ("", "empty"),
            ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "not DER"),
            ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "public"),
            ("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n", "encrypted"),
        ] {
            assert!(SigningKey::from_pem(&Secret::new(text.into())).is_err(), "{why}");
        }
    }

    // ECDSA over P-256: values r, s outside [1, n-1] and DER in place of the fixed form, as in Wycheproof's negative cases.
    #[test]
    fn ecdsa_refuses_signatures_of_odd_form() {
        let key = VerifyingKey::new(SigningKey::generate(Alg::Es256).unwrap().public()).unwrap();
        let order = hex::decode("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551").unwrap();
        let one = [&[0; 31][..], &[1]].concat();
        let cases: [(&str, Vec<u8>); 6] = [
            ("r = s = 0", vec![0; 64]),
            ("r = 0", [vec![0; 32], one.clone()].concat()),
            ("s = 0", [one.clone(), vec![0; 32]].concat()),
            ("r = n", [order.clone(), one.clone()].concat()),
            ("s = n", [one, order].concat()),
            ("DER", hex::decode("3006020101020101").unwrap()),
        ];
        for (why, signature) in cases {
            assert_eq!(key.verify(b"", &signature), Err(BadSignature), "{why}");
        }
    }
}
