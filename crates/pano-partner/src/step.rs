//! What all lifecycles share: who took a step, and why one was refused.

use crate::certification::Profile;
use pano_types::id::OperatorId;
use pano_types::{Instant, Localized};
use serde::{Deserialize, Serialize};

/// Who took a step, when, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Step {
    /// The operator.
    pub who: OperatorId,
    /// When.
    pub at: Instant,
    /// In the operator's own words; may be empty where a move does not ask for it.
    #[serde(default)]
    pub why: String,
}

/// A check that a move's gate asks for and that is not met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmet {
    /// Name of the check.
    pub check: &'static str,
    /// What is missing.
    pub reason: Localized,
}

/// Why a move was refused; what it would have moved stays as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The state does not allow it.
    #[error("a {what} that is {from} cannot {wanted}; possible: {}", or_nothing(allowed))]
    WrongState {
        /// Partner, app, subscription, plan.
        what: &'static str,
        /// Where it stands.
        from: &'static str,
        /// What was asked.
        wanted: &'static str,
        /// What is possible instead.
        allowed: Vec<&'static str>,
    },
    /// Maker and checker are the same person.
    #[error("{0} asked for this and cannot approve it too")]
    SamePerson(OperatorId),
    /// The move needs a reason.
    #[error("to {0}, say why")]
    ReasonMissing(&'static str),
    /// Checks of the gate, every unmet one.
    #[error("{} checks are not met", .0.len())]
    Gate(Vec<Unmet>),
    /// Going live needs a certificate that the app does not hold.
    #[error("the app needs a valid certificate for {}", .0.text())]
    Uncertified(Profile),
}

fn or_nothing(moves: &[&'static str]) -> String {
    if moves.is_empty() { "nothing any more".to_owned() } else { moves.join(", ") }
}

/// A second person's step.
pub(crate) fn second_person(maker: &Step, checker: &Step) -> Result<(), Refused> {
    if maker.who == checker.who { Err(Refused::SamePerson(checker.who)) } else { Ok(()) }
}

/// A step that must say why.
pub(crate) fn reason(step: &Step, wanted: &'static str) -> Result<(), Refused> {
    if step.why.trim().is_empty() { Err(Refused::ReasonMissing(wanted)) } else { Ok(()) }
}
