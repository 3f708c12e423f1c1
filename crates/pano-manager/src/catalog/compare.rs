//! What the reader thinks of a version: lint, and the difference to another.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use pano_catalog::Version;
use pano_http::{Context, Path, Query};
use pano_spec::lint::LintFinding;
use pano_spec::{Document, Severity};
use pano_types::id::ApiVersionId;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::state::Manager;

/// A lint report.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct LintView {
    /// Findings of severity error.
    errors: usize,
    /// Findings of severity warning.
    warnings: usize,
    /// Findings of severity hint.
    hints: usize,
    /// Every finding, worst first: rule, severity, pointer, line, title, detail, remedy.
    #[schema(value_type = Vec<Object>)]
    findings: Vec<LintFinding>,
}

/// The lint report of a version's document.
#[utoipa::path(get, path = "/admin/v1/versions/{id}/lint", operation_id = "version_lint", tag = "library",
    params(("id" = ApiVersionId, Path)), responses((status = 200, description = "The report", body = LintView)))]
pub(crate) async fn lint(State(manager): State<Manager>, Path(id): Path<ApiVersionId>) -> Result<axum::Json<LintView>> {
    let (text, _) = text(&manager, id).await?;
    let options = manager.options().catalog.clone();
    let work = move || {
        let document = Document::read_with(text.as_bytes(), &options.limits).map_err(Error::internal)?;
        Ok::<_, Error>(pano_spec::lint::lint(&document, &options.lint))
    };
    let findings = manager.library().work(work).await??;
    let count = |severity| findings.iter().filter(|f| f.severity == severity).count();
    let (errors, warnings, hints) = (count(Severity::Error), count(Severity::Warning), count(Severity::Hint));
    Ok(axum::Json(LintView { errors, warnings, hints, findings }))
}

/// Against what to compare, and how to say it.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(crate) struct ChangesQuery {
    /// The earlier version; without it, the one that it was compared with when it was brought.
    against: Option<ApiVersionId>,
    /// `json` (the default) or `markdown`.
    #[param(inline)]
    format: Format,
}

/// Form of a report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    /// JSON.
    #[default]
    Json,
    /// Markdown, in the language of `Accept-Language`.
    Markdown,
}

/// The breaking-change report from an earlier version to this one.
#[utoipa::path(get, path = "/admin/v1/versions/{id}/changes", operation_id = "version_compare", tag = "library",
    params(("id" = ApiVersionId, Path), ChangesQuery),
    responses((status = 200, description = "The report", content((serde_json::Value = "application/json"), (String = "text/markdown")))))]
pub(crate) async fn changes(
    State(manager): State<Manager>,
    context: Context,
    Path(id): Path<ApiVersionId>,
    Query(query): Query<ChangesQuery>,
) -> Result<Response> {
    let (new, version) = text(&manager, id).await?;
    let against = match query.against {
        Some(against) => against,
        None => before(&manager, &version).await?,
    };
    let (old, _) = text(&manager, against).await?;
    let limits = manager.options().catalog.limits;
    let work = move || {
        let read = |text: &str| Document::read_with(text.as_bytes(), &limits).map_err(Error::internal);
        Ok::<_, Error>(pano_spec::diff::compare(&read(&old)?, &read(&new)?))
    };
    let report = manager.library().work(work).await??;
    Ok(match query.format {
        Format::Json => axum::Json(report.to_json()).into_response(),
        Format::Markdown => {
            ([(CONTENT_TYPE, "text/markdown; charset=utf-8")], report.to_markdown(context.lang)).into_response()
        }
    })
}

async fn text(manager: &Manager, id: ApiVersionId) -> Result<(String, Version)> {
    let mut unit = manager.read().await?;
    let version = unit.version_find(id).await?.ok_or_else(Error::not_found)?;
    let text = unit.document_find(&version.document.sha256).await?.ok_or_else(Error::not_found)?;
    Ok((text, version))
}

/// What it was compared with when it was brought, else the newest other one that is or was served.
async fn before(manager: &Manager, version: &Version) -> Result<ApiVersionId> {
    if let Some(changes) = &version.document.changes {
        return Ok(changes.from);
    }
    let versions = manager.read().await?.version_of_apis(&[version.api]).await?;
    let earlier = versions.iter().rev().find(|v| v.id != version.id && v.state.published().is_some());
    let missing = || {
        Error::invalid(
            "against",
            ("no other version was ever published: name one", "没有其他已发布过的版本，请指明版本"),
        )
    };
    earlier.map(|v| v.id).ok_or_else(missing)
}
