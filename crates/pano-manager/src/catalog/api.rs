//! APIs.

use axum::extract::State;
use axum::response::Response;
use pano_catalog::directory::NodePath;
use pano_catalog::lifecycle::Stage;
use pano_catalog::wire::{ApiCreate, ApiForm, ApiView, VersionBrief, VersionView};
use pano_catalog::{Api, Slug};
use pano_http::cursor::{self, Listed};
use pano_http::{Body, Idempotent, IfMatch, Path, Query, Tagged};
use pano_store::UnitOfWork;
use pano_store::catalog::ApiFilter;
use pano_types::id::{ApiId, ProviderId};
use pano_types::{Localized, Page};
use serde::Deserialize;
use serde_json::json;
use std::collections::HashMap;

use super::import::around;
use crate::call::Call;
use crate::error::{Error, Result};
use crate::state::Manager;
use crate::write::{Change, Reply};

/// Refuses names that are empty and texts that are too long or hold control characters.
pub(super) fn check_texts(name: &Localized, others: &[(&str, &String)]) -> Result<()> {
    let ok = |text: &str, max: usize| text.chars().count() <= max && !text.contains(char::is_control);
    if (name.zh.is_empty() && name.en.is_empty()) || !ok(&name.zh, 200) || !ok(&name.en, 200) {
        return Err(Error::invalid(
            "/name",
            ("give a name of at most 200 characters in zh or en", "须提供中文或英文名称，至多 200 个字符"),
        ));
    }
    match others.iter().find(|(_, text)| !ok(text, 1_000)) {
        Some((at, _)) => Err(Error::invalid(
            at,
            ("must be at most 1000 characters, without control characters", "至多 1000 个字符，不含控制字符"),
        )),
        None => Ok(()),
    }
}

/// Which APIs to list.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Most items wanted, 1 to 200.
    limit: Option<u32>,
    /// The API with this short name.
    slug: Option<String>,
    /// At or below this node of the directory.
    directory: Option<String>,
    /// Run by this provider.
    provider: Option<ProviderId>,
    /// Owned by this declared folder.
    managed_by: Option<String>,
    /// With a version at this stage.
    stage: Option<Stage>,
}

/// APIs by id, with their versions in short.
#[utoipa::path(get, path = "/admin/v1/apis", operation_id = "api_list", tag = "library", params(ListQuery),
    responses((status = 200, description = "APIs", body = Listed<ApiView>)))]
pub(crate) async fn list(
    State(manager): State<Manager>,
    Query(query): Query<ListQuery>,
) -> Result<axum::Json<Listed<ApiView>>> {
    let request = cursor::request("apis", query.cursor.as_deref(), query.limit)?;
    let mut unit = manager.read().await?;
    let page = if let Some(text) = &query.slug {
        let slug = Slug::parse(text).map_err(|error| Error::invalid("slug", error.told()))?;
        Page { items: unit.api_by_slug(&slug).await?.into_iter().collect(), next: None }
    } else {
        let directory = query.directory.as_deref().map(NodePath::parse).transpose();
        let directory = directory.map_err(|error| Error::invalid("directory", error.told()))?;
        let (provider, managed_by, stage) = (query.provider, query.managed_by, query.stage);
        unit.api_list(&ApiFilter { directory, provider, managed_by, stage }, &request).await?
    };
    let views = views(&mut *unit, page.items).await?;
    Ok(axum::Json(Listed::new("apis", Page { items: views, next: page.next })))
}

/// APIs as they are shown; one query for all their versions, one per provider.
async fn views(unit: &mut dyn UnitOfWork, apis: Vec<Api>) -> Result<Vec<ApiView>> {
    let ids: Vec<ApiId> = apis.iter().map(|api| api.id).collect();
    let mut versions: HashMap<ApiId, Vec<VersionBrief>> = HashMap::new();
    for version in unit.version_of_apis(&ids).await? {
        versions.entry(version.api).or_default().push(VersionBrief::from(&version));
    }
    let mut providers: HashMap<ProviderId, Option<Slug>> = HashMap::new();
    let mut found = Vec::with_capacity(apis.len());
    for api in apis {
        let provider = match api.provider {
            None => None,
            Some(id) => match providers.get(&id) {
                Some(known) => known.clone(),
                None => {
                    let slug = unit.provider_find(id).await?.map(|p| p.slug);
                    providers.insert(id, slug.clone());
                    slug
                }
            },
        };
        let versions = versions.remove(&api.id).unwrap_or_default();
        found.push(ApiView::new(api, provider, versions));
    }
    Ok(found)
}

async fn view(unit: &mut dyn UnitOfWork, api: Api) -> Result<ApiView> {
    views(unit, vec![api]).await?.pop().ok_or_else(Error::not_found)
}

/// Adds an API without a version.
#[utoipa::path(post, path = "/admin/v1/apis", operation_id = "api_create", tag = "library", request_body = ApiCreate,
    responses((status = 201, description = "The API", body = ApiView)))]
pub(crate) async fn add(
    State(manager): State<Manager>,
    call: Call,
    request: Idempotent<ApiCreate>,
) -> Result<Response> {
    manager.post(call, request, |change, form| Box::pin(create(change, form))).await
}

async fn create(change: &mut Change, form: ApiCreate) -> Result<Reply> {
    let ApiCreate { slug, name, summary, owner, provider, directory, managed_by } = form;
    check_texts(&name, &[("/owner", &owner), ("/summary", &summary.zh), ("/summary", &summary.en)])?;
    let api = Api {
        id: ApiId::new(change.now, change.manager().entropy()),
        slug,
        name,
        summary,
        owner,
        provider: provider_id(change, provider).await?,
        directory: node(change, directory).await?,
        managed_by,
        created_at: change.now,
        generation: 1,
    };
    change.unit.api_add(&api).await?;
    change.note("api.created", "api", api.id, json!({ "slug": api.slug }));
    let location = format!("/admin/v1/apis/{}", api.id);
    let view = view(&mut *change.unit, api).await?;
    Ok(Reply::created(location, &view)?.tagged(1))
}

async fn provider_id(change: &mut Change, slug: Option<Slug>) -> Result<Option<ProviderId>> {
    let Some(slug) = slug else { return Ok(None) };
    let found = change.unit.provider_by_slug(&slug).await?;
    found.map(|p| Some(p.id)).ok_or_else(|| Error::invalid("/provider", ("there is no such provider", "没有该提供方")))
}

async fn node(change: &mut Change, path: Option<NodePath>) -> Result<Option<NodePath>> {
    let Some(path) = path else { return Ok(None) };
    let found = change.unit.directory_find(&path).await?;
    found
        .map(|node| Some(node.path))
        .ok_or_else(|| Error::invalid("/directory", ("there is no such node", "没有该目录节点")))
}

/// One API.
#[utoipa::path(get, path = "/admin/v1/apis/{id}", operation_id = "api_read", tag = "library",
    params(("id" = ApiId, Path)), responses((status = 200, description = "The API", body = ApiView)))]
pub(crate) async fn one(State(manager): State<Manager>, Path(id): Path<ApiId>) -> Result<Tagged<ApiView>> {
    let mut unit = manager.read().await?;
    let api = unit.api_find(id).await?.ok_or_else(Error::not_found)?;
    let generation = api.generation;
    Ok(Tagged::ok(generation, view(&mut *unit, api).await?))
}

/// Changes an API. Its short name stays.
#[utoipa::path(put, path = "/admin/v1/apis/{id}", operation_id = "api_update", tag = "library",
    params(("id" = ApiId, Path), ("If-Match" = String, Header)), request_body = ApiForm,
    responses((status = 200, description = "The API", body = ApiView)))]
pub(crate) async fn change(
    State(manager): State<Manager>,
    call: Call,
    Path(id): Path<ApiId>,
    read: IfMatch,
    Body(form): Body<ApiForm>,
) -> Result<Response> {
    manager.put(call, form, move |change, form| Box::pin(update(change, id, read, form))).await
}

async fn update(change: &mut Change, id: ApiId, read: IfMatch, form: ApiForm) -> Result<Reply> {
    let ApiForm { name, summary, owner, provider, directory, managed_by } = form;
    check_texts(&name, &[("/owner", &owner), ("/summary", &summary.zh), ("/summary", &summary.en)])?;
    let known = change.unit.api_find(id).await?.ok_or_else(Error::not_found)?;
    read.check(known.generation)?;
    let (provider, directory) = (provider_id(change, provider).await?, node(change, directory).await?);
    let mut api = Api { name, summary, owner, provider, directory, managed_by, ..known };
    api.generation = change.unit.api_update(&api).await?;
    reindex(&mut *change.unit, &api).await?;
    change.note("api.changed", "api", id, json!({ "slug": api.slug }));
    let generation = api.generation;
    let view = view(&mut *change.unit, api).await?;
    Ok(Reply::ok(&view)?.tagged(generation))
}

/// Names stand in every version's search entries.
async fn reindex(unit: &mut dyn UnitOfWork, api: &Api) -> Result<()> {
    let around = around(unit, api).await?;
    let around: Vec<&Localized> = around.iter().collect();
    for version in unit.version_of_apis(&[api.id]).await? {
        let operations = unit.operation_of_version(version.id).await?;
        let entries = pano_catalog::describe::index(api, &around, "", &operations);
        unit.search_replace(version.id, &entries).await?;
    }
    Ok(())
}

/// All versions of an API, oldest first.
#[utoipa::path(get, path = "/admin/v1/apis/{id}/versions", operation_id = "api_version_list", tag = "library",
    params(("id" = ApiId, Path)), responses((status = 200, description = "Versions", body = Listed<VersionView>)))]
pub(crate) async fn versions(
    State(manager): State<Manager>,
    Path(id): Path<ApiId>,
) -> Result<axum::Json<Listed<VersionView>>> {
    let mut unit = manager.read().await?;
    let api = unit.api_find(id).await?.ok_or_else(Error::not_found)?;
    let versions = unit.version_of_apis(&[id]).await?;
    let items = versions.into_iter().map(|version| VersionView::new(version, api.slug.clone())).collect();
    Ok(axum::Json(Listed::new("versions", Page { items, next: None })))
}
