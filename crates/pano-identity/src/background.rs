//! Work that no request asks for: keys that move, rows that nobody needs, uses that are noted lazily.

use crate::keys::KeyError;
use crate::state::State;
use pano_oauth::access::LIFETIME_MAX;
use pano_store::token::Sweep;
use pano_store::{StoreError, transact};
use pano_types::Instant;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Rows of each kind in one sweep: a few milliseconds of the one writer.
const SWEEP_ROWS: u32 = 500;
/// Between two sweeps.
const SWEEP_EVERY: Duration = Duration::from_secs(60);
/// Between two writings of noted uses.
const FLUSH_EVERY: Duration = Duration::from_secs(30);

/// Runs until `stop`. A failure is logged and tried again with the next tick; it never ends the role.
pub(crate) async fn run(state: Arc<State>, tick: Duration, stop: CancellationToken) {
    let (mut swept, mut flushed) = (Instant::default(), state.deps.clock.now());
    let mut complaint = None;
    loop {
        // Both arms are cancel safe.
        tokio::select! {
            () = stop.cancelled() => break,
            () = tokio::time::sleep(tick) => {}
        }
        let now = state.deps.clock.now();
        complain(&mut complaint, state.keys.tick(now).await.err());
        if now.since(flushed) >= FLUSH_EVERY {
            flushed = now;
            note(state.clients.flush().await, "noting uses of credentials failed");
        }
        if now.since(swept) >= SWEEP_EVERY {
            swept = now;
            note(sweep(&state, now).await, "sweeping the token service's memory failed");
        }
    }
    note(state.clients.flush().await, "noting uses of credentials failed");
}

/// All of it, at once and whatever the time since the last.
pub(crate) async fn everything(state: &State) -> Result<(), KeyError> {
    let now = state.deps.clock.now();
    state.keys.tick(now).await?;
    state.clients.flush().await?;
    Ok(sweep(state, now).await?)
}

/// Keys are looked after every second: what stays wrong is said once.
fn complain(before: &mut Option<String>, error: Option<KeyError>) {
    let text = error.map(|error| crate::tokens::chain(&error));
    if let Some(cause) = text.as_ref().filter(|text| before.as_ref() != Some(text)) {
        tracing::error!(cause, "signing keys could not be looked after");
    }
    *before = text;
}

fn note(outcome: Result<(), StoreError>, failure: &'static str) {
    if let Err(error) = outcome {
        tracing::warn!(cause = crate::tokens::chain(&error), failure, "background work failed");
    }
}

async fn sweep(state: &State, now: Instant) -> Result<(), StoreError> {
    // Tokens end at most LIFETIME_MAX after they were issued; twice that leaves room for clocks that differ.
    let sweep = Sweep { now, cutoffs_before: now.minus(LIFETIME_MAX * 2), limit: SWEEP_ROWS };
    loop {
        let swept = transact::<_, StoreError, _>(state.deps.store.as_ref(), |mut work| {
            Box::pin(async move { work.token_sweep(sweep).await })
        })
        .await?
            + state.consents_sweep(now, SWEEP_ROWS).await?;
        if swept < u64::from(SWEEP_ROWS) {
            return Ok(());
        }
    }
}
