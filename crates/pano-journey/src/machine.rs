//! Runs a plan: the algorithm of SCXML 1.0, appendix D, as a pure function of plan, position, event and time.
//!
//! A position is plain data that can be stored and looked at; it speaks of states by their paths, so that it outlives a version of the
//! model. Timers are data too: an answer says which to schedule and which to forget, and the caller hands back those that are due.
//! Every event runs to completion: when [`take`] returns, no move that waits for nothing is left, or the run was refused as a whole.

mod run;

use crate::plan::Plan;
use pano_types::Instant;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Steps that one event may cause. A sound chart needs a handful.
pub const STEPS_MAX: usize = 512;

/// Where one customer's journey stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// Paths of the innermost states that hold, in document order.
    pub holds: Vec<String>,
    /// What histories remember: states by the path of the history.
    pub remembers: BTreeMap<String, Vec<String>>,
    /// What is known.
    pub facts: Map<String, Value>,
    /// What is waited for.
    pub timers: Vec<Timer>,
    /// Timers made so far; makes their ids unlike.
    pub timers_made: u64,
    /// How it ended, once it has.
    pub ended: Option<Ending>,
}

/// Something that is waited for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timer {
    /// Names it within the position.
    pub id: String,
    /// Path of the state that waits; empty when it is the journey's own end.
    pub state: String,
    /// Which of the state's moves waits for it.
    pub index: usize,
    /// When.
    pub due: Instant,
}

/// How a journey ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ending {
    /// Every region has come to its end, or one to the end of all.
    Completed,
    /// Its time was over.
    Expired,
}

/// What happens to a journey.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Happening<'h> {
    /// An event from outside.
    Event {
        /// Its type.
        name: &'h str,
        /// Its data.
        data: &'h Value,
    },
    /// A timer is due.
    Timer {
        /// Its id.
        id: &'h str,
    },
}

/// What came of it, in the order it happened. A caller stores the position and these together.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// A state was left.
    Left(String),
    /// A state was entered.
    Entered(String),
    /// A fact was written.
    Knows(String, Value),
    /// The journey raised an event of its own.
    Raised(String),
    /// A timer is to be scheduled.
    Schedule(Timer),
    /// A timer is to be forgotten.
    Forget(String),
    /// An expression had no value; a guard then counts as false.
    Failed(crate::expression::Failed),
    /// The journey is over.
    Ended(Ending),
}

/// A position and what led to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Where the journey stands now.
    pub position: Position,
    /// What happened on the way.
    pub effects: Vec<Effect>,
    /// Whether a move was taken.
    pub moved: bool,
}

/// Why nothing happened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The journey is over.
    #[error("the journey has ended")]
    Over,
    /// It is not time yet.
    #[error("the timer {0} is not due yet")]
    Early(String),
    /// The position names a state that the plan has not, or states that cannot hold together.
    #[error("the position does not fit the model: {0}")]
    Foreign(String),
    /// Moves and raised events never come to rest.
    #[error("the chart does not come to rest within {STEPS_MAX} steps")]
    Restless,
}

/// Begins a journey with its first event; nothing when that event begins none.
///
/// # Errors
/// [`Refused::Restless`].
pub fn begin(plan: &Plan, name: &str, data: &Value, now: Instant) -> Result<Option<Step>, Refused> {
    run::begin(plan, name, data, now)
}

/// What `happening` does to a journey at `position`. A timer that is no longer waited for does nothing.
///
/// # Errors
/// See [`Refused`]; the position is then as it was.
pub fn take(plan: &Plan, position: &Position, happening: Happening<'_>, now: Instant) -> Result<Step, Refused> {
    run::take(plan, position, happening, now)
}

#[cfg(test)]
mod tests;
