//! The capability library: import, versions and their moves, search.

use super::{local, read_input, step};
use crate::cli::{Api, Import};
use crate::output::{self, Column, Output};
use crate::progress;
use crate::remote::{Remote, escape, explain, query};
use anyhow::bail;
use http::{HeaderMap, HeaderValue, Method};
use pano_spec::{Format, Outcome};
use serde_json::{Value, json};

const APIS: &[Column] = &[
    ("ID", "/id"),
    ("SLUG", "/slug"),
    ("NAME", "/name"),
    ("VERSION", "/versions/0/id"),
    ("STAGE", "/versions/0/stage"),
    ("LEVEL", "/versions/0/level"),
    ("PATH", "/versions/0/base_path"),
];
const OPERATIONS: &[Column] = &[
    ("METHOD", "/method"),
    ("PATH", "/path"),
    ("NAME", "/name"),
    ("CATEGORY", "/category"),
    ("DATA", "/data_class"),
    ("SCOPES", "/scopes"),
    ("DOMAIN", "/bian/service_domain"),
    ("ACTION", "/bian/action"),
];
const FOUND: &[Column] = &[
    ("SLUG", "/slug"),
    ("NAME", "/name"),
    ("VERSION", "/version/version"),
    ("STAGE", "/version/stage"),
    ("OPERATION", "/operations/0/name"),
];

/// Imports files and folders; refused ones are named with place and reason, the others go on.
///
/// # Errors
/// When a path cannot be read, or a document was refused.
pub async fn import(remote: &Remote, out: Output, command: &Import) -> anyhow::Result<()> {
    let documents = local::read(&command.paths)?;
    let bar = progress::bar("importing");
    bar.set_length(documents.len() as u64);
    let (mut rows, mut refused) = (Vec::new(), 0);
    for imported in &documents {
        let file = imported.report.file.clone().unwrap_or_default();
        let row = match &imported.document {
            None => {
                refused += 1;
                let reason = imported.report.findings.first().map(|f| format!("{} {}", f.code, f.reason.en));
                json!({ "source": file, "outcome": "refused", "reason": reason })
            }
            Some(document) => match send(remote, command, document, &file).await {
                Ok(view) => view,
                Err(error) => {
                    refused += 1;
                    json!({ "source": file, "outcome": "refused", "reason": error.to_string() })
                }
            },
        };
        debug_assert!(imported.document.is_some() || imported.report.outcome == Outcome::Refused);
        rows.push(row);
        bar.inc(1);
    }
    bar.finish_and_clear();
    let columns = [
        ("OUTCOME", "/outcome"),
        ("SLUG", "/slug"),
        ("VERSION", "/version"),
        ("ID", "/version_id"),
        ("SOURCE", "/source"),
        ("REASON", "/reason"),
    ];
    output::rows(out, &columns, &Value::Array(rows));
    if refused > 0 { bail!("{refused} of {} document(s) refused", documents.len()) } else { Ok(()) }
}

async fn send(remote: &Remote, command: &Import, document: &pano_spec::Document, file: &str) -> anyhow::Result<Value> {
    let path = query(&[
        ("source", Some(file)),
        ("slug", command.slug.as_deref()),
        ("owner", command.owner.as_deref()),
        ("provider", command.provider.as_deref()),
        ("directory", command.directory.as_deref()),
        ("backend", Some(command.backend.as_deref().unwrap_or("mock"))),
        ("credential", command.credential.as_deref()),
        ("exit_plan", command.exit_plan.as_deref()),
        ("waive_lint", command.waive_lint.as_deref()),
    ]);
    let media = if document.format() == Format::Json { "application/json" } else { "application/yaml" };
    let mut headers = HeaderMap::new();
    headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static(media));
    let body = bytes::Bytes::copy_from_slice(document.export());
    let answer = remote.client().call(Method::POST, &format!("/admin/v1/imports{path}"), headers, body).await;
    Ok(answer.map_err(explain)?.json()?)
}

/// APIs and their versions.
///
/// # Errors
/// What the admin API refuses.
pub async fn api(remote: &Remote, out: Output, command: Api) -> anyhow::Result<()> {
    let versions = "/admin/v1/versions";
    let shown = match command {
        Api::List => {
            output::rows(out, APIS, &remote.list("/admin/v1/apis", None).await?);
            return Ok(());
        }
        Api::Operations(version) => {
            let path = format!("{versions}/{}/operations", version.version);
            output::rows(out, OPERATIONS, &remote.list(&path, None).await?);
            return Ok(());
        }
        Api::Document(version) => {
            let answer = remote.raw(&format!("{versions}/{}/document", version.version)).await?;
            return output::bytes(&answer.body);
        }
        Api::Show(id) => remote.get(&format!("/admin/v1/apis/{}", id.id)).await?,
        Api::Version(version) => remote.get(&format!("{versions}/{}", version.version)).await?,
        Api::Gate { version, step } => remote.get(&format!("{versions}/{version}/gates/{step}")).await?,
        Api::Lint(version) => remote.get(&format!("{versions}/{}/lint", version.version)).await?,
        Api::Diff { version, base } => {
            remote.get(&format!("{versions}/{version}/changes{}", query(&[("base", base.as_deref())]))).await?
        }
        Api::Code(version) => {
            remote.post(&format!("{versions}/{}/identification-code", version.version), &json!({})).await?
        }
        Api::Settings { version, file } => {
            let form: Value = serde_json::from_str(&read_input(&file)?)?;
            let path = format!("{versions}/{version}");
            remote.change_at(Method::PUT, &path, &format!("{path}/settings"), &form).await?
        }
        Api::Submit(m) => step(remote, versions, &m.id, "submit", &json!({ "why": m.reason })).await?,
        Api::Withdraw(m) => step(remote, versions, &m.id, "withdraw", &json!({ "why": m.reason })).await?,
        Api::Approve(m) => step(remote, versions, &m.id, "approve", &json!({ "why": m.reason })).await?,
        Api::Reject(m) => step(remote, versions, &m.id, "reject", &json!({ "why": m.reason })).await?,
        Api::Publish { id, reason, replace } => {
            step(remote, versions, &id, "publish", &json!({ "why": reason, "replace": replace })).await?
        }
        Api::Deprecate { version, sunset, link, reason } => {
            let mut form = json!({ "why": reason });
            for (member, value) in [("sunset", sunset), ("link", link)] {
                if let Some(value) = value {
                    form[member] = value.into();
                }
            }
            step(remote, versions, &version, "deprecate", &form).await?
        }
        Api::Retire { id, reason, emergency } => {
            step(remote, versions, &id, "retire", &json!({ "why": reason, "emergency": emergency })).await?
        }
    };
    output::object(out, &shown);
    Ok(())
}

/// Searches the library.
///
/// # Errors
/// What the admin API refuses.
pub async fn search(remote: &Remote, out: Output, words: &str) -> anyhow::Result<()> {
    output::rows(out, FOUND, &remote.list(&format!("/admin/v1/search?q={}", escape(words)), Some(50)).await?);
    Ok(())
}
