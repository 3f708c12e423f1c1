//! The token service's memory: what issuers publish, used assertions, tokens taken back.

use crate::Result;
use pano_types::Instant;
use pano_types::id::AppId;

/// An issuer as gateways must know it. Written by the token service before a key of it signs; the manager puts it into the
/// snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    /// `iss`.
    pub issuer: String,
    /// `aud` that its tokens must hold.
    pub audience: String,
    /// Public keys (RFC 7517 §5): those that will sign, sign, or have signed tokens that may still live.
    pub jwks: serde_json::Value,
}

/// A token taken back before it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevokedToken {
    /// Its id.
    pub jti: String,
    /// Whose it was.
    pub app: AppId,
    /// When it would have ended anyway; from then on nobody needs to know.
    pub expires_at: Instant,
    /// When it was taken back.
    pub revoked_at: Instant,
}

/// What a sweep may forget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sweep {
    /// Now: assertions and tokens that have ended are forgotten.
    pub now: Instant,
    /// Cutoffs before this instant are forgotten: tokens issued before them have all ended.
    pub cutoffs_before: Instant,
    /// Most rows of each kind; sweep again while as many were forgotten.
    pub limit: u32,
}

/// The token service's memory.
#[async_trait::async_trait]
pub trait TokenRepository: Send {
    /// Publishes an issuer, in place of what was published under its name; whether anything changed.
    async fn issuer_put(&mut self, issuer: &Issuer) -> Result<bool>;

    /// All issuers, by name.
    async fn issuer_list(&mut self) -> Result<Vec<Issuer>>;

    /// Uses an assertion up: `true` for exactly one caller, however many come at once, until `expires_at` has passed and a
    /// sweep has forgotten it.
    async fn assertion_use(&mut self, app: AppId, jti: &str, expires_at: Instant) -> Result<bool>;

    /// Takes a token back; again is no error. Whether it was not taken back yet.
    async fn token_revoke(&mut self, token: &RevokedToken) -> Result<bool>;

    /// Whether the token with this id was taken back.
    async fn token_revoked(&mut self, jti: &str) -> Result<bool>;

    /// Tokens taken back that have not ended at `now`, by the order of their end.
    async fn token_revocations(&mut self, now: Instant) -> Result<Vec<RevokedToken>>;

    /// Voids every token of `app` issued before `cutoff`. A cutoff only moves forward.
    async fn token_cutoff_put(&mut self, app: AppId, cutoff: Instant) -> Result<()>;

    /// The app's cutoff.
    async fn token_cutoff(&mut self, app: AppId) -> Result<Option<Instant>>;

    /// Cutoffs at or after `since`, by app: older ones void only tokens that have ended.
    async fn token_cutoffs(&mut self, since: Instant) -> Result<Vec<(AppId, Instant)>>;

    /// Forgets what nobody needs any more; how many rows.
    async fn token_sweep(&mut self, sweep: Sweep) -> Result<u64>;
}
