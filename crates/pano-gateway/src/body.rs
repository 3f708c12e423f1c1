//! Response bodies: whole, or streamed with the record written before the last byte goes out.

use crate::context::Context;
use crate::record::Ticket;
use crate::registry::Place;
use crate::upstream::body::Incoming;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use pano_types::Code;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context as Task, Poll, ready};
use tokio::time::Sleep;

/// What partners get.
pub enum Body {
    /// All at once; `None` when taken or empty.
    Full(Option<Bytes>),
    /// As it comes from the upstream.
    Stream(Box<Stream>),
}

/// A body on its way, with all that must end when it ends.
pub struct Stream {
    incoming: Incoming,
    context: Context,
    status: u16,
    sent: u64,
    deadline: Pin<Box<Sleep>>,
    _place: Place,
    state: State,
}

enum State {
    Flowing,
    /// The record is in the buffer; the piece goes out when it is in the log.
    Settling(Ticket, Option<Bytes>, bool),
    Done,
}

impl Body {
    /// A whole body.
    pub const fn full(bytes: Bytes) -> Self {
        Self::Full(Some(bytes))
    }

    /// A body that streams and records `context` at its end.
    pub fn stream(incoming: Incoming, context: Context, status: u16, deadline: Pin<Box<Sleep>>, place: Place) -> Self {
        let state = State::Flowing;
        Self::Stream(Box::new(Stream { incoming, context, status, sent: 0, deadline, _place: place, state }))
    }

    /// Length of a whole body.
    pub fn length(&self) -> u64 {
        match self {
            Self::Full(bytes) => bytes.as_ref().map_or(0, |b| b.len() as u64),
            Self::Stream(stream) => stream.incoming.left().unwrap_or(0),
        }
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Task<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match &mut *self {
            Self::Full(bytes) => Poll::Ready(bytes.take().filter(|b| !b.is_empty()).map(|b| Ok(Frame::data(b)))),
            Self::Stream(stream) => stream.poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Full(bytes) => bytes.as_ref().is_none_or(Bytes::is_empty),
            Self::Stream(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Full(_) => SizeHint::with_exact(self.length()),
            Self::Stream(stream) => stream.size_hint(),
        }
    }
}

impl Stream {
    fn size_hint(&self) -> SizeHint {
        let held = match &self.state {
            State::Settling(_, Some(piece), _) => piece.len() as u64,
            _ => 0,
        };
        self.incoming.left().map_or_else(SizeHint::default, |left| SizeHint::with_exact(left + held))
    }

    fn poll_frame(&mut self, cx: &mut Task<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        loop {
            match &mut self.state {
                State::Done => return Poll::Ready(None),
                State::Flowing => match ready!(self.poll_upstream(cx)) {
                    Ok(Some(piece)) => {
                        self.sent += piece.len() as u64;
                        if self.incoming.left() != Some(0) {
                            return Poll::Ready(Some(Ok(Frame::data(piece))));
                        }
                        self.finish(Some(piece));
                    }
                    Ok(None) => self.finish(None),
                    Err((code, error)) => {
                        self.context.code = Some(code);
                        self.finish(None);
                        self.state = State::Done;
                        self.context.worker.flush_soon();
                        return Poll::Ready(Some(Err(error)));
                    }
                },
                State::Settling(_, _, waited @ false) => {
                    // One turn, in which others may put their lines beside ours.
                    *waited = true;
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                State::Settling(ticket, piece, true) => {
                    let (ticket, piece) = (*ticket, piece.take());
                    self.state = State::Done;
                    return match (self.context.settle(ticket), piece) {
                        // Without its record the answer must not look complete.
                        (Err(error), _) => Poll::Ready(Some(Err(io::Error::other(error)))),
                        (Ok(()), Some(piece)) => Poll::Ready(Some(Ok(Frame::data(piece)))),
                        (Ok(()), None) => Poll::Ready(None),
                    };
                }
            }
        }
    }

    fn poll_upstream(&mut self, cx: &mut Task<'_>) -> Poll<Result<Option<Bytes>, (Code, io::Error)>> {
        match self.incoming.poll_next(cx) {
            Poll::Ready(None) => Poll::Ready(Ok(None)),
            Poll::Ready(Some(Ok(piece))) => Poll::Ready(Ok(Some(piece))),
            Poll::Ready(Some(Err(error))) => Poll::Ready(Err((Code::UpstreamFailed, error))),
            Poll::Pending => {
                ready!(self.deadline.as_mut().poll(cx));
                Poll::Ready(Err((Code::UpstreamTimeout, io::ErrorKind::TimedOut.into())))
            }
        }
    }

    fn finish(&mut self, piece: Option<Bytes>) {
        let ticket = self.context.record(self.status, self.sent);
        self.state = State::Settling(ticket, piece, false);
        if self.incoming.left() == Some(0) {
            // Nothing more comes, so this only gives the connection back.
            let mut cx = Task::from_waker(std::task::Waker::noop());
            let _ = self.incoming.poll_next(&mut cx);
        }
    }
}
