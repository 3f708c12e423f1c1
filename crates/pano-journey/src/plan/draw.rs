//! Lays a chart flat.

use super::{Act, Brings, Plan, REGIONS, ROOT, Spoken, State, StateId, StateKind, Transition, Trigger};
use crate::diagnostic::{Code, Diagnostic, meant};
use crate::duration::Duration;
use crate::expression::Expression;
use crate::model::{self, Action, Journey, Name, StateModel};
use crate::place::Place;

pub(super) fn draw(journey: &Journey) -> (Plan, Vec<Diagnostic>) {
    let chart = &journey.chart;
    let mut draft = Draft { states: Vec::new(), models: Vec::new(), found: Vec::new() };
    for kind in [StateKind::Compound, StateKind::Parallel] {
        draft.states.push(State {
            path: String::new(),
            kind,
            parent: (kind == StateKind::Parallel).then_some(ROOT),
            children: Vec::new(),
            initial: Vec::new(),
            moves: Vec::new(),
            enter: Vec::new(),
            leave: Vec::new(),
            end: 0,
            ends_journey: false,
            place: chart.place.clone(),
        });
        draft.models.push(None);
    }
    let regions: Vec<_> = chart.regions.iter().map(|region| draft.add(region, REGIONS, true)).collect();
    let end = draft.states.len();
    for (id, children) in [(ROOT, vec![REGIONS]), (REGIONS, regions)] {
        if let Some(state) = draft.states.get_mut(id) {
            state.end = end;
            state.initial.clone_from(&children);
            state.children = children;
        }
    }
    let Draft { states, models, found } = draft;
    let mut plan =
        Plan { states, start: chart.start.value.clone(), start_when: None, brings: Vec::new(), expires_after: None };
    let mut linker = Linker { found };
    plan.start_when = linker.guard(chart.when.as_ref());
    plan.expires_after = journey.instance.expires_after.as_ref().and_then(|text| Duration::parse(text));
    for (fact, typed) in
        journey.contexts.iter().flat_map(|c| &c.facts).filter_map(|f| Some((&f.name, f.typed.as_ref()?)))
    {
        for (event, source) in &typed.from {
            if let Some(value) = linker.spoken(source) {
                plan.brings.push(Brings { event: event.value.clone(), fact: fact.value.clone(), value });
            }
        }
    }
    for (id, model) in models.into_iter().enumerate() {
        let Some(model) = model else { continue };
        let linked = linker.link(&plan, id, model);
        if let Some(state) = plan.states.get_mut(id) {
            (state.initial, state.moves, state.enter, state.leave) = linked;
        }
    }
    (plan, linker.found)
}

struct Draft<'m> {
    states: Vec<State>,
    models: Vec<Option<&'m StateModel>>,
    found: Vec<Diagnostic>,
}

impl<'m> Draft<'m> {
    fn add(&mut self, model: &'m StateModel, parent: StateId, region: bool) -> StateId {
        let id = self.states.len();
        let outer = self.states.get(parent).map(|state| state.path.clone()).unwrap_or_default();
        let path = if outer.is_empty() { model.name.value.clone() } else { format!("{outer}.{}", *model.name) };
        let kind = self.kind(model, region);
        self.states.push(State {
            path,
            kind,
            parent: Some(parent),
            children: Vec::new(),
            initial: Vec::new(),
            moves: Vec::new(),
            enter: Vec::new(),
            leave: Vec::new(),
            end: 0,
            ends_journey: model.ends_journey,
            place: model.name.place.clone(),
        });
        self.models.push(Some(model));
        let mut children = Vec::new();
        if !matches!(kind, StateKind::Final | StateKind::History { .. }) {
            children.extend(model.states.iter().map(|state| self.add(state, id, false)));
            children.extend(model.regions.iter().map(|state| self.add(state, id, true)));
        }
        let end = self.states.len();
        if let Some(state) = self.states.get_mut(id) {
            (state.children, state.end) = (children, end);
        }
        id
    }

    fn kind(&mut self, model: &StateModel, region: bool) -> StateKind {
        let claims = [!model.states.is_empty(), !model.regions.is_empty(), model.ends, model.history.is_some()];
        let moves = !model.moves.is_empty();
        let inert = model.ends || model.history.is_some();
        let acts = model.history.is_some() && !(model.enter.is_empty() && model.leave.is_empty());
        let several = claims.iter().filter(|claim| **claim).count() > 1;
        if several || (inert && moves) || (region && inert) || acts || (region && claims == [false; 4]) {
            self.found.push(Diagnostic::new(Code::StateKind, model.name.place.clone(), model.name.value.clone()));
        }
        match claims {
            [true, ..] => StateKind::Compound,
            [_, true, ..] => StateKind::Parallel,
            [_, _, true, _] => StateKind::Final,
            [_, _, _, true] => {
                StateKind::History { deep: model.history.as_ref().is_some_and(|depth| depth.value == "deep") }
            }
            _ => StateKind::Plain,
        }
    }
}

type Linked = (Vec<StateId>, Vec<Transition>, Vec<Act>, Vec<Act>);

struct Linker {
    found: Vec<Diagnostic>,
}

impl Linker {
    fn say(&mut self, code: Code, place: &Place, detail: impl Into<String>) {
        self.found.push(Diagnostic::new(code, place.clone(), detail));
    }

    fn link(&mut self, plan: &Plan, id: StateId, model: &StateModel) -> Linked {
        let moves = model.moves.iter().filter_map(|moved| self.transition(plan, id, moved)).collect();
        (self.initial(plan, id, model), moves, self.acts(&model.enter), self.acts(&model.leave))
    }

    fn initial(&mut self, plan: &Plan, id: StateId, model: &StateModel) -> Vec<StateId> {
        let state = plan.state(id);
        match state.kind {
            StateKind::Parallel => state.children.clone(),
            StateKind::Compound => {
                let wanted = model.initial.as_ref();
                let child = wanted.and_then(|wanted| named(plan, &state.children, wanted));
                if child.is_none() {
                    let place = wanted.map_or(&model.name.place, |wanted| &wanted.place);
                    let names = state.children.iter().map(|child| last(&plan.state(*child).path));
                    let detail =
                        wanted.map_or_else(String::new, |wanted| format!("{}{}", **wanted, meant(wanted, names)));
                    self.say(Code::InitialUnknown, place, detail);
                }
                child.into_iter().collect()
            }
            StateKind::History { .. } => match &model.default {
                Some(target) => {
                    let found = self.target(plan, id, target);
                    if found.is_some_and(|found| !plan.remembers(id, found)) {
                        self.say(Code::HistoryDefault, &target.place, target.value.clone());
                    }
                    found.into_iter().collect()
                }
                None => {
                    self.say(Code::HistoryDefault, &model.name.place, model.name.value.clone());
                    Vec::new()
                }
            },
            StateKind::Plain | StateKind::Final => {
                if let Some(initial) = &model.initial {
                    self.say(Code::InitialUnknown, &initial.place, initial.value.clone());
                }
                Vec::new()
            }
        }
    }

    fn transition(&mut self, plan: &Plan, source: StateId, moved: &model::Move) -> Option<Transition> {
        let trigger = match &moved.trigger {
            model::Trigger::Event(name) => Trigger::Event(name.value.clone()),
            model::Trigger::After(text) => Trigger::After(Duration::parse(text)?),
            model::Trigger::Always(_) => Trigger::Always,
            model::Trigger::Done(place) => {
                let state = plan.state(source);
                if !can_end(plan, source) {
                    self.say(Code::DoneUnknown, place, state.path.clone());
                }
                Trigger::Done(state.done_event())
            }
        };
        let mut targets = Vec::new();
        for target in &moved.to {
            targets.extend(self.target(plan, source, target));
        }
        for (index, a) in targets.iter().enumerate() {
            for b in targets.iter().skip(index + 1) {
                let together = plan.state(plan.common(*a, *b)).kind == StateKind::Parallel;
                if a == b || plan.within(*a, *b) || plan.within(*b, *a) || !together {
                    let detail = format!("{} / {}", plan.state(*a).path, plan.state(*b).path);
                    self.say(Code::TargetsConflict, &moved.place, detail);
                }
            }
        }
        Some(Transition {
            source,
            trigger,
            guard: self.guard(moved.when.as_ref()),
            targets,
            internal: moved.internal,
            actions: self.acts(&moved.actions),
            place: moved.place.clone(),
        })
    }

    /// A name leads to a neighbour, else to a state within, else to a neighbour of what it is within; a path goes on from there.
    fn target(&mut self, plan: &Plan, source: StateId, target: &Name) -> Option<StateId> {
        let (first, rest) = target.split_once('.').map_or((target.as_str(), None), |(first, rest)| (first, Some(rest)));
        let parent = plan.state(source).parent.unwrap_or(ROOT);
        let beside = named(plan, &plan.state(parent).children, first);
        let inside = named(plan, &plan.state(source).children, first);
        if beside.is_some() && inside.is_some() {
            self.say(Code::StateAmbiguous, &target.place, target.value.clone());
        }
        let above = || plan.ancestors(parent).find_map(|outer| named(plan, &plan.state(outer).children, first));
        let mut at = beside.or(inside).or_else(above);
        for name in rest.into_iter().flat_map(|rest| rest.split('.')) {
            at = at.and_then(|at| named(plan, &plan.state(at).children, name));
        }
        if at.is_none() {
            let all = plan.states.iter().map(|state| last(&state.path)).filter(|name| !name.is_empty());
            self.say(Code::TargetUnknown, &target.place, format!("{}{}", **target, meant(target, all)));
        }
        at
    }

    fn acts(&mut self, actions: &[Action]) -> Vec<Act> {
        let mut acts = Vec::new();
        for action in actions {
            for (fact, value) in &action.set {
                acts.extend(self.spoken(value).map(|value| Act::Set(fact.value.clone(), value)));
            }
            acts.extend(action.raise.as_ref().map(|event| Act::Raise(event.value.clone())));
        }
        acts
    }

    fn guard(&mut self, text: Option<&Name>) -> Option<Spoken> {
        self.spoken(text?)
    }

    fn spoken(&mut self, text: &Name) -> Option<Spoken> {
        match Expression::read(text) {
            Ok(expression) => Some(Spoken { expression, place: text.place.clone() }),
            Err((code, detail)) => {
                self.say(code, &text.place, detail);
                None
            }
        }
    }
}

fn named(plan: &Plan, among: &[StateId], name: &str) -> Option<StateId> {
    among.iter().copied().find(|id| last(&plan.state(*id).path) == name)
}

fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// Whether what is within can end: a final state of it, or of each region.
pub(crate) fn can_end(plan: &Plan, id: StateId) -> bool {
    let state = plan.state(id);
    match state.kind {
        StateKind::Compound => state.children.iter().any(|child| plan.state(*child).kind == StateKind::Final),
        StateKind::Parallel => state.children.iter().all(|child| can_end(plan, *child)),
        StateKind::Plain | StateKind::Final | StateKind::History { .. } => false,
    }
}
