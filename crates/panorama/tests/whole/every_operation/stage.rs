//! Plays the steps: fills them in, calls through the gateway, remembers what is told, and notes every fault.

use super::documents::{Operation, operations, refusals};
use super::story::{Scene, Step};
use super::wrong;
use http::{HeaderMap, HeaderValue};
use pano_http::Client;
use pano_http::client::Answer;
use pano_types::{Code, Date};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// Longest wait for a step that is asked for again and again.
const PATIENCE: Duration = Duration::from_secs(20);

/// A call as it is sent.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: http::Method,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) token: Option<String>,
    pub(crate) key: Option<String>,
    pub(crate) media: Option<String>,
    pub(crate) body: Option<String>,
    /// Path variables of the good request.
    pub(crate) variables: BTreeMap<String, String>,
}

impl Request {
    /// The path of a template, with the variables of this request.
    pub(crate) fn fill(&self, template: &str) -> String {
        let fill = |path: String, (name, value): (&String, &String)| path.replace(&format!("{{{name}}}"), value);
        self.variables.iter().fold(template.to_owned(), fill)
    }
}

/// Where the story is played.
pub(crate) struct Stage {
    client: Client,
    gateway: String,
    token: String,
    operations: BTreeMap<String, Operation>,
    known: BTreeMap<String, Value>,
    keys: u32,
    /// Operations that were answered with success.
    good: BTreeSet<String>,
    /// Operations that refused all that was wrong.
    bad: BTreeSet<String>,
    pub(crate) faults: Vec<String>,
}

impl Stage {
    pub(crate) fn new(gateway: &str, token: String) -> Self {
        Self {
            client: Client::new(gateway).unwrap(),
            gateway: gateway.to_owned(),
            token,
            operations: operations(),
            known: BTreeMap::new(),
            keys: 0,
            good: BTreeSet::new(),
            bad: BTreeSet::new(),
            faults: Vec::new(),
        }
    }

    /// What the steps call `{name}` from now on.
    pub(crate) fn know(&mut self, name: &str, value: Value) {
        self.known.insert(name.to_owned(), value);
    }

    /// Plays a scene. What goes wrong is noted, and the rest of the scene is left out: it builds on it.
    pub(crate) async fn play(&mut self, scene: Scene) {
        for step in scene.steps {
            if let Err(fault) = self.step(&step).await {
                self.faults.push(format!("{} / {}: {fault}", scene.name, step.operation));
                return;
            }
        }
    }

    /// Operations that were not called well, and not called badly.
    pub(crate) fn missing(&self) -> (Vec<&String>, Vec<&String>) {
        let but = |done: &'_ BTreeSet<String>| self.operations.keys().filter(|id| !done.contains(*id)).collect();
        (but(&self.good), but(&self.bad))
    }

    /// Calls as the step says; the answer.
    pub(crate) async fn step(&mut self, step: &Step) -> Result<Value, String> {
        let operation = self.operations.remove(step.operation).ok_or("there is no such operation")?;
        let done = self.call(step, &operation).await;
        self.operations.insert(step.operation.to_owned(), operation);
        let answer = done?;
        for (name, pointer) in &step.take {
            let found = answer.pointer(pointer).ok_or_else(|| format!("no {pointer} in {answer}"))?;
            self.know(name, found.clone());
        }
        Ok(answer)
    }

    async fn call(&mut self, step: &Step, operation: &Operation) -> Result<Value, String> {
        let request = self.request(step, operation)?;
        if !self.bad.contains(step.operation) {
            let mut all = true;
            for (why, wrong) in wrong::requests(operation, &request) {
                if let Err(fault) = self.refused(operation, &wrong).await {
                    self.faults.push(format!("{} with {why}: {fault}\n  {}", step.operation, sent(&wrong)));
                    all = false;
                }
            }
            if all {
                self.bad.insert(step.operation.to_owned());
            }
        }
        let begun = Instant::now();
        loop {
            let answer = self.send(&request).await?;
            let told = told(&answer);
            if !answer.status.is_success() {
                return Err(format!("{} {told}\n  {}", answer.status, sent(&request)));
            }
            let faults = operation.faults(&answer);
            if !faults.is_empty() {
                return Err(format!("{} {faults:#?}\n  {told}", answer.status));
            }
            let json: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
            if step.until.is_some_and(|pointer| json.pointer(pointer).is_none()) {
                if begun.elapsed() > PATIENCE {
                    return Err(format!("{} never came: {told}", step.until.unwrap_or_default()));
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            }
            if operation.keyed {
                self.repeated(operation, &request, &answer).await?;
            }
            self.good.insert(step.operation.to_owned());
            return Ok(json);
        }
    }

    /// Sent again under its key, a request is answered as before.
    async fn repeated(&mut self, operation: &Operation, request: &Request, first: &Answer) -> Result<(), String> {
        let again = self.send(request).await?;
        let replayed = again.headers.get("idempotency-replayed").is_some_and(|value| value == "true");
        let faults = operation.faults(&again);
        if replayed && faults.is_empty() && (again.status, &again.body) == (first.status, &first.body) {
            return Ok(());
        }
        Err(format!("repeated, it answers {} {:?} {faults:#?}\n  {}", again.status, again.headers, told(&again)))
    }

    /// A wrong request is answered with a documented problem.
    async fn refused(&mut self, operation: &Operation, request: &Request) -> Result<(), String> {
        let answer = self.send(request).await?;
        let mut faults = operation.faults(&answer);
        let problem: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        let code = problem["code"].as_str().unwrap_or_default();
        if !answer.status.is_client_error() || answer.headers.get("content-type") != Some(&PROBLEM) {
            faults.push(format!("{} is no refusal", answer.status));
        }
        match Code::from_text(code) {
            Some(known) if known.status() == answer.status.as_u16() => {}
            _ => faults.push(format!("{code:?} is no code of this status")),
        }
        let said = operation.codes.iter().map(String::as_str).chain(EVERYONES);
        if !code.starts_with("gateway.") && !said.into_iter().any(|known| known == code) {
            faults.push(format!("{code} is not among x-panorama-errors"));
        }
        if faults.is_empty() { Ok(()) } else { Err(format!("{faults:#?}\n  {}", told(&answer))) }
    }

    fn request(&mut self, step: &Step, operation: &Operation) -> Result<Request, String> {
        let mut variables = BTreeMap::new();
        for name in &operation.variables {
            let own = step.with.iter().find(|(known, _)| known == name);
            let value = match own {
                Some((_, value)) => self.text(value)?,
                None => self.text(&format!("{{{name}}}"))?,
            };
            variables.insert(name.clone(), value);
        }
        let mut query = self.text(step.query)?;
        if query.is_empty() && operation.query.iter().any(|(name, _)| name == "limit") {
            "limit=3".clone_into(&mut query);
        }
        let body = match &operation.body {
            None => None,
            Some(body) => Some(self.body(step, body)?),
        };
        self.keys += 1;
        let mut request = Request {
            method: operation.method.clone(),
            path: String::new(),
            query,
            token: Some(self.token.clone()),
            key: operation.keyed.then(|| format!("story-{}", self.keys)),
            media: operation.body.as_ref().map(|body| body.media.clone()),
            body,
            variables,
        };
        request.path = request.fill(&operation.path);
        Ok(request)
    }

    /// The document's example with what the step sets in it.
    fn body(&self, step: &Step, body: &super::documents::Body) -> Result<String, String> {
        let mut example = body.example.clone();
        if let Value::String(text) = &mut example {
            for (what, by) in &step.set {
                let by = self.value(by)?;
                *text = text.replace(what, by.as_str().ok_or("a text is set by texts")?);
            }
            return Ok(text.clone());
        }
        for (pointer, value) in &step.set {
            let (parent, name) = pointer.rsplit_once('/').ok_or("a member is set by its pointer")?;
            let parent = example.pointer_mut(parent).ok_or_else(|| format!("the example has no {parent}"))?;
            match self.value(value)? {
                Value::Null => drop(parent.as_object_mut().and_then(|members| members.remove(name))),
                value => parent[name] = value,
            }
        }
        let refused: Vec<_> = refusals(&body.schema, &example).collect();
        if refused.is_empty() {
            Ok(example.to_string())
        } else {
            Err(format!("{example} is no good body: {refused:?}"))
        }
    }

    /// A value with its texts filled in.
    fn value(&self, value: &Value) -> Result<Value, String> {
        Ok(match value {
            Value::String(text) => match text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
                Some(name) if self.known.contains_key(name) => self.known[name].clone(),
                _ => json!(self.text(text)?),
            },
            Value::Array(items) => items.iter().map(|item| self.value(item)).collect::<Result<_, _>>()?,
            Value::Object(members) => {
                let filled = members.iter().map(|(name, item)| Ok((name.clone(), self.value(item)?)));
                Value::Object(filled.collect::<Result<_, String>>()?)
            }
            other => other.clone(),
        })
    }

    /// A text with `{name}` and `{day+3}` filled in.
    fn text(&self, text: &str) -> Result<String, String> {
        let (mut out, mut rest) = (String::new(), text);
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or_else(|| format!("{text:?} has an open brace"))?;
            out.push_str(before);
            out.push_str(&self.word(name)?);
            rest = after;
        }
        Ok(out + rest)
    }

    fn word(&self, name: &str) -> Result<String, String> {
        let of = |name: &str| self.known.get(name).ok_or_else(|| format!("{{{name}}} is not known"));
        if let Some(days) = name.strip_prefix("day").and_then(|days| days.parse::<i32>().ok()) {
            let day = of("day")?.as_str().and_then(Date::parse).ok_or("no day")?;
            return Ok(day.plus_days(days).to_string());
        }
        let value = of(name)?;
        Ok(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    }

    async fn send(&mut self, request: &Request) -> Result<Answer, String> {
        let mut headers = HeaderMap::new();
        let token = request.token.as_ref().map(|token| format!("Bearer {token}"));
        let body = request.body.clone().unwrap_or_default();
        let media = request.media.clone().filter(|_| request.body.is_some());
        for (name, value) in
            [("authorization", token), ("idempotency-key", request.key.clone()), ("content-type", media)]
        {
            if let Some(value) = value {
                headers.insert(name, HeaderValue::from_str(&value).unwrap());
            }
        }
        let mark = if request.query.is_empty() { "" } else { "?" };
        let url = format!("{}{}{mark}{}", self.gateway, request.path, request.query);
        self.client.send(request.method.clone(), &url, headers, body.into()).await.map_err(|e| format!("{e:?}"))
    }
}

/// Codes of the way in, which documents need not list: their statuses are described all the same.
const EVERYONES: [&str; 3] = ["request.malformed", "request.unsupported_media_type", "idempotency.key_required"];
const PROBLEM: HeaderValue = HeaderValue::from_static("application/problem+json");

fn told(answer: &Answer) -> String {
    String::from_utf8_lossy(&answer.body).chars().take(1_500).collect()
}

fn sent(request: &Request) -> String {
    let body = request.body.as_deref().unwrap_or_default();
    format!("{} {}?{} {body}", request.method, request.path, request.query)
}
