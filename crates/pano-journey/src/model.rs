//! A journey as types: what the tree says, with the place of everything that a diagnostic may want to point at.
//!
//! [`Journey::of`] is total on trees that [`crate::grammar::conform`] finds nothing in: whatever could be missing was refused before.

mod from_tree;

use crate::place::Place;
use pano_types::Localized;
use std::ops::Deref;

/// A value and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub place: Place,
}

impl<T> Deref for At<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

/// A name as it stands at a place.
pub type Name = At<String>;

/// A journey.
#[derive(Debug, Clone, PartialEq)]
pub struct Journey {
    /// Name of the journey.
    pub id: Name,
    /// Version of the model.
    pub version: Name,
    /// For people.
    pub title: Localized,
    /// The story.
    pub narrative: Option<Localized>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// What makes one customer's journey one.
    pub instance: Instance,
    /// Who takes part.
    pub parties: Vec<Party>,
    /// Step 1.
    pub stages: Vec<Stage>,
    /// Step 2.
    pub contexts: Vec<Context>,
    /// Step 3a.
    pub events: Vec<Event>,
    /// Step 3b.
    pub chart: ChartModel,
    /// Steps 4 and 5.
    pub tasks: Vec<Task>,
    /// Step 6.
    pub api: Option<Api>,
    /// What positions mean.
    pub steer: Vec<Steer>,
    /// Personas.
    pub variants: Vec<Variant>,
    /// What is measured.
    pub kpi: Kpi,
    /// Expected volumes.
    pub volumes: Vec<Volume>,
}

/// What makes one customer's journey one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// Name of the customer's identifier.
    pub subject: Name,
    /// Name of what tells two journeys of a customer apart.
    pub key: Name,
    /// ISO 8601 duration after which it ends by itself.
    pub expires_after: Option<Name>,
}

/// What a party is to the bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PartyKind {
    /// The customer.
    User,
    /// The bank itself.
    Bank,
    /// A partner who brings customers.
    Partner,
    /// Another house that does work.
    Provider,
    /// An authority, such as customs.
    Authority,
}

/// Somebody who takes part.
#[derive(Debug, Clone, PartialEq)]
pub struct Party {
    /// Its name.
    pub name: Name,
    /// What it is to the bank.
    pub kind: PartyKind,
    /// For people.
    pub title: Option<Localized>,
    /// Type of agreement.
    pub agreement: Option<Name>,
    /// What it is paid.
    pub share: Option<Share>,
}

/// A share of revenue.
#[derive(Debug, Clone, PartialEq)]
pub struct Share {
    /// The event that earns it.
    pub upon: Name,
    /// Of which amount.
    pub of: Name,
    /// Per cent.
    pub pct: f64,
}

/// A stage of the value chain.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// Its name.
    pub name: Name,
    /// For people.
    pub title: Option<Localized>,
    /// In order.
    pub activities: Vec<Activity>,
}

/// Something that people do.
#[derive(Debug, Clone, PartialEq)]
pub struct Activity {
    /// Its name.
    pub name: Name,
    /// For people.
    pub title: Option<Localized>,
    /// Parties.
    pub who: Vec<Name>,
    /// Touchpoints.
    pub touchpoints: Vec<Name>,
    /// What the customer hopes for.
    pub expectation: Option<Localized>,
    /// The story.
    pub narrative: Option<Localized>,
}

/// Where events happen.
#[derive(Debug, Clone, PartialEq)]
pub struct Context {
    /// Its name.
    pub name: Name,
    /// Its stage.
    pub stage: Name,
    /// Its activity.
    pub activity: Option<Name>,
    /// Where the customer is met.
    pub channels: Vec<Name>,
    /// Contexts before it.
    pub follows: Vec<Name>,
    /// What is known.
    pub facts: Vec<Fact>,
    /// What for.
    pub purpose: Name,
}

/// Something known.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// Its name.
    pub name: Name,
    /// Type and data class, unless only its name was given.
    pub typed: Option<Typed>,
}

/// What is said about a fact beyond its name.
#[derive(Debug, Clone, PartialEq)]
pub struct Typed {
    /// One of the words of the grammar.
    pub kind: Name,
    /// C1, C2 or C3.
    pub class: Name,
    /// Events that bring it, with an expression over their data.
    pub from: Vec<(Name, Name)>,
    /// How long it is kept.
    pub keep: Option<Name>,
    /// Leaves the bank only encrypted for its receiver.
    pub sealed: bool,
    /// Component of ISO 20022.
    pub iso20022: Option<Name>,
    /// For people.
    pub title: Option<Localized>,
}

/// What an event means for the bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "a variant is explained by its name")]
pub enum Outcome {
    Conversion,
    Goal,
    Loss,
}

/// Something that happens.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Its name.
    pub name: Name,
    /// Who sends it.
    pub by: Name,
    /// Where it happens.
    pub context: Name,
    /// Where subject and key stand in its data.
    pub cid: Vec<(Name, Name)>,
    /// Its data.
    pub data: Payload,
    /// Sent by another system of that party.
    pub outside: bool,
    /// What it means.
    pub outcome: Option<Outcome>,
    /// For people.
    pub title: Option<Localized>,
}

/// An event's data.
#[derive(Debug, Clone, PartialEq)]
pub enum Payload {
    /// Nothing is said about it.
    Open,
    /// A JSON Schema beside the journey.
    File(Name),
    /// Members and their types.
    Members(Vec<(Name, Name)>),
}

/// The chart as written.
#[derive(Debug, Clone, PartialEq)]
pub struct ChartModel {
    /// The event that begins a journey.
    pub start: Name,
    /// Only if this holds.
    pub when: Option<Name>,
    /// In order.
    pub regions: Vec<StateModel>,
    /// Where the chart stands.
    pub place: Place,
}

/// A state or region as written.
#[derive(Debug, Clone, PartialEq)]
pub struct StateModel {
    /// Its name.
    pub name: Name,
    /// For people.
    pub title: Option<Localized>,
    /// The activity that it is part of.
    pub activity: Option<Name>,
    /// What it begins with.
    pub initial: Option<Name>,
    /// Shallow or deep.
    pub history: Option<Name>,
    /// Where a history begins.
    pub default: Option<Name>,
    /// Actions on entry.
    pub enter: Vec<Action>,
    /// Actions on exit.
    pub leave: Vec<Action>,
    /// In the order they are tried: by event, by time, on end, at once.
    pub moves: Vec<Move>,
    /// States within.
    pub states: Vec<StateModel>,
    /// Regions within.
    pub regions: Vec<StateModel>,
    /// Its region ends here.
    pub ends: bool,
    /// The whole journey ends here.
    pub ends_journey: bool,
}

/// What sets a move off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger {
    /// An event, its first names, or `*`.
    Event(Name),
    /// A time since the state was entered.
    After(Name),
    /// What is within has ended.
    Done(Place),
    /// Nothing: as soon as its condition holds.
    Always(Place),
}

/// A move as written.
#[derive(Debug, Clone, PartialEq)]
pub struct Move {
    /// What sets it off.
    pub trigger: Trigger,
    /// Where to.
    pub to: Vec<Name>,
    /// Only if this holds.
    pub when: Option<Name>,
    /// The state is not left when the target is within.
    pub internal: bool,
    /// Done on the way.
    pub actions: Vec<Action>,
    /// Where it stands.
    pub place: Place,
}

/// Something done at once.
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    /// Facts to write, with an expression each; before the event is raised.
    pub set: Vec<(Name, Name)>,
    /// An event to raise.
    pub raise: Option<Name>,
}

/// Work of a party.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// Its name.
    pub name: Name,
    /// For people.
    pub title: Option<Localized>,
    /// Who does it.
    pub party: Name,
    /// Started by a call.
    pub api: bool,
    /// Events that start it.
    pub takes: Vec<Name>,
    /// Events that it ends with.
    pub gives: Vec<Name>,
    /// Facts that it needs.
    pub reads: Vec<Name>,
    /// Mapped to an operation of BIAN.
    pub bian: Option<Name>,
    /// Mapped to a capability of the library.
    pub capability: Option<Name>,
    /// What is missing, where nothing exists to map it to.
    pub gap: Option<At<Localized>>,
    /// The operation that takes it back.
    pub undo: Option<Name>,
    /// none, limited, free or credit.
    pub funds: Option<Name>,
    /// Longest wait for one attempt.
    pub timeout: Option<Name>,
    /// Longest time from start to end.
    pub deadline: Option<Name>,
    /// Attempts.
    pub retry: Option<Retry>,
    /// Messages and components.
    pub iso20022: Vec<Name>,
}

impl Task {
    /// Whether it moves funds or grants credit.
    pub fn moves_funds(&self) -> bool {
        self.funds.as_ref().is_some_and(|funds| funds.value != "none")
    }
}

/// Attempts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retry {
    /// Beside the first.
    pub max: u64,
    /// Wait before the next, doubled each time.
    pub backoff: Option<Name>,
    /// Where it stands.
    pub place: Place,
}

/// Scenario APIs.
#[derive(Debug, Clone, PartialEq)]
pub struct Api {
    /// What every path begins with.
    pub base: Name,
    /// In order.
    pub operations: Vec<Operation>,
}

/// A message of an operation.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// A JSON Schema beside the journey.
    File(Name),
    /// Facts.
    Facts(Vec<Name>),
}

/// An operation of a scenario API.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// operationId.
    pub name: Name,
    /// Methods, lower case, with the path below the base; one when the journey is sound.
    pub routes: Vec<(&'static str, Name)>,
    /// The task that it starts.
    pub task: Name,
    /// For people.
    pub summary: Option<Localized>,
    /// What is sent.
    pub request: Option<Message>,
    /// What is answered.
    pub response: Option<Message>,
    /// The same key gives the same answer.
    pub idempotent: bool,
    /// OAuth scope.
    pub scope: Option<Name>,
    /// A1 or A2.
    pub level: Option<Name>,
    /// required or exempt.
    pub sca: Option<Name>,
}

/// What a position means.
#[derive(Debug, Clone, PartialEq)]
pub struct Steer {
    /// Region and state.
    pub at: Vec<(Name, Name)>,
    /// What the customer needs there.
    pub need: Option<Name>,
    /// What to offer.
    pub offers: Vec<Name>,
    /// Pinned controls.
    pub controls: Option<Controls>,
    /// Where it stands.
    pub place: Place,
}

/// Pinned controls.
#[derive(Debug, Clone, PartialEq)]
pub struct Controls {
    /// Level of authentication.
    pub auth: Option<Name>,
    /// Limits by name.
    pub limits: Vec<(Name, f64)>,
    /// Calls a time.
    pub rate: Option<Name>,
    /// Where the customer should be: an expression over facts.
    pub expect_country: Option<Name>,
    /// What happens when an expectation fails.
    pub otherwise: Option<Name>,
}

/// How the journey differs for somebody.
#[derive(Debug, Clone, PartialEq)]
pub struct Variant {
    /// Its name.
    pub name: Name,
    /// For whom.
    pub title: Localized,
    /// Facts by which the persona is known.
    pub when: Option<Name>,
    /// States left out.
    pub without: Vec<Name>,
    /// What is offered instead.
    pub offers: Vec<Name>,
}

/// What is measured.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Kpi {
    /// Events on the way to the goal.
    pub funnel: Vec<Name>,
    /// `event->event` and the longest time wanted.
    pub max_time: Vec<(Name, Name)>,
    /// Ratios.
    pub measures: Vec<Measure>,
}

/// A ratio of events.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    /// Its name.
    pub name: Name,
    /// Events counted.
    pub of: Name,
    /// Events they are held against.
    pub per: Name,
    /// Wanted, per cent.
    pub target_pct: Option<f64>,
}

/// Expected volume of an event.
#[derive(Debug, Clone, PartialEq)]
pub struct Volume {
    /// The event.
    pub event: Name,
    /// A day.
    pub per_day: u64,
    /// At most, in a second.
    pub peak_per_second: Option<f64>,
}
