//! Runs a batch of calls on an image, each by itself: carried out and kept, or refused and taken back.

use super::image::Image;
use crate::call::{Answer, Call, Refusal};
use crate::world::{ChangeSet, clock};
use crate::world::{ENTITIES_MAX, TRANSACTIONS_MAX};
use pano_types::{Code, Instant};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// What a call does. It may run several times.
pub(crate) type Work = Arc<dyn Fn(&mut Call<'_>) -> Result<Answer, Refusal> + Send + Sync>;

/// A batch that was run.
pub(super) struct Batch {
    /// What became of each call.
    pub(super) outcomes: Vec<Result<Answer, Refusal>>,
    /// What they changed together.
    pub(super) changes: ChangeSet,
}

/// Why a batch must be run again, on a fresh image.
#[derive(Debug)]
pub(super) enum Spoilt {
    /// This call panicked.
    Panicked(usize),
    /// What was changed cannot be written.
    Unwritable(String),
}

/// Does what has been due and closes the days that are over.
fn catch_up(image: &mut Image, machine: Instant) {
    let to = image.world.time_at(machine);
    let seed = image.seed();
    clock::advance(&mut image.world, to, seed);
}

/// Brings the image to the machine's time `machine` and runs `calls`, each an app and its work.
pub(super) fn run(image: &mut Image, machine: Instant, calls: &[(String, Work)]) -> Result<Batch, Spoilt> {
    catch_up(image, machine);
    let mut outcomes = Vec::with_capacity(calls.len());
    for (place, (app, work)) in calls.iter().enumerate() {
        let seed = image.seed();
        let clock_before = image.world.offset_us();
        let world = &mut image.world;
        let full = world.book().transactions().len() >= TRANSACTIONS_MAX || world.entities() >= ENTITIES_MAX;
        let outcome = catch_unwind(AssertUnwindSafe(|| work(&mut Call::new(world, app, seed))));
        let outcome = outcome.map_err(|_| Spoilt::Panicked(place))?;
        let outcome = match outcome {
            Ok(_) if full && image.world.is_grown() => Err(Code::SandboxFull.into()),
            outcome => outcome,
        };
        outcomes.push(match outcome {
            Ok(answer) => image.world.keep().map(|()| answer).map_err(Refusal::Broken),
            Err(refusal) if refusal.is_kept() => match image.world.keep() {
                Ok(()) => Err(refusal),
                Err(defect) => Err(Refusal::Broken(defect)),
            },
            Err(refusal) => {
                image.world.undo();
                Err(refusal)
            }
        });
        if image.world.offset_us() != clock_before {
            // The call moved the clock: what is due on the way is done before the next one.
            catch_up(image, machine);
        }
    }
    let changes = image.world.take().map_err(Spoilt::Unwritable)?;
    Ok(Batch { outcomes, changes })
}
