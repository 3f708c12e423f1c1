//! The token request and what it is granted (RFC 6749 §4.4).

use crate::assertion::Proven;
use crate::client::Client;
use crate::form::Form;
use crate::refusal::Refusal;
use crate::scope::ScopeSet;
use pano_types::id::AppId;

/// A well-formed token request. An enum, for further grants will join.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenRequest {
    /// The client acts for itself.
    ClientCredentials {
        /// Scopes asked for; `None`: all that it may have.
        scope: Option<ScopeSet>,
        /// Resource asked for (RFC 8707 §2).
        resource: Option<String>,
    },
}

/// What a client is granted. Only [`TokenRequest::grant`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    client: AppId,
    scopes: ScopeSet,
}

impl TokenRequest {
    /// Reads the request out of a form.
    ///
    /// # Errors
    /// When the grant is not one of ours, or a parameter is malformed.
    pub fn read(form: &Form) -> Result<Self, Refusal> {
        if form.required("grant_type", 64)? != "client_credentials" {
            return Err(Refusal::GrantUnsupported);
        }
        let scope = form.value("scope").map(ScopeSet::parse).transpose()?;
        Ok(Self::ClientCredentials { scope, resource: form.value("resource").map(str::to_owned) })
    }

    /// What the proven client is granted. Without subscriptions it is granted nothing, and gets a token that opens nothing:
    /// what a call needs is for the gateway to judge.
    ///
    /// # Errors
    /// When it asks for more than its subscriptions cover, or for another resource than `audience`.
    pub fn grant(self, proven: &Proven, client: &Client, audience: &str) -> Result<Granted, Refusal> {
        let Self::ClientCredentials { scope, resource } = self;
        if proven.client() != client.id {
            return Err(Refusal::ClientNotProven);
        }
        if resource.is_some_and(|resource| resource != audience) {
            return Err(Refusal::TargetUnknown);
        }
        let scopes = match scope {
            None => client.scopes.clone(),
            Some(asked) if asked.is_within(&client.scopes) => asked,
            Some(_) => return Err(Refusal::ScopeNotAllowed),
        };
        Ok(Granted { client: client.id, scopes })
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_well_formed_client_credentials_requests_are_read() {
        for (body, outcome) in [
            ("grant_type=client_credentials", Ok((None, None))),
            ("grant_type=client_credentials&scope=b+a&resource=urn:x", Ok((Some("a b"), Some("urn:x")))),
            ("", Err(Refusal::ParameterMissing("grant_type"))),
            ("grant_type=", Err(Refusal::ParameterMissing("grant_type"))),
            ("grant_type=password", Err(Refusal::GrantUnsupported)),
            ("grant_type=authorization_code", Err(Refusal::GrantUnsupported)),
            ("grant_type=client_credentials&scope=a++b", Err(Refusal::ScopeMalformed)),
        ] {
            let read = TokenRequest::read(&Form::parse(body.as_bytes()).unwrap());
            let seen = read.as_ref().map(|TokenRequest::ClientCredentials { scope, resource }| {
                (scope.as_ref().map(ToString::to_string), resource.as_deref())
            });
            assert_eq!(seen, outcome.as_ref().map(|(s, r)| (s.map(str::to_owned), *r)), "{body}");
        }
    }
}
