//! Access records: written to the log before the partner has the whole answer.
//!
//! All requests of a worker that are ready in the same turn of its event loop share one `write(2)`: each puts its line into the
//! worker's buffer and steps aside once; whoever runs first afterwards writes for all.

pub mod line;

use crate::metrics::Totals;
use pano_bus::Log;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Number of a line among those of its worker, from 1.
pub type Ticket = u64;

/// The record could not be written: the request must not be answered as if it had been.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the access record could not be written")]
pub struct NotWritten;

/// The access log of one worker.
pub struct Recorder {
    log: Option<Arc<dyn Log>>,
    buffer: RefCell<Vec<u8>>,
    pushed: Cell<Ticket>,
    written: Cell<Ticket>,
    /// Ranges of lines that could not be written, latest last.
    failed: RefCell<VecDeque<(Ticket, Ticket)>>,
}

/// Failed batches that are remembered. Each of their requests asks in the turn after the write, so a few are plenty.
const FAILED_MAX: usize = 64;

impl Recorder {
    /// Writes to `log`; without one, nothing is recorded.
    pub fn new(log: Option<Arc<dyn Log>>) -> Self {
        Self {
            log,
            buffer: RefCell::new(Vec::with_capacity(16 << 10)),
            pushed: Cell::new(0),
            written: Cell::new(0),
            failed: RefCell::default(),
        }
    }

    /// Whether there is a log.
    pub const fn is_on(&self) -> bool {
        self.log.is_some()
    }

    /// Puts a line into the buffer. It is in the log after [`Recorder::settle`].
    pub fn push(&self, write: impl FnOnce(&mut Vec<u8>)) -> Ticket {
        if self.log.is_some() {
            write(&mut self.buffer.borrow_mut());
        }
        self.pushed.set(self.pushed.get() + 1);
        self.pushed.get()
    }

    /// Makes sure that the line is in the log. To be called a turn after [`Recorder::push`].
    ///
    /// # Errors
    /// When it could not be written.
    pub fn settle(&self, ticket: Ticket, totals: &Totals) -> Result<(), NotWritten> {
        if self.written.get() < ticket {
            self.flush(totals);
        }
        let failed = self.failed.borrow();
        if failed.iter().any(|(from, to)| (*from..=*to).contains(&ticket)) { Err(NotWritten) } else { Ok(()) }
    }

    /// Writes what is in the buffer.
    pub fn flush(&self, totals: &Totals) {
        let (from, to) = (self.written.get() + 1, self.pushed.get());
        self.written.set(to);
        let Some(log) = &self.log else { return };
        let mut buffer = self.buffer.borrow_mut();
        if buffer.is_empty() {
            return;
        }
        if let Err(error) = log.append(&buffer) {
            tracing::error!(%error, "access records could not be written");
            totals.log_failures.fetch_add(1, Ordering::Relaxed);
            let mut failed = self.failed.borrow_mut();
            failed.push_back((from, to));
            if failed.len() > FAILED_MAX {
                failed.pop_front();
            }
        }
        buffer.clear();
    }
}
