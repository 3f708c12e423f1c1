//! Wakes sandboxes in which something is due although nobody calls, and has their deliveries carried out.

use super::Vault;
use crate::call::Answer;
use crate::webhooks::Carrier;
use pano_store::StoreError;
use pano_types::Clock;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Sandboxes woken at one look.
const AT_ONCE: u32 = 32;

/// Looks every `interval` until `stop`. A failed look is logged; the next one goes on.
pub(crate) async fn wake(
    vault: Vault,
    carrier: Carrier,
    clock: Arc<dyn Clock>,
    interval: Duration,
    stop: CancellationToken,
) {
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            // All are cancel safe; a look itself is never cut off, only not begun.
            () = stop.cancelled() => return,
            () = vault.0.woken.notified() => {}
            _ = ticks.tick() => {}
        }
        if let Err(error) = look(&vault, &carrier, &*clock).await {
            tracing::warn!(%error, "looking for what is due failed");
        }
    }
}

async fn look(vault: &Vault, carrier: &Carrier, clock: &dyn Clock) -> Result<(), StoreError> {
    let due = vault.store().read().await?.bank_sandbox_due(clock.now(), AT_ONCE).await?;
    for sandbox in due {
        // Any call first does what is due; then there may be something to deliver.
        if let Err(error) = vault.call(sandbox.partner, "", Arc::new(|_| Ok(Answer::none()))).await {
            tracing::warn!(sandbox = %sandbox.id, %error, "what is due was not done");
        } else if let Err(error) = carrier.carry(sandbox.partner).await {
            tracing::warn!(sandbox = %sandbox.id, %error, "what is to be delivered was not claimed");
        }
    }
    Ok(())
}
