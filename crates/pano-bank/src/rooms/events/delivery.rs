//! Deliveries.

use super::Endpoint;
use crate::call::Call;
use crate::world::{Entity, World};
use pano_types::Instant;
use pano_types::id::{EventId, WebhookDeliveryId, WebhookEndpointId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::HashMap;

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum DeliveryState {
    Pending,
    Delivered,
    /// Given up.
    Dead,
    Cancelled,
}

/// Why a delivery was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Reason {
    /// Every attempt failed.
    Exhausted,
    /// The receiver answered that it is gone for good.
    Gone,
    /// Its endpoint had too many that waited.
    Crowded,
}

/// One attempt.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Attempt {
    pub(crate) at: Instant,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) failure: Option<Failure>,
    pub(crate) duration_ms: u64,
}

/// Why no answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Failure {
    Address,
    Connect,
    Tls,
    Timeout,
    Answer,
}

impl From<pano_http::outbound::Failed> for Failure {
    fn from(failed: pano_http::outbound::Failed) -> Self {
        use pano_http::outbound::Failed;
        match failed {
            Failed::Address => Self::Address,
            Failed::Connect => Self::Connect,
            Failed::Tls => Self::Tls,
            Failed::Timeout => Self::Timeout,
            Failed::Answer => Self::Answer,
        }
    }
}

/// An event on its way to an endpoint.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Delivery {
    pub(crate) id: WebhookDeliveryId,
    pub(crate) endpoint: WebhookEndpointId,
    pub(crate) app: String,
    /// The `webhook-id`.
    pub(crate) event: EventId,
    pub(crate) kind: String,
    /// The CloudEvent as it is sent, every time the same.
    pub(crate) payload: String,
    pub(crate) state: DeliveryState,
    /// Of a dead one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<Reason>,
    /// Attempts since it was last ordered.
    pub(crate) tries: u32,
    /// When it is to be tried, on the machine's clock.
    pub(crate) due_at: Instant,
    /// Until when someone is carrying it out, on the machine's clock.
    #[serde(default)]
    pub(crate) leased_until: Option<Instant>,
    pub(crate) attempts: Vec<Attempt>,
    /// On the sandbox's clock.
    pub(crate) created_at: Instant,
    /// When its state last changed, on the machine's clock.
    #[serde(default)]
    pub(crate) changed_at: Instant,
}

/// Index by app.
pub(super) const BY_APP: &str = "app";
/// Index by endpoint, of those that wait.
pub(super) const WAITING: &str = "waiting";
/// Index by endpoint, of the others.
pub(super) const ENDED: &str = "ended";
/// Index of all that wait.
const PENDING: &str = "pending";

impl Entity for Delivery {
    const KIND: &'static str = "webhook.delivery";
    type Id = WebhookDeliveryId;
    fn id(&self) -> WebhookDeliveryId {
        self.id
    }
    fn index(&self, put: &mut dyn FnMut(&'static str, String)) {
        put(BY_APP, self.app.clone());
        if self.state == DeliveryState::Pending {
            put(WAITING, self.endpoint.to_string());
            put(PENDING, String::new());
        } else {
            put(ENDED, self.endpoint.to_string());
        }
    }
}

impl Delivery {
    pub(super) fn new(
        call: &Call<'_>,
        endpoint: WebhookEndpointId,
        app: String,
        event: EventId,
        kind: &str,
        subject: &str,
        data: &Value,
    ) -> Self {
        // CloudEvents 1.0, section 3.1; structured mode.
        let payload = json!({
            "specversion": "1.0",
            "id": event,
            "source": "/sandbox-bank",
            "type": kind,
            "subject": subject,
            "time": call.now(),
            "datacontenttype": "application/json",
            "data": data,
        });
        Self {
            id: call.id(WebhookDeliveryId::new),
            endpoint,
            app,
            event,
            kind: kind.to_owned(),
            payload: payload.to_string(),
            state: DeliveryState::Pending,
            reason: None,
            tries: 0,
            due_at: call.world.machine_now(),
            leased_until: None,
            attempts: Vec::new(),
            created_at: call.now(),
            changed_at: call.world.machine_now(),
        }
    }

    /// Has it wait again, from its first attempt on.
    pub(super) fn order(&mut self, now: Instant) {
        (self.state, self.reason, self.tries) = (DeliveryState::Pending, None, 0);
        (self.due_at, self.changed_at) = (now, now);
    }

    /// Ends it; `now` on the machine's clock.
    pub(crate) fn end(&mut self, state: DeliveryState, reason: Option<Reason>, now: Instant) {
        (self.state, self.reason, self.changed_at) = (state, reason, now);
    }
}

impl World {
    /// Deliveries that wait, oldest first.
    pub(crate) fn pending_deliveries(&self) -> impl Iterator<Item = &Delivery> {
        self.under::<Delivery>(PENDING, "")
    }
}

/// Deliveries under way at once, of one sandbox: a partner whose servers hang must leave room for others.
pub(crate) const OF_SANDBOX_MAX: usize = 16;
/// Deliveries under way at once, of one endpoint.
pub(crate) const OF_ENDPOINT_MAX: usize = 4;

/// What is under way in a sandbox.
pub(crate) struct Traffic(HashMap<WebhookEndpointId, usize>);

impl Traffic {
    /// That of `leases`: deliveries that someone is carrying out.
    pub(crate) fn of<'d>(leases: impl Iterator<Item = &'d Delivery>) -> Self {
        let mut traffic = Self(HashMap::new());
        leases.for_each(|delivery| traffic.begin(delivery.endpoint));
        traffic
    }

    pub(crate) fn begin(&mut self, endpoint: WebhookEndpointId) {
        *self.0.entry(endpoint).or_default() += 1;
    }

    /// Whether another delivery to the endpoint may begin.
    pub(crate) fn admits(&self, endpoint: WebhookEndpointId) -> bool {
        self.0.get(&endpoint).is_none_or(|count| *count < OF_ENDPOINT_MAX)
            && self.0.values().sum::<usize>() < OF_SANDBOX_MAX
    }
}

/// When a delivery can next be begun, on the machine's clock, or be made: where someone listens the end of the day is due,
/// for then things happen. What must wait until another one is noted is not due before that one's lease ends: noting is a
/// write, and asks anew.
pub(crate) fn due_at(world: &World) -> Option<Instant> {
    let leased = |delivery: &&Delivery| delivery.leased_until.is_some();
    let traffic = Traffic::of(world.pending_deliveries().filter(leased));
    let due = world.pending_deliveries().filter(|delivery| leased(delivery) || traffic.admits(delivery.endpoint));
    let listens = world.all::<Endpoint>().any(|endpoint| endpoint.enabled);
    due.map(|delivery| delivery.due_at).chain(listens.then(|| world.midnight())).min()
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeliveryView {
    delivery_id: WebhookDeliveryId,
    endpoint_id: WebhookEndpointId,
    event_id: EventId,
    event_type: String,
    status: DeliveryState,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Reason>,
    attempts: Vec<Attempt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_attempt_at: Option<Instant>,
    created_at: Instant,
}

impl From<&Delivery> for DeliveryView {
    fn from(delivery: &Delivery) -> Self {
        let waiting = delivery.state == DeliveryState::Pending && delivery.tries > 0;
        Self {
            delivery_id: delivery.id,
            endpoint_id: delivery.endpoint,
            event_id: delivery.event,
            event_type: delivery.kind.clone(),
            status: delivery.state,
            reason: delivery.reason,
            attempts: delivery.attempts.clone(),
            next_attempt_at: waiting.then_some(delivery.due_at),
            created_at: delivery.created_at,
        }
    }
}
