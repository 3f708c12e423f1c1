//! What all handlers share.

use crate::clients::Clients;
use crate::keys::Keys;
use crate::options::{Deps, IdentityOptions};
use pano_oauth::access::Issuing;
use pano_oauth::metadata::Issuer;
use pano_oauth::{AssertionRules, Throttle};
use pano_types::Secret;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Shared by all handlers and background work.
pub(crate) struct State {
    pub(crate) deps: Deps,
    pub(crate) issuer: Issuer,
    pub(crate) issuing: Issuing,
    pub(crate) rules: AssertionRules,
    pub(crate) roles: Vec<(String, Secret)>,
    pub(crate) throttle: Mutex<Throttle>,
    pub(crate) sign_ins: Mutex<Throttle>,
    pub(crate) consent_lifetime: Duration,
    pub(crate) sign_in_lifetime: Duration,
    pub(crate) clients: Clients,
    pub(crate) keys: Keys,
}

impl State {
    pub(crate) fn new(options: &IdentityOptions, issuer: Issuer, deps: Deps) -> Arc<Self> {
        let issuing = Issuing { lifetime: options.token_lifetime, ..Issuing::new(issuer.as_str(), &options.audience) };
        Arc::new(Self {
            rules: AssertionRules::new(issuer.as_str()),
            keys: Keys::new(deps.clone(), &issuing, options.schedule),
            clients: Clients::new(Arc::clone(&deps.store)),
            throttle: Mutex::new(Throttle::new(options.throttle)),
            sign_ins: Mutex::new(Throttle::new(options.sign_in_throttle)),
            consent_lifetime: options.consent_lifetime,
            sign_in_lifetime: options.sign_in_lifetime,
            roles: options.roles.clone(),
            issuing,
            issuer,
            deps,
        })
    }

    /// Whether customers reach us by https.
    pub(crate) fn secure(&self) -> bool {
        self.issuer.as_str().starts_with("https://")
    }
}
