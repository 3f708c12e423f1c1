//! A version to the unit that gateways run on, and its document to the contract that the unit names. Pure.

use pano_catalog::lifecycle::State;
use pano_catalog::model::Operation;
use pano_catalog::settings::{Backend, Rate, Settings};
use pano_catalog::{Slug, Version};
use pano_snapshot::ApiContract;
use pano_snapshot::contract::{BodyContract, JSON_STYLE, OperationContract, ParameterContract};
use pano_snapshot::unit::{Access, ApiUnit, OperationUnit, ServingState, Upstream};
use pano_spec::Document;
use pano_spec::operation::{is_form, is_json};
use serde_json::value::RawValue;
use std::collections::{HashMap, HashSet};

use super::Options;

/// Largest request body when nothing is set, bytes.
const BODY_MAX: u64 = 1024 * 1024;

/// Why a version cannot be served.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CompileError {
    /// It is not published, deprecated, or retired after it was.
    #[error("the version was never published")]
    NotServed,
    /// No upstream and no mock.
    #[error("the version has no upstream")]
    NoBackend,
    /// The document is not there or cannot be read.
    #[error("the document cannot be read: {0}")]
    NoDocument(String),
    /// An operation of the library is not in the document.
    #[error("the document has no operation {0}")]
    NoOperation(String),
}

/// Compiles the unit of a version that is served. `contract` is the digest of what was made of its document; a retired version
/// has no operations and needs none.
///
/// # Errors
/// When the version is not served or has no backend.
pub fn compile(
    slug: &Slug,
    version: &Version,
    operations: &[Operation],
    contract: Option<&str>,
    options: &Options,
) -> Result<ApiUnit, CompileError> {
    let state = serving(&version.state).ok_or(CompileError::NotServed)?;
    let (upstream, operations) = match state {
        ServingState::Retired { .. } => (Upstream::default(), Vec::new()),
        ServingState::Published | ServingState::Deprecated { .. } => {
            (upstream(version, options)?, operation_units(version, operations))
        }
    };
    let checked = operations.iter().any(|operation| operation.contract.is_some());
    Ok(ApiUnit {
        version_id: version.id,
        api: version.api,
        slug: slug.to_string(),
        version: version.version.clone(),
        state,
        hosts: version.settings.hosts.clone(),
        base_path: version.base_path.to_string(),
        level: version.level(),
        upstream,
        contract: contract.filter(|_| checked).map(str::to_owned),
        operations,
    })
}

fn serving(state: &State) -> Option<ServingState> {
    match state {
        State::Draft { .. } | State::InReview { .. } | State::Approved { .. } => None,
        State::Published { .. } => Some(ServingState::Published),
        State::Deprecated { deprecated, sunset, link, .. } => {
            Some(ServingState::Deprecated { since: deprecated.at, sunset: *sunset, link: link.clone() })
        }
        State::Retired { published, link, .. } => {
            published.as_ref().map(|_| ServingState::Retired { link: link.clone() })
        }
    }
}

fn upstream(version: &Version, options: &Options) -> Result<Upstream, CompileError> {
    match &version.settings.backend {
        None => Err(CompileError::NoBackend),
        Some(Backend::Mock) => Ok(Upstream {
            targets: vec![format!("{}/{}", options.mock_address.trim_end_matches('/'), version.id)],
            credential: options.mock_credential.clone(),
            ..Upstream::default()
        }),
        Some(Backend::Upstream(set)) => Ok(Upstream {
            targets: set.targets.clone(),
            connect_timeout_ms: set.connect_timeout_ms,
            deadline_ms: set.deadline_ms,
            max_in_flight: set.max_in_flight,
            credential: set.credential.clone(),
            pass_authorization: set.pass_authorization,
        }),
    }
}

fn operation_units(version: &Version, operations: &[Operation]) -> Vec<OperationUnit> {
    // Operations of the library stand in the order of the document, as those of its contract do.
    operations.iter().zip(0..).map(|(operation, place)| operation_unit(&version.settings, operation, place)).collect()
}

fn operation_unit(settings: &Settings, operation: &Operation, place: u32) -> OperationUnit {
    let own = settings.operations.get(&operation.name);
    let public = own.is_some_and(|own| own.public);
    let checked = own.and_then(|o| o.validate).unwrap_or(settings.validate);
    OperationUnit {
        name: operation.name.clone(),
        method: operation.method.clone(),
        path: operation.path.clone(),
        access: if public { Access::Public } else { Access::App { scopes: operation.effective_scopes(own) } },
        data_class: operation.grade(own).data_class,
        max_body_bytes: own.and_then(|o| o.max_body_bytes).or(settings.max_body_bytes).unwrap_or(BODY_MAX),
        deadline_ms: own.and_then(|o| o.deadline_ms),
        rate: own.and_then(|o| o.rate).or(settings.rate).map(rate),
        contract: checked.then_some(place),
    }
}

const fn rate(rate: Rate) -> pano_snapshot::unit::Rate {
    pano_snapshot::unit::Rate { requests: rate.requests, per_seconds: rate.per_seconds, burst: rate.burst }
}

/// How contracts are made: what was made in another way is made again.
pub fn made() -> String {
    format!("{}.{}", pano_snapshot::FORMAT, pano_spec::contract::REVISION)
}

/// The contract of a document whose operations the library knows as `operations`.
///
/// # Errors
/// When the document does not have those operations, in that order.
pub fn contract(operations: &[Operation], document: &Document) -> Result<ApiContract, CompileError> {
    let described = document.operations();
    for (place, operation) in operations.iter().enumerate() {
        let same =
            described.get(place).is_some_and(|o| o.method.token() == operation.method && o.path == operation.path);
        if !same {
            return Err(CompileError::NoOperation(operation.name.clone()));
        }
    }
    let pano_spec::RequestContracts { definitions, operations } = pano_spec::contract::requests(document);
    let mut schemas = Schemas::default();
    let operations = operations.into_iter().map(|request| OperationContract {
        parameters: request.parameters.into_iter().map(|p| parameter(p, &mut schemas)).collect(),
        body: request.body.map(|body| self::body(body, &mut schemas)),
    });
    let operations = operations.collect();
    let definitions = definitions.into_iter().map(|(name, text)| (name, raw(text))).collect();
    Ok(ApiContract { definitions, operations, schemas: schemas.texts.into_iter().map(raw).collect() })
}

/// Distinct schema texts, each with its place.
#[derive(Default)]
struct Schemas {
    texts: Vec<String>,
    places: HashMap<String, u32>,
}

impl Schemas {
    fn place(&mut self, text: String) -> u32 {
        if let Some(place) = self.places.get(&text) {
            return *place;
        }
        let place = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        self.texts.push(text.clone());
        self.places.insert(text, place);
        place
    }
}

/// What the converter gives out is JSON; were it not, the schema that refuses everything is the safe one.
fn raw(text: String) -> Box<RawValue> {
    RawValue::from_string(text).unwrap_or_else(|_| RawValue::FALSE.to_owned())
}

/// A parameter in a media type of its own (`content`) is checked when that is JSON; of others the gateway knows only whether they
/// are there.
fn parameter(parameter: pano_spec::ParameterContract, schemas: &mut Schemas) -> ParameterContract {
    let (style, schema) = match &parameter.content {
        None => (parameter.style, parameter.schema_json),
        Some(media) if is_json(media) => (JSON_STYLE.to_owned(), parameter.schema_json),
        Some(_) => (parameter.style, "true".to_owned()),
    };
    ParameterContract {
        name: parameter.name,
        location: parameter.location.text().to_owned(),
        required: parameter.required,
        style,
        explode: parameter.explode,
        schema: schemas.place(schema),
    }
}

/// JSON bodies and HTML forms are checked; of others the gateway knows the media type and the length.
fn body(body: pano_spec::BodyContract, schemas: &mut Schemas) -> BodyContract {
    let media = |(media_type, schema): (String, String)| {
        let checked = (is_json(&media_type) || is_form(&media_type)) && schema != "true";
        (media_type, checked.then(|| schemas.place(schema)))
    };
    BodyContract { required: body.required, media: body.media.into_iter().map(media).collect() }
}

/// Every schema of the contract that a gateway could not compile, with the first operation that it belongs to.
pub fn faults(contract: &ApiContract, operations: &[Operation]) -> Vec<String> {
    if contract.whole().is_some_and(|whole| pano_spec::contract::compile_value(&whole).is_ok()) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    for (operation, of) in operations.iter().zip(&contract.operations) {
        let parameters = of.parameters.iter().map(|p| (p.name.as_str(), p.schema));
        let bodies = of.body.iter().flat_map(|b| &b.media);
        let bodies = bodies.filter_map(|(media, schema)| Some((media.as_str(), (*schema)?)));
        for (what, place) in parameters.chain(bodies) {
            if !seen.insert(place) {
                continue;
            }
            let compiled = contract.schema(place).map(|schema| pano_spec::contract::compile_value(&schema));
            let error = match compiled {
                Some(Ok(_)) => continue,
                Some(Err(error)) => error.to_string(),
                None => "the schema is not JSON".to_owned(),
            };
            let text: String = error.chars().take(200).collect();
            found.push(format!("{} {what}: {text}", operation.name));
        }
    }
    found
}

#[cfg(test)]
mod tests;
