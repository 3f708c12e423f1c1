//! What stands between the socket and hyper on an HTTP/1 connection: strict framing (RFC 9112), limits on heads, and time.
//!
//! hyper resolves ambiguous framing quietly (it drops a Content-Length beside a Transfer-Encoding, joins equal Content-Lengths,
//! accepts bare line feeds and chunk extensions). Each is legal in some reading and a request-smuggling tool in another, so the
//! guard refuses them. It follows the framing byte by byte and hands on only what it has understood. A head that it refuses is
//! replaced by a plain one, and the service is told through [`Conn`] to answer that one with the problem: so even a request that
//! is no HTTP gets a problem with a code and a trace id.

mod chunk;
mod head;
mod time;

pub use time::Times;

use crate::conn::Conn;
use chunk::Chunked;
use hyper::rt::ReadBufCursor;
use pano_types::Code;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Limits on a request head.
#[derive(Debug, Clone, Copy)]
pub struct HeadLimits {
    /// Bytes of request line and headers together.
    pub bytes: usize,
    /// Header lines.
    pub count: usize,
}

/// Most bytes that are read over after the last answer.
const LINGER_BYTES_MAX: usize = 1 << 20;

/// Stands in for a head that was refused.
const STAND_IN: &[u8] = b"GET / HTTP/1.1\r\nhost: refused\r\nconnection: close\r\n";

/// The guarded stream.
#[derive(Debug)]
pub struct Guard<S> {
    io: S,
    conn: Rc<Conn>,
    limits: HeadLimits,
    framing: Framing,
    /// Bytes from the socket that are not understood yet (the beginning of a head) or did not fit into hyper's buffer.
    pending: Vec<u8>,
    /// How many of them are understood.
    cleared: usize,
    /// Heads handed on so far.
    heads: u64,
    clock: time::Timer,
    end: End,
    /// Bytes read over after the last answer.
    lingered: usize,
}

/// What follows when everything understood has been handed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// More from the socket.
    No,
    /// The end of the connection.
    Closed,
    /// An error, for a body that must not look whole; then nothing.
    Broken,
    /// Nothing, not even an end, which hyper would take for a caller that has gone: the answer closes the connection.
    Silence,
}

#[derive(Debug)]
enum Framing {
    /// A head comes, or nothing.
    Head,
    /// So many bytes of a body are left.
    Sized(u64),
    /// A chunked body.
    Chunked(Chunked),
    /// Refused: what else comes is thrown away.
    Over,
}

impl<S> Guard<S> {
    /// Guards `io`. `first` has been read from it already.
    pub fn new(io: S, conn: Rc<Conn>, limits: HeadLimits, times: Times, first: Vec<u8>) -> Self {
        let mut guard = Self {
            io,
            conn,
            limits,
            framing: Framing::Head,
            pending: first,
            cleared: 0,
            heads: 0,
            clock: time::Timer::new(times),
            end: End::No,
            lingered: 0,
        };
        if !guard.pending.is_empty() {
            guard.clear();
        }
        guard
    }

    /// Understands as much of `pending` as there is.
    fn clear(&mut self) {
        let (understood, refusal) = understand(
            &mut self.framing,
            &mut self.heads,
            self.pending.get(self.cleared..).unwrap_or_default(),
            self.limits,
        );
        self.cleared += understood;
        if let Some(code) = refusal {
            self.refuse(code);
        }
    }

    /// Takes back what is not understood, and says so to the service.
    fn refuse(&mut self, code: Code) {
        let in_body = !matches!(self.framing, Framing::Head);
        self.conn.refuse(code, if in_body { self.heads } else { self.heads + 1 });
        self.framing = Framing::Over;
        let lang = head::accept_language(self.pending.get(self.cleared..).unwrap_or_default());
        self.pending.truncate(self.cleared);
        if !in_body {
            self.pending.extend_from_slice(STAND_IN);
            self.pending.extend_from_slice(if lang { b"accept-language: zh\r\n\r\n" } else { b"\r\n" });
            self.cleared = self.pending.len();
        }
        self.end = if in_body { End::Broken } else { End::Silence };
    }

    fn deliver(&mut self, out: &mut ReadBufCursor<'_>) {
        let size = self.cleared.min(out.remaining());
        out.put_slice(self.pending.get(..size).unwrap_or_default());
        self.cleared -= size;
        if size == self.pending.len() {
            self.pending.clear();
            // An idle connection holds no buffer.
            self.pending.shrink_to(0);
        } else {
            self.pending.drain(..size);
        }
    }

    fn phase(&self) -> time::Phase {
        match self.framing {
            Framing::Head if !self.pending.is_empty() => time::Phase::Head,
            Framing::Head if self.conn.is_busy() => time::Phase::Busy,
            Framing::Head => time::Phase::Idle,
            Framing::Sized(_) | Framing::Chunked(_) => time::Phase::Body,
            Framing::Over => time::Phase::Busy,
        }
    }

    fn time_is_over(&mut self, phase: time::Phase) {
        match phase {
            time::Phase::Idle => self.end = End::Closed,
            time::Phase::Head | time::Phase::Body => self.refuse(Code::RequestTimeout),
            time::Phase::Busy | time::Phase::Linger => {}
        }
    }
}

/// Walks over `bytes`; returns how many are understood, and why the next are not.
fn understand(framing: &mut Framing, heads: &mut u64, bytes: &[u8], limits: HeadLimits) -> (usize, Option<Code>) {
    let mut at = 0;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        if rest.is_empty() {
            return (at, None);
        }
        match framing {
            Framing::Head => match head::read(rest, limits) {
                Ok(None) => return (at, None),
                Ok(Some(found)) => {
                    at += found.bytes;
                    *heads += 1;
                    *framing = match found.body {
                        head::Body::None => Framing::Head,
                        head::Body::Sized(size) => Framing::Sized(size),
                        head::Body::Chunked => Framing::Chunked(Chunked::default()),
                    };
                }
                Err(code) => return (at, Some(code)),
            },
            Framing::Sized(left) => {
                let size = (*left).min(rest.len() as u64);
                at += size as usize;
                *left -= size;
                if *left == 0 {
                    *framing = Framing::Head;
                }
            }
            Framing::Chunked(chunked) => match chunked.advance(rest) {
                Ok((size, done)) => {
                    at += size;
                    if done {
                        *framing = Framing::Head;
                    }
                }
                Err(()) => return (at, Some(Code::RequestFraming)),
            },
            Framing::Over => return (bytes.len(), None),
        }
    }
}

impl<S: AsyncRead + Unpin> Guard<S> {
    /// After the last answer: reads over what the caller still sends. A socket closed with unread bytes is reset, and the reset
    /// can overtake the answer that says why (RFC 9112 §9.6).
    fn linger(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let unread = !matches!(self.framing, Framing::Head) || !self.pending.is_empty();
        while unread && self.lingered < LINGER_BYTES_MAX && self.end != End::Closed {
            let scratch = Rc::clone(self.conn.scratch());
            let Ok(mut scratch) = scratch.try_borrow_mut() else { break };
            let mut buffer = ReadBuf::new(&mut scratch);
            match Pin::new(&mut self.io).poll_read(cx, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => self.lingered += buffer.filled().len(),
                Poll::Ready(_) => break,
                Poll::Pending => {
                    ready!(self.clock.poll(cx, time::Phase::Linger));
                    break;
                }
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + Unpin> hyper::rt::Read for Guard<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, mut out: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        loop {
            if this.cleared > 0 {
                this.deliver(&mut out);
                return Poll::Ready(Ok(()));
            }
            match this.end {
                End::No => {}
                End::Closed => return Poll::Ready(Ok(())),
                End::Broken => {
                    this.end = End::Silence;
                    return Poll::Ready(Err(io::ErrorKind::InvalidData.into()));
                }
                End::Silence => return Poll::Pending,
            }
            let scratch = Rc::clone(this.conn.scratch());
            let Ok(mut scratch) = scratch.try_borrow_mut() else {
                return Poll::Ready(Err(io::ErrorKind::ResourceBusy.into()));
            };
            let mut buffer = ReadBuf::new(&mut scratch);
            match Pin::new(&mut this.io).poll_read(cx, &mut buffer) {
                Poll::Ready(result) => result?,
                Poll::Pending => {
                    let phase = this.phase();
                    ready!(this.clock.poll(cx, phase));
                    this.time_is_over(phase);
                    continue;
                }
            }
            let bytes = buffer.filled();
            if bytes.is_empty() {
                this.end = End::Closed;
                continue;
            }
            if this.pending.is_empty() && bytes.len() <= out.remaining() {
                // The usual case: everything that came is understood and goes straight on.
                if matches!(this.framing, Framing::Head) {
                    this.clock.restart();
                }
                let (understood, refusal) = understand(&mut this.framing, &mut this.heads, bytes, this.limits);
                out.put_slice(bytes.get(..understood).unwrap_or_default());
                this.pending.extend_from_slice(bytes.get(understood..).unwrap_or_default());
                if let Some(code) = refusal {
                    this.refuse(code);
                }
                if understood > 0 {
                    return Poll::Ready(Ok(()));
                }
            } else {
                this.pending.extend_from_slice(bytes);
                this.clear();
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> hyper::rt::Write for Guard<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, buf)
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.io).poll_shutdown(cx))?;
        self.linger(cx)
    }
    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, bufs)
    }
}

#[cfg(test)]
mod tests;
