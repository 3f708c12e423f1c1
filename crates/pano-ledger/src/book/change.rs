//! What a book did, undone or handed on, and a book made from what was kept.

use super::{Book, Error, Kept, Line};
use crate::account::{Account, Balance};
use crate::hold::{Hold, HoldState};
use crate::transaction::Transaction;
use pano_types::id::{AccountId, HoldId};
use std::collections::BTreeMap;

/// How to take one step back.
#[derive(Debug, Clone)]
pub(super) enum Undo {
    Opened(AccountId),
    Account(Account),
    Balance(AccountId, Balance),
    Posted,
    Hold(HoldId, Option<Hold>),
}

/// What has changed since the last [`Book::take`]. Balances are not among it: they follow from transactions and holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Accounts opened, or given another status or floor, as they are now.
    pub accounts: Vec<Account>,
    /// Transactions booked, in their order.
    pub transactions: Vec<Transaction>,
    /// Holds placed or ended, as they are now.
    pub holds: Vec<Hold>,
}

impl Changes {
    /// Whether nothing has changed.
    pub fn is_empty(&self) -> bool {
        self.accounts.is_empty() && self.transactions.is_empty() && self.holds.is_empty()
    }
}

impl Book {
    /// The book that these things make. Rules that hold only while booking (floors, statuses) are not asked again: they
    /// may have changed since.
    ///
    /// # Errors
    /// When they do not belong together: an id twice, an account missing, a currency that differs, a sum out of range.
    pub fn restore(
        accounts: impl IntoIterator<Item = Account>,
        transactions: impl IntoIterator<Item = Transaction>,
        holds: impl IntoIterator<Item = Hold>,
    ) -> Result<Self, Error> {
        let mut book = Self::default();
        for account in accounts {
            book.open(account)?;
        }
        for transaction in transactions {
            book.replay(transaction)?;
        }
        for hold in holds {
            if hold.state == HoldState::Active {
                let (_, balance) = book.account(hold.account).ok_or(Error::NoAccount(hold.account))?;
                let moved = balance.moved(0, hold.amount.minor(), None);
                let moved = moved.map_err(|source| Error::Balance { account: hold.account, source })?;
                book.stand(hold.account, moved);
            }
            if book.holds.insert(hold.id, hold).is_some() {
                return Err(Error::IdInUse);
            }
        }
        book.log.clear();
        Ok(book)
    }

    fn replay(&mut self, transaction: Transaction) -> Result<(), Error> {
        if self.places.contains_key(&transaction.id()) {
            return Err(Error::IdInUse);
        }
        let place = self.transactions.len();
        for (number, posting) in (0u16..).zip(transaction.postings()) {
            let id = posting.account();
            let kept = self.accounts.get_mut(&id).ok_or(Error::NoAccount(id))?;
            super::same_currency(posting.amount().currency(), &kept.account)?;
            let change = kept.account.kind.change(posting.side(), posting.amount().minor());
            kept.balance =
                kept.balance.moved(change, 0, None).map_err(|source| Error::Balance { account: id, source })?;
            let balance_after = kept.balance.booked_minor;
            kept.entries.push(Line { transaction: place, posting: number, balance_after });
        }
        self.places.insert(transaction.id(), place);
        self.transactions.push(transaction);
        Ok(())
    }

    /// Takes back all that was done since the last [`Book::take`].
    pub fn undo(&mut self) {
        while let Some(step) = self.log.pop() {
            match step {
                Undo::Opened(id) => drop(self.accounts.remove(&id)),
                Undo::Account(before) => self.with(before.id, |kept| kept.account = before),
                Undo::Balance(id, before) => self.with(id, |kept| kept.balance = before),
                Undo::Posted => self.unpost(),
                Undo::Hold(id, Some(before)) => drop(self.holds.insert(id, before)),
                Undo::Hold(id, None) => drop(self.holds.remove(&id)),
            }
        }
    }

    /// Whether anything was done since the last [`Book::take`].
    pub fn is_changed(&self) -> bool {
        !self.log.is_empty()
    }

    /// What was done since the last time, which from now on cannot be undone.
    pub fn take(&mut self) -> Changes {
        let (mut accounts, mut holds, mut posted) = (BTreeMap::new(), BTreeMap::new(), 0usize);
        for step in self.log.drain(..) {
            match step {
                Undo::Opened(id) | Undo::Account(Account { id, .. }) => drop(accounts.insert(id, ())),
                Undo::Hold(id, _) => drop(holds.insert(id, ())),
                Undo::Posted => posted += 1,
                Undo::Balance(..) => {}
            }
        }
        let first = self.transactions.len().saturating_sub(posted);
        Changes {
            accounts: accounts.into_keys().filter_map(|id| self.account(id)).map(|(account, _)| account).collect(),
            transactions: self.transactions.get(first..).unwrap_or_default().to_vec(),
            holds: holds.into_keys().filter_map(|id| self.holds.get(&id).cloned()).collect(),
        }
    }

    fn with(&mut self, id: AccountId, change: impl FnOnce(&mut Kept)) {
        if let Some(kept) = self.accounts.get_mut(&id) {
            change(kept);
        }
    }

    fn unpost(&mut self) {
        let Some(transaction) = self.transactions.pop() else { return };
        self.places.remove(&transaction.id());
        for posting in transaction.postings() {
            self.with(posting.account(), |kept| {
                kept.entries.pop();
            });
        }
    }
}
