//! Steps 4 and 5: who does what, and to which service operation it is mapped.

use super::Subject;
use crate::diagnostic::{Code, meant};
use crate::model::{Name, PartyKind, Task};
use pano_spec::Action;
use std::collections::BTreeSet;

pub(super) fn check(subject: &mut Subject<'_>) {
    let journey = subject.journey;
    let mut mapped: BTreeSet<(&str, &str)> = BTreeSet::new();
    for task in &journey.tasks {
        let name = task.name.value.as_str();
        subject.known_party(&task.party);
        task.takes.iter().chain(&task.gives).for_each(|event| subject.known_event(event));
        if task.takes.is_empty() && !task.api {
            subject.say(Code::TaskIdle, &task.name.place, name);
        }
        for given in &task.gives {
            let event = journey.events.iter().find(|event| event.name.value == given.value);
            if let Some(event) = event.filter(|event| event.by.value != task.party.value) {
                subject.say(Code::TaskForeign, &given.place, format!("{} ← {}", **given, *event.by));
            }
        }
        patience(subject, task);
        mapping(subject, task);
        if let Some(bian) = &task.bian
            && !mapped.insert((task.party.as_str(), bian.as_str()))
        {
            subject.say(Code::CapabilityDuplicate, &bian.place, format!("{}: {}", *task.party, **bian));
        }
    }
}

fn patience(subject: &mut Subject<'_>, task: &Task) {
    let name = task.name.value.as_str();
    let waits = subject.is_other_house(&task.party) && !task.takes.is_empty();
    if waits && task.timeout.is_none() && task.deadline.is_none() {
        subject.say(Code::TaskPatience, &task.name.place, name);
    }
    if let Some(retry) = task.retry.as_ref().filter(|_| task.timeout.is_none()) {
        subject.say(Code::TaskRetry, &retry.place, name);
    }
    if task.moves_funds() && task.undo.is_none() {
        subject.say(Code::UndoMissing, &task.name.place, name);
    }
}

fn mapping(subject: &mut Subject<'_>, task: &Task) {
    let maps = [task.bian.is_some(), task.capability.is_some(), task.gap.is_some()].iter().filter(|is| **is).count();
    let customer = subject.party(&task.party).is_some_and(|party| party.kind == PartyKind::User);
    match maps {
        0 if !customer => subject.say(Code::MappingMissing, &task.name.place, task.name.value.clone()),
        0 | 1 => {}
        _ => subject.say(Code::MappingTwice, &task.name.place, task.name.value.clone()),
    }
    task.bian.iter().chain(&task.undo).for_each(|bian| operation(subject, bian));
}

fn operation(subject: &mut Subject<'_>, bian: &Name) {
    let (domain, operation) = bian.split_once('/').unwrap_or((bian.as_str(), ""));
    if !Action::ALL.iter().any(|action| operation.starts_with(action.text())) {
        let words = Action::ALL.iter().map(|action| action.text());
        subject.say(Code::BianAction, &bian.place, format!("{operation}{}", meant(operation, words)));
        return;
    }
    let landscape = subject.landscape;
    if landscape.is_empty() {
        return;
    }
    match landscape.operations(domain) {
        None => {
            let code = if landscape.is_whole() { Code::BianDomain } else { Code::BianUnknown };
            subject.say(code, &bian.place, format!("{domain}{}", meant(domain, landscape.domains())));
        }
        Some(mut known) => {
            if !known.any(|known| known == operation) {
                let near = meant(operation, landscape.operations(domain).into_iter().flatten());
                subject.say(Code::BianOperation, &bian.place, format!("{}{near}", **bian));
            }
        }
    }
}
