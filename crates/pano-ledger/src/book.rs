//! The whole ledger in memory: the reference that stores are compared with.

use crate::account::{Account, Balance, BalanceError};
use crate::hold::{self, Hold, HoldState};
use crate::transaction::{Posting, Transaction};
use crate::trial::Trial;
use pano_types::id::{AccountId, HoldId, TransactionId};
use pano_types::{Currency, Instant};
use std::collections::BTreeMap;

/// Why the book stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No such account.
    #[error("there is no account {0}")]
    NoAccount(AccountId),
    /// No such hold.
    #[error("there is no hold {0}")]
    NoHold(HoldId),
    /// The account, transaction or hold id is in use for something else.
    #[error("the id is in use for something else")]
    IdInUse,
    /// The amount is in another currency than the account.
    #[error("the amount is in {amount}, the account in {account}")]
    CurrencyMismatch {
        /// Of the posting or hold.
        amount: Currency,
        /// Of the account.
        account: Currency,
    },
    /// An account's balance cannot change so.
    #[error("{account}: {source}")]
    Balance {
        /// Which.
        account: AccountId,
        /// Why.
        source: BalanceError,
    },
    /// The hold cannot move.
    #[error(transparent)]
    Hold(#[from] hold::Error),
    /// The capturing transaction does not take from the hold's account, or takes more than was held.
    #[error("the transaction does not fit the hold")]
    CaptureMismatch,
}

/// What posting did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Booked now; the booked balance of each posting's account after it, in the order of the postings.
    Booked(Vec<i64>),
    /// Booked before under the same id: nothing changed.
    Repeated,
}

/// Accounts, transactions and holds.
#[derive(Debug, Clone, Default)]
pub struct Book {
    accounts: BTreeMap<AccountId, (Account, Balance)>,
    transactions: BTreeMap<TransactionId, Transaction>,
    holds: BTreeMap<HoldId, Hold>,
}

impl Book {
    /// Opens an account with nothing on it.
    ///
    /// # Errors
    /// [`Error::IdInUse`] when there is one with this id.
    pub fn open(&mut self, account: Account) -> Result<(), Error> {
        if self.accounts.contains_key(&account.id) {
            return Err(Error::IdInUse);
        }
        self.accounts.insert(account.id, (account, Balance::default()));
        Ok(())
    }

    /// The account and where it stands.
    pub fn account(&self, id: AccountId) -> Option<(Account, Balance)> {
        self.accounts.get(&id).copied()
    }

    /// Books a transaction, whole or not at all.
    ///
    /// # Errors
    /// When an account is missing, in another currency, or would fall below its floor.
    pub fn post(&mut self, transaction: Transaction) -> Result<Outcome, Error> {
        if let Some(known) = self.transactions.get(&transaction.id()) {
            return if *known == transaction { Ok(Outcome::Repeated) } else { Err(Error::IdInUse) };
        }
        let next: Vec<_> =
            transaction.postings().iter().map(|posting| self.after(posting, 0)).collect::<Result<_, _>>()?;
        Ok(self.commit(transaction, next))
    }

    /// Sets an amount aside.
    ///
    /// # Errors
    /// When the account is missing, in another currency, or has too little available.
    pub fn hold(&mut self, hold: Hold) -> Result<(), Error> {
        if self.holds.contains_key(&hold.id) {
            return Err(Error::IdInUse);
        }
        let (account, balance) = self.account(hold.account).ok_or(Error::NoAccount(hold.account))?;
        same_currency(hold.amount.currency(), account.currency)?;
        let next = balance
            .moved(0, hold.amount.minor(), account.floor_minor)
            .map_err(|source| Error::Balance { account: account.id, source })?;
        self.accounts.insert(account.id, (account, next));
        self.holds.insert(hold.id, hold);
        Ok(())
    }

    /// Gives a held amount back.
    ///
    /// # Errors
    /// When there is no such active hold.
    pub fn release(&mut self, id: HoldId, at: Instant) -> Result<(), Error> {
        let hold = self.holds.get(&id).cloned().ok_or(Error::NoHold(id))?.release(at)?;
        self.unhold(&hold)?;
        self.holds.insert(id, hold);
        Ok(())
    }

    /// Books `transaction` against a hold: the held amount is given back and the booking made in one step.
    ///
    /// # Errors
    /// When the hold is not active, or the transaction does not take at most the held amount from the hold's account.
    pub fn capture(&mut self, id: HoldId, transaction: Transaction) -> Result<Outcome, Error> {
        let hold = self.holds.get(&id).cloned().ok_or(Error::NoHold(id))?;
        if hold.state == (HoldState::Captured { by: transaction.id(), at: transaction.booked_at() }) {
            return self.post(transaction);
        }
        let captured = hold.clone().capture(transaction.id(), transaction.booked_at())?;
        let (account, _) = self.account(hold.account).ok_or(Error::NoAccount(hold.account))?;
        if !fits(&transaction, &hold, &account) {
            return Err(Error::CaptureMismatch);
        }
        if self.transactions.contains_key(&transaction.id()) {
            return Err(Error::IdInUse);
        }
        let held = |posting: &Posting| if posting.account() == hold.account { -hold.amount.minor() } else { 0 };
        let next: Vec<_> = transaction
            .postings()
            .iter()
            .map(|posting| self.after(posting, held(posting)))
            .collect::<Result<_, _>>()?;
        self.holds.insert(id, captured);
        Ok(self.commit(transaction, next))
    }

    /// Debits and credits over all accounts.
    pub fn trial(&self) -> Trial {
        let mut trial = Trial::default();
        for (account, balance) in self.accounts.values() {
            trial.add(account.kind, account.currency, i128::from(balance.booked_minor));
        }
        trial
    }

    fn after(&self, posting: &Posting, held: i64) -> Result<(Account, Balance), Error> {
        let (account, balance) = self.account(posting.account()).ok_or(Error::NoAccount(posting.account()))?;
        same_currency(posting.amount().currency(), account.currency)?;
        let change = account.kind.change(posting.side(), posting.amount().minor());
        let next = balance
            .moved(change, held, account.floor_minor)
            .map_err(|source| Error::Balance { account: account.id, source })?;
        Ok((account, next))
    }

    fn commit(&mut self, transaction: Transaction, next: Vec<(Account, Balance)>) -> Outcome {
        let running = next.iter().map(|(_, balance)| balance.booked_minor).collect();
        self.accounts.extend(next.into_iter().map(|(account, balance)| (account.id, (account, balance))));
        self.transactions.insert(transaction.id(), transaction);
        Outcome::Booked(running)
    }

    fn unhold(&mut self, hold: &Hold) -> Result<(), Error> {
        let (account, balance) = self.account(hold.account).ok_or(Error::NoAccount(hold.account))?;
        let next = balance
            .moved(0, -hold.amount.minor(), account.floor_minor)
            .map_err(|source| Error::Balance { account: account.id, source })?;
        self.accounts.insert(account.id, (account, next));
        Ok(())
    }
}

/// Whether `transaction` takes from the hold's account, and at most what was held.
pub fn fits(transaction: &Transaction, hold: &Hold, account: &Account) -> bool {
    transaction.postings().iter().any(|posting| {
        posting.account() == hold.account
            && posting.amount().currency() == hold.amount.currency()
            && posting.side() != account.kind.normal_side()
            && posting.amount().minor() <= hold.amount.minor()
    })
}

fn same_currency(amount: Currency, account: Currency) -> Result<(), Error> {
    if amount == account { Ok(()) } else { Err(Error::CurrencyMismatch { amount, account }) }
}

#[cfg(test)]
mod tests;
