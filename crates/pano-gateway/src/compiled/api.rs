//! One API version, compiled.

use crate::contract::{Shelf, Slot};
use crate::limit::Limit;
use crate::metrics::ApiStats;
use crate::registry::{InFlight, OperationState, Registry};
use crate::router::{InsertError, Router};
use crate::stamp;
use crate::upstream::target::{Target, TargetError};
use http::{HeaderName, HeaderValue, Method};
use pano_snapshot::unit::{Access, ApiUnit, OperationUnit, ServingState};
use pano_types::id::{ApiId, ApiVersionId};
use pano_types::{Environment, Secret};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// One API version.
#[derive(Debug)]
pub struct Api {
    /// The API.
    pub id: ApiId,
    /// The version.
    pub version_id: ApiVersionId,
    /// Whether it is served.
    pub serving: Serving,
    /// Hosts it answers to, lower case; empty: any.
    pub hosts: Vec<Box<str>>,
    /// Path before every template.
    pub base_path: Box<str>,
    /// Templates below the base path, to places in `operations`.
    pub router: Router<u32>,
    /// Operations.
    pub operations: Vec<Operation>,
    /// Digest of its contract, when requests are checked.
    pub contract: Option<Arc<str>>,
    /// Where calls go.
    pub upstream: Upstream,
    /// Its counters.
    pub stats: Arc<ApiStats>,
    /// `"api":…,"version":…` of its access records.
    pub record: Box<[u8]>,
}

/// Whether a version is served.
#[derive(Debug)]
pub enum Serving {
    /// It is; these headers go with every answer.
    Served(Vec<(HeaderName, HeaderValue)>),
    /// Not any more.
    Retired(Option<HeaderValue>),
}

/// One operation.
#[derive(Debug)]
pub struct Operation {
    /// Name.
    pub name: Box<str>,
    /// Who may call.
    pub access: Who,
    /// Largest request body, bytes.
    pub body_bytes_max: u64,
    /// From first byte out to last byte in.
    pub deadline: Duration,
    /// Rate over all callers.
    pub limit: Option<Limit>,
    /// What must outlive the snapshot.
    pub state: Arc<OperationState>,
    /// What requests must look like.
    pub contract: Option<Slot>,
    /// `"route":…,"api":…,"version":…,"operation":…` of its access records.
    pub record: Box<[u8]>,
}

/// Who may call an operation.
#[derive(Debug)]
pub enum Who {
    /// Anyone.
    Public,
    /// An app with a subscription and these scopes.
    App(Box<[Box<str>]>),
    /// Whoever has a token.
    Token,
}

/// Where calls of an API version go.
#[derive(Debug)]
pub struct Upstream {
    /// Used in turn.
    pub targets: Vec<Target>,
    /// Time to connect.
    pub connect_timeout: Duration,
    /// Most calls at once.
    pub in_flight_max: u32,
    /// Calls at present.
    pub in_flight: Arc<InFlight>,
    /// `Authorization` of the platform towards the upstream.
    pub authorization: Option<Box<[u8]>>,
    /// Whether the partner's own `Authorization` goes on.
    pub pass_authorization: bool,
    /// What it serves.
    pub environment: Environment,
}

/// Why an API version was refused.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// A template is malformed or conflicts with another.
    #[error("{0}")]
    Template(#[from] InsertError),
    /// A method is none.
    #[error("operation {0} has a method that is none")]
    Method(String),
    /// A target is malformed.
    #[error("{0}")]
    Target(#[from] TargetError),
    /// The base path is not `/…` without a trailing slash.
    #[error("the base path {0} must be empty, or begin with / and not end with it")]
    BasePath(String),
    /// The link of a retired or deprecated version cannot be sent.
    #[error("the link to the successor cannot be sent as a header")]
    Link,
}

impl Api {
    pub(super) fn new(
        unit: &ApiUnit,
        shelf: &Arc<Shelf>,
        registry: &Registry,
        credentials: &HashMap<String, Secret>,
    ) -> Result<Self, ApiError> {
        let base = &unit.base_path;
        if !base.is_empty() && (!base.starts_with('/') || base.ends_with('/')) {
            return Err(ApiError::BasePath(base.clone()));
        }
        let mut router = Router::default();
        let mut operations = Vec::with_capacity(unit.operations.len());
        let contract: Option<Arc<str>> = unit.contract.as_deref().map(Arc::from);
        for (n, operation) in unit.operations.iter().enumerate() {
            let method = Method::from_bytes(operation.method.as_bytes())
                .map_err(|_| ApiError::Method(operation.name.clone()))?;
            router.insert(method, &operation.path, n as u32)?;
            let slot = contract.as_ref().zip(operation.contract).map(|(digest, n)| Slot::new(shelf, digest, n));
            operations.push(Operation::new(unit, operation, slot, registry));
        }
        router.shrink();
        Ok(Self {
            id: unit.api,
            version_id: unit.version_id,
            serving: Serving::new(&unit.state)?,
            hosts: unit.hosts.iter().map(|h| h.to_ascii_lowercase().into()).collect(),
            base_path: base.as_str().into(),
            router,
            operations,
            contract,
            upstream: Upstream::new(unit, registry, credentials)?,
            stats: registry.stats(&unit.slug),
            record: record_of(unit, None),
        })
    }
}

impl Operation {
    fn new(unit: &ApiUnit, operation: &OperationUnit, contract: Option<Slot>, registry: &Registry) -> Self {
        let deadline = operation.deadline_ms.unwrap_or(unit.upstream.deadline_ms);
        Self {
            name: operation.name.as_str().into(),
            access: match &operation.access {
                Access::Public => Who::Public,
                Access::Token => Who::Token,
                Access::App { scopes } => Who::App(scopes.iter().map(|s| s.as_str().into()).collect()),
            },
            body_bytes_max: operation.max_body_bytes,
            deadline: Duration::from_millis(u64::from(deadline)),
            limit: operation.rate.and_then(Limit::new),
            state: registry.operation(unit.api, &operation.name),
            contract,
            record: record_of(unit, Some(operation)),
        }
    }
}

impl Serving {
    fn new(state: &ServingState) -> Result<Self, ApiError> {
        let link = |link: &Option<String>| match link {
            None => Ok(None),
            Some(to) if to.contains(['<', '>', ' ']) => Err(ApiError::Link),
            Some(to) => HeaderValue::try_from(format!("<{to}>; rel=\"successor-version\""))
                .map(Some)
                .map_err(|_| ApiError::Link),
        };
        match state {
            ServingState::Published => Ok(Self::Served(Vec::new())),
            ServingState::Retired { link: to } => Ok(Self::Retired(link(to)?)),
            ServingState::Deprecated { since, sunset, link: to } => {
                let mut headers = Vec::new();
                let mut add = |name: &'static str, value: String| {
                    if let Ok(value) = HeaderValue::try_from(value) {
                        headers.push((HeaderName::from_static(name), value));
                    }
                };
                // RFC 9745 §2.1: a structured date; RFC 8594 §3: an HTTP date.
                add("deprecation", format!("@{}", since.unix_seconds()));
                if let Some(sunset) = sunset {
                    add("sunset", stamp::http_date(*sunset));
                }
                if let Some(value) = link(to)? {
                    headers.push((http::header::LINK, value));
                }
                Ok(Self::Served(headers))
            }
        }
    }
}

impl Upstream {
    fn new(unit: &ApiUnit, registry: &Registry, credentials: &HashMap<String, Secret>) -> Result<Self, ApiError> {
        let upstream = &unit.upstream;
        let targets = upstream.targets.iter().map(|url| Target::parse(url, registry)).collect::<Result<_, _>>()?;
        let secret = upstream.credential.as_ref().and_then(|name| {
            let secret = credentials.get(name);
            if secret.is_none() {
                tracing::warn!(api = %unit.slug, credential = %name, "the gateway does not hold the upstream's credential");
            }
            secret
        });
        Ok(Self {
            targets,
            connect_timeout: Duration::from_millis(u64::from(upstream.connect_timeout_ms)),
            in_flight_max: upstream.max_in_flight,
            in_flight: registry.upstream(unit.api),
            // Exposed because it is about to be sent: the upstream knows us by it.
            authorization: secret.map(|s| format!("Bearer {}", s.expose()).into_bytes().into()),
            pass_authorization: upstream.pass_authorization,
            environment: upstream.environment,
        })
    }
}

fn record_of(unit: &ApiUnit, operation: Option<&OperationUnit>) -> Box<[u8]> {
    let text = |value: &str| serde_json::to_string(value).unwrap_or_default();
    let (route, name) = match operation {
        Some(o) => (text(&format!("{}{}", unit.base_path, o.path)), text(&o.name)),
        None => ("null".to_owned(), "null".to_owned()),
    };
    format!("\"route\":{route},\"api\":\"{}\",\"version\":{},\"operation\":{name}", unit.api, text(&unit.version))
        .into_bytes()
        .into()
}
