//! What is forgotten in time ([`Retention`](crate::Retention)): old access records, remembered answers and events that are on the
//! log, in small steps so that nothing waits for long. Tokens and replay marks are swept by identity, payments' keys by the bank.

use crate::error::Result;
use crate::state::Manager;
use std::sync::Arc;

/// Rows in one transaction.
const STEP: u32 = 2_000;

pub(crate) async fn run(manager: Manager) {
    loop {
        tokio::select! {
            // Both arms are cancel safe.
            () = tokio::time::sleep(manager.options().retention.every) => {}
            () = manager.stop().cancelled() => return,
        }
        if let Err(error) = round(&manager).await {
            tracing::warn!(cause = crate::error::chain(&error), "upkeep put off");
        }
        release(&manager).await;
    }
}

async fn round(manager: &Manager) -> Result<()> {
    let (now, retention) = (manager.now(), &manager.options().retention);
    let seen = manager.store().change_seq().await?.saturating_sub(retention.events_kept);
    while !manager.stop().is_cancelled() {
        let mut unit = manager.store().begin().await?;
        let answers = unit.remembered_answer_sweep(now.minus(retention.answers_for), STEP).await?;
        let records = unit.access_prune(now.minus(retention.records_for), retention.records_max, STEP).await?;
        let events = if seen > 0 { unit.outbox_prune(seen, STEP).await? } else { 0 };
        unit.save().await?;
        if answers + records + events == 0 {
            return Ok(());
        }
        tracing::debug!(answers, records, events, "forgotten");
    }
    Ok(())
}

/// Lets the event log forget what is older than its own retention: nobody reads it over us, so all of it counts as read.
async fn release(manager: &Manager) {
    let (log, now) = (Arc::clone(manager.events()), manager.now());
    match tokio::task::spawn_blocking(move || log.release(log.end(), now)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "old events could not be forgotten"),
        Err(error) => tracing::warn!(%error, "old events could not be forgotten"),
    }
}
