//! The life of an API version: draft → in review → approved → published → deprecated → retired.
//!
//! A [`State`] owns what is known in it: who took each step, when and why. Moves consume the state and can refuse; what a
//! move needs beyond the state itself (lint, category, code …) is the business of [`crate::gate`].
//!
//! ```text
//!            submit            approve            publish             deprecate           retire
//!   draft ───────────► in review ─────► approved ─────────► published ─────────► deprecated ────► retired
//!     ▲      reject /     │                │                    │                                    ▲
//!     └────── withdraw ───┴── withdraw ────┘                    └──────────── retire ────────────────┘
//! ```
//! A version that was never published may be retired too: it is then merely put away.

use pano_types::Instant;
use pano_types::id::OperatorId;
use serde::{Deserialize, Serialize};
use std::fmt;

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

/// Where a version stands, with the history that led there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// Being worked on; the only state in which settings change freely.
    Draft {
        /// The last time it came back from review, and why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        returned: Option<Step>,
    },
    /// Waiting for a second person.
    InReview {
        /// Who asked for the review.
        submitted: Step,
    },
    /// Cleared for publishing.
    Approved {
        /// Who asked for the review.
        submitted: Step,
        /// Who gave it.
        approved: Step,
    },
    /// Served.
    Published {
        /// Who asked for the review.
        submitted: Step,
        /// Who gave it.
        approved: Step,
        /// Who published.
        published: Step,
    },
    /// Served, with notice that it will go.
    Deprecated {
        /// Who asked for the review.
        submitted: Step,
        /// Who gave it.
        approved: Step,
        /// Who published.
        published: Step,
        /// Who gave notice.
        deprecated: Step,
        /// When it will stop.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sunset: Option<Instant>,
        /// Address of what to use instead.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        link: Option<String>,
    },
    /// No longer served.
    Retired {
        /// When and by whom it was published, if it ever was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        published: Option<Step>,
        /// Who retired it.
        retired: Step,
        /// Address of what to use instead.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        link: Option<String>,
    },
}

/// The states without what they own: for columns, filters and screens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are those of State")]
pub enum Stage {
    Draft,
    InReview,
    Approved,
    Published,
    Deprecated,
    Retired,
}

/// A move from one state to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Move {
    /// Ask for review.
    Submit,
    /// Clear for publishing; by another person than who submitted.
    Approve,
    /// Send back with a reason.
    Reject,
    /// Take back before it is published.
    Withdraw,
    /// Serve.
    Publish,
    /// Give notice.
    Deprecate,
    /// Stop serving.
    Retire,
}

/// Why a move was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The state does not allow it.
    #[error("a version that is {from} cannot {wanted}; it can {}", list(allowed))]
    WrongState {
        /// Where it stands.
        from: Stage,
        /// What was asked.
        wanted: Move,
        /// What is possible instead.
        allowed: Vec<Move>,
    },
    /// Maker and checker are the same person.
    #[error("{0} submitted this version and cannot approve it too")]
    SamePerson(OperatorId),
    /// The move needs a reason.
    #[error("to {0} a version, say why")]
    ReasonMissing(Move),
    /// The sunset lies before the notice.
    #[error("the sunset must lie after the day of notice")]
    SunsetInPast,
}

fn list(moves: &[Move]) -> String {
    if moves.is_empty() {
        return "not move any more".to_owned();
    }
    moves.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

impl State {
    /// A new draft.
    pub const fn draft() -> Self {
        Self::Draft { returned: None }
    }

    /// The state's name alone.
    pub const fn stage(&self) -> Stage {
        match self {
            Self::Draft { .. } => Stage::Draft,
            Self::InReview { .. } => Stage::InReview,
            Self::Approved { .. } => Stage::Approved,
            Self::Published { .. } => Stage::Published,
            Self::Deprecated { .. } => Stage::Deprecated,
            Self::Retired { .. } => Stage::Retired,
        }
    }

    /// How it came to be served; `None` when it never was.
    pub const fn published(&self) -> Option<&Step> {
        match self {
            Self::Draft { .. } | Self::InReview { .. } | Self::Approved { .. } => None,
            Self::Published { published, .. } | Self::Deprecated { published, .. } => Some(published),
            Self::Retired { published, .. } => published.as_ref(),
        }
    }

    /// Asks for review.
    ///
    /// # Errors
    /// Unless it is a draft.
    pub fn submit(self, step: Step) -> Result<Self, Refused> {
        match self {
            Self::Draft { .. } => Ok(Self::InReview { submitted: step }),
            other => Err(other.wrong(Move::Submit)),
        }
    }

    /// Clears for publishing.
    ///
    /// # Errors
    /// Unless it is in review, and the checker is another person than the maker.
    pub fn approve(self, step: Step) -> Result<Self, Refused> {
        match self {
            Self::InReview { submitted } if submitted.who == step.who => Err(Refused::SamePerson(step.who)),
            Self::InReview { submitted } => Ok(Self::Approved { submitted, approved: step }),
            other => Err(other.wrong(Move::Approve)),
        }
    }

    /// Sends back to draft.
    ///
    /// # Errors
    /// Unless it is in review or approved, and a reason is given.
    pub fn reject(self, step: Step) -> Result<Self, Refused> {
        match self {
            Self::InReview { .. } | Self::Approved { .. } if step.why.trim().is_empty() => {
                Err(Refused::ReasonMissing(Move::Reject))
            }
            Self::InReview { .. } | Self::Approved { .. } => Ok(Self::Draft { returned: Some(step) }),
            other => Err(other.wrong(Move::Reject)),
        }
    }

    /// Takes back to draft.
    ///
    /// # Errors
    /// Unless it is in review or approved.
    pub fn withdraw(self, step: Step) -> Result<Self, Refused> {
        match self {
            Self::InReview { .. } | Self::Approved { .. } => Ok(Self::Draft { returned: Some(step) }),
            other => Err(other.wrong(Move::Withdraw)),
        }
    }

    /// Serves.
    ///
    /// # Errors
    /// Unless it is approved.
    pub fn publish(self, step: Step) -> Result<Self, Refused> {
        match self {
            Self::Approved { submitted, approved } => Ok(Self::Published { submitted, approved, published: step }),
            other => Err(other.wrong(Move::Publish)),
        }
    }

    /// Gives notice.
    ///
    /// # Errors
    /// Unless it is published and the sunset, if any, lies ahead.
    pub fn deprecate(self, step: Step, sunset: Option<Instant>, link: Option<String>) -> Result<Self, Refused> {
        match self {
            Self::Published { .. } if sunset.is_some_and(|at| at <= step.at) => Err(Refused::SunsetInPast),
            Self::Published { submitted, approved, published } => {
                Ok(Self::Deprecated { submitted, approved, published, deprecated: step, sunset, link })
            }
            other => Err(other.wrong(Move::Deprecate)),
        }
    }

    /// Stops serving, or puts away what was never served.
    ///
    /// # Errors
    /// When it is in review (reject it instead), retired already, or served and no reason is given.
    pub fn retire(self, step: Step, link: Option<String>) -> Result<Self, Refused> {
        match self {
            Self::Published { .. } | Self::Deprecated { .. } if step.why.trim().is_empty() => {
                Err(Refused::ReasonMissing(Move::Retire))
            }
            Self::Published { published, .. } => Ok(Self::Retired { published: Some(published), retired: step, link }),
            Self::Deprecated { published, link: noted, .. } => {
                Ok(Self::Retired { published: Some(published), retired: step, link: link.or(noted) })
            }
            Self::Draft { .. } | Self::Approved { .. } => Ok(Self::Retired { published: None, retired: step, link }),
            other => Err(other.wrong(Move::Retire)),
        }
    }

    fn wrong(&self, wanted: Move) -> Refused {
        Refused::WrongState { from: self.stage(), wanted, allowed: self.stage().moves().to_vec() }
    }
}

impl Stage {
    /// All of them, in the order of life.
    pub const ALL: [Self; 6] =
        [Self::Draft, Self::InReview, Self::Approved, Self::Published, Self::Deprecated, Self::Retired];

    /// The stable text, as stored and shown.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::InReview => "in_review",
            Self::Approved => "approved",
            Self::Published => "published",
            Self::Deprecated => "deprecated",
            Self::Retired => "retired",
        }
    }
    /// The stage with this text.
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.text() == text)
    }
    /// Whether gateways serve it.
    pub const fn served(self) -> bool {
        matches!(self, Self::Published | Self::Deprecated)
    }
    /// The moves that are possible, gates aside.
    pub const fn moves(self) -> &'static [Move] {
        match self {
            Self::Draft => &[Move::Submit, Move::Retire],
            Self::InReview => &[Move::Approve, Move::Reject, Move::Withdraw],
            Self::Approved => &[Move::Publish, Move::Reject, Move::Withdraw, Move::Retire],
            Self::Published => &[Move::Deprecate, Move::Retire],
            Self::Deprecated => &[Move::Retire],
            Self::Retired => &[],
        }
    }
}

impl Move {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Submit, Self::Approve, Self::Reject, Self::Withdraw, Self::Publish, Self::Deprecate, Self::Retire];

    /// The stable text; also the last segment of the move's address.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Submit => "submit",
            Self::Approve => "approve",
            Self::Reject => "reject",
            Self::Withdraw => "withdraw",
            Self::Publish => "publish",
            Self::Deprecate => "deprecate",
            Self::Retire => "retire",
        }
    }
    /// The move with this text.
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.text() == text)
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl fmt::Display for Move {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

#[cfg(test)]
mod tests;
