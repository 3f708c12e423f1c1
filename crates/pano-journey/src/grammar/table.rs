//! The table itself. Order is the order of the six steps, so that a designer reads a journey from top to bottom.

use super::Form::{
    Bian, Capability, Cel, DataPath, Duration, EventName, File, Free, Iso20022, Name, Operation, Path, Rate, Scope,
    Slug, Span, Target, Trigger, Version,
};
use super::Layout::{Block, Fit};
use super::Shape::{Amount, Bool, Count, Either, List, Map, OneOf, Text};
use super::{Field, Record, Shape};

/// A key that must be there. Macros, not functions: what a static refers to must be part of its own expression.
macro_rules! must {
    ($key:literal, $shape:expr, $about:literal $(,)?) => {
        Field { key: $key, required: true, shape: $shape, about: $about }
    };
}

/// A key that may be there.
macro_rules! may {
    ($key:literal, $shape:expr, $about:literal $(,)?) => {
        Field { key: $key, required: false, shape: $shape, about: $about }
    };
}

const NAMES: Shape = List(&Text(Name), Fit);
const EVENTS: Shape = Either(&[Text(EventName), List(&Text(EventName), Fit)]);
const TITLE: Shape = Shape::Record(&LOCALIZED);
const CHANNELS: Shape =
    OneOf(&["bank_app", "partner_app", "web", "mini_program", "card", "iot", "branch", "phone", "api"]);
/// Types of facts and of members of an event's data.
pub(crate) const TYPES: &[&str] =
    &["string", "int", "double", "bool", "date", "instant", "money", "currency", "country", "list", "object"];

static LOCALIZED: Record = Record {
    about: "A text in Chinese and English.",
    layout: Fit,
    fields: &[must!("zh", Text(Free), "Chinese"), must!("en", Text(Free), "English")],
};

/// The whole file.
pub(crate) static JOURNEY: Record = Record {
    about: "A customer's journey in six steps.",
    layout: Block,
    fields: &[
        must!("panorama", OneOf(&["journey/v1"]), "which form the file has"),
        must!("id", Text(Slug), "name of the journey, also in addresses"),
        must!("version", Text(Version), "version of the model"),
        must!("title", TITLE, "for people"),
        may!("narrative", TITLE, "the story, for people"),
        may!("owner", Text(Free), "who answers for the journey"),
        must!("instance", Shape::Record(&INSTANCE), "what makes one customer's journey one"),
        must!("parties", Map(Name, &Shape::Record(&PARTY), Block), "who takes part"),
        must!("value_chain", List(&Shape::Record(&STAGE), Block), "step 1: stages and their activities"),
        must!(
            "contexts",
            Map(Name, &Shape::Record(&CONTEXT), Block),
            "step 2: where things happen, and what is known there"
        ),
        must!("events", Map(EventName, &Shape::Record(&EVENT), Block), "step 3a: what happens (CloudEvents types)"),
        must!("chart", Shape::Record(&CHART), "step 3b: where a customer can stand"),
        must!(
            "tasks",
            Map(Name, &Shape::Record(&TASK), Block),
            "steps 4 and 5: who does what, mapped to service operations"
        ),
        may!("api", Shape::Record(&API), "step 6: interfaces"),
        may!("steer", List(&Shape::Record(&STEER), Block), "what a position means"),
        may!("variants", Map(Name, &Shape::Record(&VARIANT), Block), "how the journey differs by persona"),
        may!("kpi", Shape::Record(&KPI), "what is measured"),
        may!("volumes", Map(EventName, &Shape::Record(&VOLUME), Block), "how much is expected, by event"),
    ],
};

static INSTANCE: Record = Record {
    about: "One customer's journey.",
    layout: Fit,
    fields: &[
        must!("subject", Text(Name), "name of the customer's identifier"),
        must!("key", Text(Name), "name of what tells two journeys of a customer apart"),
        may!("expires_after", Text(Duration), "it ends by itself after that time"),
    ],
};

static PARTY: Record = Record {
    about: "Somebody who takes part.",
    layout: Fit,
    fields: &[
        must!(
            "kind",
            OneOf(&["user", "self", "partner", "provider", "authority"]),
            "customer, the bank itself, or another house"
        ),
        may!("title", TITLE, "for people"),
        may!(
            "agreement",
            OneOf(&["distribution", "data_sharing", "merchant", "outsourcing", "agency", "statutory"]),
            "type of the agreement that covers its part",
        ),
        may!("share", Shape::Record(&SHARE), "what it is paid"),
    ],
};

static SHARE: Record = Record {
    about: "A share of revenue.",
    layout: Fit,
    fields: &[
        must!("upon", Text(EventName), "the event that earns it"),
        must!("of", Text(Name), "of which amount"),
        must!("pct", Amount, "per cent"),
    ],
};

static STAGE: Record = Record {
    about: "A stage of the value chain.",
    layout: Fit,
    fields: &[
        must!("id", Text(Name), "its name"),
        may!("title", TITLE, "for people"),
        must!(
            "activities",
            Either(&[NAMES, Map(Name, &Shape::Record(&ACTIVITY), Block)]),
            "what people do in it, in order"
        ),
    ],
};

static ACTIVITY: Record = Record {
    about: "Something that people do.",
    layout: Fit,
    fields: &[
        may!("title", TITLE, "for people"),
        may!("who", Either(&[Text(Name), NAMES]), "parties that do it"),
        may!("touchpoint", Either(&[CHANNELS, List(&CHANNELS, Fit)]), "where they meet"),
        may!("expectation", TITLE, "what the customer hopes for"),
        may!("narrative", TITLE, "the story, for people"),
    ],
};

static CONTEXT: Record = Record {
    about: "Where events happen, and what is known there.",
    layout: Fit,
    fields: &[
        must!("stage", Text(Name), "stage of the value chain"),
        may!("activity", Text(Name), "activity of that stage"),
        must!("channels", List(&CHANNELS, Fit), "where the customer is met"),
        may!("follows", NAMES, "contexts whose facts are known here too"),
        must!("facts", Either(&[NAMES, Map(Name, &Shape::Record(&FACT), Block)]), "what is known"),
        must!("purpose", Text(Name), "what the facts may be used for"),
    ],
};

static FACT: Record = Record {
    about: "A typed fact.",
    layout: Fit,
    fields: &[
        must!("type", OneOf(TYPES), "what it is"),
        must!("class", OneOf(&["C1", "C2", "C3"]), "harm that disclosure does, C3 the gravest"),
        may!("from", Map(EventName, &Text(Cel), Fit), "the events that bring it, and where it stands in them"),
        may!("keep", Text(Duration), "how long it is kept"),
        may!("sealed", Bool, "it leaves the bank only encrypted for its receiver"),
        may!("iso20022", Text(Iso20022), "the component it is"),
        may!("title", TITLE, "for people"),
    ],
};

static EVENT: Record = Record {
    about: "Something that happens.",
    layout: Fit,
    fields: &[
        must!("by", Text(Name), "the party that sends it"),
        must!("context", Text(Name), "where it happens"),
        may!("cid", Map(Name, &Text(DataPath), Fit), "where the journey's subject and key stand in it"),
        may!(
            "data",
            Either(&[Text(File), Map(Name, &OneOf(TYPES), Fit)]),
            "its data: a JSON Schema beside the journey, or members and types"
        ),
        may!("outside", Bool, "another system of that party sends it, not a task of this journey"),
        may!("outcome", OneOf(&["conversion", "goal", "loss"]), "what it means for the bank"),
        may!("title", TITLE, "for people"),
    ],
};

static CHART: Record = Record {
    about: "A statechart; its regions hold at once.",
    layout: Block,
    fields: &[
        must!("start", Shape::Record(&START), "the event that begins a journey"),
        must!("regions", Map(Name, &Shape::Record(&REGION), Block), "by name"),
    ],
};

static START: Record = Record {
    about: "What begins a journey.",
    layout: Fit,
    fields: &[must!("event", Text(EventName), "the event"), may!("when", Text(Cel), "only if this holds")],
};

const MOVES: Shape =
    Either(&[Text(Target), Shape::Record(&MOVE), List(&Either(&[Text(Target), Shape::Record(&MOVE)]), Fit)]);
const ACTIONS: Shape = List(&Shape::Record(&ACTION), Fit);

/// Regions and states have the same keys, and each refers to the other.
macro_rules! state_fields {
    () => {
        &[
            may!("title", TITLE, "for people"),
            may!("activity", Text(Name), "the activity that it is part of"),
            may!("initial", Text(Name), "the state within that it begins with"),
            may!("history", OneOf(&["shallow", "deep"]), "stands for the state within the parent that held last"),
            may!("default", Text(Target), "where a history begins"),
            may!("enter", ACTIONS, "done whenever it is entered"),
            may!("always", MOVES, "moves that wait for nothing"),
            may!("moves", Map(Trigger, &MOVES, Fit), "moves by event"),
            may!("after", Map(Duration, &MOVES, Fit), "moves by time"),
            may!("done", MOVES, "moves once what is within has ended"),
            may!("leave", ACTIONS, "done whenever it is left"),
            may!("states", Map(Name, &Shape::Record(&STATE), Block), "states within, of which one holds"),
            may!("regions", Map(Name, &Shape::Record(&REGION), Block), "regions within, which hold at once"),
            may!("final", Either(&[Bool, OneOf(&["journey"])]), "its region ends here; `journey` ends the whole"),
        ]
    };
}

static REGION: Record =
    Record { about: "A region: states of which one holds.", layout: Block, fields: state_fields!() };

/// A state, plain or with states or regions within.
pub(crate) static STATE: Record = Record { about: "Where a customer can stand.", layout: Fit, fields: state_fields!() };

static MOVE: Record = Record {
    about: "A move to another state.",
    layout: Fit,
    fields: &[
        may!("to", Either(&[Text(Target), List(&Text(Target), Fit)]), "where to; without it nothing is left"),
        may!("when", Text(Cel), "only if this holds"),
        may!("internal", Bool, "the state itself is not left when the target is within"),
        may!("do", ACTIONS, "done on the way"),
    ],
};

static ACTION: Record = Record {
    about: "Something done at once.",
    layout: Fit,
    fields: &[
        may!("raise", Text(EventName), "an event of the journey itself, taken before any other"),
        may!("set", Map(Name, &Text(Cel), Fit), "facts to write"),
    ],
};

static TASK: Record = Record {
    about: "Work of a party.",
    layout: Fit,
    fields: &[
        may!("title", TITLE, "for people"),
        must!("party", Text(Name), "who does it"),
        may!("api", Bool, "it is started by a call"),
        may!("in", EVENTS, "events that start it"),
        may!("out", EVENTS, "events that it ends with, one of them"),
        may!("reads", NAMES, "facts that it needs"),
        may!("bian", Text(Bian), "the service operation it is mapped to"),
        may!("capability", Text(Capability), "or the capability of the library"),
        may!("gap", TITLE, "or what is missing"),
        may!("undo", Text(Bian), "the operation that takes it back"),
        may!("funds", OneOf(&["none", "limited", "free", "credit"]), "how it moves funds"),
        may!("timeout", Text(Duration), "longest wait for one attempt"),
        may!("deadline", Text(Duration), "longest time from start to end"),
        may!("retry", Shape::Record(&RETRY), "how often it is tried again"),
        may!("iso20022", List(&Text(Iso20022), Fit), "messages and components that it speaks"),
    ],
};

static RETRY: Record = Record {
    about: "Attempts.",
    layout: Fit,
    fields: &[
        must!("max", Count, "attempts beside the first"),
        may!("backoff", Text(Duration), "wait before the next, doubled each time"),
    ],
};

static API: Record = Record {
    about: "Scenario APIs.",
    layout: Block,
    fields: &[
        must!("base", Text(Path), "what every path begins with"),
        must!("operations", Map(Operation, &Shape::Record(&OPERATION), Block), "by operationId"),
    ],
};

const MESSAGE: Shape = Either(&[Text(File), NAMES]);

static OPERATION: Record = Record {
    about: "An operation.",
    layout: Fit,
    fields: &[
        may!("get", Text(Path), "path below the base"),
        may!("post", Text(Path), "path below the base"),
        may!("put", Text(Path), "path below the base"),
        may!("patch", Text(Path), "path below the base"),
        may!("delete", Text(Path), "path below the base"),
        must!("task", Text(Name), "the task that it starts"),
        may!("summary", TITLE, "for people"),
        may!("request", MESSAGE, "a JSON Schema beside the journey, or facts"),
        may!("response", MESSAGE, "a JSON Schema beside the journey, or facts"),
        may!("idempotent", Bool, "the same Idempotency-Key gives the same answer"),
        may!("scope", Text(Scope), "the OAuth scope it needs"),
        may!("level", OneOf(&["A1", "A2"]), "the regulator's grade"),
        may!("sca", OneOf(&["required", "exempt"]), "strong customer authentication"),
    ],
};

static STEER: Record = Record {
    about: "What a position means.",
    layout: Block,
    fields: &[
        must!("at", Map(Name, &Text(Target), Fit), "states by region"),
        may!("need", Text(Name), "what the customer needs there"),
        may!("offers", NAMES, "what to offer"),
        may!("controls", Shape::Record(&CONTROLS), "pinned controls"),
    ],
};

static CONTROLS: Record = Record {
    about: "Pinned controls.",
    layout: Fit,
    fields: &[
        may!("auth", OneOf(&["loa1", "loa2", "loa3", "loa4"]), "level of authentication"),
        may!("limit", Map(Name, &Amount, Fit), "limits by name"),
        may!("rate", Text(Rate), "calls a time"),
        may!("expect_country", Text(Cel), "where the customer should be"),
        may!("otherwise", OneOf(&["step_up", "review", "deny"]), "what happens when an expectation fails"),
    ],
};

static VARIANT: Record = Record {
    about: "How the journey differs for somebody.",
    layout: Fit,
    fields: &[
        must!("title", TITLE, "for whom"),
        may!("when", Text(Cel), "facts by which the persona is known"),
        may!("without", List(&Text(Target), Fit), "states that it leaves out, as paths from a region"),
        may!("offers", NAMES, "what is offered instead"),
    ],
};

static KPI: Record = Record {
    about: "What is measured.",
    layout: Fit,
    fields: &[
        may!("funnel", List(&Text(EventName), Fit), "events on the way to the goal"),
        may!("max_time", Map(Span, &Text(Duration), Fit), "longest time wanted between two events"),
        may!("measures", Map(Name, &Shape::Record(&MEASURE), Block), "ratios of events"),
    ],
};

static MEASURE: Record = Record {
    about: "A ratio.",
    layout: Fit,
    fields: &[
        must!("of", Text(EventName), "events counted"),
        must!("per", Text(EventName), "events they are held against"),
        may!("target_pct", Amount, "wanted, per cent"),
    ],
};

static VOLUME: Record = Record {
    about: "Expected volume.",
    layout: Fit,
    fields: &[must!("per_day", Count, "events a day"), may!("peak_per_second", Amount, "most events a second")],
};
