//! Connections to one address, kept by one worker.

use super::tls::{Dialer, Stream};
use bytes::{Bytes, BytesMut};
use std::cell::{Cell, RefCell};
use std::io;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;

/// Room for one answer of the usual size; a read that does not fill it also tells tokio that the socket is empty.
const READ_BYTES: usize = 16 << 10;
/// With less room than this left, a new block is taken. Until then answers share one, each keeping only its part alive.
const ROOM_MIN: usize = 4 << 10;
/// An ejected target is tried again after this, doubled with each further failure.
const EJECT_FIRST: Duration = Duration::from_millis(500);
const EJECT_MAX: Duration = Duration::from_secs(30);

/// Connections of one worker to one address.
#[derive(Debug)]
pub struct Pool {
    address: Box<str>,
    secured: Option<Dialer>,
    idle: RefCell<Vec<(Connection, Instant)>>,
    idle_max: usize,
    idle_for: Duration,
    failures: Cell<u32>,
    ejected_until: Cell<Option<Instant>>,
}

/// A connection in use by one call.
#[derive(Debug)]
pub struct Connection {
    stream: Stream,
    /// What has been read and not used.
    pub(super) buffer: BytesMut,
}

impl Pool {
    /// Keeps up to `idle_max` unused connections to `address`, each for `idle_for`; over TLS when `secured` says how.
    pub fn new(address: &str, secured: Option<Dialer>, idle_max: usize, idle_for: Duration) -> Self {
        Self {
            address: address.into(),
            secured,
            idle: RefCell::default(),
            idle_max,
            idle_for,
            failures: Cell::new(0),
            ejected_until: Cell::new(None),
        }
    }

    /// A kept connection that is still open as far as the kernel has told us.
    pub(super) fn kept(&self) -> Option<Connection> {
        loop {
            let (mut connection, since) = self.idle.borrow_mut().pop()?;
            if since.elapsed() < self.idle_for && connection.is_quiet() {
                return Some(connection);
            }
        }
    }

    /// Opens a connection.
    pub(super) async fn connect(&self, timeout: Duration) -> io::Result<Connection> {
        // Boxed, for it is rarely needed and would otherwise make room in every call.
        let result = match tokio::time::timeout(timeout, Box::pin(self.open())).await {
            Ok(result) => result,
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        };
        match result {
            Ok(stream) => {
                self.failures.set(0);
                self.ejected_until.set(None);
                Ok(Connection { stream, buffer: BytesMut::new() })
            }
            Err(error) => {
                if self.secured.is_some() {
                    // Certificates that do not fit are mended by people, who must see it.
                    tracing::warn!(address = %self.address, %error, "an https upstream cannot be reached");
                }
                let failures = self.failures.get().saturating_add(1);
                self.failures.set(failures);
                let wait = EJECT_FIRST.saturating_mul(1 << (failures - 1).min(8)).min(EJECT_MAX);
                self.ejected_until.set(Some(Instant::now() + wait));
                Err(error)
            }
        }
    }

    async fn open(&self) -> io::Result<Stream> {
        let stream = TcpStream::connect(&*self.address).await?;
        stream.set_nodelay(true)?;
        match &self.secured {
            None => Ok(Stream::Plain(stream)),
            Some(dialer) => dialer.secure(stream).await,
        }
    }

    /// Whether the address failed lately and is left alone for a while.
    pub fn is_ejected(&self) -> bool {
        self.ejected_until.get().is_some_and(|until| until > Instant::now())
    }

    /// Takes a connection back after a whole answer.
    pub fn give_back(&self, connection: Connection) {
        let mut idle = self.idle.borrow_mut();
        if idle.len() < self.idle_max && connection.buffer.is_empty() {
            idle.push((connection, Instant::now()));
        }
    }

    /// Closes what has been unused for too long.
    pub fn sweep(&self) {
        self.idle
            .borrow_mut()
            .retain_mut(|(connection, since)| since.elapsed() < self.idle_for && connection.is_quiet());
    }
}

impl Connection {
    fn is_quiet(&mut self) -> bool {
        self.stream.is_quiet()
    }

    /// Writes all of `bytes`.
    pub(super) async fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await?;
        self.stream.settle().await
    }

    /// Writes head and body, in one system call where possible. Also says how many bytes the kernel took.
    pub(super) async fn write_both(&mut self, head: &[u8], body: &[u8]) -> (usize, io::Result<()>) {
        let mut sent = 0;
        let total = head.len() + body.len();
        while sent < total {
            let head = head.get(sent..).unwrap_or_default();
            let body = body.get(sent.saturating_sub(total - body.len())..).unwrap_or_default();
            let written = if body.is_empty() {
                self.stream.write(head).await
            } else {
                self.stream.write_vectored(&[io::IoSlice::new(head), io::IoSlice::new(body)]).await
            };
            match written {
                Ok(0) => return (sent, Err(io::ErrorKind::WriteZero.into())),
                Ok(size) => sent += size,
                Err(error) => return (sent, Err(error)),
            }
        }
        (sent, self.stream.settle().await)
    }

    fn make_room(&mut self) {
        if self.buffer.capacity() - self.buffer.len() < ROOM_MIN {
            self.buffer.reserve(READ_BYTES);
        }
    }

    /// Reads more into the buffer; 0 at the end.
    pub(super) async fn fill(&mut self) -> io::Result<usize> {
        self.make_room();
        self.stream.read_buf(&mut self.buffer).await
    }

    /// Waits until something can be read or the peer has closed. Loses nothing when dropped.
    pub(super) async fn readable(&mut self) -> io::Result<()> {
        match &self.stream {
            Stream::Plain(stream) => stream.readable().await,
            Stream::Secured(_) if !self.buffer.is_empty() => Ok(()),
            // Bytes on the socket may be TLS's own, so only what it hands out counts.
            Stream::Secured(_) => self.fill().await.map(drop),
        }
    }

    /// Exactly `size` bytes.
    pub(super) async fn read_exact(&mut self, size: usize) -> io::Result<Bytes> {
        while self.buffer.len() < size {
            if self.fill().await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(self.buffer.split_to(size).freeze())
    }

    /// Polls for more bytes; 0 at the end.
    pub(super) fn poll_fill(&mut self, cx: &mut std::task::Context<'_>) -> std::task::Poll<io::Result<usize>> {
        self.make_room();
        let read = self.stream.read_buf(&mut self.buffer);
        tokio::pin!(read);
        // `read_buf` keeps no state between polls, so making it anew each time loses nothing.
        Future::poll(read, cx)
    }
}
