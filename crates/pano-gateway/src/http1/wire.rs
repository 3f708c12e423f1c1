//! The reading half of a connection: heads, bodies, and what happens when neither comes.

use super::chunk::Chunked;
use super::head::{self, Field, Head};
use super::time::{Phase, Timer};
use super::{Asked, HeadLimits};
use crate::conn::Conn;
use crate::worker::Worker;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, Version};
use pano_types::Code;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Most bytes that are read over after the last answer.
const LINGER_BYTES_MAX: usize = 1 << 20;
/// Most bytes of following requests that are taken in while one is answered.
const AHEAD_BYTES_MAX: usize = 16 << 10;
/// RFC 9110 §15.2.1.
const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// The body broke off, or was refused: the connection knows why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut;

/// A body that can be read piece by piece, whatever the connection is made of.
pub trait Pull {
    /// The next piece; `None` at the end.
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Cut>>>;
}

/// What comes on a connection between two answers.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "nearly every value is the large one, and it lives for one match")]
pub(super) enum Next {
    /// A request, whose body may be still to come.
    Request(Parts, Asked),
    /// A head that was refused; [`Conn::refusal`] says why.
    Refused {
        /// Whether the head asked for Chinese.
        chinese: bool,
    },
    /// The end.
    Closed,
}

/// What is expected: pure, so that it can be tried with any bytes in any pieces.
#[derive(Debug)]
pub(super) enum Framing {
    /// A head, or nothing.
    Head,
    /// So many bytes of a body.
    Sized(u64),
    /// More of a chunked body.
    Chunked(Chunked),
    /// Nothing: what else comes is thrown away.
    Over,
}

impl Framing {
    /// Takes a head from the beginning of `bytes`. `None`: more bytes are needed.
    pub(super) fn head(
        &mut self,
        bytes: &[u8],
        limits: HeadLimits,
        fields: &mut Vec<Field>,
    ) -> Result<Option<Head>, Code> {
        let head = head::read(bytes, limits, fields)?;
        if let Some(head) = &head {
            *self = match head.body {
                head::Body::None => Self::Head,
                head::Body::Sized(size) => Self::Sized(size),
                head::Body::Chunked => Self::Chunked(Chunked::default()),
            };
        }
        Ok(head)
    }

    /// Takes as much of a body from the beginning of `bytes` as there is: how many bytes it was, and the data in them.
    pub(super) fn data(&mut self, bytes: &[u8]) -> Result<(usize, Bytes), Code> {
        match self {
            Self::Head | Self::Over => Ok((0, Bytes::new())),
            Self::Sized(left) => {
                let size = (*left).min(bytes.len() as u64) as usize;
                *left -= size as u64;
                if *left == 0 {
                    *self = Self::Head;
                }
                Ok((size, Bytes::copy_from_slice(bytes.get(..size).unwrap_or_default())))
            }
            Self::Chunked(chunked) => {
                let mut data = Vec::new();
                let (size, done) = chunked.advance(bytes, &mut data).map_err(|()| Code::RequestFraming)?;
                if done {
                    *self = Self::Head;
                }
                Ok((size, data.into()))
            }
        }
    }
}

/// A connection.
pub(super) struct Wire<S> {
    io: S,
    worker: Rc<Worker>,
    conn: Rc<Conn>,
    framing: Framing,
    /// What came and is not used yet.
    pending: Vec<u8>,
    /// How much of it is used.
    used: usize,
    /// Heads so far.
    heads: u64,
    /// The caller sends no more.
    ended: bool,
    /// What is left to write of the interim answer that the caller waits for before it sends its body.
    interim: &'static [u8],
    clock: Timer,
    lingered: usize,
}

impl<S> Wire<S> {
    pub(super) fn new(io: S, worker: Rc<Worker>, conn: Rc<Conn>, first: Vec<u8>) -> Self {
        let clock = Timer::new(worker.shared.options.limits.times);
        let framing = Framing::Head;
        let (used, heads, ended, interim, lingered) = (0, 0, false, b"".as_slice(), 0);
        Self { io, worker, conn, framing, pending: first, used, heads, ended, interim, clock, lingered }
    }

    /// Whether nothing of a request has come.
    pub(super) fn is_idle(&self) -> bool {
        self.rest().is_empty()
    }

    /// Whether nothing more can come.
    pub(super) fn is_at_end(&self) -> bool {
        self.ended && self.is_idle()
    }

    /// Whether the body of the last request has been read, or there was none.
    pub(super) const fn is_body_over(&self) -> bool {
        matches!(self.framing, Framing::Head | Framing::Over)
    }

    /// Passes over what has come of a body that nobody read. Whether that was all of it.
    pub(super) fn skip_body(&mut self) -> bool {
        while !self.is_body_over() && !self.is_idle() {
            if self.take_data().is_none() {
                return false;
            }
        }
        matches!(self.framing, Framing::Head) && self.interim.is_empty()
    }

    /// The answer is out.
    pub(super) fn next_request(&mut self) {
        self.clock.restart();
    }

    fn rest(&self) -> &[u8] {
        self.pending.get(self.used..).unwrap_or_default()
    }

    fn consume(&mut self, size: usize) {
        self.used += size;
        if self.used >= self.pending.len() {
            // An idle connection holds no buffer.
            self.pending = Vec::new();
            self.used = 0;
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        if self.used > 0 {
            self.pending.drain(..self.used);
            self.used = 0;
        }
        self.pending.extend_from_slice(bytes);
    }

    /// A request from the beginning of `bytes` and its length; `None` when more bytes are needed.
    fn request(&mut self, bytes: &[u8]) -> Option<(usize, Next)> {
        let limits = self.worker.shared.options.limits.head;
        let worker = Rc::clone(&self.worker);
        let mut fields = worker.fields.borrow_mut();
        let read = self.framing.head(bytes, limits, &mut fields);
        let made = read.and_then(|head| head.map(|head| Ok((parts(bytes, &head, &fields)?, head))).transpose());
        match made {
            Ok(None) => None,
            Ok(Some((parts, head))) => {
                self.heads += 1;
                self.interim = if head.expects_continue && !self.is_body_over() { CONTINUE } else { b"" };
                self.clock.restart();
                let is_head = parts.method == Method::HEAD;
                let asked = Asked { is_head, version_11: head.version_11, keep_alive: head.keep_alive };
                Some((head.bytes, Next::Request(parts, asked)))
            }
            Err(code) => {
                let chinese = head::accept_language(bytes);
                self.refuse_head(code);
                Some((bytes.len(), Next::Refused { chinese }))
            }
        }
    }

    fn refuse_head(&mut self, code: Code) {
        self.heads += 1;
        self.conn.refuse(code, self.heads);
        self.framing = Framing::Over;
    }

    fn refuse_body(&mut self, code: Code) {
        self.conn.refuse(code, self.heads);
        self.framing = Framing::Over;
    }

    /// A piece of the body from what is there; none when it was refused.
    fn take_data(&mut self) -> Option<Bytes> {
        let mut framing = std::mem::replace(&mut self.framing, Framing::Over);
        match framing.data(self.rest()) {
            Ok((size, data)) => {
                self.framing = framing;
                self.consume(size);
                Some(data)
            }
            Err(code) => {
                self.refuse_body(code);
                None
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    /// What comes next.
    pub(super) fn poll_head(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Next>> {
        if !self.is_idle() {
            let bytes = std::mem::take(&mut self.pending);
            let found = self.request(bytes.get(self.used..).unwrap_or_default());
            self.pending = bytes;
            if let Some((size, next)) = found {
                self.consume(size);
                return Poll::Ready(Ok(next));
            }
        }
        let worker = Rc::clone(&self.worker);
        let Ok(mut scratch) = worker.scratch.try_borrow_mut() else {
            return Poll::Ready(Err(io::ErrorKind::ResourceBusy.into()));
        };
        loop {
            if self.ended {
                return Poll::Ready(Ok(Next::Closed));
            }
            let mut buffer = ReadBuf::new(&mut scratch);
            match Pin::new(&mut self.io).poll_read(cx, &mut buffer) {
                Poll::Ready(result) => result?,
                Poll::Pending if self.is_idle() => {
                    ready!(self.clock.poll(cx, Phase::Idle));
                    return Poll::Ready(Ok(Next::Closed));
                }
                Poll::Pending => {
                    ready!(self.clock.poll(cx, Phase::Head));
                    let chinese = head::accept_language(self.rest());
                    self.refuse_head(Code::RequestTimeout);
                    return Poll::Ready(Ok(Next::Refused { chinese }));
                }
            }
            let bytes = buffer.filled();
            if bytes.is_empty() {
                self.ended = true;
                continue;
            }
            if self.is_idle() {
                // The usual case: a head comes whole, and is read where it lies.
                if let Some((size, next)) = self.request(bytes) {
                    self.keep(bytes.get(size..).unwrap_or_default());
                    return Poll::Ready(Ok(next));
                }
                self.keep(bytes);
                continue;
            }
            self.keep(bytes);
            let bytes = std::mem::take(&mut self.pending);
            let found = self.request(&bytes);
            self.pending = bytes;
            if let Some((size, next)) = found {
                self.consume(size);
                return Poll::Ready(Ok(next));
            }
        }
    }

    /// Ready when the connection has broken: the caller has gone. One that has merely said that it sends no more may still read, so it
    /// gets its answers. To be asked while a request is answered whose body is not being read.
    pub(super) fn poll_gone(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if !matches!(self.framing, Framing::Head) {
            return Poll::Pending;
        }
        let worker = Rc::clone(&self.worker);
        let Ok(mut scratch) = worker.scratch.try_borrow_mut() else { return Poll::Pending };
        while !self.ended && self.rest().len() < AHEAD_BYTES_MAX {
            let mut buffer = ReadBuf::new(&mut scratch);
            match ready!(Pin::new(&mut self.io).poll_read(cx, &mut buffer)) {
                Ok(()) if !buffer.filled().is_empty() => self.keep(buffer.filled()),
                Ok(()) => self.ended = true,
                Err(_) => {
                    self.ended = true;
                    return Poll::Ready(());
                }
            }
        }
        Poll::Pending
    }

    /// Writes all of `bytes` from `at` on.
    pub(super) fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8], at: &mut usize) -> Poll<io::Result<()>> {
        while let Some(rest) = bytes.get(*at..).filter(|rest| !rest.is_empty()) {
            match Pin::new(&mut self.io).poll_write(cx, rest) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(size)) => {
                    *at += size;
                    self.clock.restart();
                }
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => {
                    ready!(self.clock.poll(cx, Phase::Answer));
                    return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
                }
            }
        }
        Pin::new(&mut self.io).poll_flush(cx)
    }

    /// Closes after the last answer, and reads over what the caller still sends: a socket closed with unread bytes is reset, and
    /// the reset can overtake the answer that says why (RFC 9112 §9.6).
    pub(super) fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.io).poll_shutdown(cx))?;
        let worker = Rc::clone(&self.worker);
        let Ok(mut scratch) = worker.scratch.try_borrow_mut() else { return Poll::Ready(Ok(())) };
        let unread = !matches!(self.framing, Framing::Head) || !self.is_idle();
        while unread && self.lingered < LINGER_BYTES_MAX && !self.ended {
            let mut buffer = ReadBuf::new(&mut scratch);
            match Pin::new(&mut self.io).poll_read(cx, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => self.lingered += buffer.filled().len(),
                Poll::Ready(_) => break,
                Poll::Pending => {
                    ready!(self.clock.poll(cx, Phase::Linger));
                    break;
                }
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Pull for Wire<S> {
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Cut>>> {
        while !self.interim.is_empty() {
            // Nothing stands between the interim answer and the socket yet, so no answer can be cut in two by it.
            match ready!(Pin::new(&mut self.io).poll_write(cx, self.interim)) {
                Ok(size) if size > 0 => self.interim = self.interim.get(size..).unwrap_or_default(),
                Ok(_) | Err(_) => {
                    self.framing = Framing::Over;
                    break;
                }
            }
            if self.interim.is_empty() && ready!(Pin::new(&mut self.io).poll_flush(cx)).is_err() {
                self.framing = Framing::Over;
            }
        }
        let worker = Rc::clone(&self.worker);
        loop {
            match self.framing {
                Framing::Head => return Poll::Ready(None),
                Framing::Over => return Poll::Ready(Some(Err(Cut))),
                Framing::Sized(_) | Framing::Chunked(_) => {}
            }
            if !self.is_idle() {
                match self.take_data() {
                    Some(data) if data.is_empty() => continue,
                    Some(data) => return Poll::Ready(Some(Ok(data))),
                    None => return Poll::Ready(Some(Err(Cut))),
                }
            }
            if self.ended {
                self.framing = Framing::Over;
                continue;
            }
            let Ok(mut scratch) = worker.scratch.try_borrow_mut() else {
                self.framing = Framing::Over;
                continue;
            };
            let mut buffer = ReadBuf::new(&mut scratch);
            match Pin::new(&mut self.io).poll_read(cx, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => self.keep(buffer.filled()),
                Poll::Ready(_) => self.ended = true,
                Poll::Pending => {
                    ready!(self.clock.poll(cx, Phase::Body));
                    self.refuse_body(Code::RequestTimeout);
                }
            }
        }
    }
}

/// The request that `head` and `fields` describe. One copy of the head is shared by all its values.
fn parts(bytes: &[u8], head: &Head, fields: &[Field]) -> Result<Parts, Code> {
    let malformed = Code::RequestMalformed;
    let whole = Bytes::copy_from_slice(bytes.get(..head.bytes).unwrap_or_default());
    let (mut parts, ()) = Request::new(()).into_parts();
    parts.method = Method::from_bytes(whole.get(head.method.clone()).unwrap_or_default()).map_err(|_| malformed)?;
    parts.uri = Uri::from_maybe_shared(whole.slice(head.target.clone())).map_err(|_| malformed)?;
    parts.version = if head.version_11 { Version::HTTP_11 } else { Version::HTTP_10 };
    let mut headers = HeaderMap::with_capacity(fields.len());
    for field in fields {
        let name = HeaderName::from_bytes(whole.get(field.name.clone()).unwrap_or_default()).map_err(|_| malformed)?;
        let value = HeaderValue::from_maybe_shared(whole.slice(field.value.clone())).map_err(|_| malformed)?;
        headers.append(name, value);
    }
    parts.headers = headers;
    Ok(parts)
}
