//! The snapshot: from disk at start, then by deltas from the manager. What cannot be verified or compiled is refused, and the last
//! good one stays.

use super::client::{Manager, ManagerError};
use crate::compiled::{CompileError, Compiled, Compiler};
use crate::disk::UnitStore;
use crate::shared::Shared;
use bytes::Bytes;
use http::{Method, StatusCode};
use pano_snapshot::protocol::{GatewayReport, REPORT_PATH, SNAPSHOT_PATH};
use pano_snapshot::{ApplyError, Delta, Digested};
use pano_types::Instant;
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
    // Contracts are read from there later; without them validated operations answer 500, everything else is served.
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
            Ok(Some(delta)) => match compiler.take() {
                None => return,
                Some(taken) => {
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

fn apply(mut compiler: Compiler, delta: Delta, store: Option<&UnitStore>) -> (Compiler, Result<Compiled, FeedError>) {
    let (outline, units) = match compiler.outline().apply(delta) {
        Ok(applied) => applied,
        Err(error) => return (compiler, Err(error.into())),
    };
    keep(store, &units);
    match compiler.compile(outline, &units) {
        Err(error) => (compiler, Err(error.into())),
        Ok(compiled) => {
            if let Some(Err(error)) = store.map(|store| store.commit(compiler.outline())) {
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
