//! What gateways call: the snapshot's long poll, their report, and the shipping of access records (`pano_snapshot::protocol`).

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use pano_http::{Body as JsonBody, Path, Query};
use pano_snapshot::protocol::{
    CONTRACTS_PATH, GatewayReport, RECORDS_PATH, REPORT_PATH, RecordBatch, RecordCursor, SNAPSHOT_PATH,
};
use pano_store::StoreError;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::publish::{Current, Step};
use crate::state::Manager;

/// Longest that a poll is held back; below the kit's limit for a whole request.
const WAIT_MAX: Duration = Duration::from_secs(25);
/// Largest batch of access records, bytes and records.
const BATCH_BYTES: usize = 32 * 1024 * 1024;
const BATCH_RECORDS: usize = 20_000;
const NAME_MAX: usize = 100;

pub(crate) fn router() -> Router<Manager> {
    Router::new()
        .route(SNAPSHOT_PATH, get(snapshot))
        .route(&format!("{CONTRACTS_PATH}/{{digest}}"), get(contract))
        .route(REPORT_PATH, post(report))
        .route(RECORDS_PATH, post(records).layer(DefaultBodyLimit::max(BATCH_BYTES)))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Poll {
    digest: Option<String>,
    wait_ms: Option<u64>,
}

async fn snapshot(State(manager): State<Manager>, Query(poll): Query<Poll>) -> Result<Response> {
    let wait = Duration::from_millis(poll.wait_ms.unwrap_or(0)).min(WAIT_MAX);
    let Some(current) = news(&manager, poll.digest.as_deref(), wait).await else {
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    let step = manager.published().step(poll.digest.as_deref(), &current);
    let body = match step {
        Step::Known(bytes) => bytes,
        Step::Make(delta) => {
            // A whole snapshot of a large bank takes many milliseconds to write.
            let bytes = tokio::task::spawn_blocking(move || delta.write()).await.map_err(Error::internal)?;
            manager.published().keep(poll.digest.as_deref(), &current, bytes.map_err(Error::internal)?)
        }
    };
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

/// The snapshot, as soon as it is another than the one with `digest`; `None` when the time is over or the manager stops.
async fn news(manager: &Manager, digest: Option<&str>, wait: Duration) -> Option<Arc<Current>> {
    let mut watch = manager.published().watch();
    let fresh = watch.wait_for(|current| current.as_ref().is_some_and(|c| Some(&*c.digest) != digest));
    tokio::select! {
        // Both arms are cancel safe: nothing is taken from the watch, the token keeps its state.
        current = tokio::time::timeout(wait, fresh) => current.ok()?.ok()?.clone(),
        () = manager.stop().cancelled() => None,
    }
}

/// The text of a contract that a unit names. It never changes, and may be as large as all schemas of a document.
async fn contract(State(manager): State<Manager>, Path(digest): Path<String>) -> Result<Response> {
    let text = manager.read().await?.contract_text(&digest).await?.ok_or_else(Error::not_found)?;
    let mut response = Response::new(Body::from(text));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

fn check_name(gateway: &str) -> Result<()> {
    let good = (1..=NAME_MAX).contains(&gateway.len()) && gateway.bytes().all(|b| b.is_ascii_graphic());
    if good {
        Ok(())
    } else {
        Err(Error::invalid(
            "/gateway",
            ("must be 1 to 100 visible ASCII characters", "须为 1 至 100 个可见 ASCII 字符"),
        ))
    }
}

async fn report(State(manager): State<Manager>, JsonBody(report): JsonBody<GatewayReport>) -> Result<StatusCode> {
    check_name(&report.gateway)?;
    let mut unit = manager.store().begin().await?;
    unit.gateway_report(&report, manager.now()).await?;
    unit.save().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Counting and the cursor are one transaction: a batch that was counted is answered with the true cursor, never counted again.
async fn records(State(manager): State<Manager>, JsonBody(batch): JsonBody<RecordBatch>) -> Result<Response> {
    check_name(&batch.gateway)?;
    if batch.to < batch.from || batch.records.len() > BATCH_RECORDS {
        return Err(Error::invalid(
            "/to",
            (
                "must not lie before `from`, with at most 20000 records between",
                "不得早于 `from`，且其间至多 20000 条记录",
            ),
        ));
    }
    let mut attempt = 0;
    loop {
        match count(&manager, &batch).await {
            Ok(()) => return Ok(Json(RecordCursor { cursor: batch.to }).into_response()),
            Err(StoreError::CursorMismatch { actual }) => {
                return Ok((StatusCode::CONFLICT, Json(RecordCursor { cursor: actual })).into_response());
            }
            Err(error) if error.retriable() && attempt < 8 => {
                manager.store().pause(attempt).await;
                attempt += 1;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

async fn count(manager: &Manager, batch: &RecordBatch) -> Result<(), StoreError> {
    let mut unit = manager.store().begin().await?;
    unit.usage_add(batch, manager.now()).await?;
    unit.save().await
}
