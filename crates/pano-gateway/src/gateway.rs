//! Starting and stopping: threads, listeners, the control thread.

use crate::compiled::Compiler;
use crate::contract::Shelf;
use crate::control;
use crate::disk::UnitStore;
use crate::options::GatewayOptions;
use crate::server::{self, Entry};
use crate::shared::Shared;
use crate::tls::{self, TlsError};
use crate::upstream::tls::Dialers;
use crate::worker::Worker;
use pano_bus::Log;
use pano_types::{Clock, Entropy};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::rc::Rc;
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What a gateway needs from outside.
#[derive(Clone)]
pub struct Deps {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// The access log; without one nothing is recorded, which only benches want.
    pub log: Option<Arc<dyn Log>>,
}

/// Why a gateway did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An address cannot be had.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// A listener's TLS cannot be had.
    #[error("TLS of {address}: {source}")]
    Tls {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: TlsError,
    },
    /// TLS towards upstreams cannot be had.
    #[error("TLS towards upstreams: {0}")]
    UpstreamTls(#[from] TlsError),
    /// The folder of snapshots cannot be used.
    #[error("the snapshot folder: {0}")]
    Disk(#[from] crate::disk::DiskError),
    /// The snapshot given at start is not servable.
    #[error("the snapshot: {0}")]
    Snapshot(#[from] crate::compiled::CompileError),
    /// A thread or runtime cannot be had.
    #[error("a thread cannot be started")]
    Thread(#[from] io::Error),
}

/// A running gateway.
pub struct Gateway;

/// Holds a running gateway; stops it when dropped.
pub struct Handle {
    addresses: Vec<SocketAddr>,
    metrics: Option<SocketAddr>,
    stop: CancellationToken,
    threads: Vec<JoinHandle<()>>,
    shared: Arc<Shared>,
}

impl Gateway {
    /// Starts a gateway. When this returns it listens.
    ///
    /// # Errors
    /// When something that it needs cannot be had; then nothing of it runs.
    pub fn start(options: GatewayOptions, deps: Deps) -> Result<Handle, StartError> {
        let workers = match options.workers {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            given => given,
        };
        let mut addresses = Vec::new();
        let mut sockets: Vec<Vec<(TcpListener, Option<Arc<rustls::ServerConfig>>)>> =
            (0..workers).map(|_| Vec::new()).collect();
        for listener in &options.listeners {
            let wanted = listener.address;
            let tls = listener.tls.as_ref().map(tls::config).transpose();
            let tls = tls.map_err(|source| StartError::Tls { address: wanted, source })?;
            let mut address = wanted;
            for of_worker in &mut sockets {
                let socket = server::bind(address).map_err(|source| StartError::Listen { address, source })?;
                // Port 0 becomes a port with the first socket; the others share it.
                address = socket.local_addr()?;
                of_worker.push((socket, tls.clone()));
            }
            addresses.push(address);
        }
        let metrics = match &options.metrics {
            None => None,
            Some(metrics) => {
                let listen = |source| StartError::Listen { address: metrics.address, source };
                Some(server::bind(metrics.address).map_err(listen)?)
            }
        };
        let metrics_address = metrics.as_ref().map(TcpListener::local_addr).transpose()?;
        let store = options.snapshot_folder.as_ref().map(UnitStore::open).transpose()?.map(Arc::new);
        let dialers = Dialers::new(&options.upstream_tls)?;
        let shared = Arc::new(Shared::new(options, deps.clock, deps.entropy, deps.log, dialers));
        let mut compiler = compiler(&shared, Shelf::new(store.clone()));
        control::feed::start(&shared, &mut compiler, store.as_deref())?;
        control::quota::restore(&shared);
        let stop = CancellationToken::new();
        let mut threads = vec![control::spawn(Arc::clone(&shared), compiler, store, metrics, stop.clone())?];
        for (number, sockets) in sockets.into_iter().enumerate() {
            threads.push(spawn_worker(Arc::clone(&shared), number, sockets, stop.clone())?);
        }
        Ok(Handle { addresses, metrics: metrics_address, stop, threads, shared })
    }
}

fn compiler(shared: &Shared, shelf: Shelf) -> Compiler {
    Compiler::new(Arc::clone(&shared.registry), shared.options.upstream_credentials.clone(), Arc::new(shelf))
}

fn spawn_worker(
    shared: Arc<Shared>,
    number: usize,
    sockets: Vec<(TcpListener, Option<Arc<rustls::ServerConfig>>)>,
    stop: CancellationToken,
) -> io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name(format!("gateway-{number}")).spawn(move || {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.enable_all().max_blocking_threads(4);
        match builder.build_local(tokio::runtime::LocalOptions::default()) {
            Ok(runtime) => runtime.block_on(run_worker(shared, number, sockets, stop)),
            Err(error) => tracing::error!(%error, "a worker could not start"),
        }
    })
}

async fn run_worker(
    shared: Arc<Shared>,
    number: usize,
    sockets: Vec<(TcpListener, Option<Arc<rustls::ServerConfig>>)>,
    stop: CancellationToken,
) {
    let worker = Rc::new(Worker::new(shared, number));
    let tasks = TaskTracker::new();
    let housekeeping = tokio::task::spawn_local(Rc::clone(&worker).housekeeping());
    for (socket, tls) in sockets {
        match tokio::net::TcpListener::from_std(socket) {
            Ok(listener) => {
                let entry = Entry { listener, tls };
                tasks.spawn_local(server::accept(Rc::clone(&worker), entry, tasks.clone(), stop.clone()));
            }
            Err(error) => tracing::error!(%error, "a worker cannot listen"),
        }
    }
    stop.cancelled().await;
    worker.stop();
    tasks.close();
    if tokio::time::timeout(worker.shared.options.grace, tasks.wait()).await.is_err() {
        tracing::warn!(left = tasks.len(), "connections were cut off");
    }
    housekeeping.abort();
    worker.recorder.flush(&worker.shared.totals);
}

impl Handle {
    /// Where partners come in, in the order of the options.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }
    /// Where metrics are.
    pub const fn metrics(&self) -> Option<SocketAddr> {
        self.metrics
    }
    /// Revision of the snapshot in use; none before the first.
    pub fn revision(&self) -> Option<u64> {
        self.shared.compiled.load().as_ref().map(|c| c.revision)
    }
    /// Swaps a whole snapshot in, for a gateway that follows no manager. It has the contracts that the gateway was started with.
    ///
    /// # Errors
    /// When it is not servable; the one in use stays.
    pub fn swap(&self, snapshot: &pano_snapshot::Snapshot) -> Result<(), crate::compiled::CompileError> {
        let units: Vec<_> = snapshot.units().values().cloned().collect();
        let shelf = Shelf::new(None);
        if let Err(error) = shelf.put_all(&self.shared.options.contracts) {
            tracing::error!(%error, "contracts could not be kept");
        }
        let compiled = compiler(&self.shared, shelf).compile(snapshot.outline(), &units)?;
        self.shared.compiled.store(Some(Arc::new(compiled)));
        Ok(())
    }
    /// Stops accepting, lets requests finish within the grace time, writes what is left of the log. Blocks.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.stop.cancel();
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a thread of the gateway ended in a panic");
            }
        }
        if let Some(Err(error)) = self.shared.log.as_ref().map(|log| log.sync()) {
            tracing::error!(%error, "the access log could not be synced");
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.end();
    }
}
