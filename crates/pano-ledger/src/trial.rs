//! The trial balance: debits and credits of all accounts, per currency. They are equal, or something is broken.

use crate::account::{AccountKind, Side};
use pano_types::Currency;
use std::collections::BTreeMap;

/// Both columns of one currency, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Columns {
    /// Balances that stand on the left.
    pub debit_minor: i128,
    /// Balances that stand on the right.
    pub credit_minor: i128,
}

/// A trial balance.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trial {
    columns: BTreeMap<Currency, Columns>,
}

impl Trial {
    /// Adds an account's booked balance (on its normal side), or the sum of several of one kind and currency.
    pub fn add(&mut self, kind: AccountKind, currency: Currency, booked_minor: i128) {
        let columns = self.columns.entry(currency).or_default();
        // A balance against its normal side (an overdrawn deposit) stands, positive, in the other column.
        let left = matches!(kind.normal_side(), Side::Debit) == (booked_minor >= 0);
        let minor = if booked_minor < 0 { -booked_minor } else { booked_minor };
        if left { columns.debit_minor += minor } else { columns.credit_minor += minor }
    }
    /// The columns per currency, in the order of [`Currency`].
    pub fn columns(&self) -> impl Iterator<Item = (Currency, Columns)> + '_ {
        self.columns.iter().map(|(currency, columns)| (*currency, *columns))
    }
    /// Whether debits equal credits in every currency.
    pub fn is_balanced(&self) -> bool {
        self.columns.values().all(|columns| columns.debit_minor == columns.credit_minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_overdrawn_deposit_stands_on_the_left() {
        let mut trial = Trial::default();
        trial.add(AccountKind::Liability, Currency::CNY, -70);
        trial.add(AccountKind::Liability, Currency::CNY, 100);
        trial.add(AccountKind::Asset, Currency::CNY, 30);
        assert!(trial.is_balanced());
        assert_eq!(trial.columns().next(), Some((Currency::CNY, Columns { debit_minor: 100, credit_minor: 100 })));
        trial.add(AccountKind::Income, Currency::USD, 1);
        assert!(!trial.is_balanced());
    }
}
