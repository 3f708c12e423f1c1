//! The keeper of one sandbox: gathers its calls, runs them in batches, has the changes written, answers.

use super::batch::{self, Batch, Spoilt, Work};
use super::committer::{Commit, Outcome};
use super::image::{self, Image};
use super::{Control, Job, Reply, Task, Vault, control, due_at};
use crate::call::Refusal;
use crate::failure::Error;
use pano_store::StoreError;
use pano_store::bank::Step;
use pano_types::id::PartnerId;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::{Notify, mpsc, oneshot};

/// Most calls of one batch.
const BATCH_MAX: usize = 256;
/// How often a batch is tried when others write the same sandbox.
const TRIES: u32 = 8;

pub(super) async fn run(
    vault: Vault,
    partner: PartnerId,
    mut jobs: mpsc::Receiver<Job>,
    leave: Arc<Notify>,
    weight: Arc<AtomicU64>,
) {
    let mut image: Option<Image> = None;
    let mut batch = Vec::new();
    loop {
        batch.clear();
        tokio::select! {
            // All are cancel safe: a job that is received is in the batch.
            count = jobs.recv_many(&mut batch, BATCH_MAX) => if count == 0 { return },
            () = leave.notified() => if vault.leave(partner, &mut jobs) { return },
            () = vault.0.stop.cancelled() => {
                // What has come is still done.
                jobs.close();
                if jobs.recv_many(&mut batch, BATCH_MAX).await == 0 {
                    return;
                }
            }
        }
        let mut calls = Vec::new();
        for Job { app, task, reply } in batch.drain(..) {
            match task {
                Task::Work(work) => calls.push(((app, work), reply)),
                Task::Control(control) => {
                    image = serve(&vault, partner, image.take(), std::mem::take(&mut calls)).await;
                    image = command(&vault, partner, image.take(), &control, reply).await;
                }
            }
        }
        image = serve(&vault, partner, image.take(), calls).await;
        weight.store(image.as_ref().map_or(0, Image::weight), Ordering::Relaxed);
    }
}

/// Does something to the sandbox as a whole, and answers.
async fn command(
    vault: &Vault,
    partner: PartnerId,
    mut image: Option<Image>,
    control: &Control,
    reply: oneshot::Sender<Reply>,
) -> Option<Image> {
    let mut tries = 0;
    let failed = loop {
        tries += 1;
        let done = match image.take() {
            Some(image) => Ok(image),
            None => image::open(&vault.0, partner).await,
        };
        let done = match done {
            Ok(image) if is_current(vault, &image).await.unwrap_or(false) => {
                control::carry_out(&vault.0, image, control).await
            }
            Ok(_) => Err(StoreError::Busy.into()),
            Err(error) => Err(error),
        };
        match done {
            Ok((image, answer)) => {
                drop(reply.send(Ok(answer)));
                return Some(image);
            }
            // Another process was first: again, from what it wrote.
            Err(Error::Store(StoreError::Busy)) if tries < TRIES => vault.0.store.pause(tries).await,
            Err(error) => break error,
        }
    };
    drop(reply.send(Err(told(failed))));
    None
}

/// Runs and writes a batch until it is done, and answers. Returns the image, when it can be used on.
async fn serve(
    vault: &Vault,
    partner: PartnerId,
    mut image: Option<Image>,
    jobs: Vec<((String, Work), oneshot::Sender<Reply>)>,
) -> Option<Image> {
    let (mut calls, mut replies): (Vec<_>, Vec<_>) = jobs.into_iter().unzip();
    let mut tries = 0;
    let failed = loop {
        if calls.is_empty() {
            return image;
        }
        tries += 1;
        if tries > TRIES {
            break Error::Store(StoreError::Busy);
        }
        let opened = match image.take() {
            Some(image) => Ok(image),
            None => image::open(&vault.0, partner).await,
        };
        let opened = match opened {
            Ok(image) => image,
            Err(error) => break error,
        };
        let (back, run) = match run_apart(vault, opened, calls).await {
            Ok(done) => done,
            Err(error) => {
                tracing::error!(%partner, %error, "a batch was lost");
                return None;
            }
        };
        calls = back.calls;
        match run {
            Ok(batch) => match write(vault, back.image, &batch).await {
                Ok(Some(image)) => {
                    for (reply, outcome) in replies.into_iter().zip(batch.outcomes) {
                        // Whoever has stopped waiting is not told.
                        drop(reply.send(Ok(outcome)));
                    }
                    return Some(image);
                }
                // Another process was first: again, from what it wrote.
                Ok(None) => {}
                Err(error) => break Error::Store(error),
            },
            Err(Spoilt::Panicked(place)) => {
                // Its half-done work is gone with the image; the others run again without it.
                if place < calls.len() {
                    drop(calls.remove(place));
                    let reply = replies.remove(place);
                    drop(reply.send(Ok(Err(Refusal::broken("a handler panicked")))));
                }
            }
            Err(Spoilt::Unwritable(what)) => break Error::Broken(what),
        }
    };
    let failed = told(failed);
    for reply in replies {
        drop(reply.send(Err(Arc::clone(&failed))));
    }
    None
}

/// A failure that several callers are told.
fn told(failed: Error) -> Arc<StoreError> {
    let source = |what: String| Box::new(std::io::Error::other(what));
    match failed {
        Error::Store(error) => Arc::new(error),
        Error::SharedStore(error) => error,
        Error::Refused(problem) => {
            Arc::new(StoreError::Unavailable { what: "the sandbox".to_owned(), source: source(problem.to_string()) })
        }
        Error::Broken(what) => Arc::new(StoreError::Internal { statement: "sandbox", source: source(what) }),
    }
}

/// What comes back from running a batch.
struct Back {
    image: Image,
    calls: Vec<(String, Work)>,
}

/// Runs a batch where it may take its time.
async fn run_apart(
    vault: &Vault,
    mut image: Image,
    calls: Vec<(String, Work)>,
) -> Result<(Back, Result<Batch, Spoilt>), tokio::task::JoinError> {
    let machine = vault.0.clock.now();
    tokio::task::spawn_blocking(move || {
        let done = batch::run(&mut image, machine, &calls);
        (Back { image, calls }, done)
    })
    .await
}

/// Has the changes of a batch written. `None`: the sandbox has moved on without us, and nothing was written.
async fn write(vault: &Vault, mut image: Image, batch: &Batch) -> Result<Option<Image>, StoreError> {
    let changes = &batch.changes;
    if changes.is_empty() {
        return if is_current(vault, &image).await? { Ok(Some(image)) } else { Ok(None) };
    }
    let mut next = image.row.clone();
    next.version += 1;
    next.transactions += changes.transactions.len() as u64;
    next.events += changes.events.len() as u64;
    next.due_at = due_at(&image.world);
    next.changed_at = vault.0.clock.now();
    let step = Step {
        id: next.id,
        from: image.row.version,
        scenario: next.scenario.clone(),
        image: next.image,
        transactions: next.transactions,
        events: next.events,
        due_at: next.due_at,
        changed_at: next.changed_at,
    };
    let (reply, outcome) = oneshot::channel();
    let commit = Commit::new(step, &image.row, changes, reply);
    if vault.0.committer.send(commit).await.is_err() {
        return Err(stopping());
    }
    match outcome.await {
        Ok(Outcome::Written) => {
            if next.due_at.is_some_and(|due| due <= next.changed_at) {
                vault.0.woken.notify_one();
            }
            image.row = next;
            Ok(Some(image))
        }
        Ok(Outcome::Moved) => Ok(None),
        Ok(Outcome::Failed(error)) => Err(error),
        Err(_) => Err(stopping()),
    }
}

fn stopping() -> StoreError {
    StoreError::Unavailable { what: "committer".to_owned(), source: Box::new(std::io::Error::other("stopping")) }
}

/// Whether the image is what the store has. Where no other process can write, it is.
async fn is_current(vault: &Vault, image: &Image) -> Result<bool, StoreError> {
    if vault.0.store.is_exclusive() {
        return Ok(true);
    }
    let row = vault.0.store.read().await?.bank_sandbox(image.row.id).await?;
    Ok(row.is_some_and(|row| row.version == image.row.version))
}
