//! From units to the compiled snapshot, reusing what did not change.

use super::api::{Api, ApiError};
use super::{App, Apps, Compiled, Mounts, Revoked};
use crate::contract::Shelf;
use crate::registry::Registry;
use crate::token::{Keys, KeysError};
use pano_snapshot::unit::UnitKey;
use pano_snapshot::{Digested, IssuerUnit, Outline, Unit};
use pano_types::Secret;
use pano_types::id::ApiVersionId;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// Why a snapshot was refused. The one before stays in use.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// An API version cannot be served as described.
    #[error("API version {version}: {source}")]
    Api {
        /// The version.
        version: ApiVersionId,
        /// Why.
        source: ApiError,
    },
    /// An issuer's keys cannot be read.
    #[error("{0}")]
    Keys(#[from] KeysError),
}

/// Compiles one snapshot after the other.
#[derive(Debug)]
pub struct Compiler {
    registry: Arc<Registry>,
    credentials: HashMap<String, Secret>,
    shelf: Arc<Shelf>,
    outline: Outline,
    apis: BTreeMap<ApiVersionId, Arc<Api>>,
    issuers: BTreeMap<String, IssuerUnit>,
    apps: Apps,
    keys: Arc<Keys>,
    revoked: Arc<Revoked>,
    mounts: Arc<Mounts>,
}

impl Compiler {
    /// Starts from the empty snapshot. Contracts are read from the shelf when they are needed.
    pub fn new(registry: Arc<Registry>, credentials: HashMap<String, Secret>, shelf: Arc<Shelf>) -> Self {
        Self {
            registry,
            credentials,
            shelf,
            outline: Outline::default(),
            apis: BTreeMap::new(),
            issuers: BTreeMap::new(),
            apps: Apps::default(),
            keys: Arc::default(),
            revoked: Arc::default(),
            mounts: Arc::default(),
        }
    }

    /// What is compiled now.
    pub const fn outline(&self) -> &Outline {
        &self.outline
    }

    /// Digests of the contracts that the compiled snapshot names, each once.
    pub fn contracts(&self) -> HashSet<&str> {
        self.apis.values().filter_map(|api| api.contract.as_deref()).collect()
    }

    /// Where contracts are.
    pub const fn shelf(&self) -> &Arc<Shelf> {
        &self.shelf
    }

    /// Compiles `next`, of which `units` are the new and changed ones.
    ///
    /// # Errors
    /// When a unit cannot be served as it is; then nothing has changed.
    pub fn compile(&mut self, next: Outline, units: &[Digested]) -> Result<Compiled, CompileError> {
        let mut apis = self.apis.clone();
        let mut issuers = self.issuers.clone();
        let mut apps = Vec::new();
        let mut revoked = None;
        let (mut routes_changed, mut keys_changed) = (false, false);
        for key in self.outline.digests().keys().filter(|key| !next.digests().contains_key(key)) {
            match key {
                UnitKey::Api(id) => routes_changed |= apis.remove(id).is_some(),
                UnitKey::App(id) => apps.push((*id, None)),
                UnitKey::Issuer(name) => keys_changed |= issuers.remove(name).is_some(),
                UnitKey::Revocations => revoked = Some(Arc::default()),
            }
        }
        for digested in units {
            if self.outline.digests().get(&digested.unit.key()) == Some(&digested.digest) {
                continue;
            }
            match &*digested.unit {
                Unit::Api(unit) => {
                    let api = Api::new(unit, &self.shelf, &self.registry, &self.credentials)
                        .map_err(|source| CompileError::Api { version: unit.version_id, source })?;
                    apis.insert(unit.version_id, Arc::new(api));
                    routes_changed = true;
                }
                Unit::App(unit) => apps.push((unit.id, Some(Arc::new(App::new(unit, &self.registry))))),
                Unit::Issuer(unit) => {
                    issuers.insert(unit.issuer.clone(), unit.clone());
                    keys_changed = true;
                }
                Unit::Revocations(unit) => revoked = Some(Arc::new(Revoked::new(unit))),
            }
        }
        if keys_changed {
            self.keys = Arc::new(Keys::new(self.registry.next_epoch(), issuers.values())?);
        }
        if routes_changed {
            self.mounts = Arc::new(Mounts::new(apis.values()));
        }
        if !apps.is_empty() {
            self.apps = self.apps.changed(apps);
        }
        if let Some(revoked) = revoked {
            self.revoked = revoked;
        }
        self.apis = apis;
        self.issuers = issuers;
        self.outline = next;
        self.registry.prune();
        Ok(Compiled {
            revision: self.outline.revision(),
            digest: self.outline.digest().into(),
            mounts: Arc::clone(&self.mounts),
            apps: self.apps.clone(),
            keys: Arc::clone(&self.keys),
            revoked: Arc::clone(&self.revoked),
        })
    }
}
