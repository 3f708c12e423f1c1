//! The snapshot: from disk at start, then by deltas from the manager. What cannot be verified or compiled is refused, and the last
//! good one stays.

use super::client::{Manager, ManagerError};
use crate::compiled::{CompileError, Compiled, Compiler};
use crate::contract::{Broken, Shelf};
use crate::disk::UnitStore;
use crate::shared::Shared;
use bytes::Bytes;
use http::{Method, StatusCode};
use pano_snapshot::protocol::{CONTRACTS_PATH, GatewayReport, REPORT_PATH, SNAPSHOT_PATH};
use pano_snapshot::{ApplyError, Delta, Digested, FORMAT, Unit};
use pano_types::Instant;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Why a delta was refused.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The manager gave none.
    #[error("{0}")]
    Manager(#[from] ManagerError),
    /// It does not fit or does not prove itself.
    #[error("{0}")]
    Apply(#[from] ApplyError),
    /// A contract that it names is not what its digest says, or cannot be kept.
    #[error("{0}")]
    Contract(#[from] Broken),
    /// It cannot be served.
    #[error("{0}")]
    Compile(#[from] CompileError),
}

/// Shortest and longest pause after a failure.
const PAUSE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// The first snapshot: the given one, else the last good one on disk.
///
/// # Errors
/// When the given one is not servable. One on disk that is not is left alone.
pub fn start(shared: &Shared, compiler: &mut Compiler, store: Option<&UnitStore>) -> Result<(), CompileError> {
    if let Some(snapshot) = &shared.options.snapshot {
        let units: Vec<Digested> = snapshot.units().values().cloned().collect();
        if let Err(error) = compiler.shelf().put_all(&shared.options.contracts) {
            tracing::error!(%error, "contracts could not be kept");
        }
        keep(store, &units);
        let compiled = compiler.compile(snapshot.outline(), &units)?;
        shared.compiled.store(Some(Arc::new(compiled)));
    } else if let Some((outline, units)) = store.and_then(UnitStore::load) {
        match compiler.compile(outline, &units) {
            Ok(compiled) => shared.compiled.store(Some(Arc::new(compiled))),
            Err(error) => tracing::warn!(%error, "the snapshot on disk cannot be served"),
        }
    }
    Ok(())
}

fn keep(store: Option<&UnitStore>, units: &[Digested]) {
    if let Some(Err(error)) = store.map(|store| store.keep(units)) {
        tracing::error!(%error, "snapshot units could not be written");
    }
}

/// Follows the manager until `stop`.
pub async fn follow(
    shared: Arc<Shared>,
    manager: Arc<Manager>,
    compiler: Compiler,
    store: Option<Arc<UnitStore>>,
    stop: CancellationToken,
) {
    let started = shared.clock.now();
    let shelf = Arc::clone(compiler.shelf());
    mend(&manager, &compiler).await;
    let mut compiler = Some(compiler);
    let mut pause = PAUSE.0;
    let mut last_error = None;
    let mut whole = false;
    let mut report = tokio::time::interval(manager.options.report_every);
    report.tick().await;
    tell(&shared, &manager, started, None).await;
    while !stop.is_cancelled() {
        let held = if whole { None } else { compiler.as_ref().map(|c| c.outline().digest()) };
        // A poll that is dropped is simply made again.
        let polled = tokio::select! {
            () = stop.cancelled() => return,
            _ = report.tick() => {
                tell(&shared, &manager, started, last_error.clone()).await;
                continue;
            }
            polled = poll(&manager, held) => polled,
        };
        let outcome = match polled {
            Ok(None) => Ok(()),
            Ok(Some(delta)) => match (fetch(&manager, &shelf, &delta).await, compiler.take()) {
                (_, None) => return,
                (Err(error), back) => {
                    compiler = back;
                    Err(error)
                }
                (Ok(()), Some(taken)) => {
                    // Large deltas take a while: beside the other tasks of this thread.
                    let store = store.clone();
                    let applied = tokio::task::spawn_blocking(move || apply(taken, delta, store.as_deref())).await;
                    let Ok((back, applied)) = applied else { return };
                    compiler = Some(back);
                    applied.map(|compiled| shared.compiled.store(Some(Arc::new(compiled))))
                }
            },
            Err(error) => Err(error.into()),
        };
        match outcome {
            Ok(()) => {
                (pause, whole) = (PAUSE.0, false);
                last_error = None;
                tell(&shared, &manager, started, None).await;
            }
            Err(error) => {
                tracing::warn!(%error, "no new snapshot");
                let refused = !matches!(error, FeedError::Manager(_));
                if refused {
                    shared.totals.snapshots_refused.fetch_add(1, Ordering::Relaxed);
                    last_error = Some(error.to_string());
                    tell(&shared, &manager, started, last_error.clone()).await;
                }
                // What does not fit may fit as a whole.
                whole = matches!(error, FeedError::Apply(_));
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(pause) => pause = (pause * 2).min(PAUSE.1),
                }
            }
        }
    }
}

async fn poll(manager: &Manager, held: Option<String>) -> Result<Option<Delta>, ManagerError> {
    let wait = manager.options.wait;
    let query = match held {
        Some(digest) => format!("{SNAPSHOT_PATH}?digest={digest}&wait_ms={}", wait.as_millis()),
        None => format!("{SNAPSHOT_PATH}?wait_ms={}", wait.as_millis()),
    };
    let (status, body) = manager.send(Method::GET, &query, Bytes::new(), wait + Duration::from_secs(10)).await?;
    match status {
        StatusCode::OK => Ok(Some(serde_json::from_slice(&body)?)),
        StatusCode::NO_CONTENT => Ok(None),
        other => Err(ManagerError::Status(other)),
    }
}

/// Contracts that are fetched side by side.
const AT_ONCE: usize = 8;
/// Up to so many new contracts are synced to disk at once, as a publish brings them; more come with a first load, and syncing
/// each would take long. Their digests prove them when they are read.
const SYNCED_MAX: usize = 16;

/// Fetches the contracts that a delta's units name and that are not here. A unit is never served without its contract.
async fn fetch(manager: &Arc<Manager>, shelf: &Arc<Shelf>, delta: &Delta) -> Result<(), FeedError> {
    if delta.format != FORMAT {
        return Err(ApplyError::Format(delta.format).into());
    }
    let named = delta.upsert.iter().filter_map(|unit| match &**unit {
        Unit::Api(api) => api.contract.clone(),
        Unit::App(_) | Unit::Issuer(_) | Unit::Revocations(_) => None,
    });
    let missing: BTreeSet<String> = named.filter(|digest| !shelf.has(digest)).collect();
    bring(manager, shelf, missing.into_iter().collect()).await
}

/// After a start: what the disk lost or changed of the contracts is fetched again. Meanwhile, and as long as the manager is away,
/// calls that need such a contract are refused.
async fn mend(manager: &Arc<Manager>, compiler: &Compiler) {
    let shelf = Arc::clone(compiler.shelf());
    let digests: Vec<String> = compiler.contracts().into_iter().map(str::to_owned).collect();
    let unsound = move || digests.into_iter().filter(|digest| !shelf.sound(digest)).collect::<Vec<_>>();
    let Ok(unsound) = tokio::task::spawn_blocking(unsound).await else { return };
    if unsound.is_empty() {
        return;
    }
    tracing::warn!(contracts = unsound.len(), "contracts on disk are damaged");
    if let Err(error) = bring(manager, compiler.shelf(), unsound).await {
        tracing::warn!(%error, "damaged contracts are not mended");
    }
}

async fn bring(manager: &Arc<Manager>, shelf: &Arc<Shelf>, digests: Vec<String>) -> Result<(), FeedError> {
    let sync = digests.len() <= SYNCED_MAX;
    for few in digests.chunks(AT_ONCE) {
        let got = few.iter().map(|digest| contract(manager, digest));
        let got = futures_util::future::try_join_all(got).await?;
        let (shelf, few) = (Arc::clone(shelf), few.to_vec());
        let put = move || few.iter().zip(got).try_for_each(|(digest, text)| shelf.put(digest, &text, sync));
        match tokio::task::spawn_blocking(put).await {
            Ok(put) => put?,
            Err(error) => return Err(ManagerError::Unreachable(error.to_string()).into()),
        }
    }
    Ok(())
}

async fn contract(manager: &Manager, digest: &str) -> Result<Bytes, ManagerError> {
    let path = format!("{CONTRACTS_PATH}/{digest}");
    match manager.send(Method::GET, &path, Bytes::new(), Duration::from_secs(20)).await? {
        (StatusCode::OK, text) => Ok(text),
        (other, _) => Err(ManagerError::Status(other)),
    }
}

fn apply(mut compiler: Compiler, delta: Delta, store: Option<&UnitStore>) -> (Compiler, Result<Compiled, FeedError>) {
    let (outline, units) = match compiler.outline().apply(delta) {
        Ok(applied) => applied,
        Err(error) => return (compiler, Err(error.into())),
    };
    keep(store, &units);
    // Requests that began with the snapshot before may still need its contracts.
    let before: Vec<String> = compiler.contracts().into_iter().map(str::to_owned).collect();
    match compiler.compile(outline, &units) {
        Err(error) => (compiler, Err(error.into())),
        Ok(compiled) => {
            let contracts = compiler.contracts();
            compiler.shelf().keep_only(&contracts.iter().copied().chain(before.iter().map(String::as_str)).collect());
            if let Some(Err(error)) = store.map(|store| store.commit(compiler.outline(), contracts.into_iter())) {
                tracing::error!(%error, "the snapshot could not be written");
            }
            (compiler, Ok(compiled))
        }
    }
}

async fn tell(shared: &Shared, manager: &Manager, started: Instant, last_error: Option<String>) {
    let compiled = shared.compiled.load_full();
    let report = GatewayReport {
        gateway: shared.options.name.clone(),
        version: shared.options.version.clone(),
        started_at: started,
        digest: compiled.as_ref().map(|c| c.digest.to_string()),
        revision: compiled.as_ref().map_or(0, |c| c.revision),
        last_error,
    };
    let body = Bytes::from(serde_json::to_vec(&report).unwrap_or_default());
    match manager.send(Method::POST, REPORT_PATH, body, Duration::from_secs(5)).await {
        Ok((status, _)) if status.is_success() => {}
        Ok((status, _)) => tracing::debug!(%status, "the report was not taken"),
        Err(error) => tracing::debug!(%error, "the report was not taken"),
    }
}
