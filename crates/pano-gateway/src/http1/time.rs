//! Time limits of a connection, with one timer that is touched only when nothing else is to do.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep_until};

/// How long a connection may take.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    /// Between two requests.
    pub idle: Duration,
    /// From the first byte of a head to its last.
    pub head: Duration,
    /// For a body, from the end of its head; and for an answer that the caller does not take, from the last byte it took.
    pub body: Duration,
}

/// What a connection is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Idle,
    Head,
    Body,
    /// The caller does not take what is written.
    Answer,
    /// The last answer is out; the caller still sends.
    Linger,
}

/// How long a caller may still send after the last answer.
const LINGER: Duration = Duration::from_millis(500);

#[derive(Debug)]
pub(super) struct Timer {
    times: Times,
    phase: Phase,
    since: Option<Instant>,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Timer {
    pub(super) fn new(times: Times) -> Self {
        Self { times, phase: Phase::Idle, since: None, sleep: None }
    }

    /// Whatever the connection is doing begins anew.
    pub(super) const fn restart(&mut self) {
        self.since = None;
    }

    /// Called when the socket has nothing; ready when the phase has lasted too long. The timer is moved only to fire earlier: one
    /// that fires too early is set again, and so a busy connection almost never touches it.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, phase: Phase) -> Poll<()> {
        let limit = match phase {
            Phase::Idle => self.times.idle,
            Phase::Head => self.times.head,
            Phase::Body | Phase::Answer => self.times.body,
            Phase::Linger => LINGER,
        };
        let since = match self.since {
            Some(since) if self.phase == phase => since,
            _ => Instant::now(),
        };
        self.phase = phase;
        self.since = Some(since);
        let until = since + limit;
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep_until(until)));
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
}
