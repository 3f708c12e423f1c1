//! What is booked on, and the balance rules of one account.

use pano_types::id::AccountId;
use pano_types::{Currency, Money};

/// The two columns of a ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// Left.
    Debit,
    /// Right.
    Credit,
}

impl Side {
    /// The stable code: `debit` or `credit`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Debit => "debit",
            Self::Credit => "credit",
        }
    }
    /// The side with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Debit, Self::Credit].into_iter().find(|side| side.code() == code)
    }
}

/// What an account stands for on the bank's own balance sheet. A customer's deposit is a liability of the bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AccountKind {
    /// What the bank owns or is owed: cash, balances at other banks, loans.
    Asset,
    /// What the bank owes: deposits, payments on their way to another bank.
    Liability,
    /// What belongs to the owners.
    Equity,
    /// What was earned.
    Income,
    /// What was spent.
    Expense,
}

impl AccountKind {
    /// All kinds.
    pub const ALL: [Self; 5] = [Self::Asset, Self::Liability, Self::Equity, Self::Income, Self::Expense];

    /// The side that makes the balance grow.
    pub const fn normal_side(self) -> Side {
        match self {
            Self::Asset | Self::Expense => Side::Debit,
            Self::Liability | Self::Equity | Self::Income => Side::Credit,
        }
    }
    /// The stable code, as stored.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Asset => "asset",
            Self::Liability => "liability",
            Self::Equity => "equity",
            Self::Income => "income",
            Self::Expense => "expense",
        }
    }
    /// The kind with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
    /// How a posting on `side` of `minor` units changes the balance of an account of this kind.
    pub const fn change(self, side: Side, minor: i64) -> i64 {
        match (self.normal_side(), side) {
            (Side::Debit, Side::Debit) | (Side::Credit, Side::Credit) => minor,
            (Side::Debit, Side::Credit) | (Side::Credit, Side::Debit) => -minor,
        }
    }
}

/// Whether an account can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum AccountStatus {
    /// In use.
    #[default]
    Open,
    /// Takes in, gives nothing out.
    Frozen,
    /// Neither.
    Closed,
}

impl AccountStatus {
    /// All states.
    pub const ALL: [Self; 3] = [Self::Open, Self::Frozen, Self::Closed];

    /// The stable code, as stored.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Frozen => "frozen",
            Self::Closed => "closed",
        }
    }
    /// The status with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.code() == code)
    }
    /// Whether a booking that changes the balance by `change` is allowed.
    pub const fn allows(self, change: i64) -> bool {
        match self {
            Self::Open => true,
            Self::Frozen => change >= 0,
            Self::Closed => false,
        }
    }
}

/// An account of the ledger: one currency, one normal side, perhaps a floor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// What it stands for.
    pub kind: AccountKind,
    /// The one currency it is kept in.
    pub currency: Currency,
    /// Lowest available balance in minor units, on the normal side: `Some(0)` may not go negative, `Some(-50_000)` has an
    /// overdraft of 500.00, `None` has no floor (the bank's own accounts).
    pub floor_minor: Option<i64>,
    /// Whether it can be used.
    pub status: AccountStatus,
}

/// Where an account stands, in minor units on its normal side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Balance {
    /// Sum of all postings.
    pub booked_minor: i64,
    /// Sum of the active holds; never negative.
    pub held_minor: i64,
}

/// Why a balance cannot change as asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BalanceError {
    /// The available balance would fall below the floor.
    #[error("the available balance would fall below the floor")]
    BelowFloor,
    /// The result leaves 64 bits.
    #[error("balance out of range")]
    OutOfRange,
}

impl Balance {
    /// Booked less held. Saturates, which only a corrupt balance can reach.
    pub const fn available_minor(self) -> i64 {
        self.booked_minor.saturating_sub(self.held_minor)
    }

    /// The balance after the booked sum changes by `booked` and the held sum by `held`.
    ///
    /// # Errors
    /// [`BalanceError::BelowFloor`] when the available balance shrinks and ends below `floor`.
    pub fn moved(self, booked: i64, held: i64, floor: Option<i64>) -> Result<Self, BalanceError> {
        let out = |value: Option<i64>| value.ok_or(BalanceError::OutOfRange);
        let next = Self {
            booked_minor: out(self.booked_minor.checked_add(booked))?,
            held_minor: out(self.held_minor.checked_add(held))?,
        };
        let available = out(next.booked_minor.checked_sub(next.held_minor))?;
        if available < self.available_minor() && floor.is_some_and(|floor| available < floor) {
            return Err(BalanceError::BelowFloor);
        }
        Ok(next)
    }
}

impl Account {
    /// Booked sum as money.
    pub const fn booked(&self, balance: Balance) -> Money {
        Money::new(balance.booked_minor, self.currency)
    }
    /// What may still be spent: booked, less held, with the overdraft added. Saturates.
    pub const fn spendable(&self, balance: Balance) -> Money {
        let overdraft = match self.floor_minor {
            Some(floor) => floor,
            None => 0,
        };
        Money::new(balance.available_minor().saturating_sub(overdraft), self.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_grows_on_its_normal_side() {
        for (kind, debit, credit) in [
            (AccountKind::Asset, 5, -5),
            (AccountKind::Expense, 5, -5),
            (AccountKind::Liability, -5, 5),
            (AccountKind::Equity, -5, 5),
            (AccountKind::Income, -5, 5),
        ] {
            assert_eq!((kind.change(Side::Debit, 5), kind.change(Side::Credit, 5)), (debit, credit), "{kind:?}");
            assert_eq!(AccountKind::from_code(kind.code()), Some(kind));
        }
        assert_eq!((AccountKind::from_code("Asset"), Side::from_code("left")), (None, None));
    }

    #[test]
    fn the_floor_stops_what_takes_and_never_what_gives() {
        let at = |booked_minor, held_minor| Balance { booked_minor, held_minor };
        for (from, booked, held, floor, expect) in [
            (at(100, 0), -100, 0, Some(0), Ok(at(0, 0))),
            (at(100, 0), -101, 0, Some(0), Err(BalanceError::BelowFloor)),
            (at(100, 60), -41, 0, Some(0), Err(BalanceError::BelowFloor)),
            (at(100, 0), 0, 101, Some(0), Err(BalanceError::BelowFloor)),
            (at(100, 0), -600, 0, Some(-500), Ok(at(-500, 0))),
            (at(100, 60), -60, -60, Some(0), Ok(at(40, 0))),
            (at(-80, 0), 10, 0, Some(0), Ok(at(-70, 0))),
            (at(0, 0), -1, 0, None, Ok(at(-1, 0))),
            (at(i64::MAX, 0), 1, 0, None, Err(BalanceError::OutOfRange)),
        ] {
            assert_eq!(from.moved(booked, held, floor), expect, "{from:?} {booked} {held}");
        }
    }
}
