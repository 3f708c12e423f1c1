//! What happened: usage, access records, the audit trail, gateways.

use super::admin::named;
use crate::cli::{Audit, Records, Usage};
use crate::output::{self, Output};
use crate::remote::{Remote, query};
use anyhow::bail;
use serde_json::Value;

/// Metered requests.
///
/// # Errors
/// What the admin API refuses.
pub async fn usage(remote: &Remote, out: Output, filter: &Usage) -> anyhow::Result<()> {
    let partner = named(remote, "/admin/v1/partners", filter.partner.as_deref()).await?;
    let app = named(remote, "/admin/v1/apps", filter.app.as_deref()).await?;
    let api = named(remote, "/admin/v1/apis", filter.api.as_deref()).await?;
    let path = query(&[
        ("partner", partner.as_deref()),
        ("app", app.as_deref()),
        ("api", api.as_deref()),
        ("from", filter.from.as_deref()),
        ("until", filter.until.as_deref()),
        ("by", Some(filter.by.as_str())),
    ]);
    let columns = [
        ("AT", "/at"),
        ("PARTNER", "/partner"),
        ("APP", "/app"),
        ("API", "/api"),
        ("VERSION", "/version"),
        ("OPERATION", "/operation"),
        ("STATUS", "/status"),
        ("REQUESTS", "/totals/requests"),
        ("ACCEPTED", "/totals/accepted"),
    ];
    let usage = remote.get(&format!("/admin/v1/usage{path}")).await?;
    match out {
        Output::Json => output::json(&usage),
        Output::Table => {
            output::rows(out, &columns, &usage["rows"]);
            output::note(&format!(
                "{} requests, {} accepted",
                usage["totals"]["requests"], usage["totals"]["accepted"]
            ));
        }
    }
    Ok(())
}

/// Access records, newest first.
///
/// # Errors
/// What the admin API refuses.
pub async fn records(remote: &Remote, out: Output, filter: &Records) -> anyhow::Result<()> {
    let status = filter.status.map(|status| status.to_string());
    let app = named(remote, "/admin/v1/apps", filter.app.as_deref()).await?;
    let path = query(&[
        ("app", app.as_deref()),
        ("status", status.as_deref()),
        ("code", filter.code.as_deref()),
        ("trace_id", filter.trace.as_deref()),
    ]);
    let columns = [
        ("AT", "/at"),
        ("METHOD", "/method"),
        ("ROUTE", "/route"),
        ("STATUS", "/status"),
        ("CODE", "/code"),
        ("APP", "/app"),
        ("US", "/duration_us"),
        ("TRACE", "/trace_id"),
    ];
    let items = remote.list(&format!("/admin/v1/access-records{path}"), Some(filter.limit as usize)).await?;
    output::rows(out, &columns, &items);
    Ok(())
}

/// The audit trail; `verify` fails when a link is broken.
///
/// # Errors
/// What the admin API refuses; a broken chain.
pub async fn audit(remote: &Remote, out: Output, command: Audit) -> anyhow::Result<()> {
    match command {
        Audit::List { subject, limit } => {
            let columns = [
                ("SEQ", "/seq"),
                ("AT", "/at"),
                ("ACTOR", "/actor"),
                ("ACTION", "/action"),
                ("KIND", "/subject_kind"),
                ("SUBJECT", "/subject_id"),
                ("DETAIL", "/detail"),
            ];
            let path = format!("/admin/v1/audit{}", query(&[("subject", subject.as_deref())]));
            output::rows(out, &columns, &remote.list(&path, Some(limit as usize)).await?);
            Ok(())
        }
        Audit::Verify => {
            let verdict = remote.get("/admin/v1/audit/verify").await?;
            output::object(out, &verdict);
            if verdict.get("whole").and_then(Value::as_bool) != Some(true) {
                bail!("the audit chain is broken");
            }
            Ok(())
        }
    }
}

/// Gateways and the snapshot that each runs.
///
/// # Errors
/// What the admin API refuses.
pub async fn gateways(remote: &Remote, out: Output) -> anyhow::Result<()> {
    let columns = [
        ("GATEWAY", "/name"),
        ("VERSION", "/version"),
        ("REVISION", "/revision"),
        ("STATE", "/state"),
        ("LAST SEEN", "/last_seen_at"),
        ("LAST ERROR", "/last_error"),
    ];
    output::rows(out, &columns, &remote.list("/admin/v1/gateways", None).await?);
    Ok(())
}
