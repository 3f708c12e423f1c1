//! PEM (RFC 7468): writing our own sections, and telling what a stranger's text holds.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pano_types::Secret;

/// One section with the given label, lines of 64 characters.
pub fn write(label: &str, der: &[u8]) -> Secret {
    let body = zeroize::Zeroizing::new(STANDARD.encode(der));
    let mut text = String::with_capacity(body.len() + body.len() / 64 + 2 * label.len() + 40);
    text.push_str(&format!("-----BEGIN {label}-----\n"));
    for (at, c) in body.char_indices() {
        if at > 0 && at % 64 == 0 {
            text.push('\n');
        }
        text.push(c);
    }
    text.push_str(&format!("\n-----END {label}-----\n"));
    Secret::new(text)
}

/// Whether a text that should be public seems to hold a private key in PEM: `PRIVATE KEY`, `EC PRIVATE KEY`, `RSA PRIVATE
/// KEY`, `ENCRYPTED PRIVATE KEY`, `OPENSSH PRIVATE KEY`. Whoever sent it must be told that it is disclosed now.
pub fn holds_private_key(text: &str) -> bool {
    text.split("-----BEGIN ").skip(1).any(|rest| rest.split("-----").next().is_some_and(|l| l.contains("PRIVATE KEY")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_wrapped_and_private_ones_recognised() {
        let pem = write("EC PRIVATE KEY", &[7; 100]);
        assert!(pem.expose().lines().all(|line| line.len() <= 64) && holds_private_key(pem.expose()));
        assert!(!holds_private_key(write("CERTIFICATE", b"x").expose()));
        assert!(!holds_private_key("a text about a PRIVATE KEY"));
    }
}
