//! A client as the token service must know it.

use crate::scope::ScopeSet;
use pano_crypto::VerifyingKey;
use pano_types::Instant;
use pano_types::id::{AppId, CredentialId};

/// An app with its keys and rights, as of one moment.
#[derive(Debug)]
pub struct Client {
    /// The app; its text form is the `client_id`.
    pub id: AppId,
    /// Whether it may get tokens: the app is active and its partner admitted.
    pub active: bool,
    /// Registered keys that have not been taken back.
    pub keys: Vec<ClientKey>,
    /// Scopes of the operations that its subscriptions cover.
    pub scopes: ScopeSet,
    /// Registered addresses to which customers' browsers may be sent back.
    pub redirect_uris: Vec<String>,
}

/// A key of a client.
#[derive(Debug)]
pub struct ClientKey {
    /// The credential it was registered as.
    pub credential: CredentialId,
    /// Its id, as assertions name it.
    pub kid: String,
    /// The key.
    pub key: VerifyingKey,
    /// Not taken before.
    pub not_before: Instant,
    /// Not taken at or after.
    pub expires_at: Option<Instant>,
}

impl ClientKey {
    /// Whether an assertion signed with it is taken at `now`.
    pub fn is_valid(&self, now: Instant) -> bool {
        self.not_before <= now && self.expires_at.is_none_or(|end| now < end)
    }
}
