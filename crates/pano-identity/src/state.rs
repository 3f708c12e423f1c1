//! What all handlers share.

use crate::clients::Clients;
use crate::keys::Keys;
use crate::options::{Deps, IdentityOptions};
use pano_oauth::access::Issuing;
use pano_oauth::metadata::{Issuer, TOKEN_PATH};
use pano_oauth::{AssertionRules, Throttle};
use pano_types::Secret;
use std::sync::{Arc, Mutex};

/// Shared by all handlers and background work.
pub(crate) struct State {
    pub(crate) deps: Deps,
    pub(crate) issuer: Issuer,
    pub(crate) issuing: Issuing,
    pub(crate) rules: AssertionRules,
    pub(crate) roles: Vec<(String, Secret)>,
    pub(crate) throttle: Mutex<Throttle>,
    pub(crate) clients: Clients,
    pub(crate) keys: Keys,
}

impl State {
    pub(crate) fn new(options: &IdentityOptions, issuer: Issuer, deps: Deps) -> Arc<Self> {
        let issuing = Issuing { lifetime: options.token_lifetime, ..Issuing::new(issuer.as_str(), &options.audience) };
        Arc::new(Self {
            rules: AssertionRules::new(issuer.as_str(), &issuer.url(TOKEN_PATH)),
            keys: Keys::new(deps.clone(), &issuing, options.schedule),
            clients: Clients::new(Arc::clone(&deps.store)),
            throttle: Mutex::new(Throttle::new(options.throttle)),
            roles: options.roles.clone(),
            issuing,
            issuer,
            deps,
        })
    }
}
