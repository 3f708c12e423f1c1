//! One version: its settings, its identification code, its document.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::{CONTENT_TYPE, ETAG};
use pano_catalog::identification::CodeError;
use pano_catalog::lifecycle::Stage;
use pano_catalog::wire::VersionView;
use pano_catalog::{Api, Settings, Version};
use pano_http::{Body, IfMatch, Path, Tagged};
use pano_store::UnitOfWork;
use pano_store::catalog::GradeRow;
use pano_types::id::ApiVersionId;
use pano_types::{Code, Problem};
use serde_json::json;
use std::collections::BTreeSet;

use crate::call::Call;
use crate::error::{Error, Result};
use crate::state::Manager;
use crate::write::{Change, Reply};

/// A version and its API.
pub(super) async fn load(unit: &mut dyn UnitOfWork, id: ApiVersionId) -> Result<(Version, Api)> {
    let version = unit.version_find(id).await?.ok_or_else(Error::not_found)?;
    let api = unit.api_find(version.api).await?.ok_or_else(Error::not_found)?;
    Ok((version, api))
}

/// One version.
#[utoipa::path(get, path = "/admin/v1/versions/{id}", operation_id = "version_read", tag = "library",
    params(("id" = ApiVersionId, Path)), responses((status = 200, description = "The version", body = VersionView)))]
pub(crate) async fn one(State(manager): State<Manager>, Path(id): Path<ApiVersionId>) -> Result<Tagged<VersionView>> {
    let mut unit = manager.read().await?;
    let (version, api) = load(&mut *unit, id).await?;
    Ok(Tagged::ok(version.generation, VersionView::new(version, api.slug)))
}

/// Replaces the settings of a draft. Everything wrong is named at once.
#[utoipa::path(put, path = "/admin/v1/versions/{id}/settings", operation_id = "version_settings_update", tag = "library",
    params(("id" = ApiVersionId, Path), ("If-Match" = String, Header)), request_body = Settings,
    responses((status = 200, description = "The version", body = VersionView)))]
pub(crate) async fn settings(
    State(manager): State<Manager>,
    call: Call,
    Path(id): Path<ApiVersionId>,
    read: IfMatch,
    Body(settings): Body<Settings>,
) -> Result<Response> {
    manager.put(call, settings, move |change, settings| Box::pin(set(change, id, read, settings))).await
}

async fn set(change: &mut Change, id: ApiVersionId, read: IfMatch, mut settings: Settings) -> Result<Reply> {
    let (mut version, api) = draft(change, id).await?;
    read.check(version.generation)?;
    // Who names no code keeps the one assigned, or gets one that fits.
    let assign = settings.identification_code.is_none();
    if assign {
        settings.identification_code.clone_from(&version.settings.identification_code);
    }
    let operations = change.unit.operation_of_version(id).await?;
    let names: BTreeSet<&str> = operations.iter().map(|o| o.name.as_str()).collect();
    let options = change.manager().options().catalog.clone();
    let mistakes = settings.mistakes(&names, &options.categories);
    if !mistakes.is_empty() {
        let problem = Problem::new(Code::RequestInvalid);
        return Err(mistakes.into_iter().fold(problem, |p, m| p.error(m.at, m.reason)).into());
    }
    version.set(settings, &api.slug, &operations, &options.categories);
    if assign {
        assign_code(change, &api, &mut version).await?;
    } else if let Some(code) = version.settings.identification_code.clone() {
        if let Some(leaf) = &api.directory {
            options.codes.check(&code, version.level(), leaf).map_err(code_problem)?;
        }
        change.unit.identification_claim(&code, api.id).await?;
    }
    let mut grades = Vec::with_capacity(operations.len());
    for (ordinal, operation) in operations.iter().enumerate() {
        let grade = operation.grade(version.settings.operations.get(&operation.name));
        let ordinal = i32::try_from(ordinal).map_err(Error::internal)?;
        grades.push(GradeRow { ordinal, category: grade.category, data_class: grade.data_class });
    }
    change.unit.operation_grades(id, &grades).await?;
    version.generation = change.unit.version_update(&version).await?;
    change.note("version.set", "version", id, json!({ "settings": version.settings }));
    let generation = version.generation;
    Ok(Reply::ok(&VersionView::new(version, api.slug))?.tagged(generation))
}

/// A version that may still be changed.
async fn draft(change: &mut Change, id: ApiVersionId) -> Result<(Version, Api)> {
    let (version, api) = load(&mut *change.unit, id).await?;
    let stage = version.state.stage();
    if stage == Stage::Draft {
        return Ok((version, api));
    }
    let detail = (
        format!("a version that is {stage} keeps its settings; withdraw it to change them"),
        format!("处于 {stage} 的版本不能修改设置，请先撤回"),
    );
    Err(Problem::new(Code::LifecycleRefused).detail(detail).into())
}

fn code_problem(error: CodeError) -> Problem {
    Problem::new(Code::IdentificationCodeInvalid).detail(error.told())
}

/// Assigns a fresh identification code that fits level and leaf.
#[utoipa::path(post, path = "/admin/v1/versions/{id}/identification-code", operation_id = "version_code_assign",
    tag = "library", params(("id" = ApiVersionId, Path)),
    responses((status = 200, description = "The version", body = VersionView)))]
pub(crate) async fn identification_code(
    State(manager): State<Manager>,
    call: Call,
    Path(id): Path<ApiVersionId>,
) -> Result<Response> {
    manager.put(call, (), move |change, ()| Box::pin(assign(change, id))).await
}

async fn assign(change: &mut Change, id: ApiVersionId) -> Result<Reply> {
    let (mut version, api) = draft(change, id).await?;
    if api.directory.is_none() {
        return Err(Problem::new(Code::IdentificationCodeInvalid)
            .detail(("the API has no leaf of the directory", "接口尚未归入能力目录的叶节点"))
            .into());
    }
    version.settings.identification_code = None;
    assign_code(change, &api, &mut version).await?;
    version.generation = change.unit.version_update(&version).await?;
    let code = version.settings.identification_code.clone();
    change.note("version.code_assigned", "version", id, json!({ "code": code }));
    let generation = version.generation;
    Ok(Reply::ok(&VersionView::new(version, api.slug))?.tagged(generation))
}

/// Keeps a code that still fits; else assigns one. Without a leaf, or one without a service category, there is none yet.
pub(super) async fn assign_code(change: &mut Change, api: &Api, version: &mut Version) -> Result<()> {
    let Some(leaf) = &api.directory else { return Ok(()) };
    let codes = change.manager().options().catalog.codes.clone();
    let level = version.level();
    let fits = |code| codes.check(code, level, leaf).is_ok();
    if version.settings.identification_code.as_ref().is_some_and(fits) || codes.service_category(leaf).is_err() {
        return Ok(());
    }
    let serial = change.unit.identification_serial().await?;
    let code = codes.generate(level, leaf, serial).map_err(code_problem)?;
    change.unit.identification_claim(&code, api.id).await?;
    version.settings.identification_code = Some(code);
    Ok(())
}

/// The document, byte for byte as it came in.
#[utoipa::path(get, path = "/admin/v1/versions/{id}/document", operation_id = "version_document_read", tag = "library",
    params(("id" = ApiVersionId, Path)),
    responses((status = 200, description = "The document", content((String = "application/yaml"), (serde_json::Value = "application/json")))))]
pub(crate) async fn document(State(manager): State<Manager>, Path(id): Path<ApiVersionId>) -> Result<Response> {
    let mut unit = manager.read().await?;
    let version = unit.version_find(id).await?.ok_or_else(Error::not_found)?;
    let text = unit.document_find(&version.document.sha256).await?.ok_or_else(Error::not_found)?;
    let mut response = text.into_response();
    let media = HeaderValue::try_from(&version.document.media_type).map_err(Error::internal)?;
    response.headers_mut().insert(CONTENT_TYPE, media);
    let etag = HeaderValue::try_from(format!("\"{}\"", version.document.sha256)).map_err(Error::internal)?;
    response.headers_mut().insert(ETAG, etag);
    Ok(response)
}
