//! Bodies on their way: the request's to the upstream, the answer's from it.

use super::CallError;
use super::pool::{Connection, Pool};
use super::wire::Framing;
use bytes::{Buf, Bytes};
use std::future::Future;
use std::io;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

/// Where a request body comes from.
pub trait Source {
    /// The next piece; `None` at the end.
    fn next(&mut self) -> impl Future<Output = Option<Result<Bytes, CallError>>>;
}

/// Sends the whole body, unless the upstream answers before. Returns whether all of it went out.
pub(super) async fn send<B: Source>(
    connection: &mut Connection,
    source: &mut B,
    chunked: bool,
) -> Result<bool, CallError> {
    loop {
        // Both arms are safe to drop: `next` leaves its piece with the source, `readable` takes nothing.
        let piece = tokio::select! {
            biased;
            early = connection.readable() => {
                // An answer (or an end) before the body is through: what is left need not be sent.
                early.map_err(|_| CallError::Broken)?;
                return Ok(false);
            }
            piece = source.next() => piece,
        };
        let Some(piece) = piece else { break };
        let piece = piece?;
        if piece.is_empty() {
            continue;
        }
        let written = if chunked {
            let head = format!("{:x}\r\n", piece.len());
            let framed = [head.as_bytes(), &piece, b"\r\n"].concat();
            connection.write_all(&framed).await
        } else {
            connection.write_all(&piece).await
        };
        if written.is_err() {
            // It may have answered before it closed.
            return Ok(false);
        }
    }
    if chunked && connection.write_all(b"0\r\n\r\n").await.is_err() {
        return Ok(false);
    }
    Ok(true)
}

/// The body of an answer, read as it comes.
#[derive(Debug)]
pub struct Incoming {
    connection: Option<Connection>,
    pool: Rc<Pool>,
    state: State,
    reusable: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// So many bytes are left.
    Sized(u64),
    /// A chunk's size line comes.
    ChunkSize,
    /// So many bytes of a chunk are left.
    Chunk(u64),
    /// The line end after a chunk.
    ChunkEnd,
    /// Trailers come: read over.
    Trailers,
    /// Until the connection closes.
    Close,
    Done,
}

/// A chunk size line or trailer longer than this makes no sense.
const LINE_BYTES_MAX: usize = 4096;

impl Incoming {
    /// The body framed so, on this connection, which goes back to `pool` at its end.
    pub fn new(connection: Connection, framing: Framing, pool: Rc<Pool>, reusable: bool) -> Self {
        let state = match framing {
            Framing::None => State::Done,
            Framing::Sized(size) => State::Sized(size),
            Framing::Chunked => State::ChunkSize,
            Framing::Close => State::Close,
        };
        Self { connection: Some(connection), pool, state, reusable }
    }

    /// Bytes that are still to come, when known.
    pub const fn left(&self) -> Option<u64> {
        match self.state {
            State::Sized(left) => Some(left),
            State::Done => Some(0),
            _ => None,
        }
    }

    /// The next piece; `None` at the end.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        loop {
            if self.state == State::Done {
                if let Some(connection) = self.connection.take().filter(|_| self.reusable) {
                    self.pool.give_back(connection);
                }
                return Poll::Ready(None);
            }
            let Some(connection) = &mut self.connection else {
                return Poll::Ready(Some(Err(io::ErrorKind::NotConnected.into())));
            };
            match step(&mut self.state, connection) {
                Ok(Some(piece)) => return Poll::Ready(Some(Ok(piece))),
                Ok(None) if self.state == State::Done => continue,
                Ok(None) => {}
                Err(error) => {
                    self.connection = None;
                    return Poll::Ready(Some(Err(error)));
                }
            }
            match ready!(connection.poll_fill(cx)) {
                Ok(0) if self.state == State::Close => self.state = State::Done,
                Ok(0) => {
                    self.connection = None;
                    return Poll::Ready(Some(Err(io::ErrorKind::UnexpectedEof.into())));
                }
                Ok(_) => {}
                Err(error) => {
                    self.connection = None;
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
    }
}

/// Uses what is in the buffer. `None`: more is needed, or the body is done.
fn step(state: &mut State, connection: &mut Connection) -> io::Result<Option<Bytes>> {
    let invalid = || io::Error::from(io::ErrorKind::InvalidData);
    let buffer = &mut connection.buffer;
    loop {
        match *state {
            State::Done => return Ok(None),
            State::Close => {
                let piece = buffer.split().freeze();
                return Ok(Some(piece).filter(|p| !p.is_empty()));
            }
            State::Sized(left) | State::Chunk(left) => {
                let size = left.min(buffer.len() as u64);
                if size == 0 {
                    return Ok(None);
                }
                let piece = buffer.split_to(size as usize).freeze();
                *state = match (*state, left - size) {
                    (State::Sized(_), 0) => State::Done,
                    (State::Sized(_), left) => State::Sized(left),
                    (_, 0) => State::ChunkEnd,
                    (_, left) => State::Chunk(left),
                };
                return Ok(Some(piece));
            }
            State::ChunkEnd => {
                let Some(end) = buffer.get(..2) else { return Ok(None) };
                if end != b"\r\n" {
                    return Err(invalid());
                }
                buffer.advance(2);
                *state = State::ChunkSize;
            }
            State::ChunkSize | State::Trailers => {
                let Some(end) = memchr::memchr(b'\n', buffer) else {
                    return if buffer.len() > LINE_BYTES_MAX { Err(invalid()) } else { Ok(None) };
                };
                let line = buffer.split_to(end + 1).freeze();
                let line = line.strip_suffix(b"\r\n").ok_or_else(invalid)?;
                *state = match (*state, line.is_empty()) {
                    (State::Trailers, true) => State::Done,
                    (State::Trailers, false) => State::Trailers,
                    _ => {
                        let digits = line.split(|b| *b == b';').next().unwrap_or_default().trim_ascii();
                        let text = std::str::from_utf8(digits).map_err(|_| invalid())?;
                        if text.starts_with('+') {
                            return Err(invalid());
                        }
                        match u64::from_str_radix(text, 16).map_err(|_| invalid())? {
                            0 => State::Trailers,
                            size => State::Chunk(size),
                        }
                    }
                };
            }
        }
    }
}
