//! Step 2: where things happen, and what is known there.

use super::Subject;
use crate::diagnostic::Code;
use crate::model::{Context, Message};
use std::collections::BTreeMap;

pub(super) fn check(subject: &mut Subject<'_>) {
    let journey = subject.journey;
    for context in &journey.contexts {
        subject.known(Code::StageUnknown, &context.stage, journey.stages.iter().map(|stage| &stage.name));
        if let Some(activity) = &context.activity {
            let stage = journey.stages.iter().filter(|stage| stage.name.value == context.stage.value);
            let names = stage.flat_map(|stage| &stage.activities).map(|activity| &activity.name);
            subject.known(Code::ActivityUnknown, activity, names);
        }
        for before in &context.follows {
            subject.known(Code::ContextUnknown, before, journey.contexts.iter().map(|context| &context.name));
        }
        if !journey.events.iter().any(|event| event.context.value == context.name.value) {
            subject.say(Code::ContextIdle, &context.name.place, context.name.value.clone());
        }
        if follows_itself(context, &journey.contexts) {
            subject.say(Code::ContextLoop, &context.name.place, context.name.value.clone());
        }
    }
    facts(subject);
    leaves(subject);
}

/// Walks what comes before, each context once.
fn follows_itself(context: &Context, all: &[Context]) -> bool {
    let mut waiting: Vec<&str> = context.follows.iter().map(|name| name.as_str()).collect();
    let mut seen: Vec<&str> = Vec::new();
    while let Some(name) = waiting.pop() {
        if name == context.name.as_str() {
            return true;
        }
        if !seen.contains(&name) {
            seen.push(name);
            let next = all.iter().filter(|other| other.name.as_str() == name).flat_map(|other| &other.follows);
            waiting.extend(next.map(|name| name.as_str()));
        }
    }
    false
}

fn facts(subject: &mut Subject<'_>) {
    let journey = subject.journey;
    let mut first: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
    for fact in journey.contexts.iter().flat_map(|context| &context.facts) {
        let (name, place) = (fact.name.value.as_str(), &fact.name.place);
        let Some(typed) = &fact.typed else {
            subject.say(Code::FactBare, place, name);
            continue;
        };
        let (kind, class) = (typed.kind.as_str(), typed.class.as_str());
        let (kind_first, class_first) = *first.entry(name).or_insert((kind, class));
        if (kind_first, class_first) != (kind, class) {
            subject.say(Code::FactDiffers, place, format!("{name}: {kind_first} {class_first} / {kind} {class}"));
        }
        if class != "C1" && typed.keep.is_none() {
            subject.say(Code::FactLifetime, place, format!("{name}: {class}"));
        }
        typed.from.iter().for_each(|(event, _)| subject.known_event(event));
    }
    for name in journey.tasks.iter().flat_map(|task| &task.reads) {
        subject.known_fact(name);
    }
}

/// C3 facts that an operation answers to an app, or that stand in a context met at a partner's, without a seal.
fn leaves(subject: &mut Subject<'_>) {
    let journey = subject.journey;
    let grave: Vec<&str> = journey
        .contexts
        .iter()
        .flat_map(|context| &context.facts)
        .filter(|fact| fact.typed.as_ref().is_some_and(|typed| typed.class.value == "C3" && !typed.sealed))
        .map(|fact| fact.name.value.as_str())
        .collect();
    for context in &journey.contexts {
        let outside = context.channels.iter().any(|channel| channel.value == "partner_app");
        for fact in context.facts.iter().filter(|fact| outside && grave.contains(&fact.name.as_str())) {
            subject.say(Code::DataLeaves, &fact.name.place, format!("{} → partner_app", *fact.name));
        }
    }
    for operation in journey.api.iter().flat_map(|api| &api.operations) {
        let Some(Message::Facts(facts)) = &operation.response else { continue };
        for fact in facts.iter().filter(|fact| grave.contains(&fact.as_str())) {
            subject.say(Code::DataLeaves, &fact.place, format!("{} → {}", **fact, *operation.name));
        }
    }
}
