//! Transactions and their postings. The constructor is the rule: what does not balance cannot be made.

use crate::account::Side;
use pano_types::id::{AccountId, TransactionId};
use pano_types::{Currency, Date, Instant, Money};
use std::collections::BTreeMap;

/// Most postings in one transaction.
pub const POSTINGS_MAX: usize = 1_000;
/// Longest narrative, in characters.
pub const NARRATIVE_CHARS_MAX: usize = 140;

/// One line of a transaction: an amount on one side of one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posting {
    account: AccountId,
    side: Side,
    amount: Money,
}

impl Posting {
    /// `amount` on the left of `account`.
    pub const fn debit(account: AccountId, amount: Money) -> Self {
        Self { account, side: Side::Debit, amount }
    }
    /// `amount` on the right of `account`.
    pub const fn credit(account: AccountId, amount: Money) -> Self {
        Self { account, side: Side::Credit, amount }
    }
    /// `amount` on `side` of `account`.
    pub const fn on(side: Side, account: AccountId, amount: Money) -> Self {
        Self { account, side, amount }
    }
    /// Which account.
    pub const fn account(&self) -> AccountId {
        self.account
    }
    /// Which side.
    pub const fn side(&self) -> Side {
        self.side
    }
    /// How much; positive in every transaction.
    pub const fn amount(&self) -> Money {
        self.amount
    }
}

/// Why postings are not a transaction.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Fewer than two postings, or more than [`POSTINGS_MAX`].
    #[error("{0} postings, expected 2 to {POSTINGS_MAX}")]
    Count(usize),
    /// An amount is zero or negative; turn the side instead.
    #[error("the amount on {0} is not positive")]
    NotPositive(AccountId),
    /// One account stands twice; sum the amounts first, so that its running balance has one meaning.
    #[error("{0} stands twice")]
    AccountTwice(AccountId),
    /// Debits and credits differ in a currency.
    #[error("debits exceed credits by {excess_minor} minor units of {currency}")]
    Unbalanced {
        /// Where.
        currency: Currency,
        /// Debits less credits.
        excess_minor: i128,
    },
    /// The narrative is longer than [`NARRATIVE_CHARS_MAX`] or holds control characters.
    #[error("the narrative is longer than {NARRATIVE_CHARS_MAX} characters or holds control characters")]
    Narrative,
}

/// When and what for a transaction is booked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booking {
    /// When it is booked.
    pub at: Instant,
    /// The bank's day it counts for; after the cut-off that may be a later one than that of `at`.
    pub on: Date,
    /// From when it bears interest; may lie before or after the booking date.
    pub value: Date,
    /// What it is for, as printed on statements.
    pub narrative: String,
    /// Id of what it was booked for (a payment, a loan), so that it can be found again.
    pub about: Option<String>,
}

/// A balanced set of postings, booked at once or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    id: TransactionId,
    booking: Booking,
    postings: Vec<Posting>,
}

impl Transaction {
    /// Makes a transaction of `postings`, in their order.
    ///
    /// # Errors
    /// When the postings break a rule of the [crate]'s head; nothing is rounded or repaired.
    pub fn new(id: TransactionId, booking: Booking, postings: Vec<Posting>) -> Result<Self, Error> {
        let narrative = &booking.narrative;
        if narrative.chars().count() > NARRATIVE_CHARS_MAX || narrative.chars().any(char::is_control) {
            return Err(Error::Narrative);
        }
        if !(2..=POSTINGS_MAX).contains(&postings.len()) {
            return Err(Error::Count(postings.len()));
        }
        check_each(&postings)?;
        check_balance(&postings)?;
        Ok(Self { id, booking, postings })
    }

    /// The id under which it counts once.
    pub const fn id(&self) -> TransactionId {
        self.id
    }
    /// When and what for.
    pub const fn booking(&self) -> &Booking {
        &self.booking
    }
    /// When it was booked.
    pub const fn booked_at(&self) -> Instant {
        self.booking.at
    }
    /// The bank's day it counts for.
    pub const fn booked_on(&self) -> Date {
        self.booking.on
    }
    /// From when it bears interest.
    pub const fn value_date(&self) -> Date {
        self.booking.value
    }
    /// What it is for, as printed on statements.
    pub fn narrative(&self) -> &str {
        &self.booking.narrative
    }
    /// Its lines.
    pub fn postings(&self) -> &[Posting] {
        &self.postings
    }
}

fn check_each(postings: &[Posting]) -> Result<(), Error> {
    let mut seen = std::collections::HashSet::with_capacity(postings.len());
    for posting in postings {
        if posting.amount.minor() <= 0 {
            return Err(Error::NotPositive(posting.account));
        }
        if !seen.insert(posting.account) {
            return Err(Error::AccountTwice(posting.account));
        }
    }
    Ok(())
}

fn check_balance(postings: &[Posting]) -> Result<(), Error> {
    let mut excess: BTreeMap<Currency, i128> = BTreeMap::new();
    for posting in postings {
        let minor = i128::from(posting.amount.minor());
        *excess.entry(posting.amount.currency()).or_default() += match posting.side {
            Side::Debit => minor,
            Side::Credit => -minor,
        };
    }
    match excess.into_iter().find(|(_, excess)| *excess != 0) {
        Some((currency, excess_minor)) => Err(Error::Unbalanced { currency, excess_minor }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pano_types::clock::SeededEntropy;
    use proptest::prelude::{any, prop, prop_assert_eq, proptest};

    fn account(n: u64) -> AccountId {
        AccountId::new(Instant::from_unix_micros(0), &SeededEntropy::new(n))
    }
    fn cny(minor: i64) -> Money {
        Money::new(minor, Currency::CNY)
    }
    fn make(postings: Vec<Posting>) -> Result<Transaction, Error> {
        let id = TransactionId::new(Instant::from_unix_micros(0), &SeededEntropy::new(1));
        let day = Date::parse("2026-03-01").unwrap();
        let at = Instant::from_unix_micros(0);
        let booking = Booking { at, on: day, value: day, narrative: "rent".to_owned(), about: None };
        Transaction::new(id, booking, postings)
    }

    #[test]
    fn what_does_not_balance_cannot_be_made() {
        let (a, b, c) = (account(1), account(2), account(3));
        let usd = Money::new(5, Currency::USD);
        for (postings, expect) in [
            (vec![], Error::Count(0)),
            (vec![Posting::debit(a, cny(5))], Error::Count(1)),
            (
                vec![Posting::debit(a, cny(5)), Posting::credit(b, cny(4))],
                Error::Unbalanced { currency: Currency::CNY, excess_minor: 1 },
            ),
            (
                vec![Posting::debit(a, cny(5)), Posting::credit(b, usd)],
                Error::Unbalanced { currency: Currency::CNY, excess_minor: 5 },
            ),
            (vec![Posting::debit(a, cny(0)), Posting::credit(b, cny(0))], Error::NotPositive(a)),
            (vec![Posting::debit(a, cny(-5)), Posting::debit(b, cny(5))], Error::NotPositive(a)),
            (vec![Posting::debit(a, cny(5)), Posting::credit(a, cny(5))], Error::AccountTwice(a)),
        ] {
            assert_eq!(make(postings), Err(expect));
        }
        let three = vec![Posting::debit(a, cny(5)), Posting::credit(b, cny(2)), Posting::credit(c, cny(3))];
        assert_eq!(make(three).unwrap().postings().len(), 3);
    }

    #[test]
    fn sums_beyond_64_bits_do_not_wrap_into_balance() {
        let big = |n| Posting::debit(account(n), cny(i64::MAX));
        let postings = vec![big(1), big(2), Posting::credit(account(3), cny(i64::MAX - 1))];
        assert!(matches!(make(postings), Err(Error::Unbalanced { .. })));
    }

    proptest! {
        #[test]
        fn a_transaction_exists_exactly_when_its_sums_agree(
            lines in prop::collection::vec((any::<bool>(), 1i64..4, any::<bool>()), 0..6),
        ) {
            let postings: Vec<_> = (0u64..).zip(&lines).map(|(n, &(debit, minor, is_cny))| {
                let currency = if is_cny { Currency::CNY } else { Currency::USD };
                let side = if debit { Side::Debit } else { Side::Credit };
                Posting::on(side, account(n), Money::new(minor, currency))
            }).collect();
            let sum = |of_cny: bool| -> i64 {
                lines.iter().filter(|l| l.2 == of_cny).map(|l| if l.0 { l.1 } else { -l.1 }).sum()
            };
            let balanced = lines.len() >= 2 && sum(true) == 0 && sum(false) == 0;
            prop_assert_eq!(make(postings).is_ok(), balanced);
        }
    }
}
