//! The API's contract as a control: parameters and JSON bodies against JSON Schema (2020-12).
//!
//! Schema texts can be large, so they are read again from the unit store and compiled when an operation is first called, off
//! the request's thread, and a bounded number stays compiled. The manager proved at publish that they compile.
//! What is answered names the place and the rule, never the value.

mod parameter;

use crate::disk::UnitStore;
use arc_swap::ArcSwapOption;
use jsonschema::{PatternOptions, Validator};
use pano_snapshot::unit::{BodyContract, OperationUnit};
use pano_snapshot::{Digested, Unit};
use pano_types::{Code, Problem};
use parameter::Parameter;
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError, Weak};

pub use parameter::Request;

/// Most mistakes that one answer lists.
const ERRORS_MAX: usize = 16;

/// Where the text of contracts is.
#[derive(Debug, Clone)]
pub enum Source {
    /// In memory, with its unit.
    Memory(Arc<Unit>),
    /// On disk, under the unit's digest.
    Disk(Arc<UnitStore>, Arc<str>),
}

impl Source {
    /// The store when there is one, for then the texts need no memory.
    pub fn new(digested: &Digested, store: Option<&Arc<UnitStore>>) -> Self {
        match store {
            Some(store) => Self::Disk(Arc::clone(store), Arc::clone(&digested.digest)),
            None => Self::Memory(Arc::clone(&digested.unit)),
        }
    }

    fn load(&self) -> Result<Arc<Unit>, Broken> {
        match self {
            Self::Memory(unit) => Ok(Arc::clone(unit)),
            Self::Disk(store, digest) => store.unit(digest).map(Arc::new).map_err(|e| Broken(e.to_string())),
        }
    }
}

/// Why a contract cannot be enforced. The request is refused: an unchecked body must not pass as a checked one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the contract cannot be read: {0}")]
pub struct Broken(String);

/// One operation's contract, compiled when needed.
#[derive(Debug, Clone)]
pub struct Slot(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    source: Source,
    operation: usize,
    compiled: ArcSwapOption<Contract>,
}

/// The contracts that are compiled now, oldest first.
#[derive(Debug)]
pub struct Kept {
    max: usize,
    slots: Mutex<VecDeque<Weak<Inner>>>,
}

impl Kept {
    /// Keeps at most `max` compiled.
    pub fn new(max: usize) -> Self {
        Self { max: max.max(1), slots: Mutex::default() }
    }

    fn add(&self, slot: &Arc<Inner>) {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.push_back(Arc::downgrade(slot));
        while slots.len() > self.max {
            if let Some(oldest) = slots.pop_front().and_then(|weak| weak.upgrade()) {
                oldest.compiled.store(None);
            }
        }
    }
}

impl Slot {
    /// The contract of the operation at this place of the unit.
    pub fn new(source: Source, operation: usize) -> Self {
        Self(Arc::new(Inner { source, operation, compiled: ArcSwapOption::empty() }))
    }

    /// The compiled contract.
    ///
    /// # Errors
    /// When its text cannot be read or compiled.
    pub async fn contract(&self, kept: &Arc<Kept>) -> Result<Arc<Contract>, Broken> {
        if let Some(contract) = self.0.compiled.load_full() {
            return Ok(contract);
        }
        let (inner, kept) = (Arc::clone(&self.0), Arc::clone(kept));
        // Large schemas take milliseconds: not on the thread that serves requests.
        let compile = move || {
            if let Some(contract) = inner.compiled.load_full() {
                return Ok(contract);
            }
            let contract = Arc::new(compile(&inner)?);
            inner.compiled.store(Some(Arc::clone(&contract)));
            kept.add(&inner);
            Ok(contract)
        };
        tokio::task::spawn_blocking(compile).await.map_err(|e| Broken(e.to_string()))?
    }
}

fn compile(inner: &Inner) -> Result<Contract, Broken> {
    let unit = inner.source.load()?;
    let Unit::Api(api) = &*unit else { return Err(Broken("the unit is no API".into())) };
    let operation =
        api.operations.get(inner.operation).ok_or_else(|| Broken("the unit has no such operation".into()))?;
    Contract::new(operation)
}

/// A compiled contract.
#[derive(Debug)]
pub struct Contract {
    parameters: Vec<Parameter>,
    body: Option<Body>,
}

#[derive(Debug)]
struct Body {
    required: bool,
    media: Vec<Media>,
}

#[derive(Debug)]
struct Media {
    /// `application/json`, `application/*`, `*/*`; lower case.
    range: Box<str>,
    schema: Option<Validator>,
}

impl Contract {
    /// Compiles the contract of `operation`.
    ///
    /// # Errors
    /// When one of its schemas does not compile.
    pub fn new(operation: &OperationUnit) -> Result<Self, Broken> {
        let parameters = operation.parameters.iter().map(Parameter::new).collect::<Result<_, _>>()?;
        Ok(Self { parameters, body: operation.body.as_ref().map(Body::new).transpose()? })
    }

    /// Whether there is anything to say about a body.
    pub const fn wants_body(&self) -> bool {
        self.body.is_some()
    }

    /// Checks path, query, headers and cookies.
    ///
    /// # Errors
    /// With every mistake, up to a bound.
    pub fn check_parameters(&self, request: &Request<'_>) -> Result<(), Problem> {
        let mut problem = Problem::new(Code::BodyInvalid);
        for parameter in &self.parameters {
            parameter.check(request, &mut problem);
            if problem.errors.len() >= ERRORS_MAX {
                break;
            }
        }
        if problem.errors.is_empty() { Ok(()) } else { Err(problem) }
    }

    /// Checks a body sent as `content_type`.
    ///
    /// # Errors
    /// When it is missing, of another media type, not JSON, or not as its schema demands.
    pub fn check_body(&self, content_type: Option<&str>, bytes: &[u8]) -> Result<(), Problem> {
        let Some(body) = &self.body else { return Ok(()) };
        if bytes.is_empty() && content_type.is_none() {
            return if body.required {
                Err(Problem::new(Code::BodyInvalid).error("", "a body is required"))
            } else {
                Ok(())
            };
        }
        let essence =
            content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let Some(media) = body.media.iter().find(|m| m.matches(&essence)) else {
            let offered: Vec<&str> = body.media.iter().map(|m| &*m.range).collect();
            return Err(Problem::new(Code::UnsupportedMediaType).detail(offered.join(", ")));
        };
        let Some(schema) = media.schema.as_ref().filter(|_| is_json(&essence)) else { return Ok(()) };
        let value: Value = serde_json::from_slice(bytes).map_err(|e| {
            let place = format!("not JSON: line {}, column {}", e.line(), e.column());
            Problem::new(Code::BodyInvalid).error("", place)
        })?;
        check_value(schema, &value, "")
    }
}

fn check_value(schema: &Validator, value: &Value, at: &str) -> Result<(), Problem> {
    if schema.is_valid(value) {
        return Ok(());
    }
    let mut problem = Problem::new(Code::BodyInvalid);
    for error in schema.iter_errors(value).take(ERRORS_MAX) {
        problem = problem.error(format!("{at}{}", error.instance_path()), reason(&error));
    }
    Err(problem)
}

/// The rule that was broken, without the value that broke it.
fn reason(error: &jsonschema::ValidationError<'_>) -> String {
    use jsonschema::error::ValidationErrorKind as Kind;
    match error.kind() {
        // Names that the caller sent can be data as well.
        Kind::AdditionalProperties { .. } | Kind::UnevaluatedProperties { .. } | Kind::PropertyNames { .. } => {
            "has a member that the contract does not allow".to_owned()
        }
        _ => error.masked().to_string(),
    }
}

impl Body {
    fn new(unit: &BodyContract) -> Result<Self, Broken> {
        let media = unit.media.iter().map(|(range, schema)| {
            let schema = if schema.is_empty() { None } else { Some(validator(schema)?) };
            Ok(Media { range: range.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().into(), schema })
        });
        Ok(Self { required: unit.required, media: media.collect::<Result<_, _>>()? })
    }
}

impl Media {
    fn matches(&self, essence: &str) -> bool {
        match self.range.strip_suffix("/*") {
            Some("*") => true,
            Some(family) => essence.split_once('/').is_some_and(|(f, _)| f == family),
            None => *self.range == *essence,
        }
    }
}

fn is_json(essence: &str) -> bool {
    essence.ends_with("/json") || essence.ends_with("+json")
}

/// Compiles one schema text. Patterns run in linear time, and nothing is fetched.
fn validator(text: &str) -> Result<Validator, Broken> {
    let schema: Value = serde_json::from_str(text).map_err(|e| Broken(e.to_string()))?;
    validator_of(&schema)
}

fn validator_of(schema: &Value) -> Result<Validator, Broken> {
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .with_pattern_options(PatternOptions::regex())
        .should_validate_formats(true)
        .build(schema)
        .map_err(|e| Broken(e.masked().to_string()))
}

#[cfg(test)]
mod tests;
