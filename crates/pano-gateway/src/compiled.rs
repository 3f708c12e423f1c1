//! The snapshot in the form that requests read: routers, apps, keys, revocations.
//!
//! Everything in here is immutable and shared by reference; a new snapshot reuses the parts that did not change. Adding an app makes
//! one of [`SHARDS`] small maps anew, adding an API its own router and the table of base paths.

pub mod api;
pub mod app;
mod build;
mod mounts;

pub use api::{Api, Operation, Serving};
pub use app::{App, Apps, Subscription};
pub use build::{CompileError, Compiler};
pub use mounts::{Found, Mounts};

use crate::token::Keys;
use pano_snapshot::unit::Revocations;
use pano_types::Instant;
use pano_types::id::AppId;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Number of maps that the apps are spread over.
pub const SHARDS: usize = 64;

/// A compiled snapshot.
#[derive(Debug, Clone)]
pub struct Compiled {
    /// Its revision.
    pub revision: u64,
    /// Its digest.
    pub digest: Arc<str>,
    /// Hosts and base paths.
    pub mounts: Arc<Mounts>,
    /// Apps.
    pub apps: Apps,
    /// Issuers' keys.
    pub keys: Arc<Keys>,
    /// Tokens taken back.
    pub revoked: Arc<Revoked>,
}

/// Tokens taken back before they expired.
#[derive(Debug, Default)]
pub struct Revoked {
    tokens: HashSet<Box<str>>,
    apps: HashMap<AppId, Instant>,
    consents: HashSet<Box<str>>,
}

impl Revoked {
    /// Compiles the unit.
    pub fn new(unit: &Revocations) -> Self {
        Self {
            tokens: unit.tokens.iter().map(|(jti, _)| jti.as_str().into()).collect(),
            apps: unit.apps.iter().copied().collect(),
            consents: unit.consents.iter().map(|(id, _)| id.to_string().into()).collect(),
        }
    }
    /// Whether the consent that a token names has ended.
    pub fn has_ended(&self, consent: Option<&str>) -> bool {
        consent.is_some_and(|id| self.consents.contains(id))
    }
    /// Whether a token with this `jti`, issued at that instant to that app, is void.
    pub fn holds(&self, jti: Option<&str>, app: Option<AppId>, issued: Instant) -> bool {
        // `iat` is in whole seconds: a token issued within the second of the revocation counts as issued before it.
        jti.is_some_and(|jti| self.tokens.contains(jti))
            || app.and_then(|app| self.apps.get(&app)).is_some_and(|before| issued < *before)
    }
}
