//! Settings, one-time secrets, counters.

use crate::Result;
use pano_crypto::digest::sha256_hex;
use pano_types::{Instant, Secret};

/// SHA-256 of a secret of at least 128 random bits (an API token, a one-time secret): such a secret cannot be guessed, so a
/// plain hash is enough and lets it be found by equality. Never for passwords.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretHash(String);

impl SecretHash {
    /// The hash of a secret.
    pub fn of(secret: &Secret) -> Self {
        // Hashing needs the value; nothing else sees it.
        Self(sha256_hex(secret.expose().as_bytes()))
    }
    /// 64 hex digits.
    pub fn hex(&self) -> &str {
        &self.0
    }
}

/// What became of an attempt to use a one-time secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OneTime {
    /// It was right, and is used now.
    Accepted,
    /// It was right once.
    Used,
    /// There is no such secret, or it is another.
    Wrong,
}

/// Settings, one-time secrets, counters.
#[async_trait::async_trait]
pub trait MetaRepository: Send {
    /// A setting's value.
    async fn setting(&mut self, name: &str) -> Result<Option<String>>;

    /// Writes a setting.
    async fn setting_put(&mut self, name: &str, value: &str, now: Instant) -> Result<()>;

    /// The setting's value, which becomes `value` if there was none: of several processes that start at once, one wins
    /// and all get its value.
    async fn setting_init(&mut self, name: &str, value: &str, now: Instant) -> Result<String>;

    /// Adds a one-time secret if none was ever added under this name; whether it was added.
    async fn one_time_add(&mut self, name: &str, hash: &SecretHash, now: Instant) -> Result<bool>;

    /// Uses a one-time secret up, if it is right and unused. Of several attempts at once, one is accepted.
    async fn one_time_use(&mut self, name: &str, hash: &SecretHash, by: &str, now: Instant) -> Result<OneTime>;

    /// The next number of a named counter, from 1. Numbers are given in the order of saves, without gaps.
    async fn counter_next(&mut self, name: &str) -> Result<u64>;
}
