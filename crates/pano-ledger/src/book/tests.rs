use super::*;
use crate::account::AccountKind;
use crate::transaction::Booking;
use pano_types::clock::SeededEntropy;
use pano_types::{Date, Money};
use proptest::prelude::{Strategy, prop, prop_assert, prop_assert_eq, prop_oneof, proptest};

const AT: Instant = Instant::from_unix_micros(1_770_000_000_000_000);

fn account_id(n: u8) -> AccountId {
    AccountId::new(AT, &SeededEntropy::new(u64::from(n)))
}
fn hold_id(n: u8) -> HoldId {
    HoldId::new(AT, &SeededEntropy::new(u64::from(n)))
}
fn cny(minor: i64) -> Money {
    Money::new(minor, Currency::CNY)
}
fn booking() -> Booking {
    let day = Date::parse("2026-03-01").unwrap();
    Booking { at: AT, on: day, value: day, narrative: String::new(), about: None }
}
fn transfer(n: u8, from: u8, to: u8, minor: i64) -> Transaction {
    let id = TransactionId::new(AT, &SeededEntropy::new(u64::from(n)));
    let postings = vec![Posting::debit(account_id(from), cny(minor)), Posting::credit(account_id(to), cny(minor))];
    Transaction::new(id, booking(), postings).unwrap()
}

/// Account 0 is the bank's cash (an asset, no floor); 1 to 4 are deposits; 4 has an overdraft of 50.
fn book() -> Book {
    let mut book = Book::default();
    for n in 0..=4 {
        let (kind, floor_minor) = match n {
            0 => (AccountKind::Asset, None),
            4 => (AccountKind::Liability, Some(-50)),
            _ => (AccountKind::Liability, Some(0)),
        };
        let (id, status) = (account_id(n), AccountStatus::Open);
        book.open(Account { id, kind, currency: Currency::CNY, floor_minor, status }).unwrap();
    }
    for n in 1..=4 {
        // Paid in over the counter: cash grows on the left, the deposit on the right.
        book.post(transfer(100 + n, 0, n, 100)).unwrap();
    }
    book.take();
    book
}

fn stands(book: &Book, n: u8) -> (i64, i64) {
    let (_, balance) = book.account(account_id(n)).unwrap();
    (balance.booked_minor, balance.held_minor)
}

#[test]
fn a_transaction_counts_once() {
    let mut book = book();
    assert_eq!(book.post(transfer(1, 1, 2, 30)), Ok(Outcome::Booked(vec![70, 130])));
    assert_eq!(book.post(transfer(1, 1, 2, 30)), Ok(Outcome::Repeated));
    assert_eq!(book.post(transfer(1, 1, 2, 31)), Err(Error::IdInUse));
    assert_eq!(stands(&book, 1), (70, 0));
}

#[test]
fn a_refused_transaction_leaves_nothing() {
    let mut book = book();
    let below = Error::Balance { account: account_id(1), source: BalanceError::BelowFloor };
    assert_eq!(book.post(transfer(1, 1, 2, 101)), Err(below));
    assert_eq!(book.post(transfer(2, 9, 1, 1)), Err(Error::NoAccount(account_id(9))));
    assert_eq!((stands(&book, 1), stands(&book, 2)), ((100, 0), (100, 0)));
    assert!(book.post(transfer(3, 4, 1, 150)).is_ok(), "account 4 may be overdrawn by 50");
}

#[test]
fn another_currency_is_refused() {
    let mut book = book();
    let usd = Money::new(5, Currency::USD);
    let postings = vec![Posting::debit(account_id(1), usd), Posting::credit(account_id(2), usd)];
    let id = TransactionId::new(AT, &SeededEntropy::new(7));
    let transaction = Transaction::new(id, booking(), postings).unwrap();
    let expect = Error::CurrencyMismatch { id: account_id(1), amount: Currency::USD, account: Currency::CNY };
    assert_eq!(book.post(transaction), Err(expect));
}

#[test]
fn holds_lessen_what_is_available_and_are_used_once() {
    let mut book = book();
    book.place(Hold::place(hold_id(1), account_id(1), cny(60), AT).unwrap()).unwrap();
    assert_eq!(stands(&book, 1), (100, 60));
    let below = Error::Balance { account: account_id(1), source: BalanceError::BelowFloor };
    assert_eq!(book.post(transfer(1, 1, 2, 41)), Err(below.clone()));
    assert_eq!(book.place(Hold::place(hold_id(2), account_id(1), cny(41), AT).unwrap()), Err(below));
    assert_eq!(book.capture(hold_id(1), transfer(2, 1, 2, 61)), Err(Error::CaptureMismatch));
    assert_eq!(book.capture(hold_id(1), transfer(2, 2, 1, 60)), Err(Error::CaptureMismatch));
    assert!(matches!(book.capture(hold_id(1), transfer(3, 1, 2, 60)), Ok(Outcome::Booked(_))));
    assert_eq!(book.capture(hold_id(1), transfer(3, 1, 2, 60)), Ok(Outcome::Repeated));
    assert_eq!(stands(&book, 1), (40, 0));
    assert_eq!(book.release(hold_id(1), AT), Err(Error::Hold(hold::Error::NotActive)));
    assert_eq!(Hold::place(hold_id(3), account_id(1), cny(0), AT), Err(hold::Error::NotPositive));
}

#[test]
fn a_frozen_account_takes_in_and_gives_nothing_out() {
    let mut book = book();
    book.set_status(account_id(1), AccountStatus::Frozen).unwrap();
    let frozen = Err(Error::NotOpen { account: account_id(1), status: AccountStatus::Frozen });
    assert_eq!(book.post(transfer(1, 1, 2, 1)), frozen);
    assert_eq!(
        book.place(Hold::place(hold_id(1), account_id(1), cny(1), AT).unwrap()).map(|()| Outcome::Repeated),
        frozen
    );
    assert!(book.post(transfer(2, 2, 1, 1)).is_ok());
    assert_eq!(book.set_status(account_id(1), AccountStatus::Closed), Err(Error::NotEmpty(account_id(1))));
    book.set_status(account_id(1), AccountStatus::Open).unwrap();
    book.post(transfer(3, 1, 2, 101)).unwrap();
    book.set_status(account_id(1), AccountStatus::Closed).unwrap();
    assert!(matches!(book.post(transfer(4, 2, 1, 1)), Err(Error::NotOpen { .. })));
}

#[test]
fn entries_are_numbered_and_carry_running_balances() {
    let mut book = book();
    for n in 1..=3 {
        book.post(transfer(n, 1, 2, 10)).unwrap();
    }
    let entries: Vec<_> = book.entries(account_id(2)).map(|entry| (entry.seq, entry.balance_after.minor())).collect();
    assert_eq!(entries, [(1, 100), (2, 110), (3, 120), (4, 130)]);
    let below: Vec<_> = book.entries_below(account_id(2), 3).rev().map(|entry| entry.seq).collect();
    assert_eq!((below, book.entries_below(account_id(2), 99).count()), (vec![2, 1], 4));
    assert_eq!(book.entry(account_id(2), 4).unwrap().transaction, &transfer(3, 1, 2, 10));
    assert!(book.entry(account_id(2), 5).is_none() && book.entry(account_id(2), 0).is_none());
}

/// All that can be seen of a book; entries as number and balance after, by account.
type Whole = (Vec<(Account, Balance)>, Vec<Transaction>, Vec<Hold>, Vec<Vec<(u64, i64)>>);

fn whole(book: &Book) -> Whole {
    let entries = |account: &(Account, Balance)| {
        book.entries(account.0.id).map(|entry| (entry.seq, entry.balance_after.minor())).collect()
    };
    let accounts: Vec<_> = book.accounts().collect();
    let entries = accounts.iter().map(entries).collect();
    (accounts, book.transactions().to_vec(), book.holds().cloned().collect(), entries)
}

#[derive(Debug, Clone)]
enum Step {
    Transfer(u8, u8, u8, i64),
    Hold(u8, u8, i64),
    Release(u8),
    Capture(u8, u8, u8, u8, i64),
    Status(u8, AccountStatus),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..40u8, 0..5u8, 1..5u8, 1..160i64).prop_map(|(n, a, b, m)| Step::Transfer(n, a, b, m)),
        2 => (0..12u8, 0..5u8, 1..160i64).prop_map(|(n, a, m)| Step::Hold(n, a, m)),
        1 => (0..12u8).prop_map(Step::Release),
        2 => (0..12u8, 0..40u8, 0..5u8, 1..5u8, 1..160i64).prop_map(|(h, n, a, b, m)| Step::Capture(h, n, a, b, m)),
        1 => (0..5u8, 0..3usize).prop_map(|(a, s)| Step::Status(a, AccountStatus::ALL[s])),
    ]
}

fn apply(book: &mut Book, step: &Step) -> Result<(), Error> {
    match *step {
        Step::Transfer(_, a, b, _) | Step::Capture(_, _, a, b, _) if a == b => Ok(()),
        Step::Transfer(n, a, b, m) => book.post(transfer(n, a, b, m)).map(|_| ()),
        Step::Hold(n, a, m) => book.place(Hold::place(hold_id(n), account_id(a), cny(m), AT).unwrap()),
        Step::Release(n) => book.release(hold_id(n), AT),
        Step::Capture(h, n, a, b, m) => book.capture(hold_id(h), transfer(n, a, b, m)).map(|_| ()),
        Step::Status(a, status) => book.set_status(account_id(a), status),
    }
}

proptest! {
    #[test]
    fn random_histories_keep_every_rule(steps in prop::collection::vec(step(), 1..120)) {
        let mut book = book();
        for step in steps {
            let before: Vec<_> = (0..=4).map(|n| stands(&book, n)).collect();
            let done = apply(&mut book, &step);
            let after: Vec<_> = (0..=4).map(|n| stands(&book, n)).collect();
            if done.is_err() {
                prop_assert_eq!(before, after, "a refusal changed a balance");
            }
            prop_assert!(book.trial().is_balanced());
            prop_assert_eq!(book.discrepancies(), []);
            for n in 1..=4u8 {
                let (account, balance) = book.account(account_id(n)).unwrap();
                prop_assert!(balance.available_minor() >= account.floor_minor.unwrap());
            }
        }
    }

    /// A history told in calls, some of them undone: the book is as if those had never been, and what was handed on makes
    /// the same book again.
    #[test]
    fn what_is_undone_never_was_and_what_is_kept_comes_back(
        calls in prop::collection::vec((prop::collection::vec(step(), 1..8), prop::bool::ANY), 1..30),
    ) {
        let mut book = Book::default();
        let (mut accounts, mut transactions, mut holds) = (BTreeMap::new(), Vec::new(), BTreeMap::new());
        let mut keep = |changes: Changes| {
            accounts.extend(changes.accounts.into_iter().map(|account| (account.id, account)));
            transactions.extend(changes.transactions);
            holds.extend(changes.holds.into_iter().map(|hold| (hold.id, hold)));
        };
        for n in 0..=4 {
            let (id, kind) = (account_id(n), if n == 0 { AccountKind::Asset } else { AccountKind::Liability });
            let floor_minor = (n > 0).then_some(0);
            book.open(Account { id, kind, currency: Currency::CNY, floor_minor, status: AccountStatus::Open }).unwrap();
        }
        for n in 1..=4 {
            book.post(transfer(100 + n, 0, n, 100)).unwrap();
        }
        keep(book.take());
        for (steps, kept) in calls {
            let before = whole(&book);
            for step in &steps {
                drop(apply(&mut book, step));
            }
            if kept {
                keep(book.take());
            } else {
                book.undo();
                prop_assert_eq!(&before, &whole(&book));
            }
            prop_assert!(!book.is_changed());
        }
        let again = Book::restore(accounts.into_values(), transactions, holds.into_values()).unwrap();
        prop_assert_eq!(whole(&again), whole(&book));
        prop_assert_eq!(again.discrepancies(), []);
    }
}
