//! The tree into the types.

use super::{
    Action, Activity, Api, At, ChartModel, Context, Controls, Event, Fact, Instance, Journey, Kpi, Measure, Message,
    Move, Name, Operation, Outcome, Party, PartyKind, Payload, Retry, Share, Stage, StateModel, Steer, Task, Trigger,
    Typed, Variant, Volume,
};
use crate::tree::{Entry, Node, Value};
use pano_types::Localized;

impl Journey {
    /// The journey in `root`, in which [`crate::grammar::conform`] found no error.
    pub fn of(root: &Node) -> Self {
        let instance = part(root, "instance");
        let chart = part(root, "chart");
        Self {
            id: must(root, "id"),
            version: must(root, "version"),
            title: localized(root, "title").unwrap_or_default(),
            narrative: localized(root, "narrative"),
            owner: text(root, "owner").map(|owner| owner.value),
            instance: Instance {
                subject: must(instance, "subject"),
                key: must(instance, "key"),
                expires_after: text(instance, "expires_after"),
            },
            parties: each(root, "parties", party),
            stages: part(root, "value_chain").items().iter().map(stage).collect(),
            contexts: each(root, "contexts", context),
            events: each(root, "events", event),
            chart: ChartModel {
                start: must(part(chart, "start"), "event"),
                when: text(part(chart, "start"), "when"),
                regions: each(chart, "regions", state),
                place: chart.place.clone(),
            },
            tasks: each(root, "tasks", task),
            api: root
                .get("api")
                .map(|api| Api { base: must(api, "base"), operations: each(api, "operations", operation) }),
            steer: part(root, "steer").items().iter().map(steer).collect(),
            variants: each(root, "variants", |entry| Variant {
                name: name(entry),
                title: localized(&entry.node, "title").unwrap_or_default(),
                when: text(&entry.node, "when"),
                without: texts(&entry.node, "without"),
                offers: texts(&entry.node, "offers"),
            }),
            kpi: kpi(part(root, "kpi")),
            volumes: each(root, "volumes", |entry| Volume {
                event: name(entry),
                per_day: number(&entry.node, "per_day").map_or(0, |number| number as u64),
                peak_per_second: number(&entry.node, "peak_per_second"),
            }),
        }
    }
}

/// The member, or nothing, in which nothing is found.
fn part<'n>(node: &'n Node, key: &str) -> &'n Node {
    static NOTHING: std::sync::LazyLock<Node> =
        std::sync::LazyLock::new(|| Node { value: Value::Null, place: crate::place::Place::start() });
    node.get(key).unwrap_or(&NOTHING)
}

fn at(node: &Node) -> Option<Name> {
    node.text().map(|text| At { value: text.to_owned(), place: node.place.clone() })
}

fn text(node: &Node, key: &str) -> Option<Name> {
    node.get(key).and_then(at)
}

fn must(node: &Node, key: &str) -> Name {
    text(node, key).unwrap_or_else(|| At { value: String::new(), place: node.place.clone() })
}

/// A text, or a list of them.
fn texts(node: &Node, key: &str) -> Vec<Name> {
    node.get(key).map_or_else(Vec::new, |node| match at(node) {
        Some(one) => vec![one],
        None => node.items().iter().filter_map(at).collect(),
    })
}

fn flag(node: &Node, key: &str) -> bool {
    node.get(key).is_some_and(|node| node.value == Value::Bool(true))
}

fn number(node: &Node, key: &str) -> Option<f64> {
    as_number(node.get(key)?)
}

fn as_number(node: &Node) -> Option<f64> {
    match &node.value {
        Value::Number(number) => number.as_f64(),
        Value::Null | Value::Bool(_) | Value::Text(_) | Value::List(_) | Value::Map(_) => None,
    }
}

fn localized(node: &Node, key: &str) -> Option<Localized> {
    let node = node.get(key)?;
    Some(Localized::new(must(node, "zh").value, must(node, "en").value))
}

fn name(entry: &Entry) -> Name {
    At { value: entry.key.clone(), place: entry.key_place.clone() }
}

fn each<T>(node: &Node, key: &str, read: impl Fn(&Entry) -> T) -> Vec<T> {
    part(node, key).entries().iter().map(read).collect()
}

/// Names and texts of a map.
fn pairs(node: &Node, key: &str) -> Vec<(Name, Name)> {
    part(node, key).entries().iter().filter_map(|entry| Some((name(entry), at(&entry.node)?))).collect()
}

fn party(entry: &Entry) -> Party {
    let node = &entry.node;
    Party {
        name: name(entry),
        kind: match must(node, "kind").as_str() {
            "self" => PartyKind::Bank,
            "partner" => PartyKind::Partner,
            "provider" => PartyKind::Provider,
            "authority" => PartyKind::Authority,
            _ => PartyKind::User,
        },
        title: localized(node, "title"),
        agreement: text(node, "agreement"),
        share: node.get("share").map(|share| Share {
            upon: must(share, "upon"),
            of: must(share, "of"),
            pct: number(share, "pct").unwrap_or_default(),
        }),
    }
}

fn stage(node: &Node) -> Stage {
    let activities = part(node, "activities");
    let bare = activities.items().iter().filter_map(at).map(|name| Activity {
        name,
        title: None,
        who: Vec::new(),
        touchpoints: Vec::new(),
        expectation: None,
        narrative: None,
    });
    let told = activities.entries().iter().map(|entry| Activity {
        name: name(entry),
        title: localized(&entry.node, "title"),
        who: texts(&entry.node, "who"),
        touchpoints: texts(&entry.node, "touchpoint"),
        expectation: localized(&entry.node, "expectation"),
        narrative: localized(&entry.node, "narrative"),
    });
    Stage { name: must(node, "id"), title: localized(node, "title"), activities: bare.chain(told).collect() }
}

fn context(entry: &Entry) -> Context {
    let node = &entry.node;
    let facts = part(node, "facts");
    let bare = facts.items().iter().filter_map(at).map(|name| Fact { name, typed: None });
    let typed = facts.entries().iter().map(|entry| {
        let node = &entry.node;
        let typed = Typed {
            kind: must(node, "type"),
            class: must(node, "class"),
            from: pairs(node, "from"),
            keep: text(node, "keep"),
            sealed: flag(node, "sealed"),
            iso20022: text(node, "iso20022"),
            title: localized(node, "title"),
        };
        Fact { name: name(entry), typed: Some(typed) }
    });
    Context {
        name: name(entry),
        stage: must(node, "stage"),
        activity: text(node, "activity"),
        channels: texts(node, "channels"),
        follows: texts(node, "follows"),
        facts: bare.chain(typed).collect(),
        purpose: must(node, "purpose"),
    }
}

fn event(entry: &Entry) -> Event {
    let node = &entry.node;
    Event {
        name: name(entry),
        by: must(node, "by"),
        context: must(node, "context"),
        cid: pairs(node, "cid"),
        data: match node.get("data") {
            None => Payload::Open,
            Some(data) => at(data).map_or_else(|| Payload::Members(pairs(node, "data")), Payload::File),
        },
        outside: flag(node, "outside"),
        outcome: text(node, "outcome").map(|outcome| match outcome.as_str() {
            "goal" => Outcome::Goal,
            "loss" => Outcome::Loss,
            _ => Outcome::Conversion,
        }),
        title: localized(node, "title"),
    }
}

fn state(entry: &Entry) -> StateModel {
    let node = &entry.node;
    let mut moves = Vec::new();
    for moved in part(node, "moves").entries() {
        many(&moved.node, &Trigger::Event(name(moved)), &mut moves);
    }
    for moved in part(node, "after").entries() {
        many(&moved.node, &Trigger::After(name(moved)), &mut moves);
    }
    if let Some(done) = node.get("done") {
        many(done, &Trigger::Done(done.place.clone()), &mut moves);
    }
    if let Some(always) = node.get("always") {
        many(always, &Trigger::Always(always.place.clone()), &mut moves);
    }
    let ends_journey = text(node, "final").is_some();
    StateModel {
        name: name(entry),
        title: localized(node, "title"),
        activity: text(node, "activity"),
        initial: text(node, "initial"),
        history: text(node, "history"),
        default: text(node, "default"),
        enter: actions(node, "enter"),
        leave: actions(node, "leave"),
        moves,
        states: each(node, "states", state),
        regions: each(node, "regions", state),
        ends: flag(node, "final") || ends_journey,
        ends_journey,
    }
}

/// A target, a move, or a list of them.
fn many(node: &Node, trigger: &Trigger, into: &mut Vec<Move>) {
    let one = |node: &Node| Move {
        trigger: trigger.clone(),
        to: at(node).map_or_else(|| texts(node, "to"), |target| vec![target]),
        when: text(node, "when"),
        internal: flag(node, "internal"),
        actions: actions(node, "do"),
        place: node.place.clone(),
    };
    match &node.value {
        Value::List(items) => into.extend(items.iter().map(one)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::Map(_) => into.push(one(node)),
    }
}

fn actions(node: &Node, key: &str) -> Vec<Action> {
    let one = |node: &Node| Action { set: pairs(node, "set"), raise: text(node, "raise") };
    part(node, key).items().iter().map(one).collect()
}

fn task(entry: &Entry) -> Task {
    let node = &entry.node;
    Task {
        name: name(entry),
        title: localized(node, "title"),
        party: must(node, "party"),
        api: flag(node, "api"),
        takes: texts(node, "in"),
        gives: texts(node, "out"),
        reads: texts(node, "reads"),
        bian: text(node, "bian"),
        capability: text(node, "capability"),
        gap: localized(node, "gap").map(|gap| At { value: gap, place: part(node, "gap").place.clone() }),
        undo: text(node, "undo"),
        funds: text(node, "funds"),
        timeout: text(node, "timeout"),
        deadline: text(node, "deadline"),
        retry: node.get("retry").map(|retry| Retry {
            max: number(retry, "max").map_or(0, |max| max as u64),
            backoff: text(retry, "backoff"),
            place: retry.place.clone(),
        }),
        iso20022: texts(node, "iso20022"),
    }
}

/// The methods of an operation, as keys.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

fn operation(entry: &Entry) -> Operation {
    let node = &entry.node;
    let message = |key: &str| {
        node.get(key).map(|node| match at(node) {
            Some(file) => Message::File(file),
            None => Message::Facts(node.items().iter().filter_map(at).collect()),
        })
    };
    Operation {
        name: name(entry),
        routes: METHODS.iter().filter_map(|method| Some((*method, text(node, method)?))).collect(),
        task: must(node, "task"),
        summary: localized(node, "summary"),
        request: message("request"),
        response: message("response"),
        idempotent: flag(node, "idempotent"),
        scope: text(node, "scope"),
        level: text(node, "level"),
        sca: text(node, "sca"),
    }
}

fn steer(node: &Node) -> Steer {
    Steer {
        at: pairs(node, "at"),
        need: text(node, "need"),
        offers: texts(node, "offers"),
        controls: node.get("controls").map(|controls| Controls {
            auth: text(controls, "auth"),
            limits: each(controls, "limit", |entry| (name(entry), as_number(&entry.node).unwrap_or_default())),
            rate: text(controls, "rate"),
            expect_country: text(controls, "expect_country"),
            otherwise: text(controls, "otherwise"),
        }),
        place: node.place.clone(),
    }
}

fn kpi(node: &Node) -> Kpi {
    Kpi {
        funnel: texts(node, "funnel"),
        max_time: pairs(node, "max_time"),
        measures: each(node, "measures", |entry| Measure {
            name: name(entry),
            of: must(&entry.node, "of"),
            per: must(&entry.node, "per"),
            target_pct: number(&entry.node, "target_pct"),
        }),
    }
}
