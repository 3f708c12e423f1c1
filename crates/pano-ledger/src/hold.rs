//! Holds: amounts set aside, which lessen what is available but not what is booked.

use pano_types::id::{AccountId, HoldId, TransactionId};
use pano_types::{Instant, Money};

/// Where a hold stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoldState {
    /// Lessens the available balance.
    Active,
    /// Turned into a booking.
    Captured {
        /// The transaction that took it.
        by: TransactionId,
        /// When.
        at: Instant,
    },
    /// Given back.
    Released {
        /// When.
        at: Instant,
    },
}

/// An amount set aside on an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Its id.
    pub id: HoldId,
    /// Where.
    pub account: AccountId,
    /// How much; positive.
    pub amount: Money,
    /// Since when.
    pub placed_at: Instant,
    /// Where it stands.
    pub state: HoldState,
}

/// Why a hold cannot move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It has been captured or released before.
    #[error("the hold is no longer active")]
    NotActive,
    /// The amount is not positive.
    #[error("the amount of a hold must be positive")]
    NotPositive,
}

impl Hold {
    /// A new, active hold.
    ///
    /// # Errors
    /// When the amount is not positive.
    pub fn place(id: HoldId, account: AccountId, amount: Money, at: Instant) -> Result<Self, Error> {
        if amount.minor() <= 0 {
            return Err(Error::NotPositive);
        }
        Ok(Self { id, account, amount, placed_at: at, state: HoldState::Active })
    }

    /// Turns it into the booking `by`.
    ///
    /// # Errors
    /// When it is no longer active.
    pub fn capture(self, by: TransactionId, at: Instant) -> Result<Self, Error> {
        self.leave(HoldState::Captured { by, at })
    }

    /// Gives it back.
    ///
    /// # Errors
    /// When it is no longer active.
    pub fn release(self, at: Instant) -> Result<Self, Error> {
        self.leave(HoldState::Released { at })
    }

    fn leave(self, state: HoldState) -> Result<Self, Error> {
        match self.state {
            HoldState::Active => Ok(Self { state, ..self }),
            HoldState::Captured { .. } | HoldState::Released { .. } => Err(Error::NotActive),
        }
    }
}
