//! RFC 6901 JSON pointers: escaping, following, and the fragment form of `$ref`.

use serde_json::Value;
use std::borrow::Cow;
use std::fmt::Write;

/// Appends `/segment`, escaped.
pub fn push(pointer: &mut String, segment: &str) {
    pointer.push('/');
    for c in segment.chars() {
        match c {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            c => pointer.push(c),
        }
    }
}

/// `pointer/segment`, escaped.
pub fn join(pointer: &str, segment: &str) -> String {
    let mut out = String::with_capacity(pointer.len() + segment.len() + 2);
    out.push_str(pointer);
    push(&mut out, segment);
    out
}

/// `pointer/a/b/…`, each escaped.
pub fn join_all(pointer: &str, segments: &[&str]) -> String {
    let mut out = pointer.to_owned();
    for segment in segments {
        push(&mut out, segment);
    }
    out
}

/// A segment without its escapes; `None` for a lone `~`.
pub fn unescape(segment: &str) -> Option<Cow<'_, str>> {
    if !segment.contains('~') {
        return Some(Cow::Borrowed(segment));
    }
    let mut out = String::with_capacity(segment.len());
    let mut chars = segment.chars();
    while let Some(c) = chars.next() {
        if c != '~' {
            out.push(c);
            continue;
        }
        match chars.next()? {
            '0' => out.push('~'),
            '1' => out.push('/'),
            _ => return None,
        }
    }
    Some(Cow::Owned(out))
}

/// The unescaped segments of a pointer; `None` when it is malformed.
pub fn segments(pointer: &str) -> Option<Vec<Cow<'_, str>>> {
    if pointer.is_empty() {
        return Some(Vec::new());
    }
    pointer.strip_prefix('/')?.split('/').map(unescape).collect()
}

/// The last segment, unescaped; empty for the root.
pub fn last(pointer: &str) -> String {
    pointer.rsplit('/').next().and_then(unescape).unwrap_or_default().into_owned()
}

/// The value at `pointer`. Unlike [`Value::pointer`] it refuses malformed escapes.
pub fn follow<'v>(root: &'v Value, pointer: &str) -> Option<&'v Value> {
    let mut value = root;
    for segment in segments(pointer)? {
        value = match value {
            Value::Object(map) => map.get(segment.as_ref())?,
            Value::Array(items) => items.get(index(&segment)?)?,
            _ => return None,
        };
    }
    Some(value)
}

/// Like [`follow`], to change what is there.
pub fn follow_mut<'v>(root: &'v mut Value, pointer: &str) -> Option<&'v mut Value> {
    let mut value = root;
    for segment in segments(pointer)? {
        value = match value {
            Value::Object(map) => map.get_mut(segment.as_ref())?,
            Value::Array(items) => items.get_mut(index(&segment)?)?,
            _ => return None,
        };
    }
    Some(value)
}

fn index(segment: &str) -> Option<usize> {
    let leading_zero = segment.len() > 1 && segment.starts_with('0');
    (!leading_zero && segment.bytes().all(|b| b.is_ascii_digit())).then(|| segment.parse().ok())?
}

/// The pointer in a URI fragment (without `#`), percent-decoded; `None` when it is not UTF-8 or badly encoded.
pub fn from_fragment(fragment: &str) -> Option<String> {
    if !fragment.contains('%') {
        return Some(fragment.to_owned());
    }
    let mut out = Vec::with_capacity(fragment.len());
    let mut bytes = fragment.bytes();
    while let Some(b) = bytes.next() {
        if b != b'%' {
            out.push(b);
            continue;
        }
        let high = char::from(bytes.next()?).to_digit(16)?;
        let low = char::from(bytes.next()?).to_digit(16)?;
        out.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(out).ok()
}

/// A pointer as a URI fragment with `#` in front.
pub fn to_fragment(pointer: &str) -> String {
    let mut out = String::with_capacity(pointer.len() + 1);
    out.push('#');
    for b in pointer.bytes() {
        match b {
            b'A'..=b'Z'
            | b'a'..=b'z'
            | b'0'..=b'9'
            | b'/'
            | b'~'
            | b'-'
            | b'.'
            | b'_'
            | b'!'
            | b'$'
            | b'\''
            | b'('
            | b')'
            | b'*'
            | b'+'
            | b','
            | b';'
            | b'='
            | b':'
            | b'@'
            | b'?'
            | b'&' => out.push(char::from(b)),
            // Writing to a String cannot fail.
            _ => {
                let _ = write!(out, "%{b:02X}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn odd_characters_survive() {
        for (raw, escaped) in [
            ("a/b", "/a~1b"),
            ("m~n", "/m~0n"),
            ("", "/"),
            (" ", "/ "),
            ("{id}", "/{id}"),
            ("~1", "/~01"),
            ("能力", "/能力"),
        ] {
            assert_eq!(join("", raw), escaped);
            let root = json!({ raw: 7 });
            assert_eq!(follow(&root, escaped), Some(&json!(7)), "{raw}");
            let fragment = to_fragment(escaped);
            assert_eq!(from_fragment(fragment.trim_start_matches('#')).as_deref(), Some(escaped));
        }
    }

    #[test]
    fn malformed_pointers_lead_nowhere() {
        let root = json!({ "a": [1, 2], "~2": 1 });
        for pointer in ["a", "/a/01", "/a/-", "/a/2", "/~2", "/~", "/a/0/x", "/a/+1"] {
            assert_eq!(follow(&root, pointer), None, "{pointer}");
        }
        assert_eq!(from_fragment("/%zz"), None);
        assert_eq!(from_fragment("/%ff"), None);
        assert_eq!(follow(&root, "/a/1"), Some(&json!(2)));
    }
}
