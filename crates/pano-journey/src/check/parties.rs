//! Step 1: who takes part, and what they do.

use super::{Subject, twice};
use crate::diagnostic::Code;
use crate::model::PartyKind;

pub(super) fn check(subject: &mut Subject<'_>) {
    let journey = subject.journey;
    let banks: Vec<_> = journey.parties.iter().filter(|party| party.kind == PartyKind::Bank).collect();
    if banks.len() != 1 {
        let first = || journey.parties.first().map_or(&journey.chart.place, |party| &party.name.place);
        let place = banks.get(1).map_or_else(first, |second| &second.name.place);
        subject.say(Code::BankMissing, place, banks.len().to_string());
    }
    for party in &journey.parties {
        let name = &party.name;
        let sends = journey.events.iter().any(|event| event.by.value == name.value);
        let works = journey.tasks.iter().any(|task| task.party.value == name.value);
        let acts = journey.stages.iter().flat_map(|stage| &stage.activities);
        let acts = acts.flat_map(|activity| &activity.who).any(|who| who.value == name.value);
        if !(sends || works || acts) {
            subject.say(Code::PartyIdle, &name.place, name.value.clone());
        }
        if subject.is_other_house(name) && party.agreement.is_none() {
            subject.say(Code::PartyAgreement, &name.place, name.value.clone());
        }
        if let Some(share) = &party.share {
            subject.known_event(&share.upon);
        }
    }
    let activities = || journey.stages.iter().flat_map(|stage| &stage.activities);
    let again: Vec<_> = twice(journey.stages.iter().map(|stage| &stage.name));
    let again = again.into_iter().chain(twice(activities().map(|activity| &activity.name)));
    for name in again {
        subject.say(Code::ActivityDuplicate, &name.place, name.value.clone());
    }
    for activity in activities() {
        activity.who.iter().for_each(|who| subject.known_party(who));
        if activity.who.is_empty() || activity.touchpoints.is_empty() || activity.expectation.is_none() {
            subject.say(Code::ActivityBare, &activity.name.place, activity.name.value.clone());
        }
    }
    for stage in &journey.stages {
        if !journey.contexts.iter().any(|context| context.stage.value == stage.name.value) {
            subject.say(Code::StageEmpty, &stage.name.place, stage.name.value.clone());
        }
    }
}
