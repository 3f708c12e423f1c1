//! HMAC-SHA256 (RFC 2104): signatures of webhooks, and secrets derived from one that is kept.
//!
//! No JWS is ever made or checked with it; [`crate::alg::Alg`] does not know it.

use aws_lc_rs::hmac;

/// The code over all parts, one after the other.
pub fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    parts.iter().for_each(|part| context.update(part));
    let mut out = [0; 32];
    for (to, from) in out.iter_mut().zip(context.sign().as_ref()) {
        *to = *from;
    }
    out
}

/// A secret of 32 bytes for one purpose, from a master secret. Who knows it learns nothing of the master or of other
/// purposes. Each part is preceded by its length, so that no two lists of parts mean the same.
pub fn derive(master: &[u8], purpose: &[&str]) -> zeroize::Zeroizing<[u8; 32]> {
    let lengths: Vec<[u8; 8]> = purpose.iter().map(|part| (part.len() as u64).to_be_bytes()).collect();
    let parts: Vec<&[u8]> =
        lengths.iter().zip(purpose).flat_map(|(length, part)| [length.as_slice(), part.as_bytes()]).collect();
    zeroize::Zeroizing::new(hmac_sha256(master, &parts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_that_of_rfc_4231() {
        // Test cases 1, 2 and 6 of RFC 4231, section 4.
        for (key, data, want) in [
            (vec![0x0b; 20], &b"Hi There"[..], "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            (
                b"Jefe".to_vec(),
                b"what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                vec![0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
        ] {
            assert_eq!(hex::encode(hmac_sha256(&key, &[data])), want);
            let (left, right) = data.split_at(5);
            assert_eq!(hex::encode(hmac_sha256(&key, &[left, right])), want);
        }
    }

    #[test]
    fn purposes_do_not_run_into_each_other() {
        let all = [vec!["ab", "c"], vec!["a", "bc"], vec!["abc"], vec!["abc", ""], vec![]];
        let secrets: std::collections::HashSet<_> = all.iter().map(|purpose| *derive(b"master", purpose)).collect();
        assert_eq!(secrets.len(), all.len());
        assert_ne!(derive(b"master", &["a"]), derive(b"other", &["a"]));
    }
}
