//! Scopes: which permissions a token must carry for an operation.

use crate::name::Slug;

/// Scopes of OpenID Connect that say who the user is, not what the app may do; no operation needs them as a permission.
const NOT_PERMISSIONS: &[&str] = &["openid", "profile", "email", "address", "phone", "offline_access"];

/// One alternative of an operation's security requirement: the OAuth 2 and OpenID Connect scopes of all its schemes together.
pub type Alternative = Vec<String>;

/// The scopes an operation needs: those of the document's first alternative, without the ones that are no permission and without
/// placeholders such as `consent:consentId`; when none remain, `SLUG:read` for reading methods and `SLUG:write` for others. So it is,
/// too, where the document declares that nothing is needed: nothing is open, and the import report says so.
pub fn required(slug: &Slug, method: &str, alternatives: &[Alternative]) -> Vec<String> {
    let mut scopes: Vec<String> = Vec::new();
    for scope in alternatives.first().into_iter().flatten() {
        if is_token(scope)
            && !NOT_PERMISSIONS.contains(&scope.as_str())
            && !is_placeholder(scope)
            && !scopes.contains(scope)
        {
            scopes.push(scope.clone());
        }
    }
    if scopes.is_empty() {
        scopes.push(default(slug, method));
    }
    scopes
}

/// `SLUG:read` or `SLUG:write`.
pub fn default(slug: &Slug, method: &str) -> String {
    let verb = if matches!(method, "GET" | "HEAD" | "OPTIONS") { "read" } else { "write" };
    format!("{slug}:{verb}")
}

/// Whether the text is a scope token (RFC 6749 §3.3) of bearable length.
pub fn is_token(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|b| matches!(b, 0x21 | 0x23..=0x5B | 0x5D..=0x7E))
}

/// Some documents write where an identifier goes, not a scope: `consent:consentId`, `consent:{id}`.
fn is_placeholder(scope: &str) -> bool {
    scope.contains(['{', '<']) || scope.split_once(':').is_some_and(|(_, value)| value.ends_with("Id"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_come_from_the_first_alternative_or_by_default() {
        let slug = Slug::parse("accounts").unwrap();
        let one = |scopes: &[&str]| scopes.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        for (method, alternatives, want) in [
            ("GET", vec![], vec!["accounts:read"]),
            ("HEAD", vec![], vec!["accounts:read"]),
            ("POST", vec![], vec!["accounts:write"]),
            ("GET", vec![one(&["openid", "consent:consentId", "accounts"])], vec!["accounts"]),
            ("GET", vec![one(&["openid"])], vec!["accounts:read"]),
            ("GET", vec![one(&["a", "b", "a"]), one(&["c"])], vec!["a", "b"]),
            ("GET", vec![one(&["not a token", "\"q\"", ""])], vec!["accounts:read"]),
            ("DELETE", vec![vec![], one(&["admin"])], vec!["accounts:write"]),
            ("GET", vec![one(&["bank:accounts.basic:read"])], vec!["bank:accounts.basic:read"]),
        ] {
            assert_eq!(required(&slug, method, &alternatives), want, "{method} {alternatives:?}");
        }
    }
}
