//! See `pano_store::bank`. Parties and accounts in [`account`], transactions and holds in [`ledger`], payments in
//! [`payment`], idempotency keys and checks of the books in [`check`].

mod account;
mod check;
mod ledger;
mod payment;

use crate::Result;
use crate::executor::Unit;
use crate::row::Row;
use pano_ledger::{AccountKind, Hold, Transaction};
use pano_store::BankRepository;
use pano_store::bank::{
    AccountFilter, AccountStatus, Answer, BankAccount, Claim, Discrepancy, Entry, EntryFilter, Party, PartyKind,
    Payment, PaymentState, Posted, Purpose, Standing,
};
use pano_types::id::{AccountId, HoldId, PartyId, PaymentId};
use pano_types::{Currency, Date, Instant, Page, PageRequest};

/// A day out of a BIGINT column.
fn day(row: &Row, column: &str) -> Result<Date> {
    Date::from_unix_days(row.number(column)?).ok_or_else(|| row.corrupt(column, "not a day"))
}

#[async_trait::async_trait]
impl BankRepository for Unit {
    async fn bank_party_add(&mut self, party: &Party) -> Result<()> {
        account::party_add(self, party).await
    }
    async fn bank_party(&mut self, id: PartyId) -> Result<Option<Party>> {
        account::party(self, id).await
    }
    async fn bank_party_list(&mut self, kind: Option<PartyKind>, page: &PageRequest) -> Result<Page<Party>> {
        account::party_list(self, kind, page).await
    }
    async fn bank_account_add(&mut self, new: &BankAccount) -> Result<()> {
        account::add(self, new).await
    }
    async fn bank_account(&mut self, id: AccountId) -> Result<Option<Standing>> {
        account::one(self, id).await
    }
    async fn bank_account_numbered(&mut self, number: &str) -> Result<Option<Standing>> {
        account::numbered(self, number).await
    }
    async fn bank_account_own(&mut self, purpose: Purpose, currency: Currency) -> Result<Option<Standing>> {
        account::own(self, purpose, currency).await
    }
    async fn bank_account_list(&mut self, filter: &AccountFilter, page: &PageRequest) -> Result<Page<Standing>> {
        account::list(self, filter, page).await
    }
    async fn bank_account_lock(&mut self, ids: &[AccountId]) -> Result<Vec<Standing>> {
        account::lock(self, ids).await
    }
    async fn bank_account_status_set(&mut self, id: AccountId, status: AccountStatus) -> Result<()> {
        account::status_set(self, id, status).await
    }
    async fn bank_transaction_post(&mut self, transaction: &Transaction) -> Result<Posted> {
        ledger::post(self, transaction, None).await
    }
    async fn bank_transaction_capture(&mut self, hold: HoldId, transaction: &Transaction) -> Result<Posted> {
        ledger::capture(self, hold, transaction).await
    }
    async fn bank_entry_list(
        &mut self,
        account: AccountId,
        filter: &EntryFilter,
        page: &PageRequest,
    ) -> Result<Page<Entry>> {
        ledger::entry_list(self, account, filter, page).await
    }
    async fn bank_entry(&mut self, account: AccountId, seq: u64) -> Result<Option<Entry>> {
        ledger::entry(self, account, seq).await
    }
    async fn bank_hold_place(&mut self, hold: &Hold) -> Result<Posted> {
        ledger::hold_place(self, hold).await
    }
    async fn bank_hold(&mut self, id: HoldId) -> Result<Option<Hold>> {
        ledger::hold(self, id).await
    }
    async fn bank_hold_release(&mut self, id: HoldId, at: Instant) -> Result<bool> {
        ledger::hold_release(self, id, at).await
    }
    async fn bank_payment_add(&mut self, new: &Payment) -> Result<()> {
        payment::add(self, new).await
    }
    async fn bank_payment(&mut self, id: PaymentId) -> Result<Option<Payment>> {
        payment::one(self, id).await
    }
    async fn bank_payment_finish(&mut self, id: PaymentId, state: &PaymentState) -> Result<bool> {
        payment::finish(self, id, state).await
    }
    async fn bank_payment_list(
        &mut self,
        app: &str,
        debtor: Option<AccountId>,
        page: &PageRequest,
    ) -> Result<Page<Payment>> {
        payment::list(self, app, debtor, page).await
    }
    async fn bank_payment_waiting(&mut self, limit: u32) -> Result<Vec<Payment>> {
        payment::waiting(self, limit).await
    }
    async fn bank_payment_day_total(&mut self, debtor: AccountId, day: Date) -> Result<i64> {
        payment::day_total(self, debtor, day).await
    }
    async fn bank_idempotency_claim(&mut self, app: &str, key: &str, fingerprint: &str, now: Instant) -> Result<Claim> {
        check::claim(self, app, key, fingerprint, now).await
    }
    async fn bank_idempotency_answer(&mut self, app: &str, key: &str, answer: &Answer) -> Result<()> {
        check::answer(self, app, key, answer).await
    }
    async fn bank_idempotency_prune(&mut self, before: Instant, limit: u32) -> Result<u64> {
        check::prune(self, before, limit).await
    }
    async fn bank_trial(&mut self) -> Result<Vec<(AccountKind, Currency, i64)>> {
        check::trial(self).await
    }
    async fn bank_discrepancies(&mut self) -> Result<Vec<Discrepancy>> {
        check::discrepancies(self).await
    }
}
