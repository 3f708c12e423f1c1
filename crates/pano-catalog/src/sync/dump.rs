//! The folder that a server would declare.

use super::{Key, Kind, Live};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What a folder is written from.
#[derive(Debug, Clone, Copy)]
pub struct Dump<'a> {
    /// Label of the folder.
    pub folder: &'a str,
    /// What is there. What has ended is left out, and so is what belongs to another folder.
    pub live: &'a [Live],
    /// Documents by the version's key: version text, whether it is JSON, text.
    pub documents: &'a BTreeMap<Key, (String, bool, String)>,
    /// Public keys by the credential's key: label and JWK.
    pub keys: &'a BTreeMap<Key, (String, Value)>,
    /// Slugs of the plans by the subscription's key.
    pub plans: &'a BTreeMap<Key, String>,
}

/// The files of the folder by path. Reading them again and planning against the same server changes nothing.
pub fn dump(dump: &Dump<'_>) -> BTreeMap<String, String> {
    let ours = |l: &&Live| !l.ended && l.managed_by.as_deref().is_none_or(|owner| owner == dump.folder);
    let live: Vec<&Live> = dump.live.iter().filter(ours).collect();
    let mut files = BTreeMap::new();
    let mut put = |path: String, value: Value| files.insert(path, pano_spec::data::yaml(&value));
    put("sync.yaml".to_owned(), json!({ "folder": dump.folder }));
    let mut documents = Vec::new();
    for item in &live {
        let slug = item.key.0.clone();
        match item.kind {
            Kind::Provider => put(format!("providers/{slug}.yaml"), with_slug(item)),
            Kind::Plan => put(format!("plans/{slug}.yaml"), with_slug(item)),
            Kind::Api => {
                let (value, found) = api(item, &live, dump);
                documents.extend(found);
                put(format!("apis/{slug}.yaml"), value)
            }
            Kind::Partner => put(format!("partners/{slug}.yaml"), partner(item, &live, dump)),
            Kind::Version | Kind::App | Kind::Credential | Kind::Subscription => None,
        };
    }
    files.extend(documents);
    files
}

fn with_slug(item: &Live) -> Value {
    let slug = item.key.0.rsplit('/').next().unwrap_or_default();
    let mut members = Map::from_iter([("slug".to_owned(), Value::from(slug))]);
    members.extend(item.body.iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| (k.clone(), v.clone())));
    Value::Object(members)
}

fn below<'l>(live: &[&'l Live], kind: Kind, above: &Key) -> Vec<&'l Live> {
    live.iter().filter(|l| l.kind == kind && l.key.above().as_ref() == Some(above)).copied().collect()
}

fn api(item: &Live, live: &[&Live], dump: &Dump<'_>) -> (Value, Vec<(String, String)>) {
    let (mut versions, mut documents) = (Vec::new(), Vec::new());
    for version in below(live, Kind::Version, &item.key) {
        let Some((text, is_json, content)) = dump.documents.get(&version.key) else { continue };
        let safe: String = text.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' }).collect();
        let digest = version.key.0.rsplit('@').next().and_then(|d| d.get(..8)).unwrap_or_default();
        let end = if *is_json { "json" } else { "yaml" };
        let path = format!("documents/{}-{safe}-{digest}.{end}", item.key);
        let settings = version.body.get("settings").cloned().unwrap_or_default();
        versions.push(json!({ "document": path, "settings": settings }));
        documents.push((path, content.clone()));
    }
    let mut value = with_slug(item);
    if let (false, Some(members)) = (versions.is_empty(), value.as_object_mut()) {
        members.insert("versions".to_owned(), versions.into());
    }
    (value, documents)
}

fn partner(item: &Live, live: &[&Live], dump: &Dump<'_>) -> Value {
    let apps: Vec<Value> = below(live, Kind::App, &item.key).into_iter().map(|a| app(a, live, dump)).collect();
    let mut value = with_slug(item);
    if let (false, Some(members)) = (apps.is_empty(), value.as_object_mut()) {
        members.insert("apps".to_owned(), apps.into());
    }
    value
}

fn app(item: &Live, live: &[&Live], dump: &Dump<'_>) -> Value {
    let key = |l: &Live| dump.keys.get(&l.key).map(|(label, jwk)| json!({ "label": label, "jwk": jwk }));
    let keys: Vec<Value> = below(live, Kind::Credential, &item.key).into_iter().filter_map(key).collect();
    let subscription = |l: &Live| {
        let api = l.key.0.rsplit('/').next().unwrap_or_default();
        dump.plans.get(&l.key).map(|plan| json!({ "api": api, "plan": plan }))
    };
    let subscriptions: Vec<Value> =
        below(live, Kind::Subscription, &item.key).into_iter().filter_map(subscription).collect();
    let mut value = with_slug(item);
    if let Some(members) = value.as_object_mut() {
        for (name, list) in [("keys", keys), ("subscriptions", subscriptions)] {
            if !list.is_empty() {
                members.insert(name.to_owned(), list.into());
            }
        }
    }
    value
}
