//! What an access token says (RFC 9068 §2.2).

use crate::grant::Granted;
use crate::scope::ScopeSet;
use pano_types::Instant;
use pano_types::id::{AppId, ConsentId};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// `typ` of an access token's header (RFC 9068 §2.1).
pub const ACCESS_TOKEN_TYPE: &str = "at+jwt";
/// Longest life of an access token.
pub const LIFETIME_MAX: Duration = Duration::from_secs(600);

/// The claims, in wire form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessClaims {
    /// Issuer.
    pub iss: String,
    /// The customer; where none is involved (`client_credentials`), the client itself (RFC 9068 §2.2).
    pub sub: String,
    /// The client.
    pub client_id: String,
    /// The resource server: the gateway's audience.
    pub aud: String,
    /// Granted scopes, sorted; absent when there are none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub scope: String,
    /// The customer's consent; absent where no customer is involved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent_id: Option<ConsentId>,
    /// Unique id, for revocation.
    pub jti: String,
    /// When it was issued, seconds.
    pub iat: i64,
    /// When it ends, seconds.
    pub exp: i64,
}

/// Who issues, for whom, for how long.
#[derive(Debug, Clone)]
pub struct Issuing {
    /// `iss`.
    pub issuer: String,
    /// `aud`.
    pub audience: String,
    /// Life of a token; cut to [`LIFETIME_MAX`].
    pub lifetime: Duration,
}

impl Issuing {
    /// Tokens of 5 minutes.
    pub fn new(issuer: &str, audience: &str) -> Self {
        Self { issuer: issuer.to_owned(), audience: audience.to_owned(), lifetime: Duration::from_secs(300) }
    }

    /// The claims for what was granted. `jti` must be unique and unguessable. A token does not outlive its consent.
    pub fn claims(&self, granted: &Granted, jti: String, now: Instant) -> AccessClaims {
        let client = granted.client().to_string();
        let on_behalf = granted.on_behalf();
        let ends_at = now.plus(self.lifetime.min(LIFETIME_MAX));
        AccessClaims {
            iss: self.issuer.clone(),
            sub: on_behalf.map_or_else(|| client.clone(), |behalf| behalf.customer.clone()),
            client_id: client,
            consent_id: on_behalf.map(|behalf| behalf.consent),
            aud: self.audience.clone(),
            scope: granted.scopes().to_string(),
            jti,
            iat: now.unix_seconds(),
            exp: on_behalf.map_or(ends_at, |behalf| ends_at.min(behalf.ends_at)).unix_seconds(),
        }
    }
}

impl AccessClaims {
    /// When it ends.
    pub const fn expires_at(&self) -> Instant {
        Instant::from_unix_seconds(self.exp)
    }
    /// When it was issued.
    pub const fn issued_at(&self) -> Instant {
        Instant::from_unix_seconds(self.iat)
    }
    /// The app.
    pub fn app(&self) -> Option<AppId> {
        self.client_id.parse().ok()
    }
    /// The answer of the token endpoint (RFC 6749 §5.1).
    pub fn response(&self, token: &str) -> serde_json::Value {
        let mut json = serde_json::json!({
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": self.exp.saturating_sub(self.iat),
        });
        if let (Some(members), false) = (json.as_object_mut(), self.scope.is_empty()) {
            members.insert("scope".into(), self.scope.clone().into());
        }
        json
    }
    /// The granted scopes.
    pub fn scopes(&self) -> ScopeSet {
        if self.scope.is_empty() { ScopeSet::default() } else { ScopeSet::parse(&self.scope).unwrap_or_default() }
    }
}
