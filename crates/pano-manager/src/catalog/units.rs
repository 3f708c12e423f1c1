//! What the publisher asks: the units of every version that gateways know, compiled only when something about them changed.
//!
//! A document is read and its contract made once, when the version is about to be published; the contract is kept in the store
//! under the document's digest. So a start reads rows and no documents, and the manager holds routes in memory but no schemas.

use pano_catalog::lifecycle::Stage;
use pano_catalog::model::Operation;
use pano_catalog::{Slug, Version};
use pano_snapshot::Unit;
use pano_snapshot::snapshot::Digested;
use pano_store::catalog::{ContractKnown, ContractMade, ServedVersion};
use pano_store::{StoreError, transact};
use pano_types::id::{ApiId, ApiVersionId};
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use tokio::sync::Semaphore;

use super::compile::{self, CompileError, compile};
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

/// Versions that are compiled together.
const BATCH: usize = 100;

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
    for batch in missing.chunks(BATCH) {
        let sources = sources(manager, batch).await?;
        let options = manager.options().catalog.clone();
        let compiled = manager.library().work(move || compile_all(sources, &options)).await?;
        let left_out = batch.len() - compiled.len();
        if left_out > 0 {
            tracing::error!(left_out, "published versions left out of the snapshot");
        }
        for (id, unit) in compiled {
            if let Some(served) = batch.iter().find(|served| served.id == id) {
                manager.library().put(served, unit.clone());
            }
            units.push(unit);
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

/// What a unit is compiled from.
struct Source {
    slug: Slug,
    version: Version,
    operations: Vec<Operation>,
    contract: Option<String>,
}

/// Reads what these versions are compiled from, in few queries and as of one moment; contracts that nobody made yet are made.
async fn sources(manager: &Manager, batch: &[&ServedVersion]) -> Result<Vec<Source>> {
    let mut unit = manager.read().await?;
    let ids: Vec<ApiVersionId> = batch.iter().map(|served| served.id).collect();
    let apis: Vec<ApiId> = batch.iter().map(|served| served.api).collect();
    let slugs: HashMap<ApiId, Slug> = unit.api_by_ids(&apis).await?.into_iter().map(|api| (api.id, api.slug)).collect();
    let mut sources = Vec::with_capacity(batch.len());
    for version in unit.version_by_ids(&ids).await? {
        let Some(slug) = slugs.get(&version.api).cloned() else { continue };
        let served = version.state.stage().served();
        let operations = if served { unit.operation_of_version(version.id).await? } else { Vec::new() };
        sources.push(Source { slug, version, operations, contract: None });
    }
    let documents: Vec<String> = sources.iter().map(|source| source.version.document.sha256.clone()).collect();
    let known = unit.contract_known(&compile::made(), &documents).await?;
    drop(unit);
    let known: HashMap<String, String> = known.into_iter().map(|known| (known.document, known.digest)).collect();
    for source in sources.iter_mut().filter(|source| source.version.state.stage().served()) {
        source.contract = known.get(&source.version.document.sha256).cloned();
    }
    let mut missing: Vec<&mut Source> =
        sources.iter_mut().filter(|s| s.contract.is_none() && s.version.state.stage().served()).collect();
    for few in missing.chunks_mut(AT_ONCE) {
        let made = few.iter().map(|s| contract(manager, &s.version.document.sha256, s.operations.clone()));
        let made = futures_util::future::join_all(made).await;
        for (source, made) in few.iter_mut().zip(made) {
            match made? {
                Ok(made) => source.contract = Some(made.digest),
                Err(error) => tracing::error!(version = %source.version.id, %error, "contract does not compile"),
            }
        }
    }
    Ok(sources)
}

fn compile_all(sources: Vec<Source>, options: &super::Options) -> Vec<(ApiVersionId, Digested)> {
    let mut compiled = Vec::with_capacity(sources.len());
    for Source { slug, version, operations, contract } in sources {
        // Without its contract a version would be served unchecked.
        if contract.is_none() && version.state.stage().served() {
            continue;
        }
        match compile(&slug, &version, &operations, contract.as_deref(), options) {
            Ok(unit) => compiled.push((version.id, Digested::new(Unit::Api(unit)))),
            Err(error) => tracing::error!(version = %version.id, %error, "version does not compile"),
        }
    }
    compiled
}

/// The contract of a stored document: as it is known, or made and kept now. The outer failure is the store's, the inner one
/// the document's.
///
/// # Errors
/// When the store cannot be reached.
pub(super) async fn contract(
    manager: &Manager,
    sha256: &str,
    operations: Vec<Operation>,
) -> Result<Result<ContractKnown, CompileError>> {
    let made = compile::made();
    let mut unit = manager.read().await?;
    if let Some(known) = unit.contract_known(&made, &[sha256.to_owned()]).await?.pop() {
        return Ok(Ok(known));
    }
    let text = unit.document_find(sha256).await?;
    drop(unit);
    let Some(text) = text else { return Ok(Err(CompileError::NoDocument("it is not there".to_owned()))) };
    let (limits, document) = (manager.options().catalog.limits, sha256.to_owned());
    let work = move || {
        let read = pano_spec::Document::read_with(text.as_bytes(), &limits);
        let read = read.map_err(|error| CompileError::NoDocument(error.to_string()))?;
        let contract = compile::contract(&operations, &read)?;
        let faults = compile::faults(&contract, &operations);
        let content = contract.text();
        let digest = pano_snapshot::contract::digest(content.as_bytes());
        Ok((ContractKnown { document, digest, faults }, content))
    };
    let (known, content) = match manager.library().work(work).await? {
        Ok(made) => made,
        Err(error) => return Ok(Err(error)),
    };
    // It follows from the document, so it is no change that anyone has to be told of.
    let (kept, way, text) = (&known, &*made, &*content);
    transact::<_, StoreError, _>(manager.store(), |mut work| {
        Box::pin(async move { work.contract_keep(&ContractMade { known: kept, made: way, content: text }).await })
    })
    .await?;
    Ok(Ok(known))
}
