//! The authorization request: pushed (RFC 9126), with PKCE (RFC 7636), answered at a registered address with `iss`
//! (RFC 9207). As FAPI 2.0 Security Profile §5.3.2 narrows it, nothing else is taken.

use crate::client::Client;
use crate::form::Form;
use crate::refusal::{ErrorCode, Refusal};
use crate::scope::ScopeSet;
use pano_crypto::{b64, compare, digest};
use pano_types::Instant;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What a `request_uri` begins with (RFC 9126 §2.2).
pub const REQUEST_URI_PREFIX: &str = "urn:ietf:params:oauth:request_uri:";
/// How long a pushed request waits to be opened. FAPI 2.0: less than 600 s.
pub const REQUEST_LIFETIME: Duration = Duration::from_secs(90);
/// How long a customer may take over an opened request.
pub const DECISION_LIFETIME: Duration = Duration::from_secs(900);
/// How long a code waits to be redeemed. FAPI 2.0: at most 60 s.
pub const CODE_LIFETIME: Duration = Duration::from_secs(60);
/// Longest `state`, bytes.
pub const STATE_BYTES_MAX: usize = 1024;
/// Longest `request_uri`, code and refresh token taken, bytes.
pub const REFERENCE_BYTES_MAX: usize = 256;

/// A request that a client pushed and that keeps to every rule. Stored form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    redirect_uri: String,
    state: Option<String>,
    scopes: ScopeSet,
    challenge: String,
}

impl AuthorizationRequest {
    /// Reads what a proven client pushed.
    ///
    /// # Errors
    /// When it is not a code flow with PKCE by S256 to a registered address, or asks for more than the client may have.
    pub fn read(form: &Form, client: &Client, audience: &str) -> Result<Self, Refusal> {
        if form.value("request_uri").is_some() {
            return Err(Refusal::RequestUriInside);
        }
        if form.value("request").is_some() {
            return Err(Refusal::RequestObject);
        }
        if form.required("response_type", 64)? != "code" {
            return Err(Refusal::ResponseTypeUnsupported);
        }
        if form.value("response_mode").is_some_and(|mode| mode != "query") {
            return Err(Refusal::ResponseModeUnsupported);
        }
        // RFC 9700 §2.1: compared as text; an address that merely looks alike is another one.
        let redirect_uri = form.required("redirect_uri", 512)?;
        if !client.redirect_uris.iter().any(|registered| registered == redirect_uri) {
            return Err(Refusal::RedirectUriUnknown);
        }
        let challenge = form.required("code_challenge", 128)?;
        if form.value("code_challenge_method") != Some("S256") {
            return Err(Refusal::ChallengeMethod);
        }
        // RFC 7636 §4.2: SHA-256 in base64url without padding.
        if b64::decode(challenge).ok().is_none_or(|digest| digest.len() != 32) {
            return Err(Refusal::ChallengeMalformed);
        }
        let state = form.value("state").map(str::to_owned);
        if state.as_ref().is_some_and(|state| state.len() > STATE_BYTES_MAX) {
            return Err(Refusal::ParameterTooLong("state"));
        }
        if form.value("resource").is_some_and(|resource| resource != audience) {
            return Err(Refusal::TargetUnknown);
        }
        // A customer must be told what is asked; "all there is" is no such thing.
        let scopes = ScopeSet::parse(form.required("scope", 4096)?)?;
        if !scopes.is_within(&client.scopes) {
            return Err(Refusal::ScopeNotAllowed);
        }
        Ok(Self { redirect_uri: redirect_uri.to_owned(), state, scopes, challenge: challenge.to_owned() })
    }

    /// What is asked for.
    pub const fn scopes(&self) -> &ScopeSet {
        &self.scopes
    }
    /// Where the answer goes.
    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// Scheme, host and port of where the answer goes.
    pub fn redirect_origin(&self) -> &str {
        let from = self.redirect_uri.find("://").map_or(0, |at| at + 3);
        let rest = self.redirect_uri.get(from..).unwrap_or_default();
        let len = from + rest.find(['/', '?']).unwrap_or(rest.len());
        self.redirect_uri.get(..len).unwrap_or_default()
    }

    /// Whether `verifier` is the one whose digest was pushed (RFC 7636 §4.6).
    pub fn is_verified_by(&self, verifier: &str) -> bool {
        let unreserved = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
        let well_formed = (43..=128).contains(&verifier.len()) && verifier.bytes().all(unreserved);
        let digest = b64::encode(digest::sha256(verifier.as_bytes()));
        well_formed && compare::equal(digest.as_bytes(), self.challenge.as_bytes())
    }

    /// Where the browser goes with a code (RFC 6749 §4.1.2, RFC 9207 §2).
    pub fn answered(&self, code: &str, issuer: &str) -> String {
        self.answer(&[("code", code)], issuer)
    }

    /// Where the browser goes with an error (RFC 6749 §4.1.2.1, RFC 9207 §2).
    pub fn refused(&self, code: ErrorCode, issuer: &str) -> String {
        self.answer(&[("error", code.text())], issuer)
    }

    fn answer(&self, members: &[(&str, &str)], issuer: &str) -> String {
        let mut url = self.redirect_uri.clone();
        let own = [("state", self.state.as_deref()), ("iss", Some(issuer))];
        let own = own.into_iter().filter_map(|(name, value)| value.map(|value| (name, value)));
        let mut separator = if url.contains('?') { '&' } else { '?' };
        for (name, value) in members.iter().copied().chain(own) {
            url.push(separator);
            url.push_str(name);
            url.push('=');
            escape(value, &mut url);
            separator = '&';
        }
        url
    }
}

/// Percent-encodes everything but the unreserved characters (RFC 3986 §2.3).
pub fn escape(value: &str, out: &mut String) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
}

/// A request that was pushed, on its way from the customer's browser to a code and a token. Keys are digests: whoever reads
/// the store can neither open a request nor redeem a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushed {
    /// The request.
    pub request: AuthorizationRequest,
    /// Until when it can be opened, and once it was, decided.
    pub expires_at: Instant,
    /// The browser that opened it.
    pub browser: Option<String>,
    /// The code it was answered with.
    pub code: Option<IssuedCode>,
}

/// A code that was issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IssuedCode {
    /// Until when it can be redeemed.
    pub expires_at: Instant,
    /// When it was redeemed.
    pub used_at: Option<Instant>,
}

impl Pushed {
    /// Whether the browser may look at it and decide: it is in time, undecided, and nobody else opened it. FAPI 2.0 lets one
    /// browser load a page again; what is used once is the decision.
    pub fn is_open_to(&self, browser: &str, now: Instant) -> bool {
        now < self.expires_at && self.code.is_none() && self.browser.as_deref().is_none_or(|own| own == browser)
    }
}

#[cfg(test)]
mod tests;
