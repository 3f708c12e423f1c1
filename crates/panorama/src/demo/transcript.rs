//! What the demo shows: each call with what was sent and what came back, secrets masked, long bodies cut.

use crate::output;
use anyhow::{Context, bail};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use pano_http::Client;
use pano_http::client::Answer;
use serde_json::Value;

/// Lines of a body shown at most.
const LINES_MAX: usize = 14;

/// Prints the demo and counts what it showed.
#[derive(Debug, Default)]
pub struct Transcript {
    steps: u32,
    calls: u32,
    quiet: bool,
}

/// A call to show.
#[derive(Debug)]
pub struct Call<'a> {
    /// Why it is made; one line above it.
    pub why: &'a str,
    /// HTTP method.
    pub method: Method,
    /// Whole address.
    pub url: String,
    /// Headers beside those of the client.
    pub headers: Vec<(&'static str, String)>,
    /// JSON body.
    pub body: Option<Value>,
    /// Body in another form, with its media type.
    pub raw: Option<(&'static str, Bytes)>,
}

impl<'a> Call<'a> {
    /// A call without a body.
    pub fn new(why: &'a str, method: Method, url: impl Into<String>) -> Self {
        Self { why, method, url: url.into(), headers: Vec::new(), body: None, raw: None }
    }
    /// With a JSON body.
    pub fn json(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }
    /// With a body in another form.
    pub fn raw(mut self, media: &'static str, body: impl Into<Bytes>) -> Self {
        self.raw = Some((media, body.into()));
        self
    }
    /// With a header.
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
    /// With an access token.
    pub fn token(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }
}

impl Transcript {
    /// One that makes the calls and prints nothing (tests).
    pub fn quiet() -> Self {
        Self { quiet: true, ..Self::default() }
    }
    /// Steps and calls shown.
    pub const fn counts(&self) -> (u32, u32) {
        (self.steps, self.calls)
    }
    /// Begins a step.
    pub fn step(&mut self, title: &str) {
        self.steps += 1;
        self.say(&format!("\n━━ {}  {title}", self.steps));
    }
    /// A line between calls.
    pub fn say(&self, text: &str) {
        if !self.quiet {
            output::line(text);
        }
    }
    /// Makes a call, shows it, and gives the answer.
    ///
    /// # Errors
    /// When there is no answer, or its status is not `expected`.
    pub async fn call(&mut self, client: &Client, call: Call<'_>, expected: u16) -> anyhow::Result<Shown> {
        self.calls += 1;
        let mut headers = HeaderMap::new();
        for (name, value) in &call.headers {
            headers.insert(HeaderName::from_static(name), HeaderValue::try_from(value.as_str())?);
        }
        let body = match (&call.body, &call.raw) {
            (Some(json), _) => {
                headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
                Bytes::from(serde_json::to_vec(json)?)
            }
            (None, Some((media, bytes))) => {
                headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static(media));
                bytes.clone()
            }
            (None, None) => Bytes::new(),
        };
        self.say(&format!("\n   {}", call.why));
        self.say(&format!("   → {} {}", call.method, call.url));
        for (name, value) in &call.headers {
            self.say(&format!("     {name}: {}", masked(name, value)));
        }
        match (&call.body, &call.raw) {
            (Some(json), _) => self.show_body(json),
            (None, Some((media, bytes))) => self.say(&format!("     ({media}, {} bytes)", bytes.len())),
            (None, None) => {}
        }
        let answer =
            client.send(call.method.clone(), &call.url, headers, body).await.with_context(|| call.why.to_owned())?;
        let shown = Shown { json: serde_json::from_slice(&answer.body).unwrap_or(Value::Null), answer };
        self.say(&format!("   ← {}", shown.answer.status));
        self.show_body(&shown.json);
        if shown.answer.status.as_u16() != expected {
            let body = String::from_utf8_lossy(&shown.answer.body).chars().take(2000).collect::<String>();
            bail!(
                "{}: {} {} answered {}, expected {expected}: {body}",
                call.why,
                call.method,
                call.url,
                shown.answer.status
            );
        }
        Ok(shown)
    }

    /// Makes a call again and again, unseen, until it is answered with `status`; gives the milliseconds it took.
    ///
    /// # Errors
    /// When it never is.
    pub async fn until(&self, client: &Client, call: &Call<'_>, status: u16) -> anyhow::Result<u128> {
        let begun = std::time::Instant::now();
        loop {
            let mut headers = HeaderMap::new();
            for (name, value) in &call.headers {
                headers.insert(HeaderName::from_static(name), HeaderValue::try_from(value.as_str())?);
            }
            let answer = client.send(call.method.clone(), &call.url, headers, Bytes::new()).await?;
            if answer.status.as_u16() == status {
                return Ok(begun.elapsed().as_millis());
            }
            if begun.elapsed() > super::PATIENCE {
                let body = String::from_utf8_lossy(&answer.body).into_owned();
                bail!("{} still answers {} instead of {status}: {body}", call.url, answer.status);
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }

    fn show_body(&self, body: &Value) {
        if self.quiet || body.is_null() {
            return;
        }
        let text = serde_json::to_string_pretty(&without_secrets(body)).unwrap_or_default();
        for (n, line) in text.lines().enumerate() {
            if n == LINES_MAX {
                self.say(&format!("     … {} more lines", text.lines().count() - LINES_MAX));
                break;
            }
            self.say(&format!("     {}", cut(line, 150)));
        }
    }
}

/// An answer that was shown.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Its body as JSON, `null` when it is none.
    pub json: Value,
    /// The answer as it came.
    pub answer: Answer,
}

impl Shown {
    /// A text member of the answer, by JSON pointer.
    ///
    /// # Errors
    /// When it is not there.
    pub fn text(&self, pointer: &str) -> anyhow::Result<String> {
        let found = self.json.pointer(pointer).and_then(Value::as_str);
        found.map(str::to_owned).with_context(|| format!("the answer has no {pointer}: {}", self.json))
    }
    /// A header of the answer.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.answer.headers.get(name)?.to_str().ok()
    }
}

fn masked(name: &str, value: &str) -> String {
    if name == "authorization" {
        let scheme = value.split(' ').next().unwrap_or_default();
        return format!("{scheme} ***");
    }
    cut(value, 120)
}

/// Tokens and assertions are shown by their first characters only.
fn without_secrets(body: &Value) -> Value {
    match body {
        Value::Object(members) => {
            let shown = members.iter().map(|(key, value)| match value {
                Value::String(text)
                    if ["token", "access_token", "client_assertion", "secret"].contains(&key.as_str()) =>
                {
                    (key.clone(), format!("{}…", text.chars().take(12).collect::<String>()).into())
                }
                other => (key.clone(), without_secrets(other)),
            });
            Value::Object(shown.collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(without_secrets).collect()),
        other => other.clone(),
    }
}

fn cut(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        text.to_owned()
    } else {
        format!("{}…", text.chars().take(max).collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_not_shown() {
        assert_eq!(masked("authorization", "Bearer abcdef"), "Bearer ***");
        let shown = without_secrets(&serde_json::json!({"access_token": "eyJhbGciOiJFUzI1NiJ9.payload.sig", "n": 1}));
        assert!(!shown.to_string().contains("payload"));
    }
}
