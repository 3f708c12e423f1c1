//! Base64url without padding (RFC 7515 §2), strict: padding, other alphabets and loose trailing bits are refused, so that
//! one value has one text.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Not base64url without padding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not base64url without padding")]
pub struct Malformed;

/// The text form of `bytes`.
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The bytes that `text` stands for. The caller bounds its length.
///
/// # Errors
/// When `text` is not the one text form of any bytes.
pub fn decode(text: impl AsRef<[u8]>) -> Result<Vec<u8>, Malformed> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_one_text_form_is_read() {
        assert_eq!(decode("AQID").unwrap(), [1, 2, 3]);
        for (bad, why) in [
            ("AQI=", "padding"),
            ("AQJ", "trailing bits"),
            ("A+/A", "other alphabet"),
            ("A", "length"),
            ("AQ\nI", "space"),
        ] {
            assert_eq!(decode(bad), Err(Malformed), "{why}");
        }
    }

    proptest::proptest! {
        #[test]
        fn round_trip(bytes: Vec<u8>) {
            proptest::prop_assert_eq!(decode(encode(&bytes)).unwrap(), bytes);
        }
        #[test]
        fn what_is_read_is_written_the_same(text in "[A-Za-z0-9_-]{0,40}") {
            if let Ok(bytes) = decode(&text) {
                proptest::prop_assert_eq!(encode(bytes), text);
            }
        }
    }
}
