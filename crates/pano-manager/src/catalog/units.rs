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
use tokio::sync::Semaphore;

use super::compile::{CompileError, compile};
use crate::error::{Error, Result};
use crate::state::Manager;

/// Compiled units by version, and the gate to the work on documents. One per manager.
#[derive(Debug)]
pub struct Library {
    units: Mutex<HashMap<ApiVersionId, (Stamp, Digested)>>,
    work: Semaphore,
}

/// Documents that are worked on at once. Each may take a core and some dozen megabytes; who comes later waits.
const AT_ONCE: usize = 4;

impl Default for Library {
    fn default() -> Self {
        Self { units: Mutex::default(), work: Semaphore::new(AT_ONCE) }
    }
}

/// What a unit was compiled from: generations of the version and of its API.
type Stamp = (u64, u64);

const fn stamp(served: &ServedVersion) -> Stamp {
    (served.generation, served.api_generation)
}

impl Library {
    /// Runs work on a document on the blocking pool, a bounded number at once.
    ///
    /// # Errors
    /// When the work panicked.
    pub(super) async fn work<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let _permit = self.work.acquire().await.map_err(Error::internal)?;
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)
    }

    fn get(&self, served: &ServedVersion) -> Option<Digested> {
        let cache = self.units.lock().unwrap_or_else(PoisonError::into_inner);
        cache.get(&served.id).filter(|(known, _)| *known == stamp(served)).map(|(_, unit)| unit.clone())
    }
    fn put(&self, served: &ServedVersion, unit: Digested) {
        self.units.lock().unwrap_or_else(PoisonError::into_inner).insert(served.id, (stamp(served), unit));
    }
    fn keep(&self, known: &HashSet<ApiVersionId>) {
        self.units.lock().unwrap_or_else(PoisonError::into_inner).retain(|id, _| known.contains(id));
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
    let (mut units, mut missing) = (Vec::with_capacity(served.len()), Vec::new());
    for served in visible(&served) {
        match manager.library().get(served) {
            Some(unit) => units.push(unit),
            None => missing.push(served),
        }
    }
    for batch in missing.chunks(AT_ONCE) {
        let compiled = futures_util::future::join_all(batch.iter().map(|served| unit_of(manager, served))).await;
        for (served, unit) in batch.iter().zip(compiled) {
            match unit? {
                Some(unit) => {
                    manager.library().put(served, unit.clone());
                    units.push(unit);
                }
                None => tracing::error!(version = %served.id, "published version left out of the snapshot"),
            }
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
    let compiled = manager.library().work(move || {
        let document = read(&version, text.as_deref(), &options.limits);
        compile(&api.slug, &version, &operations, document.as_ref(), &options)
            .map(|unit| Digested::new(Unit::Api(unit)))
    });
    match compiled.await? {
        Ok(unit) => Ok(Some(unit)),
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
