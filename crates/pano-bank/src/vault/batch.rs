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
    image.world.set_machine(machine);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BANK_ZONE;
    use crate::model::account::BankAccount;
    use crate::rooms::ROOMS;
    use crate::seed::{self, Scenario};
    use crate::world::World;
    use pano_store::bank::{EntityRow, Sandbox};
    use pano_types::clock::SeededEntropy;
    use pano_types::id::{ImageId, PartnerId, SandboxId};
    use proptest::prelude::{Strategy, any, prop, prop_assert, prop_assert_eq, proptest};
    use proptest::test_runner::Config;
    use serde_json::json;
    use std::collections::BTreeMap;
    use std::time::Duration;

    const NOW: Instant = Instant::from_unix_micros(1_772_400_000_000_000);

    /// What a store would have after the writes of an image.
    #[derive(Default)]
    struct Stored {
        entities: BTreeMap<(String, String), String>,
        transactions: Vec<String>,
    }

    impl Stored {
        fn write(&mut self, changes: ChangeSet) {
            self.entities.extend(changes.put.into_iter().map(|row| ((row.kind, row.id), row.body)));
            changes.removed.iter().for_each(|key| drop(self.entities.remove(key)));
            self.transactions.extend(changes.transactions);
        }

        fn load(&self, at: Instant) -> World {
            let row = |((kind, id), body): (&(String, String), &String)| EntityRow {
                kind: kind.clone(),
                id: id.clone(),
                body: body.clone(),
            };
            let entities: Vec<_> = self.entities.iter().map(row).collect();
            let mut world = World::load(at, &entities, &self.transactions).unwrap();
            world.set_now(world.time_at(at));
            world
        }
    }

    fn image(world: World) -> Image {
        let entropy = SeededEntropy::new(1);
        let row = Sandbox {
            id: SandboxId::new(NOW, &entropy),
            partner: PartnerId::new(NOW, &entropy),
            scenario: String::new(),
            version: 1,
            image: ImageId::new(NOW, &entropy),
            transactions: 0,
            events: 0,
            due_at: None,
            created_at: NOW,
            changed_at: NOW,
        };
        Image { row, world, runs: 0 }
    }

    /// All that can be seen of a world's money.
    fn seen(world: &World) -> Vec<(String, i64, i64, usize)> {
        let row = |account: &BankAccount| {
            let (_, balance) = world.book().account(account.id).unwrap();
            (account.number.clone(), balance.booked_minor, balance.held_minor, world.book().entry_count(account.id))
        };
        world.all::<BankAccount>().map(row).collect()
    }

    /// One call: which operation, from and to which account, how much, then how many seconds later.
    type Step = (u8, usize, usize, i64, u64);

    fn step() -> impl Strategy<Value = Step> {
        (0..4u8, 0..5usize, 0..5usize, 1..9_000_000i64, prop::sample::select(vec![0u64, 1, 15, 4_000, 90_000]))
    }

    fn work(step: Step, accounts: &[String], key: usize) -> Work {
        let (kind, from, to, fen, _) = step;
        let amount = json!({ "amount": format!("{}.{:02}", fen / 100, fen % 100), "currency": "CNY" });
        let (id, body) = if kind == 0 {
            let body =
                json!({ "debtorAccountId": accounts[from], "creditorAccountId": accounts[to], "amount": amount });
            ("initiateInternalTransfer", body)
        } else {
            let creditor = json!({ "name": "某", "accountNumber": "6200000000000013", "bankCode": "999100000012" });
            let clearing = if kind == 1 { "IBPS" } else { "BEPS" };
            let body = json!({ "debtorAccountId": accounts[from], "creditor": creditor, "amount": amount, "clearing": clearing });
            ("initiateDomesticPayment", body)
        };
        let operation = ROOMS.iter().flat_map(|room| room.operations).find(|operation| operation.id == id).unwrap();
        let crate::rooms::Doing::Call(handler) = operation.doing else { panic!("{id} is a call") };
        let mut input = crate::call::Input { body: body.to_string().into(), ..Default::default() };
        input.headers.insert("content-type", http::HeaderValue::from_static("application/json"));
        Arc::new(move |call| {
            crate::door::idempotency::once(call, &format!("k-{key}"), "f", |call| handler(call, &input))
        })
    }

    proptest! {
        #![proptest_config(Config::with_cases(24))]
        /// A random history in batches, with the process dying now and then before a write: whatever was written makes the
        /// same world again, the books balance after every batch, and no customer is below the floor.
        #[test]
        fn what_was_written_is_the_world(
            batches in prop::collection::vec((prop::collection::vec(step(), 1..8), any::<bool>()), 1..12),
        ) {
            let (world, changes) = seed::build(Scenario::Everyone, 7, NOW).unwrap();
            let mut stored = Stored::default();
            stored.write(changes);
            let accounts: Vec<_> = world
                .customers_accounts()
                .filter(|standing| standing.ledger.currency.code() == "CNY")
                .map(|standing| standing.account.id.to_string())
                .collect();
            let (mut image, mut machine, mut key) = (image(world), NOW, 0);
            for (steps, dies) in batches {
                let calls: Vec<_> = steps
                    .iter()
                    .map(|step| {
                        key += 1;
                        ("app".to_owned(), work(*step, &accounts, key))
                    })
                    .collect();
                machine = machine.plus(Duration::from_secs(steps.iter().map(|step| step.4).sum()));
                let before = seen(&stored.load(machine));
                let batch = run(&mut image, machine, &calls).unwrap();
                prop_assert_eq!(batch.outcomes.len(), calls.len());
                if dies {
                    // Nothing was written: the next process begins where the last write left off.
                    image.world = stored.load(machine);
                    prop_assert_eq!(&before, &seen(&image.world));
                } else {
                    stored.write(batch.changes);
                    prop_assert_eq!(seen(&stored.load(machine)), seen(&image.world));
                }
                let book = image.world.book();
                prop_assert!(book.trial().is_balanced());
                prop_assert_eq!(book.discrepancies(), []);
                for standing in image.world.customers_accounts() {
                    prop_assert!(standing.balance.available_minor() >= standing.ledger.floor_minor.unwrap());
                }
                prop_assert!(image.world.closed_on().plus_days(1).start(BANK_ZONE) <= machine);
            }
        }
    }
}
