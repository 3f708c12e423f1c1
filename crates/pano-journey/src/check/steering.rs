//! What positions mean, how personas differ, what is measured.

use super::Subject;
use crate::diagnostic::{Code, meant};
use crate::model::{Name, Steer};
use crate::plan::REGIONS;
use std::collections::BTreeSet;

pub(super) fn check(subject: &mut Subject<'_>) {
    let journey = subject.journey;
    let mut seen = BTreeSet::new();
    for steer in &journey.steer {
        steer.at.iter().for_each(|(region, state)| position(subject, region, state));
        let empty = steer.need.is_none() && steer.offers.is_empty() && steer.controls.is_none();
        if empty {
            subject.say(Code::SteerEmpty, &steer.place, at(steer));
        }
        if !seen.insert(at(steer)) {
            subject.say(Code::SteerDuplicate, &steer.place, at(steer));
        }
    }
    for variant in &journey.variants {
        if variant.when.is_none() || (variant.without.is_empty() && variant.offers.is_empty()) {
            subject.say(Code::VariantAlike, &variant.name.place, variant.name.value.clone());
        }
        for path in &variant.without {
            if subject.plan.find(path).is_none() {
                let near = meant(path, subject.plan.states.iter().map(|state| state.path.as_str()));
                subject.say(Code::PlaceUnknown, &path.place, format!("{}{near}", **path));
            }
        }
    }
    let kpi = &journey.kpi;
    let funnel: BTreeSet<&str> = kpi.funnel.iter().map(|event| event.as_str()).collect();
    if let Some(first) = kpi.funnel.first()
        && (funnel.len() < 2 || funnel.len() < kpi.funnel.len())
    {
        subject.say(Code::FunnelShort, &first.place, first.value.clone());
    }
    kpi.funnel.iter().for_each(|event| subject.known_event(event));
    for (span, _) in &kpi.max_time {
        let ends: Vec<&str> = span.split("->").collect();
        let [from, to] = ends.as_slice() else {
            subject.say(Code::SpanForm, &span.place, span.value.clone());
            continue;
        };
        for end in [from, to] {
            subject.known_event(&Name { value: (*end).to_owned(), place: span.place.clone() });
        }
    }
    for measure in &kpi.measures {
        subject.known_event(&measure.of);
        subject.known_event(&measure.per);
    }
    journey.volumes.iter().for_each(|volume| subject.known_event(&volume.event));
}

/// The position in one order, whatever order it was written in.
fn at(steer: &Steer) -> String {
    let mut parts: Vec<_> = steer.at.iter().map(|(region, state)| format!("{}.{}", **region, **state)).collect();
    parts.sort();
    parts.join(" + ")
}

fn position(subject: &mut Subject<'_>, region: &Name, state: &Name) {
    let plan = subject.plan;
    let regions = plan.states.iter().filter(|state| state.parent == Some(REGIONS)).map(|state| state.path.as_str());
    if !regions.clone().any(|path| path == region.as_str()) {
        subject.say(Code::RegionUnknown, &region.place, format!("{}{}", **region, meant(region, regions)));
        return;
    }
    let path = format!("{}.{}", **region, **state);
    if plan.find(&path).is_none() {
        let near = meant(&path, plan.states.iter().map(|state| state.path.as_str()));
        subject.say(Code::PlaceUnknown, &state.place, format!("{path}{near}"));
    }
}
