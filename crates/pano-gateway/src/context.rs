//! What is known about one request: filled phase by phase, and turned into its access record at the end.

use crate::compiled::{Api, App, Compiled, Operation, Subscription};
use crate::conn::Conn;
use crate::limit::{Limit, Verdict};
use crate::record::line::{Line, NO_APP, NO_OPERATION};
use crate::record::{NotWritten, Ticket};
use crate::router::Captures;
use crate::stamp;
use crate::token::Claims;
use crate::worker::Worker;
use http::{HeaderMap, HeaderValue, Method};
use pano_types::{Code, Instant, Lang};
use std::rc::Rc;
use std::sync::Arc;

/// One request.
pub struct Context {
    /// Who serves it.
    pub worker: Rc<Worker>,
    /// Where it came in.
    pub conn: Rc<Conn>,
    /// Its number on the connection.
    pub call: u64,
    /// The snapshot it is served with, to its end.
    pub compiled: Option<Rc<Compiled>>,
    /// When its head was in.
    pub at: Instant,
    started: std::time::Instant,
    /// Request id.
    pub id: HeaderValue,
    /// `00-TRACE-SPAN-FLAGS` towards the upstream (W3C Trace Context §3.2).
    pub traceparent: [u8; 55],
    /// Method.
    pub method: Method,
    /// Language of problems.
    pub lang: Lang,
    /// Where it goes, from phase *route* on.
    pub route: Option<Route>,
    /// Who calls, from phase *identify* on.
    pub claims: Option<Rc<Claims>>,
    /// The app, and the place of its subscription.
    pub app: Option<(Arc<App>, Option<usize>)>,
    /// The tightest limit, for the `RateLimit` headers.
    pub limit: Option<(&'static str, Limit, Verdict)>,
    /// Whether every check has passed.
    pub accepted: bool,
    /// Request body, bytes.
    pub bytes_in: u64,
    /// Time spent waiting for the upstream.
    pub upstream_us: Option<u64>,
    /// When the call to the upstream began.
    pub upstream_since: Option<std::time::Instant>,
    /// Upstream attempts.
    pub attempts: u8,
    /// Problem that the gateway answers with.
    pub code: Option<Code>,
    recorded: bool,
}

/// Where a request goes.
#[derive(Debug)]
pub struct Route {
    /// API version.
    pub api: Arc<Api>,
    /// Place of the operation; none for a retired version.
    pub operation: Option<u32>,
    /// Path parameters, as ranges of the path below the base path.
    pub captures: Captures,
    /// Path in normal form, when that is not how it was sent.
    pub normal: Option<String>,
    /// Length of the base path.
    pub base: usize,
}

impl Context {
    /// For a request whose head is in.
    pub fn new(worker: Rc<Worker>, conn: Rc<Conn>, parts: &http::request::Parts) -> Self {
        let call = conn.begin();
        let id = worker.next_id();
        Self {
            call,
            compiled: worker.compiled(),
            at: worker.shared.clock.now(),
            started: std::time::Instant::now(),
            id,
            traceparent: traceparent(&parts.headers, &worker),
            method: parts.method.clone(),
            lang: Lang::En,
            route: None,
            claims: None,
            app: None,
            limit: None,
            accepted: false,
            bytes_in: 0,
            upstream_us: None,
            upstream_since: None,
            attempts: 0,
            code: None,
            recorded: false,
            worker,
            conn,
        }
    }

    /// The operation, once routed.
    pub fn operation(&self) -> Option<&Operation> {
        let route = self.route.as_ref()?;
        route.api.operation(route.operation?)
    }

    /// The subscription that permits the call.
    pub fn subscription(&self) -> Option<&Subscription> {
        let (app, place) = self.app.as_ref()?;
        app.subscriptions.get((*place)?)
    }

    /// The trace id.
    pub fn trace_id(&self) -> &str {
        self.traceparent.get(3..35).and_then(|t| std::str::from_utf8(t).ok()).unwrap_or_default()
    }

    /// Puts the access record into the worker's buffer and counts the request. Once only.
    pub fn record(&mut self, status: u16, bytes_out: u64) -> Ticket {
        self.recorded = true;
        let duration_us = u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX);
        if self.upstream_us.is_none() && self.attempts > 0 {
            // Cut short while the upstream was at work: it may have carried the call out, and the record says that it had it.
            let since = self.upstream_since.map(|since| since.elapsed().as_micros());
            self.upstream_us = since.map(|us| u64::try_from(us).unwrap_or(u64::MAX));
        }
        let totals = &self.worker.shared.totals;
        let stats = self.route.as_ref().map_or(&totals.unrouted, |route| &route.api.stats);
        stats.count(status, duration_us, self.upstream_us);
        if let Some(code) = self.code {
            totals.problem(code);
        }
        let operation = match (&self.route, self.operation()) {
            (_, Some(operation)) => &operation.record,
            (Some(route), None) => &*route.api.record,
            (None, None) => NO_OPERATION,
        };
        let line = Line {
            id: self.id.as_bytes(),
            at: self.at,
            trace_id: self.trace_id().as_bytes(),
            client: &self.conn.peer_text,
            method: self.method.as_str(),
            operation,
            app: self.app.as_ref().map_or(NO_APP, |(app, _)| &app.record),
            subscription: self.subscription().map_or(b"null", |s| &s.record),
            status,
            code: self.code,
            accepted: self.accepted,
            bytes_in: self.bytes_in,
            bytes_out,
            duration_us,
            upstream_us: self.upstream_us,
            attempts: self.attempts,
        };
        self.worker.recorder.push(|out| line.write(out))
    }

    /// Makes sure that the record is in the log; a turn after [`Context::record`].
    ///
    /// # Errors
    /// When it could not be written.
    pub fn settle(&self, ticket: Ticket) -> Result<(), NotWritten> {
        self.worker.recorder.settle(ticket, &self.worker.shared.totals)
    }
}

/// Status in the record of a request whose caller went away before the answer (as nginx has it).
pub const CALLER_GONE: u16 = 499;

impl Drop for Context {
    fn drop(&mut self) {
        if !self.recorded {
            self.record(CALLER_GONE, 0);
            self.worker.flush_soon();
        }
    }
}

/// Continues the caller's trace when it sent a valid `traceparent`, else begins one; with a span of our own.
fn traceparent(headers: &HeaderMap, worker: &Worker) -> [u8; 55] {
    let mut out = *b"00-00000000000000000000000000000000-0000000000000000-01";
    let sent = headers.get("traceparent").map(HeaderValue::as_bytes).filter(|sent| is_traceparent(sent));
    match sent {
        Some(sent) => out.iter_mut().zip(sent).for_each(|(o, s)| *o = *s),
        None => {
            let (high, low) = (worker.random(), worker.random());
            hex(high, out.iter_mut().skip(3));
            hex(low, out.iter_mut().skip(19));
        }
    }
    hex(worker.random() | 1, out.iter_mut().skip(36));
    out
}

fn hex<'o>(value: u64, out: impl Iterator<Item = &'o mut u8>) {
    for (n, digit) in out.take(16).enumerate() {
        let nibble = (value >> (60 - 4 * n) & 15) as u8;
        *digit = if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 };
    }
}

/// Version 00, lower-case hex, neither id all zero.
fn is_traceparent(sent: &[u8]) -> bool {
    let digits = |range: std::ops::Range<usize>| {
        sent.get(range).is_some_and(|d| d.iter().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(b)))
    };
    let zero = |range: std::ops::Range<usize>| sent.get(range).is_some_and(|d| d.iter().all(|b| *b == b'0'));
    sent.len() == 55
        && sent.starts_with(b"00-")
        && sent.get(35) == Some(&b'-')
        && sent.get(52) == Some(&b'-')
        && digits(3..35)
        && digits(36..52)
        && digits(53..55)
        && !zero(3..35)
        && !zero(36..52)
}

/// A request id: run, worker, number.
pub fn request_id(run: &str, worker: usize, number: u64) -> HeaderValue {
    let mut text = Vec::with_capacity(32);
    text.extend_from_slice(run.as_bytes());
    text.push(b'-');
    stamp::number(worker as u64, &mut text);
    text.push(b'-');
    stamp::number(number, &mut text);
    HeaderValue::from_maybe_shared(bytes::Bytes::from(text)).unwrap_or(HeaderValue::from_static("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_valid_traceparents_are_continued() {
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        assert!(is_traceparent(good.as_bytes()));
        for bad in [
            "",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0\"",
        ] {
            assert!(!is_traceparent(bad.as_bytes()), "{bad}");
        }
        let mut out = [b'x'; 18];
        hex(0x0123_4567_89ab_cdef, out.iter_mut().skip(1));
        assert_eq!(&out, b"x0123456789abcdefx");
    }
}
