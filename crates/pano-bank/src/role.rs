//! The role: options, what it needs from outside, start and stop.

use crate::customers::Password;
use crate::door::caller::Accepted;
use crate::keys::Keys;
use crate::mock::Library;
use crate::seed::Scenario;
use crate::vault::{Vault, VaultOptions};
use crate::webhooks::Carrier;
use crate::{books, customers, document, door, mock, operators, seed, vault};
use axum::Router;
use pano_http::{Kit, Outbound, Readiness, ServeOptions, Server, health};
use pano_store::Store;
use pano_types::{Clock, Entropy, Secret};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How the bank runs.
#[derive(Debug, Clone)]
pub struct BankOptions {
    /// Where to listen; port 0 for any free one.
    pub listen: SocketAddr,
    /// Credentials that gateways present; several while one is being replaced. None: every call is refused.
    pub gateway_credentials: Vec<Secret>,
    /// Credentials that other roles present for `/internal/v1`.
    pub role_credentials: Vec<Secret>,
    /// Password of every sandbox's customers, who are made up.
    pub customer_password: Secret,
    /// What a partner's sandbox is made from when it is first called.
    pub scenario: Scenario,
    /// Seed of a sandbox's customers, accounts and balances: the same seed gives the same bank.
    pub seed: u64,
    /// Sandboxes in memory at once; one more makes the longest unused leave.
    pub sandboxes_in_memory: usize,
    /// What the bank's keys are derived from: those of document signatures and of webhooks. Without it neither works.
    pub secret: Option<Secret>,
    /// Certificates (PEM) of the authorities that vouch for webhook endpoints. None: `https` endpoints are not reached.
    pub webhook_authorities: Option<Vec<u8>>,
    /// Whether webhooks may go to this very machine, for trying out.
    pub webhook_loopback: bool,
    /// Time between looks for sandboxes in which something is due although nobody calls.
    pub due_interval: Duration,
}

impl BankOptions {
    /// Where the bank listens unless told otherwise.
    pub const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 7003);
}

impl Default for BankOptions {
    fn default() -> Self {
        Self {
            listen: Self::LISTEN,
            gateway_credentials: Vec::new(),
            role_credentials: Vec::new(),
            customer_password: Secret::new("sandbox-2026".to_owned()),
            scenario: Scenario::default(),
            seed: seed::DEFAULT,
            sandboxes_in_memory: 64,
            secret: None,
            webhook_authorities: None,
            webhook_loopback: false,
            due_interval: Duration::from_secs(1),
        }
    }
}

/// What the bank needs from outside.
#[derive(Clone)]
pub struct BankDeps {
    /// Its ledger, and the capability library whose APIs it mocks.
    pub store: Arc<dyn Store>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

/// Why the bank did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is taken or not ours.
    #[error("the bank cannot listen on {addr}")]
    Listen {
        /// Where.
        addr: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The authorities of webhook endpoints cannot be read.
    #[error("the certificates of webhook authorities cannot be read")]
    Authorities(#[source] std::io::Error),
}

/// What every handler sees. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Bank(Arc<Inner>);

struct Inner {
    deps: BankDeps,
    gateways: Accepted,
    roles: Accepted,
    password: Arc<Password>,
    library: Library,
    vault: Vault,
    keys: Keys,
    outbound: Outbound,
}

impl Bank {
    fn new(options: &BankOptions, deps: BankDeps, outbound: Outbound) -> Self {
        Self(Arc::new(Inner {
            keys: options.secret.clone().map(Keys::new).unwrap_or_default(),
            outbound,
            gateways: Accepted::new(&options.gateway_credentials),
            roles: Accepted::new(&options.role_credentials),
            password: Arc::new(Password::new(options.customer_password.clone(), &*deps.entropy)),
            library: Library::default(),
            vault: Vault::start(
                Arc::clone(&deps.store),
                Arc::clone(&deps.clock),
                Arc::clone(&deps.entropy),
                VaultOptions {
                    images_max: options.sandboxes_in_memory.max(1),
                    scenario: options.scenario,
                    seed: options.seed,
                },
            ),
            deps,
        }))
    }
    pub(crate) fn store(&self) -> &dyn Store {
        &*self.0.deps.store
    }
    pub(crate) fn vault(&self) -> &Vault {
        &self.0.vault
    }
    pub(crate) fn gateways(&self) -> &Accepted {
        &self.0.gateways
    }
    pub(crate) fn roles(&self) -> &Accepted {
        &self.0.roles
    }
    pub(crate) fn password(&self) -> &Arc<Password> {
        &self.0.password
    }
    pub(crate) fn keys(&self) -> &Keys {
        &self.0.keys
    }
    pub(crate) fn outbound(&self) -> &Outbound {
        &self.0.outbound
    }
    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.0.deps.clock
    }
    pub(crate) fn entropy(&self) -> &dyn Entropy {
        &*self.0.deps.entropy
    }
    pub(crate) fn library(&self) -> &Library {
        &self.0.library
    }
}

/// A running bank.
pub struct Handle {
    server: Server,
    stop: CancellationToken,
    tasks: TaskTracker,
    vault: Vault,
}

impl Handle {
    /// Where it listens.
    pub const fn addr(&self) -> SocketAddr {
        self.server.addr()
    }
    /// `http://ADDR`.
    pub fn url(&self) -> String {
        self.server.url()
    }
    /// Lets running requests finish, and returns when nothing runs any more.
    pub async fn stop(&self) {
        self.stop.cancel();
        self.server.stop().await;
        self.tasks.wait().await;
        self.vault.stop().await;
    }
}

/// Starts to serve. Sandboxes are read, and their books checked, when they are called.
///
/// # Errors
/// [`StartError`]; nothing runs then.
pub async fn start(options: BankOptions, deps: BankDeps) -> Result<Handle, StartError> {
    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    let kit = Kit::new(Arc::clone(&deps.clock), Arc::clone(&deps.entropy));
    let clock = Arc::clone(&deps.clock);
    let outbound = Outbound::new(options.webhook_authorities.as_deref(), options.webhook_loopback);
    let bank = Bank::new(&options, deps, outbound.map_err(StartError::Authorities)?);
    let vault = bank.vault().clone();
    let (keys, outbound) = (bank.keys().clone(), bank.outbound().clone());
    let carrier = Carrier::new(vault.clone(), Arc::clone(&clock), keys, outbound, tasks.clone(), stop.clone());
    let router = pano_http::app::finish(router(bank), kit);
    let served = Server::start(options.listen, router, ServeOptions::default(), &stop).await;
    let server = match served {
        Ok(server) => server,
        Err(source) => {
            vault.stop().await;
            return Err(StartError::Listen { addr: options.listen, source });
        }
    };
    tasks.spawn(vault::wake(vault.clone(), carrier, clock, options.due_interval, stop.clone()));
    tasks.close();
    tracing::info!(addr = %server.addr(), "sandbox bank listening");
    Ok(Handle { server, stop, tasks, vault })
}

fn router(bank: Bank) -> Router {
    Router::new()
        .merge(door::router())
        .merge(document::router())
        .merge(mock::router())
        .merge(books::router())
        .merge(operators::router())
        .merge(customers::router())
        .merge(health::router(Readiness::ready()))
        .with_state(bank)
}
