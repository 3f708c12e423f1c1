//! Desired against live.

use super::{Desired, Key, Kind, Live, Wanted};
use crate::lifecycle::Stage;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap, HashSet};

/// How far a sync may go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// End what the folder owns and no longer declares.
    pub prune: bool,
    /// Take over what is there without an owner.
    pub adopt: bool,
}

/// What is to be done, in order.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    /// The folder's label.
    pub folder: String,
    /// One entry per resource that is declared or owned.
    pub changes: Vec<Change>,
}

/// What is to be done with one resource.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// Its kind.
    pub kind: Kind,
    /// Its name across servers.
    pub key: Key,
    /// What is to be done.
    #[serde(flatten)]
    pub action: Action,
    /// Which members differ.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<Difference>,
    #[serde(skip)]
    wanted: Option<Wanted>,
    #[serde(skip)]
    live: Option<Live>,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Action {
    /// It is not there.
    Create,
    /// It differs.
    Update,
    /// It is as declared.
    Keep,
    /// It is no longer declared.
    End,
    /// It is no longer declared, and stays because nobody asked to prune, or because its kind cannot be ended.
    Leave,
    /// It cannot be done.
    Blocked {
        /// Why.
        reason: String,
    },
}

/// One member that differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// JSON pointer into the resource.
    pub at: String,
    /// What is there.
    pub live: Value,
    /// What is declared.
    pub wanted: Value,
}

/// Ids on this server by kind and key; the caller adds what its requests made.
pub type Ids = HashMap<(Kind, Key), String>;

/// A call of the admin API.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// `POST` or `PUT`.
    pub method: &'static str,
    /// Path below the server's address. `{new}` stands for the id that the request before it answered.
    pub path: String,
    /// Generation for `If-Match`.
    pub if_match: Option<u64>,
    /// Media type of the body.
    pub media_type: &'static str,
    /// Body.
    pub body: Value,
    /// Member of the answer that holds the id of what was made; the caller puts it into [`Ids`].
    pub makes: Option<&'static str>,
}

/// A resource refers to one that neither the folder nor the server has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no {kind} {key}")]
pub struct Unresolved {
    /// Kind of the missing one.
    pub kind: Kind,
    /// Its key.
    pub key: Key,
}

impl Plan {
    /// Whether nothing is to be done.
    pub fn is_empty(&self) -> bool {
        self.changes.iter().all(|c| matches!(c.action, Action::Keep | Action::Leave))
    }
    /// Ids of everything that is there already.
    pub fn ids(live: &[Live]) -> Ids {
        let usable = live.iter().filter(|l| !l.ended || l.kind == Kind::Api);
        usable.map(|l| ((l.kind, l.key.clone()), l.id.clone())).collect()
    }
}

/// Compares what a folder declares with what is there. What has ended is as if it were not there, except that its name may be
/// taken for good.
pub fn plan(desired: &Desired, live: &[Live], options: Options) -> Plan {
    let there: BTreeMap<(Kind, &Key), &Live> =
        live.iter().filter(|l| !l.ended).map(|l| ((l.kind, &l.key), l)).collect();
    let over: BTreeMap<(Kind, &Key), &Live> = live.iter().filter(|l| l.ended).map(|l| ((l.kind, &l.key), l)).collect();
    let mut changes: Vec<Change> = Vec::new();
    for wanted in &desired.wanted {
        let place = (wanted.kind, &wanted.key);
        // An API whose versions are all retired is still the API of that name.
        let again = || over.get(&place).filter(|_| wanted.kind == Kind::Api);
        let found = there.get(&place).or_else(again).copied();
        let (action, differences) = match (found, over.get(&place).and_then(|old| spent(old))) {
            (None, Some(reason)) => (Action::Blocked { reason }, Vec::new()),
            _ => decide(desired, wanted, found, options),
        };
        let (kind, key) = (wanted.kind, wanted.key.clone());
        changes.push(Change { kind, key, action, differences, wanted: Some(wanted.clone()), live: found.cloned() });
    }
    let declared: HashSet<(Kind, &Key)> = desired.wanted.iter().map(|w| (w.kind, &w.key)).collect();
    // What hangs on others goes before them.
    for ((kind, key), found) in there.iter().rev() {
        let owned = found.managed_by.as_deref() == Some(desired.folder.as_str());
        if owned && !declared.contains(&(*kind, *key)) && !kept_by_api(*kind, key, &declared) {
            let action = if options.prune && can_end(*kind) { Action::End } else { Action::Leave };
            let live = Some((*found).clone());
            changes.push(Change {
                kind: *kind,
                key: (*key).clone(),
                action,
                differences: Vec::new(),
                wanted: None,
                live,
            });
        }
    }
    Plan { folder: desired.folder.clone(), changes }
}

/// Why something that has ended cannot simply be made again under its name.
fn spent(old: &Live) -> Option<String> {
    let rejected = old.state.as_deref() == Some("rejected");
    let reason = match old.kind {
        Kind::Provider | Kind::Api | Kind::Version => return None,
        Kind::Subscription if rejected => "it was rejected; who rejected it must agree first",
        Kind::Subscription => return None,
        Kind::Plan | Kind::Partner | Kind::App => "it has ended, and its name is taken for good: declare another",
        Kind::Credential => "this key was revoked: declare a new one",
    };
    Some(reason.to_owned())
}

/// Versions of an API that is still declared are history, not leftovers: they go by the lifecycle.
fn kept_by_api(kind: Kind, key: &Key, declared: &HashSet<(Kind, &Key)>) -> bool {
    kind == Kind::Version && key.above().is_some_and(|api| declared.contains(&(Kind::Api, &api)))
}

const fn can_end(kind: Kind) -> bool {
    // An API ends with its versions; a provider is only a name.
    !matches!(kind, Kind::Provider | Kind::Api)
}

fn decide(desired: &Desired, wanted: &Wanted, found: Option<&Live>, options: Options) -> (Action, Vec<Difference>) {
    let Some(live) = found else { return (Action::Create, Vec::new()) };
    let mut differences = differences(wanted, live);
    let owner = live.managed_by.as_deref();
    if owner != Some(desired.folder.as_str()) {
        if owner.is_some() || !options.adopt {
            if differences.is_empty() {
                return (Action::Keep, differences);
            }
            let reason = match owner {
                Some(other) => format!("it belongs to the folder {other}"),
                None => "it belongs to no folder; adopt it to take it over".to_owned(),
            };
            return (Action::Blocked { reason }, differences);
        }
        if wanted.kind.labelled() && has_update(wanted.kind) {
            let (live, wanted) = (Value::Null, json!(desired.folder));
            differences.push(Difference { at: "/managed_by".into(), live, wanted });
        }
    }
    if differences.is_empty() {
        return (Action::Keep, differences);
    }
    match live.stage {
        Some(stage) if stage != Stage::Draft => {
            let reason = format!("the version is {stage}: withdraw it, or declare a new document");
            (Action::Blocked { reason }, differences)
        }
        _ => (Action::Update, differences),
    }
}

const fn has_update(kind: Kind) -> bool {
    !matches!(kind, Kind::Credential | Kind::Subscription)
}

fn differences(wanted: &Wanted, live: &Live) -> Vec<Difference> {
    let mut found = Vec::new();
    for member in wanted.kind.members() {
        let mut there = plain(live.body.get(*member).cloned().unwrap_or_default());
        let ours = plain(wanted.body.get(*member).cloned().unwrap_or_default());
        // The server assigns codes; a folder that names none leaves the one that was assigned alone.
        if ours.get("identification_code").is_none()
            && let Some(settings) = there.as_object_mut()
        {
            settings.remove("identification_code");
        }
        compare(&format!("/{member}"), &ours, &there, &mut found);
    }
    found
}

/// Without what says nothing: nulls, empty texts, lists and objects, `false`. Servers and people leave these out as they please.
fn plain(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept: Map<String, Value> =
                members.into_iter().map(|(k, v)| (k, plain(v))).filter(|(_, v)| !says_nothing(v)).collect();
            Value::Object(kept)
        }
        Value::Array(items) => Value::Array(items.into_iter().map(plain).collect()),
        other => other,
    }
}

fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(true) | Value::Number(_) => false,
    }
}

fn compare(at: &str, wanted: &Value, live: &Value, found: &mut Vec<Difference>) {
    if let (Value::Object(ours), Value::Object(theirs)) = (wanted, live) {
        let names: std::collections::BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
        for name in names {
            let null = Value::Null;
            let at = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
            compare(&at, ours.get(name).unwrap_or(&null), theirs.get(name).unwrap_or(&null), found);
        }
    } else if wanted != live && !(says_nothing(wanted) && says_nothing(live)) {
        found.push(Difference { at: at.to_owned(), live: live.clone(), wanted: wanted.clone() });
    }
}

impl Change {
    /// The calls that carry it out; none when nothing is to be done.
    ///
    /// # Errors
    /// When it refers to something that is not there (yet).
    pub fn requests(&self, folder: &str, ids: &Ids) -> Result<Vec<Request>, Unresolved> {
        match (&self.action, &self.wanted, &self.live) {
            (Action::Create, Some(wanted), _) => create(folder, wanted, ids),
            (Action::Update, Some(wanted), Some(live)) => Ok(vec![update(folder, wanted, live)]),
            (Action::End, _, Some(live)) => Ok(end(live, ids).into_iter().collect()),
            _ => Ok(Vec::new()),
        }
    }
}

fn id<'i>(ids: &'i Ids, kind: Kind, key: &Key) -> Result<&'i str, Unresolved> {
    let found = ids.get(&(kind, key.clone()));
    found.map(String::as_str).ok_or_else(|| Unresolved { kind, key: key.clone() })
}

fn call(method: &'static str, path: String, body: Value) -> Request {
    Request { method, path, if_match: None, media_type: "application/json", body, makes: None }
}

fn create(folder: &str, wanted: &Wanted, ids: &Ids) -> Result<Vec<Request>, Unresolved> {
    let mut body = wanted.body.clone();
    let mut parent = String::new();
    for (member, kind, key) in &wanted.references {
        let found = id(ids, *kind, key)?;
        parent = found.to_owned();
        body.insert((*member).to_owned(), found.into());
    }
    let collection = match wanted.kind {
        Kind::Provider => "providers",
        Kind::Plan => "plans",
        Kind::Api => "apis",
        Kind::Partner => "partners",
        Kind::App => "apps",
        Kind::Subscription => "subscriptions",
        Kind::Version => return Ok(import(folder, wanted)),
        Kind::Credential => {
            body.remove("app");
            let path = format!("/admin/v1/apps/{parent}/credentials");
            return Ok(vec![Request { makes: Some("id"), ..call("POST", path, Value::Object(body)) }]);
        }
    };
    body.insert("managed_by".to_owned(), folder.into());
    let path = format!("/admin/v1/{collection}");
    Ok(vec![Request { makes: Some("id"), ..call("POST", path, Value::Object(body)) }])
}

/// The document comes first; its settings follow, for a new version begins with those of the one before.
fn import(folder: &str, wanted: &Wanted) -> Vec<Request> {
    let slug = wanted.key.above().map(|key| key.0).unwrap_or_default();
    let body = json!({
        "document": wanted.document,
        "params": { "slug": slug, "source": wanted.file, "managed_by": folder },
    });
    let import = Request {
        media_type: "application/vnd.panorama.import+json",
        makes: Some("version_id"),
        ..call("POST", "/admin/v1/imports".to_owned(), body)
    };
    let settings = wanted.body.get("settings").cloned().unwrap_or_default();
    let settings =
        Request { if_match: Some(1), ..call("PUT", "/admin/v1/versions/{new}/settings".to_owned(), settings) };
    vec![import, settings]
}

fn update(folder: &str, wanted: &Wanted, live: &Live) -> Request {
    let mut body = wanted.body.clone();
    body.remove("slug");
    body.insert("managed_by".to_owned(), folder.into());
    let (path, body) = match wanted.kind {
        Kind::Version => {
            let settings = body.remove("settings").unwrap_or_default();
            (format!("/admin/v1/versions/{}/settings", live.id), settings)
        }
        kind => (format!("/admin/v1/{kind}s/{}", live.id), Value::Object(body)),
    };
    Request { if_match: live.generation, ..call("PUT", path, body) }
}

fn end(live: &Live, ids: &Ids) -> Option<Request> {
    let why = json!({ "why": "no longer declared by the folder that owns it" });
    let path = match live.kind {
        Kind::Provider | Kind::Api => return None,
        Kind::Plan => format!("/admin/v1/plans/{}/retire", live.id),
        Kind::Version => format!("/admin/v1/versions/{}/retire", live.id),
        Kind::Partner => format!("/admin/v1/partners/{}/exit", live.id),
        Kind::App => format!("/admin/v1/apps/{}/end", live.id),
        Kind::Subscription => format!("/admin/v1/subscriptions/{}/end", live.id),
        Kind::Credential => {
            let app = ids.get(&(Kind::App, live.key.above()?))?;
            format!("/admin/v1/apps/{app}/credentials/{}/revoke", live.id)
        }
    };
    Some(call("POST", path, why))
}
