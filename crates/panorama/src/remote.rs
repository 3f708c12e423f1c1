//! The admin API as the command line uses it: one client with the operator's token, pages followed to their end.

use crate::cli::{Global, Language};
use anyhow::{Context, bail};
use http::{HeaderMap, HeaderValue, Method};
use pano_http::client::Answer;
use pano_http::{Client, ClientError};
use pano_types::{Lang, Secret};
use serde_json::Value;

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
        let client = Self::anonymous(global)?.client.bearer(Secret::new(token.trim().to_owned()));
        Ok(Self { client })
    }

    /// Without a token, for the few calls that need none.
    ///
    /// # Errors
    /// When the address is none.
    pub fn anonymous(global: &Global) -> anyhow::Result<Self> {
        let lang = if global.lang == Language::Zh { Lang::Zh } else { Lang::En };
        Ok(Self { client: Client::new(&global.server)?.lang(lang) })
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
                text.push_str(&format!("\n  {}: {}", error.at, error.reason));
            }
            text.push_str(&format!("\n  {}\n  code {}, trace {}", problem.remedy, problem.code, problem.trace_id));
            anyhow::Error::msg(text)
        }
        ClientError::Unreachable { ref url, .. } => {
            let hint = format!("nobody answers at {url}: is `panorama up` running, and is --server right?");
            anyhow::Error::new(error).context(hint)
        }
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_escaped() {
        assert_eq!(query(&[("q", Some("账户 a&b")), ("x", None)]), "?q=%E8%B4%A6%E6%88%B7%20a%26b");
        assert_eq!(query(&[("x", None)]), "");
    }
}
