//! Unguessable texts.

use crate::b64;
use pano_types::{Entropy, Secret};
use zeroize::Zeroizing;

/// A secret of 256 random bits, 43 URL-safe characters. Store its SHA-256, never itself.
pub fn secret(entropy: &dyn Entropy) -> Secret {
    let mut bytes = Zeroizing::new([0; 32]);
    entropy.fill(bytes.as_mut_slice());
    Secret::new(b64::encode(bytes.as_slice()))
}

/// A unique, unguessable identifier of 128 random bits, 22 URL-safe characters: `jti`, nonces, references.
pub fn identifier(entropy: &dyn Entropy) -> String {
    b64::encode(entropy.u128().to_le_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use pano_types::clock::SeededEntropy;

    #[test]
    fn texts_are_url_safe_and_differ() {
        let entropy = SeededEntropy::new(3);
        let (a, b) = (secret(&entropy), secret(&entropy));
        assert_ne!(a.expose(), b.expose());
        assert_eq!((a.expose().len(), identifier(&entropy).len()), (43, 22));
        assert!(a.expose().bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'_'));
    }
}
