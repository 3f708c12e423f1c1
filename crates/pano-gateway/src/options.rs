//! How a gateway is started: plain values from assembly.

use crate::breaker;
use crate::http1::{HeadLimits, Times};
use pano_snapshot::unit::Rate;
use pano_snapshot::{ApiContract, Snapshot};
use pano_types::Secret;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Everything about one gateway.
#[derive(Debug, Clone)]
pub struct GatewayOptions {
    /// Stable name of the instance; owner of its log at the manager.
    pub name: String,
    /// Software version, for the report to the manager.
    pub version: String,
    /// Where partners come in.
    pub listeners: Vec<Listener>,
    /// Where `/metrics`, `/livez` and `/readyz` are, and who may read the first.
    pub metrics: Option<MetricsOptions>,
    /// Threads that serve requests; 0: one per core.
    pub workers: usize,
    /// Folder of the last good snapshots; without it they are kept in memory only.
    pub snapshot_folder: Option<PathBuf>,
    /// The manager to follow; without it, `snapshot` is all there is.
    pub manager: Option<ManagerOptions>,
    /// A fixed snapshot to start with.
    pub snapshot: Option<Snapshot>,
    /// The contracts that the fixed snapshot names.
    pub contracts: Vec<ApiContract>,
    /// Credentials towards upstreams, by the name that snapshots use.
    pub upstream_credentials: HashMap<String, Secret>,
    /// TLS towards upstreams.
    pub upstream_tls: UpstreamTls,
    /// Limits on what partners send.
    pub limits: Limits,
    /// Access tokens.
    pub tokens: TokenOptions,
    /// Circuit breakers.
    pub breaker: breaker::Options,
    /// Contracts that stay compiled.
    pub contracts_max: usize,
    /// How long requests may take to finish after a stop.
    pub grace: Duration,
}

/// One address that partners connect to.
#[derive(Debug, Clone)]
pub struct Listener {
    /// Where; port 0 takes a free one.
    pub address: SocketAddr,
    /// TLS; without it, plain HTTP.
    pub tls: Option<TlsOptions>,
}

/// The address that monitoring asks. Health is for anybody who reaches it, numbers are not: they tell who calls what, how often.
#[derive(Debug, Clone)]
pub struct MetricsOptions {
    /// Where; port 0 takes a free one.
    pub address: SocketAddr,
    /// What a reader of `/metrics` presents: `Authorization: Bearer …` (RFC 6750 §2.1).
    pub credential: Secret,
}

/// TLS of a listener. Versions 1.2 and 1.3.
#[derive(Debug, Clone)]
pub struct TlsOptions {
    /// Certificate chain, PEM.
    pub certificate: String,
    /// Private key, PEM.
    pub key: Secret,
    /// Certificates of those who issue client certificates, PEM; none: clients are not asked.
    pub client_ca: Option<String>,
    /// Whether a client without a certificate is refused.
    pub client_required: bool,
}

/// TLS towards upstreams whose address says `https`.
#[derive(Debug, Clone, Default)]
pub struct UpstreamTls {
    /// For those that are not named below. Without it, they are not reached.
    pub every: Option<Trust>,
    /// By `host:port`, or by `host` whatever the port.
    pub hosts: HashMap<String, Trust>,
}

/// Whom to trust behind an upstream's address, and who we are to it.
#[derive(Debug, Clone)]
pub struct Trust {
    /// Certificates of the authorities that may vouch for it, PEM.
    pub authorities: String,
    /// Our certificate chain and its private key, PEM; without them it gets none.
    pub client: Option<(String, Secret)>,
}

/// The manager to follow.
#[derive(Debug, Clone)]
pub struct ManagerOptions {
    /// `http://host:port`.
    pub url: String,
    /// The gateway role's own credential.
    pub credential: Secret,
    /// How long one poll is held back.
    pub wait: Duration,
    /// How often the gateway reports, without a change.
    pub report_every: Duration,
}

impl ManagerOptions {
    /// With the usual times.
    pub fn new(url: impl Into<String>, credential: Secret) -> Self {
        let (wait, report_every) = (Duration::from_secs(20), Duration::from_secs(5));
        Self { url: url.into(), credential, wait, report_every }
    }
}

/// Limits on what partners send.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// On request heads.
    pub head: HeadLimits,
    /// On a connection's time.
    pub times: Times,
    /// Time for a TLS handshake.
    pub handshake: Duration,
    /// Connections from one address.
    pub connections_per_address: u32,
    /// Connections in all.
    pub connections: u32,
    /// HTTP/2 streams of one connection at once.
    pub streams: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: HeadLimits { bytes: 16 << 10, count: 100 },
            times: Times {
                idle: Duration::from_secs(75),
                head: Duration::from_secs(10),
                body: Duration::from_secs(30),
            },
            handshake: Duration::from_secs(10),
            connections_per_address: 1024,
            connections: 16_384,
            streams: 128,
        }
    }
}

/// Access tokens.
#[derive(Debug, Clone)]
pub struct TokenOptions {
    /// Verified tokens that each worker remembers; 0 verifies every time.
    pub remembered: usize,
    /// Take any signed JWT, not only RFC 9068 access tokens.
    pub any_jwt: bool,
    /// Rate of each client of operations that only want a token, which has no app unit to say so.
    pub client_rate: Option<Rate>,
}

impl Default for TokenOptions {
    fn default() -> Self {
        Self { remembered: 20_000, any_jwt: false, client_rate: None }
    }
}

impl GatewayOptions {
    /// A gateway with this name and the defaults everywhere else.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            version: env!("CARGO_PKG_VERSION").into(),
            listeners: Vec::new(),
            metrics: None,
            workers: 0,
            snapshot_folder: None,
            manager: None,
            snapshot: None,
            contracts: Vec::new(),
            upstream_credentials: HashMap::new(),
            upstream_tls: UpstreamTls::default(),
            limits: Limits::default(),
            tokens: TokenOptions::default(),
            breaker: breaker::Options::default(),
            contracts_max: 1024,
            grace: Duration::from_secs(10),
        }
    }
}
