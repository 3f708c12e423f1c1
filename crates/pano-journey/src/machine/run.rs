//! The algorithm. Names in comments are those of the procedures of SCXML 1.0, appendix D.

use super::{Effect, Ending, Happening, Position, Refused, STEPS_MAX, Step, Timer};
use crate::expression::Sight;
use crate::plan::{Act, Plan, REGIONS, ROOT, Spoken, StateId, StateKind, Transition, Trigger, matches};
use pano_types::Instant;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

/// Id of the timer that ends a journey.
const EXPIRY: &str = "expiry";

pub(super) fn begin(plan: &Plan, name: &str, data: &Value, now: Instant) -> Result<Option<Step>, Refused> {
    if !matches(&plan.start, name) {
        return Ok(None);
    }
    let mut run = Run::new(plan, now, name, data);
    run.learn(name);
    if let Some(guard) = &plan.start_when
        && !run.holds(guard)
    {
        return Ok(None);
    }
    if let Some(length) = plan.expires_after {
        let due = now.plus(Duration::from_secs(length.seconds()));
        run.schedule(Timer { id: EXPIRY.to_owned(), state: String::new(), index: 0, due });
    }
    let initial: Vec<StateId> = plan.state(ROOT).initial.clone();
    let mut entry = BTreeSet::new();
    for state in initial {
        run.add_descendants(state, &mut entry);
    }
    run.enter(&entry);
    run.rest()?;
    Ok(Some(run.finish(true)))
}

pub(super) fn take(plan: &Plan, at: &Position, happening: Happening<'_>, now: Instant) -> Result<Step, Refused> {
    if at.ended.is_some() {
        return Err(Refused::Over);
    }
    match happening {
        Happening::Event { name, data } => {
            let mut run = Run::resume(plan, at, now, name, data)?;
            run.learn(name);
            let chosen = run.select(&Sign::Event(name));
            finish(run, &chosen)
        }
        Happening::Timer { id } => {
            let mut run = Run::resume(plan, at, now, "", &Value::Null)?;
            let Some(timer) = at.timers.iter().find(|timer| timer.id == id) else { return Ok(run.finish(false)) };
            if timer.due > now {
                return Err(Refused::Early(id.to_owned()));
            }
            run.timers.retain(|timer| timer.id != id);
            if timer.id == EXPIRY {
                run.end(Ending::Expired);
                return Ok(run.finish(false));
            }
            let state = plan.find(&timer.state).ok_or_else(|| Refused::Foreign(timer.state.clone()))?;
            let chosen = run.select(&Sign::Timer { state, index: timer.index });
            finish(run, &chosen)
        }
    }
}

fn finish<'p>(mut run: Run<'p>, chosen: &[&'p Transition]) -> Result<Step, Refused> {
    run.microstep(chosen);
    run.rest()?;
    Ok(run.finish(!chosen.is_empty()))
}

/// What moves are chosen for.
enum Sign<'s> {
    Nothing,
    Event(&'s str),
    Timer { state: StateId, index: usize },
}

struct Run<'p> {
    plan: &'p Plan,
    now: Instant,
    event: String,
    data: Value,
    holds: BTreeSet<StateId>,
    remembers: BTreeMap<StateId, Vec<StateId>>,
    facts: Map<String, Value>,
    timers: Vec<Timer>,
    timers_made: u64,
    raised: VecDeque<String>,
    effects: Vec<Effect>,
    ended: Option<Ending>,
}

impl<'p> Run<'p> {
    fn new(plan: &'p Plan, now: Instant, event: &str, data: &Value) -> Self {
        Self {
            plan,
            now,
            event: event.to_owned(),
            data: data.clone(),
            holds: BTreeSet::new(),
            remembers: BTreeMap::new(),
            facts: Map::new(),
            timers: Vec::new(),
            timers_made: 0,
            raised: VecDeque::new(),
            effects: Vec::new(),
            ended: None,
        }
    }

    fn resume(plan: &'p Plan, at: &Position, now: Instant, event: &str, data: &Value) -> Result<Self, Refused> {
        let find = |path: &String| plan.find(path).ok_or_else(|| Refused::Foreign(path.clone()));
        let mut run = Self::new(plan, now, event, data);
        run.holds.extend([ROOT, REGIONS]);
        for path in &at.holds {
            let id = find(path)?;
            if !plan.state(id).is_atomic() {
                return Err(Refused::Foreign(path.clone()));
            }
            run.holds.insert(id);
            run.holds.extend(plan.ancestors(id));
        }
        if let Some(wrong) = incomplete(plan, &run.holds) {
            return Err(Refused::Foreign(plan.state(wrong).path.clone()));
        }
        for (history, states) in &at.remembers {
            let (id, states) = (find(history)?, states.iter().map(find).collect::<Result<Vec<_>, _>>()?);
            if !states.iter().all(|state| plan.remembers(id, *state)) {
                return Err(Refused::Foreign(history.clone()));
            }
            run.remembers.insert(id, states);
        }
        run.facts.clone_from(&at.facts);
        run.timers.clone_from(&at.timers);
        run.timers_made = at.timers_made;
        Ok(run)
    }

    fn finish(self, moved: bool) -> Step {
        let path = |id: &StateId| self.plan.state(*id).path.clone();
        let position = Position {
            holds: self.holds.iter().filter(|id| self.plan.state(**id).is_atomic()).map(path).collect(),
            remembers: self
                .remembers
                .iter()
                .map(|(id, states)| (path(id), states.iter().map(path).collect()))
                .collect(),
            facts: self.facts,
            timers: self.timers,
            timers_made: self.timers_made,
            ended: self.ended,
        };
        Step { position, effects: self.effects, moved }
    }

    /// The rest of `mainEventLoop` until an event from outside is needed.
    fn rest(&mut self) -> Result<(), Refused> {
        for _ in 0..STEPS_MAX {
            if self.ended.is_some() {
                return Ok(());
            }
            let mut chosen = self.select(&Sign::Nothing);
            if chosen.is_empty() {
                let Some(event) = self.raised.pop_front() else { return Ok(()) };
                self.event = event;
                self.data = Value::Null;
                let event = self.event.clone();
                chosen = self.select(&Sign::Event(&event));
            }
            self.microstep(&chosen);
            if self.raised.len() > STEPS_MAX {
                break;
            }
        }
        Err(Refused::Restless)
    }

    /// `selectTransitions` and `selectEventlessTransitions`.
    fn select(&mut self, sign: &Sign<'_>) -> Vec<&'p Transition> {
        let plan = self.plan;
        let atoms: Vec<_> = self.holds.iter().copied().filter(|id| plan.state(*id).is_atomic()).collect();
        let mut chosen: Vec<&'p Transition> = Vec::new();
        let mut asked: BTreeMap<StateId, Option<usize>> = BTreeMap::new();
        for atom in atoms {
            for state in std::iter::once(atom).chain(plan.ancestors(atom)) {
                // Two innermost states share what is around them: a state is asked once, its answer counts for both.
                let found = match asked.get(&state) {
                    Some(found) => *found,
                    None => {
                        let found = self.first_move(state, sign);
                        asked.insert(state, found);
                        found
                    }
                };
                if let Some(moved) = found.and_then(|index| plan.state(state).moves.get(index)) {
                    if !chosen.iter().any(|other| std::ptr::eq(*other, moved)) {
                        chosen.push(moved);
                    }
                    break;
                }
            }
        }
        self.without_conflicts(chosen)
    }

    fn first_move(&mut self, state: StateId, sign: &Sign<'_>) -> Option<usize> {
        let plan = self.plan;
        plan.state(state).moves.iter().enumerate().find_map(|(index, moved)| {
            let set_off = match (&moved.trigger, sign) {
                (Trigger::Always, Sign::Nothing) => true,
                (Trigger::Event(trigger), Sign::Event(name)) => matches(trigger, name),
                (Trigger::Done(event), Sign::Event(name)) => event == name,
                (Trigger::After(_), Sign::Timer { state: waiting, index: due }) => state == *waiting && index == *due,
                (Trigger::Always | Trigger::Event(_) | Trigger::Done(_) | Trigger::After(_), _) => false,
            };
            (set_off && moved.guard.as_ref().is_none_or(|guard| self.holds(guard))).then_some(index)
        })
    }

    /// `removeConflictingTransitions`: of two that would leave the same state, the one further in wins, else the first.
    fn without_conflicts(&self, chosen: Vec<&'p Transition>) -> Vec<&'p Transition> {
        let mut kept: Vec<(&'p Transition, BTreeSet<StateId>)> = Vec::new();
        for candidate in chosen {
            let leaves = self.exit_set(candidate);
            let rivals: Vec<usize> = kept
                .iter()
                .enumerate()
                .filter(|(_, (_, other))| !other.is_disjoint(&leaves))
                .map(|(index, _)| index)
                .collect();
            let outdone = rivals.iter().any(|index| {
                kept.get(*index).is_some_and(|(other, _)| !self.plan.within(candidate.source, other.source))
            });
            if !outdone {
                for index in rivals.into_iter().rev() {
                    kept.remove(index);
                }
                kept.push((candidate, leaves));
            }
        }
        kept.into_iter().map(|(moved, _)| moved).collect()
    }

    /// `microstep`.
    fn microstep(&mut self, chosen: &[&'p Transition]) {
        let leaving: BTreeSet<StateId> = chosen.iter().flat_map(|moved| self.exit_set(moved)).collect();
        self.leave(&leaving);
        for moved in chosen {
            self.act(&moved.actions);
        }
        let entering = self.entry_set(chosen);
        self.enter(&entering);
    }

    /// `computeExitSet` of one transition.
    fn exit_set(&self, moved: &Transition) -> BTreeSet<StateId> {
        match self.domain(moved) {
            None => BTreeSet::new(),
            Some(domain) => self.holds.iter().copied().filter(|id| self.plan.within(*id, domain)).collect(),
        }
    }

    /// `getTransitionDomain`.
    fn domain(&self, moved: &Transition) -> Option<StateId> {
        let targets = self.effective_targets(&moved.targets);
        if targets.is_empty() {
            return None;
        }
        let inside = |outer: StateId| targets.iter().all(|target| self.plan.within(*target, outer));
        let source = moved.source;
        if moved.internal && self.plan.state(source).kind == StateKind::Compound && inside(source) {
            return Some(source);
        }
        let compound = |id: &StateId| self.plan.state(*id).kind == StateKind::Compound;
        self.plan.ancestors(source).filter(compound).find(|outer| inside(*outer)).or(Some(ROOT))
    }

    /// `getEffectiveTargetStates`.
    fn effective_targets(&self, targets: &[StateId]) -> Vec<StateId> {
        let mut found = Vec::new();
        for target in targets {
            match (self.plan.state(*target).kind, self.remembers.get(target)) {
                (StateKind::History { .. }, Some(states)) => found.extend(states),
                (StateKind::History { .. }, None) => found.extend(&self.plan.state(*target).initial),
                _ => found.push(*target),
            }
        }
        found
    }

    /// `computeEntrySet`.
    fn entry_set(&self, chosen: &[&Transition]) -> BTreeSet<StateId> {
        let mut entry = BTreeSet::new();
        for moved in chosen {
            for target in &moved.targets {
                self.add_descendants(*target, &mut entry);
            }
            let Some(domain) = self.domain(moved) else { continue };
            for target in self.effective_targets(&moved.targets) {
                self.add_ancestors(target, domain, &mut entry);
            }
        }
        entry
    }

    /// `addDescendantStatesToEnter`.
    fn add_descendants(&self, id: StateId, entry: &mut BTreeSet<StateId>) {
        let state = self.plan.state(id);
        match state.kind {
            StateKind::History { .. } => {
                let parent = state.parent.unwrap_or(ROOT);
                for target in self.effective_targets(&[id]) {
                    self.add_descendants(target, entry);
                    self.add_ancestors(target, parent, entry);
                }
            }
            StateKind::Plain | StateKind::Final => {
                entry.insert(id);
            }
            StateKind::Compound => {
                entry.insert(id);
                for target in &state.initial {
                    self.add_descendants(*target, entry);
                }
            }
            StateKind::Parallel => {
                entry.insert(id);
                self.add_regions(id, entry);
            }
        }
    }

    /// `addAncestorStatesToEnter`.
    fn add_ancestors(&self, id: StateId, outer: StateId, entry: &mut BTreeSet<StateId>) {
        for above in self.plan.ancestors(id).take_while(|above| *above != outer) {
            entry.insert(above);
            if self.plan.state(above).kind == StateKind::Parallel {
                self.add_regions(above, entry);
            }
        }
    }

    /// The regions of which nothing is entered yet.
    fn add_regions(&self, id: StateId, entry: &mut BTreeSet<StateId>) {
        for child in &self.plan.state(id).children {
            if !entry.iter().any(|entered| self.plan.within(*entered, *child)) {
                self.add_descendants(*child, entry);
            }
        }
    }

    /// `exitStates`.
    fn leave(&mut self, leaving: &BTreeSet<StateId>) {
        let plan = self.plan;
        for id in leaving.iter().rev() {
            for history in &plan.state(*id).children {
                let StateKind::History { deep } = plan.state(*history).kind else { continue };
                let kept = |held: &&StateId| match deep {
                    true => plan.state(**held).is_atomic() && plan.within(**held, *id),
                    false => plan.state(**held).parent == Some(*id),
                };
                self.remembers.insert(*history, self.holds.iter().filter(kept).copied().collect());
            }
        }
        for id in leaving.iter().rev() {
            let state = plan.state(*id);
            self.act(&state.leave);
            self.holds.remove(id);
            // The outermost have no name; what waits without a state is the end of the journey, and stays.
            if !state.path.is_empty() {
                for timer in self.timers.extract_if(.., |timer| timer.state == state.path) {
                    self.effects.push(Effect::Forget(timer.id));
                }
                self.effects.push(Effect::Left(state.path.clone()));
            }
        }
    }

    /// `enterStates`.
    fn enter(&mut self, entering: &BTreeSet<StateId>) {
        let plan = self.plan;
        for id in entering {
            let state = plan.state(*id);
            self.holds.insert(*id);
            if !state.path.is_empty() {
                self.effects.push(Effect::Entered(state.path.clone()));
            }
            self.act(&state.enter);
            for (index, moved) in state.moves.iter().enumerate() {
                if let Trigger::After(length) = moved.trigger {
                    self.timers_made += 1;
                    let id = format!("{}#{}", state.path, self.timers_made);
                    let due = self.now.plus(Duration::from_secs(length.seconds()));
                    self.schedule(Timer { id, state: state.path.clone(), index, due });
                }
            }
            if state.kind == StateKind::Final {
                self.ended_within(*id);
            }
        }
    }

    fn ended_within(&mut self, id: StateId) {
        let plan = self.plan;
        if plan.state(id).ends_journey {
            return self.end(Ending::Completed);
        }
        let Some(parent) = plan.state(id).parent else { return };
        self.raised.push_back(plan.state(parent).done_event());
        let Some(around) = plan.state(parent).parent else { return };
        if plan.state(around).kind == StateKind::Parallel && self.is_over(around) {
            self.raised.push_back(plan.state(around).done_event());
            if around == REGIONS {
                self.end(Ending::Completed);
            }
        }
    }

    /// `isInFinalState`.
    fn is_over(&self, id: StateId) -> bool {
        let children = &self.plan.state(id).children;
        match self.plan.state(id).kind {
            StateKind::Compound => children
                .iter()
                .any(|child| self.plan.state(*child).kind == StateKind::Final && self.holds.contains(child)),
            StateKind::Parallel => children.iter().all(|child| self.is_over(*child)),
            StateKind::Plain | StateKind::Final | StateKind::History { .. } => false,
        }
    }

    /// An ended journey keeps its last states, for people to look at, and waits for nothing.
    fn end(&mut self, ending: Ending) {
        if self.ended.is_none() {
            self.ended = Some(ending);
            for timer in self.timers.drain(..) {
                self.effects.push(Effect::Forget(timer.id));
            }
            self.effects.push(Effect::Ended(ending));
        }
    }

    fn schedule(&mut self, timer: Timer) {
        if self.ended.is_none() {
            self.effects.push(Effect::Schedule(timer.clone()));
            self.timers.push(timer);
        }
    }

    fn act(&mut self, acts: &[Act]) {
        for act in acts {
            match act {
                Act::Raise(event) => {
                    self.raised.push_back(event.clone());
                    self.effects.push(Effect::Raised(event.clone()));
                }
                Act::Set(fact, spoken) => self.know(fact, spoken),
            }
        }
    }

    /// Facts that come with an event are known before any guard asks.
    fn learn(&mut self, event: &str) {
        let plan = self.plan;
        for brought in plan.brings.iter().filter(|brought| brought.event == event) {
            self.know(&brought.fact, &brought.value);
        }
    }

    fn know(&mut self, fact: &str, spoken: &Spoken) {
        match self.sight(|sight| spoken.expression.value(sight)) {
            Ok(value) => {
                self.facts.insert(fact.to_owned(), value.clone());
                self.effects.push(Effect::Knows(fact.to_owned(), value));
            }
            Err(failed) => self.failed(failed),
        }
    }

    fn holds(&mut self, guard: &Spoken) -> bool {
        self.sight(|sight| guard.expression.holds(sight)).unwrap_or_else(|failed| {
            self.failed(failed);
            false
        })
    }

    /// An expression without a value raises `error.execution` (SCXML §5.9); a guard is then false.
    fn failed(&mut self, failed: crate::expression::Failed) {
        self.raised.push_back("error.execution".to_owned());
        self.effects.push(Effect::Failed(failed));
    }

    fn sight<T>(&self, look: impl FnOnce(&Sight<'_>) -> T) -> T {
        let paths = self.holds.iter().map(|id| self.plan.state(*id).path.as_str());
        let states: Vec<&str> = paths.filter(|path| !path.is_empty()).collect();
        look(&Sight { event: &self.event, data: &self.data, facts: &self.facts, states: &states })
    }
}

/// A state that holds although its regions or its one inner state do not, or that holds beside another of which only one may.
pub(super) fn incomplete(plan: &Plan, holds: &BTreeSet<StateId>) -> Option<StateId> {
    holds.iter().copied().find(|id| {
        let state = plan.state(*id);
        let held = state.children.iter().filter(|child| holds.contains(child)).count();
        let around = state.parent.is_some_and(|parent| !holds.contains(&parent));
        around
            || match state.kind {
                StateKind::Compound => held != 1,
                StateKind::Parallel => held != state.children.len(),
                StateKind::Plain | StateKind::Final => false,
                StateKind::History { .. } => true,
            }
    })
}
