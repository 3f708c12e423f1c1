//! Gateways as the operator sees them: who runs what, and who has fallen behind.

use axum::Json;
use axum::extract::State;
use pano_store::gateway::Gateway;
use pano_types::Instant;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::error::Result;
use crate::publish::Current;
use crate::state::Manager;

/// A gateway that has said nothing for so long is presumed away.
const SILENT: Duration = Duration::from_secs(30);

pub(crate) fn router() -> OpenApiRouter<Manager> {
    OpenApiRouter::default().routes(routes!(list))
}

/// What gateways should run, and what they do run.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Gateways {
    /// Revision of the snapshot last compiled; absent before the first.
    pub revision: Option<u64>,
    /// Its digest.
    pub digest: Option<String>,
    /// The gateways by name.
    pub items: Vec<GatewayView>,
}

/// A gateway.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = Gateway)]
pub struct GatewayView {
    /// Stable name.
    pub name: String,
    /// Software version.
    pub version: String,
    /// Since when it runs.
    pub started_at: Instant,
    /// Digest of the snapshot it runs; absent before its first.
    pub digest: Option<String>,
    /// Revision of the snapshot it runs.
    pub revision: u64,
    /// Whether that is what it should run.
    pub state: Drift,
    /// Revisions it is behind.
    pub behind: u64,
    /// Why it refused the last change, if it did.
    pub last_error: Option<String>,
    /// When its first report came.
    pub first_seen_at: Instant,
    /// When its last report came.
    pub last_seen_at: Instant,
}

/// How a gateway stands to what it should run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Drift {
    /// It runs the present snapshot.
    InStep,
    /// It runs another one.
    Drifted,
    /// It has not reported for half a minute.
    Silent,
}

fn view(gateway: Gateway, current: Option<&Current>, now: Instant) -> GatewayView {
    let Gateway { report, first_seen_at, last_seen_at } = gateway;
    let same = current.is_some_and(|current| report.digest.as_deref() == Some(&*current.digest));
    let state = match (now.since(last_seen_at) > SILENT, same) {
        (true, _) => Drift::Silent,
        (false, true) => Drift::InStep,
        (false, false) => Drift::Drifted,
    };
    let behind = if same { 0 } else { current.map_or(0, |c| c.revision().saturating_sub(report.revision)) };
    GatewayView {
        name: report.gateway,
        version: report.version,
        started_at: report.started_at,
        digest: report.digest,
        revision: report.revision,
        state,
        behind,
        last_error: report.last_error,
        first_seen_at,
        last_seen_at,
    }
}

/// Gateways and the snapshots they run.
#[utoipa::path(get, path = "/admin/v1/gateways", operation_id = "gateway_list", tag = "gateways",
    responses((status = 200, description = "The gateways", body = Gateways)))]
async fn list(State(manager): State<Manager>) -> Result<Json<Gateways>> {
    let gateways = manager.read().await?.gateway_list().await?;
    let (current, now) = (manager.published().current(), manager.now());
    let items = gateways.into_iter().map(|gateway| view(gateway, current.as_deref(), now)).collect();
    let revision = current.as_ref().map(|current| current.revision());
    Ok(Json(Gateways { revision, digest: current.map(|current| current.digest.to_string()), items }))
}
