//! Carries out deliveries: claims what is due in a sandbox, sends it, and notes what came back.
//!
//! A claim moves a delivery's due time on by [`LEASE`]; whoever claimed it has that long. If the process dies meanwhile, the
//! delivery is due again: delivery is at least once, under the same `webhook-id`. Claim and note are calls of the sandbox
//! like any other, so they are durable before anything follows from them.
//!
//! Signed by [Standard Webhooks](https://www.standardwebhooks.com/): `webhook-id`, `webhook-timestamp`, `webhook-signature`
//! over `id.timestamp.payload`; for a day after a rotation by both secrets.

use crate::call::{Answer, Call, Refusal};
use crate::keys::Keys;
use crate::rooms::events::{
    Attempt, Delivery, DeliveryState, Endpoint, Failure, OF_SANDBOX_MAX, Reason, Scheme, Traffic,
};
use crate::vault::{CallError, Vault};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use pano_crypto::Signer as _;
use pano_crypto::mac::hmac_sha256;
use pano_http::Outbound;
use pano_types::id::{EventId, PartnerId, WebhookDeliveryId, WebhookEndpointId};
use pano_types::{Clock, Entropy as _, Instant};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long whoever claims a delivery has to carry it out.
const LEASE: Duration = Duration::from_secs(60);
/// Deliveries under way at once, over all sandboxes; of one sandbox and of one endpoint see [`Traffic`].
const AT_ONCE: usize = 512;
/// Seconds before the second attempt, the third and so on; after the last of them a delivery is given up. The schedule that
/// Standard Webhooks recommends: somebody can mend over a weekend what broke on a Friday.
const PAUSES: [u64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
/// An endpoint that takes nothing for so long is switched off.
const PATIENCE: Duration = Duration::from_secs(5 * 86_400);
/// When nothing was sent for so long, longer than any pause, nobody knows how the endpoint has been meanwhile.
const IDLE: Duration = Duration::from_secs(36 * 3_600);
/// Attempts that are remembered of a delivery.
const ATTEMPTS_KEPT: usize = 30;

/// The carrier. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Carrier {
    vault: Vault,
    clock: Arc<dyn Clock>,
    keys: Keys,
    outbound: Outbound,
    room: Arc<Semaphore>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

/// A delivery that was claimed, with all that its request takes.
#[derive(Debug, Clone)]
struct Parcel {
    id: WebhookDeliveryId,
    event: EventId,
    payload: String,
    url: String,
    endpoint: WebhookEndpointId,
    scheme: Scheme,
    /// Generations of the secret that sign.
    generations: Vec<u32>,
}

impl Carrier {
    pub(crate) fn new(
        vault: Vault,
        clock: Arc<dyn Clock>,
        keys: Keys,
        outbound: Outbound,
        tasks: TaskTracker,
        stop: CancellationToken,
    ) -> Self {
        Self { vault, clock, keys, outbound, room: Arc::new(Semaphore::new(AT_ONCE)), tasks, stop }
    }

    /// Claims what is due in the partner's sandbox and sends it, each delivery in a task of its own. `false`: there was no
    /// room for any of it.
    pub(crate) async fn carry(&self, partner: PartnerId) -> Result<bool, CallError> {
        let mut permits = Vec::new();
        while permits.len() < OF_SANDBOX_MAX
            && let Ok(permit) = Arc::clone(&self.room).try_acquire_owned()
        {
            permits.push(permit);
        }
        if permits.is_empty() || self.stop.is_cancelled() {
            return Ok(false);
        }
        for (parcel, permit) in self.claim(partner, permits.len()).await?.into_iter().zip(permits) {
            let carrier = self.clone();
            self.tasks.spawn(async move {
                // Not cut off by a stop: what was claimed is sent, within the bound of a call.
                let attempt = carrier.send(&parcel).await;
                if let Err(error) = carrier.note(partner, parcel.id, attempt).await {
                    tracing::warn!(delivery = %parcel.id, %error, "what came of a delivery was not noted");
                }
                drop(permit);
            });
        }
        Ok(true)
    }

    async fn claim(&self, partner: PartnerId, most: usize) -> Result<Vec<Parcel>, CallError> {
        let (now, slot) = (self.clock.now(), Arc::new(Mutex::new(Vec::new())));
        let claimed = Arc::clone(&slot);
        let work = move |call: &mut Call<'_>| {
            *claimed.lock().unwrap_or_else(PoisonError::into_inner) = claim(call, now, most);
            Ok(Answer::none())
        };
        self.vault.call(partner, "", Arc::new(work)).await?;
        let mut claimed = slot.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(std::mem::take(&mut *claimed))
    }

    async fn send(&self, parcel: &Parcel) -> Attempt {
        let at = self.clock.now();
        let outcome = match sign(&self.keys, parcel, at) {
            Ok(headers) => self
                .outbound
                .post(&parcel.url, headers, Bytes::from(parcel.payload.clone()))
                .await
                .map_err(Failure::from),
            Err(error) => {
                tracing::error!(%error, "a delivery could not be signed");
                Err(Failure::Address)
            }
        };
        let duration_ms = u64::try_from(self.clock.now().since(at).as_millis()).unwrap_or(u64::MAX);
        match outcome {
            Ok((status, _)) => Attempt { at, status: Some(status.as_u16()), failure: None, duration_ms },
            Err(failure) => Attempt { at, status: None, failure: Some(failure), duration_ms },
        }
    }

    async fn note(&self, partner: PartnerId, id: WebhookDeliveryId, attempt: Attempt) -> Result<(), CallError> {
        let now = self.clock.now();
        let work = move |call: &mut Call<'_>| {
            note(call, id, attempt.clone(), now);
            Ok(Answer::none())
        };
        self.vault.call(partner, "", Arc::new(work)).await.map(drop)
    }
}

/// Takes up to `most` deliveries that are due, a few of each endpoint.
fn claim(call: &mut Call<'_>, now: Instant, most: usize) -> Vec<Parcel> {
    let mut parcels: Vec<Parcel> = Vec::new();
    let mut homeless = Vec::new();
    let leased = |one: &&Delivery| one.leased_until.is_some_and(|until| until > now);
    let mut traffic = Traffic::of(call.world.pending_deliveries().filter(leased));
    for delivery in call.world.pending_deliveries().filter(|delivery| delivery.due_at <= now) {
        if parcels.len() >= most {
            break;
        }
        let Some(endpoint) = call.world.get::<Endpoint>(&delivery.endpoint).filter(|endpoint| endpoint.enabled) else {
            homeless.push(delivery.id);
            continue;
        };
        if !traffic.admits(endpoint.id) {
            continue;
        }
        traffic.begin(endpoint.id);
        let both = endpoint.previous_until.is_some_and(|until| now < until);
        let generations =
            if both { vec![endpoint.generation, endpoint.generation - 1] } else { vec![endpoint.generation] };
        parcels.push(Parcel {
            id: delivery.id,
            event: delivery.event,
            payload: delivery.payload.clone(),
            url: endpoint.url.clone(),
            endpoint: endpoint.id,
            scheme: endpoint.scheme,
            generations,
        });
    }
    for id in homeless {
        call.world.edit::<Delivery>(&id, |delivery| delivery.end(DeliveryState::Cancelled, None, now));
    }
    for parcel in &parcels {
        let until = now.plus(LEASE);
        call.world.edit::<Delivery>(&parcel.id, |delivery| {
            (delivery.due_at, delivery.leased_until) = (until, Some(until));
        });
    }
    parcels
}

/// Notes what came of an attempt, and when the next one is.
fn note(call: &mut Call<'_>, id: WebhookDeliveryId, attempt: Attempt, now: Instant) {
    // It may have been removed, or cancelled, while it was under way.
    let Some(mut delivery) = call.world.get::<Delivery>(&id).cloned() else { return };
    let (good, gone) = (attempt.status.is_some_and(|status| (200..300).contains(&status)), attempt.status == Some(410));
    delivery.attempts.push(attempt);
    delivery.leased_until = None;
    if delivery.attempts.len() > ATTEMPTS_KEPT {
        delivery.attempts.remove(0);
    }
    if delivery.state == DeliveryState::Pending {
        delivery.tries += 1;
        if good {
            delivery.end(DeliveryState::Delivered, None, now);
        } else if gone {
            delivery.end(DeliveryState::Dead, Some(Reason::Gone), now);
        } else {
            match pause(delivery.tries, call.random().u128()) {
                Some(pause) => delivery.due_at = now.plus(pause),
                None => delivery.end(DeliveryState::Dead, Some(Reason::Exhausted), now),
            }
        }
    }
    let endpoint = delivery.endpoint;
    call.world.put(delivery);
    call.world.edit::<Endpoint>(&endpoint, |endpoint| {
        let before = endpoint.attempted_at.replace(now);
        if good {
            endpoint.failing_since = None;
            return;
        }
        if before.is_none_or(|before| now.since(before) > IDLE) {
            endpoint.failing_since = None;
        }
        let since = *endpoint.failing_since.get_or_insert(now);
        if gone || now.since(since) >= PATIENCE {
            endpoint.enabled = false;
        }
    });
}

/// Pause after the `tries`th attempt, if there is to be another: up to a quarter longer by chance, so that those who failed
/// together do not come back together.
fn pause(tries: u32, drawn: u128) -> Option<Duration> {
    let place = usize::try_from(tries).unwrap_or(usize::MAX).saturating_sub(1);
    let pause = Duration::from_secs(*PAUSES.get(place)?);
    let parts = u32::try_from(drawn % 1_000).unwrap_or(0);
    Some(pause + pause / 4 * parts / 1_000)
}

/// The headers of a request.
fn sign(keys: &Keys, parcel: &Parcel, at: Instant) -> Result<HeaderMap, Refusal> {
    let (id, timestamp) = (parcel.event.to_string(), at.unix_seconds().to_string());
    let parts = [id.as_bytes(), b".", timestamp.as_bytes(), b".", parcel.payload.as_bytes()];
    let endpoint = parcel.endpoint.to_string();
    let mut signatures = Vec::new();
    for generation in &parcel.generations {
        signatures.push(match parcel.scheme {
            Scheme::V1 => {
                let secret = keys.endpoint_secret(&endpoint, *generation)?;
                format!("v1,{}", STANDARD.encode(hmac_sha256(secret.as_slice(), &parts)))
            }
            Scheme::V1a => {
                let key = keys.endpoint_key(&endpoint, *generation)?;
                format!("v1a,{}", STANDARD.encode(key.sign(&parts.concat()).map_err(Refusal::broken)?))
            }
        });
    }
    let mut headers = HeaderMap::new();
    let all = [
        ("content-type", "application/cloudevents+json".to_owned()),
        ("webhook-id", id),
        ("webhook-timestamp", timestamp),
        ("webhook-signature", signatures.join(" ")),
    ];
    for (name, value) in all {
        headers.insert(HeaderName::from_static(name), HeaderValue::try_from(value).map_err(Refusal::broken)?);
    }
    Ok(headers)
}

#[cfg(test)]
mod tests;
