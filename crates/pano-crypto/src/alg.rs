//! Signature algorithms that Panorama signs and accepts. A closed list: what is not here does not exist for us.

use serde::{Deserialize, Serialize};

/// A JWS algorithm (RFC 7518 §3.1, RFC 8037 §3.1). Neither `none` nor any HMAC can be named with it, so that a public key
/// can never be taken for a shared secret. FAPI 2.0 Security Profile §5.4 allows exactly these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Alg {
    /// ECDSA on P-256 with SHA-256.
    #[serde(rename = "ES256")]
    Es256,
    /// RSASSA-PSS with SHA-256, keys of 2048 to 4096 bits.
    #[serde(rename = "PS256")]
    Ps256,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl Alg {
    /// Every algorithm, preferred first.
    pub const ALL: [Self; 3] = [Self::Es256, Self::Ps256, Self::EdDsa];

    /// The registered name.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Ps256 => "PS256",
            Self::EdDsa => "EdDSA",
        }
    }
    /// The algorithm with this registered name (case matters, RFC 7515 §4.1.1).
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|alg| alg.text() == text)
    }
}

impl std::fmt::Display for Alg {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.text())
    }
}
