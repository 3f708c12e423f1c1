//! Parties and accounts.

use pano_ledger::{Account, Balance};
use pano_types::id::PartyId;
use pano_types::{Currency, Date, Localized, Money};

/// What a party is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PartyKind {
    /// A natural person.
    Person,
    /// A company, a sole trader, an association.
    Organisation,
}

impl PartyKind {
    /// The stable code, as stored.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Organisation => "organisation",
        }
    }
    /// The kind with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Person, Self::Organisation].into_iter().find(|kind| kind.code() == code)
    }
}

/// Someone the bank knows. All of it is made up: see `pano_bank::seed`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// Its id.
    pub id: PartyId,
    /// What it is.
    pub kind: PartyKind,
    /// Its name.
    pub name: Localized,
    /// Name of the identification: `CN_RESIDENT_ID` (GB 11643) or `CN_USCC` (GB 32100).
    pub identification_scheme: String,
    /// The number under that scheme. C2.
    pub identification_number: String,
    /// Telephone, E.164. C2.
    pub phone: String,
    /// Electronic mail. C2.
    pub email: String,
    /// Postal address. C2.
    pub address: Localized,
    /// What the person does for a living, or the company makes.
    pub occupation: Localized,
    /// Date of birth or of founding. C2.
    pub born_on: Date,
    /// Customer since.
    pub since: Date,
}

/// What an account is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// A customer's current account. A liability.
    Current,
    /// Cash and balances at the central bank and correspondents. An asset; the bank's own.
    Nostro,
    /// Payments on their way to other banks. A liability; the bank's own.
    Clearing,
}

impl Purpose {
    /// All purposes.
    pub const ALL: [Self; 3] = [Self::Current, Self::Nostro, Self::Clearing];

    /// The stable code, as stored.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Nostro => "nostro",
            Self::Clearing => "clearing",
        }
    }
    /// The purpose with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.code() == code)
    }
}

/// Whether an account can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AccountStatus {
    /// In use.
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
}

/// What may leave an account by payments, minor units of its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most in one payment.
    pub payment_minor: i64,
    /// Most in one booking day.
    pub day_minor: i64,
}

/// An account with what the bank knows beyond its ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankAccount {
    /// As the ledger sees it.
    pub ledger: Account,
    /// What it is for.
    pub purpose: Purpose,
    /// The number that people write on transfers. C2.
    pub number: String,
    /// What it is called on screens.
    pub name: Localized,
    /// Whose it is; none: the bank's own.
    pub owner: Option<PartyId>,
    /// Whether it can be used.
    pub status: AccountStatus,
    /// What may leave it.
    pub limits: Limits,
    /// Since when it exists.
    pub opened_on: Date,
}

/// An account and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The account.
    pub account: BankAccount,
    /// Its balances.
    pub balance: Balance,
    /// How many entries it has.
    pub entries: u64,
}

impl Standing {
    /// Booked balance.
    pub const fn booked(&self) -> Money {
        self.account.ledger.booked(self.balance)
    }
    /// What may still be spent.
    pub const fn spendable(&self) -> Money {
        self.account.ledger.spendable(self.balance)
    }
}

/// Which customers' accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountFilter {
    /// Of this party.
    pub owner: Option<PartyId>,
    /// In this currency.
    pub currency: Option<Currency>,
    /// In this state.
    pub status: Option<AccountStatus>,
}
