//! The envelope: JSON with a salt, a nonce and AES-256-GCM ciphertext. The key is HKDF-SHA256 (RFC 5869) of secret and salt.

use crate::master::MasterKey;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use pano_crypto::b64;
use pano_types::Entropy;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

const FORMAT: &str = "panorama-keys/1";

/// Persisted: a field may be added with a new `format` only.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope {
    format: String,
    /// 32 bytes, new at every write.
    salt: String,
    /// Tells a wrong secret from damage; derived from secret and salt, like the key, but under another label.
    secret_check: String,
    nonce: String,
    sealed: String,
}

/// Why an envelope did not open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum OpenError {
    WrongSecret,
    Damaged(String),
}

/// Seals `plain`. The result is text.
pub(crate) fn seal(plain: &[u8], master: &MasterKey, entropy: &dyn Entropy) -> Option<String> {
    let (mut salt, mut nonce) = ([0; 32], [0; NONCE_LEN]);
    entropy.fill(&mut salt);
    entropy.fill(&mut nonce);
    let derived = derive(master, &salt)?;
    let mut sealed = plain.to_vec();
    let (nonce_text, nonce) = (b64::encode(nonce), Nonce::assume_unique_for_key(nonce));
    derived.key.seal_in_place_append_tag(nonce, Aad::from(FORMAT), &mut sealed).ok()?;
    let envelope = Envelope {
        format: FORMAT.into(),
        salt: b64::encode(salt),
        secret_check: derived.check,
        nonce: nonce_text,
        sealed: b64::encode(sealed),
    };
    serde_json::to_string_pretty(&envelope).ok().map(|text| text + "\n")
}

/// Opens what [`seal`] made.
pub(crate) fn open(text: &[u8], master: &MasterKey) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    let damaged = |what: &str| OpenError::Damaged(what.to_owned());
    let envelope: Envelope = serde_json::from_slice(text).map_err(|error| OpenError::Damaged(error.to_string()))?;
    if envelope.format != FORMAT {
        return Err(OpenError::Damaged(format!("format {:?}, expected {FORMAT:?}", envelope.format)));
    }
    let salt = b64::decode(&envelope.salt).map_err(|_| damaged("the salt is not base64url"))?;
    let nonce = b64::decode(&envelope.nonce).ok().and_then(|nonce| Nonce::try_assume_unique_for_key(&nonce).ok());
    let mut sealed =
        Zeroizing::new(b64::decode(&envelope.sealed).map_err(|_| damaged("the content is not base64url"))?);
    let derived = derive(master, &salt).ok_or_else(|| damaged("no key can be derived"))?;
    if !pano_crypto::compare::equal(derived.check.as_bytes(), envelope.secret_check.as_bytes()) {
        return Err(OpenError::WrongSecret);
    }
    let nonce = nonce.ok_or_else(|| damaged("the nonce is not 12 bytes of base64url"))?;
    let plain = derived
        .key
        .open_in_place(nonce, Aad::from(FORMAT), &mut sealed)
        .map_err(|_| damaged("the content does not match its seal"))?;
    Ok(Zeroizing::new(plain.to_vec()))
}

struct Derived {
    key: LessSafeKey,
    check: String,
}

struct Bytes(usize);

impl KeyType for Bytes {
    fn len(&self) -> usize {
        self.0
    }
}

fn derive(master: &MasterKey, salt: &[u8]) -> Option<Derived> {
    let extracted = Salt::new(HKDF_SHA256, salt).extract(master.bytes());
    let (mut key, mut check) = (Zeroizing::new([0; 32]), [0; 8]);
    extracted.expand(&[b"key file: content"], Bytes(32)).and_then(|okm| okm.fill(key.as_mut_slice())).ok()?;
    extracted.expand(&[b"key file: secret check"], Bytes(8)).and_then(|okm| okm.fill(&mut check)).ok()?;
    let key = UnboundKey::new(&AES_256_GCM, key.as_slice()).ok()?;
    Some(Derived { key: LessSafeKey::new(key), check: b64::encode(check) })
}
