//! The folder's files to what they want.

use super::{Key, Kind};
use crate::directory::NodePath;
use crate::name::Slug;
use crate::settings::Settings;
use pano_spec::Limits;
use pano_types::Localized;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashSet};

/// Everything that a folder declares.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// The folder's label.
    pub folder: String,
    /// What it wants, in the order in which it is to be made.
    pub wanted: Vec<Wanted>,
}

/// One resource that a folder declares.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// Its kind.
    pub kind: Kind,
    /// Its name across servers.
    pub key: Key,
    /// The file that declares it.
    pub file: String,
    /// Members of the form that makes it, references left out.
    pub body: Map<String, Value>,
    /// Members that are ids of other resources.
    pub references: Vec<(&'static str, Kind, Key)>,
    /// The document's text; versions only.
    pub document: Option<String>,
}

/// One thing wrong with a folder.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {reason}")]
pub struct FileMistake {
    /// Path below the folder.
    pub file: String,
    /// What is wrong.
    pub reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SyncFile {
    folder: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProviderFile {
    slug: Slug,
    name: Localized,
    #[serde(default)]
    internal: bool,
    #[serde(default)]
    contact: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlanFile {
    slug: Slug,
    name: Localized,
    #[serde(default)]
    limits: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ApiFile {
    slug: Slug,
    name: Localized,
    #[serde(default)]
    summary: Localized,
    #[serde(default)]
    owner: String,
    #[serde(default)]
    provider: Option<Slug>,
    #[serde(default)]
    directory: Option<NodePath>,
    #[serde(default)]
    versions: Vec<VersionFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VersionFile {
    document: String,
    #[serde(default)]
    settings: Settings,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PartnerFile {
    slug: Slug,
    name: Localized,
    #[serde(default)]
    registration: Value,
    #[serde(default)]
    contact: Value,
    #[serde(default)]
    scenario: Value,
    #[serde(default)]
    evidence: Value,
    #[serde(default)]
    rate: Value,
    #[serde(default)]
    apps: Vec<AppFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AppFile {
    slug: Slug,
    name: Localized,
    #[serde(default)]
    description: String,
    #[serde(default)]
    redirect_uris: Vec<String>,
    #[serde(default)]
    keys: Vec<KeyFile>,
    #[serde(default)]
    subscriptions: Vec<SubscriptionFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    #[serde(default)]
    label: String,
    jwk: Map<String, Value>,
    #[serde(default)]
    not_before: Option<String>,
    #[serde(default)]
    expires_at: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SubscriptionFile {
    api: Slug,
    plan: Slug,
}

impl Desired {
    /// Reads a folder's files, given by their paths below it, with `/` between segments.
    ///
    /// # Errors
    /// Every mistake in every file.
    pub fn read(files: &BTreeMap<String, Vec<u8>>, limits: &Limits) -> Result<Self, Vec<FileMistake>> {
        let mut reader = Reader { files, limits, wanted: Vec::new(), mistakes: Vec::new() };
        let folder = reader.label();
        for file in files.keys() {
            match file.split_once('/') {
                Some(("providers", _)) if is_data(file) => reader.provider(file),
                Some(("plans", _)) if is_data(file) => reader.plan(file),
                Some(("apis", _)) if is_data(file) => reader.api(file),
                Some(("partners", _)) if is_data(file) => reader.partner(file),
                _ => {}
            }
        }
        reader.twice();
        if !reader.mistakes.is_empty() {
            return Err(reader.mistakes);
        }
        let mut wanted = reader.wanted;
        wanted.sort_by_key(|w| w.kind);
        Ok(Self { folder, wanted })
    }
}

fn is_data(file: &str) -> bool {
    [".yaml", ".yml", ".json"].iter().any(|end| file.ends_with(end))
}

struct Reader<'f> {
    files: &'f BTreeMap<String, Vec<u8>>,
    limits: &'f Limits,
    wanted: Vec<Wanted>,
    mistakes: Vec<FileMistake>,
}

impl Reader<'_> {
    fn mistake(&mut self, file: &str, reason: impl Into<String>) {
        self.mistakes.push(FileMistake { file: file.to_owned(), reason: reason.into() });
    }

    fn file<T: DeserializeOwned>(&mut self, file: &str) -> Option<T> {
        let bytes = self.files.get(file)?;
        let read = pano_spec::data::read(bytes, self.limits).map_err(|error| error.to_string());
        let typed = read.and_then(|value| serde_json::from_value(value).map_err(|error| error.to_string()));
        typed.map_err(|reason| self.mistake(file, reason)).ok()
    }

    fn label(&mut self) -> String {
        const FILE: &str = "sync.yaml";
        if !self.files.contains_key(FILE) {
            self.mistake(FILE, "is missing: it names the folder, `folder: NAME`");
            return String::new();
        }
        let Some(SyncFile { folder }) = self.file(FILE) else { return String::new() };
        let ok = (1..=60).contains(&folder.chars().count()) && !folder.contains(char::is_control);
        if !ok {
            self.mistake(FILE, "folder must be 1 to 60 characters");
        }
        folder
    }

    fn add(&mut self, kind: Kind, key: Key, file: &str, body: Value, references: Vec<(&'static str, Kind, Key)>) {
        let body = match body {
            Value::Object(body) => body,
            _ => Map::new(),
        };
        self.wanted.push(Wanted { kind, key, file: file.to_owned(), body, references, document: None });
    }

    fn provider(&mut self, file: &str) {
        let Some(ProviderFile { slug, name, internal, contact }) = self.file(file) else { return };
        let body = json!({ "slug": slug, "name": name, "internal": internal, "contact": contact });
        self.add(Kind::Provider, Key(slug.to_string()), file, body, Vec::new());
    }

    fn plan(&mut self, file: &str) {
        let Some(PlanFile { slug, name, limits }) = self.file(file) else { return };
        let body = json!({ "slug": slug, "name": name, "limits": limits });
        self.add(Kind::Plan, Key(slug.to_string()), file, body, Vec::new());
    }

    fn api(&mut self, file: &str) {
        let Some(api) = self.file::<ApiFile>(file) else { return };
        let ApiFile { slug, name, summary, owner, provider, directory, versions } = api;
        let body = json!({
            "slug": slug, "name": name, "summary": summary, "owner": owner, "provider": provider, "directory": directory,
        });
        self.add(Kind::Api, Key(slug.to_string()), file, body, Vec::new());
        for VersionFile { document, settings } in versions {
            let Some(bytes) = self.files.get(&document) else {
                self.mistake(file, format!("the folder has no document {document}"));
                continue;
            };
            let Ok(text) = std::str::from_utf8(bytes) else {
                self.mistake(&document, "is not UTF-8");
                continue;
            };
            let text = text.to_owned();
            let key = Key::version(slug.as_str(), &pano_crypto::digest::sha256_hex(bytes));
            let above = Key(slug.to_string());
            self.add(Kind::Version, key, &document, json!({ "settings": settings }), vec![("api", Kind::Api, above)]);
            if let Some(added) = self.wanted.last_mut() {
                added.document = Some(text);
            }
        }
    }

    fn partner(&mut self, file: &str) {
        let Some(partner) = self.file::<PartnerFile>(file) else { return };
        let PartnerFile { slug, name, registration, contact, scenario, evidence, rate, apps } = partner;
        let mut body = json!({ "slug": slug, "name": name });
        for (member, value) in [
            ("registration", registration),
            ("contact", contact),
            ("scenario", scenario),
            ("evidence", evidence),
            ("rate", rate),
        ] {
            if let (false, Some(body)) = (value.is_null(), body.as_object_mut()) {
                body.insert(member.to_owned(), value);
            }
        }
        let partner = Key(slug.to_string());
        self.add(Kind::Partner, partner.clone(), file, body, Vec::new());
        for app in apps {
            self.app(file, &partner, app);
        }
    }

    fn app(&mut self, file: &str, partner: &Key, app: AppFile) {
        let AppFile { slug, name, description, redirect_uris, keys, subscriptions } = app;
        let key = Key::app(&partner.0, slug.as_str());
        let body = json!({ "slug": slug, "name": name, "description": description, "redirect_uris": redirect_uris });
        self.add(Kind::App, key.clone(), file, body, vec![("partner", Kind::Partner, partner.clone())]);
        for KeyFile { label, jwk, not_before, expires_at } in keys {
            // A private key must not even be read into a plan, where it might be printed.
            if ["d", "p", "q", "dp", "dq", "qi", "k", "oth"].iter().any(|member| jwk.contains_key(*member)) {
                self.mistake(file, format!("app {slug}: a private key stands here; it must be considered disclosed"));
                continue;
            }
            let credential = Key::credential(&key, &Value::Object(jwk.clone()));
            let mut body = json!({ "label": label, "jwk": jwk });
            for (member, value) in [("not_before", not_before), ("expires_at", expires_at)] {
                if let (Some(value), Some(body)) = (value, body.as_object_mut()) {
                    body.insert(member.to_owned(), value.into());
                }
            }
            self.add(Kind::Credential, credential, file, body, vec![("app", Kind::App, key.clone())]);
        }
        for SubscriptionFile { api, plan } in subscriptions {
            let references = vec![
                ("app", Kind::App, key.clone()),
                ("api", Kind::Api, Key(api.to_string())),
                ("plan", Kind::Plan, Key(plan.to_string())),
            ];
            let subscription = Key::subscription(&key, api.as_str());
            self.add(Kind::Subscription, subscription, file, json!({}), references);
        }
    }

    /// Two files that declare the same thing contradict each other, even when they agree today.
    fn twice(&mut self) {
        let mut seen = HashSet::new();
        let repeated: Vec<(String, String)> = self
            .wanted
            .iter()
            .filter(|w| !seen.insert((w.kind, w.key.clone())))
            .map(|w| (w.file.clone(), format!("{} {} is declared twice", w.kind, w.key)))
            .collect();
        for (file, reason) in repeated {
            self.mistake(&file, reason);
        }
    }
}
