//! Wakes sandboxes in which something is due although nobody calls.

use super::Vault;
use crate::call::Answer;
use pano_store::StoreError;
use pano_types::Clock;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Sandboxes woken at one look.
const AT_ONCE: u32 = 32;

/// Looks every `interval` until `stop`. A failed look is logged; the next one goes on.
pub(crate) async fn wake(vault: Vault, clock: Arc<dyn Clock>, interval: Duration, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            // Both are cancel safe; a look itself is never cut off, only not begun.
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        if let Err(error) = look(&vault, &*clock).await {
            tracing::warn!(%error, "looking for what is due failed");
        }
    }
}

async fn look(vault: &Vault, clock: &dyn Clock) -> Result<(), StoreError> {
    let due = vault.store().read().await?.bank_sandbox_due(clock.now(), AT_ONCE).await?;
    for sandbox in due {
        // Any call first does what is due.
        if let Err(error) = vault.call(sandbox.partner, "", Arc::new(|_| Ok(Answer::none()))).await {
            tracing::warn!(sandbox = %sandbox.id, %error, "what is due was not done");
        }
    }
    Ok(())
}
