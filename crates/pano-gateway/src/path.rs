//! The request target: one spelling per path, everything ambiguous refused.
//!
//! Gateway and upstream must read a path alike, or an authorised path becomes another one behind us. So the router sees, and the
//! upstream gets, the normal form (RFC 3986 §6.2.2): unreserved characters decoded, escapes in upper case.

use pano_types::Localized;
use std::borrow::Cow;

/// Why a path was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// Not an absolute path.
    #[error("the path must begin with /")]
    Relative,
    /// An empty, `.` or `..` segment, however it is written.
    #[error("empty, `.` and `..` segments are not accepted")]
    Segment,
    /// A percent sign without two hex digits.
    #[error("a percent sign must be followed by two hex digits")]
    Escape,
    /// An encoded slash or backslash.
    #[error("an encoded slash or backslash is not accepted")]
    EncodedSlash,
    /// A character that no path may hold (RFC 3986 §3.3), or an encoded control character.
    #[error("the path holds a character that is not allowed there")]
    Character,
}

impl PathError {
    /// For partners.
    pub fn told(self) -> Localized {
        let chinese = match self {
            Self::Relative => "路径须以 / 开头",
            Self::Segment => "路径不得含空段、. 或 ..",
            Self::Escape => "百分号后须为两位十六进制数字",
            Self::EncodedSlash => "路径不得含编码的斜杠或反斜杠",
            Self::Character => "路径含有不允许的字符",
        };
        (self.to_string(), chinese).into()
    }
}

/// The normal form of `raw`; borrowed when it is in normal form already.
///
/// # Errors
/// When the path is not acceptable in any form.
pub fn normalise(raw: &str) -> Result<Cow<'_, str>, PathError> {
    if !raw.starts_with('/') {
        return Err(PathError::Relative);
    }
    let mut escaped = false;
    let mut before = b'/';
    for (at, &byte) in raw.as_bytes().iter().enumerate().skip(1) {
        match byte {
            b'%' => escaped = true,
            b'/' if before == b'/' => return Err(PathError::Segment),
            _ if PCHAR.get(usize::from(byte)) != Some(&true) => return Err(PathError::Character),
            _ => {}
        }
        if byte == b'.' && before == b'/' && is_dots(raw.get(at..).unwrap_or_default()) {
            return Err(PathError::Segment);
        }
        before = byte;
    }
    if escaped { decode(raw).map(Cow::Owned) } else { Ok(Cow::Borrowed(raw)) }
}

/// Whether the segment at the start of `rest` is `.` or `..`.
fn is_dots(rest: &str) -> bool {
    let segment = rest.split('/').next().unwrap_or_default();
    segment == "." || segment == ".."
}

fn decode(raw: &str) -> Result<String, PathError> {
    let mut out = String::with_capacity(raw.len());
    let mut bytes = raw.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(char::from(byte));
            continue;
        }
        let mut digit = || bytes.next().and_then(|b| char::from(b).to_digit(16)).ok_or(PathError::Escape);
        let value = (digit()? << 4 | digit()?) as u8;
        match value {
            b'/' | b'\\' => return Err(PathError::EncodedSlash),
            0..=0x1f | 0x7f => return Err(PathError::Character),
            _ if value.is_ascii_alphanumeric() || b"-._~".contains(&value) => out.push(char::from(value)),
            _ => {
                out.push('%');
                for nibble in [value >> 4, value & 15] {
                    out.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0').to_ascii_uppercase());
                }
            }
        }
    }
    if out.split('/').any(|segment| segment == "." || segment == "..") {
        return Err(PathError::Segment);
    }
    Ok(out)
}

/// `%XX` decoded, for values that are checked against a contract. `None` when the result is not UTF-8.
pub fn decode_value(raw: &str, plus_is_space: bool) -> Option<String> {
    let mut out = Vec::with_capacity(raw.len());
    let mut bytes = raw.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'+' if plus_is_space => out.push(b' '),
            b'%' => {
                let mut digit = || bytes.next().and_then(|b| char::from(b).to_digit(16));
                out.push((digit()? << 4 | digit()?) as u8);
            }
            _ => out.push(byte),
        }
    }
    String::from_utf8(out).ok()
}

/// The query without its question mark; empty when there is none.
pub fn query(uri: &http::Uri) -> &str {
    uri.query().unwrap_or_default()
}

/// Characters of a segment (RFC 3986 `pchar`), the slash and the percent sign.
const PCHAR: [bool; 256] = {
    let mut table = [false; 256];
    let allowed = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/%";
    let mut i = 0;
    while i < allowed.len() {
        #[expect(clippy::indexing_slicing, reason = "constant evaluation: an index out of range does not compile")]
        let byte = allowed[i] as usize;
        #[expect(clippy::indexing_slicing, reason = "a byte is below 256")]
        {
            table[byte] = true;
        }
        i += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_spelling_per_path() {
        for (raw, normal) in [
            ("/", Ok("/")),
            ("/a/b", Ok("/a/b")),
            ("/a/", Ok("/a/")),
            ("/%61ccounts/%7e", Ok("/accounts/~")),
            ("/a%3acancel", Ok("/a%3Acancel")),
            ("/a:cancel", Ok("/a:cancel")),
            ("/a/.well-known", Ok("/a/.well-known")),
            ("/a/...", Ok("/a/...")),
            ("/%E4%BD%A0", Ok("/%E4%BD%A0")),
            ("*", Err(PathError::Relative)),
            ("/a//b", Err(PathError::Segment)),
            ("//", Err(PathError::Segment)),
            ("/a/../b", Err(PathError::Segment)),
            ("/a/./b", Err(PathError::Segment)),
            ("/a/%2e%2E", Err(PathError::Segment)),
            ("/a/.%2e/b", Err(PathError::Segment)),
            ("/a%2Fb", Err(PathError::EncodedSlash)),
            ("/a%5cb", Err(PathError::EncodedSlash)),
            ("/a%00", Err(PathError::Character)),
            ("/a%0d%0a", Err(PathError::Character)),
            ("/a%7F", Err(PathError::Character)),
            ("/a%4", Err(PathError::Escape)),
            ("/a%zz", Err(PathError::Escape)),
            ("/a\\b", Err(PathError::Character)),
            ("/a{b}", Err(PathError::Character)),
            ("/ä", Err(PathError::Character)),
        ] {
            assert_eq!(normalise(raw).as_deref(), normal.as_ref().copied(), "{raw}");
        }
    }

    proptest! {
        #[test]
        fn the_normal_form_is_a_fixed_point(raw in "/[a-c%0-9A-Fa-f./~:-]{0,24}") {
            if let Ok(normal) = normalise(&raw) {
                let again = normalise(&normal);
                prop_assert_eq!(again.as_deref(), Ok(&*normal));
                prop_assert!(!normal.contains("//") && !normal.contains("/../") && !normal.ends_with("/.."));
            }
        }
    }
}
