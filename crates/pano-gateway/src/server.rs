//! Listeners and connections of one worker.

use crate::conn::Conn;
use crate::http1;
use crate::incoming::Incoming;
use crate::options::Limits;
use crate::phase;
use crate::tls;
use crate::worker::Worker;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The first bytes of HTTP/2 (RFC 9113 §3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// One listener of one worker.
pub struct Entry {
    /// The socket.
    pub listener: TcpListener,
    /// TLS, when it is spoken here.
    pub tls: Option<Arc<rustls::ServerConfig>>,
}

/// Binds `address` so that every worker can listen on it, and the kernel spreads connections over them.
///
/// # Errors
/// When the address cannot be had.
pub fn bind(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    let domain = socket2::Domain::for_address(address);
    let socket = socket2::Socket::new(domain, socket2::Type::STREAM, Some(socket2::Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(4096)?;
    Ok(socket.into())
}

/// Accepts until `stop`, then returns; connections go on in `tasks`.
pub async fn accept(worker: Rc<Worker>, entry: Entry, tasks: TaskTracker, stop: CancellationToken) {
    let entry = Rc::new(entry);
    loop {
        // Dropping `accept` loses no connection.
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = entry.listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                let (worker, entry, stop) = (Rc::clone(&worker), Rc::clone(&entry), stop.clone());
                tasks.spawn_local(connection(worker, entry, stream, peer, stop));
            }
            // Out of descriptors, most likely: wait instead of turning in circles.
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
}

async fn connection(
    worker: Rc<Worker>,
    entry: Rc<Entry>,
    stream: TcpStream,
    peer: SocketAddr,
    stop: CancellationToken,
) {
    let address = peer.ip().to_canonical();
    if !worker.shared.addresses.enter(address) {
        return;
    }
    let connections = &worker.shared.totals.connections;
    connections.fetch_add(1, Ordering::Relaxed);
    let _ = stream.set_nodelay(true);
    let outcome = match &entry.tls {
        None => plain(&worker, stream, peer, &stop).await,
        Some(config) => secured(&worker, config, stream, peer, &stop).await,
    };
    if let Err(error) = outcome {
        tracing::debug!(%error, %peer, "a connection ended badly");
    }
    connections.fetch_sub(1, Ordering::Relaxed);
    worker.shared.addresses.leave(address);
}

pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn plain(
    worker: &Rc<Worker>,
    mut stream: TcpStream,
    peer: SocketAddr,
    stop: &CancellationToken,
) -> Result<(), Failure> {
    let conn = Rc::new(Conn::new(peer.ip().to_canonical(), false, None));
    let limits = worker.shared.options.limits;
    let mut first = Vec::new();
    let patience = limits.times.idle;
    // Until the bytes tell HTTP/2 with prior knowledge from HTTP/1.
    while PREFACE.starts_with(&first) && first.len() < PREFACE.len() {
        let mut piece = [0; 512];
        let read = tokio::select! {
            () = stop.cancelled() => return Ok(()),
            read = tokio::time::timeout(if first.is_empty() { patience } else { limits.times.head }, stream.read(&mut piece)) => read??,
        };
        if read == 0 {
            return Ok(());
        }
        first.extend_from_slice(piece.get(..read).unwrap_or_default());
    }
    if first.starts_with(PREFACE) {
        return http2(worker, Rewound { first, at: 0, io: stream }, conn, stop).await;
    }
    Ok(http1::serve(worker, stream, conn, stop, first).await?)
}

async fn secured(
    worker: &Rc<Worker>,
    config: &Arc<rustls::ServerConfig>,
    stream: TcpStream,
    peer: SocketAddr,
    stop: &CancellationToken,
) -> Result<(), Failure> {
    let limits: Limits = worker.shared.options.limits;
    let handshake = tokio_rustls::TlsAcceptor::from(Arc::clone(config)).accept(stream);
    let stream = tokio::time::timeout(limits.handshake, handshake).await??;
    let session = stream.get_ref().1;
    let is_h2 = session.alpn_protocol() == Some(b"h2");
    let certificate = tls::thumbprint(session);
    let conn = Rc::new(Conn::new(peer.ip().to_canonical(), true, certificate));
    if is_h2 {
        return http2(worker, Rewound { first: Vec::new(), at: 0, io: stream }, conn, stop).await;
    }
    Ok(http1::serve(worker, stream, conn, stop, Vec::new()).await?)
}

async fn http2<S>(worker: &Rc<Worker>, io: Rewound<S>, conn: Rc<Conn>, stop: &CancellationToken) -> Result<(), Failure>
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let service = {
        let worker = Rc::clone(worker);
        service_fn(move |request: http::Request<hyper::body::Incoming>| {
            let (parts, body) = request.into_parts();
            let answer = phase::serve(Rc::clone(&worker), Rc::clone(&conn), parts, Incoming::Http2(body));
            async { Ok::<_, std::convert::Infallible>(answer.await) }
        })
    };
    let limits = &worker.shared.options.limits;
    let connection = http2::Builder::new(Local)
        .timer(hyper_util::rt::TokioTimer::new())
        .max_concurrent_streams(limits.streams)
        .max_header_list_size(u32::try_from(limits.head.bytes).unwrap_or(u32::MAX))
        .keep_alive_interval(limits.times.idle)
        .keep_alive_timeout(limits.times.head)
        .serve_connection(hyper_util::rt::TokioIo::new(io), service);
    let mut connection = pin!(connection);
    tokio::select! {
        ended = connection.as_mut() => return ended.map_err(Into::into),
        () = stop.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    connection.await.map_err(Into::into)
}

/// Runs HTTP/2 streams on the worker's own runtime. A stream ends with its connection, which is tracked.
#[derive(Debug, Clone, Copy)]
struct Local;

impl<F> hyper::rt::Executor<F> for Local
where
    F: Future + 'static,
{
    fn execute(&self, future: F) {
        tokio::task::spawn_local(async move {
            future.await;
        });
    }
}

/// A stream whose first bytes have been read already.
struct Rewound<S> {
    first: Vec<u8>,
    at: usize,
    io: S,
}

impl<S: AsyncRead + Unpin> AsyncRead for Rewound<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
        buf: &mut tokio::io::ReadBuf<'_>,
    ) -> std::task::Poll<io::Result<()>> {
        let left = self.first.get(self.at..).unwrap_or_default();
        if left.is_empty() {
            return Pin::new(&mut self.io).poll_read(cx, buf);
        }
        let size = left.len().min(buf.remaining());
        buf.put_slice(left.get(..size).unwrap_or_default());
        self.at += size;
        std::task::Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Rewound<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
        buf: &[u8],
    ) -> std::task::Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, buf)
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> std::task::Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> std::task::Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> std::task::Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, bufs)
    }
}
