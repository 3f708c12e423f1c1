//! Payments: orders to move money, and what became of them.

use crate::world::Entity;
use pano_types::id::{AccountId, HoldId, PaymentId, TransactionId};
use pano_types::{Currency, Date, Instant, Money};
use serde::{Deserialize, Serialize};

/// Index: client id of the app that ordered.
pub(super) const BY_APP: &str = "app";
/// Index: the account whose money is held for it.
pub(super) const WAITING: &str = "waiting";

/// Which kind of order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PaymentKind {
    /// Between two accounts of this bank.
    Internal,
    /// To an account at another bank in the country.
    Domestic,
    /// Between two accounts of one owner.
    OwnAccount,
    /// Money given back to whom it came from.
    Refund,
    /// Taken by the payee under a mandate.
    Collection,
}

/// How money reaches another bank (the People's Bank of China's systems).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Clearing {
    /// Within this bank: booked at once.
    Book,
    /// Internet Banking Payment System 网上支付跨行清算系统: booked at once.
    Ibps,
    /// Bulk Electronic Payment System 小额批量支付系统: held, then booked by the next clearing round.
    Beps,
    /// High Value Payment System 大额实时支付系统: booked at once while it is open, else held until it opens next.
    Hvps,
}

impl Clearing {
    /// All ways.
    pub(crate) const ALL: [Self; 4] = [Self::Book, Self::Ibps, Self::Beps, Self::Hvps];

    /// The code on the wire.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Book => "BOOK",
            Self::Ibps => "IBPS",
            Self::Beps => "BEPS",
            Self::Hvps => "HVPS",
        }
    }
    /// The way with this code.
    pub(crate) fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|clearing| clearing.code() == code)
    }
}

/// Who is paid.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Counterparty {
    /// Name as the payer wrote it. C2.
    pub(crate) name: String,
    /// Account number. C2.
    pub(crate) account_number: String,
    /// The other bank's CNAPS code (12 digits); none: this bank.
    pub(crate) bank_code: Option<String>,
}

/// Where a payment stands.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PaymentState {
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
    /// Taken back before it was booked; the hold was released (ISO 20022 `CANC`).
    Cancelled {
        /// ISO 20022 cancellation reason.
        reason: String,
        /// When.
        at: Instant,
    },
}

/// One payment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Payment {
    pub(crate) id: PaymentId,
    /// Client id of the app that ordered it.
    pub(crate) app: String,
    pub(crate) kind: PaymentKind,
    pub(crate) state: PaymentState,
    /// Who pays.
    pub(crate) debtor: AccountId,
    /// Who is paid, when that is an account of this bank.
    pub(crate) creditor: Option<AccountId>,
    /// Who is paid, as the payer wrote it.
    pub(crate) counterparty: Counterparty,
    pub(crate) amount_minor: i64,
    pub(crate) currency: Currency,
    /// Which way.
    pub(crate) clearing: Clearing,
    /// The payer's own reference, carried to the payee.
    pub(crate) end_to_end_id: String,
    /// What for, as printed on statements.
    pub(crate) remittance: String,
    /// The bank's day it counts for.
    pub(crate) booking_day: Date,
    /// When it was ordered.
    pub(crate) ordered_at: Instant,
    /// When it is due to be booked, of a payment that was not booked at once.
    #[serde(default)]
    pub(crate) settles_at: Option<Instant>,
    /// The payment that this one gives back.
    #[serde(default)]
    pub(crate) original: Option<PaymentId>,
    /// Given back of this one.
    #[serde(default)]
    pub(crate) refunded_minor: i64,
    /// Whether it counts for the payer's limits.
    #[serde(default)]
    pub(crate) counted: bool,
}

impl Payment {
    /// How much.
    pub(crate) const fn amount(&self) -> Money {
        Money::new(self.amount_minor, self.currency)
    }
}

impl Entity for Payment {
    const KIND: &'static str = "payment";
    type Id = PaymentId;
    fn id(&self) -> PaymentId {
        self.id
    }
    fn index(&self, put: &mut dyn FnMut(&'static str, String)) {
        put(BY_APP, self.app.clone());
        if let PaymentState::Accepted { .. } = self.state {
            put(WAITING, self.debtor.to_string());
        }
    }
}
