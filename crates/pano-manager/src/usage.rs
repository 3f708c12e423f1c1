//! Usage and access records: what was counted, and the recent requests behind it.

use axum::Json;
use axum::extract::State;
use pano_http::Query;
use pano_http::cursor::{self, Listed};
use pano_snapshot::AccessRecord;
use pano_store::usage::{By, Filter, Row, Search, Totals};
use pano_types::id::{ApiId, AppId, PartnerId};
use pano_types::{Instant, Localized};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::error::{Error, Result};
use crate::state::Manager;

const RECORDS: &str = "access-records";
const ROWS_MAX: u32 = 10_000;

pub(crate) fn router() -> OpenApiRouter<Manager> {
    OpenApiRouter::default().routes(routes!(usage)).routes(routes!(records))
}

/// Which usage; every part given must match.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UsageQuery {
    /// From the hour this lies in.
    from: Option<Instant>,
    /// Up to, without, the hour this lies in.
    until: Option<Instant>,
    /// Of this partner.
    partner: Option<PartnerId>,
    /// Of this app.
    app: Option<AppId>,
    /// Of this API.
    api: Option<ApiId>,
    /// Of this version.
    version: Option<String>,
    /// Of this operation.
    operation: Option<String>,
    /// With this status.
    status: Option<u16>,
    /// Broken down by these, with commas between: `hour`, `day`, `partner`, `app`, `api`, `version`, `operation`, `status`.
    /// `app,api,operation` when absent.
    by: Option<String>,
    /// Most rows wanted, 1 to 10000; 1000 when absent.
    limit: Option<u32>,
}

/// Usage: the sum, and its parts.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Usage {
    /// Over everything that matches.
    pub totals: TotalsView,
    /// The breakdown.
    pub rows: Vec<UsageRow>,
    /// Whether there were more rows than the limit.
    pub truncated: bool,
}

/// Sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = UsageTotals)]
pub struct TotalsView {
    /// Requests answered, refused ones included.
    pub requests: u64,
    /// Requests accepted: the metered ones.
    pub accepted: u64,
    /// Request bodies, bytes.
    pub bytes_in: u64,
    /// Response bodies, bytes.
    pub bytes_out: u64,
    /// From head in to record, microseconds.
    pub duration_us: u64,
}

impl From<Totals> for TotalsView {
    fn from(totals: Totals) -> Self {
        let Totals { requests, accepted, bytes_in, bytes_out, duration_us } = totals;
        Self { requests, accepted, bytes_in, bytes_out, duration_us }
    }
}

/// One line of a breakdown. What was not asked for, or not known for the requests, is absent.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct UsageRow {
    /// First instant of the hour or day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Instant>,
    /// Partner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
    /// App.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<AppId>,
    /// API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api: Option<ApiId>,
    /// Version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The sums.
    pub totals: TotalsView,
}

impl From<Row> for UsageRow {
    fn from(row: Row) -> Self {
        let Row { at, partner, app, api, version, operation, status, totals } = row;
        Self { at, partner, app, api, version, operation, status, totals: totals.into() }
    }
}

fn breakdown(by: Option<&str>) -> Result<Vec<By>> {
    let word = |word: &str| match word.trim() {
        "hour" => Ok(By::Hour),
        "day" => Ok(By::Day),
        "partner" => Ok(By::Partner),
        "app" => Ok(By::App),
        "api" => Ok(By::Api),
        "version" => Ok(By::Version),
        "operation" => Ok(By::Operation),
        "status" => Ok(By::Status),
        _ => Err(Error::invalid(
            "by",
            (
                "must be of hour, day, partner, app, api, version, operation, status",
                "须为 hour、day、partner、app、api、version、operation、status 之一",
            ),
        )),
    };
    let mut all: Vec<By> = by.unwrap_or("app,api,operation").split(',').map(word).collect::<Result<_>>()?;
    all.sort_unstable();
    let before = all.len();
    all.dedup();
    if all.len() == before { Ok(all) } else { Err(Error::invalid("by", ("names something twice", "有重复项"))) }
}

/// Usage, summed and broken down.
#[utoipa::path(get, path = "/admin/v1/usage", operation_id = "usage_read", tag = "usage", params(UsageQuery),
    responses((status = 200, description = "Usage", body = Usage)))]
async fn usage(State(manager): State<Manager>, Query(query): Query<UsageQuery>) -> Result<Json<Usage>> {
    let by = breakdown(query.by.as_deref())?;
    let limit = query.limit.unwrap_or(1_000);
    if !(1..=ROWS_MAX).contains(&limit) {
        return Err(Error::invalid("limit", Localized::between(1, ROWS_MAX)));
    }
    let UsageQuery { from, until, partner, app, api, version, operation, status, .. } = query;
    let filter = Filter { from, until, partner, app, api, version, operation, status };
    let mut unit = manager.read().await?;
    let totals = unit.usage_totals(&filter).await?.into();
    let rows: Vec<UsageRow> = unit.usage_rows(&filter, &by, limit).await?.into_iter().map(UsageRow::from).collect();
    let truncated = rows.len() >= limit as usize;
    Ok(Json(Usage { totals, rows, truncated }))
}

/// Which access records; every part given must match.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RecordQuery {
    /// At or after.
    from: Option<Instant>,
    /// Before.
    until: Option<Instant>,
    /// Of this partner.
    partner: Option<PartnerId>,
    /// Of this app.
    app: Option<AppId>,
    /// Of this API.
    api: Option<ApiId>,
    /// Of this operation.
    operation: Option<String>,
    /// With this status.
    status: Option<u16>,
    /// With this problem code.
    code: Option<String>,
    /// With this trace id.
    trace_id: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Most items wanted, 1 to 200; 50 when absent.
    limit: Option<u32>,
}

/// Recent requests, newest first.
#[utoipa::path(get, path = "/admin/v1/access-records", operation_id = "access_record_list", tag = "usage",
    params(RecordQuery), responses((status = 200, description = "A page of access records", body = Listed<AccessRecord>)))]
async fn records(
    State(manager): State<Manager>,
    Query(query): Query<RecordQuery>,
) -> Result<Json<Listed<AccessRecord>>> {
    let page = cursor::request(RECORDS, query.cursor.as_deref(), query.limit)?;
    let RecordQuery { from, until, partner, app, api, operation, status, code, trace_id, .. } = query;
    let search = Search { from, until, partner, app, api, operation, status, code, trace_id };
    let page = manager.read().await?.access_search(&search, &page).await?;
    Ok(Json(Listed::new(RECORDS, page)))
}
