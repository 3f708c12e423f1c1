//! Work that no request asks for: keys that move, rows that nobody needs.

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

/// Runs until `stop`. A failure is logged and tried again with the next tick; it never ends the role.
pub(crate) async fn run(state: Arc<State>, tick: Duration, stop: CancellationToken) {
    let (mut swept, mut complaint) = (Instant::default(), None);
    loop {
        // Both arms are cancel safe.
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(tick) => {}
        }
        let now = state.deps.clock.now();
        complain(&mut complaint, state.keys.tick(now).await.err());
        if now.since(swept) >= SWEEP_EVERY {
            swept = now;
            if let Err(error) = sweep(&state, now).await {
                tracing::warn!(cause = crate::tokens::chain(&error), "the token service's memory could not be swept");
            }
        }
    }
}

/// All of it, at once and whatever the time since the last.
pub(crate) async fn everything(state: &State) -> Result<(), KeyError> {
    let now = state.deps.clock.now();
    state.keys.tick(now).await?;
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

async fn sweep(state: &State, now: Instant) -> Result<(), StoreError> {
    // Tokens end at most LIFETIME_MAX after they were issued; twice that leaves room for clocks that differ.
    let sweep = Sweep { now, cutoffs_before: now.minus(LIFETIME_MAX * 2), limit: SWEEP_ROWS };
    loop {
        let swept = transact::<_, StoreError, _>(state.deps.store.as_ref(), |mut work| {
            Box::pin(async move { work.token_sweep(sweep).await })
        })
        .await?;
        if swept < u64::from(SWEEP_ROWS) {
            return Ok(());
        }
    }
}
