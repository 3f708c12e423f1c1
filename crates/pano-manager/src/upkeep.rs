//! What is forgotten in time: old access records, remembered answers and events that everyone has seen, in small steps so
//! that nothing waits for long.

use std::time::Duration;

use crate::error::Result;
use crate::state::Manager;

/// Between two rounds.
const EVERY: Duration = Duration::from_secs(60);
/// Rows in one transaction.
const STEP: u32 = 2_000;
/// Events kept behind the newest one; a publisher that is further behind looks at everything.
const EVENTS_KEPT: u64 = 100_000;
/// How long an idempotency key is remembered.
const ANSWERS_FOR: Duration = Duration::from_secs(86_400);

pub(crate) async fn run(manager: Manager) {
    loop {
        tokio::select! {
            // Both arms are cancel safe.
            () = tokio::time::sleep(EVERY) => {}
            () = manager.stop().cancelled() => return,
        }
        if let Err(error) = round(&manager).await {
            tracing::warn!(%error, "upkeep put off");
        }
    }
}

async fn round(manager: &Manager) -> Result<()> {
    let now = manager.now();
    let seen = manager.store().change_seq().await?.saturating_sub(EVENTS_KEPT);
    while !manager.stop().is_cancelled() {
        let mut unit = manager.store().begin().await?;
        let answers = unit.remembered_answer_sweep(now.minus(ANSWERS_FOR), STEP).await?;
        let (keep, before) = (manager.options().records_max, now.minus(manager.options().records_for));
        let records = unit.access_prune(before, keep, STEP).await?;
        let events = if seen > 0 { unit.outbox_prune(seen, STEP).await? } else { 0 };
        unit.save().await?;
        if answers + records + events == 0 {
            return Ok(());
        }
    }
    Ok(())
}
