//! Wakes sandboxes in which something is due although nobody calls, and has their deliveries carried out.
//!
//! Sandboxes are served in the order in which they came due, many at once: one that takes long, and one that fails, keep
//! nobody waiting.

use super::Vault;
use crate::call::Answer;
use crate::webhooks::Carrier;
use pano_store::StoreError;
use pano_store::bank::Sandbox;
use pano_types::Clock;
use pano_types::id::SandboxId;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::{Id, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

/// Sandboxes woken at once.
const AT_ONCE: usize = 32;

/// Looks every `interval`, and when it is told to, until `stop`. A failed look is logged; the next one goes on.
pub(crate) async fn wake(
    vault: Vault,
    carrier: Carrier,
    clock: Arc<dyn Clock>,
    interval: Duration,
    stop: CancellationToken,
) {
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut waker = Waker { vault, carrier, tasks: JoinSet::new(), awake: HashMap::new(), resting: HashSet::new() };
    let mut more = false;
    loop {
        tokio::select! {
            // All are cancel safe; what was begun is never cut off.
            () = stop.cancelled() => break,
            () = waker.vault.0.woken.notified() => {}
            _ = ticks.tick() => waker.resting.clear(),
            Some(done) = waker.tasks.join_next_with_id() => {
                waker.done(done);
                if !more {
                    continue;
                }
            }
        }
        more = waker.look(&*clock).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "looking for what is due failed");
            false
        });
    }
    while waker.tasks.join_next().await.is_some() {}
}

struct Waker {
    vault: Vault,
    carrier: Carrier,
    /// Each says whether it got on.
    tasks: JoinSet<bool>,
    awake: HashMap<Id, SandboxId>,
    /// Those that did not get on, until the next tick.
    resting: HashSet<SandboxId>,
}

impl Waker {
    /// Wakes those that are due; whether it is worth another look when one of them is done.
    async fn look(&mut self, clock: &dyn Clock) -> Result<bool, StoreError> {
        // Those that are passed over below must not hide the others.
        let limit = AT_ONCE + self.awake.len() + self.resting.len();
        let rows = u32::try_from(limit).unwrap_or(u32::MAX);
        let due = self.vault.store().read().await?.bank_sandbox_due(clock.now(), rows).await?;
        let mut more = due.len() == limit;
        for sandbox in due {
            if self.resting.contains(&sandbox.id) {
                continue;
            }
            // It may have come due again behind what is being done.
            if self.awake.len() >= AT_ONCE || self.awake.values().any(|awake| *awake == sandbox.id) {
                more = true;
                continue;
            }
            let id = sandbox.id;
            let task = self.tasks.spawn(serve(self.vault.clone(), self.carrier.clone(), sandbox));
            self.awake.insert(task.id(), id);
        }
        Ok(more)
    }

    fn done(&mut self, done: Result<(Id, bool), JoinError>) {
        let (task, well) = done.unwrap_or_else(|error| (error.id(), false));
        if let Some(sandbox) = self.awake.remove(&task)
            && !well
        {
            self.resting.insert(sandbox);
        }
    }
}

/// Any call first does what is due; then there may be something to deliver. `false`: not now.
async fn serve(vault: Vault, carrier: Carrier, sandbox: Sandbox) -> bool {
    if let Err(error) = vault.call(sandbox.partner, "", Arc::new(|_| Ok(Answer::none()))).await {
        tracing::warn!(sandbox = %sandbox.id, %error, "what is due was not done");
        return false;
    }
    carrier.carry(sandbox.partner).await.unwrap_or_else(|error| {
        tracing::warn!(sandbox = %sandbox.id, %error, "what is to be delivered was not claimed");
        false
    })
}
