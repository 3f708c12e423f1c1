//! The sandbox bank: parties, accounts, postings, holds, payments, idempotency keys.
//!
//! Refusals that a customer can cause (too little money, an id used twice) are values, not errors: [`Posted::Refused`].
//! A refused unit may have changed some of the accounts before it was refused: drop it, never save it.
//!
//! Balances change by conditional updates that refuse to pass an account's floor, and accounts are touched in the order of
//! their ids, so that neither two writers at once nor a deadlock can break a rule of `pano-ledger`.

mod account;
mod payment;
mod record;

pub use account::{AccountFilter, AccountStatus, BankAccount, Limits, Party, PartyKind, Purpose, Standing};
pub use payment::{Clearing, Counterparty, Payment, PaymentKind, PaymentState};
pub use record::{Answer, Claim, Discrepancy, Entry, EntryFilter, Posted, Refusal};

use crate::Result;
use pano_ledger::{AccountKind, Hold, Transaction};
use pano_types::id::{AccountId, HoldId, PartyId, PaymentId};
use pano_types::{Currency, Date, Instant, Page, PageRequest};

/// The sandbox bank's data. Every list is ordered by id, but where it says otherwise.
#[async_trait::async_trait]
pub trait BankRepository: Send {
    /// Adds a party.
    async fn bank_party_add(&mut self, party: &Party) -> Result<()>;
    /// One party.
    async fn bank_party(&mut self, id: PartyId) -> Result<Option<Party>>;
    /// Parties, of one kind if wanted.
    async fn bank_party_list(&mut self, kind: Option<PartyKind>, page: &PageRequest) -> Result<Page<Party>>;

    /// Opens an account with nothing on it.
    async fn bank_account_add(&mut self, account: &BankAccount) -> Result<()>;
    /// One account and where it stands.
    async fn bank_account(&mut self, id: AccountId) -> Result<Option<Standing>>;
    /// The account with this number.
    async fn bank_account_numbered(&mut self, number: &str) -> Result<Option<Standing>>;
    /// The bank's own account for a purpose in a currency.
    async fn bank_account_own(&mut self, purpose: Purpose, currency: Currency) -> Result<Option<Standing>>;
    /// Customers' accounts.
    async fn bank_account_list(&mut self, filter: &AccountFilter, page: &PageRequest) -> Result<Page<Standing>>;
    /// Reads these accounts and keeps everyone else from changing them until the unit ends. Locks in the order of the ids,
    /// whatever the order given; returns in that order, leaving out what does not exist.
    async fn bank_account_lock(&mut self, ids: &[AccountId]) -> Result<Vec<Standing>>;
    /// Opens, freezes or closes an account.
    async fn bank_account_status_set(&mut self, id: AccountId, status: AccountStatus) -> Result<()>;

    /// Books a transaction, whole or not at all.
    async fn bank_transaction_post(&mut self, transaction: &Transaction) -> Result<Posted>;
    /// Books a transaction against a hold, which ends.
    async fn bank_transaction_capture(&mut self, hold: HoldId, transaction: &Transaction) -> Result<Posted>;
    /// An account's entries, newest first.
    async fn bank_entry_list(
        &mut self,
        account: AccountId,
        filter: &EntryFilter,
        page: &PageRequest,
    ) -> Result<Page<Entry>>;
    /// One entry of an account.
    async fn bank_entry(&mut self, account: AccountId, seq: u64) -> Result<Option<Entry>>;

    /// Sets an amount aside. [`Posted::Booked`] with no running balances when done.
    async fn bank_hold_place(&mut self, hold: &Hold) -> Result<Posted>;
    /// One hold.
    async fn bank_hold(&mut self, id: HoldId) -> Result<Option<Hold>>;
    /// Gives an amount back; whether it was still held.
    async fn bank_hold_release(&mut self, id: HoldId, at: Instant) -> Result<bool>;

    /// Adds a payment.
    async fn bank_payment_add(&mut self, payment: &Payment) -> Result<()>;
    /// One payment.
    async fn bank_payment(&mut self, id: PaymentId) -> Result<Option<Payment>>;
    /// Moves a payment on from [`PaymentState::Accepted`]; whether it still stood there.
    async fn bank_payment_finish(&mut self, id: PaymentId, state: &PaymentState) -> Result<bool>;
    /// Payments of an app, newest first.
    async fn bank_payment_list(
        &mut self,
        app: &str,
        debtor: Option<AccountId>,
        page: &PageRequest,
    ) -> Result<Page<Payment>>;
    /// Payments that wait for the clearing run, oldest first.
    async fn bank_payment_waiting(&mut self, limit: u32) -> Result<Vec<Payment>>;
    /// What left an account by payments on a day, minor units; rejected payments do not count. Exact only while the
    /// account is locked.
    async fn bank_payment_day_total(&mut self, debtor: AccountId, day: Date) -> Result<i64>;

    /// Claims an idempotency key for a request, in the transaction that carries the request out.
    async fn bank_idempotency_claim(&mut self, app: &str, key: &str, fingerprint: &str, now: Instant) -> Result<Claim>;
    /// Stores the answer for replays.
    async fn bank_idempotency_answer(&mut self, app: &str, key: &str, answer: &Answer) -> Result<()>;
    /// Forgets up to `limit` keys from before; how many.
    async fn bank_idempotency_prune(&mut self, before: Instant, limit: u32) -> Result<u64>;

    /// Booked balances summed per kind and currency: the rows of a trial balance.
    async fn bank_trial(&mut self) -> Result<Vec<(AccountKind, Currency, i64)>>;
    /// Accounts whose balances differ from their postings and holds, at most 100. There must be none.
    async fn bank_discrepancies(&mut self) -> Result<Vec<Discrepancy>>;
}
