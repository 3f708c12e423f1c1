//! The life of an app, a partner's registered client: registered → active → suspended ⇄ → ended.

use crate::name::Slug;
use crate::redirect::RedirectUri;
use crate::step::{Refused, Step, Unmet, reason};
use pano_types::id::{AppId, PartnerId};
use pano_types::{Instant, Localized};
use serde::{Deserialize, Serialize};

/// A partner's registered client. The text form of its id is the OAuth `client_id`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// Identifier.
    pub id: AppId,
    /// Of this partner.
    pub partner: PartnerId,
    /// Short name, unique among the partner's apps; never changed.
    pub slug: Slug,
    /// Name on screens and consent pages.
    pub name: Localized,
    /// What it does.
    pub description: String,
    /// Where customers' browsers may be sent back to; none: the app cannot ask customers.
    pub redirect_uris: Vec<RedirectUri>,
    /// Where it stands.
    pub state: State,
    /// The declared folder that owns it, if one does.
    pub managed_by: Option<String>,
    /// When it was registered.
    pub created_at: Instant,
    /// Grows with every change.
    pub generation: u64,
}

/// Where an app stands. Stored form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
#[schema(as = AppState)]
pub enum State {
    /// Known; gets no tokens.
    Registered,
    /// Gets tokens.
    Active {
        /// Who switched it on.
        activated: Step,
    },
    /// Stopped for a while.
    Suspended {
        /// Who switched it on.
        activated: Step,
        /// Who stopped it, and why.
        suspended: Step,
    },
    /// Gone; kept for the record.
    Ended {
        /// Who ended it, and why.
        ended: Step,
    },
}

/// A move of an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Move {
    /// Let it get tokens.
    Activate,
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
            Self::Activate => "activate",
            Self::Suspend => "suspend",
            Self::Resume => "resume",
            Self::End => "end",
        }
    }
    /// Type of the event that tells of it, and name of the audited action.
    pub const fn event(self) -> &'static str {
        match self {
            Self::Activate => "app.activated",
            Self::Suspend => "app.suspended",
            Self::Resume => "app.resumed",
            Self::End => "app.ended",
        }
    }
    /// Whether tokens that the app holds end with it.
    pub const fn revokes_tokens(self) -> bool {
        matches!(self, Self::Suspend | Self::End)
    }
}

/// What a move asks of the app's surroundings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Surroundings {
    /// Whether its partner is admitted now.
    pub partner_admitted: bool,
    /// Credentials that are neither revoked nor expired.
    pub live_credentials: usize,
}

impl State {
    /// The state's name alone.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Active { .. } => "active",
            Self::Suspended { .. } => "suspended",
            Self::Ended { .. } => "ended",
        }
    }
    /// What can be done from here.
    pub fn allowed(&self) -> Vec<&'static str> {
        match self {
            Self::Registered => vec!["activate", "end"],
            Self::Active { .. } => vec!["suspend", "end"],
            Self::Suspended { .. } => vec!["resume", "end"],
            Self::Ended { .. } => vec![],
        }
    }
    /// Whether it may get tokens and call, its partner permitting.
    pub const fn is_active(&self) -> bool {
        matches!(self, Self::Active { .. })
    }
    /// The state after `wanted`.
    ///
    /// # Errors
    /// [`Refused`]: not from here, no reason given, or the gate: partner admitted, a credential registered.
    pub fn moved(self, wanted: Move, step: Step, around: Surroundings) -> Result<Self, Refused> {
        match (self, wanted) {
            (Self::Registered, Move::Activate) => {
                gate(around)?;
                Ok(Self::Active { activated: step })
            }
            (Self::Active { activated }, Move::Suspend) => {
                reason(&step, "suspend")?;
                Ok(Self::Suspended { activated, suspended: step })
            }
            (Self::Suspended { activated, .. }, Move::Resume) => {
                gate(around)?;
                Ok(Self::Active { activated })
            }
            (Self::Registered | Self::Active { .. } | Self::Suspended { .. }, Move::End) => {
                reason(&step, "end")?;
                Ok(Self::Ended { ended: step })
            }
            (from, wanted) => Err(Refused::WrongState {
                what: "app",
                from: from.name(),
                wanted: wanted.name(),
                allowed: from.allowed(),
            }),
        }
    }
}

fn gate(around: Surroundings) -> Result<(), Refused> {
    let checks = [
        (around.partner_admitted, "partner", "the partner is not admitted"),
        (around.live_credentials > 0, "credential", "the app has no valid public key or certificate"),
    ];
    let unmet: Vec<_> = checks
        .into_iter()
        .filter(|(met, ..)| !met)
        .map(|(_, check, reason)| Unmet { check, reason: reason.to_owned() })
        .collect();
    if unmet.is_empty() { Ok(()) } else { Err(Refused::Gate(unmet)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pano_types::clock::SeededEntropy;
    use pano_types::id::OperatorId;

    fn step(why: &str) -> Step {
        let who = OperatorId::new(Instant::default(), &SeededEntropy::new(1));
        Step { who, at: Instant::default(), why: why.to_owned() }
    }

    #[test]
    fn every_move_from_every_state() {
        let good = Surroundings { partner_admitted: true, live_credentials: 1 };
        let active = State::Registered.moved(Move::Activate, step(""), good).unwrap();
        let suspended = active.clone().moved(Move::Suspend, step("x"), good).unwrap();
        let ended = active.clone().moved(Move::End, step("x"), good).unwrap();
        for from in [State::Registered, active, suspended, ended] {
            for wanted in [Move::Activate, Move::Suspend, Move::Resume, Move::End] {
                let possible = from.allowed().contains(&wanted.name());
                let outcome = from.clone().moved(wanted, step("because"), good);
                assert_eq!(outcome.is_ok(), possible, "{} {}", from.name(), wanted.name());
            }
        }
    }

    #[test]
    fn an_app_needs_an_admitted_partner_and_a_key() {
        for (partner_admitted, live_credentials, missing) in [(false, 0, 2), (true, 0, 1), (false, 1, 1)] {
            let around = Surroundings { partner_admitted, live_credentials };
            let refused = State::Registered.moved(Move::Activate, step(""), around).unwrap_err();
            assert!(matches!(refused, Refused::Gate(unmet) if unmet.len() == missing));
        }
        let good = Surroundings { partner_admitted: true, live_credentials: 1 };
        assert_eq!(State::Registered.moved(Move::End, step(""), good), Err(Refused::ReasonMissing("end")));
    }
}
