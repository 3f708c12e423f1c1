//! The chart laid flat: states in document order, every target resolved, every expression read.
//!
//! Document order is preorder, so what is within a state is a range of indices. State 0 is what SCXML calls `<scxml>`, state 1 the
//! parallel state whose children are the chart's regions.

mod draw;

use crate::diagnostic::Diagnostic;
use crate::duration::Duration;
use crate::expression::Expression;
use crate::model::Journey;
use crate::place::Place;

/// Index of a state.
pub type StateId = usize;

/// The root.
pub(crate) const ROOT: StateId = 0;
/// The parallel state of all regions.
pub(crate) const REGIONS: StateId = 1;

/// A chart laid flat.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// In document order.
    pub states: Vec<State>,
    /// The event that begins a journey.
    pub start: String,
    /// Only if this holds.
    pub start_when: Option<Spoken>,
    /// Facts that events bring.
    pub brings: Vec<Brings>,
    /// A journey ends by itself after that time.
    pub expires_after: Option<Duration>,
}

/// An expression and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Spoken {
    /// What it says.
    pub expression: Expression,
    /// Where it stands.
    pub place: Place,
}

/// A fact that an event brings.
#[derive(Debug, Clone, PartialEq)]
pub struct Brings {
    /// The event.
    pub event: String,
    /// The fact.
    pub fact: String,
    /// Where it stands in the event.
    pub value: Spoken,
}

/// What a state is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StateKind {
    /// Nothing within.
    Plain,
    /// States within, of which one holds.
    Compound,
    /// Regions within, which hold at once.
    Parallel,
    /// Its parent has ended.
    Final,
    /// Stands for the state within its parent that held last; for its place only, or down to the innermost.
    History {
        /// Down to the innermost.
        deep: bool,
    },
}

/// A state.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// Names from its region on, joined by dots; empty for the two outermost.
    pub path: String,
    /// What it is.
    pub kind: StateKind,
    /// What it is within.
    pub parent: Option<StateId>,
    /// What is within it, one level down.
    pub children: Vec<StateId>,
    /// The child that it begins with, or the targets of a history without memory.
    pub initial: Vec<StateId>,
    /// Moves out of it, in order.
    pub moves: Vec<Transition>,
    /// Actions on entry.
    pub enter: Vec<Act>,
    /// Actions on exit.
    pub leave: Vec<Act>,
    /// One past the last state within.
    pub end: StateId,
    /// The whole journey ends here.
    pub ends_journey: bool,
    /// Where it stands.
    pub place: Place,
}

/// What sets a move off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger {
    /// An event, its first names, or `*`.
    Event(String),
    /// The event that what is within has ended, exactly: names of states have dots too.
    Done(String),
    /// A time since the state was entered.
    After(Duration),
    /// Nothing.
    Always,
}

/// A move.
#[derive(Debug, Clone, PartialEq)]
pub struct Transition {
    /// The state that it leads out of.
    pub source: StateId,
    /// What sets it off.
    pub trigger: Trigger,
    /// Only if this holds.
    pub guard: Option<Spoken>,
    /// Where to; nothing is left when there is none.
    pub targets: Vec<StateId>,
    /// The source is not left when all targets are within.
    pub internal: bool,
    /// Done on the way.
    pub actions: Vec<Act>,
    /// Where it stands.
    pub place: Place,
}

/// Something done at once.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// Writes a fact.
    Set(String, Spoken),
    /// Raises an event of the journey itself.
    Raise(String),
}

impl Plan {
    /// Lays the journey's chart flat, and says what is wrong with its structure and its expressions. A plan with errors is good for
    /// looking at, not for running.
    pub fn draw(journey: &Journey) -> (Self, Vec<Diagnostic>) {
        draw::draw(journey)
    }

    /// The state. Ids are made by `draw` only, from the length of this very list.
    #[expect(clippy::indexing_slicing, reason = "an id is an index of this list by construction")]
    pub(crate) fn state(&self, id: StateId) -> &State {
        &self.states[id]
    }

    /// The state of that path.
    pub fn find(&self, path: &str) -> Option<StateId> {
        (!path.is_empty()).then(|| self.states.iter().position(|state| state.path == path)).flatten()
    }

    /// Whether `inner` is within `outer`, and not the same.
    pub fn within(&self, inner: StateId, outer: StateId) -> bool {
        inner > outer && inner < self.state(outer).end
    }

    /// Whether the history can stand for the state: one within its parent, and no history itself, so that resolving it ends.
    pub(crate) fn remembers(&self, history: StateId, state: StateId) -> bool {
        let known = self.state(history).parent.is_some_and(|parent| self.within(state, parent));
        known && !matches!(self.state(state).kind, StateKind::History { .. })
    }

    /// What it is within, from the innermost.
    pub(crate) fn ancestors(&self, id: StateId) -> impl Iterator<Item = StateId> + '_ {
        std::iter::successors(self.state(id).parent, |id| self.state(*id).parent)
    }

    /// The smallest of what both are within.
    pub(crate) fn common(&self, a: StateId, b: StateId) -> StateId {
        self.ancestors(a).find(|outer| self.within(b, *outer)).unwrap_or(ROOT)
    }
}

impl State {
    /// Whether nothing is within it and it can hold.
    pub fn is_atomic(&self) -> bool {
        matches!(self.kind, StateKind::Plain | StateKind::Final)
    }

    /// The event that is raised when what is within has ended.
    pub fn done_event(&self) -> String {
        format!("done.state.{}", if self.path.is_empty() { "journey" } else { &self.path })
    }
}

/// Whether an event named `name` is one that `trigger` waits for: the same, or its first names (SCXML §3.12.1).
pub fn matches(trigger: &str, name: &str) -> bool {
    let wanted = trigger.strip_suffix(".*").unwrap_or(trigger);
    wanted == "*" || name.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn events_match_by_their_first_names() {
        for (trigger, name, expected) in [
            ("fx.quoted", "fx.quoted", true),
            ("fx", "fx.quoted", true),
            ("fx.*", "fx.quoted", true),
            ("fx.*", "fx", true),
            ("*", "fx.quoted", true),
            ("f", "fx.quoted", false),
            ("fx.quoted.late", "fx.quoted", false),
        ] {
            assert_eq!(matches(trigger, name), expected, "{trigger} {name}");
        }
    }
}
