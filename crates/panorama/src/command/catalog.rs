//! The capability library: import, versions and their moves, search.

use super::{local, read_input, step};
use crate::cli::{Api, Directory, Import, Provider};
use crate::output::{self, Column, Output};
use crate::progress;
use crate::remote::{Remote, escape, explain, query};
use anyhow::{Context as _, bail};
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
const APIS_AT: &str = "/admin/v1/apis";
const VERSIONS: &[Column] = &[
    ("VERSION", "/version"),
    ("ID", "/id"),
    ("STAGE", "/stage"),
    ("LEVEL", "/level"),
    ("PATH", "/base_path"),
    ("CREATED", "/created_at"),
];
const CHECKS: &[Column] = &[("CHECK", "/check"), ("MET", "/met"), ("MISSING", "/missing")];
const FINDINGS: &[Column] = &[
    ("SEVERITY", "/severity"),
    ("RULE", "/rule"),
    ("LINE", "/line"),
    ("AT", "/pointer"),
    ("WHAT", "/detail"),
    ("REMEDY", "/remedy/en"),
];
const PROVIDERS: &[Column] =
    &[("SLUG", "/slug"), ("NAME", "/name"), ("INTERNAL", "/internal"), ("CONTACT", "/contact"), ("ID", "/id")];
const NODES: &[Column] = &[("PATH", "/path"), ("LEVEL", "/level"), ("NAME", "/name")];
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
        ("confirm_grades", command.confirm_grades.then_some("true")),
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
            let path = format!("{}/operations", at(remote, &version.version).await?);
            output::rows(out, OPERATIONS, &remote.list(&path, None).await?);
            return Ok(());
        }
        Api::Document(version) => {
            let answer = remote.raw(&format!("{}/document", at(remote, &version.version).await?)).await?;
            output::bytes(&answer.body);
            return Ok(());
        }
        Api::Show(id) => {
            let id = remote.id(APIS_AT, &id.id).await?;
            output::object_with(out, &remote.get(&format!("{APIS_AT}/{id}")).await?, "versions", VERSIONS);
            return Ok(());
        }
        Api::Set { id, owner, provider, directory } => {
            let path = format!("{APIS_AT}/{}", remote.id(APIS_AT, &id).await?);
            let mut form = remote.get(&path).await?;
            let given = [("owner", owner), ("provider", provider), ("directory", directory)];
            for (member, value) in given.into_iter().filter_map(|(member, value)| Some((member, value?))) {
                form[member] = value.into();
            }
            let members = ["name", "summary", "owner", "provider", "directory", "managed_by"];
            let form: Value = members.iter().filter_map(|m| Some(((*m).to_owned(), form.get(*m)?.clone()))).collect();
            remote.change(Method::PUT, &path, &form).await?
        }
        Api::Version(version) => remote.get(&at(remote, &version.version).await?).await?,
        Api::Gate { version, step } => {
            let gate = remote.get(&format!("{}/gates/{step}", at(remote, &version).await?)).await?;
            output::object_with(out, &gate, "checks", CHECKS);
            return Ok(());
        }
        Api::Lint(version) => {
            let report = remote.get(&format!("{}/lint", at(remote, &version.version).await?)).await?;
            output::object_with(out, &report, "findings", FINDINGS);
            return Ok(());
        }
        Api::Diff { version, base } => {
            let base = match base {
                Some(base) => Some(remote.id(versions, &base).await?),
                None => None,
            };
            let path = format!("{}/changes{}", at(remote, &version).await?, query(&[("against", base.as_deref())]));
            output::object_with(out, &remote.get(&path).await?, "changes", local::CHANGES);
            return Ok(());
        }
        Api::Code(version) => {
            remote.post(&format!("{}/identification-code", at(remote, &version.version).await?), &json!({})).await?
        }
        Api::Settings { version, file } => {
            let form: Value =
                serde_json::from_str(&read_input(&file)?).with_context(|| format!("{} is no JSON", file.display()))?;
            let path = at(remote, &version).await?;
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

/// Where a version is, named by identifier or `API@VERSION`.
async fn at(remote: &Remote, given: &str) -> anyhow::Result<String> {
    Ok(format!("/admin/v1/versions/{}", remote.id("/admin/v1/versions", given).await?))
}

/// Providers.
///
/// # Errors
/// What the admin API refuses.
pub async fn provider(remote: &Remote, out: Output, command: Provider) -> anyhow::Result<()> {
    let base = "/admin/v1/providers";
    match command {
        Provider::List => output::rows(out, PROVIDERS, &remote.list(base, None).await?),
        Provider::Create { slug, names, contact, internal } => {
            let form = json!({ "slug": slug, "name": names.json(), "contact": contact, "internal": internal });
            output::object(out, &remote.post(base, &form).await?);
        }
    }
    Ok(())
}

/// The directory.
///
/// # Errors
/// What the admin API refuses.
pub async fn directory(remote: &Remote, out: Output, command: Directory) -> anyhow::Result<()> {
    let base = "/admin/v1/directory";
    match command {
        Directory::List => {
            // One answer, not pages: it is small, and a tree makes no sense in parts.
            let whole = remote.get(base).await?;
            output::rows(out, NODES, whole.get("items").unwrap_or(&Value::Null));
        }
        Directory::Add { path, names } => {
            let form = json!({ "path": path, "name": names.json() });
            output::object(out, &remote.post(base, &form).await?);
        }
    }
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
