//! Fills an empty bank with invented customers, from a seed: the same seed gives the same ids, numbers and history.
//!
//! Personal data is synthetic by construction ([`number`]): identity numbers and credit codes with right check digits from
//! regions that were never issued, telephone numbers from a prefix that no carrier has, account numbers from a test range.
//!
//! All of it is one transaction: a bank is seeded or it is not. Money comes into the bank as deposits against its balance
//! at the central bank, so the books balance from the first entry on.

pub mod number;
mod people;

use crate::books;
use pano_ledger::{Account, AccountKind, Posting, Transaction};
use pano_store::bank::{AccountStatus, BankAccount, Limits, Party, PartyKind, Posted, Purpose};
use pano_store::{Store, StoreError, TransactError, UnitOfWork, transact};
use pano_types::clock::SeededEntropy;
use pano_types::id::{AccountId, PartyId, TransactionId};
use pano_types::{Currency, Date, Instant, Localized, Money};
use people::{CHARACTERS, Character, Opening};
use std::time::Duration;

/// The seed unless another is chosen.
pub const DEFAULT: u64 = 20_260_301;
/// Currencies in which the bank has accounts of its own.
const OWN: [Currency; 4] = [Currency::CNY, Currency::USD, Currency::EUR, Currency::HKD];
/// First day of the seeded history, which runs for [`MONTHS`] months.
const HISTORY: &str = "2025-07-01";
const MONTHS: i32 = 6;

/// What seeding found or made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seeded {
    /// Whether it was made now; otherwise the bank had been seeded with this seed before.
    pub made: bool,
    /// Customers.
    pub parties: usize,
    /// Their accounts.
    pub accounts: usize,
}

/// Why a bank could not be seeded.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The bank was seeded with another seed; it has one set of customers.
    #[error("the bank has been seeded with another seed")]
    OtherSeed,
    /// The books do not balance afterwards.
    #[error("the books do not balance")]
    Books,
    /// A defect of the seed itself.
    #[error("the seed is wrong: {0}")]
    Wrong(String),
}

impl TransactError for Error {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            Self::OtherSeed | Self::Books | Self::Wrong(_) => None,
        }
    }
}

fn wrong(error: impl std::fmt::Display) -> Error {
    Error::Wrong(error.to_string())
}

/// Seeds `store`, or finds that it has been. The end state is verified by a trial balance.
///
/// # Errors
/// [`Error`]; nothing is left behind then.
pub async fn seed(store: &dyn Store, seed: u64) -> Result<Seeded, Error> {
    let plan = &Plan::new(seed)?;
    let made = transact(store, move |mut work| Box::pin(async move { plan.apply(&mut *work).await })).await?;
    let books = books::inspect(store).await?;
    if !books.trial.is_balanced() || !books.discrepancies.is_empty() {
        return Err(Error::Books);
    }
    Ok(Seeded { made, parties: plan.parties.len(), accounts: plan.accounts.len() })
}

/// Everything that will be written.
struct Plan {
    own: Vec<BankAccount>,
    parties: Vec<Party>,
    accounts: Vec<BankAccount>,
    transactions: Vec<Transaction>,
}

impl Plan {
    fn new(seed: u64) -> Result<Self, Error> {
        let entropy = SeededEntropy::new(seed);
        let first_day = day(HISTORY)?;
        let at = first_day.start(crate::order::BANK_ZONE);
        let mut plan = Self { own: Vec::new(), parties: Vec::new(), accounts: Vec::new(), transactions: Vec::new() };
        for (order, currency) in (0u32..).zip(OWN) {
            let id = || AccountId::new(at, &entropy);
            plan.own.push(own(id(), Purpose::Nostro, currency, order * 2, first_day));
            plan.own.push(own(id(), Purpose::Clearing, currency, order * 2 + 1, first_day));
        }
        for (order, character) in (1u32..).zip(CHARACTERS) {
            plan.character(order, character, at, &entropy)?;
        }
        // As they happened, so that running balances read like a statement.
        plan.transactions.sort_by_key(|transaction| (transaction.booked_at(), transaction.id()));
        Ok(plan)
    }

    fn character(&mut self, order: u32, who: &Character, at: Instant, entropy: &SeededEntropy) -> Result<(), Error> {
        let party = party(PartyId::new(at, entropy), order, who)?;
        let (owner, since) = (party.id, party.since);
        self.parties.push(party);
        for (place, opening) in (0u32..).zip(who.accounts) {
            let id = AccountId::new(at, entropy);
            self.accounts.push(customers(id, owner, order * 100 + place, opening, since));
            let first = TransactionId::new(at, entropy);
            self.deposit(first, at, id, "开户存入 Opening deposit", Money::new(opening.minor, opening.currency))?;
            if place > 0 {
                continue;
            }
            for month in 0..MONTHS {
                for (narrative, minor, day_of_month) in who.months {
                    let days = month * 30 + day_of_month;
                    let noon = at.plus(Duration::from_secs(u64::try_from(days).unwrap_or(0) * 86_400 + 4 * 3600));
                    let transaction = TransactionId::new(noon, entropy);
                    self.deposit(transaction, noon, id, narrative, Money::new(*minor, opening.currency))?;
                }
            }
        }
        Ok(())
    }

    /// Money from elsewhere onto an account, or, when negative, the other way.
    fn deposit(
        &mut self,
        id: TransactionId,
        at: Instant,
        account: AccountId,
        narrative: &str,
        amount: Money,
    ) -> Result<(), Error> {
        let nostro =
            self.own.iter().find(|own| own.purpose == Purpose::Nostro && own.ledger.currency == amount.currency());
        let nostro = nostro.ok_or_else(|| wrong("no account of the bank in this currency"))?.ledger.id;
        let absolute = if amount.minor() < 0 { amount.negated().map_err(wrong)? } else { amount };
        let (left, right) = if amount.minor() < 0 { (account, nostro) } else { (nostro, account) };
        let postings = vec![Posting::debit(left, absolute), Posting::credit(right, absolute)];
        let day = Date::of(at, crate::order::BANK_ZONE);
        self.transactions.push(Transaction::new(id, at, day, narrative, postings).map_err(wrong)?);
        Ok(())
    }

    /// Whether anything had to be written.
    async fn apply(&self, unit: &mut dyn UnitOfWork) -> Result<bool, Error> {
        let first = self.own.first().ok_or_else(|| wrong("no accounts"))?;
        if let Some(there) = unit.bank_account_own(first.purpose, first.ledger.currency).await? {
            return if there.account.ledger.id == first.ledger.id { Ok(false) } else { Err(Error::OtherSeed) };
        }
        for account in &self.own {
            unit.bank_account_add(account).await?;
        }
        for party in &self.parties {
            unit.bank_party_add(party).await?;
        }
        for account in &self.accounts {
            unit.bank_account_add(account).await?;
        }
        for transaction in &self.transactions {
            match unit.bank_transaction_post(transaction).await? {
                Posted::Booked(_) => {}
                posted @ (Posted::Repeated | Posted::Refused(_)) => return Err(wrong(format!("{posted:?}"))),
            }
        }
        Ok(true)
    }
}

fn day(text: &str) -> Result<Date, Error> {
    Date::parse(text).ok_or_else(|| wrong(format!("{text} is no day")))
}

fn own(id: AccountId, purpose: Purpose, currency: Currency, order: u32, opened_on: Date) -> BankAccount {
    let (kind, zh, en) = match purpose {
        Purpose::Nostro => (AccountKind::Asset, "存放央行及同业", "Balances with other banks"),
        Purpose::Clearing => (AccountKind::Liability, "清算过渡", "Clearing"),
        Purpose::Current => (AccountKind::Liability, "活期", "Current"),
    };
    BankAccount {
        ledger: Account { id, kind, currency, floor_minor: None },
        purpose,
        number: number::account_number(order),
        name: Localized::new(zh, en),
        owner: None,
        status: AccountStatus::Open,
        limits: Limits { payment_minor: 0, day_minor: 0 },
        opened_on,
    }
}

fn customers(id: AccountId, owner: PartyId, order: u32, opening: &Opening, opened_on: Date) -> BankAccount {
    let currency = opening.currency;
    let zh = match currency {
        Currency::CNY => "人民币活期账户".to_owned(),
        other => format!("{other} 外币活期账户"),
    };
    BankAccount {
        ledger: Account { id, kind: AccountKind::Liability, currency, floor_minor: Some(-opening.overdraft_minor) },
        purpose: Purpose::Current,
        number: number::account_number(order),
        name: Localized::new(zh, format!("{currency} current account")),
        owner: Some(owner),
        status: opening.status,
        limits: Limits { payment_minor: opening.payment_limit_minor, day_minor: opening.day_limit_minor },
        opened_on,
    }
}

fn party(id: PartyId, order: u32, who: &Character) -> Result<Party, Error> {
    let (scheme, identification_number) = match who.kind {
        PartyKind::Person => ("CN_RESIDENT_ID", number::resident_id(who.born, order * 7)),
        PartyKind::Organisation => ("CN_USCC", number::social_credit_code(order)),
    };
    Ok(Party {
        id,
        kind: who.kind,
        name: Localized::new(who.zh, who.en),
        identification_scheme: scheme.to_owned(),
        identification_number,
        phone: number::phone(order),
        email: format!("{}@example.com", who.mail),
        address: Localized::new(format!("全景市示例路 {order} 号"), format!("{order} Example Road, Panorama City")),
        occupation: Localized::new(who.occupation.0, who.occupation.1),
        born_on: day(who.born)?,
        since: day(who.since)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_says_everything() {
        let ids = |seed| Plan::new(seed).unwrap().accounts.iter().map(|a| a.ledger.id).collect::<Vec<_>>();
        assert_eq!(ids(7), ids(7));
        assert_ne!(ids(7), ids(8));
    }

    #[test]
    fn numbers_are_not_given_twice() {
        let plan = Plan::new(DEFAULT).unwrap();
        let mut numbers: Vec<_> = plan.own.iter().chain(&plan.accounts).map(|a| a.number.clone()).collect();
        let all = numbers.len();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), all);
        assert!(plan.transactions.len() > 100);
    }
}
