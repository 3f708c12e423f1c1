//! Partners, apps, plans, subscriptions, operators: each command is one call of the admin API.

use super::{read_input, step};
use crate::cli::{App, Certification, Consent, Operator, Partner, Plan, SaveToken, Subscription};
use crate::folder;
use crate::output::{self, Column, Output};
use crate::remote::{Remote, query};
use anyhow::{Context as _, bail};
use pano_partner::certification::{Profile, ScriptStep};
use serde_json::{Value, json};
use std::path::Path;

const PARTNERS_AT: &str = "/admin/v1/partners";
const PLANS_AT: &str = "/admin/v1/plans";
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
const CONSENTS: &[Column] = &[
    ("ID", "/id"),
    ("APP", "/app"),
    ("CUSTOMER", "/lifecycle/given/customer"),
    ("SCOPES", "/scopes"),
    ("STATE", "/lifecycle/state"),
    ("UNTIL", "/lifecycle/given/ends_at"),
];
const OPERATORS: &[Column] = &[
    ("ID", "/id"),
    ("NAME", "/name"),
    ("KIND", "/kind"),
    ("ROLES", "/roles"),
    ("CREATED", "/created_at"),
    ("DISABLED", "/disabled_at"),
];
const TOKENS: &[Column] = &[
    ("ID", "/id"),
    ("LABEL", "/label"),
    ("CREATED", "/created_at"),
    ("EXPIRES", "/expires_at"),
    ("LAST USED", "/last_used_at"),
    ("REVOKED", "/revoked_at"),
];

/// Partners, from registration to exit.
///
/// # Errors
/// What the admin API refuses.
pub async fn partner(remote: &Remote, out: Output, command: Partner) -> anyhow::Result<()> {
    let base = PARTNERS_AT;
    let shown = match command {
        Partner::List => return list(remote, out, base, PARTNERS).await,
        Partner::Show(id) => show(remote, base, &id.id).await?,
        Partner::Create { slug, names, registration, contact, sensitive_data, moves_funds } => {
            let scenario = json!({ "sensitive_data": sensitive_data, "moves_funds": moves_funds });
            let form = json!({ "slug": slug, "name": names.json(), "registration": registration, "contact": contact, "scenario": scenario });
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
            let partner = named(remote, PARTNERS_AT, partner.as_deref()).await?;
            return list(remote, out, &format!("{base}{}", query(&[("partner", partner.as_deref())])), APPS).await;
        }
        App::Keys(id) => {
            let id = remote.id(base, &id.id).await?;
            return list(remote, out, &format!("{base}/{id}/credentials"), CREDENTIALS).await;
        }
        App::Show(id) => show(remote, base, &id.id).await?,
        App::Create { slug, partner, names, description, redirect_uri } => {
            let partner = remote.id(PARTNERS_AT, &partner).await?;
            let form = json!({ "slug": slug, "partner": partner, "name": names.json(), "description": description, "redirect_uris": redirect_uri });
            remote.post(base, &form).await?
        }
        App::RedirectUris { id, uris } => {
            let path = format!("{base}/{}", remote.id(base, &id).await?);
            let mut form = json!({ "redirect_uris": uris });
            let now = remote.get(&path).await?;
            for member in ["name", "description", "managed_by"] {
                form[member] = now[member].clone();
            }
            remote.change(http::Method::PUT, &path, &form).await?
        }
        App::AddKey { id, file, label } => {
            let material = public_key(&file, &label)?;
            let id = remote.id(base, &id).await?;
            remote.post(&format!("{base}/{id}/credentials"), &material).await?
        }
        App::RevokeKey { id, credential, reason } => {
            let keys = format!("{base}/{}/credentials", remote.id(base, &id).await?);
            step(remote, &keys, &credential, "revoke", &json!({ "why": reason })).await?
        }
        App::Subscribe { id, api, plan, production } => {
            let (id, api) = (remote.id(base, &id).await?, remote.id("/admin/v1/apis", &api).await?);
            let plan = remote.id(PLANS_AT, &plan).await?;
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
    let apps = "/admin/v1/apps";
    match command {
        Certification::List(id) => {
            let id = remote.id(apps, &id.id).await?;
            list(remote, out, &format!("{apps}/{id}/certificates"), CERTIFICATES).await
        }
        Certification::Show { id, certificate } => {
            let id = remote.id(apps, &id).await?;
            let found = remote.get(&format!("{apps}/{id}/certificates/{certificate}")).await?;
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
    let base = PLANS_AT;
    match command {
        Plan::List => list(remote, out, base, PLANS).await,
        Plan::Show(id) => {
            output::object(out, &show(remote, base, &id.id).await?);
            Ok(())
        }
        Plan::Retire(m) => {
            output::object(out, &step(remote, base, &m.id, "retire", &json!({ "why": m.reason })).await?);
            Ok(())
        }
        Plan::Create { slug, names, rate, burst, quota_per_day } => {
            let mut limits = json!({});
            if let Some(requests) = rate {
                limits["operation_rate"] = json!({ "requests": requests, "burst": burst.unwrap_or(requests) });
            }
            if let Some(quota) = quota_per_day {
                limits["quota_per_day"] = quota.into();
            }
            let form = json!({ "slug": slug, "name": names.json(), "limits": limits });
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
            let app = named(remote, "/admin/v1/apps", app.as_deref()).await?;
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

/// Consents.
///
/// # Errors
/// What the admin API refuses.
pub async fn consent(remote: &Remote, out: Output, command: Consent) -> anyhow::Result<()> {
    let base = "/admin/v1/consents";
    match command {
        Consent::List { app, partner, customer } => {
            let app = named(remote, "/admin/v1/apps", app.as_deref()).await?;
            let partner = named(remote, PARTNERS_AT, partner.as_deref()).await?;
            let filter = [("app", app.as_deref()), ("partner", partner.as_deref()), ("customer", customer.as_deref())];
            list(remote, out, &format!("{base}{}", query(&filter)), CONSENTS).await?;
        }
        Consent::Show { id } => output::object(out, &remote.get(&format!("{base}/{id}")).await?),
        Consent::Revoke { id, reason } => {
            output::object(out, &remote.post(&format!("{base}/{id}/revoke"), &json!({ "why": reason })).await?);
        }
    }
    Ok(())
}

/// Operators, except `bootstrap`, which needs no token.
///
/// # Errors
/// What the admin API refuses.
pub async fn operator(remote: &Remote, out: Output, command: Operator) -> anyhow::Result<()> {
    let base = "/admin/v1/operators";
    match command {
        Operator::List => list(remote, out, base, OPERATORS).await?,
        Operator::Tokens(id) => {
            let id = remote.id(base, &id.id).await?;
            list(remote, out, &format!("{base}/{id}/tokens"), TOKENS).await?;
        }
        Operator::Show(id) => output::object(out, &show(remote, base, &id.id).await?),
        Operator::Me => output::object(out, &remote.get("/admin/v1/me").await?),
        Operator::Create { name, roles, save } => {
            let mut made = remote.post(base, &json!({ "name": name, "roles": roles })).await?;
            let id = made.get("id").and_then(Value::as_str).unwrap_or_default();
            let token = remote.post(&format!("{base}/{id}/tokens"), &json!({ "label": "first" })).await?;
            made["token"] = kept(token, &save)?;
            output::object(out, &made);
        }
        Operator::Disable(id) => output::object(out, &disable(remote, base, &id.id, true).await?),
        Operator::Enable(id) => output::object(out, &disable(remote, base, &id.id, false).await?),
        Operator::Token { id, label, save } => {
            let id = remote.id(base, &id).await?;
            let token = remote.post(&format!("{base}/{id}/tokens"), &json!({ "label": label })).await?;
            output::object(out, &kept(token, &save)?);
        }
        Operator::RevokeToken { id, token } => {
            let id = remote.id(base, &id).await?;
            output::object(out, &remote.post(&format!("{base}/{id}/tokens/{token}/revoke"), &json!({})).await?);
        }
        Operator::Roles => roles(out),
        Operator::Bootstrap { .. } => {}
    }
    Ok(())
}

async fn disable(remote: &Remote, base: &str, given: &str, disabled: bool) -> anyhow::Result<Value> {
    let path = format!("{base}/{}", remote.id(base, given).await?);
    let now = remote.get(&path).await?;
    remote.change(http::Method::PUT, &path, &json!({ "roles": now["roles"], "disabled": disabled })).await
}

/// Puts a new token where it is wanted; the answer without it when that is a file.
fn kept(mut answer: Value, save: &SaveToken) -> anyhow::Result<Value> {
    let Some(file) = &save.save else {
        output::note("the token is shown this once; keep it where only you can read it");
        return Ok(answer);
    };
    if let Some(members) = answer.as_object_mut() {
        let token = members.remove("token").context("the answer holds the token")?;
        // Written for its owner only.
        folder::write_private(file, token.as_str().unwrap_or_default().as_bytes())?;
        members.insert("saved".to_owned(), file.display().to_string().into());
    }
    Ok(answer)
}

/// A public key or certificate as the admin API takes it. A private key is refused here, before it leaves this machine.
fn public_key(file: &Path, label: &str) -> anyhow::Result<Value> {
    let text = read_input(file)?;
    let shown = file.display();
    if text.contains("PRIVATE KEY") {
        bail!(
            "{shown} holds a private key, which never leaves your machine: give the public key (JWK) or the certificate"
        );
    }
    if !text.trim_start().starts_with('{') {
        return Ok(json!({ "certificate": text, "label": label }));
    }
    let jwk: Value = serde_json::from_str(&text).with_context(|| format!("{shown} is no JSON"))?;
    if ["d", "k", "p", "q"].iter().any(|member| jwk.get(*member).is_some()) {
        bail!(
            "{shown} holds a private key, which never leaves your machine: leave out everything but the public members"
        );
    }
    Ok(json!({ "jwk": jwk, "label": label }))
}

async fn show(remote: &Remote, base: &str, given: &str) -> anyhow::Result<Value> {
    remote.get(&format!("{base}/{}", remote.id(base, given).await?)).await
}

/// The identifier of what a filter names, if it names anything.
pub(super) async fn named(remote: &Remote, base: &str, given: Option<&str>) -> anyhow::Result<Option<String>> {
    match given {
        Some(given) => remote.id(base, given).await.map(Some),
        None => Ok(None),
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
pub async fn bootstrap(
    remote: &Remote,
    out: Output,
    secret_file: &Path,
    name: &str,
    save: &SaveToken,
) -> anyhow::Result<()> {
    let secret = read_input(secret_file)?;
    let form = json!({ "secret": secret.trim(), "name": name });
    let mut made = remote.post("/admin/v1/bootstrap", &form).await?;
    made["token"] = kept(made["token"].take(), save)?;
    output::object(out, &made);
    Ok(())
}

async fn list(remote: &Remote, out: Output, path: &str, columns: &[Column]) -> anyhow::Result<()> {
    output::rows(out, columns, &remote.list(path, None).await?);
    Ok(())
}
