//! Exact limits: rates by GCRA, quotas per UTC day. One atomic word per key, shared by all workers, no lock.

use pano_snapshot::unit::Rate;
use pano_types::Instant;
use std::sync::atomic::{AtomicU64, Ordering};

/// State of one rate: the theoretical arrival time of the next request, nanoseconds since the epoch (GCRA, ITU-T I.371 annex A).
#[derive(Debug, Default)]
pub struct Bucket(AtomicU64);

/// A rate in the form that a request needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Nanoseconds that one request costs.
    cost: u64,
    /// Nanoseconds of credit that may be used at once.
    depth: u64,
    /// As configured.
    pub rate: Rate,
}

/// What a limit said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Whether the request may pass.
    pub allowed: bool,
    /// Requests that may follow at once.
    pub remaining: u64,
    /// Seconds until all credit is back; when refused, until the next request may pass. Rounded up.
    pub seconds: u64,
}

impl Limit {
    /// `None` when the rate allows nothing to be computed (no requests or no window): then there is no limit to enforce.
    pub fn new(rate: Rate) -> Option<Self> {
        let window = u64::from(rate.per_seconds).saturating_mul(1_000_000_000);
        let cost = window.checked_div(u64::from(rate.requests)).filter(|cost| *cost > 0)?;
        Some(Self { cost, depth: cost.saturating_mul(u64::from(rate.burst.max(1))), rate })
    }
}

impl Bucket {
    /// Takes one request's worth at `now`, exactly: of any number of callers at once no more pass than the limit allows.
    pub fn take(&self, limit: &Limit, now: Instant) -> Verdict {
        let now = u64::try_from(now.unix_micros()).unwrap_or(0).saturating_mul(1000);
        let mut tat = self.0.load(Ordering::Relaxed);
        loop {
            let next = tat.max(now).saturating_add(limit.cost);
            let used = next - now;
            if used > limit.depth {
                return Verdict { allowed: false, remaining: 0, seconds: (used - limit.depth).div_ceil(1_000_000_000) };
            }
            match self.0.compare_exchange_weak(tat, next, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => {
                    return Verdict {
                        allowed: true,
                        remaining: (limit.depth - used) / limit.cost,
                        seconds: used.div_ceil(1_000_000_000),
                    };
                }
                Err(actual) => tat = actual,
            }
        }
    }

    /// Gives one request's worth back, when another limit refused the request.
    pub fn give_back(&self, limit: &Limit) {
        self.0.fetch_sub(limit.cost, Ordering::Relaxed);
    }
}

/// Requests counted on one UTC day. The day and the count share a word, so that midnight needs no lock.
#[derive(Debug, Default)]
pub struct DayCount(AtomicU64);

const COUNT_BITS: u32 = 40;

impl DayCount {
    /// Counts one request at `now` unless that would exceed `quota`. Returns what is left, or `None` when refused.
    pub fn take(&self, quota: u64, now: Instant) -> Option<u64> {
        let day = day_number(now);
        let mut word = self.0.load(Ordering::Relaxed);
        loop {
            let count = if word >> COUNT_BITS == day { word & ((1 << COUNT_BITS) - 1) } else { 0 };
            if count >= quota {
                return None;
            }
            match self.0.compare_exchange_weak(
                word,
                day << COUNT_BITS | (count + 1),
                Ordering::Relaxed,
                Ordering::Relaxed,
            ) {
                Ok(_) => return Some(quota - count - 1),
                Err(actual) => word = actual,
            }
        }
    }

    /// Adds requests already counted on the day of `at`, at start.
    pub fn restore(&self, count: u64, at: Instant) {
        let count = count.min((1 << COUNT_BITS) - 1);
        self.0.store(day_number(at) << COUNT_BITS | count, Ordering::Relaxed);
    }
}

/// Seconds until the next UTC day.
pub fn seconds_to_midnight(now: Instant) -> u64 {
    u64::try_from(86_400 - now.unix_seconds().rem_euclid(86_400)).unwrap_or(86_400)
}

fn day_number(at: Instant) -> u64 {
    u64::try_from(at.unix_seconds() / 86_400).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Duration;

    const START: Instant = Instant::from_unix_seconds(1_770_000_000);

    fn limit(requests: u32, per_seconds: u32, burst: u32) -> Limit {
        Limit::new(Rate { requests, per_seconds, burst }).unwrap()
    }

    #[test]
    fn a_burst_passes_then_the_rate_rules() {
        let (bucket, limit) = (Bucket::default(), limit(2, 1, 3));
        for remaining in [2, 1, 0] {
            let verdict = bucket.take(&limit, START);
            assert_eq!((verdict.allowed, verdict.remaining), (true, remaining));
        }
        assert_eq!(bucket.take(&limit, START), Verdict { allowed: false, remaining: 0, seconds: 1 });
        let later = START.plus(Duration::from_millis(500));
        assert!(bucket.take(&limit, later).allowed && !bucket.take(&limit, later).allowed);
        let rested = START.plus(Duration::from_secs(60));
        assert_eq!((0..10).filter(|_| bucket.take(&limit, rested).allowed).count(), 3);
    }

    #[test]
    fn many_threads_together_get_exactly_the_burst() {
        let (bucket, limit) = (Bucket::default(), limit(1, 3600, 500));
        let passed: usize = std::thread::scope(|scope| {
            let take = || (0..400).filter(|_| bucket.take(&limit, START).allowed).count();
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(take)).collect();
            threads.into_iter().map(|t| t.join().unwrap()).sum()
        });
        assert_eq!(passed, 500);
    }

    #[test]
    fn what_is_given_back_can_be_taken_again() {
        let (bucket, limit) = (Bucket::default(), limit(1, 60, 1));
        assert!(bucket.take(&limit, START).allowed);
        bucket.give_back(&limit);
        assert!(bucket.take(&limit, START).allowed && !bucket.take(&limit, START).allowed);
    }

    #[test]
    fn a_quota_ends_with_the_day() {
        let count = DayCount::default();
        count.restore(3, START);
        assert_eq!((count.take(5, START), count.take(5, START), count.take(5, START)), (Some(1), Some(0), None));
        let tomorrow = START.plus(Duration::from_secs(seconds_to_midnight(START)));
        assert_eq!((count.take(5, tomorrow), seconds_to_midnight(tomorrow)), (Some(4), 86_400));
        assert_eq!(count.take(0, tomorrow), None);
    }

    #[test]
    fn a_rate_of_nothing_is_no_limit() {
        assert_eq!(Limit::new(Rate { requests: 0, per_seconds: 1, burst: 1 }), None);
        assert_eq!(Limit::new(Rate { requests: 1, per_seconds: 0, burst: 1 }), None);
    }

    proptest! {
        #[test]
        fn never_more_than_burst_plus_rate_times_time(
            requests in 1u32..50, burst in 1u32..20, steps in prop::collection::vec(0u64..200_000, 1..200),
        ) {
            let (bucket, limit) = (Bucket::default(), limit(requests, 1, burst));
            let (mut now, mut passed) = (START, 0u64);
            for step in steps {
                now = now.plus(Duration::from_micros(step));
                passed += u64::from(bucket.take(&limit, now).allowed);
            }
            let time = now.since(START).as_secs_f64();
            prop_assert!(passed as f64 <= f64::from(burst) + time * f64::from(requests) + 1e-6);
        }
    }
}
