//! What is there, in the terms of the folder.

use super::{Key, Kind};
use crate::lifecycle::Stage;
use crate::wire::{ApiView, ProviderView, VersionView};
use serde_json::{Map, Value, json};

/// One resource of the server.
#[derive(Debug, Clone, PartialEq)]
pub struct Live {
    /// Its kind.
    pub kind: Kind,
    /// Its name across servers.
    pub key: Key,
    /// Its id on this server.
    pub id: String,
    /// Generation, when it has one.
    pub generation: Option<u64>,
    /// The folder that owns it.
    pub managed_by: Option<String>,
    /// Whether it is retired, ended, exited, revoked.
    pub ended: bool,
    /// The word for its state, when it has one.
    pub state: Option<String>,
    /// Where a version stands.
    pub stage: Option<Stage>,
    /// The members that folders declare.
    pub body: Map<String, Value>,
}

fn members(kind: Kind, view: &Value) -> Map<String, Value> {
    let of = |name: &&str| Some(((*name).to_owned(), view.get(*name)?.clone()));
    kind.members().iter().filter_map(of).collect()
}

impl Live {
    /// A provider.
    pub fn provider(view: &ProviderView) -> Self {
        let body = json!({ "name": view.name, "internal": view.internal, "contact": view.contact });
        Self {
            kind: Kind::Provider,
            key: Key(view.slug.to_string()),
            id: view.id.to_string(),
            generation: Some(view.generation),
            managed_by: view.managed_by.clone(),
            ended: false,
            state: None,
            stage: None,
            body: members(Kind::Provider, &body),
        }
    }

    /// An API. It has ended when all its versions have.
    pub fn api(view: &ApiView) -> Self {
        let body = json!({
            "name": view.name, "summary": view.summary, "owner": view.owner,
            "provider": view.provider, "directory": view.directory,
        });
        let over = !view.versions.is_empty() && view.versions.iter().all(|v| v.stage == Stage::Retired);
        Self {
            kind: Kind::Api,
            key: Key(view.slug.to_string()),
            id: view.id.to_string(),
            generation: Some(view.generation),
            managed_by: view.managed_by.clone(),
            ended: over,
            state: None,
            stage: None,
            body: members(Kind::Api, &body),
        }
    }

    /// A version of an API; it belongs to whom the API belongs.
    pub fn version(view: &VersionView, api: &ApiView) -> Self {
        let body = json!({ "settings": view.settings });
        Self {
            kind: Kind::Version,
            key: Key::version(view.slug.as_str(), &view.document.sha256),
            id: view.id.to_string(),
            generation: Some(view.generation),
            managed_by: api.managed_by.clone(),
            ended: view.stage == Stage::Retired,
            state: Some(view.stage.to_string()),
            stage: Some(view.stage),
            body: members(Kind::Version, &body),
        }
    }

    /// A plan, partner, app, credential or subscription, from its JSON on the admin API. `key` is made with [`Key`]'s
    /// constructors; `above` is the owner of the thing above, for kinds without a label of their own. `None` when the JSON has no
    /// `id`.
    pub fn of_json(kind: Kind, key: Key, view: &Value, above: Option<&str>) -> Option<Self> {
        let text = |name: &str| view.get(name).and_then(Value::as_str).map(str::to_owned);
        let state = view.pointer("/lifecycle/state").or_else(|| view.get("state")).and_then(Value::as_str);
        let flag = |name: &str| view.get(name).is_some_and(|v| v.as_bool() == Some(true));
        let revoked = view.get("revoked").is_some_and(|v| !v.is_null() && v.as_bool() != Some(false));
        let over =
            state.is_some_and(|s| matches!(s, "exiting" | "exited" | "ended" | "retired" | "revoked" | "rejected"));
        Some(Self {
            kind,
            key,
            id: text("id")?,
            generation: view.get("generation").and_then(Value::as_u64),
            managed_by: if kind.labelled() { text("managed_by") } else { above.map(str::to_owned) },
            ended: over || flag("retired") || revoked,
            state: state.map(str::to_owned),
            stage: None,
            body: members(kind, view),
        })
    }
}
