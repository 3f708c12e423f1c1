//! The one configuration file, `panorama.toml`: typed, documented, unknown keys refused, all mistakes reported at once.
//!
//! Every key has a default, so an empty file (or none) is the embedded default of DESIGN §9. Secrets stand in it by
//! reference only ([`SecretRef`]). `panorama config schema` prints the JSON Schema that is generated from these types.

mod check;
mod form;

use crate::folder;
use pano_types::Secret;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// What an address with a port looks like, so that a wrong one is reported with its path.
const SOCKET: &str = r"^(((25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3})|\[[0-9a-fA-F:.]+\]):(6553[0-5]|655[0-2]\d|65[0-4]\d\d|6[0-4]\d{3}|[1-5]?\d{1,4})$";
/// An address of a role: http or https, without a trailing slash.
const URL: &str = r"^https?://[^/?#@]+(/[^?#]*[^/?#])?$";

/// Everything that can be configured.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where state lives.
    pub data: DataConfig,
    /// Control data.
    pub store: StoreConfig,
    /// The data plane.
    pub gateway: GatewayConfig,
    /// The control plane.
    pub manager: ManagerConfig,
    /// The authorization server.
    pub identity: IdentityConfig,
    /// The sandbox bank and the mock.
    pub bank: BankConfig,
    /// The bank that runs this platform.
    pub institution: InstitutionConfig,
    /// What is forgotten when.
    pub retention: RetentionConfig,
    /// Logs.
    pub log: LogConfig,
}

/// Where state lives.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DataConfig {
    /// Folder for the database, logs, keys and snapshots. Made at first start with mode 0700; one that is there is given that mode.
    #[schemars(length(min = 1))]
    pub folder: PathBuf,
}

impl Default for DataConfig {
    fn default() -> Self {
        Self { folder: PathBuf::from("data") }
    }
}

/// Control data: SQLite in the data folder, or PostgreSQL.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StoreConfig {
    /// Reference to a `postgres://user:password@host:port/database` address. Absent: SQLite in the data folder.
    pub postgres: Option<SecretRef>,
}

/// The data plane.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GatewayConfig {
    /// Name of this gateway among others; letters, digits and hyphens.
    #[schemars(regex(pattern = "^[a-z0-9-]{1,40}$"))]
    pub name: String,
    /// Address for plain HTTP.
    #[schemars(regex(pattern = SOCKET))]
    pub listen: SocketAddr,
    /// TLS, on an address of its own. Absent: no TLS.
    pub tls: Option<TlsConfig>,
    /// Address for metrics, `/livez` and `/readyz`. The last two are for anybody who reaches it.
    #[schemars(regex(pattern = SOCKET))]
    pub metrics: SocketAddr,
    /// The bearer token that a reader of `/metrics` presents (in Prometheus `authorization: {credentials_file: …}`). Absent:
    /// made at the first start in the data folder, `credentials/metrics.token`, mode 0600.
    pub metrics_credential: Option<SecretRef>,
    /// Address of the manager's internal API.
    #[schemars(regex(pattern = URL))]
    pub manager: String,
    /// Worker threads; 0: one per core.
    #[schemars(range(max = 256))]
    pub workers: u16,
    /// Days that acknowledged access records stay on disk.
    #[schemars(range(max = 3650))]
    pub log_retention_days: u32,
    /// How often access records are forced to disk, milliseconds; 0: with every batch. They survive the death of the
    /// process at any moment all the same; this bounds what a power cut may take.
    #[schemars(range(max = 60_000))]
    pub log_sync_ms: u32,
    /// Most verified tokens remembered by each worker.
    #[schemars(range(max = 10_000_000))]
    pub token_cache: u32,
    /// The gateway role's own credential towards the manager. Absent: the one that the manager's first start left in the
    /// data folder.
    pub credential: Option<SecretRef>,
    /// Credentials sent to upstreams, by the name that an API version's settings use.
    pub upstream_credentials: std::collections::BTreeMap<String, SecretRef>,
    /// TLS towards upstreams whose address says https.
    pub upstream_tls: UpstreamTlsConfig,
}

impl Default for GatewayConfig {
    fn default() -> Self {
        Self {
            name: "gateway-1".to_owned(),
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            tls: None,
            metrics: SocketAddr::from(([127, 0, 0, 1], 9464)),
            metrics_credential: None,
            manager: "http://127.0.0.1:7000".to_owned(),
            workers: 0,
            log_retention_days: 7,
            log_sync_ms: 20,
            token_cache: 20_000,
            credential: None,
            upstream_credentials: std::collections::BTreeMap::new(),
            upstream_tls: UpstreamTlsConfig::default(),
        }
    }
}

/// Where the keys of [`UpstreamTlsConfig`] are.
const UPSTREAM_TLS: &str = "gateway.upstream_tls";

/// TLS towards upstreams whose address says https. Their certificates are always checked, and the name in them is the host of
/// the address. Nobody is trusted unless named here.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct UpstreamTlsConfig {
    /// Certificates (PEM file) of the authorities trusted for every upstream not named under `hosts`; for the public ones the
    /// system's own list, on Debian `/etc/ssl/certs/ca-certificates.crt`. Absent: only the named are reached.
    pub ca: Option<PathBuf>,
    /// Our certificate chain (PEM file) towards them. Absent: they get none.
    pub certificate: Option<PathBuf>,
    /// Private key (PEM) of that certificate.
    pub key: Option<SecretRef>,
    /// Upstreams with an authority or a certificate of their own, by `host` or `host:port`.
    pub hosts: std::collections::BTreeMap<String, UpstreamTrustConfig>,
}

/// Whom to trust behind an address, and who we are to it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct UpstreamTrustConfig {
    /// Certificates (PEM file) of the authorities that may vouch for it.
    pub ca: Option<PathBuf>,
    /// Our certificate chain (PEM file) towards it. Absent: it gets none.
    pub certificate: Option<PathBuf>,
    /// Private key (PEM) of that certificate.
    pub key: Option<SecretRef>,
}

impl UpstreamTlsConfig {
    /// Every trust with its path; the first is for whoever is not named.
    pub fn all(&self) -> Vec<(String, UpstreamTrustConfig)> {
        let Self { ca, certificate, key, hosts } = self.clone();
        let every = (UPSTREAM_TLS.to_owned(), UpstreamTrustConfig { ca, certificate, key });
        let named = hosts.into_iter().map(|(host, trust)| (format!("{UPSTREAM_TLS}.hosts.{host}"), trust));
        std::iter::once(every).chain(named).collect()
    }
}

/// A TLS listener.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TlsConfig {
    /// Address.
    #[schemars(regex(pattern = SOCKET))]
    pub listen: SocketAddr,
    /// Certificate chain, PEM file.
    pub certificate: PathBuf,
    /// Private key, PEM file. One that everybody on the machine can use is refused.
    pub key: PathBuf,
    /// Authorities whose client certificates are accepted, PEM file. Absent: none is asked for.
    pub client_ca: Option<PathBuf>,
    /// Whether a client certificate must be presented.
    #[serde(default)]
    pub client_certificate_required: bool,
}

/// The control plane.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ManagerConfig {
    /// Name of this manager among those on one database; letters, digits and hyphens. Each keeps an event log of its own, and
    /// how far that has come is remembered under this name.
    #[schemars(regex(pattern = "^[a-z0-9-]{1,40}$"))]
    pub name: String,
    /// Address of admin and internal API.
    #[schemars(regex(pattern = SOCKET))]
    pub listen: SocketAddr,
    /// Address of the bank role, where APIs without a backend are mocked.
    #[schemars(regex(pattern = URL))]
    pub mock: String,
    /// How often the end of the audit chain is noted in the data folder, outside of the database, seconds.
    #[schemars(range(min = 1, max = 3600))]
    pub audit_note_seconds: u32,
}

impl Default for ManagerConfig {
    fn default() -> Self {
        Self {
            name: "manager-1".to_owned(),
            listen: SocketAddr::from(([127, 0, 0, 1], 7000)),
            mock: "http://127.0.0.1:7003".to_owned(),
            audit_note_seconds: 10,
        }
    }
}

/// What is forgotten, and when. Counts of usage and the audit trail never are; tokens and replay marks end with their own
/// lifetime.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RetentionConfig {
    /// Days that access records can be searched; the counts made of them stay.
    #[schemars(range(min = 1, max = 3650))]
    pub access_record_days: u32,
    /// Most access records kept for searching.
    #[schemars(range(min = 1000, max = 1_000_000_000))]
    pub access_records_max: u64,
    /// Events kept in the database behind the newest one after they were relayed to the event log.
    #[schemars(range(min = 1000, max = 100_000_000))]
    pub outbox_events: u64,
    /// Days that events stay on the event log.
    #[schemars(range(min = 1, max = 3650))]
    pub event_log_days: u32,
    /// Hours that an idempotency key of the admin API and its answer are remembered.
    #[schemars(range(min = 1, max = 8760))]
    pub admin_idempotency_hours: u32,
}

impl Default for RetentionConfig {
    fn default() -> Self {
        Self {
            access_record_days: 30,
            access_records_max: 1_000_000,
            outbox_events: 100_000,
            event_log_days: 90,
            admin_idempotency_hours: 24,
        }
    }
}

/// The authorization server.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct IdentityConfig {
    /// Address.
    #[schemars(regex(pattern = SOCKET))]
    pub listen: SocketAddr,
    /// Issuer identifier (RFC 8414 §2), the address that partners see.
    #[schemars(regex(pattern = URL))]
    pub issuer: String,
    /// `aud` of access tokens: the gateway.
    #[schemars(length(min = 1, max = 255))]
    pub audience: String,
    /// Lifetime of access tokens, seconds.
    #[schemars(range(min = 30, max = 600))]
    pub access_token_seconds: u32,
    /// How often a new signing key takes over, days.
    #[schemars(range(min = 1, max = 365))]
    pub key_rotation_days: u32,
    /// Key that encrypts the key file. Absent: made at first start in the data folder, mode 0600.
    pub master_key: Option<SecretRef>,
}

impl Default for IdentityConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 7002)),
            issuer: "http://127.0.0.1:7002".to_owned(),
            audience: "panorama".to_owned(),
            access_token_seconds: 300,
            key_rotation_days: 90,
            master_key: None,
        }
    }
}

/// The sandbox bank and the mock.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BankConfig {
    /// Address.
    #[schemars(regex(pattern = SOCKET))]
    pub listen: SocketAddr,
    /// Seed of customers, accounts and balances: the same seed gives the same bank.
    pub seed: u64,
    /// Whether webhooks may go to this machine, over plain http too: for trying out.
    pub webhook_loopback: bool,
    /// Certificates (PEM) of the authorities that vouch for webhook endpoints; those of the system when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook_authorities: Option<PathBuf>,
}

impl Default for BankConfig {
    fn default() -> Self {
        let listen = SocketAddr::from(([127, 0, 0, 1], 7003));
        Self { listen, seed: 1, webhook_loopback: false, webhook_authorities: None }
    }
}

/// The bank that runs this platform.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct InstitutionConfig {
    /// Six characters that stand for the bank in identification codes (JR/T 0185).
    #[schemars(regex(pattern = "^[0-9A-Z]{6}$"))]
    pub bank_code: String,
}

impl Default for InstitutionConfig {
    fn default() -> Self {
        Self { bank_code: "PANO01".to_owned() }
    }
}

/// Logs of the program itself (not access records).
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LogConfig {
    /// Level, or a filter such as `info,pano_gateway=debug`.
    pub filter: String,
    /// Form.
    pub format: LogFormat,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { filter: "info".to_owned(), format: LogFormat::Text }
    }
}

/// Form of the program's own logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// A line for people.
    Text,
    /// A JSON object a line.
    Json,
}

/// Where a secret is found. Never the secret itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum SecretRef {
    /// In a file (trailing newline dropped). One that everybody on the machine can use is refused.
    File(PathBuf),
    /// In an environment variable.
    Env(String),
}

impl SecretRef {
    /// Reads the secret.
    ///
    /// # Errors
    /// A text that names the place, never the value.
    pub fn open(&self) -> Result<Secret, String> {
        let text = match self {
            Self::File(path) => folder::read_secret(path)?,
            Self::Env(name) => std::env::var(name).map_err(|_| format!("environment variable {name} is not set"))?,
        };
        match text.trim_end_matches(['\r', '\n']) {
            "" => Err(format!("{self} is empty")),
            value => Ok(Secret::new(value.to_owned())),
        }
    }
}

impl std::fmt::Display for SecretRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Env(name) => write!(f, "environment variable {name}"),
        }
    }
}

/// One mistake in a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Dotted path of the key, or `line:column` where the file is no TOML.
    pub at: String,
    /// What is wrong.
    pub reason: String,
}

/// Every mistake found in a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistakes {
    /// The file, or what stands for it.
    pub source: String,
    /// One or more, in document order.
    pub list: Vec<Mistake>,
}

impl std::fmt::Display for Mistakes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} has {} mistake(s)", self.source, self.list.len())?;
        self.list.iter().try_for_each(|m| write!(f, "\n  {}: {}", m.at, m.reason))
    }
}

impl std::error::Error for Mistakes {}

impl Config {
    /// Reads `path`, or gives the defaults when it is `None`.
    ///
    /// # Errors
    /// All mistakes at once.
    pub fn load(path: Option<&Path>) -> Result<Self, Mistakes> {
        Self::from_file(path, Self::parse)
    }

    /// Reads `path` without looking at the files and secrets that it names: for commands that only want to know where a
    /// deployment is, and may run where those cannot be read. Gives the defaults when it is `None`.
    ///
    /// # Errors
    /// All mistakes of form at once.
    pub fn read(path: Option<&Path>) -> Result<Self, Mistakes> {
        Self::from_file(path, |text| {
            let (config, found, _) = form::read(text)?;
            if found.is_empty() { Ok(config) } else { Err(found) }
        })
    }

    fn from_file(path: Option<&Path>, parse: fn(&str) -> Result<Self, Vec<Mistake>>) -> Result<Self, Mistakes> {
        let Some(path) = path else { return Ok(Self::default()) };
        let source = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| Mistakes {
            source: source.clone(),
            list: vec![Mistake { at: "file".to_owned(), reason: format!("cannot be read: {error}") }],
        })?;
        parse(&text).map_err(|list| Mistakes { source, list })
    }

    /// Parses and checks a configuration.
    ///
    /// # Errors
    /// All mistakes at once: of form, and of what single keys cannot show.
    pub fn parse(text: &str) -> Result<Self, Vec<Mistake>> {
        let (config, mut found, broken) = form::read(text)?;
        found.extend(check::contradictions(&config, &broken));
        if found.is_empty() { Ok(config) } else { Err(found) }
    }

    /// Every address of ours, with its key.
    pub fn listeners(&self) -> Vec<(&'static str, SocketAddr)> {
        let mut all = vec![
            ("gateway.listen", self.gateway.listen),
            ("gateway.metrics", self.gateway.metrics),
            ("manager.listen", self.manager.listen),
            ("identity.listen", self.identity.listen),
            ("bank.listen", self.bank.listen),
        ];
        all.extend(self.gateway.tls.as_ref().map(|tls| ("gateway.tls.listen", tls.listen)));
        all
    }

    /// JSON Schema of the file, generated from these types.
    pub fn schema() -> serde_json::Value {
        let mut schema = schemars::schema_for!(Self).to_value();
        form::without_null(&mut schema);
        if let Some(root) = schema.as_object_mut() {
            root.insert("title".to_owned(), "panorama.toml".into());
        }
        schema
    }
}

#[cfg(test)]
mod tests;
