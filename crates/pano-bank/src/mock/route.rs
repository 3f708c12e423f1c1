//! Finds the path template that a request's path fits.

/// The variables of `path` under `template`, decoded; `None` when it does not fit.
pub(super) fn variables(template: &str, path: &str) -> Option<Vec<(String, String)>> {
    let mut found = Vec::new();
    let mut parts = path.trim_start_matches('/').split('/');
    for pattern in template.trim_start_matches('/').split('/') {
        let part = decode(parts.next()?)?;
        segment(pattern, &part, &mut found)?;
    }
    parts.next().is_none().then_some(found)
}

/// How much of a template is fixed: `/users/me` before `/users/{id}` (OpenAPI 3.1, Paths Object).
pub(super) fn rank(template: &str) -> Vec<bool> {
    template.split('/').map(|segment| segment.contains('{')).collect()
}

/// One segment: literal text with variables in it, such as `{id}`, `{id}:verify`, `v{major}`.
fn segment(pattern: &str, part: &str, found: &mut Vec<(String, String)>) -> Option<()> {
    let Some((before, rest)) = pattern.split_once('{') else { return (pattern == part).then_some(()) };
    let (name, after) = rest.split_once('}')?;
    let part = part.strip_prefix(before)?;
    // A variable ends where the next literal text begins, else it takes all.
    let literal = after.split('{').next().unwrap_or_default();
    let end = if literal.is_empty() { part.len() } else { part.rfind(literal)? };
    let (value, part) = part.split_at_checked(end)?;
    if value.is_empty() {
        return None;
    }
    found.push((name.to_owned(), value.to_owned()));
    segment(after, part, found)
}

/// Percent-decoding (RFC 3986 §2.1); `None` when it is malformed or no UTF-8.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || char::from(rest.next()?).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        bytes.push(digit()? * 16 + digit()?);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::proptest;

    #[test]
    fn templates_bind_their_variables() {
        for (template, path, want) in [
            ("/a", "/a", Some(vec![])),
            ("/a", "/b", None),
            ("/a/{id}", "/a/7", Some(vec![("id", "7")])),
            ("/a/{id}", "/a/", None),
            ("/a/{id}", "/a/7/8", None),
            ("/a/{id}", "/a/x%2Fy", Some(vec![("id", "x/y")])),
            ("/a/{id}", "/a/%zz", None),
            ("/a/{id}:verify", "/a/7:verify", Some(vec![("id", "7")])),
            ("/a/{id}:verify", "/a/7", None),
            ("/v{major}.{minor}/x", "/v1.2/x", Some(vec![("major", "1"), ("minor", "2")])),
            ("/CurrentAccount/{id}/Retrieve", "/CurrentAccount/CA1/Retrieve", Some(vec![("id", "CA1")])),
        ] {
            let want = want.map(|pairs| {
                pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect::<Vec<_>>()
            });
            assert_eq!(variables(template, path), want, "{template} {path}");
        }
        assert!(rank("/users/me") < rank("/users/{id}"));
    }

    proptest! {
        #[test]
        fn no_path_breaks_it(template in "[/a{}:%é.]{0,12}", path in "[/a:%2é.]{0,12}") {
            let _ = variables(&template, &path);
        }
    }
}
