//! Event Notification: endpoints that an app registers, and what becomes of the events sent there.
//!
//! A delivery is an entity of the commit that made its event ([`fan_out`]); [`crate::webhooks`] carries them out. So an event
//! that is there has its deliveries, whatever is killed and when.

mod delivery;
mod endpoint;
mod kinds;

pub(crate) use delivery::{Attempt, Delivery, DeliveryState, Failure, OF_SANDBOX_MAX, Reason, Traffic, due_at};
pub(crate) use endpoint::{Endpoint, Scheme};

use super::{Room, delete, get, post, put};
use crate::call::{Answer, Call, Input, Refusal};
use crate::document::Document;
use crate::wire::Listed;
use crate::world::{Entity, Kind, World};
use delivery::DeliveryView;
use endpoint::{EndpointView, Status};
use pano_types::id::{EventId, WebhookDeliveryId, WebhookEndpointId};
use pano_types::{Code, Localized};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;

pub(crate) const ROOM: Room = Room {
    document: Document::new("event-notification", include_str!("../../openapi/event-notification.yaml")),
    operations: &[
        get("/event-types", "listEventTypes", event_types),
        post("/webhook-endpoints", "initiateWebhookEndpoint", register).keyed(),
        get("/webhook-endpoints", "listWebhookEndpoints", endpoints),
        delete("/webhook-endpoints/{endpointId}", "terminateWebhookEndpoint", remove),
        put("/webhook-endpoints/{endpointId}/status", "controlWebhookEndpoint", switch),
        post("/webhook-endpoints/{endpointId}/redeliveries", "executeWebhookRedeliveries", redeliver_all).keyed(),
        post("/webhook-endpoints/{endpointId}/secrets", "updateWebhookSecret", rotate).keyed(),
        post("/webhook-endpoints/{endpointId}/test-events", "initiateTestEvent", test_event).keyed(),
        get("/webhook-deliveries", "listWebhookDeliveries", deliveries),
        post("/webhook-deliveries/{deliveryId}/redeliveries", "initiateWebhookRedelivery", redeliver).keyed(),
    ],
    kinds: &[Kind::of::<Endpoint>(), Kind::of::<Delivery>()],
    seed: None,
};

/// Most endpoints of an app.
const ENDPOINTS_MAX: usize = 10;
/// Deliveries of an endpoint that may wait.
const WAITING_MAX: usize = 1_000;
/// Deliveries of an endpoint that are kept after they have ended, and how long, on the machine's clock.
const ENDED_MAX: usize = 1_000;
const ENDED_FOR: Duration = Duration::from_secs(7 * 86_400);
/// What a test event is called.
const TEST: &str = "bank.test";

/// Makes the deliveries of an event, in the change that made it happen.
pub(crate) fn fan_out(call: &mut Call<'_>, event: EventId, kind: &str, subject: &str, data: &Value) {
    let wanted = |endpoint: &&Endpoint| endpoint.enabled && endpoint.wants(kind);
    let to: Vec<(WebhookEndpointId, String)> =
        call.world.all::<Endpoint>().filter(wanted).map(|endpoint| (endpoint.id, endpoint.app.clone())).collect();
    for (endpoint, app) in to {
        let delivery = Delivery::new(call, endpoint, app, event, kind, subject, data);
        make_room(call.world, endpoint);
        call.world.put(delivery);
    }
}

/// Makes room for one more delivery of an endpoint: of those that have ended the oldest are forgotten; of those that wait the
/// oldest is given up when there are too many, and that is told with it and counted at the endpoint.
fn make_room(world: &mut World, endpoint: WebhookEndpointId) {
    let (key, now) = (endpoint.to_string(), world.machine_now());
    if world.under::<Delivery>(delivery::WAITING, &key).count() >= WAITING_MAX {
        let idle = |delivery: &&Delivery| delivery.leased_until.is_none();
        let oldest = world.under::<Delivery>(delivery::WAITING, &key).find(idle).map(|delivery| delivery.id);
        if let Some(id) = oldest {
            world.edit::<Delivery>(&id, |delivery| delivery.end(DeliveryState::Dead, Some(Reason::Crowded), now));
            world.edit::<Endpoint>(&endpoint, |endpoint| endpoint.crowded_out += 1);
        }
    }
    let ended = world.under::<Delivery>(delivery::ENDED, &key).count();
    let old: Vec<WebhookDeliveryId> = world
        .under::<Delivery>(delivery::ENDED, &key)
        .take(ended.saturating_sub(ENDED_MAX))
        .map(|delivery| delivery.id)
        .collect();
    for id in old {
        world.remove::<Delivery>(&id);
    }
}

/// Gives `to` the endpoints and deliveries of `from` in place of its own. They stand towards the outside, where time does not
/// go back: a restored generation would sign with a secret that was rotated away, and count on from there a second time.
pub(crate) fn carry_over(from: &World, to: &mut World) {
    fn replace<T: Entity>(from: &World, to: &mut World) {
        let old: Vec<T::Id> = to.all::<T>().map(Entity::id).collect();
        for id in old {
            to.remove::<T>(&id);
        }
        for one in from.all::<T>() {
            to.put(one.clone());
        }
    }
    replace::<Endpoint>(from, to);
    replace::<Delivery>(from, to);
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PageQuery {
    cursor: Option<String>,
    limit: Option<u32>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct EventTypeView {
    event_type: &'static str,
    description: Localized,
}

fn event_types(_: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: PageQuery = input.query()?;
    let page = Input::page("event-types", query.cursor.as_deref(), query.limit)?;
    let view = |(event_type, zh, en): &(&'static str, &str, &str)| EventTypeView {
        event_type,
        description: Localized::new(*zh, *en),
    };
    let key = |kind: &&(&str, &str, &str)| kind.0.to_owned();
    Answer::ok(&Listed::ascending("event-types", &page, kinds::EVENTS.iter(), key, view))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct EndpointForm {
    url: String,
    #[serde(default)]
    event_types: Vec<String>,
    #[serde(default)]
    signature: Scheme,
}

fn register(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let form: EndpointForm = input.body()?;
    let unfit =
        |error: pano_http::outbound::Unfit| Refusal::from(Code::WebhookAddressRefused).at("/url", error.to_string());
    input.outbound.check(&form.url).map_err(unfit)?;
    for (place, wanted) in form.event_types.iter().enumerate() {
        let at = format!("/eventTypes/{place}");
        if !kinds::EVENTS.iter().any(|(known, ..)| known == wanted) {
            return Err(Refusal::from(Code::RequestInvalid).at(at, "is no type of event that the sandbox emits"));
        }
        if form.event_types.iter().take(place).any(|before| before == wanted) {
            return Err(Refusal::from(Code::RequestInvalid).at(at, "stands twice"));
        }
    }
    if call.world.under::<Endpoint>(endpoint::BY_APP, call.app).count() >= ENDPOINTS_MAX {
        return Err(Refusal::from(Code::Conflict).detail(
            format!("an app has at most {ENDPOINTS_MAX} endpoints"),
            format!("每个应用最多 {ENDPOINTS_MAX} 个接收地址"),
        ));
    }
    let endpoint = Endpoint {
        id: call.id(WebhookEndpointId::new),
        app: call.app.to_owned(),
        url: form.url,
        event_types: form.event_types,
        scheme: form.signature,
        enabled: true,
        generation: 1,
        previous_until: None,
        failing_since: None,
        attempted_at: None,
        crowded_out: 0,
        created_at: call.now(),
    };
    let location = format!("webhook-endpoints/{}", endpoint.id);
    let answer = Answer::created(location, &EndpointView::new(&endpoint, &input.keys)?)?.shows(endpoint.shown());
    call.world.put(endpoint);
    Ok(answer)
}

/// The app's endpoint that the path names.
fn own(call: &Call<'_>, input: &Input) -> Result<Endpoint, Refusal> {
    let id: WebhookEndpointId = input.id("endpointId", Code::NotFound)?;
    let found = call.world.get::<Endpoint>(&id).filter(|endpoint| endpoint.app == call.app);
    found.cloned().ok_or_else(|| Code::NotFound.into())
}

fn endpoints(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: PageQuery = input.query()?;
    let page = Input::page("webhook-endpoints", query.cursor.as_deref(), query.limit)?;
    let all: Vec<EndpointView> = call
        .world
        .under::<Endpoint>(endpoint::BY_APP, call.app)
        .map(|endpoint| EndpointView::new(endpoint, &input.keys))
        .collect::<Result<_, _>>()?;
    Answer::ok(&Listed::ascending("webhook-endpoints", &page, all.iter(), |view| view.endpoint_id.to_string(), |v| v))
}

fn remove(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let endpoint = own(call, input)?;
    let key = endpoint.id.to_string();
    let waiting: Vec<_> = call.world.under::<Delivery>(delivery::WAITING, &key).map(|one| one.id).collect();
    let now = call.world.machine_now();
    for id in waiting {
        call.world.edit::<Delivery>(&id, |delivery| delivery.end(DeliveryState::Cancelled, None, now));
    }
    call.world.remove::<Endpoint>(&endpoint.id);
    Ok(Answer::none())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StatusForm {
    status: Status,
}

fn switch(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let StatusForm { status } = input.body()?;
    let mut endpoint = own(call, input)?;
    endpoint.enabled = status == Status::Enabled;
    endpoint.failing_since = None;
    let answer = Answer::ok(&EndpointView::new(&endpoint, &input.keys)?);
    call.world.put(endpoint);
    answer
}

fn rotate(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let mut endpoint = own(call, input)?;
    endpoint.generation += 1;
    endpoint.previous_until = Some(call.world.machine_now().plus(endpoint::BOTH_FOR));
    let answer = Answer::json(201, &EndpointView::new(&endpoint, &input.keys)?)?.shows(endpoint.shown());
    call.world.put(endpoint);
    Ok(answer)
}

fn test_event(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let endpoint = own(call, input)?;
    let event = call.id(EventId::new);
    let data = json!({ "endpointId": endpoint.id });
    let delivery = Delivery::new(call, endpoint.id, endpoint.app, event, TEST, &endpoint.id.to_string(), &data);
    make_room(call.world, endpoint.id);
    let answer = Answer::json(201, &DeliveryView::from(&delivery));
    call.world.put(delivery);
    answer
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DeliveryQuery {
    endpoint_id: Option<WebhookEndpointId>,
    status: Option<DeliveryState>,
    cursor: Option<String>,
    limit: Option<u32>,
}

fn deliveries(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: DeliveryQuery = input.query()?;
    let page = Input::page("webhook-deliveries", query.cursor.as_deref(), query.limit)?;
    let wanted = |delivery: &&Delivery| {
        query.endpoint_id.is_none_or(|endpoint| delivery.endpoint == endpoint)
            && query.status.is_none_or(|state| delivery.state == state)
    };
    let found = call.world.under::<Delivery>(delivery::BY_APP, call.app).rev().filter(wanted);
    let key = |delivery: &&Delivery| delivery.id.to_string();
    Answer::ok(&Listed::descending("webhook-deliveries", &page, found, key, DeliveryView::from))
}

fn redeliver(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let id: WebhookDeliveryId = input.id("deliveryId", Code::NotFound)?;
    let found = call.world.get::<Delivery>(&id).filter(|delivery| delivery.app == call.app);
    let mut delivery = found.cloned().ok_or(Code::NotFound)?;
    let refused = |en: &str, zh: &str| Err(Refusal::from(Code::LifecycleRefused).detail(en, zh));
    let endpoint = call.world.get::<Endpoint>(&delivery.endpoint).is_some_and(|endpoint| endpoint.enabled);
    match delivery.state {
        _ if !endpoint => return refused("the endpoint is gone or switched off", "接收地址已删除或停用"),
        DeliveryState::Pending => return refused("the delivery is still waiting", "该投递仍在等待中"),
        DeliveryState::Delivered | DeliveryState::Dead | DeliveryState::Cancelled => {}
    }
    make_room(call.world, delivery.endpoint);
    delivery.order(call.world.machine_now());
    let answer = Answer::json(201, &DeliveryView::from(&delivery));
    call.world.put(delivery);
    answer
}

#[derive(Debug, Serialize)]
struct Redeliveries {
    queued: usize,
    remaining: usize,
}

/// Has all that an endpoint did not take wait again, oldest first, as far as there is room.
fn redeliver_all(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let endpoint = own(call, input)?;
    if !endpoint.enabled {
        return Err(Refusal::from(Code::LifecycleRefused).detail("the endpoint is switched off", "接收地址已停用"));
    }
    let (key, now) = (endpoint.id.to_string(), call.world.machine_now());
    let room = WAITING_MAX.saturating_sub(call.world.under::<Delivery>(delivery::WAITING, &key).count());
    let missed = |one: &&Delivery| matches!(one.state, DeliveryState::Dead | DeliveryState::Cancelled);
    let missed: Vec<_> =
        call.world.under::<Delivery>(delivery::ENDED, &key).filter(missed).map(|delivery| delivery.id).collect();
    for id in missed.iter().take(room) {
        call.world.edit::<Delivery>(id, |delivery| delivery.order(now));
    }
    let queued = missed.len().min(room);
    Answer::json(201, &Redeliveries { queued, remaining: missed.len() - queued })
}

/// Job of the evening: forgets what was delivered, or given up, a week ago on the machine's clock, however far the sandbox's
/// was moved.
pub(crate) fn forget(call: &mut Call<'_>, _: pano_types::Date) -> Result<(), Refusal> {
    let before = call.world.machine_now().minus(ENDED_FOR);
    let done = |one: &&Delivery| one.state != DeliveryState::Pending && one.changed_at < before;
    let old: Vec<_> = call.world.all::<Delivery>().filter(done).map(|one| one.id).collect();
    for id in old {
        call.world.remove::<Delivery>(&id);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
