//! The whole ledger in memory: accounts, transactions, holds, and each account's entries.
//!
//! A change is made at once and noted, so that it can be undone ([`Book::undo`]) or handed to a store ([`Book::take`]).

mod change;

use crate::account::{Account, AccountStatus, Balance, BalanceError};
use crate::hold::{self, Hold, HoldState};
use crate::transaction::{Posting, Transaction};
use crate::trial::Trial;
pub use change::Changes;
use change::Undo;
use pano_types::id::{AccountId, HoldId, TransactionId};
use pano_types::{Currency, Instant, Money};
use std::collections::{BTreeMap, HashMap};

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
    #[error("the amount is in {amount}, the account {id} in {account}")]
    CurrencyMismatch {
        /// Which account.
        id: AccountId,
        /// Of the posting or hold.
        amount: Currency,
        /// Of the account.
        account: Currency,
    },
    /// The account is frozen or closed.
    #[error("{account} is {}", status.code())]
    NotOpen {
        /// Which.
        account: AccountId,
        /// What it is.
        status: AccountStatus,
    },
    /// An account's balance cannot change so.
    #[error("{account}: {source}")]
    Balance {
        /// Which.
        account: AccountId,
        /// Why.
        source: BalanceError,
    },
    /// The account cannot be closed with something on it.
    #[error("{0} still holds something")]
    NotEmpty(AccountId),
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

/// One posting as its account shows it.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'b> {
    /// Number of the entry on its account, from 1 without gaps.
    pub seq: u64,
    /// The transaction.
    pub transaction: &'b Transaction,
    /// The line of it.
    pub posting: &'b Posting,
    /// The account's booked balance after it, on its normal side.
    pub balance_after: Money,
}

/// Accounts, transactions and holds.
#[derive(Debug, Clone, Default)]
pub struct Book {
    accounts: BTreeMap<AccountId, Kept>,
    /// In the order they were booked.
    transactions: Vec<Transaction>,
    places: HashMap<TransactionId, usize>,
    holds: BTreeMap<HoldId, Hold>,
    log: Vec<Undo>,
}

#[derive(Debug, Clone)]
struct Kept {
    account: Account,
    balance: Balance,
    entries: Vec<Line>,
}

/// Where an entry's transaction and posting are.
#[derive(Debug, Clone, Copy)]
struct Line {
    transaction: usize,
    posting: u16,
    balance_after: i64,
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
        self.accounts.insert(account.id, Kept { account, balance: Balance::default(), entries: Vec::new() });
        self.log.push(Undo::Opened(account.id));
        Ok(())
    }

    /// Freezes, closes or reopens an account.
    ///
    /// # Errors
    /// [`Error::NoAccount`]; [`Error::NotEmpty`] when it would be closed with something booked or held on it.
    pub fn set_status(&mut self, id: AccountId, status: AccountStatus) -> Result<(), Error> {
        let kept = self.accounts.get(&id).ok_or(Error::NoAccount(id))?;
        if status == AccountStatus::Closed && kept.balance != Balance::default() {
            return Err(Error::NotEmpty(id));
        }
        let account = Account { status, ..kept.account };
        self.change(account);
        Ok(())
    }

    /// Gives an account another floor. A balance already below it stays, and can then only rise.
    ///
    /// # Errors
    /// [`Error::NoAccount`].
    pub fn set_floor(&mut self, id: AccountId, floor_minor: Option<i64>) -> Result<(), Error> {
        let kept = self.accounts.get(&id).ok_or(Error::NoAccount(id))?;
        let account = Account { floor_minor, ..kept.account };
        self.change(account);
        Ok(())
    }

    /// The account and where it stands.
    pub fn account(&self, id: AccountId) -> Option<(Account, Balance)> {
        self.accounts.get(&id).map(|kept| (kept.account, kept.balance))
    }

    /// All accounts, by id.
    pub fn accounts(&self) -> impl DoubleEndedIterator<Item = (Account, Balance)> + '_ {
        self.accounts.values().map(|kept| (kept.account, kept.balance))
    }

    /// An account's entries, oldest first; none for an unknown account.
    pub fn entries(&self, id: AccountId) -> impl DoubleEndedIterator<Item = Entry<'_>> + '_ {
        let kept = self.accounts.get(&id);
        (0..self.entry_count(id)).filter_map(move |place| self.entry_at(kept?, place))
    }

    /// An account's entries whose number is below `seq`, oldest first, found without looking at the others.
    pub fn entries_below(&self, id: AccountId, seq: u64) -> impl DoubleEndedIterator<Item = Entry<'_>> + '_ {
        let kept = self.accounts.get(&id);
        let below = usize::try_from(seq.saturating_sub(1)).unwrap_or(usize::MAX);
        (0..self.entry_count(id).min(below)).filter_map(move |place| self.entry_at(kept?, place))
    }

    /// How many entries an account has.
    pub fn entry_count(&self, id: AccountId) -> usize {
        self.accounts.get(&id).map_or(0, |kept| kept.entries.len())
    }

    /// One entry of an account, by its number.
    pub fn entry(&self, id: AccountId, seq: u64) -> Option<Entry<'_>> {
        let place = usize::try_from(seq.checked_sub(1)?).ok()?;
        self.entry_at(self.accounts.get(&id)?, place)
    }

    /// The transaction with this id.
    pub fn transaction(&self, id: TransactionId) -> Option<&Transaction> {
        self.transactions.get(*self.places.get(&id)?)
    }

    /// All transactions, in the order they were booked.
    pub fn transactions(&self) -> &[Transaction] {
        &self.transactions
    }

    /// The hold with this id.
    pub fn hold(&self, id: HoldId) -> Option<&Hold> {
        self.holds.get(&id)
    }

    /// All holds, by id.
    pub fn holds(&self) -> impl Iterator<Item = &Hold> {
        self.holds.values()
    }

    /// Books a transaction, whole or not at all.
    ///
    /// # Errors
    /// When an account is missing, not open, in another currency, or would fall below its floor.
    pub fn post(&mut self, transaction: Transaction) -> Result<Outcome, Error> {
        if let Some(known) = self.transaction(transaction.id()) {
            return if *known == transaction { Ok(Outcome::Repeated) } else { Err(Error::IdInUse) };
        }
        let next: Vec<_> =
            transaction.postings().iter().map(|posting| self.after(posting, 0)).collect::<Result<_, _>>()?;
        Ok(self.commit(transaction, next))
    }

    /// Sets an amount aside.
    ///
    /// # Errors
    /// When the account is missing, not open, in another currency, or has too little available.
    pub fn place(&mut self, hold: Hold) -> Result<(), Error> {
        if self.holds.contains_key(&hold.id) {
            return Err(Error::IdInUse);
        }
        let (account, balance) = self.account(hold.account).ok_or(Error::NoAccount(hold.account))?;
        same_currency(hold.amount.currency(), &account)?;
        if !account.status.allows(-1) {
            return Err(Error::NotOpen { account: account.id, status: account.status });
        }
        let next = balance
            .moved(0, hold.amount.minor(), account.floor_minor)
            .map_err(|source| Error::Balance { account: account.id, source })?;
        self.stand(account.id, next);
        self.keep_hold(hold);
        Ok(())
    }

    /// Gives a held amount back.
    ///
    /// # Errors
    /// When there is no such active hold.
    pub fn release(&mut self, id: HoldId, at: Instant) -> Result<(), Error> {
        let hold = self.holds.get(&id).cloned().ok_or(Error::NoHold(id))?.release(at)?;
        let (account, balance) = self.account(hold.account).ok_or(Error::NoAccount(hold.account))?;
        let next = balance
            .moved(0, -hold.amount.minor(), account.floor_minor)
            .map_err(|source| Error::Balance { account: account.id, source })?;
        self.stand(account.id, next);
        self.keep_hold(hold);
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
        if self.places.contains_key(&transaction.id()) {
            return Err(Error::IdInUse);
        }
        let held = |posting: &Posting| if posting.account() == hold.account { -hold.amount.minor() } else { 0 };
        let next: Vec<_> = transaction
            .postings()
            .iter()
            .map(|posting| self.after(posting, held(posting)))
            .collect::<Result<_, _>>()?;
        self.keep_hold(captured);
        Ok(self.commit(transaction, next))
    }

    /// Debits and credits over all accounts.
    pub fn trial(&self) -> Trial {
        let mut trial = Trial::default();
        for (account, balance) in self.accounts() {
            trial.add(account.kind, account.currency, i128::from(balance.booked_minor));
        }
        trial
    }

    /// Accounts whose balances differ from what their postings and active holds sum up to, each summed anew. There must be
    /// none.
    pub fn discrepancies(&self) -> Vec<AccountId> {
        let mut sums: BTreeMap<AccountId, (i64, i64)> = BTreeMap::new();
        for posting in self.transactions.iter().flat_map(Transaction::postings) {
            if let Some(kept) = self.accounts.get(&posting.account()) {
                let change = kept.account.kind.change(posting.side(), posting.amount().minor());
                let sum = &mut sums.entry(posting.account()).or_default().0;
                *sum = sum.saturating_add(change);
            }
        }
        for hold in self.holds.values().filter(|hold| hold.state == HoldState::Active) {
            let sum = &mut sums.entry(hold.account).or_default().1;
            *sum = sum.saturating_add(hold.amount.minor());
        }
        let differs = |(account, balance): &(Account, Balance)| {
            let (booked, held) = sums.get(&account.id).copied().unwrap_or_default();
            (booked, held) != (balance.booked_minor, balance.held_minor)
        };
        self.accounts().filter(differs).map(|(account, _)| account.id).collect()
    }

    fn entry_at<'b>(&'b self, kept: &'b Kept, place: usize) -> Option<Entry<'b>> {
        let line = kept.entries.get(place)?;
        let transaction = self.transactions.get(line.transaction)?;
        let posting = transaction.postings().get(usize::from(line.posting))?;
        let balance_after = Money::new(line.balance_after, kept.account.currency);
        Some(Entry { seq: place as u64 + 1, transaction, posting, balance_after })
    }

    fn after(&self, posting: &Posting, held: i64) -> Result<(AccountId, Balance), Error> {
        let (account, balance) = self.account(posting.account()).ok_or(Error::NoAccount(posting.account()))?;
        same_currency(posting.amount().currency(), &account)?;
        let change = account.kind.change(posting.side(), posting.amount().minor());
        if !account.status.allows(change) {
            return Err(Error::NotOpen { account: account.id, status: account.status });
        }
        let next = balance
            .moved(change, held, account.floor_minor)
            .map_err(|source| Error::Balance { account: account.id, source })?;
        Ok((account.id, next))
    }

    fn commit(&mut self, transaction: Transaction, next: Vec<(AccountId, Balance)>) -> Outcome {
        let running = next.iter().map(|(_, balance)| balance.booked_minor).collect();
        for (posting, (id, balance)) in (0u16..).zip(next) {
            self.stand(id, balance);
            let line = Line { transaction: self.transactions.len(), posting, balance_after: balance.booked_minor };
            if let Some(kept) = self.accounts.get_mut(&id) {
                kept.entries.push(line);
            }
        }
        self.places.insert(transaction.id(), self.transactions.len());
        self.transactions.push(transaction);
        self.log.push(Undo::Posted);
        Outcome::Booked(running)
    }

    fn change(&mut self, account: Account) {
        if let Some(kept) = self.accounts.get_mut(&account.id) {
            let before = std::mem::replace(&mut kept.account, account);
            self.log.push(Undo::Account(before));
        }
    }

    fn stand(&mut self, id: AccountId, balance: Balance) {
        if let Some(kept) = self.accounts.get_mut(&id) {
            let before = std::mem::replace(&mut kept.balance, balance);
            self.log.push(Undo::Balance(id, before));
        }
    }

    fn keep_hold(&mut self, hold: Hold) {
        let id = hold.id;
        let before = self.holds.insert(id, hold);
        self.log.push(Undo::Hold(id, before));
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

fn same_currency(amount: Currency, account: &Account) -> Result<(), Error> {
    if amount == account.currency {
        Ok(())
    } else {
        Err(Error::CurrencyMismatch { id: account.id, amount, account: account.currency })
    }
}

#[cfg(test)]
mod tests;
