//! Request bodies (`application/x-www-form-urlencoded`, RFC 6749 appendix B), read strictly.

use crate::refusal::Refusal;

/// Largest body, bytes. An assertion takes up to 16 KiB, and the rest is small.
pub const BODY_BYTES_MAX: usize = 32 * 1024;
/// Most parameters.
pub const PARAMETERS_MAX: usize = 32;

/// Parameters, each at most once. A parameter without a value counts as absent (RFC 6749 §3.2).
#[derive(Clone, Default)]
pub struct Form {
    parameters: Vec<(String, String)>,
}

impl Form {
    /// Reads a body.
    ///
    /// # Errors
    /// When it is too large, malformed, or names a parameter twice. Duplicates of parameters that nobody reads are refused
    /// too: who sends them means something we would miss.
    pub fn parse(body: &[u8]) -> Result<Self, Refusal> {
        if body.len() > BODY_BYTES_MAX {
            return Err(Refusal::BodyTooLarge);
        }
        let mut parameters: Vec<(String, String)> = Vec::new();
        for pair in body.split(|b| *b == b'&').filter(|pair| !pair.is_empty()) {
            let (name, value) = match pair.iter().position(|b| *b == b'=') {
                Some(at) => (pair.get(..at), pair.get(at + 1..)),
                None => (Some(pair), Some(&[][..])),
            };
            let decoded = name.and_then(decode).zip(value.and_then(decode));
            let (name, value) = decoded.ok_or(Refusal::BodyMalformed)?;
            if parameters.iter().any(|(own, _)| *own == name) {
                return Err(Refusal::DuplicateParameter);
            }
            if parameters.len() == PARAMETERS_MAX {
                return Err(Refusal::TooManyParameters);
            }
            parameters.push((name, value));
        }
        Ok(Self { parameters })
    }

    /// The parameter's value, unless absent or empty.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str()).filter(|v| !v.is_empty())
    }

    /// The value of a parameter that must be there, at most `max` bytes.
    ///
    /// # Errors
    /// When it is absent, empty or too long.
    pub fn required(&self, name: &'static str, max: usize) -> Result<&str, Refusal> {
        let value = self.value(name).ok_or(Refusal::ParameterMissing(name))?;
        if value.len() > max { Err(Refusal::ParameterTooLong(name)) } else { Ok(value) }
    }
}

/// Shows names only: values are assertions and tokens.
impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.parameters.iter().map(|(name, _)| name)).finish()
    }
}

fn decode(bytes: &[u8]) -> Option<String> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter();
    while let Some(byte) = rest.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => hex_digit(*rest.next()?)? << 4 | hex_digit(*rest.next()?)?,
            other => *other,
        });
    }
    String::from_utf8(out).ok()
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_decoded_and_empty_ones_absent() {
        let form = Form::parse(b"grant_type=client_credentials&scope=a+b%20c&x=&y&%E4%B8%AD=1").unwrap();
        assert_eq!(form.value("scope"), Some("a b c"));
        assert_eq!((form.value("x"), form.value("y"), form.value("z")), (None, None, None));
        assert_eq!(form.value("中"), Some("1"));
        assert!(!format!("{form:?}").contains("credentials"));
    }

    #[test]
    fn malformed_bodies_are_refused() {
        let many = (0..33).map(|n| format!("p{n}=1")).collect::<Vec<_>>().join("&");
        for (body, refusal) in [
            ("a=1&a=2".as_bytes(), Refusal::DuplicateParameter),
            (b"a=1&%61=1", Refusal::DuplicateParameter),
            (b"a&a", Refusal::DuplicateParameter),
            (b"a=%", Refusal::BodyMalformed),
            (b"a=%4", Refusal::BodyMalformed),
            (b"a=%zz", Refusal::BodyMalformed),
            (b"a=%ff", Refusal::BodyMalformed),
            (b"\xff=1", Refusal::BodyMalformed),
            (many.as_bytes(), Refusal::TooManyParameters),
            (&[b'a'; BODY_BYTES_MAX + 1], Refusal::BodyTooLarge),
        ] {
            assert_eq!(Form::parse(body).unwrap_err(), refusal);
        }
    }

    proptest::proptest! {
        #[test]
        fn parsing_never_panics(body: Vec<u8>) {
            let _ = Form::parse(&body);
        }
        #[test]
        fn what_is_encoded_is_read(value in "\\PC{1,40}") {
            let encoded: String = value.bytes().map(|b| format!("%{b:02X}")).collect();
            let form = Form::parse(format!("v={encoded}").as_bytes()).unwrap();
            proptest::prop_assert_eq!(form.value("v"), Some(value.as_str()));
        }
    }
}
