//! Addresses to which a customer's browser may be sent back.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Why a text was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a redirect URI is an absolute https address (http for 127.0.0.1 and [::1] only) of at most {} visible ASCII characters, \
     with a path, without user, backslash and fragment",
    RedirectUri::MAX
)]
pub struct NotARedirectUri;

/// A redirect URI as registered (RFC 6749 §3.1.2; RFC 9700 §2.1; FAPI 2.0 Security Profile §5.3.2.2). It is compared as text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RedirectUri(String);

impl RedirectUri {
    /// Longest address, bytes.
    pub const MAX: usize = 512;
    /// Most addresses of one app.
    pub const PER_APP: usize = 20;

    /// Checks and takes an address.
    ///
    /// # Errors
    /// [`NotARedirectUri`].
    pub fn parse(text: &str) -> Result<Self, NotARedirectUri> {
        let (scheme, rest) = text.split_once("://").ok_or(NotARedirectUri)?;
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let plain = text.len() <= Self::MAX
            && text.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'\\' | b'#' | b'"' | b'<' | b'>'));
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, Some(port)),
            _ => (authority, None),
        };
        let named = !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.[]:".contains(&b));
        let numbered = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
        let allowed = scheme == "https" || (scheme == "http" && matches!(host, "127.0.0.1" | "[::1]"));
        if plain && named && numbered && allowed && path.starts_with('/') {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotARedirectUri)
        }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for RedirectUri {
    type Error = NotARedirectUri;
    fn try_from(text: String) -> Result<Self, NotARedirectUri> {
        Self::parse(&text)
    }
}

impl From<RedirectUri> for String {
    fn from(uri: RedirectUri) -> Self {
        uri.0
    }
}

impl utoipa::PartialSchema for RedirectUri {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .max_length(Some(Self::MAX))
            .description(Some("An https address, or http on loopback; with a path, without fragment."))
            .into()
    }
}
impl utoipa::ToSchema for RedirectUri {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_that_name_one_place_safely_are_taken() {
        for good in [
            "https://partner.example/callback",
            "https://partner.example:8443/a/b?tenant=1",
            "http://127.0.0.1:4711/done",
            "http://[::1]:4711/done",
        ] {
            assert_eq!(RedirectUri::parse(good).unwrap().as_str(), good);
        }
        let long = format!("https://p.example/{}", "a".repeat(512));
        for bad in [
            "",
            "partner.example/callback",
            "/callback",
            "https://partner.example",
            "https://partner.example?x=/",
            "https:///callback",
            "http://partner.example/callback",
            "http://localhost/callback",
            "http://127.0.0.1.evil.example/x",
            "https://partner.example/callback#fragment",
            "https://user@partner.example/callback",
            "https://partner.example\\@evil.example/callback",
            "https://partner.example:0/callback",
            "https://partner.example:99999/callback",
            "https://partner.example/a b",
            "https://partner.example/\"",
            "https://*.partner.example/callback",
            "https://例子.example/callback",
            "javascript://partner.example/%0aalert(1)",
            "com.example.app:/callback",
            long.as_str(),
        ] {
            assert_eq!(RedirectUri::parse(bad), Err(NotARedirectUri), "{bad}");
        }
    }
}
