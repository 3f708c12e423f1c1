//! Starts roles, in one process or each in its own, and stops them in order.
//!
//! Order: store, keys, bank, identity, manager, gateway; stopped the other way round, so that what the gateway has still
//! to hand in finds the manager awake.

use crate::cli::Role;
use crate::config::{Config, SecretRef};
use crate::demo::Site;
use crate::folder;
use anyhow::Context;
use pano_crypto::Alg;
use pano_keystore::{KeyFile, MasterKey};
use pano_store::Store;
use pano_store_sql::{Location, SqlOptions, SqlStore};
use pano_types::clock::{OsEntropy, SystemClock};
use pano_types::{Clock, Entropy, Secret};
use std::collections::HashMap;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Name of the credential that gateways present to the bank and its mock.
const BANK: &str = "bank";

/// Roles that run in this process.
#[derive(Default)]
pub struct Running {
    gateway: Option<pano_gateway::Handle>,
    manager: Option<pano_manager::Handle>,
    identity: Option<pano_identity::Handle>,
    bank: Option<pano_bank::Handle>,
}

/// Starts every role in this process.
///
/// # Errors
/// When one cannot start; those already started are stopped again.
pub async fn start(config: &Config) -> anyhow::Result<Running> {
    start_roles(config, &[Role::Bank, Role::Identity, Role::Manager, Role::Gateway]).await
}

/// Runs `role`, or all of them, until told to stop.
///
/// # Errors
/// When one cannot start.
pub async fn serve(config: &Config, role: Option<Role>) -> anyhow::Result<()> {
    let begun = std::time::Instant::now();
    let running = match role {
        Some(role) => start_roles(config, &[role]).await?,
        None => start(config).await?,
    };
    let site = running.site(config);
    for (there, role, address) in [
        (running.manager.is_some(), "manager", &site.manager),
        (running.identity.is_some(), "identity", &site.identity),
        (running.bank.is_some(), "sandbox bank", &site.bank),
        (running.gateway.is_some(), "gateway", &site.gateway),
        (running.gateway.is_some(), "metrics", &site.metrics),
    ] {
        if there {
            tracing::info!(role, address, "listening");
        }
    }
    tracing::info!(ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX), "ready");
    until_told().await?;
    tracing::info!("stopping");
    running.stop().await;
    Ok(())
}

/// Waits for Ctrl-C or a request to terminate.
///
/// # Errors
/// When signals cannot be waited for.
pub async fn until_told() -> anyhow::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        told = tokio::signal::ctrl_c() => told?,
        _ = terminate.recv() => {}
    }
    Ok(())
}

/// Waits for Ctrl-C or a request to terminate; SIGHUP calls `reload`, whose failure is logged.
///
/// # Errors
/// When signals cannot be waited for.
pub async fn until_told_to_stop_or_reload(mut reload: impl FnMut() -> anyhow::Result<()>) -> anyhow::Result<()> {
    let mut again = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup())?;
    let told = until_told();
    tokio::pin!(told);
    loop {
        tokio::select! {
            told = &mut told => return told,
            _ = again.recv() => if let Err(error) = reload() { tracing::error!("{error:#}"); },
        }
    }
}

/// Gives every listener a port that is free now.
///
/// # Errors
/// When no port is to be had.
pub fn on_free_ports(config: &mut Config) -> anyhow::Result<()> {
    // All are held at once, so that none is given twice.
    let mut held = Vec::new();
    for _ in 0..5 {
        held.push(TcpListener::bind(("127.0.0.1", 0)).context("no free port")?);
    }
    let mut addresses = held.iter().map(TcpListener::local_addr);
    let mut next = || addresses.next().context("five ports")?.context("a port's address");
    config.gateway.listen = next()?;
    config.gateway.metrics = next()?;
    config.manager.listen = next()?;
    config.identity.listen = next()?;
    config.bank.listen = next()?;
    config.gateway.manager = http(config.manager.listen);
    config.manager.mock = http(config.bank.listen);
    config.identity.bank = http(config.bank.listen);
    config.identity.issuer = http(config.identity.listen);
    Ok(())
}

/// Where a Panorama with this configuration can be reached.
pub fn site(config: &Config) -> Site {
    Site {
        manager: http(config.manager.listen),
        identity: http(config.identity.listen),
        issuer: config.identity.issuer.clone(),
        gateway: http(config.gateway.listen),
        metrics: http(config.gateway.metrics),
        bank: http(config.bank.listen),
        data: config.data.folder.clone(),
    }
}

/// How to open the store.
///
/// # Errors
/// When the address of the database cannot be read; the text names the place.
pub fn store_options(config: &Config) -> Result<SqlOptions, String> {
    let location = match &config.store.postgres {
        Some(secret) => Location::Postgres(secret.open()?),
        None => Location::Folder(config.data.folder.clone()),
    };
    Ok(SqlOptions::new(location))
}

impl Running {
    /// Where they can be reached.
    pub fn site(&self, config: &Config) -> Site {
        site(config)
    }
    /// Stops them softly, the gateway first.
    pub async fn stop(self) {
        if let Some(gateway) = self.gateway {
            // It joins its threads, so not here; a join that fails means that it is gone already.
            drop(tokio::task::spawn_blocking(move || gateway.stop()).await);
        }
        if let Some(identity) = self.identity {
            identity.stop().await;
        }
        if let Some(bank) = self.bank {
            bank.stop().await;
        }
        if let Some(manager) = self.manager {
            manager.stop().await;
        }
    }
}

fn http(address: SocketAddr) -> String {
    format!("http://{address}")
}

async fn start_roles(config: &Config, roles: &[Role]) -> anyhow::Result<Running> {
    let folder = folder::ensure(&config.data.folder)?;
    let mut running = Running::default();
    let base = if roles == [Role::Gateway] { None } else { Some(Base::open(config, &folder).await?) };
    for role in roles {
        let started = match (&base, role) {
            (None, _) | (_, Role::Gateway) => {
                gateway(config, &folder).await.map(|handle| running.gateway = Some(handle))
            }
            (Some(base), Role::Bank) => bank(config, base, &folder).await.map(|handle| running.bank = Some(handle)),
            (Some(base), Role::Identity) => {
                identity(config, base, &folder).await.map(|handle| running.identity = Some(handle))
            }
            (Some(base), Role::Manager) => {
                manager(config, base, &folder).await.map(|handle| running.manager = Some(handle))
            }
        };
        if let Err(error) = started {
            running.stop().await;
            return Err(error);
        }
    }
    Ok(running)
}

/// What the roles with a database share.
struct Base {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    credentials: HashMap<&'static str, Secret>,
    upstream: Secret,
}

impl Base {
    async fn open(config: &Config, folder: &Path) -> anyhow::Result<Self> {
        let options = store_options(config).map_err(anyhow::Error::msg)?;
        let store = SqlStore::open(options).await.context("cannot open the store")?;
        let (clock, entropy) = (Arc::new(SystemClock), Arc::new(OsEntropy));
        let credentials = pano_manager::bootstrap::role_credentials(&store, folder, &*clock, &*entropy).await?;
        let secret = pano_manager::bootstrap::ensure(&store, folder, &*clock, &*entropy).await?;
        if let Some(path) = secret {
            tracing::warn!(file = %path.display(), "no operator yet: use the one-time secret in this file (panorama operator bootstrap)");
        }
        let upstream = upstream_credential(folder, &*entropy)?;
        Ok(Self { store: Arc::new(store), clock, entropy, credentials, upstream })
    }

    fn credential(&self, role: &str) -> anyhow::Result<Secret> {
        self.credentials.get(role).cloned().with_context(|| format!("the {role} role has no credential"))
    }
}

/// What gateways present to the bank; made at the first start.
fn upstream_credential(folder: &Path, entropy: &dyn Entropy) -> anyhow::Result<Secret> {
    let path = folder.join("credentials/upstream-bank.token");
    if !path.exists() {
        // The bank and the gateway need the value; it is written for their owner only.
        folder::write_private(&path, pano_crypto::random::secret(entropy).expose().as_bytes())?;
    }
    SecretRef::File(path).open().map_err(anyhow::Error::msg)
}

/// What the bank's keys are derived from; made at the first start. A lost one takes every webhook secret along.
fn bank_secret(folder: &Path, entropy: &dyn Entropy) -> anyhow::Result<Secret> {
    let path = folder.join("credentials/bank.secret");
    if !path.exists() {
        // The bank needs the value; it is written for its owner only.
        folder::write_private(&path, pano_crypto::random::secret(entropy).expose().as_bytes())?;
    }
    SecretRef::File(path).open().map_err(anyhow::Error::msg)
}

/// Where systems keep the certificates of public authorities: Debian and Alpine, Red Hat, macOS.
const SYSTEM_AUTHORITIES: [&str; 3] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

/// Who vouches for webhook endpoints: as configured, else whom the system trusts.
fn webhook_authorities(config: &Config) -> anyhow::Result<Option<Vec<u8>>> {
    let configured = config.bank.webhook_authorities.clone();
    let path = configured.or_else(|| SYSTEM_AUTHORITIES.iter().map(PathBuf::from).find(|path| path.exists()));
    let Some(path) = path else {
        tracing::warn!("no certificates of authorities on this machine: https webhooks are not delivered");
        return Ok(None);
    };
    Ok(Some(std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?))
}

async fn bank(config: &Config, base: &Base, folder: &Path) -> anyhow::Result<pano_bank::Handle> {
    let options = pano_bank::BankOptions {
        listen: config.bank.listen,
        gateway_credentials: vec![base.upstream.clone()],
        role_credentials: vec![base.credential("bank")?, base.credential("identity")?],
        seed: config.bank.seed,
        secret: Some(bank_secret(folder, &*base.entropy)?),
        webhook_authorities: webhook_authorities(config)?,
        webhook_loopback: config.bank.webhook_loopback,
        ..pano_bank::BankOptions::default()
    };
    let deps = pano_bank::BankDeps {
        store: Arc::clone(&base.store),
        clock: Arc::clone(&base.clock),
        entropy: Arc::clone(&base.entropy),
    };
    Ok(pano_bank::start(options, deps).await?)
}

async fn identity(config: &Config, base: &Base, folder: &Path) -> anyhow::Result<pano_identity::Handle> {
    let folder = folder::ensure(&folder.join("keys"))?;
    let master = match &config.identity.master_key {
        Some(secret) => MasterKey::new(&secret.open().map_err(anyhow::Error::msg)?)?,
        None => MasterKey::ensure(&folder.join("master.key"), &*base.entropy)?,
    };
    let keys = KeyFile::open(&folder.join("signing.keys"), Alg::Es256, master, Arc::clone(&base.entropy))?;
    let mut options = pano_identity::IdentityOptions::new(&config.identity.issuer, &config.identity.audience);
    options.listen = config.identity.listen;
    options.token_lifetime = Duration::from_secs(config.identity.access_token_seconds.into());
    options.schedule.rotate_every = Some(days(config.identity.key_rotation_days));
    let customers = pano_identity::BankCustomers::new(&config.identity.bank, base.credential("identity")?)?;
    let deps = pano_identity::Deps {
        customers: Arc::new(customers),
        store: Arc::clone(&base.store),
        keys: Arc::new(keys),
        clock: Arc::clone(&base.clock),
        entropy: Arc::clone(&base.entropy),
    };
    Ok(pano_identity::start(options, deps).await?)
}

async fn manager(config: &Config, base: &Base, folder: &Path) -> anyhow::Result<pano_manager::Handle> {
    let (address, retention) = (config.manager.listen, &config.retention);
    let mut options = pano_manager::Options { addr: address, ..pano_manager::Options::default() };
    options.name.clone_from(&config.manager.name);
    options.note_every = Duration::from_secs(config.manager.audit_note_seconds.into());
    options.retention.records_for = days(retention.access_record_days);
    options.retention.records_max = retention.access_records_max;
    options.retention.events_kept = retention.outbox_events;
    options.retention.answers_for = Duration::from_secs(u64::from(retention.admin_idempotency_hours) * 3600);
    options.catalog.codes = pano_catalog::CodeTable::with_bank(&config.institution.bank_code)?;
    options.catalog.mock_address = format!("{}/mock", config.manager.mock);
    options.catalog.mock_credential = Some(BANK.to_owned());
    let deps = pano_manager::Deps {
        store: Arc::clone(&base.store),
        events: log(folder.join("events"), days(retention.event_log_days))?,
        notes: log(folder.join("audit-notes"), Duration::MAX)?,
        clock: Arc::clone(&base.clock),
        entropy: Arc::clone(&base.entropy),
    };
    pano_manager::start(options, deps).await.with_context(|| format!("the manager cannot start on {address}"))
}

/// A log whose lines are forced to disk as they are written: few come, and each counts.
fn log(folder: PathBuf, retention: Duration) -> anyhow::Result<Arc<dyn pano_bus::Log>> {
    let mut options = pano_bus::file::Options::new(folder);
    options.segment_bytes = 8 << 20;
    options.retention = retention;
    options.fsync_interval_ms = 0;
    Ok(Arc::new(pano_bus::FileLog::open(options)?))
}

fn days(days: u32) -> Duration {
    Duration::from_secs(u64::from(days) * 86_400)
}

async fn gateway(config: &Config, folder: &Path) -> anyhow::Result<pano_gateway::Handle> {
    let settings = &config.gateway;
    let home = folder::ensure(&folder.join(&settings.name))?;
    let kept = |name: &str| folder.join("credentials").join(format!("{name}.token"));
    let open = |secret: SecretRef| secret.open().map_err(anyhow::Error::msg);
    let credential = open(settings.credential.clone().unwrap_or_else(|| SecretRef::File(kept("gateway"))))
        .context("the gateway has no credential; the manager's first start makes it")?;
    let mut upstream = HashMap::new();
    if kept("upstream-bank").exists() {
        upstream.insert(BANK.to_owned(), open(SecretRef::File(kept("upstream-bank")))?);
    }
    for (name, secret) in &settings.upstream_credentials {
        upstream.insert(name.clone(), open(secret.clone())?);
    }
    let upstream_tls = upstream_tls(&settings.upstream_tls)?;
    let mut listeners = vec![pano_gateway::Listener { address: settings.listen, tls: None }];
    if let Some(tls) = &settings.tls {
        listeners.push(pano_gateway::Listener { address: tls.listen, tls: Some(tls_options(tls)?) });
    }
    let mut log = pano_bus::file::Options::new(home.join("access"));
    log.retention = days(settings.log_retention_days);
    log.fsync_interval_ms = settings.log_sync_ms.into();
    let mut options = pano_gateway::GatewayOptions::new(&settings.name);
    options.listeners = listeners;
    options.metrics = Some(settings.metrics);
    options.workers = settings.workers.into();
    options.snapshot_folder = Some(home.join("snapshot"));
    options.manager = Some(pano_gateway::ManagerOptions::new(&settings.manager, credential));
    options.upstream_credentials = upstream;
    options.upstream_tls = upstream_tls;
    options.tokens.remembered = settings.token_cache as usize;
    let deps = pano_gateway::Deps {
        clock: Arc::new(SystemClock),
        entropy: Arc::new(OsEntropy),
        log: Some(Arc::new(pano_bus::FileLog::open(log)?)),
    };
    // It binds and reads files before it returns.
    Ok(tokio::task::spawn_blocking(move || pano_gateway::Gateway::start(options, deps)).await??)
}

fn upstream_tls(tls: &crate::config::UpstreamTlsConfig) -> anyhow::Result<pano_gateway::UpstreamTls> {
    let mut all = Vec::new();
    for (_, trust) in tls.all() {
        // Checked with the configuration: whoever has a key has a certificate, and whoever is named has an authority.
        let client = match (&trust.certificate, &trust.key) {
            (Some(chain), Some(key)) => Some((pem(chain)?, key.open().map_err(anyhow::Error::msg)?)),
            _ => None,
        };
        let authorities = trust.ca.as_deref().map(pem).transpose()?;
        all.push(authorities.map(|authorities| pano_gateway::Trust { authorities, client }));
    }
    let mut all = all.into_iter();
    let every = all.next().flatten();
    let hosts = tls.hosts.keys().cloned().zip(all).filter_map(|(host, trust)| Some((host, trust?))).collect();
    Ok(pano_gateway::UpstreamTls { every, hosts })
}

fn pem(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn tls_options(tls: &crate::config::TlsConfig) -> anyhow::Result<pano_gateway::TlsOptions> {
    Ok(pano_gateway::TlsOptions {
        certificate: pem(&tls.certificate)?,
        key: Secret::new(pem(&tls.key)?),
        client_ca: tls.client_ca.as_deref().map(pem).transpose()?.unwrap_or_default(),
        client_required: tls.client_certificate_required,
    })
}
