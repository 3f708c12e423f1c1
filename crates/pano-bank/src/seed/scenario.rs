//! Named beginnings of a sandbox.

use super::people::{self, Character};
use pano_types::Localized;

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

    /// Who is in it.
    pub fn description(self) -> Localized {
        let (zh, en) = match self {
            Self::Everyone => ("参考银行的全部客户", "All customers of the reference bank"),
            Self::PrivatePerson => {
                ("一名领薪个人，人民币与美元账户", "One private person with a salary, in CNY and USD")
            }
            Self::Family => ("一对夫妇、孩子与一位长辈", "A couple, their child, and a grandparent"),
            Self::SoleTrader => ("一名个体工商户及其经营账户", "A sole trader and the business's account"),
            Self::SmeSupplyChain => {
                ("一家小型制造企业及其供应商与买方", "A small manufacturer, its supplier and its buyer")
            }
            Self::Exporter => ("一家多币种收款的贸易公司", "A trading company that earns in foreign currency"),
        };
        Localized::new(zh, en)
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
