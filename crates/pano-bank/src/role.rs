//! The role: options, what it needs from outside, start and stop.

use crate::caller::Accepted;
use crate::mock::Library;
use crate::{api, books, clearing, document, mock, seed};
use axum::Router;
use pano_http::{Kit, Readiness, ServeOptions, Server, health};
use pano_store::{Store, StoreError};
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
    /// Seeds an empty bank before serving.
    pub seed: Option<u64>,
    /// Time between clearing runs.
    pub clearing_interval: Duration,
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
            seed: Some(seed::DEFAULT),
            clearing_interval: Duration::from_secs(2),
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
    /// The bank could not be seeded.
    #[error("the bank cannot be seeded")]
    Seed(#[source] seed::Error),
    /// Its books do not balance: it must not serve.
    #[error("the bank's books do not balance")]
    Books,
    /// The store does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What every handler sees. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Bank(Arc<Inner>);

struct Inner {
    deps: BankDeps,
    gateways: Accepted,
    roles: Accepted,
    library: Library,
}

impl Bank {
    fn new(options: &BankOptions, deps: BankDeps) -> Self {
        Self(Arc::new(Inner {
            gateways: Accepted::new(&options.gateway_credentials),
            roles: Accepted::new(&options.role_credentials),
            library: Library::default(),
            deps,
        }))
    }
    pub(crate) fn store(&self) -> &dyn Store {
        &*self.0.deps.store
    }
    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.0.deps.clock
    }
    pub(crate) fn entropy(&self) -> &dyn Entropy {
        &*self.0.deps.entropy
    }
    pub(crate) fn gateways(&self) -> &Accepted {
        &self.0.gateways
    }
    pub(crate) fn roles(&self) -> &Accepted {
        &self.0.roles
    }
    pub(crate) fn library(&self) -> &Library {
        &self.0.library
    }
}

/// A running bank.
#[derive(Debug)]
pub struct Handle {
    server: Server,
    stop: CancellationToken,
    tasks: TaskTracker,
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
    /// Ends the clearing run at its next step, lets running requests finish, and returns when nothing runs any more.
    pub async fn stop(&self) {
        self.stop.cancel();
        self.server.stop().await;
        self.tasks.wait().await;
    }
}

/// Seeds the bank if asked to, checks its books, and serves.
///
/// # Errors
/// [`StartError`]; nothing runs then.
pub async fn start(options: BankOptions, deps: BankDeps) -> Result<Handle, StartError> {
    if let Some(seed) = options.seed {
        seed::seed(&*deps.store, seed).await.map_err(StartError::Seed)?;
    }
    let books = books::inspect(&*deps.store).await?;
    if !books.trial.is_balanced() || !books.discrepancies.is_empty() {
        return Err(StartError::Books);
    }
    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    let kit = Kit::new(Arc::clone(&deps.clock), Arc::clone(&deps.entropy));
    let bank = Bank::new(&options, deps);
    let router = pano_http::app::finish(router(bank.clone()), kit);
    let server = Server::start(options.listen, router, ServeOptions::default(), &stop)
        .await
        .map_err(|source| StartError::Listen { addr: options.listen, source })?;
    tasks.spawn(clearing::serve(bank, options.clearing_interval, stop.clone()));
    tasks.close();
    tracing::info!(addr = %server.addr(), "sandbox bank listening");
    Ok(Handle { server, stop, tasks })
}

fn router(bank: Bank) -> Router {
    Router::new()
        .merge(api::router())
        .merge(document::router())
        .merge(mock::router())
        .merge(books::router())
        .merge(clearing::router())
        .merge(health::router(Readiness::ready()))
        .with_state(bank)
}
