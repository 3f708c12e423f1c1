//! The admin API as the command line uses it: one client with the operator's token, pages followed to their end.

use crate::cli::{Global, Language};
use anyhow::{Context, bail};
use http::{HeaderMap, HeaderValue, Method};
use pano_http::client::Answer;
use pano_http::{Client, ClientError};
use pano_types::{Lang, Secret};
use serde_json::Value;
use std::path::Path;

/// Most pages followed by one command; a list longer than this wants a filter.
const PAGES_MAX: usize = 200;

/// A client of the admin API.
#[derive(Debug, Clone)]
pub struct Remote {
    client: Client,
}

impl Remote {
    /// With the operator's token from `--token-file` or `PANORAMA_TOKEN`.
    ///
    /// # Errors
    /// When neither is there, or the address is none.
    pub fn new(global: &Global) -> anyhow::Result<Self> {
        let token = match (&global.token_file, std::env::var("PANORAMA_TOKEN")) {
            (Some(file), _) => {
                std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?
            }
            (None, Ok(token)) => token,
            (None, Err(_)) => bail!(
                "no API token: name a file with --token-file, or set PANORAMA_TOKEN \
                 (the first token comes from `panorama operator bootstrap`)"
            ),
        };
        if token.trim().is_empty() {
            let file = global.token_file.as_ref().map(|file| file.display().to_string());
            bail!("{} holds no API token", file.as_deref().unwrap_or("PANORAMA_TOKEN"));
        }
        let client = Self::anonymous(global)?.client.bearer(Secret::new(token.trim().to_owned()));
        Ok(Self { client })
    }

    /// Without a token, for the few calls that need none.
    ///
    /// # Errors
    /// When the address is none.
    pub fn anonymous(global: &Global) -> anyhow::Result<Self> {
        let lang = if global.lang == Language::Zh { Lang::Zh } else { Lang::En };
        Ok(Self { client: client(&global.server, global.ca.as_deref())?.lang(lang) })
    }

    /// From a client that is ready to use (demo, tests).
    pub const fn from_client(client: Client) -> Self {
        Self { client }
    }

    /// The client itself.
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// `GET path`.
    ///
    /// # Errors
    /// [`ClientError`], with a hint when nobody listens.
    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.client.get(path).await.map_err(explain)
    }

    /// `GET path` as it came, for documents.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn raw(&self, path: &str) -> anyhow::Result<Answer> {
        self.client.call(Method::GET, path, HeaderMap::new(), bytes::Bytes::new()).await.map_err(explain)
    }

    /// All items of a paged list, at most `limit`.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn list(&self, path: &str, limit: Option<usize>) -> anyhow::Result<Value> {
        let (mut items, mut after) = (Vec::new(), None::<String>);
        for _ in 0..PAGES_MAX {
            let wanted = limit.map_or(200, |limit| (limit - items.len()).min(200));
            let join = if path.contains('?') { '&' } else { '?' };
            let cursor = after.map_or_else(String::new, |after| format!("&cursor={}", escape(&after)));
            let mut page = self.get(&format!("{path}{join}limit={wanted}{cursor}")).await?;
            if let Some(more) = page.get_mut("items").and_then(Value::as_array_mut) {
                items.append(more);
            }
            after = page.get("next_cursor").and_then(Value::as_str).map(str::to_owned);
            if after.is_none() || limit.is_some_and(|limit| items.len() >= limit) {
                break;
            }
        }
        Ok(Value::Array(items))
    }

    /// The identifier of what is `given` by identifier or, in the list at `base`, by its short name or name. A version is given
    /// as `API@VERSION`, an app also as `PARTNER/APP`.
    ///
    /// # Errors
    /// When nothing or more than one thing has that name; as [`Self::get`].
    pub async fn id(&self, base: &str, given: &str) -> anyhow::Result<String> {
        if is_id(given) {
            return Ok(given.to_owned());
        }
        let (found, what) = match base {
            "/admin/v1/versions" => (self.versions(given).await?, "version"),
            "/admin/v1/apps" => (self.apps(given).await?, "app"),
            _ => {
                let list = self.list(base, None).await?;
                let what = base.rsplit('/').next().unwrap_or_default().trim_end_matches('s');
                (matching(&list, &|item| has_name(item, given)), what)
            }
        };
        match found.as_slice() {
            [(id, _)] => Ok(id.clone()),
            [] => bail!("there is no {what} {given:?}"),
            several => {
                let lines: Vec<_> = several.iter().map(|(id, name)| format!("\n  {id}  {name}")).collect();
                bail!("{given:?} may be any of these; name one by its identifier{}", lines.concat())
            }
        }
    }

    async fn versions(&self, given: &str) -> anyhow::Result<Vec<(String, String)>> {
        let (slug, wanted) = given.split_once('@').map_or((given, None), |(slug, version)| (slug, Some(version)));
        let apis = self.list("/admin/v1/apis", None).await?;
        let api = apis.as_array().and_then(|apis| apis.iter().find(|api| has_name(api, slug)));
        let versions = api.and_then(|api| api.get("versions")).cloned().unwrap_or_default();
        let fits = |version: &Value| wanted.is_none_or(|wanted| version.get("version") == Some(&wanted.into()));
        Ok(matching(&versions, &fits))
    }

    async fn apps(&self, given: &str) -> anyhow::Result<Vec<(String, String)>> {
        let (partner, slug) = given.split_once('/').map_or((None, given), |(partner, app)| (Some(partner), app));
        let path = match partner {
            Some(partner) => {
                let partner = Box::pin(self.id("/admin/v1/partners", partner)).await?;
                format!("/admin/v1/apps{}", query(&[("partner", Some(&partner))]))
            }
            None => "/admin/v1/apps".to_owned(),
        };
        Ok(matching(&self.list(&path, None).await?, &|item| has_name(item, slug)))
    }

    /// `POST path`.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.client.post(path, body).await.map_err(explain)
    }

    /// `method path`, with a body or without, where no `ETag` is asked for. An empty answer reads as `null`.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn act(&self, method: Method, path: &str, body: Option<Value>) -> anyhow::Result<Value> {
        let mut headers = HeaderMap::new();
        let bytes = match body {
            Some(body) => {
                headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
                serde_json::to_vec(&body)?
            }
            None => Vec::new(),
        };
        let answer = self.client.call(method, path, headers, bytes.into()).await.map_err(explain)?;
        Ok(serde_json::from_slice(&answer.body).unwrap_or(Value::Null))
    }

    /// Reads, then changes with the `ETag` that was read: somebody else's change in between is refused, not lost.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn change(&self, method: Method, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.change_at(method, path, path, body).await
    }

    /// The same where what is changed is a part of what is read.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn change_at(&self, method: Method, read: &str, path: &str, body: &Value) -> anyhow::Result<Value> {
        let read = self.raw(read).await?;
        let mut headers = HeaderMap::new();
        if let Some(etag) = read.etag() {
            headers.insert(http::header::IF_MATCH, HeaderValue::from_str(etag)?);
        }
        headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let answer =
            self.client.call(method, path, headers, serde_json::to_vec(body)?.into()).await.map_err(explain)?;
        Ok(serde_json::from_slice(&answer.body).unwrap_or(Value::Null))
    }
}

/// Whether it has the form of an identifier: `ptn_` and 26 digits and capitals.
fn is_id(text: &str) -> bool {
    let upper = |body: &str| body.len() == 26 && body.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
    text.split_once('_').is_some_and(|(prefix, body)| prefix.len() == 3 && upper(body))
}

fn has_name(item: &Value, given: &str) -> bool {
    ["slug", "name"].iter().any(|member| item.get(*member).and_then(Value::as_str) == Some(given))
}

/// Identifier and name of the items that fit.
fn matching(list: &Value, fits: &dyn Fn(&Value) -> bool) -> Vec<(String, String)> {
    let text = |item: &Value, members: &[&str]| {
        members.iter().find_map(|member| item.get(*member)?.as_str()).unwrap_or_default().to_owned()
    };
    let fitting = list.as_array().into_iter().flatten().filter(|item| fits(item));
    fitting.map(|item| (text(item, &["id"]), text(item, &["slug", "version", "name"]))).collect()
}

/// A client of `base` without a credential; for https it trusts the authorities in `ca`.
///
/// # Errors
/// When the address is none, or https and there is nobody to trust.
pub fn client(base: &str, ca: Option<&Path>) -> anyhow::Result<Client> {
    match ca {
        Some(file) => {
            let authorities = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
            Client::trusting(base, &authorities)
                .with_context(|| format!("cannot call {base} trusting {}", file.display()))
        }
        None if base.starts_with("https://") => {
            bail!("{base} is https: name the certificates of the authorities to trust with --ca, or in PANORAMA_CA")
        }
        None => Ok(Client::new(base)?),
    }
}

/// Percent-encodes a query value (RFC 3986 §2.1, unreserved characters stay).
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// `?a=b&c=d` from those that are there.
pub fn query(pairs: &[(&str, Option<&str>)]) -> String {
    let given: Vec<_> = pairs.iter().filter_map(|(k, v)| v.map(|v| format!("{k}={}", escape(v)))).collect();
    if given.is_empty() { String::new() } else { format!("?{}", given.join("&")) }
}

/// A client's error as a person wants it: title, detail, every single mistake, remedy, code and trace id.
pub fn explain(error: ClientError) -> anyhow::Error {
    match error {
        ClientError::Problem(problem) => {
            let mut text = problem.title.clone();
            if let Some(detail) = &problem.detail {
                text.push_str(&format!(": {detail}"));
            }
            for error in &problem.errors {
                // The one member that has another name on the command line.
                let at = if error.at == "/why" { "--reason" } else { &error.at };
                text.push_str(&format!("\n  {at}: {}", error.reason));
            }
            text.push_str(&format!("\n  {}\n  code {}, trace {}", problem.remedy, problem.code, problem.trace_id));
            anyhow::Error::msg(text)
        }
        ClientError::Unreachable { ref url, .. } => {
            let hint = format!("nobody answers at {url}: is `panorama up` running, and is the address right?");
            anyhow::Error::new(error).context(hint)
        }
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_told_from_names() {
        assert!(is_id("ptn_01M80XRSJ7ZKMEWY4N2DPXF3PJ"));
        for name in
            ["wealth-mate", "ptn_x", "service:gateway", "current-account@1.0.0", "ptn_01m80xrsj7zkmewy4n2dpxf3pj"]
        {
            assert!(!is_id(name), "{name}");
        }
    }

    #[test]
    fn queries_are_escaped() {
        assert_eq!(query(&[("q", Some("账户 a&b")), ("x", None)]), "?q=%E8%B4%A6%E6%88%B7%20a%26b");
        assert_eq!(query(&[("x", None)]), "");
    }
}
