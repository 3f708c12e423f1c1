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

    /// The machine's time now, as far as the sandbox knows: that of the running batch.
    pub(crate) fn machine_now(&self) -> Instant {
        Instant::from_unix_micros(self.now.unix_micros().saturating_sub(self.offset_us()))
    }

    /// The machine's time when the next thing is due, if anything is.
    pub(crate) fn due_at(&self) -> Option<Instant> {
        let at = self.all::<Due>().next()?.at;
        Some(Instant::from_unix_micros(at.unix_micros().saturating_sub(self.offset_us())))
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
        self.put(Due { at, job: job.to_owned(), subject: subject.to_string() });
    }

    /// Takes back what was scheduled; whether it was still to come.
    pub(crate) fn unschedule(&mut self, at: Instant, job: &'static str, subject: impl ToString) -> bool {
        self.remove::<Due>(&Due::key(at, job, &subject.to_string()))
    }

    pub(crate) fn set_now(&mut self, now: Instant) {
        self.now = now;
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

/// Brings the world to `to`: does what is due and closes the days on the way, each at its time. `seed` makes what they draw.
/// What they change is kept, each job's by itself; a job that fails leaves nothing and is logged.
pub(crate) fn advance(world: &mut World, to: Instant, seed: u64) {
    let mut drawn = seed;
    let mut run = |world: &mut World, name: &str, job: &dyn Fn(&mut Call<'_>) -> Result<(), Refusal>| {
        drawn = drawn.wrapping_add(1);
        let mut call = Call::of_the_bank(world, drawn);
        let outcome = catch_unwind(AssertUnwindSafe(|| job(&mut call)));
        let outcome = outcome.unwrap_or_else(|_| Err(Refusal::broken("it panicked"))).map_err(|why| why.to_string());
        if outcome.is_err() {
            world.undo();
        }
        if let Err(error) = outcome.and_then(|()| world.keep()) {
            tracing::error!(job = name, error, "a job of a sandbox failed");
        }
    };
    while let Some(next) = next(world, to) {
        match next {
            Next::Due(due) => {
                world.now = world.now.max(due.at);
                // Whatever becomes of it: it is done once.
                run(world, &due.job, &|call| {
                    call.world.remove::<Due>(&due.id());
                    Ok(())
                });
                match jobs::DUE.iter().find(|(name, _)| *name == due.job) {
                    Some((name, job)) => run(world, name, &|call| job(call, &due.subject)),
                    None => tracing::error!(job = due.job, "no such job"),
                }
            }
            Next::Day(day, midnight) => {
                world.now = world.now.max(midnight);
                for (name, job) in jobs::END_OF_DAY {
                    run(world, name, &|call| job(call, day));
                }
                run(world, "close", &|call| {
                    call.world.close(day);
                    Ok(())
                });
            }
        }
    }
    world.now = world.now.max(to);
}

/// The next instant after `at` that is a whole multiple of `every` since the epoch.
pub(crate) fn next_round(at: Instant, every: Duration) -> Instant {
    let every = i64::try_from(every.as_micros()).unwrap_or(i64::MAX).max(1);
    Instant::from_unix_micros(at.unix_micros().div_euclid(every).saturating_add(1).saturating_mul(every))
}
