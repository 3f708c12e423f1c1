//! `Idempotency-Key`: the answer to a request is kept in the sandbox with what the request changed, in one write.

use crate::call::{Answer, Call, Refusal, Shown};
use crate::world::Entity;
use pano_http::idempotency::REPLAYED;
use pano_types::{Code, Date, Instant};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long a key is kept, on the machine's clock: who repeats waits in real time, however far the sandbox's clock is moved.
const KEPT: Duration = Duration::from_secs(7 * 24 * 3600);

/// An answer kept for repetitions.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Remembered {
    app: String,
    key: String,
    fingerprint: String,
    /// On the machine's clock.
    at: Instant,
    status: u16,
    headers: Vec<(String, String)>,
    media: Option<String>,
    body: String,
    /// The secret that is told with the body is named, never kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shows: Option<Shown>,
}

impl Remembered {
    /// Neither part can hold a space.
    fn name(app: &str, key: &str) -> String {
        format!("{app} {key}")
    }
}

impl Entity for Remembered {
    const KIND: &'static str = "idempotency";
    type Id = String;
    fn id(&self) -> String {
        Self::name(&self.app, &self.key)
    }
}

/// Does `work` once for this key of the app, and answers repetitions as the first time. Calls of a sandbox run one after
/// the other, so none meets another one halfway.
///
/// # Errors
/// `idempotency.key_reused` when the key belongs to another request; the work's refusal, which does not use up the key.
pub(crate) fn once(
    call: &mut Call<'_>,
    key: &str,
    fingerprint: &str,
    work: impl FnOnce(&mut Call<'_>) -> Result<Answer, Refusal>,
) -> Result<Answer, Refusal> {
    if let Some(known) = call.world.get::<Remembered>(&Remembered::name(call.app, key)) {
        if known.fingerprint != fingerprint {
            return Err(Code::IdempotencyKeyReused.into());
        }
        let Remembered { status, headers, media, body, shows, .. } = known.clone();
        return Ok(Answer { status, headers, media, body, shows, silent: false }.header(REPLAYED, "true"));
    }
    let answer = work(call)?;
    let Answer { status, headers, media, body, shows, silent: _ } = answer.clone();
    let (app, key, fingerprint, at) =
        (call.app.to_owned(), key.to_owned(), fingerprint.to_owned(), call.world.machine_now());
    call.world.put(Remembered { app, key, fingerprint, at, status, headers, media, body, shows });
    Ok(answer)
}

/// Job: forgets keys that have been kept long enough.
pub(crate) fn forget(call: &mut Call<'_>, _: Date) -> Result<(), Refusal> {
    let before = call.world.machine_now().minus(KEPT);
    let old: Vec<_> = call.world.all::<Remembered>().filter(|known| known.at < before).map(Entity::id).collect();
    for id in old {
        call.world.remove::<Remembered>(&id);
    }
    Ok(())
}
