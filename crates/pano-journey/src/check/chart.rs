//! Step 3: the chart as a whole, beyond what laying it flat finds.

use super::Subject;
use crate::diagnostic::{Code, meant};
use crate::model::{self, StateModel};
use crate::plan::{Plan, REGIONS, ROOT, StateId, StateKind, Transition, Trigger, matches};
use std::collections::BTreeSet;

pub(super) fn check(subject: &mut Subject<'_>) {
    triggers(subject);
    let reached = reached(subject.plan);
    let plan = subject.plan;
    for (id, state) in plan.states.iter().enumerate().skip(REGIONS + 1) {
        if !reached.contains(&id) {
            // What is within an unreachable state need not be said again.
            if state.parent.is_none_or(|parent| reached.contains(&parent)) {
                subject.say(Code::StateUnreachable, &state.place, state.path.clone());
            }
            continue;
        }
        if state.kind == StateKind::Plain && stuck(plan, id) {
            subject.say(Code::StateDeadEnd, &state.place, state.path.clone());
        }
        if state.parent == Some(REGIONS)
            && !reached.iter().any(|inner| plan.within(*inner, id) && ends(plan, *inner, id))
        {
            subject.say(Code::FinalMissing, &state.place, state.path.clone());
        }
        shadowed(subject, id);
        for moved in &state.moves {
            elsewhere(subject, moved);
        }
    }
    circles(subject);
}

/// Names of events that states wait for.
fn triggers(subject: &mut Subject<'_>) {
    let journey = subject.journey;
    let mut waiting: Vec<&StateModel> = journey.chart.regions.iter().collect();
    let mut activities = Vec::new();
    let mut raised = Vec::new();
    while let Some(state) = waiting.pop() {
        waiting.extend(state.states.iter().chain(&state.regions));
        activities.extend(&state.activity);
        raised.extend(state.enter.iter().chain(&state.leave).filter_map(|action| action.raise.as_ref()));
        for moved in &state.moves {
            raised.extend(moved.actions.iter().filter_map(|action| action.raise.as_ref()));
            let model::Trigger::Event(trigger) = &moved.trigger else { continue };
            let own = matches(trigger, "error.execution");
            let names = || journey.events.iter().map(|event| event.name.as_str());
            if !own && !names().any(|name| matches(trigger, name)) {
                subject.say(Code::EventUnknown, &trigger.place, format!("{}{}", **trigger, meant(trigger, names())));
            }
        }
    }
    raised.into_iter().for_each(|event| subject.known_event(event));
    for activity in activities {
        let names = journey.stages.iter().flat_map(|stage| &stage.activities).map(|activity| &activity.name);
        subject.known(Code::ActivityUnknown, activity, names);
    }
}

/// States that can hold, were every guard true and every event to come.
fn reached(plan: &Plan) -> BTreeSet<StateId> {
    let mut reached = BTreeSet::new();
    let mut waiting = vec![ROOT];
    while let Some(id) = waiting.pop() {
        if !reached.insert(id) {
            continue;
        }
        let state = plan.state(id);
        waiting.extend(&state.initial);
        waiting.extend(state.parent);
        waiting.extend(state.moves.iter().flat_map(|moved| &moved.targets));
    }
    reached
}

/// Nothing leads out of it, nor out of what it is within.
fn stuck(plan: &Plan, id: StateId) -> bool {
    let leads_out = |state: &StateId| {
        let within = |target: &StateId| plan.within(*target, *state) || target == state;
        plan.state(*state).moves.iter().any(|moved| moved.targets.iter().any(|target| !within(target) || *target != id))
    };
    !std::iter::once(id).chain(plan.ancestors(id)).any(|state| leads_out(&state))
}

/// A final state of the region itself, or one that ends the journey.
fn ends(plan: &Plan, id: StateId, region: StateId) -> bool {
    let state = plan.state(id);
    state.kind == StateKind::Final && (state.parent == Some(region) || state.ends_journey)
}

fn shadowed(subject: &mut Subject<'_>, id: StateId) {
    let moves = &subject.plan.state(id).moves;
    let mut late = Vec::new();
    for (index, moved) in moves.iter().enumerate() {
        let first = moves.iter().take(index).any(|first| {
            first.guard.is_none()
                && match (&first.trigger, &moved.trigger) {
                    (Trigger::Event(first), Trigger::Event(second)) => matches(first, second.trim_end_matches(".*")),
                    (Trigger::Always, Trigger::Always) | (Trigger::Done(_), Trigger::Done(_)) => true,
                    (Trigger::Event(_) | Trigger::Done(_) | Trigger::Always | Trigger::After(_), _) => false,
                }
        });
        if first {
            late.push(moved.place.clone());
        }
    }
    late.iter().for_each(|place| subject.say(Code::MoveShadowed, place, subject.plan.state(id).path.clone()));
}

fn elsewhere(subject: &mut Subject<'_>, moved: &Transition) {
    let plan = subject.plan;
    // Several targets are meant for several regions; one target in another region is mostly a slip.
    let [target] = moved.targets.as_slice() else { return };
    let common = plan.common(moved.source, *target);
    if plan.state(common).kind == StateKind::Parallel && !plan.within(*target, moved.source) {
        let detail = format!("{} → {}", plan.state(moved.source).path, plan.state(*target).path);
        subject.say(Code::TargetElsewhere, &moved.place, detail);
    }
}

/// Unguarded moves without an event, from state to state, until one waits for something.
fn circles(subject: &mut Subject<'_>) {
    let plan = subject.plan;
    let next = |id: StateId| {
        let free = |moved: &&Transition| moved.trigger == Trigger::Always && moved.guard.is_none();
        std::iter::once(id).chain(plan.ancestors(id)).find_map(|id| plan.state(id).moves.iter().find(free))
    };
    for (id, state) in plan.states.iter().enumerate() {
        let (mut at, mut steps) = (id, 0);
        while let Some(moved) = next(at) {
            // A move without a target rests nowhere else, so it is taken again at once.
            at = settled(plan, moved.targets.first().copied().unwrap_or(at));
            steps += 1;
            if steps > plan.states.len() || at == id {
                break;
            }
        }
        if steps > 0 && at == id && state.kind == StateKind::Plain {
            subject.say(Code::MoveLoop, &state.place, state.path.clone());
        }
    }
}

/// The innermost state that holds once `id` is entered; of several regions, the first.
fn settled(plan: &Plan, id: StateId) -> StateId {
    let mut at = id;
    for _ in 0..plan.states.len() {
        match plan.state(at).initial.first() {
            Some(inner) => at = *inner,
            None => break,
        }
    }
    at
}
