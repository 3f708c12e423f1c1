//! Grades that the regulator and the bank give to data and interfaces.

use serde::{Deserialize, Serialize};

/// Class of personal financial information (JR/T 0171—2020 §4.2): C3 is the most sensitive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
pub enum DataClass {
    /// Internal information: opening institution, time of opening.
    C1,
    /// Identifies a person or shows its finances: account numbers, balances, transactions, ID numbers, phone numbers.
    C2,
    /// Authenticates a person: passwords, card security codes, biometrics.
    C3,
}

/// Security level of a commercial bank's interface (JR/T 0185—2020 §5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
pub enum ApiLevel {
    /// Public or service information, no customer funds or personal data.
    A1,
    /// Touches personal financial information or funds: strong identification, customer consent.
    A2,
}

impl ApiLevel {
    /// The two characters used in identification codes and on screens.
    pub const fn code(self) -> &'static str {
        match self {
            Self::A1 => "A1",
            Self::A2 => "A2",
        }
    }
}

impl DataClass {
    /// The two characters used on screens and in documents.
    pub const fn code(self) -> &'static str {
        match self {
            Self::C1 => "C1",
            Self::C2 => "C2",
            Self::C3 => "C3",
        }
    }
}
