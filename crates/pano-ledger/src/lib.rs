//! Double-entry accounts and postings: every transaction balances, or it does not exist.
//!
//! Why it exists: the sandbox bank and settlement must not invent or lose a cent. The rules stand here once, pure: [`Book`]
//! is the ledger, and a store is only asked to keep what already obeys them.
//!
//! Invariants:
//! * A [`Transaction`] has at least two postings, no account twice, only positive amounts, and debits equal to credits
//!   in every currency. There is no other way to make one than [`Transaction::new`], which refuses anything else.
//! * An account's balances stand on its normal side: a customer's deposit (a liability) of 100 is `+100`.
//! * What lessens an account's available balance (booked less held) below its floor is refused; what adds to it never is.
//! * A frozen account takes in and gives nothing out, a closed one does neither.
//! * What a book did since the last [`Book::take`] can be undone as a whole: a refused call leaves nothing.
//! * A transaction id counts once: posting it again changes nothing, posting another under the same id is refused.
//!
//! Start reading at [`account`], then [`transaction`], then [`book`], then [`interest`].

pub mod account;
pub mod book;
pub mod hold;
pub mod interest;
pub mod transaction;
pub mod trial;

pub use account::{Account, AccountKind, AccountStatus, Balance, Side};
pub use book::{Book, Entry};
pub use hold::{Hold, HoldState};
pub use interest::{Accrual, DayCount, Rate};
pub use transaction::{Booking, Posting, Transaction};
pub use trial::Trial;
