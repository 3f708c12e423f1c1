//! A gateway from one file, for benches and plain proxying: no manager, no apps. `panorama gateway-bench --file bench.toml`.
//!
//! ```toml
//! upstream = "http://127.0.0.1:21080"
//! workers = 1
//!
//! [[listener]]
//! address = "127.0.0.1:8080"
//!
//! [[listener]]
//! address = "127.0.0.1:8443"
//! certificate = "keys/server.crt"
//! key = "keys/server.key"
//! client_ca = "keys/ca.crt"        # then a client certificate is required
//!
//! [tokens]                         # without this table, no token is asked for
//! jwks = "keys/jwks.json"
//! issuer = "https://auth.bench"
//! audience = "ob-gateway"
//! remembered = 10000               # 0: verify every time
//! requests_per_second = 1000000    # rate of each client
//!
//! [log]                            # without this table, nothing is recorded
//! folder = "log"
//!
//! [routes]                         # default: everything
//! templates = ["/{+rest}"]
//! # or: file = "routes.txt"        # one template a line; read again when it changes
//! ```
//!
//! Paths are relative to the file.

use crate::gateway::{Deps, Gateway, Handle, StartError};
use crate::options::{GatewayOptions, Listener, TlsOptions};
use pano_bus::FileLog;
use pano_bus::file::{OpenError, Options as LogOptions};
use pano_snapshot::Snapshot;
use pano_snapshot::unit::{Access, ApiUnit, IssuerUnit, OperationUnit, Rate, ServingState, Unit, Upstream};
use pano_types::id::{ApiId, ApiVersionId};
use pano_types::{ApiLevel, Clock, DataClass, Entropy, Secret};
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Methods that a template answers to.
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    upstream: String,
    #[serde(default = "one")]
    workers: usize,
    listener: Vec<ListenerConfig>,
    tokens: Option<TokensConfig>,
    log: Option<LogConfig>,
    #[serde(default)]
    routes: RoutesConfig,
}

const fn one() -> usize {
    1
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ListenerConfig {
    address: SocketAddr,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
    client_ca: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TokensConfig {
    jwks: PathBuf,
    issuer: String,
    audience: String,
    #[serde(default = "ten_thousand")]
    remembered: usize,
    requests_per_second: Option<u32>,
}

const fn ten_thousand() -> usize {
    10_000
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LogConfig {
    folder: PathBuf,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RoutesConfig {
    #[serde(default)]
    templates: Vec<String>,
    file: Option<PathBuf>,
}

/// Why a standalone gateway did not start.
#[derive(Debug, thiserror::Error)]
pub enum StandaloneError {
    /// A file cannot be read.
    #[error("{path} cannot be read")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the disk said.
        source: std::io::Error,
    },
    /// The file is no such configuration.
    #[error("{path}: {source}")]
    Config {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: Box<toml::de::Error>,
    },
    /// The key set is no JSON.
    #[error("{path} is no key set")]
    Keys {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// A certificate without a key, or a key without a certificate.
    #[error("listener {0} needs both certificate and key")]
    HalfTls(SocketAddr),
    /// The log cannot be opened.
    #[error("{0}")]
    Log(#[from] OpenError),
    /// The gateway did not start.
    #[error("{0}")]
    Start(#[from] StartError),
}

/// A running standalone gateway.
pub struct Standalone {
    /// The gateway.
    pub gateway: Handle,
    file: PathBuf,
    routes: Option<PathBuf>,
    config: Config,
    revision: u64,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    ids: (ApiId, ApiVersionId),
}

/// Starts what `file` describes.
///
/// # Errors
/// When the file or something that it names cannot be used.
pub fn start(file: &Path, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Result<Standalone, StandaloneError> {
    let text = read(file)?;
    let config: Config = toml::from_str(&text)
        .map_err(|source| StandaloneError::Config { path: file.into(), source: Box::new(source) })?;
    let folder = file.parent().unwrap_or(Path::new("."));
    let ids = (ApiId::new(clock.now(), &*entropy), ApiVersionId::new(clock.now(), &*entropy));
    let mut options = GatewayOptions::new("standalone");
    options.workers = config.workers;
    options.limits.connections_per_address = u32::MAX;
    options.listeners = config.listener.iter().map(|l| listener(l, folder)).collect::<Result<_, _>>()?;
    if let Some(tokens) = &config.tokens {
        options.tokens.remembered = tokens.remembered;
        options.tokens.any_jwt = true;
        let rate = |requests| Rate { requests, per_seconds: 1, burst: requests };
        options.tokens.client_rate = tokens.requests_per_second.map(rate);
    }
    let log = match &config.log {
        Some(log) => {
            Some(Arc::new(FileLog::open(LogOptions::new(folder.join(&log.folder)))?) as Arc<dyn pano_bus::Log>)
        }
        None => None,
    };
    options.snapshot = Some(snapshot(&config, folder, ids, 1)?);
    let deps = Deps { clock: Arc::clone(&clock), entropy: Arc::clone(&entropy), log };
    let gateway = Gateway::start(options, deps)?;
    let routes = config.routes.file.as_ref().map(|routes| folder.join(routes));
    Ok(Standalone { gateway, file: file.into(), routes, config, revision: 1, clock, entropy, ids })
}

impl Standalone {
    /// The file of route templates, when there is one; its owner watches it and calls [`Standalone::reload`].
    pub fn routes(&self) -> Option<&Path> {
        self.routes.as_deref()
    }

    /// Reads the route templates again and swaps them in, while requests go on.
    ///
    /// # Errors
    /// When they cannot be used; the old ones stay.
    pub fn reload(&mut self) -> Result<(), StandaloneError> {
        let folder = self.file.parent().unwrap_or(Path::new("."));
        let ids = (self.ids.0, ApiVersionId::new(self.clock.now(), &*self.entropy));
        let next = snapshot(&self.config, folder, ids, self.revision + 1)?;
        self.gateway.swap(&next).map_err(StartError::from)?;
        self.revision += 1;
        Ok(())
    }
}

fn listener(config: &ListenerConfig, folder: &Path) -> Result<Listener, StandaloneError> {
    let tls = match (&config.certificate, &config.key) {
        (None, None) => None,
        (Some(certificate), Some(key)) => Some(TlsOptions {
            certificate: read(&folder.join(certificate))?,
            key: Secret::new(read(&folder.join(key))?),
            client_ca: config.client_ca.as_ref().map(|ca| read(&folder.join(ca))).transpose()?,
            client_required: config.client_ca.is_some(),
        }),
        _ => return Err(StandaloneError::HalfTls(config.address)),
    };
    Ok(Listener { address: config.address, tls })
}

fn snapshot(
    config: &Config,
    folder: &Path,
    (api, version_id): (ApiId, ApiVersionId),
    revision: u64,
) -> Result<Snapshot, StandaloneError> {
    let mut templates = config.routes.templates.clone();
    if let Some(file) = &config.routes.file {
        templates.extend(read(&folder.join(file))?.lines().filter(|l| !l.is_empty()).map(str::to_owned));
    }
    if templates.is_empty() {
        templates.push("/{+rest}".to_owned());
    }
    let access = if config.tokens.is_some() { Access::Token } else { Access::Public };
    let operations = templates.iter().flat_map(|path| METHODS.map(|method| operation(method, path, access.clone())));
    let api = ApiUnit {
        version_id,
        api,
        slug: "standalone".into(),
        version: "1".into(),
        state: ServingState::Published,
        hosts: Vec::new(),
        base_path: String::new(),
        level: ApiLevel::A1,
        upstream: Upstream {
            targets: vec![config.upstream.clone()],
            max_in_flight: u32::MAX,
            pass_authorization: true,
            ..Upstream::default()
        },
        contract: None,
        operations: operations.collect(),
    };
    let mut units = vec![Unit::Api(api)];
    if let Some(tokens) = &config.tokens {
        let path = folder.join(&tokens.jwks);
        let jwks = serde_json::from_str(&read(&path)?).map_err(|source| StandaloneError::Keys { path, source })?;
        let (issuer, audience) = (tokens.issuer.clone(), tokens.audience.clone());
        units.push(Unit::Issuer(IssuerUnit { issuer, audience, jwks }));
    }
    Ok(Snapshot::new(revision, units))
}

fn operation(method: &str, path: &str, access: Access) -> OperationUnit {
    OperationUnit {
        // All share a name, and with it one breaker: they share their upstream too.
        name: "any".into(),
        method: method.into(),
        path: path.into(),
        access,
        data_class: DataClass::C1,
        max_body_bytes: 64 << 20,
        deadline_ms: None,
        rate: None,
        contract: None,
    }
}

fn read(path: &Path) -> Result<String, StandaloneError> {
    std::fs::read_to_string(path).map_err(|source| StandaloneError::Read { path: path.into(), source })
}
