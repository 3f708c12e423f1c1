//! Documents on their way into the library.

use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use pano_catalog::directory::{self, NodePath};
use pano_catalog::lifecycle::State as Lifecycle;
use pano_catalog::model::Operation;
use pano_catalog::settings::{Backend, Settings, Upstream, Waiver};
use pano_catalog::wire::{ImportForm, ImportParams, ImportView};
use pano_catalog::{Api, Slug, Version};
use pano_http::cursor::{Listed, PageQuery};
use pano_http::{Path, Query};
use pano_spec::{Document, Report};
use pano_store::UnitOfWork;
use pano_store::catalog::{ImportRecord, NewVersion};
use pano_types::id::{ApiId, ApiVersionId, ImportId};
use pano_types::{Code, Localized, Problem};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::prepare::{self, Read, Refusal};
use crate::call::Call;
use crate::error::{Error, Result};
use crate::state::Manager;
use crate::write::{Change, Reply};

/// Largest body of an import; the reader's own limit on the document is below it.
pub(super) const BODY_MAX: usize = 24 * 1024 * 1024;
/// Findings named in the problem of a refused document; all are in its report.
const FINDINGS_MAX: usize = 50;

/// Brings a document into the library: as it is, with `Content-Type: application/yaml` or `application/json` and query
/// parameters, or as `ImportForm` in JSON. Answers with the import report. The same bytes again change nothing; other bytes
/// make a new draft version. A refused document is `document.refused` with its findings, and its report is kept.
#[utoipa::path(post, path = "/admin/v1/imports", operation_id = "import_create", tag = "library",
    params(ImportParams), request_body(content(
        (ImportForm = "application/vnd.panorama.import+json"), (String = "application/yaml"), (serde_json::Value = "application/json"))),
    responses((status = 201, description = "The report", body = ImportView), (status = 200, description = "Unchanged", body = ImportView)))]
pub(crate) async fn bring(
    State(manager): State<Manager>,
    call: Call,
    Query(params): Query<ImportParams>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response> {
    let (bytes, params) = unpack(&headers, body, params)?;
    let params = Arc::new(params);
    let options = manager.options().catalog.clone();
    let read = {
        let (bytes, params) = (bytes.clone(), Arc::clone(&params));
        let work = move || prepare::read(&bytes, &params, &options);
        manager.library().work(work).await?
    };
    match read {
        Ok(read) => take(&manager, call, Arc::new(read), params).await,
        Err(Refusal::Params(problem)) => Err(problem.into()),
        Err(Refusal::Document(report)) => Err(refuse(&manager, call, *report, &params).await?),
    }
}

/// The document's bytes and how they are brought.
fn unpack(headers: &HeaderMap, body: Bytes, params: ImportParams) -> Result<(Bytes, ImportParams)> {
    let media = headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let essence = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        "application/vnd.panorama.import+json" => {
            let form: ImportForm = pano_http::extract::parse_json(&body)?;
            Ok((Bytes::from(form.document.into_bytes()), form.params))
        }
        "application/json"
        | "application/yaml"
        | "application/x-yaml"
        | "text/yaml"
        | "application/openapi+json"
        | "application/openapi+yaml" => Ok((body, params)),
        _ => {
            let media = "application/yaml, application/json, application/vnd.panorama.import+json";
            let detail = (format!("send one of: {media}"), format!("请发送以下之一：{media}"));
            Err(Problem::new(Code::UnsupportedMediaType).detail(detail).into())
        }
    }
}

/// Keeps the report of a refused document and makes its problem.
async fn refuse(manager: &Manager, call: Call, report: Report, params: &ImportParams) -> Result<Error> {
    let mut problem = Problem::new(Code::DocumentRefused);
    for finding in report.findings.iter().take(FINDINGS_MAX) {
        let file = finding.file.as_deref().unwrap_or_default();
        let (en, zh) = finding.line.map(|l| (format!("line {l}: "), format!("第 {l} 行："))).unwrap_or_default();
        let (code, reason) = (finding.code, &finding.reason);
        let reason = (format!("{en}{code}: {}", reason.en), format!("{zh}{code}：{}", reason.zh));
        problem = problem.error(format!("{file}#{}", finding.pointer), reason);
    }
    let source = params.source.clone();
    let report = serde_json::to_string(&report).map_err(Error::internal)?;
    manager
        .put(call, (source, report), |change, (source, report)| Box::pin(keep_refusal(change, source, report)))
        .await?;
    Ok(problem.into())
}

async fn keep_refusal(change: &mut Change, source: String, report: String) -> Result<Reply> {
    let id = ImportId::new(change.now, change.manager().entropy());
    let (at, operator, outcome) = (change.now, change.operator()?, "refused".to_owned());
    change
        .unit
        .import_add(&ImportRecord { id, at, operator, source: source.clone(), outcome, version: None, report })
        .await?;
    change.note("import.refused", "import", id, json!({ "source": source }));
    Reply::ok(&json!({}))
}

/// Everything that is needed to write a document that was read.
#[derive(Debug, Clone)]
struct Brought {
    read: Arc<Read>,
    params: Arc<ImportParams>,
    /// The version that was compared with, and the outcome.
    changes: Option<pano_catalog::model::ChangeFacts>,
}

async fn take(manager: &Manager, call: Call, read: Arc<Read>, params: Arc<ImportParams>) -> Result<Response> {
    let changes = compare(manager, &read).await?;
    let brought = Brought { read, params, changes };
    manager.put(call, brought, |change, brought| Box::pin(write(change, brought))).await
}

/// Compares with the newest version that is or was served.
async fn compare(manager: &Manager, read: &Arc<Read>) -> Result<Option<pano_catalog::model::ChangeFacts>> {
    let mut unit = manager.read().await?;
    let Some(api) = unit.api_by_slug(&read.slug).await? else { return Ok(None) };
    let versions = unit.version_of_apis(&[api.id]).await?;
    let Some(before) = versions.iter().rev().find(|v| v.state.published().is_some()) else { return Ok(None) };
    let Some(text) = unit.document_find(&before.document.sha256).await? else { return Ok(None) };
    drop(unit);
    let (from, read, limits) = (before.id, Arc::clone(read), manager.options().catalog.limits);
    let work = move || {
        let old = Document::read_with(text.as_bytes(), &limits).ok()?;
        Some(prepare::changes(from, &old, &read.document))
    };
    manager.library().work(work).await
}

async fn write(change: &mut Change, brought: Brought) -> Result<Reply> {
    let Brought { read, params, changes } = brought;
    let api = api(change, &read, &params).await?;
    let versions = change.unit.version_of_apis(&[api.id]).await?;
    let same = versions
        .iter()
        .find(|v| v.document.sha256 == read.facts.sha256 && v.state.stage() != pano_catalog::lifecycle::Stage::Retired);
    if let Some(same) = same {
        let view = record(change, &read, "unchanged", &api.slug, same.id, &same.version).await?;
        return Reply::ok(&view);
    }
    let version = version(change, &api, &read, &params, versions.last(), changes).await?;
    let around = around(&mut *change.unit, &api).await?;
    let around: Vec<&Localized> = around.iter().collect();
    let entries = pano_catalog::describe::index(&api, &around, &read.description.summary, &read.description.operations);
    let new = NewVersion {
        version: &version,
        operations: &read.description.operations,
        content: &read.text,
        entries: &entries,
    };
    change.unit.version_add(new).await?;
    let outcome = match read.report.outcome {
        pano_spec::Outcome::Repaired => "repaired",
        pano_spec::Outcome::Taken | pano_spec::Outcome::Refused => "taken",
    };
    let view = record(change, &read, outcome, &api.slug, version.id, &version.version).await?;
    let detail =
        json!({ "slug": api.slug, "version": version.version, "sha256": version.document.sha256, "outcome": outcome });
    change.note("version.imported", "version", version.id, detail);
    Reply::created(format!("/admin/v1/versions/{}", version.id), &view)
}

async fn record(
    change: &mut Change,
    read: &Read,
    outcome: &str,
    slug: &Slug,
    version_id: ApiVersionId,
    version: &str,
) -> Result<ImportView> {
    let (id, at) = (ImportId::new(change.now, change.manager().entropy()), change.now);
    let report = serde_json::to_value(&read.report).map_err(Error::internal)?;
    let record = ImportRecord {
        id,
        at,
        operator: change.operator()?,
        source: read.facts.source.clone(),
        outcome: outcome.to_owned(),
        version: Some(version_id),
        report: report.to_string(),
    };
    change.unit.import_add(&record).await?;
    Ok(ImportView {
        id,
        at,
        outcome: record.outcome,
        source: record.source,
        version_id: Some(version_id),
        slug: Some(slug.clone()),
        version: Some(version.to_owned()),
        report,
    })
}

/// The API with the document's slug; made when it is not there.
async fn api(change: &mut Change, read: &Read, params: &ImportParams) -> Result<Api> {
    if let Some(api) = change.unit.api_by_slug(&read.slug).await? {
        change.unit.api_lock(api.id).await?;
        return Ok(api);
    }
    let title = read.description.title.clone();
    let api = Api {
        id: ApiId::new(change.now, change.manager().entropy()),
        slug: read.slug.clone(),
        name: localized(&title),
        summary: localized(&read.description.summary),
        owner: params.owner.clone().unwrap_or_default(),
        provider: provider(change, params).await?,
        directory: leaf(change, params, &title).await?,
        managed_by: params.managed_by.clone(),
        created_at: change.now,
        generation: 1,
    };
    change.unit.api_add(&api).await?;
    change.note("api.created", "api", api.id, json!({ "slug": api.slug }));
    Ok(api)
}

/// A title stands under the language that it is written in.
fn localized(text: &str) -> Localized {
    let han = text.chars().any(|c| ('\u{3400}'..='\u{9fff}').contains(&c));
    if han { Localized::new(text, "") } else { Localized::new("", text) }
}

async fn provider(change: &mut Change, params: &ImportParams) -> Result<Option<pano_types::id::ProviderId>> {
    let Some(text) = &params.provider else { return Ok(None) };
    let slug = Slug::parse(text).map_err(|error| Error::invalid("provider", error.told()))?;
    let found = change.unit.provider_by_slug(&slug).await?;
    found.map(|p| Some(p.id)).ok_or_else(|| Error::invalid("provider", ("there is no such provider", "没有该提供方")))
}

async fn leaf(change: &mut Change, params: &ImportParams, title: &str) -> Result<Option<NodePath>> {
    match &params.directory {
        Some(text) => {
            let path = NodePath::parse(text).map_err(|error| Error::invalid("directory", error.told()))?;
            let found = change.unit.directory_find(&path).await?;
            found
                .map(|node| Some(node.path))
                .ok_or_else(|| Error::invalid("directory", ("there is no such node", "没有该目录节点")))
        }
        None => {
            let path = directory::propose(title);
            Ok(change.unit.directory_find(&path).await?.map(|node| node.path))
        }
    }
}

/// A draft with the settings of the version before, as far as they still fit, and those that came with the document.
async fn version(
    change: &mut Change,
    api: &Api,
    read: &Read,
    params: &ImportParams,
    before: Option<&Version>,
    changes: Option<pano_catalog::model::ChangeFacts>,
) -> Result<Version> {
    let mut settings = before.map(|v| inherit(v, read)).unwrap_or_default();
    apply(&mut settings, params, read)?;
    let names: BTreeSet<&str> = read.description.operations.iter().map(|o| o.name.as_str()).collect();
    let options = change.manager().options().catalog.clone();
    if let Some(mistake) = settings.mistakes(&names, &options.categories).first() {
        return Err(Error::invalid(mistake.at.trim_start_matches('/'), mistake.reason.clone()));
    }
    let mut document = read.facts.clone();
    document.changes = changes;
    let mut version = Version {
        id: ApiVersionId::new(change.now, change.manager().entropy()),
        api: api.id,
        version: read.description.version.clone(),
        state: Lifecycle::draft(),
        base_path: pano_catalog::BasePath::of(&api.slug, &read.description.version),
        settings: Settings::default(),
        document,
        proposed_level: read.description.level,
        created_by: change.operator()?,
        created_at: change.now,
        generation: 1,
    };
    version.set(settings, &api.slug, &read.description.operations, &options.categories);
    super::version::assign_code(change, api, &mut version).await?;
    Ok(version)
}

fn inherit(before: &Version, read: &Read) -> Settings {
    let mut settings = before.settings.clone();
    if pano_catalog::name::major(&before.version) != pano_catalog::name::major(&read.description.version) {
        settings.base_path = None;
    }
    let names: BTreeSet<&str> = read.description.operations.iter().map(|o| o.name.as_str()).collect();
    settings.operations.retain(|name, _| names.contains(name.as_str()));
    settings
}

fn apply(settings: &mut Settings, params: &ImportParams, read: &Read) -> Result<()> {
    match params.backend.as_deref() {
        None if params.credential.is_some() => {
            return Err(Error::invalid(
                "credential",
                ("belongs to an upstream: give backend too", "凭据属于后端，请同时指定 backend"),
            ));
        }
        None => {}
        Some("mock") => settings.backend = Some(Backend::Mock),
        Some(target) => {
            let upstream = json!({ "targets": [target], "credential": params.credential });
            let upstream: Upstream = serde_json::from_value(upstream).map_err(Error::internal)?;
            settings.backend = Some(Backend::Upstream(upstream));
        }
    }
    if let Some(plan) = &params.exit_plan {
        settings.exit_plan.clone_from(plan);
    }
    if let Some(why) = &params.waive_lint {
        let waived: BTreeSet<String> = settings.lint_waivers.iter().map(|w| w.rule.clone()).collect();
        let open = read.facts.lint_errors.iter().filter(|rule| !waived.contains(*rule));
        settings.lint_waivers.extend(open.map(|rule| Waiver { rule: rule.clone(), why: why.clone() }));
    }
    let guessed = |operation: &&Operation| read.facts.ungraded.contains(&operation.name);
    for operation in read.description.operations.iter().filter(|_| params.confirm_grades).filter(guessed) {
        let own = settings.operations.entry(operation.name.clone()).or_default();
        own.category.get_or_insert_with(|| operation.proposed.category.clone());
    }
    Ok(())
}

/// Names around an API that it should be found by: its provider's and those of its place in the directory.
pub(super) async fn around(unit: &mut dyn UnitOfWork, api: &Api) -> Result<Vec<Localized>> {
    let mut names = Vec::new();
    if let Some(id) = api.provider {
        names.extend(unit.provider_find(id).await?.map(|p| p.name));
    }
    let mut at = api.directory.clone();
    while let Some(path) = at {
        names.extend(unit.directory_find(&path).await?.map(|n| n.name));
        at = path.parent();
    }
    Ok(names)
}

/// Import reports, newest first.
#[utoipa::path(get, path = "/admin/v1/imports", operation_id = "import_list", tag = "library", params(PageQuery),
    responses((status = 200, description = "Reports", body = Listed<ImportView>)))]
pub(crate) async fn list(
    State(manager): State<Manager>,
    Query(query): Query<PageQuery>,
) -> Result<axum::Json<Listed<ImportView>>> {
    let request = query.request("imports")?;
    let page = manager.read().await?.import_list(&request).await?;
    Ok(axum::Json(Listed::new("imports", page.map(view))))
}

/// One import report.
#[utoipa::path(get, path = "/admin/v1/imports/{id}", operation_id = "import_read", tag = "library",
    params(("id" = ImportId, Path)), responses((status = 200, description = "The report", body = ImportView)))]
pub(crate) async fn one(State(manager): State<Manager>, Path(id): Path<ImportId>) -> Result<axum::Json<ImportView>> {
    let found = manager.read().await?.import_find(id).await?;
    Ok(axum::Json(view(found.ok_or_else(Error::not_found)?)))
}

fn view(record: ImportRecord) -> ImportView {
    let ImportRecord { id, at, operator: _, source, outcome, version, report } = record;
    let report = serde_json::from_str(&report).unwrap_or_default();
    ImportView { id, at, outcome, source, version_id: version, slug: None, version: None, report }
}
