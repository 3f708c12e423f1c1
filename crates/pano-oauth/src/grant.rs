//! The token request and what it is granted (RFC 6749 §4.1.3, §4.4, §6).

use crate::assertion::Proven;
use crate::authorize::{Pushed, REFERENCE_BYTES_MAX};
use crate::client::Client;
use crate::consent::Consent;
use crate::form::Form;
use crate::refusal::Refusal;
use crate::scope::ScopeSet;
use pano_types::Instant;
use pano_types::id::{AppId, ConsentId};

/// A well-formed token request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenRequest {
    /// The client acts for itself.
    ClientCredentials(Asked),
    /// The client brings a code.
    AuthorizationCode(CodeRequest),
    /// The client brings a refresh token.
    RefreshToken {
        /// The token.
        token: String,
        /// What is asked for.
        asked: Asked,
    },
}

/// What a token is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Asked {
    /// Scopes; `None`: all that may be had.
    pub scope: Option<ScopeSet>,
    /// Resource (RFC 8707 §2).
    pub resource: Option<String>,
}

/// A code with what proves that it was not stolen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeRequest {
    /// The code.
    pub code: String,
    redirect_uri: String,
    verifier: String,
    resource: Option<String>,
}

/// Why a code was not redeemed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unredeemed {
    /// The request is refused, and nothing more.
    Refused(Refusal),
    /// The code's own client has used it before: whichever of the two was the thief, what the code gave is to be taken back
    /// (RFC 6749 §4.1.2).
    Reused,
}

/// With a customer: what a token is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnBehalf {
    /// The customer.
    pub customer: String,
    /// The consent.
    pub consent: ConsentId,
    /// The consent's end.
    pub ends_at: Instant,
}

/// What a client is granted. Only a [`Proven`] gets one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    client: AppId,
    scopes: ScopeSet,
    on_behalf: Option<OnBehalf>,
}

impl TokenRequest {
    /// Reads the request out of a form.
    ///
    /// # Errors
    /// When the grant is not one of ours, or a parameter is malformed.
    pub fn read(form: &Form) -> Result<Self, Refusal> {
        let asked = || {
            let scope = form.value("scope").map(ScopeSet::parse).transpose()?;
            Ok::<_, Refusal>(Asked { scope, resource: form.value("resource").map(str::to_owned) })
        };
        match form.required("grant_type", 64)? {
            "client_credentials" => asked().map(Self::ClientCredentials),
            "authorization_code" => Ok(Self::AuthorizationCode(CodeRequest {
                code: form.required("code", REFERENCE_BYTES_MAX)?.to_owned(),
                redirect_uri: form.required("redirect_uri", 512)?.to_owned(),
                verifier: form.required("code_verifier", 128)?.to_owned(),
                resource: form.value("resource").map(str::to_owned),
            })),
            "refresh_token" => {
                let token = form.required("refresh_token", REFERENCE_BYTES_MAX)?.to_owned();
                Ok(Self::RefreshToken { token, asked: asked()? })
            }
            _ => Err(Refusal::GrantUnsupported),
        }
    }
}

impl Asked {
    /// What the proven client is granted for itself. Without subscriptions it is granted nothing, and gets a token that
    /// opens nothing: what a call needs is for the gateway to judge.
    ///
    /// # Errors
    /// When it asks for more than its subscriptions cover, or for another resource than `audience`.
    pub fn for_client(self, proven: &Proven, client: &Client, audience: &str) -> Result<Granted, Refusal> {
        if proven.client() != client.id {
            return Err(Refusal::ClientNotProven);
        }
        let scopes = self.narrowed(client.scopes.clone(), audience)?;
        Ok(Granted { client: client.id, scopes, on_behalf: None })
    }

    /// What the proven client is granted by a refresh token, whose consent this is; `None` when nobody knows the token.
    ///
    /// # Errors
    /// When there is none, it is another client's or not in force; when more is asked for than was consented to.
    pub fn by_consent(
        self,
        proven: &Proven,
        client: &Client,
        consent: Option<&Consent>,
        audience: &str,
        now: Instant,
    ) -> Result<Granted, Refusal> {
        let consent = consent.filter(|consent| consent.app == proven.client() && client.id == consent.app);
        let consent = consent.ok_or(Refusal::GrantInvalid)?;
        let given = consent.state.in_force(now).ok_or(Refusal::GrantInvalid)?;
        // What the customer permitted and the client's subscriptions still cover.
        let scopes = self.narrowed(consent.scopes.both(&client.scopes), audience)?;
        let on_behalf = OnBehalf { customer: given.customer.clone(), consent: consent.id, ends_at: given.ends_at };
        Ok(Granted { client: client.id, scopes, on_behalf: Some(on_behalf) })
    }

    fn narrowed(self, all: ScopeSet, audience: &str) -> Result<ScopeSet, Refusal> {
        if self.resource.is_some_and(|resource| resource != audience) {
            return Err(Refusal::TargetUnknown);
        }
        match self.scope {
            None => Ok(all),
            Some(asked) if asked.is_within(&all) => Ok(asked),
            Some(_) => Err(Refusal::ScopeNotAllowed),
        }
    }
}

impl CodeRequest {
    /// What the proven client is granted by a code: the pushed request it answered and its consent, or `None` when nobody
    /// knows the code. The code must then be used up, by exactly one request.
    ///
    /// # Errors
    /// [`Unredeemed`]. What is wrong with a code is not told apart, for whoever asks may have stolen it.
    pub fn redeem(
        &self,
        proven: &Proven,
        client: &Client,
        found: Option<(&Pushed, &Consent)>,
        audience: &str,
        now: Instant,
    ) -> Result<Granted, Unredeemed> {
        let refused = Unredeemed::Refused;
        let found = found.filter(|(_, consent)| consent.app == proven.client() && client.id == consent.app);
        let (pushed, consent) = found.ok_or(refused(Refusal::GrantInvalid))?;
        let code = pushed.code.ok_or(refused(Refusal::GrantInvalid))?;
        if code.used_at.is_some() {
            return Err(Unredeemed::Reused);
        }
        if code.expires_at <= now {
            return Err(refused(Refusal::GrantInvalid));
        }
        if self.redirect_uri != pushed.request.redirect_uri() {
            return Err(refused(Refusal::RedirectUriDiffers));
        }
        if !pushed.request.is_verified_by(&self.verifier) {
            return Err(refused(Refusal::VerifierWrong));
        }
        let asked = Asked { scope: None, resource: self.resource.clone() };
        asked.by_consent(proven, client, Some(consent), audience, now).map_err(refused)
    }
}

impl Granted {
    /// To whom.
    pub const fn client(&self) -> AppId {
        self.client
    }
    /// What.
    pub const fn scopes(&self) -> &ScopeSet {
        &self.scopes
    }
    /// For which customer, if for one.
    pub const fn on_behalf(&self) -> Option<&OnBehalf> {
        self.on_behalf.as_ref()
    }
}

#[cfg(test)]
mod tests;
