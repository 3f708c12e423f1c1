//! What the publisher asks: the units of every version that gateways know, compiled only when something about them changed.

use pano_catalog::Version;
use pano_catalog::lifecycle::Stage;
use pano_snapshot::Unit;
use pano_snapshot::snapshot::Digested;
use pano_spec::Document;
use pano_store::catalog::ServedVersion;
use pano_types::id::ApiVersionId;
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use super::compile::{CompileError, compile};
use crate::error::{Error, Result};
use crate::state::Manager;

/// Compiled units by version. One per manager.
#[derive(Debug, Default)]
pub struct Library(Mutex<HashMap<ApiVersionId, (Stamp, Digested)>>);

/// What a unit was compiled from: generations of the version and of its API.
type Stamp = (u64, u64);

const fn stamp(served: &ServedVersion) -> Stamp {
    (served.generation, served.api_generation)
}

impl Library {
    fn get(&self, served: &ServedVersion) -> Option<Digested> {
        let cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cache.get(&served.id).filter(|(known, _)| *known == stamp(served)).map(|(_, unit)| unit.clone())
    }
    fn put(&self, served: &ServedVersion, unit: Digested) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(served.id, (stamp(served), unit));
    }
    fn keep(&self, known: &HashSet<ApiVersionId>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|id, _| known.contains(id));
    }
}

/// The units of every version that gateways know. A version that cannot be compiled is left out and logged: it was compiled
/// once before it was published, so this is a defect, and no reason to hold back all the others.
///
/// # Errors
/// When the store cannot be read.
pub async fn api_units(manager: &Manager) -> Result<Vec<Digested>> {
    let served = {
        let mut unit = manager.read().await?;
        unit.version_served().await?
    };
    let known: HashSet<ApiVersionId> = served.iter().map(|s| s.id).collect();
    manager.library().keep(&known);
    let mut units = Vec::with_capacity(served.len());
    for served in visible(&served) {
        if let Some(unit) = manager.library().get(served) {
            units.push(unit);
            continue;
        }
        match unit_of(manager, served).await? {
            Some(unit) => {
                manager.library().put(served, unit.clone());
                units.push(unit);
            }
            None => tracing::error!(version = %served.id, "published version left out of the snapshot"),
        }
    }
    Ok(units)
}

/// A retired version answers 410 below its base path only while nobody else answers there, and of several retired ones the
/// newest speaks.
fn visible(served: &[ServedVersion]) -> Vec<&ServedVersion> {
    let place = |s: &ServedVersion| (s.base_path.clone(), s.hosts.clone());
    let mut taken: HashSet<_> = served.iter().filter(|s| s.stage.served()).map(place).collect();
    let mut found: Vec<&ServedVersion> = served.iter().filter(|s| s.stage.served()).collect();
    found.extend(served.iter().rev().filter(|s| s.stage == Stage::Retired).filter(|s| taken.insert(place(s))));
    found
}

async fn unit_of(manager: &Manager, served: &ServedVersion) -> Result<Option<Digested>> {
    let mut unit = manager.read().await?;
    let (Some(version), Some(api)) = (unit.version_find(served.id).await?, unit.api_find(served.api).await?) else {
        return Ok(None);
    };
    let operations = unit.operation_of_version(version.id).await?;
    let text = unit.document_find(&version.document.sha256).await?;
    drop(unit);
    let options = manager.options().catalog.clone();
    let compiled = tokio::task::spawn_blocking(move || {
        let document = read(&version, text.as_deref(), &options.limits);
        compile(&api.slug, &version, &operations, document.as_ref(), &options)
    });
    match compiled.await.map_err(Error::internal)? {
        Ok(unit) => Ok(Some(Digested::new(Unit::Api(unit)))),
        Err(CompileError::NotServed) => Ok(None),
        Err(error) => {
            tracing::error!(version = %served.id, %error, "version does not compile");
            Ok(None)
        }
    }
}

/// A stored document was read before it was stored; a retired version needs none.
fn read(version: &Version, text: Option<&str>, limits: &pano_spec::Limits) -> Option<Document> {
    if version.state.stage() == Stage::Retired {
        return None;
    }
    Document::read_with(text?.as_bytes(), limits).ok()
}
