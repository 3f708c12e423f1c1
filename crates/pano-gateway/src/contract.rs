//! The API's contract as a control: parameters, JSON bodies and HTML forms against JSON Schema (2020-12). Bodies in other media types
//! are only checked for their type and length.
//!
//! Contracts can be large, so their texts stay on disk; what an operation needs is read and compiled when it is first called,
//! off the request's thread, and a bounded number stays compiled. The manager proved at publish that they compile.
//! What is answered names the place and the rule, never the value.

mod form;
mod parameter;
mod reason;

use crate::disk::UnitStore;
use arc_swap::ArcSwapOption;
use form::Form;
use jsonschema::{PatternOptions, Validator};
use pano_snapshot::ApiContract;
use pano_snapshot::contract::BodyContract;
use pano_types::{Code, Problem};
use parameter::Parameter;
use serde_json::Value;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError, Weak};

pub use parameter::Request;

/// Media type of HTML's forms.
const FORM: &str = "application/x-www-form-urlencoded";
/// Most mistakes that one answer lists.
const ERRORS_MAX: usize = 16;

/// Contracts by digest: on disk where there is a store, for then the texts need no memory.
#[derive(Debug)]
pub enum Shelf {
    /// In memory.
    Memory(Mutex<HashMap<Box<str>, Arc<[u8]>>>),
    /// On disk.
    Disk(Arc<UnitStore>),
}

impl Shelf {
    /// On disk when there is a store.
    pub fn new(store: Option<Arc<UnitStore>>) -> Self {
        store.map_or_else(|| Self::Memory(Mutex::default()), Self::Disk)
    }

    /// Whether the contract is here.
    pub fn has(&self, digest: &str) -> bool {
        match self {
            Self::Memory(all) => all.lock().unwrap_or_else(PoisonError::into_inner).contains_key(digest),
            Self::Disk(store) => store.has_contract(digest),
        }
    }

    /// Whether the contract is here and is what its digest says. Reads all of it.
    pub fn sound(&self, digest: &str) -> bool {
        match self {
            Self::Memory(_) => self.has(digest),
            Self::Disk(store) => store.contract(digest).is_ok(),
        }
    }

    /// Puts a contract here. `sync`: at once to where it survives a loss of power.
    ///
    /// # Errors
    /// When it is not what its digest says, or the disk refuses.
    pub fn put(&self, digest: &str, text: &[u8], sync: bool) -> Result<(), Broken> {
        if pano_snapshot::contract::digest(text) != digest {
            return Err(Broken(format!("what came as {digest} is something else")));
        }
        match self {
            Self::Memory(all) => {
                all.lock().unwrap_or_else(PoisonError::into_inner).insert(digest.into(), text.into());
                Ok(())
            }
            Self::Disk(store) => store.keep_contract(digest, text, sync).map_err(|e| Broken(e.to_string())),
        }
    }

    /// Puts contracts here that were given at start.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn put_all(&self, contracts: &[ApiContract]) -> Result<(), Broken> {
        contracts
            .iter()
            .map(ApiContract::text)
            .try_for_each(|text| self.put(&pano_snapshot::contract::digest(text.as_bytes()), text.as_bytes(), false))
    }

    /// Forgets contracts in memory that are needed no more; a store sweeps by itself.
    pub fn keep_only(&self, needed: &HashSet<&str>) {
        if let Self::Memory(all) = self {
            all.lock().unwrap_or_else(PoisonError::into_inner).retain(|digest, _| needed.contains(&**digest));
        }
    }

    fn load(&self, digest: &str) -> Result<ApiContract, Broken> {
        let parse = |text: &[u8]| serde_json::from_slice(text).map_err(|e| Broken(e.to_string()));
        match self {
            Self::Memory(all) => {
                let text = all.lock().unwrap_or_else(PoisonError::into_inner).get(digest).cloned();
                parse(&text.ok_or_else(|| Broken(format!("{digest} is not here")))?)
            }
            Self::Disk(store) => parse(&store.contract(digest).map_err(|e| Broken(e.to_string()))?),
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
    shelf: Arc<Shelf>,
    digest: Arc<str>,
    operation: u32,
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
    /// What stands at this place of the contract with this digest.
    pub fn new(shelf: &Arc<Shelf>, digest: &Arc<str>, operation: u32) -> Self {
        let (shelf, digest) = (Arc::clone(shelf), Arc::clone(digest));
        Self(Arc::new(Inner { shelf, digest, operation, compiled: ArcSwapOption::empty() }))
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
    Contract::new(&inner.shelf.load(&inner.digest)?, inner.operation)
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
    /// For a media type that is a form.
    form: Option<Form>,
}

impl Contract {
    /// Compiles what stands at place `operation` of `contract`.
    ///
    /// # Errors
    /// When there is nothing, or one of its schemas does not compile.
    pub fn new(contract: &ApiContract, operation: u32) -> Result<Self, Broken> {
        let found = usize::try_from(operation).ok().and_then(|place| contract.operations.get(place));
        let found = found.ok_or_else(|| Broken("the contract has no such operation".into()))?;
        let schema =
            |place: u32| contract.schema(place).ok_or_else(|| Broken("the contract has no such schema".into()));
        let parameter = |parameter| Parameter::new(parameter, &schema);
        let parameters = found.parameters.iter().map(parameter).collect::<Result<_, _>>()?;
        Ok(Self { parameters, body: found.body.as_ref().map(|body| Body::new(body, &schema)).transpose()? })
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
                Err(Problem::new(Code::BodyInvalid).error("", ("a body is required", "缺少请求体")))
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
        let Some(schema) = &media.schema else { return Ok(()) };
        let value: Value = match &media.form {
            Some(form) if essence == FORM => form.read(bytes).map_err(|_| {
                let reason =
                    ("is not a form in UTF-8 with correct percent-encoding", "不是百分号编码正确的 UTF-8 表单");
                Problem::new(Code::BodyInvalid).error("", reason)
            })?,
            _ if is_json(&essence) => serde_json::from_slice(bytes)
                .map_err(|error| Problem::new(Code::BodyInvalid).error("", reason::not_json(&error)))?,
            _ => return Ok(()),
        };
        check_value(schema, &value, "")
    }
}

fn check_value(schema: &Validator, value: &Value, at: &str) -> Result<(), Problem> {
    if schema.is_valid(value) {
        return Ok(());
    }
    let mut problem = Problem::new(Code::BodyInvalid);
    for error in schema.iter_errors(value).take(ERRORS_MAX) {
        problem = problem.error(format!("{at}{}", error.instance_path()), reason::reason(&error));
    }
    Err(problem)
}

impl Body {
    fn new(unit: &BodyContract, schema_at: &impl Fn(u32) -> Result<Value, Broken>) -> Result<Self, Broken> {
        let media = unit.media.iter().map(|(range, place)| {
            let range: Box<str> = range.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().into();
            let schema = place.map(schema_at).transpose()?;
            let form = schema.as_ref().filter(|_| &*range == FORM).map(Form::new);
            Ok(Media { range, schema: schema.as_ref().map(validator_of).transpose()?, form })
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

/// Compiles one schema. Patterns run in linear time, and nothing is fetched.
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
