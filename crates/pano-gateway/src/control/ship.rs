//! Ships access records to the manager, in order, from where it has counted to.
//!
//! The manager owns the cursor: it moves it in the transaction that counts. So a batch may be sent twice, and is counted once.

use super::client::{Manager, ManagerError};
use crate::shared::Shared;
use bytes::Bytes;
use http::{Method, StatusCode};
use pano_bus::{Log, ReadError};
use pano_snapshot::AccessRecord;
use pano_snapshot::protocol::{RECORDS_PATH, RecordBatch, RecordCursor};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// About how much of the log goes into one batch.
const BATCH_BYTES: usize = 512 << 10;
/// How often the log is looked at while nothing comes.
const IDLE: Duration = Duration::from_millis(50);
/// Longest pause after a failure.
const PAUSE_MAX: Duration = Duration::from_secs(5);
/// How often consumed segments are looked through.
const RELEASE_EVERY: Duration = Duration::from_secs(30);

#[derive(Debug, thiserror::Error)]
enum ShipError {
    #[error("{0}")]
    Manager(#[from] ManagerError),
    #[error("{0}")]
    Read(#[from] ReadError),
    #[error("the log cannot be mended")]
    Disk(#[from] std::io::Error),
}

/// Ships until `stop`, and then what is left, within the grace time.
pub async fn run(shared: Arc<Shared>, manager: Arc<Manager>, stop: CancellationToken) {
    let Some(log) = shared.log.clone() else { return };
    let mut cursor = None;
    let mut pause = IDLE;
    let mut released = tokio::time::Instant::now();
    loop {
        let stopping = stop.is_cancelled();
        match ship(&shared, &*log, &manager, cursor).await {
            Ok((next, moved)) => {
                pause = IDLE;
                cursor = Some(next);
                shared.totals.log_cursor.store(next, Ordering::Relaxed);
                if moved {
                    continue;
                }
                if stopping && next >= log.end() {
                    return;
                }
            }
            Err(error) => {
                tracing::warn!(%error, "access records could not be shipped");
                cursor = None;
                if stopping {
                    return;
                }
                pause = (pause * 2).min(PAUSE_MAX);
            }
        }
        if released.elapsed() > RELEASE_EVERY {
            released = tokio::time::Instant::now();
            release(&shared, &*log, cursor.unwrap_or(0));
        }
        tokio::select! {
            () = stop.cancelled(), if !stopping => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Without a manager: only lets old segments go.
pub async fn retain(shared: Arc<Shared>, stop: CancellationToken) {
    let Some(log) = shared.log.clone() else { return };
    loop {
        release(&shared, &*log, log.end());
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(RELEASE_EVERY) => {}
        }
    }
}

fn release(shared: &Shared, log: &dyn Log, cursor: u64) {
    if let Err(error) = log.release(cursor, shared.clock.now()) {
        tracing::warn!(%error, "old segments of the log could not be removed");
    }
}

/// One batch. Returns the manager's cursor, and whether there may be more to send.
async fn ship(
    shared: &Shared,
    log: &dyn Log,
    manager: &Manager,
    cursor: Option<u64>,
) -> Result<(u64, bool), ShipError> {
    let Some(from) = cursor else {
        // An empty batch from nowhere: the manager answers with the true cursor.
        let start = log.start();
        let (cursor, _) = post(shared, manager, start, start, Vec::new()).await?;
        return resume(log, cursor).map(|cursor| (cursor, true));
    };
    // Where segments are gone that were never counted (a manager that began anew), the batch spans the gap.
    let chunk = log.read(from.max(log.start()), BATCH_BYTES)?;
    if chunk.to == from {
        return Ok((from, false));
    }
    let lines = chunk.lines.split(|b| *b == b'\n').filter(|line| !line.is_empty());
    let mut records: Vec<AccessRecord> = Vec::new();
    for line in lines {
        match serde_json::from_slice(line) {
            Ok(record) => records.push(record),
            // Only a damaged disk makes these; the line stays in the log for whoever looks into it.
            Err(error) => tracing::error!(%error, from, "a line of the log is no access record"),
        }
    }
    let (cursor, _) = post(shared, manager, from, chunk.to, records).await?;
    resume(log, cursor).map(|cursor| (cursor, true))
}

/// Where to read on, given the manager's cursor.
fn resume(log: &dyn Log, cursor: u64) -> Result<u64, ShipError> {
    if cursor > log.end() {
        // The machine died before an fsync, but the manager had the records already: go on behind them.
        log.skip_to(cursor)?;
    }
    if cursor < log.start() {
        tracing::error!(cursor, start = log.start(), "segments that were not counted are gone");
    }
    Ok(cursor)
}

async fn post(
    shared: &Shared,
    manager: &Manager,
    from: u64,
    to: u64,
    records: Vec<AccessRecord>,
) -> Result<(u64, StatusCode), ShipError> {
    let batch = RecordBatch { gateway: shared.options.name.clone(), from, to, records };
    let body = Bytes::from(serde_json::to_vec(&batch).map_err(ManagerError::Answer)?);
    let (status, body) = manager.send(Method::POST, RECORDS_PATH, body, Duration::from_secs(30)).await?;
    match status {
        StatusCode::OK | StatusCode::CONFLICT => {
            let answer: RecordCursor = serde_json::from_slice(&body).map_err(ManagerError::Answer)?;
            Ok((answer.cursor, status))
        }
        other => Err(ManagerError::Status(other).into()),
    }
}
