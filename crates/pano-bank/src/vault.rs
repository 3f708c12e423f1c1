//! Sandboxes, kept: loads a sandbox's world when it is called, runs its calls one at a time, and answers them after what they
//! changed is in the store.
//!
//! Each sandbox that is in use has a keeper, a task that owns its image. While one batch of its calls is being written, the
//! next gathers; one committer writes what all keepers hand it in one transaction. So the more calls there are at once, the
//! more of them share a write.
//!
//! The image is only ever ahead of the store between running a batch and writing it, and nobody is answered then. When the
//! write fails, or another process has written the sandbox since, the image is dropped, loaded again, and the batch runs
//! again: calls are pure. Kill the process at any moment, and what was answered is there.

mod batch;
mod committer;
mod control;
mod image;
mod keeper;
mod wake;

pub(crate) use batch::Work;
pub(crate) use control::Control;
pub(crate) use wake::wake;

use crate::call::{Answer, Refusal};
use crate::failure::Error;
use crate::seed::Scenario;
use committer::Commit;
use pano_store::{Store, StoreError};
use pano_types::id::PartnerId;
use pano_types::{Clock, Code, Entropy, Problem};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Calls that wait for one sandbox; more wait for their place.
const WAITING_MAX: usize = 1_024;

/// How sandboxes are kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct VaultOptions {
    /// Sandboxes in memory at once. One more makes the longest unused leave.
    pub(crate) images_max: usize,
    /// What a new sandbox is made from.
    pub(crate) scenario: Scenario,
    /// Seed of the scenario's customers, accounts and balances.
    pub(crate) seed: u64,
}

/// The vault. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Vault(Arc<Inner>);

struct Inner {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    options: VaultOptions,
    keepers: Mutex<HashMap<PartnerId, Keeper>>,
    committer: mpsc::Sender<Commit>,
    /// Something is due at once.
    woken: Notify,
    uses: AtomicU64,
    tasks: TaskTracker,
    writer: TaskTracker,
    /// Ends the keepers.
    stop: CancellationToken,
    /// Ends the committer, after the last of them.
    end: CancellationToken,
}

/// Entities and transactions in memory at once, over all sandboxes: about two gigabytes.
const WEIGHT_MAX: u64 = 4_000_000;

/// The way to a keeper.
struct Keeper {
    calls: mpsc::Sender<Job>,
    leave: Arc<Notify>,
    used: u64,
    /// Entities and transactions of its image.
    weight: Arc<AtomicU64>,
}

/// A call on its way.
struct Job {
    app: String,
    task: Task,
    reply: oneshot::Sender<Reply>,
}

/// What a keeper is asked for.
#[derive(Clone)]
enum Task {
    Work(Work),
    Control(Control),
}

/// What became of it: done, or why not; or the store's failure.
type Reply = Result<Result<Answer, Refusal>, Arc<StoreError>>;

impl Vault {
    pub(crate) fn start(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        options: VaultOptions,
    ) -> Self {
        let (tasks, stop, end) = (TaskTracker::new(), CancellationToken::new(), CancellationToken::new());
        let (committer, commits) = mpsc::channel(256);
        let writing = committer::run(Arc::clone(&store), commits, end.clone());
        let writer = TaskTracker::new();
        writer.spawn(writing);
        writer.close();
        let keepers = Mutex::default();
        let uses = AtomicU64::new(0);
        let woken = Notify::new();
        Self(Arc::new(Inner {
            store,
            clock,
            entropy,
            options,
            keepers,
            committer,
            woken,
            uses,
            tasks,
            writer,
            stop,
            end,
        }))
    }

    /// Runs `work` in the partner's sandbox, which is made when there is none. Returns when what it changed is durable.
    /// Whoever stops waiting does not stop the work.
    ///
    /// # Errors
    /// The work's refusal, or the store's failure.
    pub(crate) async fn call(&self, partner: PartnerId, app: &str, work: Work) -> Result<Answer, CallError> {
        self.ask(partner, app, Task::Work(work)).await
    }

    /// Does something to the partner's sandbox as a whole.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub(crate) async fn control(&self, partner: PartnerId, control: Control) -> Result<Answer, CallError> {
        self.ask(partner, "", Task::Control(control)).await
    }

    async fn ask(&self, partner: PartnerId, app: &str, task: Task) -> Result<Answer, CallError> {
        let (reply, answer) = oneshot::channel();
        let mut job = Job { app: app.to_owned(), task, reply };
        // A keeper may leave just when it is called; then there is another at the next look.
        loop {
            let calls = self.keeper(partner);
            match calls.send(job).await {
                Ok(()) => break,
                Err(mpsc::error::SendError(_)) if self.0.stop.is_cancelled() => return Err(CallError::Stopping),
                Err(mpsc::error::SendError(back)) => job = back,
            }
        }
        match answer.await {
            Ok(Ok(outcome)) => Ok(outcome?),
            Ok(Err(error)) => Err(CallError::Store(error)),
            Err(_) => Err(CallError::Stopping),
        }
    }

    /// Ends every keeper after what it has begun.
    pub(crate) async fn stop(&self) {
        self.0.stop.cancel();
        self.keepers().clear();
        self.0.tasks.close();
        self.0.tasks.wait().await;
        self.0.end.cancel();
        self.0.writer.wait().await;
    }

    pub(crate) fn store(&self) -> &dyn Store {
        &*self.0.store
    }

    fn keepers(&self) -> MutexGuard<'_, HashMap<PartnerId, Keeper>> {
        self.0.keepers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The way to the partner's keeper, which is begun when there is none.
    fn keeper(&self, partner: PartnerId) -> mpsc::Sender<Job> {
        let used = self.0.uses.fetch_add(1, Ordering::Relaxed);
        let mut keepers = self.keepers();
        if let Some(keeper) = keepers.get_mut(&partner) {
            keeper.used = used;
            return keeper.calls.clone();
        }
        let weight: u64 = keepers.values().map(|keeper| keeper.weight.load(Ordering::Relaxed)).sum();
        if (keepers.len() >= self.0.options.images_max || weight > WEIGHT_MAX)
            && let Some((_, oldest)) = keepers.iter().min_by_key(|(_, keeper)| keeper.used)
        {
            oldest.leave.notify_one();
        }
        let (calls, jobs) = mpsc::channel(WAITING_MAX);
        let (leave, weight) = (Arc::new(Notify::new()), Arc::new(AtomicU64::new(0)));
        self.0.tasks.spawn(keeper::run(self.clone(), partner, jobs, Arc::clone(&leave), Arc::clone(&weight)));
        keepers.insert(partner, Keeper { calls: calls.clone(), leave, used, weight });
        calls
    }

    /// Lets a keeper leave: whoever comes next begins another. Not while someone waits for it.
    fn leave(&self, partner: PartnerId, jobs: &mut mpsc::Receiver<Job>) -> bool {
        let mut keepers = self.keepers();
        if !jobs.is_empty() {
            return false;
        }
        jobs.close();
        keepers.remove(&partner);
        true
    }
}

/// Why a call was not answered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    /// It was refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store failed. What became of the call is not known when it failed while saving.
    #[error(transparent)]
    Store(Arc<StoreError>),
    /// The bank is stopping; nothing was done.
    #[error("the bank is stopping")]
    Stopping,
}

impl CallError {
    /// Seconds after which the caller may try again, if that was said.
    pub(crate) const fn wait(&self) -> Option<u64> {
        match self {
            Self::Refused(refusal) => refusal.wait(),
            Self::Store(_) | Self::Stopping => None,
        }
    }
}

impl From<CallError> for Error {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Refused(Refusal::Refused { problem, .. }) => Self::Refused(problem),
            CallError::Refused(Refusal::Broken(what)) => Self::Broken(what),
            CallError::Store(error) => Self::SharedStore(error),
            CallError::Stopping => Self::Refused(Problem::new(Code::Unavailable)),
        }
    }
}
