//! What a handler of a room sees: the call it answers, what was sent, and how it answers or refuses.

mod answer;
mod input;
mod money;
mod refusal;

pub(crate) use answer::Answer;
pub(crate) use input::Input;
pub(crate) use refusal::Refusal;

use crate::rooms::events;
use crate::world::World;
use pano_types::clock::SeededEntropy;
use pano_types::id::EventId;
use pano_types::{Date, Entropy, Instant};

/// A call, or a job of the bank itself.
pub(crate) struct Call<'w> {
    /// The sandbox. What is changed in it is taken back when the call is refused.
    pub(crate) world: &'w mut World,
    /// Client id of the app that calls; empty in a job of the bank.
    pub(crate) app: &'w str,
    random: SeededEntropy,
}

impl<'w> Call<'w> {
    /// A call of `app`. The same `seed` draws the same.
    pub(crate) const fn new(world: &'w mut World, app: &'w str, seed: u64) -> Self {
        Self { world, app, random: SeededEntropy::new(seed) }
    }

    /// A job of the bank.
    pub(crate) const fn of_the_bank(world: &'w mut World, seed: u64) -> Self {
        Self::new(world, "", seed)
    }

    /// The sandbox's time. Never ask the machine for it.
    pub(crate) const fn now(&self) -> Instant {
        self.world.now()
    }

    /// The sandbox's day, in the bank's zone.
    pub(crate) fn today(&self) -> Date {
        self.world.today()
    }

    /// Repeatable randomness of this call.
    pub(crate) const fn random(&self) -> &SeededEntropy {
        &self.random
    }

    /// A new identifier: `call.id(PaymentId::new)`.
    pub(crate) fn id<T>(&self, make: impl FnOnce(Instant, &dyn Entropy) -> T) -> T {
        make(self.now(), &self.random)
    }

    /// Tells those who subscribed that something happened, if the call is not refused. `data` holds no C2 or C3 value.
    pub(crate) fn event(&mut self, kind: &'static str, subject: impl ToString, data: serde_json::Value) {
        let (id, subject) = (self.id(EventId::new), subject.to_string());
        events::fan_out(self, id, kind, &subject, &data);
        self.world.event(id, kind, subject, data);
    }
}
