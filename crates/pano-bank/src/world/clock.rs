//! The sandbox's clock: the machine's time and an offset that only grows, what is due when, and the end of each day.
//!
//! Nothing runs by itself: whoever comes next first brings the world up to its time ([`advance`]), so a sandbox that slept
//! for a month runs thirty evenings in their order before it answers. Every job runs at the time it was due.

use super::World;
use super::table::Entity;
use crate::BANK_ZONE;
use crate::call::{Call, Refusal};
use crate::jobs;
use pano_types::{Date, Instant};
use serde::{Deserialize, Serialize};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

/// Where the clock stands.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SandboxClock {
    /// How far the sandbox is ahead of the machine, microseconds; negative after an old snapshot was restored.
    pub(crate) offset_us: i64,
    /// The last day that was closed.
    pub(crate) closed_on: Date,
}

impl Entity for SandboxClock {
    const KIND: &'static str = "sandbox.clock";
    type Id = String;
    fn id(&self) -> String {
        "clock".to_owned()
    }
}

/// Something to be done at a time.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Due {
    at: Instant,
    /// Name of a job in [`jobs::DUE`].
    job: String,
    /// What it is to be done to.
    subject: String,
    /// How often it has failed.
    #[serde(default)]
    failures: usize,
}

/// After which time a job that failed is tried again, failure by failure; then it is given up.
const RETRIES: [Duration; 5] = [
    Duration::from_secs(60),
    Duration::from_secs(600),
    Duration::from_secs(3_600),
    Duration::from_secs(6 * 3_600),
    Duration::from_secs(24 * 3_600),
];

/// A job that failed, for the operators to see; forgotten when the job succeeds.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Failure {
    job: String,
    /// What it was to be done to; empty for an evening's job as a whole.
    subject: String,
    times: u32,
    last_at: Instant,
}

impl Failure {
    fn key(job: &str, subject: &str) -> String {
        format!("{job}/{subject}")
    }
}

impl Entity for Failure {
    const KIND: &'static str = "sandbox.failure";
    type Id = String;
    fn id(&self) -> String {
        Self::key(&self.job, &self.subject)
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}: failed {} times, last at {}", self.job, self.subject, self.times, self.last_at)
    }
}

impl Due {
    fn key(at: Instant, job: &str, subject: &str) -> String {
        format!("{:020} {job} {subject}", at.unix_micros().max(0))
    }
}

impl Entity for Due {
    const KIND: &'static str = "sandbox.due";
    type Id = String;
    /// Sorts by time, then job, then subject: the order in which things are done.
    fn id(&self) -> String {
        Self::key(self.at, &self.job, &self.subject)
    }
}

impl World {
    /// How far the sandbox is ahead of the machine, microseconds.
    pub(crate) fn offset_us(&self) -> i64 {
        self.get::<SandboxClock>(&"clock".to_owned()).map_or(0, |clock| clock.offset_us)
    }

    /// The sandbox's time when the machine's is `machine`. It never runs back.
    pub(crate) fn time_at(&self, machine: Instant) -> Instant {
        let shifted = machine.unix_micros().saturating_add(self.offset_us());
        Instant::from_unix_micros(shifted).max(self.now)
    }

    /// The machine's time when the next thing is due, if anything is.
    pub(crate) fn due_at(&self) -> Option<Instant> {
        self.all::<Due>().next().map(|due| self.on_machine(due.at))
    }

    /// The machine's time when the next day ends.
    pub(crate) fn midnight(&self) -> Instant {
        let day = self.closed_on().plus_days(1);
        self.on_machine(day.plus_days(1).start(BANK_ZONE))
    }

    /// A time of the sandbox on the machine's clock.
    fn on_machine(&self, at: Instant) -> Instant {
        Instant::from_unix_micros(at.unix_micros().saturating_sub(self.offset_us()))
    }

    /// Sets the clock so that the sandbox's time is `time` now that the machine's is `machine`. The time itself moves with
    /// the next [`advance`].
    pub(crate) fn set_clock(&mut self, machine: Instant, time: Instant) {
        let offset_us = time.unix_micros().saturating_sub(machine.unix_micros());
        let closed_on = self.closed_on();
        self.put(SandboxClock { offset_us, closed_on });
    }

    /// Moves the clock on to `time`. What is due on the way is done after the call that moves it.
    pub(crate) fn move_clock(&mut self, time: Instant) {
        let ahead = i64::try_from(time.since(self.now).as_micros()).unwrap_or(i64::MAX);
        let (offset_us, closed_on) = (self.offset_us().saturating_add(ahead), self.closed_on());
        self.put(SandboxClock { offset_us, closed_on });
    }

    /// The last day that was closed; at the beginning, yesterday.
    pub(crate) fn closed_on(&self) -> Date {
        let clock = self.get::<SandboxClock>(&"clock".to_owned());
        clock.map_or_else(|| self.today().plus_days(-1), |clock| clock.closed_on)
    }

    /// Has a job of [`jobs::DUE`] done to `subject` at `at`, or as soon as possible when that has passed.
    pub(crate) fn schedule(&mut self, at: Instant, job: &'static str, subject: impl ToString) {
        self.put(Due { at, job: job.to_owned(), subject: subject.to_string(), failures: 0 });
    }

    /// Takes back what was scheduled; whether it was still to come.
    pub(crate) fn unschedule(&mut self, at: Instant, job: &'static str, subject: impl ToString) -> bool {
        self.remove::<Due>(&Due::key(at, job, &subject.to_string()))
    }

    pub(crate) fn set_now(&mut self, now: Instant) {
        self.now = now;
    }

    pub(crate) fn set_machine(&mut self, machine: Instant) {
        self.machine = machine;
    }

    fn close(&mut self, day: Date) {
        let offset_us = self.offset_us();
        self.put(SandboxClock { offset_us, closed_on: day });
    }
}

/// What is next before or at a time.
enum Next {
    Due(Due),
    Day(Date, Instant),
}

fn next(world: &World, to: Instant) -> Option<Next> {
    let day = world.closed_on().plus_days(1);
    let midnight = day.plus_days(1).start(BANK_ZONE);
    match world.all::<Due>().next() {
        Some(due) if due.at <= to && due.at < midnight => Some(Next::Due(due.clone())),
        _ => (midnight <= to).then_some(Next::Day(day, midnight)),
    }
}

/// Runs a job, or one item of it, and keeps what it changed; what fails leaves nothing.
///
/// # Errors
/// Why it failed.
fn attempt<'w>(call: &mut Call<'w>, job: impl FnOnce(&mut Call<'w>) -> Result<(), Refusal>) -> Result<(), String> {
    let outcome = catch_unwind(AssertUnwindSafe(|| job(call)));
    let outcome = outcome.unwrap_or_else(|_| Err(Refusal::broken("it panicked"))).map_err(|why| why.to_string());
    if outcome.is_err() {
        call.world.undo();
    }
    outcome.and_then(|()| call.world.keep())
}

/// The same, with a failure logged and noted for the operators, or its note forgotten. Whether it succeeded.
fn attempt_noted<'w>(
    call: &mut Call<'w>,
    name: &str,
    subject: &str,
    job: impl FnOnce(&mut Call<'w>) -> Result<(), Refusal>,
) -> bool {
    let outcome = attempt(call, job);
    let key = Failure::key(name, subject);
    let before = call.world.get::<Failure>(&key).map(|failure| failure.times);
    match (&outcome, before) {
        (Ok(()), None) => return true,
        (Ok(()), Some(_)) => {
            call.world.remove::<Failure>(&key);
        }
        (Err(error), before) => {
            tracing::error!(job = name, subject, error, "a job of a sandbox failed");
            let (times, last_at) = (before.unwrap_or(0).saturating_add(1), call.now());
            call.world.put(Failure { job: name.to_owned(), subject: subject.to_owned(), times, last_at });
        }
    }
    if let Err(error) = call.world.keep() {
        tracing::error!(job = name, error, "what became of a job cannot be noted");
    }
    outcome.is_ok()
}

impl<'w> Call<'w> {
    /// One item of an evening's job, by itself: what it changed is kept at once, and when it fails only that is taken back, so
    /// that one item does not stop the others. To be called by jobs only, before which nothing is unsaid.
    pub(crate) fn each(
        &mut self,
        job: &'static str,
        subject: impl std::fmt::Display,
        item: impl FnOnce(&mut Self) -> Result<(), Refusal>,
    ) {
        attempt_noted(self, job, &subject.to_string(), item);
    }
}

/// Brings the world to `to`: does what is due and closes the days on the way, each at its time. `seed` makes what they draw.
/// What they change is kept, each job's by itself; a job that fails leaves nothing, is logged and noted. One that was due is
/// tried again some times; an evening's comes again the next evening.
pub(crate) fn advance(world: &mut World, to: Instant, seed: u64) {
    let mut drawn = seed;
    let mut draw = || {
        drawn = drawn.wrapping_add(1);
        drawn
    };
    while let Some(next) = next(world, to) {
        match next {
            Next::Due(due) => {
                world.now = world.now.max(due.at);
                // Whatever becomes of it: it is not done a second time by this.
                settle(world, draw(), |world| {
                    world.remove::<Due>(&due.id());
                });
                let Some((name, job)) = jobs::DUE.iter().find(|(name, _)| *name == due.job) else {
                    tracing::error!(job = due.job, "no such job");
                    continue;
                };
                let mut call = Call::of_the_bank(world, draw());
                let done = attempt_noted(&mut call, name, &due.subject, |call| job(call, &due.subject));
                if let Some(wait) = RETRIES.get(due.failures).filter(|_| !done) {
                    let at = world.now.plus(*wait);
                    settle(world, draw(), |world| world.put(Due { at, failures: due.failures + 1, ..due.clone() }));
                }
            }
            Next::Day(day, midnight) => {
                world.now = world.now.max(midnight);
                for (name, job) in jobs::END_OF_DAY {
                    let mut call = Call::of_the_bank(world, draw());
                    attempt_noted(&mut call, name, "", |call| job(call, day));
                }
                settle(world, draw(), |world| world.close(day));
            }
        }
    }
    world.now = world.now.max(to);
}

/// A change of the clock's own, which stays.
fn settle(world: &mut World, seed: u64, change: impl FnOnce(&mut World)) {
    let outcome = attempt(&mut Call::of_the_bank(world, seed), |call| {
        change(call.world);
        Ok(())
    });
    if let Err(error) = outcome {
        tracing::error!(error, "the clock of a sandbox cannot be kept");
    }
}

/// The next instant after `at` that is a whole multiple of `every` since the epoch.
pub(crate) fn next_round(at: Instant, every: Duration) -> Instant {
    let every = i64::try_from(every.as_micros()).unwrap_or(i64::MAX).max(1);
    Instant::from_unix_micros(at.unix_micros().div_euclid(every).saturating_add(1).saturating_mul(every))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::account::Purpose;
    use crate::rooms::payment_order;
    use pano_types::Currency;

    fn world() -> World {
        let now = Instant::parse("2026-03-02T02:00:00Z").unwrap();
        let mut world = World::new(now);
        world.set_clock(now, now);
        world.keep().unwrap();
        world
    }

    #[test]
    fn a_due_job_that_fails_is_tried_again_some_times_and_noted() {
        let mut world = world();
        let start = world.now();
        // A payment that there is none of.
        world.schedule(start, payment_order::CLEAR, "pay_01KAV3M2N4ZQ8W5T7R9X1Y3C5D");
        world.keep().unwrap();
        let times = |world: &World| world.all::<Failure>().map(|failure| failure.times).sum::<u32>();
        for (after_seconds, failed) in [(0, 1), (59, 1), (60, 2), (660, 3), (4_260, 4), (25_860, 5), (112_260, 6)] {
            advance(&mut world, start.plus(Duration::from_secs(after_seconds)), 7);
            assert_eq!(times(&world), failed, "{after_seconds} s");
        }
        assert_eq!(world.all::<Due>().count(), 0, "given up");
        advance(&mut world, start.plus(Duration::from_secs(10 * 86_400)), 8);
        assert_eq!(times(&world), 6);
    }

    #[test]
    fn one_item_that_fails_takes_back_only_itself() {
        let mut world = world();
        let mut call = Call::of_the_bank(&mut world, 7);
        let fail = |call: &mut Call<'_>| {
            call.own(Purpose::Suspense, Currency::CNY)?;
            Err(Refusal::broken("for the test"))
        };
        call.each("test", "one", |call| call.own(Purpose::Nostro, Currency::CNY).map(|_| ()));
        call.each("test", "two", fail);
        call.each("test", "two", fail);
        call.each("test", "three", |_| panic!("for the test"));
        call.each("test", "four", |call| call.own(Purpose::Loans, Currency::CNY).map(|_| ()));
        let own = |purpose| call.world.own_account(purpose, Currency::CNY).is_some();
        assert_eq!((own(Purpose::Nostro), own(Purpose::Suspense), own(Purpose::Loans)), (true, false, true));
        let noted: Vec<_> = call.world.all::<Failure>().map(|f| (f.subject.as_str(), f.times)).collect();
        assert_eq!(noted, [("three", 1), ("two", 2)]);
        call.each("test", "two", |_| Ok(()));
        assert_eq!(call.world.all::<Failure>().count(), 1, "forgotten when it succeeds");
    }
}
