//! A server that stops well: no new connections, then time for those that run, then an end.

use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

/// Bounds of a server.
#[derive(Debug, Clone)]
pub struct ServeOptions {
    /// Longest time for a request's head to arrive.
    pub header_timeout: Duration,
    /// Most headers of a request.
    pub headers_max: usize,
    /// Most open connections; more wait in the kernel's queue.
    pub connections_max: usize,
    /// Time that running requests have after a stop.
    pub grace: Duration,
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self {
            header_timeout: Duration::from_secs(10),
            headers_max: 64,
            connections_max: 4_096,
            grace: Duration::from_secs(10),
        }
    }
}

/// Address of the peer, in the request's extensions.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// A running server. Dropping it lets it run on until its token is cancelled.
#[derive(Debug)]
pub struct Server {
    addr: SocketAddr,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Server {
    /// Binds `addr` (port 0: any free one) and serves `router` until `stop` is cancelled or [`Self::stop`] is called.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub async fn start(
        addr: SocketAddr,
        router: Router,
        options: ServeOptions,
        stop: &CancellationToken,
    ) -> std::io::Result<Self> {
        let listener = TcpListener::bind(addr).await?;
        let addr = listener.local_addr()?;
        let (stop, tasks) = (stop.child_token(), TaskTracker::new());
        tasks.spawn(serve(listener, router, options, stop.clone()));
        tasks.close();
        Ok(Self { addr, stop, tasks })
    }
    /// Where it listens.
    pub const fn addr(&self) -> SocketAddr {
        self.addr
    }
    /// `http://ADDR`.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }
    /// Stops softly, then hard after the grace time; returns when nothing runs any more.
    pub async fn stop(&self) {
        self.stop.cancel();
        self.tasks.wait().await;
    }
}

/// Serves `router` on `listener`; returns when `stop` is cancelled and every connection has ended.
pub async fn serve(listener: TcpListener, router: Router, options: ServeOptions, stop: CancellationToken) {
    let connections = TaskTracker::new();
    let slots = Arc::new(Semaphore::new(options.connections_max));
    let (options, hard) = (Arc::new(options), CancellationToken::new());
    loop {
        let slot = tokio::select! {
            () = stop.cancelled() => break,
            slot = Arc::clone(&slots).acquire_owned() => slot,
        };
        let (stream, peer) = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of descriptors or a peer that vanished: never a reason to end, but one to breathe.
                    tracing::warn!(%error, "accept failed");
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    continue;
                }
            },
        };
        let connection = connection(stream, peer, router.clone(), Arc::clone(&options), stop.clone());
        let hard = hard.clone();
        connections.spawn(async move {
            tokio::select! { () = hard.cancelled() => {}, () = connection => {} }
            drop(slot);
        });
    }
    drop(listener);
    connections.close();
    if tokio::time::timeout(options.grace, connections.wait()).await.is_err() {
        tracing::warn!(open = connections.len(), "connections cut after the grace time");
        hard.cancel();
        connections.wait().await;
    }
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    options: Arc<ServeOptions>,
    stop: CancellationToken,
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "no delay not set");
    }
    let service = router.map_request(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        request.map(axum::body::Body::new)
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(options.header_timeout);
    builder.http1().max_headers(options.headers_max);
    builder.http2().timer(TokioTimer::new()).max_concurrent_streams(128);
    let connection = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    tokio::pin!(connection);
    let mut stopping = false;
    loop {
        tokio::select! {
            // Both arms are cancel safe: the connection is polled in place, the token keeps its state.
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "connection ended");
                }
                return;
            }
            () = stop.cancelled(), if !stopping => {
                stopping = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}
