//! Partners, apps, plans, subscriptions, operators: each command is one call of the admin API.

use super::{read_input, step};
use crate::cli::{App, Certification, Operator, Partner, Plan, Subscription};
use crate::output::{self, Column, Output};
use crate::remote::{Remote, query};
use anyhow::Context as _;
use pano_partner::certification::{Profile, ScriptStep};
use serde_json::{Value, json};

const PARTNERS: &[Column] =
    &[("ID", "/id"), ("SLUG", "/slug"), ("NAME", "/name"), ("STATE", "/lifecycle/state"), ("TIER", "/lifecycle/tier")];
const APPS: &[Column] =
    &[("ID", "/id"), ("SLUG", "/slug"), ("NAME", "/name"), ("PARTNER", "/partner"), ("STATE", "/lifecycle/state")];
const CREDENTIALS: &[Column] = &[
    ("ID", "/id"),
    ("KID", "/kid"),
    ("LABEL", "/label"),
    ("NOT BEFORE", "/not_before"),
    ("EXPIRES", "/expires_at"),
    ("LAST USED", "/last_used_at"),
    ("REVOKED", "/revoked/at"),
];
const CERTIFICATES: &[Column] = &[
    ("ID", "/id"),
    ("PROFILE", "/profile"),
    ("SCRIPT", "/script_version"),
    ("PASSED", "/passed_at"),
    ("VALID UNTIL", "/valid_until"),
    ("VALID", "/valid"),
];
const EVIDENCE: &[Column] = &[
    ("STEP", "/step"),
    ("SEEN BY", "/evidence/source"),
    ("AT", "/evidence/at"),
    ("OPERATION", "/evidence/operation"),
    ("STATUS", "/evidence/status"),
    ("TRACE", "/evidence/trace_id"),
];
const SCRIPT: &[Column] = &[("STEP", "/step"), ("WHAT IT ASKS FOR", "/en"), ("要求", "/zh")];
const PLANS: &[Column] = &[
    ("ID", "/id"),
    ("SLUG", "/slug"),
    ("NAME", "/name"),
    ("PER SECOND", "/limits/operation_rate/requests"),
    ("BURST", "/limits/operation_rate/burst"),
    ("PER DAY", "/limits/quota_per_day"),
];
const SUBSCRIPTIONS: &[Column] = &[
    ("ID", "/id"),
    ("APP", "/app"),
    ("API", "/api"),
    ("PLAN", "/plan"),
    ("FOR", "/environment"),
    ("STATE", "/lifecycle/state"),
];
const OPERATORS: &[Column] = &[
    ("ID", "/id"),
    ("NAME", "/name"),
    ("KIND", "/kind"),
    ("ROLES", "/roles"),
    ("CREATED", "/created_at"),
    ("DISABLED", "/disabled_at"),
];

/// Partners, from registration to exit.
///
/// # Errors
/// What the admin API refuses.
pub async fn partner(remote: &Remote, out: Output, command: Partner) -> anyhow::Result<()> {
    let base = "/admin/v1/partners";
    let shown = match command {
        Partner::List => return list(remote, out, base, PARTNERS).await,
        Partner::Show(id) => remote.get(&format!("{base}/{}", id.id)).await?,
        Partner::Create { slug, name, name_zh, registration, contact, sensitive_data, moves_funds } => {
            let scenario = json!({ "sensitive_data": sensitive_data, "moves_funds": moves_funds });
            let name = json!({ "zh": name_zh, "en": name });
            let form = json!({ "slug": slug, "name": name, "registration": registration, "contact": contact, "scenario": scenario });
            remote.post(base, &form).await?
        }
        Partner::Submit(id) => step(remote, base, &id.id, "submit", &json!({})).await?,
        Partner::Admit { id, tier, reason } => {
            step(remote, base, &id, "admit", &json!({ "tier": format!("tier{tier}"), "why": reason })).await?
        }
        Partner::Reject(m) => step(remote, base, &m.id, "reject", &json!({ "why": m.reason })).await?,
        Partner::Suspend(m) => step(remote, base, &m.id, "suspend", &json!({ "why": m.reason })).await?,
        Partner::Resume(m) => step(remote, base, &m.id, "resume", &json!({ "why": m.reason })).await?,
        Partner::Exit(m) => step(remote, base, &m.id, "exit", &json!({ "why": m.reason })).await?,
        Partner::Close(m) => step(remote, base, &m.id, "close", &json!({ "why": m.reason })).await?,
    };
    output::object(out, &shown);
    Ok(())
}

/// Apps, their keys and their subscriptions. `keygen` and `token` need no admin API and stand in [`super::keys`].
///
/// # Errors
/// What the admin API refuses.
pub async fn app(remote: &Remote, out: Output, command: App) -> anyhow::Result<()> {
    let base = "/admin/v1/apps";
    let shown = match command {
        App::List { partner } => {
            return list(remote, out, &format!("{base}{}", query(&[("partner", partner.as_deref())])), APPS).await;
        }
        App::Keys(id) => return list(remote, out, &format!("{base}/{}/credentials", id.id), CREDENTIALS).await,
        App::Show(id) => remote.get(&format!("{base}/{}", id.id)).await?,
        App::Create { slug, partner, name, name_zh, description } => {
            let name = json!({ "zh": name_zh, "en": name });
            let form = json!({ "slug": slug, "partner": partner, "name": name, "description": description });
            remote.post(base, &form).await?
        }
        App::AddKey { id, file, label } => {
            let text = read_input(&file)?;
            let material = if text.trim_start().starts_with('{') {
                json!({ "jwk": serde_json::from_str::<Value>(&text)?, "label": label })
            } else {
                json!({ "certificate": text, "label": label })
            };
            remote.post(&format!("{base}/{id}/credentials"), &material).await?
        }
        App::RevokeKey { id, credential, reason } => {
            let keys = format!("{base}/{id}/credentials");
            step(remote, &keys, &credential, "revoke", &json!({ "why": reason })).await?
        }
        App::Subscribe { id, api, plan, production } => {
            let environment = if production { "production" } else { "sandbox" };
            let form = json!({ "app": id, "api": api, "plan": plan, "environment": environment });
            remote.post("/admin/v1/subscriptions", &form).await?
        }
        App::Certification(command) => return certification(remote, out, command).await,
        App::Activate(m) => step(remote, base, &m.id, "activate", &json!({ "why": m.reason })).await?,
        App::Suspend(m) => step(remote, base, &m.id, "suspend", &json!({ "why": m.reason })).await?,
        App::Resume(m) => step(remote, base, &m.id, "resume", &json!({ "why": m.reason })).await?,
        App::End(m) => step(remote, base, &m.id, "end", &json!({ "why": m.reason })).await?,
        App::RevokeTokens(m) => step(remote, base, &m.id, "revoke-tokens", &json!({ "why": m.reason })).await?,
        App::Keygen { .. } | App::Token { .. } => Value::Null,
    };
    output::object(out, &shown);
    Ok(())
}

async fn certification(remote: &Remote, out: Output, command: Certification) -> anyhow::Result<()> {
    let base = |app: &str| format!("/admin/v1/apps/{app}/certificates");
    match command {
        Certification::List(id) => list(remote, out, &base(&id.id), CERTIFICATES).await,
        Certification::Show { id, certificate } => {
            let found = remote.get(&format!("{}/{certificate}", base(&id))).await?;
            if out == Output::Json {
                output::object(out, &found);
            } else {
                output::rows(out, EVIDENCE, found.get("steps").unwrap_or(&Value::Null));
            }
            Ok(())
        }
        Certification::Script { profile } => {
            let script = Profile::from_text(&profile).map(Profile::script).context("there is no such profile")?;
            let row = |step: &ScriptStep| json!({ "step": step.name, "zh": step.zh, "en": step.en });
            output::rows(out, SCRIPT, &script.steps().map(row).collect());
            Ok(())
        }
    }
}

/// Plans.
///
/// # Errors
/// What the admin API refuses.
pub async fn plan(remote: &Remote, out: Output, command: Plan) -> anyhow::Result<()> {
    let base = "/admin/v1/plans";
    match command {
        Plan::List => list(remote, out, base, PLANS).await,
        Plan::Create { slug, name, name_zh, rate, burst, quota_per_day } => {
            let mut limits = json!({});
            if let Some(requests) = rate {
                limits["operation_rate"] = json!({ "requests": requests, "burst": burst.unwrap_or(requests) });
            }
            if let Some(quota) = quota_per_day {
                limits["quota_per_day"] = quota.into();
            }
            let form = json!({ "slug": slug, "name": { "zh": name_zh, "en": name }, "limits": limits });
            output::object(out, &remote.post(base, &form).await?);
            Ok(())
        }
    }
}

/// Subscriptions.
///
/// # Errors
/// What the admin API refuses.
pub async fn subscription(remote: &Remote, out: Output, command: Subscription) -> anyhow::Result<()> {
    let base = "/admin/v1/subscriptions";
    let (m, name) = match command {
        Subscription::List { app } => {
            return list(remote, out, &format!("{base}{}", query(&[("app", app.as_deref())])), SUBSCRIPTIONS).await;
        }
        Subscription::Approve(m) => (m, "approve"),
        Subscription::Reject(m) => (m, "reject"),
        Subscription::Suspend(m) => (m, "suspend"),
        Subscription::Resume(m) => (m, "resume"),
        Subscription::End(m) => (m, "end"),
    };
    output::object(out, &step(remote, base, &m.id, name, &json!({ "why": m.reason })).await?);
    Ok(())
}

/// Operators, except `bootstrap`, which needs no token.
///
/// # Errors
/// What the admin API refuses.
pub async fn operator(remote: &Remote, out: Output, command: Operator) -> anyhow::Result<()> {
    let base = "/admin/v1/operators";
    match command {
        Operator::List => list(remote, out, base, OPERATORS).await,
        Operator::Create { name, roles } => {
            output::object(out, &remote.post(base, &json!({ "name": name, "roles": roles })).await?);
            Ok(())
        }
        Operator::Disable(id) => {
            let path = format!("{base}/{}", id.id);
            let now = remote.get(&path).await?;
            let form = json!({ "roles": now["roles"], "disabled": true });
            output::object(out, &remote.change(http::Method::PUT, &path, &form).await?);
            Ok(())
        }
        Operator::Token { id, label } => {
            output::object(out, &remote.post(&format!("{base}/{id}/tokens"), &json!({ "label": label })).await?);
            Ok(())
        }
        Operator::Roles => {
            roles(out);
            Ok(())
        }
        Operator::Bootstrap { .. } => Ok(()),
    }
}

/// The table of roles and operations that this binary enforces.
fn roles(out: Output) {
    let rows: Vec<_> = pano_manager::access::rules()
        .map(|(method, path, access)| {
            let who = match access {
                pano_manager::access::Access::Open => "anyone".to_owned(),
                pano_manager::access::Access::Roles(roles) => {
                    roles.iter().map(|role| role.text()).collect::<Vec<_>>().join(", ")
                }
                pano_manager::access::Access::Service(name) => format!("the {name} role"),
            };
            json!({ "method": method, "path": path, "who": who })
        })
        .collect();
    output::rows(out, &[("METHOD", "/method"), ("PATH", "/path"), ("WHO", "/who")], &Value::Array(rows));
}

/// Uses the one-time bootstrap secret.
///
/// # Errors
/// What the admin API refuses.
pub async fn bootstrap(remote: &Remote, out: Output, secret_file: &std::path::Path, name: &str) -> anyhow::Result<()> {
    let secret = read_input(secret_file)?;
    let form = json!({ "secret": secret.trim(), "name": name });
    output::object(out, &remote.post("/admin/v1/bootstrap", &form).await?);
    Ok(())
}

async fn list(remote: &Remote, out: Output, path: &str, columns: &[Column]) -> anyhow::Result<()> {
    output::rows(out, columns, &remote.list(path, None).await?);
    Ok(())
}
