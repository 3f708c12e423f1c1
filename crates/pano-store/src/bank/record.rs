//! What booking and looking up answer.

use pano_ledger::Side;
use pano_types::id::{AccountId, TransactionId};
use pano_types::{Currency, Date, Instant, Money};

/// What became of a booking or a hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Posted {
    /// Done; the booked balance of each posting's account after it, in the order of the postings.
    Booked(Vec<i64>),
    /// Done before under the same id; nothing changed.
    Repeated,
    /// Not done. Drop the unit.
    Refused(Refusal),
}

/// Why nothing was booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such account.
    #[error("there is no account {0}")]
    NoAccount(AccountId),
    /// The amount is in another currency than the account.
    #[error("{account} is kept in {currency}")]
    Currency {
        /// Which account.
        account: AccountId,
        /// Its currency.
        currency: Currency,
    },
    /// The account's available balance would fall below its floor.
    #[error("{0} does not hold enough")]
    BelowFloor(AccountId),
    /// The transaction's or hold's id is in use for something else.
    #[error("the id is in use for something else")]
    IdInUse,
    /// There is no such active hold, or the transaction does not fit it.
    #[error("there is no active hold that fits")]
    NoHold,
}

/// One posting as its account shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Number of the entry on its account, from 1 without gaps.
    pub seq: u64,
    /// The transaction.
    pub transaction: TransactionId,
    /// Left or right.
    pub side: Side,
    /// How much; positive.
    pub amount: Money,
    /// The account's booked balance after it, on its normal side.
    pub balance_after: Money,
    /// When it was booked.
    pub booked_at: Instant,
    /// From when it bears interest.
    pub value_date: Date,
    /// What for.
    pub narrative: String,
}

/// Which entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntryFilter {
    /// Booked at or after.
    pub from: Option<Instant>,
    /// Booked before.
    pub until: Option<Instant>,
    /// On this side.
    pub side: Option<Side>,
    /// At least this, minor units.
    pub min_minor: Option<i64>,
    /// At most this, minor units.
    pub max_minor: Option<i64>,
}

/// What became of claiming an idempotency key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// The key was free and is now this request's.
    New,
    /// The same request was carried out before.
    Replay(Answer),
    /// The key belongs to another request.
    Reused,
    /// The same request is being carried out by a unit that saved the key before its answer.
    InProgress,
}

/// An answer kept for replays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// JSON body.
    pub body: String,
}

/// An account whose stored balances are not what its postings and holds sum up to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discrepancy {
    /// Which.
    pub account: AccountId,
    /// Stored booked balance.
    pub booked_minor: i64,
    /// Sum of its postings.
    pub posted_minor: i64,
    /// Stored held balance.
    pub held_minor: i64,
    /// Sum of its active holds.
    pub active_holds_minor: i64,
}
