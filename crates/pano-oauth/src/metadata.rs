//! Authorization server metadata (RFC 8414 §2). It tells the truth: what is not offered is not named.

use pano_crypto::Alg;
use serde_json::{Value, json};

/// Path of the pushed authorization request endpoint below the issuer.
pub const PAR_PATH: &str = "/oauth2/par";
/// Path of the authorization endpoint below the issuer.
pub const AUTHORIZE_PATH: &str = "/oauth2/authorize";
/// Path of the token endpoint below the issuer.
pub const TOKEN_PATH: &str = "/oauth2/token";
/// Path of introspection below the issuer.
pub const INTROSPECT_PATH: &str = "/oauth2/introspect";
/// Path of revocation below the issuer.
pub const REVOKE_PATH: &str = "/oauth2/revoke";
/// Path of the key set below the issuer.
pub const JWKS_PATH: &str = "/jwks.json";
/// The well-known name, put between host and path of the issuer (RFC 8414 §3.1).
pub const WELL_KNOWN: &str = "/.well-known/oauth-authorization-server";

/// Why a text cannot be an issuer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an issuer must be an https address (http for loopback only) without query, fragment, user or trailing slash")]
pub struct NotAnIssuer;

/// An issuer identifier (RFC 8414 §2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    text: String,
    path_at: usize,
}

impl Issuer {
    /// Reads an issuer.
    ///
    /// # Errors
    /// [`NotAnIssuer`]
    pub fn parse(text: &str) -> Result<Self, NotAnIssuer> {
        let (scheme, rest) = text.split_once("://").ok_or(NotAnIssuer)?;
        let host_len = rest.find('/').unwrap_or(rest.len());
        let host = rest.get(..host_len).unwrap_or_default();
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        let loopback = matches!(name, "127.0.0.1" | "localhost" | "[::1]");
        let plain = text.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'?' | b'#' | b'@' | b'\\' | b'%'));
        let allowed = scheme == "https" || (scheme == "http" && loopback);
        if !allowed || !plain || name.is_empty() || text.ends_with('/') || text.len() > 256 {
            return Err(NotAnIssuer);
        }
        Ok(Self { text: text.to_owned(), path_at: scheme.len() + 3 + host_len })
    }
    /// The `iss`.
    pub fn as_str(&self) -> &str {
        &self.text
    }
    /// Its path; empty for most.
    pub fn path(&self) -> &str {
        self.text.get(self.path_at..).unwrap_or_default()
    }
    /// Address of something below the issuer.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.text)
    }
    /// Path at which the metadata must be found.
    pub fn well_known_path(&self) -> String {
        format!("{WELL_KNOWN}{}", self.path())
    }

    /// The document. `audience` is what tokens are for, offered as a protected resource (RFC 9728 §4).
    pub fn metadata(&self, audience: &str) -> Value {
        let algorithms = Alg::ALL.map(Alg::text);
        let private_key_jwt = ["private_key_jwt"];
        json!({
            "issuer": self.text,
            "token_endpoint": self.url(TOKEN_PATH),
            "jwks_uri": self.url(JWKS_PATH),
            "introspection_endpoint": self.url(INTROSPECT_PATH),
            "revocation_endpoint": self.url(REVOKE_PATH),
            "authorization_endpoint": self.url(AUTHORIZE_PATH),
            "pushed_authorization_request_endpoint": self.url(PAR_PATH),
            "require_pushed_authorization_requests": true,
            "grant_types_supported": ["authorization_code", "client_credentials", "refresh_token"],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": true,
            "request_parameter_supported": false,
            "ui_locales_supported": ["zh", "en"],
            "token_endpoint_auth_methods_supported": private_key_jwt,
            "token_endpoint_auth_signing_alg_values_supported": algorithms,
            "introspection_endpoint_auth_methods_supported": private_key_jwt,
            "introspection_endpoint_auth_signing_alg_values_supported": algorithms,
            "revocation_endpoint_auth_methods_supported": private_key_jwt,
            "revocation_endpoint_auth_signing_alg_values_supported": algorithms,
            "protected_resources": [audience],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuers_are_https_or_loopback() {
        for (text, well_known) in [
            ("https://auth.bank.example", "/.well-known/oauth-authorization-server"),
            ("https://bank.example/auth/1", "/.well-known/oauth-authorization-server/auth/1"),
            ("http://127.0.0.1:7002", "/.well-known/oauth-authorization-server"),
        ] {
            assert_eq!(Issuer::parse(text).unwrap().well_known_path(), well_known);
        }
        for bad in [
            "",
            "auth",
            "https://",
            "https:///x",
            "http://auth.bank.example",
            "https://a/",
            "https://a?x",
            "https://a#x",
            "https://u@a",
            "ftp://a",
            "https://a b",
            "http://127.0.0.1.evil.example",
            "https://a/%2e",
        ] {
            assert_eq!(Issuer::parse(bad), Err(NotAnIssuer), "{bad}");
        }
    }

    #[test]
    fn every_endpoint_lies_below_the_issuer() {
        let metadata = Issuer::parse("https://bank.example/auth").unwrap().metadata("https://api");
        let members = metadata.as_object().unwrap();
        let endpoints: Vec<_> =
            members.iter().filter(|(name, _)| name.ends_with("_endpoint") || *name == "jwks_uri").collect();
        assert_eq!(endpoints.len(), 6);
        assert!(endpoints.iter().all(|(_, url)| url.as_str().unwrap().starts_with("https://bank.example/auth/")));
        assert!(!members.contains_key("registration_endpoint"));
    }
}
