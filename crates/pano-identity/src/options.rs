//! What the role is told at its start.

use crate::customers::Customers;
use pano_crypto::KeyStore;
use pano_crypto::ring::Schedule;
use pano_oauth::throttle::ThrottleRules;
use pano_store::Store;
use pano_types::{Clock, Entropy, Secret};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// Settings of the role.
#[derive(Debug, Clone)]
pub struct IdentityOptions {
    /// Where to listen; port 0: any free one.
    pub listen: SocketAddr,
    /// Issuer identifier (RFC 8414 §2): the address that clients see.
    pub issuer: String,
    /// `aud` of access tokens: what the gateways are called.
    pub audience: String,
    /// Life of an access token, at most 10 minutes.
    pub token_lifetime: Duration,
    /// When signing keys move.
    pub schedule: Schedule,
    /// How often keys, sweeps and lazy notes are looked after.
    pub tick: Duration,
    /// Credentials of other roles, by the role's name: they may introspect any token. The roles' service
    /// accounts in the store (named `service:ROLE`) may too, so this is for roles that have none.
    pub roles: Vec<(String, Secret)>,
    /// How long a consent lasts.
    pub consent_lifetime: Duration,
    /// How long a customer's sign-in counts.
    pub sign_in_lifetime: Duration,
    /// The brake on failing sign-ins; it holds right passwords too, or guessing would not get slower.
    pub sign_in_throttle: ThrottleRules,
    /// The brake on failing proofs.
    pub throttle: ThrottleRules,
}

impl IdentityOptions {
    /// Defaults for an issuer: `127.0.0.1:7002`, tokens of 5 minutes.
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 7002)),
            issuer: issuer.into(),
            audience: audience.into(),
            token_lifetime: Duration::from_secs(300),
            schedule: Schedule::default(),
            tick: Duration::from_secs(1),
            roles: Vec::new(),
            consent_lifetime: Duration::from_secs(90 * 86_400),
            sign_in_lifetime: Duration::from_secs(1_800),
            sign_in_throttle: ThrottleRules { burst: 10, refill: Duration::from_secs(30), senders_max: 10_000 },
            throttle: ThrottleRules::default(),
        }
    }
}

/// What the role works with.
#[derive(Clone)]
pub struct Deps {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// The issuer's signing keys.
    pub keys: Arc<dyn KeyStore>,
    /// The bank's customers.
    pub customers: Arc<dyn Customers>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}
