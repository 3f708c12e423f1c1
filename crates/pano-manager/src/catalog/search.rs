//! Full-text search.

use axum::extract::State;
use pano_catalog::lifecycle::Stage;
use pano_catalog::search::{Found, Query as Terms, rank};
use pano_catalog::wire::{FoundOperation, FoundView, VersionBrief};
use pano_catalog::{Api, Version};
use pano_http::Query;
use pano_http::cursor::{self, Listed};
use pano_store::UnitOfWork;
use pano_types::id::{ApiId, ApiVersionId};
use pano_types::{Code, Page};
use serde::Deserialize;
use std::collections::HashMap;

use crate::error::{Error, Result};
use crate::state::Manager;

/// Operations shown per API.
const OPERATIONS_MAX: usize = 5;

/// What to search for.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchQuery {
    /// Words in Chinese or English; all must match. At most 200 characters.
    q: String,
    /// Only versions at this stage; without it, all but retired ones.
    stage: Option<Stage>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Most items wanted, 1 to 200.
    limit: Option<u32>,
}

/// APIs and their operations, best match first. Of several versions of an API the one nearest to service is shown.
#[utoipa::path(get, path = "/admin/v1/search", operation_id = "library_search", tag = "library", params(SearchQuery),
    responses((status = 200, description = "What was found", body = Listed<FoundView>)))]
pub(crate) async fn search(
    State(manager): State<Manager>,
    Query(query): Query<SearchQuery>,
) -> Result<axum::Json<Listed<FoundView>>> {
    let terms = Terms::parse(&query.q).map_err(|error| Error::invalid("q", error.told()))?;
    let request = cursor::request("search", query.cursor.as_deref(), query.limit)?;
    let from = match request.after() {
        Some(key) => key.parse::<usize>().map_err(|_| Code::CursorInvalid)?,
        None => 0,
    };
    let living: Vec<Stage> = Stage::ALL.into_iter().filter(|s| *s != Stage::Retired).collect();
    let stages = query.stage.map_or(living, |stage| vec![stage]);
    let mut unit = manager.read().await?;
    let found = rank(&terms, unit.search_entries(terms.terms(), &stages).await?);
    let found = nearest(&mut *unit, found).await?;
    let limit = request.limit() as usize;
    let next = (found.len() > from + limit).then(|| (from + limit).to_string());
    let shown: Vec<_> = found.into_iter().skip(from).take(limit).collect();
    let ids: Vec<ApiId> = shown.iter().map(|(_, version)| version.api).collect();
    let mut apis: HashMap<ApiId, Api> = unit.api_by_ids(&ids).await?.into_iter().map(|api| (api.id, api)).collect();
    let mut items = Vec::new();
    for (hit, version) in shown {
        if let Some(api) = apis.remove(&version.api) {
            items.push(view(&mut *unit, hit, &version, api).await?);
        }
    }
    Ok(axum::Json(Listed::new("search", Page { items, next })))
}

/// One hit per API: of the version nearest to service, the newest of those. The order of the ranking is kept.
async fn nearest(
    unit: &mut dyn UnitOfWork,
    found: Vec<Found<ApiVersionId>>,
) -> Result<Vec<(Found<ApiVersionId>, Version)>> {
    const fn distance(stage: Stage) -> u8 {
        match stage {
            Stage::Published => 0,
            Stage::Deprecated => 1,
            Stage::Approved => 2,
            Stage::InReview => 3,
            Stage::Draft => 4,
            Stage::Retired => 5,
        }
    }
    let ids: Vec<ApiVersionId> = found.iter().map(|hit| hit.version).collect();
    let mut versions: HashMap<ApiVersionId, Version> =
        unit.version_by_ids(&ids).await?.into_iter().map(|v| (v.id, v)).collect();
    let mut best: Vec<(Found<ApiVersionId>, Version)> = Vec::new();
    let mut place: HashMap<ApiId, usize> = HashMap::new();
    for hit in found {
        let Some(version) = versions.remove(&hit.version) else { continue };
        let rank = |v: &Version| (distance(v.state.stage()), std::cmp::Reverse(v.id));
        match place.get(&version.api).and_then(|at| best.get_mut(*at)) {
            Some(known) if rank(&version) < rank(&known.1) => *known = (hit, version),
            Some(_) => {}
            None => {
                place.insert(version.api, best.len());
                best.push((hit, version));
            }
        }
    }
    Ok(best)
}

async fn view(unit: &mut dyn UnitOfWork, hit: Found<ApiVersionId>, version: &Version, api: Api) -> Result<FoundView> {
    let wanted: Vec<i32> = hit.operations.iter().map(|(ordinal, _)| *ordinal).take(OPERATIONS_MAX).collect();
    let mut operations = Vec::new();
    if !wanted.is_empty() {
        let all = unit.operation_of_version(version.id).await?;
        for ordinal in wanted {
            if let Some(operation) = usize::try_from(ordinal).ok().and_then(|i| all.get(i)).cloned() {
                let pano_catalog::model::Operation { name, method, path, summary, .. } = operation;
                operations.push(FoundOperation { name, method, path, summary });
            }
        }
    }
    let Api { id, slug, name, directory, .. } = api;
    Ok(FoundView { api: id, slug, name, directory, version: VersionBrief::from(version), score: hit.score, operations })
}
