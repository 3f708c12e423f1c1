//! A folder that declares what the server should hold: `sync` brings the server there, `diff` shows what that would change,
//! `dump` writes the folder that the server would declare. What to do is planned in `pano_catalog::sync`; here are files and calls.

use crate::cli;
use crate::output::{self, Output};
use crate::progress;
use crate::remote::{Remote, explain};
use anyhow::{Context, bail};
use http::{HeaderMap, HeaderValue};
use pano_catalog::sync::{self, Action, Change, Desired, Dump, Ids, Key, Kind, Live, Options, Plan, Request};
use pano_catalog::wire::{ApiView, ProviderView, VersionView};
use pano_spec::Limits;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// Most files of a folder.
const FILES_MAX: usize = 20_000;
/// Largest file of a folder, bytes.
const FILE_MAX: u64 = 32 * 1024 * 1024;
/// Label of a dumped folder until somebody gives it another.
const LABEL: &str = "panorama";

/// Brings the server to what the folder declares.
///
/// # Errors
/// When the folder has mistakes, something is blocked, or the admin API refuses.
pub async fn sync(remote: &Remote, out: Output, command: &cli::Sync) -> anyhow::Result<()> {
    let desired = read(&command.folder)?;
    let state = State::read(remote).await?;
    let plan = sync::plan(&desired, &state.live, Options { prune: command.prune, adopt: command.adopt });
    show(out, &plan)?;
    let blocked = plan.changes.iter().filter(|c| matches!(c.action, Action::Blocked { .. })).count();
    if blocked > 0 {
        bail!("{blocked} change(s) blocked; nothing was changed");
    }
    if command.dry_run || plan.is_empty() {
        return Ok(());
    }
    let mut ids = Plan::ids(&state.live);
    let bar = progress::bar("syncing");
    bar.set_length(plan.changes.len() as u64);
    for change in &plan.changes {
        carry_out(remote, &plan.folder, change, &mut ids)
            .await
            .with_context(|| format!("{} {}", change.kind, change.key))?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(())
}

/// Shows what `sync` would change. Exit code 1 when that is anything.
///
/// # Errors
/// When the folder has mistakes, or the server is not as declared.
pub async fn diff(remote: &Remote, out: Output, folder: &Path) -> anyhow::Result<()> {
    let desired = read(folder)?;
    let state = State::read(remote).await?;
    let plan = sync::plan(&desired, &state.live, Options::default());
    show(out, &plan)?;
    if plan.is_empty() { Ok(()) } else { bail!("the server is not as {} declares", folder.display()) }
}

/// Writes the folder that the server would declare.
///
/// # Errors
/// When the folder is there and not empty, or cannot be written.
pub async fn dump(remote: &Remote, folder: &Path) -> anyhow::Result<()> {
    if folder.exists() && std::fs::read_dir(folder)?.next().is_some() {
        bail!("{} is not empty", folder.display());
    }
    let state = State::read(remote).await?;
    let documents = state.documents(remote).await?;
    let label = state.live.iter().find_map(|live| live.managed_by.clone()).unwrap_or_else(|| LABEL.to_owned());
    let files = sync::dump(&Dump {
        folder: &label,
        live: &state.live,
        documents: &documents,
        keys: &state.keys,
        plans: &state.plans,
    });
    for (path, text) in &files {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
        }
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    output::note(&format!("{} files in {}", files.len(), folder.display()));
    Ok(())
}

fn read(folder: &Path) -> anyhow::Result<Desired> {
    let mut files = BTreeMap::new();
    for name in pano_spec::folder::files(folder)?.into_iter().take(FILES_MAX) {
        let path = folder.join(&name);
        if std::fs::metadata(&path)?.len() > FILE_MAX {
            bail!("{} is larger than {} MiB", path.display(), FILE_MAX >> 20);
        }
        files.insert(name, std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?);
    }
    Desired::read(&files, &Limits::default()).map_err(|mistakes| {
        let lines: Vec<_> = mistakes.iter().map(|m| format!("\n  {m}")).collect();
        anyhow::anyhow!("{} has {} mistake(s){}", folder.display(), mistakes.len(), lines.concat())
    })
}

fn show(out: Output, plan: &Plan) -> anyhow::Result<()> {
    let all = serde_json::to_value(&plan.changes)?;
    if out == Output::Json {
        output::json(&all);
        return Ok(());
    }
    let changed = all.as_array().into_iter().flatten().filter(|c| c["action"] != "keep").map(|change| {
        let members: Vec<_> = change["differences"].as_array().into_iter().flatten().map(|d| d["at"].clone()).collect();
        json!({ "action": change["action"], "kind": change["kind"], "key": change["key"], "members": members, "reason": change["reason"] })
    });
    let changed: Vec<Value> = changed.collect();
    let kept = plan.changes.len() - changed.len();
    if !changed.is_empty() {
        let columns =
            [("ACTION", "/action"), ("KIND", "/kind"), ("KEY", "/key"), ("MEMBERS", "/members"), ("REASON", "/reason")];
        output::rows(out, &columns, &Value::Array(changed));
    }
    output::note(&format!("{kept} as declared"));
    Ok(())
}

async fn carry_out(remote: &Remote, folder: &str, change: &Change, ids: &mut Ids) -> anyhow::Result<()> {
    let mut made = String::new();
    for request in change.requests(folder, ids)? {
        let answer = send(remote, &request, &made).await?;
        if let Some(member) = request.makes {
            made = answer.get(member).and_then(Value::as_str).context("the answer names what was made")?.to_owned();
            ids.insert((change.kind, change.key.clone()), made.clone());
        }
    }
    Ok(())
}

async fn send(remote: &Remote, request: &Request, made: &str) -> anyhow::Result<Value> {
    let mut headers = HeaderMap::new();
    headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static(request.media_type));
    if let Some(generation) = request.if_match {
        headers.insert(http::header::IF_MATCH, pano_http::Etag(generation).value());
    }
    let body = serde_json::to_vec(&request.body)?;
    let path = request.path.replace("{new}", made);
    let answer = remote.client().call(request.method.parse()?, &path, headers, body.into()).await.map_err(explain)?;
    Ok(serde_json::from_slice(&answer.body).unwrap_or(Value::Null))
}

/// What is on the server, in the terms of the folder.
struct State {
    live: Vec<Live>,
    keys: BTreeMap<Key, (String, Value)>,
    plans: BTreeMap<Key, String>,
    versions: Vec<(Key, VersionView)>,
}

impl State {
    async fn read(remote: &Remote) -> anyhow::Result<Self> {
        let mut state = Self { live: Vec::new(), keys: BTreeMap::new(), plans: BTreeMap::new(), versions: Vec::new() };
        for view in items(remote, "/admin/v1/providers").await? {
            state.live.push(Live::provider(&serde_json::from_value::<ProviderView>(view)?));
        }
        let mut slugs = BTreeMap::new();
        for view in items(remote, "/admin/v1/plans").await? {
            let (id, slug) = (text(&view, "id"), text(&view, "slug"));
            state.live.extend(Live::of_json(Kind::Plan, Key(slug.clone()), &view, None));
            slugs.insert(id, slug);
        }
        let apis = state.apis(remote).await?;
        state.partners(remote, &slugs, &apis).await?;
        Ok(state)
    }

    async fn apis(&mut self, remote: &Remote) -> anyhow::Result<BTreeMap<String, String>> {
        let mut slugs = BTreeMap::new();
        for view in items(remote, "/admin/v1/apis").await? {
            let api: ApiView = serde_json::from_value(view)?;
            slugs.insert(api.id.to_string(), api.slug.to_string());
            self.live.push(Live::api(&api));
            for brief in &api.versions {
                let view = remote.get(&format!("/admin/v1/versions/{}", brief.id)).await?;
                let version: VersionView = serde_json::from_value(view)?;
                let live = Live::version(&version, &api);
                self.versions.push((live.key.clone(), version));
                self.live.push(live);
            }
        }
        Ok(slugs)
    }

    async fn partners(
        &mut self,
        remote: &Remote,
        plans: &BTreeMap<String, String>,
        apis: &BTreeMap<String, String>,
    ) -> anyhow::Result<()> {
        let mut partners = BTreeMap::new();
        for view in items(remote, "/admin/v1/partners").await? {
            partners.insert(text(&view, "id"), text(&view, "slug"));
            self.live.extend(Live::of_json(Kind::Partner, Key(text(&view, "slug")), &view, None));
        }
        let mut apps = BTreeMap::new();
        for view in items(remote, "/admin/v1/apps").await? {
            let partner = partners.get(&text(&view, "partner")).cloned().unwrap_or_default();
            let (id, key) = (text(&view, "id"), Key::app(&partner, &text(&view, "slug")));
            self.live.extend(Live::of_json(Kind::App, key.clone(), &view, None));
            let owner = view.get("managed_by").and_then(Value::as_str);
            for credential in items(remote, &format!("/admin/v1/apps/{id}/credentials")).await? {
                let jwk = credential.get("jwk").cloned().unwrap_or_default();
                let key = Key::credential(&key, &jwk);
                self.live.extend(Live::of_json(Kind::Credential, key.clone(), &credential, owner));
                self.keys.insert(key, (text(&credential, "label"), jwk));
            }
            apps.insert(id, key);
        }
        for view in items(remote, "/admin/v1/subscriptions").await? {
            let (app, api) = (apps.get(&text(&view, "app")), apis.get(&text(&view, "api")));
            let (Some(app), Some(api)) = (app, api) else { continue };
            if text(&view, "environment") == "production" {
                // Going live takes a certificate and two people; no folder describes it.
                continue;
            }
            let key = Key::subscription(app, api);
            self.live.extend(Live::of_json(Kind::Subscription, key.clone(), &view, None));
            self.plans.insert(key, plans.get(&text(&view, "plan")).cloned().unwrap_or_default());
        }
        Ok(())
    }

    async fn documents(&self, remote: &Remote) -> anyhow::Result<BTreeMap<Key, (String, bool, String)>> {
        let mut documents = BTreeMap::new();
        for (key, version) in &self.versions {
            let answer = remote.raw(&format!("/admin/v1/versions/{}/document", version.id)).await?;
            let text = String::from_utf8(answer.body.to_vec()).context("a document is UTF-8")?;
            let json = text.trim_start_matches('\u{feff}').trim_start().starts_with('{');
            documents.insert(key.clone(), (version.version.clone(), json, text));
        }
        Ok(documents)
    }
}

async fn items(remote: &Remote, path: &str) -> anyhow::Result<Vec<Value>> {
    match remote.list(path, None).await? {
        Value::Array(items) => Ok(items),
        _ => Ok(Vec::new()),
    }
}

fn text(view: &Value, member: &str) -> String {
    view.get(member).and_then(Value::as_str).unwrap_or_default().to_owned()
}
