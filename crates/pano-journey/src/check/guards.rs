//! Expressions: their types, the names they use, and whether the facts they read are there by then.

use super::Subject;
use crate::diagnostic::Code;
use crate::expression::{Kind, Scope};
use crate::model::{Name, Payload, Typed};
use crate::plan::{Act, Plan, ROOT, Spoken, StateId, StateKind, Transition, Trigger, matches};
use std::collections::BTreeSet;

type Facts<'f> = BTreeSet<&'f str>;

pub(super) fn check(subject: &mut Subject<'_>) {
    let (journey, plan) = (subject.journey, subject.plan);
    let scene = Scene::new(subject);
    let start = scene.members(&plan.start);
    if let Some(guard) = &plan.start_when {
        let there = scene.brought(&plan.start);
        scene.look(subject, guard, start.as_deref(), Some(Kind::Bool), Some(&there));
    }
    for brought in &plan.brings {
        let wanted = scene.kind(&brought.fact);
        scene.look(subject, &brought.value, scene.members(&brought.event).as_deref(), wanted, None);
    }
    let known = scene.known(plan);
    for (id, state) in plan.states.iter().enumerate() {
        let mut there = known.get(id).cloned().flatten().unwrap_or_default();
        scene.acts(subject, &state.enter, None, &mut there);
        let there = known.get(id).cloned().flatten().unwrap_or_default();
        scene.acts(subject, &state.leave, None, &mut there.clone());
        for moved in &state.moves {
            let mut there = there.clone();
            there.extend(scene.brought_by(moved));
            let members = scene.members_of(moved);
            if let Some(guard) = &moved.guard {
                scene.look(subject, guard, members.as_deref(), Some(Kind::Bool), Some(&there));
            }
            scene.acts(subject, &moved.actions, members.as_deref(), &mut there);
        }
    }
    let bool = Some(Kind::Bool);
    journey.variants.iter().filter_map(|v| v.when.as_ref()).for_each(|when| scene.read(subject, when, bool));
    for controls in journey.steer.iter().filter_map(|steer| steer.controls.as_ref()) {
        if let Some(country) = &controls.expect_country {
            scene.read(subject, country, Some(Kind::Text));
        }
    }
}

/// What names mean in this journey.
struct Scene<'j> {
    facts: Vec<(String, Kind)>,
    /// Facts that an event brings or an action sets, and those of which nothing is said.
    written: Facts<'j>,
    plan: &'j Plan,
    payloads: Vec<(&'j str, &'j Payload)>,
}

type Members = Vec<(String, Kind)>;

impl<'j> Scene<'j> {
    fn new(subject: &Subject<'j>) -> Self {
        let (journey, plan) = (subject.journey, subject.plan);
        let all = || journey.contexts.iter().flat_map(|context| &context.facts);
        let kind = |typed: &Option<Typed>| typed.as_ref().map_or(Kind::Any, |typed| Kind::of_type(&typed.kind));
        let bare = all().filter(|fact| fact.typed.is_none()).map(|fact| fact.name.value.as_str());
        let mut written: Facts<'j> = bare.chain(plan.brings.iter().map(|brought| brought.fact.as_str())).collect();
        for state in &plan.states {
            let acts = state.moves.iter().flat_map(|moved| &moved.actions).chain(&state.enter).chain(&state.leave);
            written.extend(acts.filter_map(fact_set));
        }
        Self {
            facts: all().map(|fact| (fact.name.value.clone(), kind(&fact.typed))).collect(),
            written,
            plan,
            payloads: journey.events.iter().map(|event| (event.name.as_str(), &event.data)).collect(),
        }
    }

    fn kind(&self, fact: &str) -> Option<Kind> {
        self.facts.iter().find(|(name, _)| name == fact).map(|(_, kind)| *kind)
    }

    /// Members of the event's data, when the journey says them.
    fn members(&self, event: &str) -> Option<Members> {
        let (_, payload) = self.payloads.iter().find(|(name, _)| *name == event)?;
        match payload {
            Payload::Members(members) => {
                Some(members.iter().map(|(name, kind)| (name.value.clone(), Kind::of_type(kind))).collect())
            }
            Payload::Open | Payload::File(_) => None,
        }
    }

    /// The same for the events that set a move off: open when there are several, empty when there is none.
    fn members_of(&self, moved: &Transition) -> Option<Members> {
        let Trigger::Event(trigger) = &moved.trigger else { return Some(Vec::new()) };
        let mut events = self.payloads.iter().filter(|(name, _)| matches(trigger, name));
        match (events.next(), events.next()) {
            (Some((only, _)), None) => self.members(only),
            _ => None,
        }
    }

    fn brought(&self, event: &str) -> Facts<'j> {
        self.plan.brings.iter().filter(|brought| brought.event == event).map(|brought| brought.fact.as_str()).collect()
    }

    /// What every event that sets the move off brings.
    fn brought_by(&self, moved: &Transition) -> Facts<'j> {
        let Trigger::Event(trigger) = &moved.trigger else { return Facts::new() };
        let events = self.payloads.iter().map(|(name, _)| *name).filter(|name| matches(trigger, name));
        let each = events.map(|event| self.brought(event));
        each.reduce(|all, more| all.intersection(&more).copied().collect()).unwrap_or_default()
    }

    fn acts(
        &self,
        subject: &mut Subject<'_>,
        acts: &'j [Act],
        members: Option<&[(String, Kind)]>,
        there: &mut Facts<'j>,
    ) {
        for act in acts {
            let Act::Set(fact, value) = act else { continue };
            if self.kind(fact).is_none() {
                subject.say(Code::FactUnknown, &value.place, fact.clone());
            }
            self.look(subject, value, members, self.kind(fact), Some(there));
            there.insert(fact);
        }
    }

    /// An expression over facts alone that no plan holds.
    fn read(&self, subject: &mut Subject<'_>, text: &Name, wanted: Option<Kind>) {
        match crate::expression::Expression::read(text) {
            Ok(expression) => {
                let spoken = Spoken { expression, place: text.place.clone() };
                self.look(subject, &spoken, Some(&[]), wanted, None);
            }
            Err((code, detail)) => subject.say(code, &text.place, detail),
        }
    }

    fn look(
        &self,
        subject: &mut Subject<'_>,
        spoken: &Spoken,
        data: Option<&[(String, Kind)]>,
        wanted: Option<Kind>,
        there: Option<&Facts<'_>>,
    ) {
        let found = spoken.expression.examine(&Scope { data, facts: &self.facts });
        let place = &spoken.place;
        if let Some(wanted) = wanted.filter(|wanted| found.wrong.is_empty() && !found.kind.fits(*wanted)) {
            subject.say(Code::GuardType, place, format!("{} ≠ {}", found.kind.word(), wanted.word()));
        }
        for (code, detail) in found.wrong {
            subject.say(code, place, detail);
        }
        for state in found.states.iter().filter(|path| self.plan.find(path).is_none()) {
            subject.say(Code::GuardState, place, state.clone());
        }
        for fact in &found.reads {
            if !self.written.contains(fact.as_str()) {
                subject.say(Code::FactUnwritten, place, fact.clone());
            } else if there.is_some_and(|there| !there.contains(fact.as_str())) {
                subject.say(Code::GuardUnwritten, place, fact.clone());
            }
        }
    }

    /// Facts that are there whenever a state holds, by state: what is there on every way into it. Nothing is said (`None`) of a state
    /// that no way was found into yet. A fact that is there stays.
    fn known(&self, plan: &'j Plan) -> Vec<Option<Facts<'j>>> {
        let mut known: Vec<Option<Facts<'j>>> = vec![None; plan.states.len()];
        let mut waiting: Vec<(StateId, Facts<'j>)> = vec![(ROOT, self.brought(&plan.start))];
        while let Some((id, mut there)) = waiting.pop() {
            let state = plan.state(id);
            if let Some(before) = known.get(id).cloned().flatten() {
                there = there.intersection(&before).copied().collect();
                if there == before {
                    continue;
                }
            }
            if let Some(slot) = known.get_mut(id) {
                *slot = Some(there.clone());
            }
            there.extend(state.enter.iter().filter_map(fact_set));
            waiting.extend(state.initial.iter().map(|inner| (*inner, there.clone())));
            if let (StateKind::History { .. }, Some(parent)) = (state.kind, state.parent) {
                // It may stand for anything within its parent.
                waiting.extend((parent + 1..plan.state(parent).end).map(|inner| (inner, there.clone())));
            }
            for moved in &state.moves {
                let mut after = there.clone();
                after.extend(self.brought_by(moved));
                after.extend(moved.actions.iter().filter_map(fact_set));
                for target in &moved.targets {
                    waiting.push((*target, after.clone()));
                    let around = plan.ancestors(*target).take_while(|above| !plan.within(moved.source, *above));
                    waiting.extend(around.map(|above| (above, after.clone())));
                }
            }
        }
        known
    }
}

fn fact_set(act: &Act) -> Option<&str> {
    match act {
        Act::Set(fact, _) => Some(fact),
        Act::Raise(_) => None,
    }
}
