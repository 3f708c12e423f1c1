//! Quotas of the running day, restored from the log at start.

use crate::shared::Shared;
use pano_types::Instant;
use pano_types::id::SubscriptionId;
use serde::Deserialize;
use std::collections::HashMap;

/// Bytes read at once.
const READ_BYTES: usize = 4 << 20;

/// The part of a record that quotas need.
#[derive(Deserialize)]
struct Counted {
    at: Instant,
    subscription: Option<SubscriptionId>,
    accepted: bool,
}

/// Counts today's accepted requests by subscription.
pub fn restore(shared: &Shared) {
    let Some(log) = &shared.log else { return };
    let today = shared.clock.now();
    let mut counts: HashMap<SubscriptionId, u64> = HashMap::new();
    let mut from = log.start();
    loop {
        let chunk = match log.read(from, READ_BYTES) {
            Ok(chunk) if chunk.to > from => chunk,
            Ok(_) => break,
            Err(error) => {
                tracing::error!(%error, "today's quotas could not be restored whole");
                break;
            }
        };
        for line in chunk.lines.split(|b| *b == b'\n').filter(|l| !l.is_empty()) {
            if let Ok(Counted { at, subscription: Some(id), accepted: true }) = serde_json::from_slice(line)
                && at.day() == today.day()
            {
                *counts.entry(id).or_default() += 1;
            }
        }
        from = chunk.to;
    }
    for (id, count) in counts {
        shared.registry.hold_subscription(id).day.restore(count, today);
    }
}
