//! Answers for an API without a backend: documented examples first, else made from the schema. The same request gets the same answer.
//!
//! Invariant: a JSON body given out validates against its response schema; where none can be made, there is an error and no body.
//!
//! Start at [`prepare`]: it does the slow part once per operation; [`PreparedMock::answer`] is cheap.

mod echo;
mod exactly;
mod generate;
mod merge;
mod pattern;

use crate::contract::{Contracts, Direction, compile_value};
use crate::operation::{Media, Operation, Response, is_json};
use crate::pointer;
use crate::read::Document;
use generate::Generator;
use serde_json::Value;

/// What is known of a request.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MockRequest {
    /// Path variables with their decoded values.
    pub path: Vec<(String, String)>,
    /// Query parameters, decoded.
    pub query: Vec<(String, String)>,
    /// The body, when it was JSON.
    pub body: Option<Value>,
}

/// What to answer.
#[derive(Debug, Clone, PartialEq)]
pub struct MockAnswer {
    /// HTTP status.
    pub status: u16,
    /// Headers that the response requires, without `Content-Type`.
    pub headers: Vec<(String, String)>,
    /// Media type of the body; none without a body.
    pub media_type: Option<String>,
    /// The body as text; empty without one.
    pub body: String,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MockError {
    /// The operation describes no response.
    #[error("the operation describes no response")]
    NoResponse,
    /// No value could be made that satisfies the schema.
    #[error("no value could be made for the schema of response {status}")]
    Unsatisfied {
        /// The response's status as written.
        status: String,
    },
    /// The response schema does not compile.
    #[error(transparent)]
    Schema(#[from] crate::contract::CompileError),
}

/// One operation, ready to be answered for.
#[derive(Debug)]
pub struct PreparedMock {
    key: String,
    status: u16,
    written_status: String,
    headers: Vec<(String, Value)>,
    body: Option<PreparedBody>,
}

#[derive(Debug)]
struct PreparedBody {
    media_type: String,
    schema: Value,
    validator: jsonschema::Validator,
    /// Documented, and valid.
    examples: Vec<Value>,
}

/// Answers one request. To answer many for the same operation, keep what [`prepare`] returns.
pub fn answer(document: &Document, operation: &Operation<'_>, request: &MockRequest) -> Result<MockAnswer, MockError> {
    prepare(document, operation)?.answer(request)
}

/// Chooses the response (the first success) and compiles its schema.
pub fn prepare(document: &Document, operation: &Operation<'_>) -> Result<PreparedMock, MockError> {
    let responses = operation.responses();
    let response = responses.iter().min_by_key(|response| preference(response.status)).ok_or(MockError::NoResponse)?;
    prepare_response(document, operation, response, status_of(response.status))
}

/// The same for the response that describes `status`: by number, else by class (`4XX`), else `default`.
pub fn prepare_status(document: &Document, operation: &Operation<'_>, status: u16) -> Result<PreparedMock, MockError> {
    let written = [status.to_string(), format!("{}XX", status / 100), "default".to_owned()];
    let responses = operation.responses();
    let find = |written: &String| responses.iter().find(|response| response.status.eq_ignore_ascii_case(written));
    let response = written.iter().find_map(find).ok_or(MockError::NoResponse)?;
    prepare_response(document, operation, response, status)
}

fn prepare_response<'d>(
    document: &'d Document,
    operation: &Operation<'d>,
    response: &Response<'d>,
    status: u16,
) -> Result<PreparedMock, MockError> {
    let mut contracts = Contracts::with_examples(document);
    let media = response.media.iter().find(|media| is_json(media.media_type)).or_else(|| response.media.first());
    let body = media.map(|media| prepare_body(document, &mut contracts, media)).transpose()?;
    Ok(PreparedMock {
        key: operation.key(),
        status,
        written_status: response.status.to_owned(),
        headers: required_headers(document, &mut contracts, response),
        body,
    })
}

/// Successes first, in their order; then the default; then whatever is lowest.
fn preference(status: &str) -> (u8, u16) {
    let number = status_of(status);
    match status.as_bytes().first() {
        Some(b'2') => (0, number),
        Some(b'd') => (1, 0),
        Some(b'3') => (2, number),
        _ => (3, number),
    }
}

fn status_of(status: &str) -> u16 {
    match status.as_bytes().first() {
        Some(class @ b'1'..=b'5') => status.parse().unwrap_or_else(|_| u16::from(class - b'0') * 100),
        _ => 200,
    }
}

fn prepare_body<'d>(
    document: &'d Document,
    contracts: &mut Contracts<'d>,
    media: &Media<'d>,
) -> Result<PreparedBody, MockError> {
    let at = pointer::join(&media.pointer, "schema");
    let text =
        media.schema.map_or_else(|| "true".to_owned(), |schema| contracts.schema(Direction::Response, schema, &at));
    let schema: Value = serde_json::from_str(&text).unwrap_or(Value::Bool(true));
    let validator = compile_value(&schema)?;
    let documented = documented(document, media);
    let examples = documented.iter().filter(|example| validator.is_valid(example)).cloned().collect();
    let mut body = PreparedBody { media_type: media.media_type.to_owned(), schema, validator, examples };
    if text.contains("\"oneOf\"") && body.examples.is_empty() && body.value(0).is_none() {
        // Rarely needed and slow, so it is done here once and not with every request.
        body.examples.extend(body.singled_out(documented));
    }
    Ok(body)
}

/// The examples of a media type: its own first, then its schema's.
fn documented(document: &Document, media: &Media<'_>) -> Vec<Value> {
    let mut found: Vec<Value> = media.node.get("example").cloned().into_iter().collect();
    let named = media.node.get("examples").and_then(Value::as_object);
    for example in named.into_iter().flatten().map(|(_, example)| example) {
        found.extend(document.resolve(example, "").and_then(|(example, _)| example.get("value")).cloned());
    }
    let schema = media.schema.and_then(|schema| document.resolve(schema, "")).map(|(schema, _)| schema);
    if let Some(schema) = schema {
        found.extend(schema.get("example").cloned());
        found.extend(schema.get("examples").and_then(Value::as_array).into_iter().flatten().cloned());
    }
    found
}

fn required_headers<'d>(
    document: &'d Document,
    contracts: &mut Contracts<'d>,
    response: &Response<'d>,
) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for (name, header) in response.node.get("headers").and_then(Value::as_object).into_iter().flatten() {
        let at = pointer::join_all(&response.pointer, &["headers", name]);
        let Some((header, at)) = document.resolve(header, &at) else { continue };
        let required = header.get("required").and_then(Value::as_bool) == Some(true);
        if let (true, Some(schema)) = (required && !name.eq_ignore_ascii_case("content-type"), header.get("schema")) {
            let text = contracts.schema(Direction::Response, schema, &pointer::join(&at, "schema"));
            found.push((name.clone(), serde_json::from_str(&text).unwrap_or(Value::Bool(true))));
        }
    }
    found
}

impl PreparedMock {
    /// The answer to one request.
    pub fn answer(&self, request: &MockRequest) -> Result<MockAnswer, MockError> {
        let seed = seed(&self.key, request);
        let headers =
            self.headers.iter().filter_map(|(name, schema)| Some((name.clone(), header(schema, seed)?))).collect();
        let mut answer = MockAnswer { status: self.status, headers, media_type: None, body: String::new() };
        let Some(body) = &self.body else { return Ok(answer) };
        let value = body.value(seed).ok_or_else(|| MockError::Unsatisfied { status: self.written_status.clone() })?;
        let value = echo::echo(value, request, &body.validator);
        answer.media_type = Some(body.media_type.clone());
        answer.body = match value {
            Value::String(text) if !is_json(&body.media_type) => text,
            value => value.to_string(),
        };
        Ok(answer)
    }

    /// Does the text satisfy the response schema? (Text of another media type than JSON always does.)
    pub fn accepts(&self, body: &str) -> bool {
        match &self.body {
            None => body.is_empty(),
            Some(prepared) if !is_json(&prepared.media_type) => true,
            Some(prepared) => serde_json::from_str(body).is_ok_and(|value| prepared.validator.is_valid(&value)),
        }
    }
}

impl PreparedBody {
    /// The first of these, or else of what can be made, that holds once overlapping alternatives are told apart.
    fn singled_out(&self, documented: Vec<Value>) -> Option<Value> {
        let made = [(true, true), (false, false)]
            .into_iter()
            .filter_map(|(examples, optional)| Generator::new(&self.schema, 0, examples, optional).value());
        let candidates = documented.into_iter().chain(made);
        candidates.map(|value| exactly::single_out(&self.schema, value)).find(|value| self.validator.is_valid(value))
    }

    fn value(&self, seed: u64) -> Option<Value> {
        if let Some(example) = self.examples.first() {
            return Some(example.clone());
        }
        // From rich to plain: with members' own examples and optional members, then without the one or the other.
        for (examples, optional) in [(true, true), (false, true), (true, false), (false, false)] {
            for attempt in 0..4u64 {
                let mut generator = Generator::new(&self.schema, seed.wrapping_add(attempt), examples, optional);
                if let Some(value) = generator.value().filter(|value| self.validator.is_valid(value)) {
                    return Some(value);
                }
            }
        }
        None
    }
}

fn header(schema: &Value, seed: u64) -> Option<String> {
    let text = match Generator::new(schema, seed, true, true).value()? {
        Value::String(text) => text,
        Value::Null => return None,
        other => other.to_string(),
    };
    // RFC 9110 §5.5: visible ASCII and blanks.
    text.bytes().all(|b| (0x20..0x7f).contains(&b)).then_some(text)
}

/// FNV-1a over all that the request says; parameters in the order of their names.
fn seed(key: &str, request: &MockRequest) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    let mut add = |text: &str| {
        for byte in text.bytes().chain([0xff]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    };
    add(key);
    for list in [&request.path, &request.query] {
        let mut sorted: Vec<_> = list.iter().collect();
        sorted.sort();
        for (name, value) in sorted {
            add(name);
            add(value);
        }
        add("");
    }
    if let Some(body) = &request.body {
        add(&body.to_string());
    }
    hash
}
