//! The life of a subscription, an app's right to an API under a plan: requested → approved | rejected → suspended ⇄ → ended.

use crate::certification::{Held, Profile};
use crate::step::{Refused, Step, reason, second_person};
use pano_types::id::{ApiId, AppId, PlanId, SubscriptionId};
use pano_types::{Environment, Instant};
use serde::{Deserialize, Serialize};

/// An app's right, asked for or given, to an API under a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Identifier.
    pub id: SubscriptionId,
    /// The app.
    pub app: AppId,
    /// To this API, in all its served versions.
    pub api: ApiId,
    /// Under this plan.
    pub plan: PlanId,
    /// For trying out, or for going live. An app may hold one of each to an API; at the gateway the production one takes the
    /// place of the other.
    pub environment: Environment,
    /// Where it stands.
    pub state: State,
    /// The declared folder that owns it, if one does.
    pub managed_by: Option<String>,
    /// When it was asked for.
    pub created_at: Instant,
    /// Grows with every change.
    pub generation: u64,
}

/// Whether an app with these certificates may have a subscription in `environment` to an API that asks for `needed`.
///
/// # Errors
/// [`Refused::Uncertified`].
pub fn gate(environment: Environment, needed: Profile, certificates: &[Held], now: Instant) -> Result<(), Refused> {
    let certified = || certificates.iter().any(|certificate| certificate.covers(needed, now));
    if environment == Environment::Sandbox || certified() { Ok(()) } else { Err(Refused::Uncertified(needed)) }
}

/// Where a subscription stands. Stored form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
#[schema(as = SubscriptionState)]
pub enum State {
    /// Waiting for a second person.
    Requested {
        /// Who asked.
        requested: Step,
    },
    /// In force.
    Approved {
        /// Who asked.
        requested: Step,
        /// Who gave it.
        approved: Step,
    },
    /// Refused for good; a new one may be asked for.
    Rejected {
        /// Who asked.
        requested: Step,
        /// Who refused, and why.
        rejected: Step,
    },
    /// Stopped for a while.
    Suspended {
        /// Who asked.
        requested: Step,
        /// Who gave it.
        approved: Step,
        /// Who stopped it, and why.
        suspended: Step,
    },
    /// Over.
    Ended {
        /// Who asked.
        requested: Step,
        /// Who ended it, and why.
        ended: Step,
    },
}

/// A move of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Move {
    /// Put it in force; by another person than who asked.
    Approve,
    /// Refuse it, saying why.
    Reject,
    /// Stop it for a while, saying why.
    Suspend,
    /// Let it work again.
    Resume,
    /// End it, saying why.
    End,
}

impl Move {
    /// As people say it; also the last part of its address.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reject => "reject",
            Self::Suspend => "suspend",
            Self::Resume => "resume",
            Self::End => "end",
        }
    }
    /// Type of the event that tells of it, and name of the audited action.
    pub const fn event(self) -> &'static str {
        match self {
            Self::Approve => "subscription.approved",
            Self::Reject => "subscription.rejected",
            Self::Suspend => "subscription.suspended",
            Self::Resume => "subscription.resumed",
            Self::End => "subscription.ended",
        }
    }
}

impl State {
    /// The state's name alone.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Requested { .. } => "requested",
            Self::Approved { .. } => "approved",
            Self::Rejected { .. } => "rejected",
            Self::Suspended { .. } => "suspended",
            Self::Ended { .. } => "ended",
        }
    }
    /// What can be done from here.
    pub fn allowed(&self) -> Vec<&'static str> {
        match self {
            Self::Requested { .. } => vec!["approve", "reject", "end"],
            Self::Approved { .. } => vec!["suspend", "end"],
            Self::Suspended { .. } => vec!["resume", "end"],
            Self::Rejected { .. } | Self::Ended { .. } => vec![],
        }
    }
    /// Whether calls are permitted under it.
    pub const fn is_approved(&self) -> bool {
        matches!(self, Self::Approved { .. })
    }
    /// Whether it is over: another may be asked for in its place.
    pub const fn is_over(&self) -> bool {
        matches!(self, Self::Rejected { .. } | Self::Ended { .. })
    }
    /// The state after `wanted`.
    ///
    /// # Errors
    /// [`Refused`]: not from here, same person, or no reason given.
    pub fn moved(self, wanted: Move, step: Step) -> Result<Self, Refused> {
        match (self, wanted) {
            (Self::Requested { requested }, Move::Approve) => {
                second_person(&requested, &step)?;
                Ok(Self::Approved { requested, approved: step })
            }
            (Self::Requested { requested }, Move::Reject) => {
                reason(&step, "reject")?;
                Ok(Self::Rejected { requested, rejected: step })
            }
            (Self::Approved { requested, approved }, Move::Suspend) => {
                reason(&step, "suspend")?;
                Ok(Self::Suspended { requested, approved, suspended: step })
            }
            (Self::Suspended { requested, approved, .. }, Move::Resume) => Ok(Self::Approved { requested, approved }),
            (
                Self::Requested { requested } | Self::Approved { requested, .. } | Self::Suspended { requested, .. },
                Move::End,
            ) => {
                reason(&step, "end")?;
                Ok(Self::Ended { requested, ended: step })
            }
            (from, wanted) => Err(Refused::WrongState {
                what: "subscription",
                from: from.name(),
                wanted: wanted.name(),
                allowed: from.allowed(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pano_types::clock::SeededEntropy;
    use pano_types::id::OperatorId;

    fn step(person: u64) -> Step {
        let who = OperatorId::new(Instant::default(), &SeededEntropy::new(person));
        Step { who, at: Instant::default(), why: "because".to_owned() }
    }

    #[test]
    fn every_move_from_every_state() {
        let requested = State::Requested { requested: step(1) };
        let approved = requested.clone().moved(Move::Approve, step(2)).unwrap();
        let rejected = requested.clone().moved(Move::Reject, step(1)).unwrap();
        let suspended = approved.clone().moved(Move::Suspend, step(1)).unwrap();
        let ended = approved.clone().moved(Move::End, step(1)).unwrap();
        for from in [requested, approved, rejected, suspended, ended] {
            for wanted in [Move::Approve, Move::Reject, Move::Suspend, Move::Resume, Move::End] {
                let possible = from.allowed().contains(&wanted.name());
                assert_eq!(from.clone().moved(wanted, step(2)).is_ok(), possible, "{} {}", from.name(), wanted.name());
            }
        }
    }

    #[test]
    fn production_needs_a_certificate() {
        let certificate = |profile| Held { profile, script_version: 1, valid_until: Instant::from_unix_seconds(100) };
        let (early, late) = (Instant::from_unix_seconds(99), Instant::from_unix_seconds(100));
        let (read, pay) = (Profile::AccountInformation, Profile::Payment);
        for (environment, needed, held, now, may) in [
            (Environment::Sandbox, pay, None, late, true),
            (Environment::Production, read, None, early, false),
            (Environment::Production, read, Some(read), early, true),
            (Environment::Production, pay, Some(read), early, false),
            (Environment::Production, pay, Some(pay), early, true),
            (Environment::Production, read, Some(pay), early, true),
            (Environment::Production, pay, Some(pay), late, false),
        ] {
            let held: Vec<_> = held.into_iter().map(certificate).collect();
            let want = if may { Ok(()) } else { Err(Refused::Uncertified(needed)) };
            assert_eq!(gate(environment, needed, &held, now), want, "{environment:?} {needed:?} {held:?}");
        }
    }

    #[test]
    fn who_asked_cannot_approve() {
        let requested = State::Requested { requested: step(1) };
        assert_eq!(requested.moved(Move::Approve, step(1)), Err(Refused::SamePerson(step(1).who)));
    }
}
