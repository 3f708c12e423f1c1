//! HTTP/1.1 towards partners (RFC 9112): one task a connection reads a head, has it answered, writes the answer.
//!
//! Written on sockets rather than on a library, for two reasons. A library resolves ambiguous framing quietly (it drops a
//! Content-Length beside a Transfer-Encoding, joins equal Content-Lengths, accepts bare line feeds and chunk extensions). Each is
//! legal in some reading and a request-smuggling tool in another, so here they are refused, and a second reader in front of a
//! library would read every byte twice. And an answer of usual size goes out in one write, head and body together.
//!
//! * [`head`], [`chunk`]: what bytes mean, strictly; no I/O.
//! * [`wire`]: the reading half of a connection: heads, bodies, time.
//! * [`answer`]: the writing half.
//!
//! Invariants:
//! * What was not understood is answered with a problem, and the connection ends: even a request that is no HTTP gets a code
//!   and a trace id.
//! * A connection that breaks while a request is answered ends the request; its record says so. A caller that has only said that
//!   it sends no more still gets its answers.
//! * An idle connection holds no buffer.

mod answer;
mod chunk;
mod head;
mod time;
mod wire;

pub(crate) use head::Field;
pub use time::Times;
pub use wire::Cut;
pub(crate) use wire::Pull;

use crate::conn::Conn;
use crate::incoming::Incoming;
use crate::phase;
use crate::worker::Worker;
use http::header::{ACCEPT_LANGUAGE, CONNECTION};
use http::request::Parts;
use http::{HeaderValue, Method, Request};
use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;
use wire::{Next, Wire};

/// Limits on a request head.
#[derive(Debug, Clone, Copy)]
pub struct HeadLimits {
    /// Bytes of request line and headers together.
    pub bytes: usize,
    /// Header lines.
    pub count: usize,
}

/// What the writing half must know of a request.
#[derive(Debug, Clone, Copy)]
struct Asked {
    is_head: bool,
    version_11: bool,
    keep_alive: bool,
}

/// Serves a connection until it ends. `first` has been read from it already.
///
/// # Errors
/// When the connection breaks.
pub(crate) async fn serve<S>(
    worker: &Rc<Worker>,
    io: S,
    conn: Rc<Conn>,
    stop: &CancellationToken,
    first: Vec<u8>,
) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let wire = Rc::new(RefCell::new(Wire::new(io, Rc::clone(worker), Rc::clone(&conn), first)));
    let mut stopped = pin!(stop.cancelled());
    loop {
        let next = poll_fn(|cx| {
            let mut wire = wire.borrow_mut();
            let next = wire.poll_head(cx);
            // A head that has begun may end within its time.
            if next.is_pending() && wire.is_idle() && stopped.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Ok(Next::Closed));
            }
            next
        });
        let (parts, asked) = match next.await? {
            Next::Closed => return Ok(()),
            Next::Request(parts, asked) => (parts, asked),
            Next::Refused { chinese } => stand_in(chinese),
        };
        let body = if wire.borrow().is_body_over() { Incoming::None } else { Incoming::Http1(Rc::clone(&wire) as _) };
        let response = {
            let mut handler = pin!(phase::serve(Rc::clone(worker), Rc::clone(&conn), parts, body));
            poll_fn(|cx| match handler.as_mut().poll(cx) {
                Poll::Ready(response) => Poll::Ready(Some(response)),
                Poll::Pending => wire.borrow_mut().poll_gone(cx).map(|()| None),
            })
            .await
        };
        // The caller has gone: dropping the handler has written the record.
        let Some(response) = response else { return Ok(()) };
        let closes = response.headers().get(CONNECTION).is_some_and(|v| v == "close");
        let more = asked.keep_alive && !closes && wire.borrow_mut().skip_body() && !worker.is_stopping();
        let more = more && !wire.borrow().is_at_end();
        if !answer::send(worker, &wire, response, asked, more).await? {
            return poll_fn(|cx| wire.borrow_mut().poll_close(cx)).await;
        }
        wire.borrow_mut().next_request();
    }
}

/// A head in place of one that was refused. The service asks the connection why, and answers with the problem.
fn stand_in(chinese: bool) -> (Parts, Asked) {
    let mut request = Request::new(());
    *request.method_mut() = Method::GET;
    if chinese {
        request.headers_mut().insert(ACCEPT_LANGUAGE, HeaderValue::from_static("zh"));
    }
    (request.into_parts().0, Asked { is_head: false, version_11: true, keep_alive: false })
}

#[cfg(test)]
mod tests;
