//! Named beginnings of a sandbox.

use super::people::{self, Character};

/// What a sandbox is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Scenario {
    /// All customers of the reference bank.
    #[default]
    Everyone,
    /// One private person with a salary and savings in two currencies.
    PrivatePerson,
    /// A couple, their child, and a grandparent.
    Family,
    /// A sole trader and the business's account.
    SoleTrader,
    /// A small manufacturer, its supplier and its buyer.
    SmeSupplyChain,
    /// A trading company that earns in foreign currency.
    Exporter,
}

impl Scenario {
    /// All scenarios.
    pub const ALL: [Self; 6] =
        [Self::Everyone, Self::PrivatePerson, Self::Family, Self::SoleTrader, Self::SmeSupplyChain, Self::Exporter];

    /// The stable code, as stored and on the wire.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Everyone => "everyone",
            Self::PrivatePerson => "private-person",
            Self::Family => "family",
            Self::SoleTrader => "sole-trader",
            Self::SmeSupplyChain => "sme-supply-chain",
            Self::Exporter => "exporter",
        }
    }

    /// The scenario with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scenario| scenario.code() == code)
    }

    pub(super) const fn characters(self) -> &'static [Character] {
        match self {
            Self::Everyone => people::EVERYONE,
            Self::PrivatePerson => people::PRIVATE_PERSON,
            Self::Family => people::FAMILY,
            Self::SoleTrader => people::SOLE_TRADER,
            Self::SmeSupplyChain => people::SME_SUPPLY_CHAIN,
            Self::Exporter => people::EXPORTER,
        }
    }
}
