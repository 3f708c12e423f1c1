//! Deadlines of upstream calls. Nearly every call ends long before its deadline, so timers are kept and set again instead of
//! being entered into the runtime's wheel and taken out of it by every request.

use crate::worker::Worker;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::time::{Instant, Sleep, sleep_until};

/// A kept timer. While unused it may fire, which wakes whoever used it last for nothing.
pub type Kept = Pin<Box<Sleep>>;

/// Ready at an instant, not before.
pub struct Deadline<'w> {
    worker: &'w Worker,
    until: Instant,
    sleep: Option<Kept>,
}

impl<'w> Deadline<'w> {
    /// Ready at `until`.
    pub const fn new(worker: &'w Worker, until: Instant) -> Self {
        Self { worker, until, sleep: None }
    }
}

/// Polls `sleep` as if it had been made for `until`. It is moved only to fire earlier: one that fires too early is set again.
pub fn poll(sleep: &mut Kept, until: Instant, cx: &mut Context<'_>) -> Poll<()> {
    if sleep.deadline() > until {
        sleep.as_mut().reset(until);
    }
    while sleep.as_mut().poll(cx).is_ready() {
        if Instant::now() >= until {
            return Poll::Ready(());
        }
        sleep.as_mut().reset(until);
    }
    Poll::Pending
}

impl Future for Deadline<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let (until, worker) = (self.until, self.worker);
        let sleep =
            self.sleep.get_or_insert_with(|| worker.take_timer().unwrap_or_else(|| Box::pin(sleep_until(until))));
        poll(sleep, until, cx)
    }
}

impl Drop for Deadline<'_> {
    fn drop(&mut self) {
        if let Some(sleep) = self.sleep.take() {
            self.worker.give_timer(sleep);
        }
    }
}
