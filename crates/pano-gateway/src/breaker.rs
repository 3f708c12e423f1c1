//! The circuit breaker of an operation: closed, open, half-open. Shared by all workers without a lock.

use pano_types::Instant;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::time::Duration;

/// When a breaker opens and for how long.
#[derive(Debug, Clone)]
pub struct Options {
    /// Share of failures, in percent, at which it opens.
    pub failure_percent: u32,
    /// Calls that a window must hold before it can open.
    pub calls_min: u32,
    /// Length of the window in which calls are counted.
    pub window: Duration,
    /// How long it stays open before one call may try again.
    pub open_for: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { failure_percent: 50, calls_min: 20, window: Duration::from_secs(10), open_for: Duration::from_secs(5) }
    }
}

/// State of one breaker.
#[derive(Debug, Default)]
pub struct Breaker {
    /// When it opened, microseconds; 0: closed. Moves on when a trial is let through, so that only one is under way.
    opened: AtomicI64,
    window_start: AtomicI64,
    calls: AtomicU32,
    failures: AtomicU32,
}

/// What a breaker says to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// Go on.
    Closed,
    /// Go on; this is the one trial.
    Trial,
    /// Do not call; try again after so many seconds.
    Open(u64),
}

impl Breaker {
    /// Whether a call may go out.
    pub fn gate(&self, options: &Options, now: Instant) -> Gate {
        let opened = self.opened.load(Ordering::Relaxed);
        if opened == 0 {
            return Gate::Closed;
        }
        let again = Instant::from_unix_micros(opened).plus(options.open_for);
        if now < again {
            return Gate::Open(again.since(now).as_secs() + 1);
        }
        // Whoever moves the mark makes the trial; the others wait another round, or until the trial closes the breaker.
        match self.opened.compare_exchange(opened, now.unix_micros().max(1), Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => Gate::Trial,
            Err(_) => Gate::Open(options.open_for.as_secs().max(1)),
        }
    }

    /// Takes note of how a call that began at `now` ended.
    pub fn record(&self, options: &Options, now: Instant, failed: bool) {
        let opened = self.opened.load(Ordering::Relaxed);
        if opened != 0 {
            // A call that began before the breaker opened says nothing about now.
            if !failed && now.unix_micros() >= opened {
                self.opened.store(0, Ordering::Relaxed);
                self.restart(now);
            }
            return;
        }
        if Instant::from_unix_micros(self.window_start.load(Ordering::Relaxed)).plus(options.window) < now {
            self.restart(now);
        }
        let calls = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        if !failed {
            return;
        }
        let failures = self.failures.fetch_add(1, Ordering::Relaxed) + 1;
        let share = u64::from(failures) * 100;
        if calls >= options.calls_min && share >= u64::from(calls) * u64::from(options.failure_percent) {
            self.opened.store(now.unix_micros().max(1), Ordering::Relaxed);
        }
    }

    /// Whether calls are held back now.
    pub fn is_open(&self) -> bool {
        self.opened.load(Ordering::Relaxed) != 0
    }

    fn restart(&self, now: Instant) {
        self.window_start.store(now.unix_micros(), Ordering::Relaxed);
        self.calls.store(0, Ordering::Relaxed);
        self.failures.store(0, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_opens_tries_once_and_closes() {
        let (breaker, options) = (Breaker::default(), Options { calls_min: 4, ..Options::default() });
        let start = Instant::from_unix_seconds(1_770_000_000);
        for failed in [false, true, true] {
            breaker.record(&options, start, failed);
            assert_eq!(breaker.gate(&options, start), Gate::Closed);
        }
        breaker.record(&options, start, false);
        breaker.record(&options, start, true);
        assert_eq!(breaker.gate(&options, start), Gate::Open(6));
        let later = start.plus(options.open_for);
        breaker.record(&options, Instant::from_unix_micros(start.unix_micros() - 1), false);
        assert!(breaker.is_open(), "an old call that ends well does not close it");
        assert_eq!(breaker.gate(&options, later), Gate::Trial);
        assert!(matches!(breaker.gate(&options, later), Gate::Open(_)), "one trial at a time");
        breaker.record(&options, later, true);
        assert!(matches!(breaker.gate(&options, later), Gate::Open(_)), "a failed trial keeps it open");
        let again = later.plus(options.open_for);
        assert_eq!(breaker.gate(&options, again), Gate::Trial);
        breaker.record(&options, again, false);
        assert_eq!(breaker.gate(&options, again), Gate::Closed);
    }

    #[test]
    fn old_failures_are_forgotten() {
        let (breaker, options) = (Breaker::default(), Options { calls_min: 2, ..Options::default() });
        let start = Instant::from_unix_seconds(1_770_000_000);
        breaker.record(&options, start, true);
        let later = start.plus(Duration::from_secs(11));
        breaker.record(&options, later, false);
        breaker.record(&options, later, false);
        breaker.record(&options, later, false);
        breaker.record(&options, later, true);
        assert_eq!(breaker.gate(&options, later), Gate::Closed);
    }
}
