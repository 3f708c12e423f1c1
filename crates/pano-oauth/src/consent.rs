//! A customer's consent, from the app's request to its end.
//!
//! ```text
//! awaiting authorisation ─► authorised ─► consumed | revoked | expired
//!           └─► rejected | expired
//! ```
//!
//! Everything that an app was given with a customer hangs on the consent: its refresh token lives as long as the consent
//! is in force, and its access tokens name it, so that gateways refuse them once it has ended.

use crate::scope::ScopeSet;
use pano_types::Instant;
use pano_types::id::{AppId, ConsentId, OperatorId, PartnerId};
use serde::{Deserialize, Serialize};

/// What a customer permits an app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// Identifier; access tokens carry it.
    pub id: ConsentId,
    /// Who asked.
    pub app: AppId,
    /// Its partner.
    pub partner: PartnerId,
    /// What was asked for, and all that can be permitted.
    pub scopes: ScopeSet,
    /// Where it stands.
    pub state: State,
    /// When the app asked.
    pub created_at: Instant,
    /// Grows with every change.
    pub generation: u64,
}

/// What the customer decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ConsentGiven)]
pub struct Given {
    /// The customer, as the bank knows it.
    pub customer: String,
    /// The accounts that it is about, as the bank knows them.
    pub accounts: Vec<String>,
    /// When it was given.
    pub at: Instant,
    /// When it ends by itself.
    pub ends_at: Instant,
}

/// Who took a consent back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "by", rename_all = "snake_case")]
#[schema(as = ConsentRevoker)]
pub enum Revoker {
    /// The customer.
    Customer,
    /// The app, by revoking its refresh token.
    Partner,
    /// The bank.
    Operator {
        /// Who.
        operator: OperatorId,
    },
    /// A rule of ours, such as that a code may be used once.
    Rule,
}

/// Where a consent stands. Stored form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
#[schema(as = ConsentState)]
pub enum State {
    /// The customer has not decided.
    AwaitingAuthorisation,
    /// In force until its end.
    Authorised {
        /// What was decided.
        given: Given,
    },
    /// The customer said no.
    Rejected {
        /// Who said no.
        customer: String,
        /// When.
        at: Instant,
    },
    /// Used up: what it was for is done.
    Consumed {
        /// What had been decided.
        given: Given,
        /// When.
        at: Instant,
    },
    /// Taken back.
    Revoked {
        /// What had been decided.
        given: Given,
        /// By whom.
        revoker: Revoker,
        /// When.
        at: Instant,
        /// Why.
        why: String,
    },
    /// Its time is over.
    Expired {
        /// What had been decided; nothing, when the customer never did.
        given: Option<Given>,
        /// When.
        at: Instant,
    },
}

/// A move that is not possible from here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a consent that is {from} cannot be {wanted}")]
pub struct WrongState {
    /// Where it stands.
    pub from: &'static str,
    /// What was asked.
    pub wanted: &'static str,
}

impl State {
    /// The state's name alone.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::AwaitingAuthorisation => "awaiting_authorisation",
            Self::Authorised { .. } => "authorised",
            Self::Rejected { .. } => "rejected",
            Self::Consumed { .. } => "consumed",
            Self::Revoked { .. } => "revoked",
            Self::Expired { .. } => "expired",
        }
    }

    /// What the customer decided, if it did and said yes.
    pub const fn given(&self) -> Option<&Given> {
        match self {
            Self::Authorised { given } | Self::Consumed { given, .. } | Self::Revoked { given, .. } => Some(given),
            Self::Expired { given, .. } => given.as_ref(),
            Self::AwaitingAuthorisation | Self::Rejected { .. } => None,
        }
    }

    /// The customer, once it is known.
    pub fn customer(&self) -> Option<&str> {
        match self {
            Self::Rejected { customer, .. } => Some(customer),
            other => other.given().map(|given| given.customer.as_str()),
        }
    }

    /// When it ended after it had been in force: tokens that name it are void from then on.
    pub const fn ended_at(&self) -> Option<Instant> {
        match self {
            Self::Consumed { at, .. } | Self::Revoked { at, .. } | Self::Expired { given: Some(_), at } => Some(*at),
            Self::AwaitingAuthorisation | Self::Authorised { .. } | Self::Rejected { .. } => None,
            Self::Expired { given: None, .. } => None,
        }
    }

    /// What was decided, if it counts at `now`.
    pub fn in_force(&self, now: Instant) -> Option<&Given> {
        match self {
            Self::Authorised { given } if now < given.ends_at => Some(given),
            _ => None,
        }
    }

    /// The customer says yes.
    ///
    /// # Errors
    /// When it was decided before.
    pub fn authorised(self, given: Given) -> Result<Self, WrongState> {
        match self {
            Self::AwaitingAuthorisation => Ok(Self::Authorised { given }),
            other => Err(WrongState { from: other.name(), wanted: "authorised" }),
        }
    }

    /// The customer says no.
    ///
    /// # Errors
    /// When it was decided before.
    pub fn rejected(self, customer: &str, at: Instant) -> Result<Self, WrongState> {
        match self {
            Self::AwaitingAuthorisation => Ok(Self::Rejected { customer: customer.to_owned(), at }),
            other => Err(WrongState { from: other.name(), wanted: "rejected" }),
        }
    }

    /// Taken back.
    ///
    /// # Errors
    /// When it is not in force.
    pub fn revoked(self, revoker: Revoker, why: &str, at: Instant) -> Result<Self, WrongState> {
        match self {
            Self::Authorised { given } => Ok(Self::Revoked { given, revoker, at, why: why.to_owned() }),
            other => Err(WrongState { from: other.name(), wanted: "revoked" }),
        }
    }

    /// What it was for is done.
    ///
    /// # Errors
    /// When it is not in force.
    pub fn consumed(self, at: Instant) -> Result<Self, WrongState> {
        match self {
            Self::Authorised { given } => Ok(Self::Consumed { given, at }),
            other => Err(WrongState { from: other.name(), wanted: "consumed" }),
        }
    }

    /// Its time is over.
    ///
    /// # Errors
    /// When it has ended already.
    pub fn expired(self, at: Instant) -> Result<Self, WrongState> {
        match self {
            Self::AwaitingAuthorisation => Ok(Self::Expired { given: None, at }),
            Self::Authorised { given } => Ok(Self::Expired { given: Some(given), at }),
            other => Err(WrongState { from: other.name(), wanted: "expired" }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const NOW: Instant = Instant::from_unix_seconds(1_800_000_000);

    fn given() -> Given {
        let ends_at = NOW.plus(Duration::from_secs(60));
        Given { customer: "c1".into(), accounts: vec!["a1".into()], at: NOW, ends_at }
    }

    #[test]
    fn every_move_from_every_state() {
        let waiting = State::AwaitingAuthorisation;
        let authorised = waiting.clone().authorised(given()).unwrap();
        let states = [
            waiting.clone(),
            authorised.clone(),
            waiting.rejected("c1", NOW).unwrap(),
            authorised.clone().consumed(NOW).unwrap(),
            authorised.clone().revoked(Revoker::Customer, "", NOW).unwrap(),
            authorised.expired(NOW).unwrap(),
        ];
        let moves = |state: &State| {
            [
                state.clone().authorised(given()).is_ok(),
                state.clone().rejected("c1", NOW).is_ok(),
                state.clone().consumed(NOW).is_ok(),
                state.clone().revoked(Revoker::Partner, "", NOW).is_ok(),
                state.clone().expired(NOW).is_ok(),
            ]
        };
        let possible = [[true, true, false, false, true], [false, false, true, true, true]];
        for (n, state) in states.iter().enumerate() {
            assert_eq!(moves(state), possible.get(n).copied().unwrap_or([false; 5]), "{}", state.name());
            assert_eq!(state.ended_at().is_some(), n > 2, "{}", state.name());
            assert_eq!(state.customer().is_some(), n > 0, "{}", state.name());
            let text = serde_json::to_value(state).unwrap();
            assert_eq!(text["state"], state.name());
            assert_eq!(serde_json::from_value::<State>(text).unwrap(), *state);
        }
    }

    #[test]
    fn a_consent_counts_until_its_end_and_not_in_that_moment() {
        let state = State::AwaitingAuthorisation.authorised(given()).unwrap();
        assert!(state.in_force(NOW.plus(Duration::from_secs(59))).is_some());
        assert!(state.in_force(NOW.plus(Duration::from_secs(60))).is_none());
        assert!(state.revoked(Revoker::Rule, "", NOW).unwrap().in_force(NOW).is_none());
    }
}
