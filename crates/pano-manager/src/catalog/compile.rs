//! A version and its document to the unit that gateways run on. Pure.

use pano_catalog::lifecycle::State;
use pano_catalog::model::Operation;
use pano_catalog::settings::{Backend, Rate, Settings};
use pano_catalog::{Slug, Version};
use pano_snapshot::unit::{Access, ApiUnit, BodyContract, OperationUnit, ParameterContract, ServingState, Upstream};
use pano_spec::operation::is_json;
use pano_spec::{Contracts, Document, RequestContract};
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
    /// An operation of the library is not in the document.
    #[error("the document has no operation {0}")]
    NoOperation(String),
}

/// Compiles the unit of a version that is served. `document` may be left out for a retired one, which has no operations.
///
/// # Errors
/// When the version is not served, has no backend, or its document does not have its operations.
pub fn compile(
    slug: &Slug,
    version: &Version,
    operations: &[Operation],
    document: Option<&Document>,
    options: &Options,
) -> Result<ApiUnit, CompileError> {
    let state = serving(&version.state).ok_or(CompileError::NotServed)?;
    let retired = matches!(state, ServingState::Retired { .. });
    let (upstream, operations) = match (retired, document) {
        (false, Some(document)) => (upstream(version, options)?, operation_units(version, operations, document)?),
        _ => (Upstream::default(), Vec::new()),
    };
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

/// The request contract of every operation of a document, by method and path.
pub fn contracts(document: &Document) -> HashMap<(String, String), RequestContract> {
    let mut contracts = Contracts::new(document);
    let operations = document.operations();
    let key = |o: &pano_spec::Operation<'_>| (o.method.token().to_owned(), o.path.to_owned());
    operations.iter().map(|operation| (key(operation), contracts.contract(operation).request)).collect()
}

fn operation_units(
    version: &Version,
    operations: &[Operation],
    document: &Document,
) -> Result<Vec<OperationUnit>, CompileError> {
    let mut contracts = contracts(document);
    let unit = |operation: &Operation| {
        let contract = contracts
            .remove(&(operation.method.clone(), operation.path.clone()))
            .ok_or_else(|| CompileError::NoOperation(operation.name.clone()))?;
        Ok(operation_unit(&version.settings, operation, contract))
    };
    operations.iter().map(unit).collect()
}

fn operation_unit(settings: &Settings, operation: &Operation, contract: RequestContract) -> OperationUnit {
    let own = settings.operations.get(&operation.name);
    let public = own.is_some_and(|own| own.public);
    OperationUnit {
        name: operation.name.clone(),
        method: operation.method.clone(),
        path: operation.path.clone(),
        access: if public { Access::Public } else { Access::App { scopes: operation.effective_scopes(own) } },
        data_class: operation.grade(own).data_class,
        max_body_bytes: own.and_then(|o| o.max_body_bytes).or(settings.max_body_bytes).unwrap_or(BODY_MAX),
        deadline_ms: own.and_then(|o| o.deadline_ms),
        rate: own.and_then(|o| o.rate).or(settings.rate).map(rate),
        validate: own.and_then(|o| o.validate).unwrap_or(settings.validate),
        parameters: contract.parameters.into_iter().map(parameter).collect(),
        body: contract.body.map(body),
    }
}

const fn rate(rate: Rate) -> pano_snapshot::unit::Rate {
    pano_snapshot::unit::Rate { requests: rate.requests, per_seconds: rate.per_seconds, burst: rate.burst }
}

/// A parameter in a media type of its own (`content`) is passed on unchecked: the gateway reads styles, not documents.
fn parameter(parameter: pano_spec::ParameterContract) -> ParameterContract {
    let schema = if parameter.content.is_some() { "true".to_owned() } else { parameter.schema_json };
    ParameterContract {
        name: parameter.name,
        location: parameter.location.text().to_owned(),
        required: parameter.required,
        style: parameter.style,
        explode: parameter.explode,
        schema,
    }
}

/// Only JSON bodies are checked; of others the gateway knows the media type and the length.
fn body(body: pano_spec::BodyContract) -> BodyContract {
    let media = |(media_type, schema): (String, String)| {
        let checked = is_json(&media_type) && schema != "true";
        (media_type, if checked { schema } else { String::new() })
    };
    BodyContract { required: body.required, media: body.media.into_iter().map(media).collect() }
}

/// Every schema of the contract that a gateway could not compile, with the operation it belongs to.
pub fn faults(unit: &ApiUnit) -> Vec<String> {
    let (mut found, mut good) = (Vec::new(), HashSet::new());
    for operation in &unit.operations {
        let parameters = operation.parameters.iter().map(|p| (p.name.as_str(), p.schema.as_str()));
        let bodies =
            operation.body.iter().flat_map(|b| &b.media).map(|(media, schema)| (media.as_str(), schema.as_str()));
        for (what, schema) in parameters.chain(bodies).filter(|(_, schema)| !schema.is_empty()) {
            // Operations of one API share most of their schemas.
            if good.contains(schema) {
                continue;
            }
            match pano_spec::contract::compile(schema) {
                Ok(_) => drop(good.insert(schema)),
                Err(error) => {
                    let text: String = error.to_string().chars().take(200).collect();
                    found.push(format!("{} {what}: {text}", operation.name));
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests;
