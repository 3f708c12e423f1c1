//! Writes what keepers hand in, many sandboxes in one transaction.

use crate::world::ChangeSet;
use pano_store::bank::{EntityRow, Sandbox, SandboxEvent, Step};
use pano_store::{Store, StoreError, UnitOfWork, transact};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

/// Most sandboxes of one transaction.
const GROUP_MAX: usize = 64;
/// Events of a sandbox that are kept at least; who reads them and is farther behind has lost the oldest.
const EVENTS_KEPT: u64 = 10_000;
/// How many are forgotten at once.
const EVENTS_FORGOTTEN: u64 = 500;

/// What is to be written of one sandbox.
pub(super) struct Commit {
    step: Step,
    put: Vec<EntityRow>,
    removed: Vec<(String, String)>,
    first_transaction: u64,
    transactions: Vec<String>,
    events: Vec<SandboxEvent>,
    /// Events up to this place are no longer kept.
    forgotten: Option<u64>,
    reply: oneshot::Sender<Outcome>,
}

/// What became of it.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It is durable.
    Written,
    /// The sandbox stood at another version: nothing of it was written.
    Moved,
    /// Nothing was written, or, when saving itself failed, nobody knows.
    Failed(StoreError),
}

impl Commit {
    pub(super) fn new(step: Step, before: &Sandbox, changes: &ChangeSet, reply: oneshot::Sender<Outcome>) -> Self {
        let event = |(place, happened): (u64, &crate::world::Happened)| SandboxEvent {
            seq: before.events + 1 + place,
            id: happened.id,
            kind: happened.kind.to_owned(),
            subject: happened.subject.clone(),
            at: happened.at,
            data: happened.data.clone(),
        };
        Self {
            first_transaction: before.transactions + 1,
            put: changes.put.clone(),
            removed: changes.removed.clone(),
            transactions: changes.transactions.clone(),
            forgotten: forgotten(before.events, step.events),
            events: (0u64..).zip(&changes.events).map(event).collect(),
            step,
            reply,
        }
    }
}

/// Up to where events are forgotten when a sandbox goes from so many to so many: now and then, for deleting costs a statement.
fn forgotten(before: u64, after: u64) -> Option<u64> {
    let old = |events: u64| events.saturating_sub(EVENTS_KEPT) / EVENTS_FORGOTTEN;
    (old(after) > old(before)).then(|| old(after) * EVENTS_FORGOTTEN)
}

/// Runs until `end`, which comes after every keeper is gone.
pub(super) async fn run(store: Arc<dyn Store>, mut commits: mpsc::Receiver<Commit>, end: CancellationToken) {
    let mut group = Vec::new();
    loop {
        tokio::select! {
            // Cancel safe: what is received is in the group.
            count = commits.recv_many(&mut group, GROUP_MAX) => if count == 0 { return },
            () = end.cancelled() => return,
        }
        // Rows are locked in one order by every process, so that none waits for another that waits for it.
        group.sort_by_key(|commit| commit.step.id);
        let written = write(&*store, &group).await;
        answer(&mut group, written);
    }
}

async fn write(store: &dyn Store, group: &[Commit]) -> Result<Vec<bool>, StoreError> {
    transact(store, move |mut work| {
        Box::pin(async move {
            let mut written = Vec::with_capacity(group.len());
            for commit in group {
                written.push(write_one(&mut *work, commit).await?);
            }
            Ok(written)
        })
    })
    .await
}

async fn write_one(unit: &mut dyn UnitOfWork, commit: &Commit) -> Result<bool, StoreError> {
    if !unit.bank_sandbox_step(&commit.step).await? {
        return Ok(false);
    }
    let image = commit.step.image;
    unit.bank_entity_remove(image, &commit.removed).await?;
    unit.bank_entity_put(image, &commit.put).await?;
    unit.bank_transaction_append(image, commit.first_transaction, &commit.transactions).await?;
    unit.bank_event_append(commit.step.id, &commit.events).await?;
    if let Some(upto) = commit.forgotten {
        unit.bank_event_prune(commit.step.id, upto).await?;
    }
    Ok(true)
}

fn answer(group: &mut Vec<Commit>, written: Result<Vec<bool>, StoreError>) {
    match written {
        Ok(written) => {
            for (commit, written) in group.drain(..).zip(written) {
                drop(commit.reply.send(if written { Outcome::Written } else { Outcome::Moved }));
            }
        }
        Err(error) => {
            // One error for all of them: each keeper reads its sandbox again.
            let text = error.to_string();
            let busy = error.retriable();
            for commit in group.drain(..) {
                let error = if busy {
                    StoreError::Busy
                } else {
                    StoreError::Unavailable {
                        what: "bank.commit".to_owned(),
                        source: Box::new(std::io::Error::other(text.clone())),
                    }
                };
                drop(commit.reply.send(Outcome::Failed(error)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_events_are_forgotten_in_bulk() {
        for (before, after, upto) in
            [(0, 10_499, None), (10_499, 10_500, Some(500)), (10_500, 10_999, None), (10_000, 11_700, Some(1_500))]
        {
            assert_eq!(forgotten(before, after), upto, "{before} {after}");
        }
    }
}
