//! The one configuration file, `panorama.toml`: typed, documented, unknown keys refused, all mistakes reported at once.
//!
//! Every key has a default, so an empty file (or none) is the embedded default of DESIGN §9. Secrets stand in it by
//! reference only ([`SecretRef`]). `panorama config schema` prints the JSON Schema that is generated from these types.

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
    /// Folder for the database, logs, keys and snapshots. Made at first start with mode 0700.
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
    /// Address for metrics, `/livez` and `/readyz`.
    #[schemars(regex(pattern = SOCKET))]
    pub metrics: SocketAddr,
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
    /// Private key, PEM file.
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
    /// Address of the bank role, whose customers sign in.
    #[schemars(regex(pattern = URL))]
    pub bank: String,
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
            bank: "http://127.0.0.1:7003".to_owned(),
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
    /// In a file (trailing newline dropped).
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
            Self::File(path) => {
                std::fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?
            }
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
        let Some(path) = path else { return Ok(Self::default()) };
        let source = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| Mistakes {
            source: source.clone(),
            list: vec![Mistake { at: "file".to_owned(), reason: format!("cannot be read: {error}") }],
        })?;
        Self::parse(&text).map_err(|list| Mistakes { source, list })
    }

    /// Parses and checks a configuration.
    ///
    /// # Errors
    /// All mistakes at once.
    pub fn parse(text: &str) -> Result<Self, Vec<Mistake>> {
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            let at = error.span().map_or_else(|| "file".to_owned(), |span| position(text, span.start));
            vec![Mistake { at, reason: error.message().to_owned() }]
        })?;
        let single = |reason: String| vec![Mistake { at: "file".to_owned(), reason }];
        let json = serde_json::to_value(table).map_err(|error| single(error.to_string()))?;
        let validator = jsonschema::validator_for(&Self::schema()).map_err(|error| single(error.to_string()))?;
        let mut mistakes: Vec<_> = validator.iter_errors(&json).map(|error| mistake(&error)).collect();
        if !mistakes.is_empty() {
            mistakes.dedup();
            return Err(mistakes);
        }
        let config: Self = serde_path_to_error::deserialize(json)
            .map_err(|error| vec![Mistake { at: error.path().to_string(), reason: error.inner().to_string() }])?;
        let mistakes = config.contradictions();
        if mistakes.is_empty() { Ok(config) } else { Err(mistakes) }
    }

    /// JSON Schema of the file, generated from these types.
    pub fn schema() -> serde_json::Value {
        let mut schema = schemars::schema_for!(Self).to_value();
        if let Some(root) = schema.as_object_mut() {
            root.insert("title".to_owned(), "panorama.toml".into());
        }
        schema
    }

    /// What single keys cannot show: addresses that collide, files that are not there, secrets that cannot be opened.
    fn contradictions(&self) -> Vec<Mistake> {
        let mut found = Vec::new();
        let mut listeners = vec![
            ("gateway.listen", self.gateway.listen),
            ("gateway.metrics", self.gateway.metrics),
            ("manager.listen", self.manager.listen),
            ("identity.listen", self.identity.listen),
            ("bank.listen", self.bank.listen),
        ];
        if let Some(tls) = &self.gateway.tls {
            listeners.push(("gateway.tls.listen", tls.listen));
            for (key, path) in [
                ("certificate", Some(&tls.certificate)),
                ("key", Some(&tls.key)),
                ("client_ca", tls.client_ca.as_ref()),
            ] {
                found.extend(no_file(format!("gateway.tls.{key}"), path));
            }
            if tls.client_certificate_required && tls.client_ca.is_none() {
                let reason = "a required client certificate needs client_ca".to_owned();
                found.push(Mistake { at: "gateway.tls.client_ca".to_owned(), reason });
            }
        }
        for (i, (name, addr)) in listeners.iter().enumerate() {
            let clash = listeners.iter().take(i).find(|(_, other)| other == addr && addr.port() != 0);
            if let Some((other, _)) = clash {
                found.push(Mistake { at: (*name).to_owned(), reason: format!("{addr} is also {other}") });
            }
        }
        if let Err(error) = tracing_subscriber::EnvFilter::try_new(&self.log.filter) {
            found.push(Mistake { at: "log.filter".to_owned(), reason: error.to_string() });
        }
        let mut secrets = vec![("store.postgres".to_owned(), self.store.postgres.as_ref())];
        secrets.push(("identity.master_key".to_owned(), self.identity.master_key.as_ref()));
        secrets.push(("gateway.credential".to_owned(), self.gateway.credential.as_ref()));
        secrets.extend(
            self.gateway
                .upstream_credentials
                .iter()
                .map(|(k, v)| (format!("gateway.upstream_credentials.{k}"), Some(v))),
        );
        let trusts = self.gateway.upstream_tls.all();
        for (at, trust) in &trusts {
            found.extend(no_file(format!("{at}.ca"), trust.ca.as_ref()));
            found.extend(no_file(format!("{at}.certificate"), trust.certificate.as_ref()));
            if trust.certificate.is_some() != trust.key.is_some() {
                let reason = "a certificate needs its key, and a key its certificate".to_owned();
                found.push(Mistake { at: format!("{at}.key"), reason });
            }
            if trust.ca.is_none() && (trust.key.is_some() || at.as_str() != UPSTREAM_TLS) {
                let reason = "says whom to trust there, and is missing".to_owned();
                found.push(Mistake { at: format!("{at}.ca"), reason });
            }
            secrets.push((format!("{at}.key"), trust.key.as_ref()));
        }
        for (at, secret) in secrets {
            if let Some(Err(reason)) = secret.map(SecretRef::open) {
                found.push(Mistake { at, reason });
            }
        }
        found
    }
}

fn no_file(at: String, path: Option<&PathBuf>) -> Option<Mistake> {
    let path = path.filter(|path| !path.is_file())?;
    Some(Mistake { at, reason: format!("{} is no file", path.display()) })
}

fn mistake(error: &jsonschema::ValidationError<'_>) -> Mistake {
    let pointer = error.instance_path().to_string();
    let dotted = pointer.trim_start_matches('/').replace('/', ".");
    // Where a choice of forms is wanted, as for every secret, the value itself may be a secret written in the wrong place.
    let choice = matches!(
        error.kind(),
        jsonschema::error::ValidationErrorKind::AnyOf { .. }
            | jsonschema::error::ValidationErrorKind::OneOfNotValid { .. }
    );
    let reason = if choice { error.masked().to_string() } else { error.to_string() };
    let at = if dotted.is_empty() { "(top level)".to_owned() } else { dotted };
    Mistake { at, reason }
}

fn position(text: &str, offset: usize) -> String {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("{line}:{column}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistakes(text: &str) -> Vec<String> {
        Config::parse(text).unwrap_err().into_iter().map(|m| m.at).collect()
    }

    #[test]
    fn an_empty_file_is_the_embedded_default() {
        let config = Config::parse("").unwrap();
        assert_eq!(config.gateway.listen.port(), 8080);
        assert!(config.store.postgres.is_none());
    }

    #[test]
    fn all_mistakes_come_at_once_with_their_paths() {
        let text =
            "colour = 1\n[gateway]\nlisten = \"here\"\nworkers = \"two\"\n[identity]\naccess_token_seconds = 5\n";
        let found = mistakes(text);
        for at in ["(top level)", "gateway.listen", "gateway.workers", "identity.access_token_seconds"] {
            assert!(found.iter().any(|f| f == at), "{at} not in {found:?}");
        }
    }

    #[test]
    fn unknown_keys_are_refused_at_every_depth() {
        for text in ["x = 1", "[gateway]\nlistn = \"127.0.0.1:1\"", "[store]\npostgres = { file = \"x\", mode = 1 }"] {
            assert!(Config::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn addresses_are_checked_with_everything_else() {
        let text =
            "[gateway]\nlisten = \"127.0.0.1:99999\"\nmanager = \"http://a:7000/\"\n[bank]\nlisten = \"300.0.0.1:1\"\n";
        let mut found = mistakes(text);
        found.sort();
        assert_eq!(found, ["bank.listen", "gateway.listen", "gateway.manager"]);
        for good in ["0.0.0.0:0", "255.255.255.255:65535", "[::1]:443"] {
            assert!(Config::parse(&format!("[bank]\nlisten = \"{good}\"")).is_ok(), "{good}");
        }
        for (good, url) in
            [(true, "https://a.example/b"), (true, "http://[::1]:7000"), (false, "http://"), (false, "ftp://a")]
        {
            let parsed = Config::parse(&format!("[identity]\nissuer = \"{url}\""));
            assert_eq!(parsed.is_ok(), good, "{url}");
        }
        // What no pattern shows has its path all the same.
        assert_eq!(mistakes("[gateway]\nlisten = \"[::::]:1\""), ["gateway.listen"]);
    }

    #[test]
    fn trust_in_upstreams_is_whole_or_refused() {
        let text = "[gateway.upstream_tls]\nca = \"no\"\n[gateway.upstream_tls.hosts.\"core:8443\"]\ncertificate = \"Cargo.toml\"";
        let at = |key: &str| format!("gateway.upstream_tls.{key}");
        assert_eq!(mistakes(text), [at("ca"), at("hosts.core:8443.key"), at("hosts.core:8443.ca")]);
    }

    #[test]
    fn contradictions_are_named() {
        assert_eq!(mistakes("[log]\nfilter = \"info,,=x\""), ["log.filter"]);
        assert_eq!(mistakes("[manager]\nlisten = \"127.0.0.1:8080\""), ["manager.listen"]);
        assert_eq!(mistakes("[store]\npostgres = { env = \"PANORAMA_NO_SUCH_VARIABLE\" }"), ["store.postgres"]);
        assert_eq!(mistakes("[gateway]\nmanager = \"127.0.0.1:7000\""), ["gateway.manager"]);
        let tls = "[gateway.tls]\nlisten = \"127.0.0.1:8443\"\ncertificate = \"no\"\nkey = \"no\"\nclient_certificate_required = true";
        assert_eq!(mistakes(tls), ["gateway.tls.certificate", "gateway.tls.key", "gateway.tls.client_ca"]);
    }

    #[test]
    fn what_is_no_toml_is_reported_with_line_and_column() {
        assert_eq!(mistakes("[gateway]\nlisten = \n"), ["2:10"]);
    }

    #[test]
    fn a_secret_in_clear_is_refused() {
        assert_eq!(mistakes("[store]\npostgres = \"postgres://a:b@c/d\""), ["store.postgres"]);
    }
}
