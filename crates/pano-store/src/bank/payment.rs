//! Payments: orders to move money, and what became of them.

use pano_types::id::{AccountId, HoldId, PaymentId, TransactionId};
use pano_types::{Date, Instant, Money};

/// Which kind of order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PaymentKind {
    /// Between two accounts of this bank.
    Internal,
    /// To an account at another bank in the country.
    Domestic,
}

impl PaymentKind {
    /// The stable code, as stored.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Domestic => "domestic",
        }
    }
    /// The kind with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Internal, Self::Domestic].into_iter().find(|kind| kind.code() == code)
    }
}

/// How money reaches another bank (the People's Bank of China's systems).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Clearing {
    /// Within this bank: booked at once.
    Book,
    /// Internet Banking Payment System 网上支付跨行清算系统: booked at once.
    Ibps,
    /// Bulk Electronic Payment System 小额批量支付系统: held, then booked by the next clearing run.
    Beps,
}

impl Clearing {
    /// All ways.
    pub const ALL: [Self; 3] = [Self::Book, Self::Ibps, Self::Beps];

    /// The stable code, as stored and on the wire.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Book => "BOOK",
            Self::Ibps => "IBPS",
            Self::Beps => "BEPS",
        }
    }
    /// The way with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|clearing| clearing.code() == code)
    }
}

/// Who is paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counterparty {
    /// Name as the payer wrote it. C2.
    pub name: String,
    /// Account number. C2.
    pub account_number: String,
    /// The other bank's CNAPS code (12 digits); none: this bank.
    pub bank_code: Option<String>,
}

/// Where a payment stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaymentState {
    /// Accepted, the amount is held (ISO 20022 `ACSP`).
    Accepted {
        /// What holds it.
        hold: HoldId,
    },
    /// Booked (ISO 20022 `ACSC`).
    Settled {
        /// By what.
        by: TransactionId,
        /// When.
        at: Instant,
    },
    /// Given up after it had been accepted; the hold was released (ISO 20022 `RJCT`).
    Rejected {
        /// Stable problem code.
        reason: String,
        /// When.
        at: Instant,
    },
}

/// One payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Its id.
    pub id: PaymentId,
    /// Client id of the app that ordered it.
    pub app: String,
    /// Which kind.
    pub kind: PaymentKind,
    /// Where it stands.
    pub state: PaymentState,
    /// Who pays.
    pub debtor: AccountId,
    /// Who is paid, when that is an account of this bank.
    pub creditor: Option<AccountId>,
    /// Who is paid, as the payer wrote it.
    pub counterparty: Counterparty,
    /// How much.
    pub amount: Money,
    /// Which way.
    pub clearing: Clearing,
    /// The payer's own reference, carried to the payee.
    pub end_to_end_id: String,
    /// What for, as printed on statements.
    pub remittance: String,
    /// The bank's day it counts for.
    pub booking_day: Date,
    /// When it was ordered.
    pub ordered_at: Instant,
}
