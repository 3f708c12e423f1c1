//! Step 3: who sends what, and who takes it.

use super::Subject;
use crate::diagnostic::Code;
use crate::model::{Event, Outcome};
use crate::plan::{Act, Trigger, matches};

pub(super) fn check(subject: &mut Subject<'_>) {
    let journey = subject.journey;
    let instance = &journey.instance;
    subject.known_event(&journey.chart.start);
    let mut waited: Vec<&str> = vec![subject.plan.start.as_str()];
    let mut raised: Vec<&str> = Vec::new();
    for state in &subject.plan.states {
        for moved in &state.moves {
            if let Trigger::Event(name) = &moved.trigger {
                waited.push(name);
            }
        }
        let acts = state.moves.iter().flat_map(|moved| &moved.actions).chain(&state.enter).chain(&state.leave);
        raised.extend(acts.filter_map(|act| match act {
            Act::Raise(event) => Some(event.as_str()),
            Act::Set(..) => None,
        }));
    }
    for event in &journey.events {
        subject.known_party(&event.by);
        subject.known(Code::ContextUnknown, &event.context, journey.contexts.iter().map(|context| &context.name));
        let name = event.name.as_str();
        let given = journey.tasks.iter().flat_map(|task| &task.gives).any(|given| given.value == name);
        let produced = given || event.outside || raised.contains(&name) || subject.is_other_house(&event.by);
        if !produced {
            subject.say(Code::EventUnproduced, &event.name.place, name);
        }
        let taken = journey.tasks.iter().flat_map(|task| &task.takes).any(|taken| taken.value == name);
        if !taken && !waited.iter().any(|trigger| matches(trigger, name)) {
            subject.say(Code::EventUnconsumed, &event.name.place, name);
        }
        let has = |wanted: &str| event.cid.iter().any(|(name, _)| name.value == wanted);
        if name == journey.chart.start.value {
            if !(has(&instance.subject) && has(&instance.key)) {
                subject.say(
                    Code::StartUncorrelated,
                    &event.name.place,
                    format!("{}, {}", *instance.subject, *instance.key),
                );
            }
        } else if subject.is_other_house(&event.by)
            && !has(&instance.subject)
            && !has(&instance.key)
            && !answers(subject, event)
        {
            subject.say(Code::EventUncorrelated, &event.name.place, name);
        }
    }
    if !journey.events.iter().any(|event| event.outcome == Some(Outcome::Goal)) {
        subject.say(Code::GoalMissing, &journey.id.place, journey.id.value.clone());
    }
}

/// Whether the event is how a task ends that was started by a call: the call carries the journey's id then.
fn answers(subject: &Subject<'_>, event: &Event) -> bool {
    subject.journey.tasks.iter().any(|task| task.api && task.gives.iter().any(|given| given.value == event.name.value))
}
