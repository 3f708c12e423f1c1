//! Moving money. There is no other way: every booking goes through the ledger's rules, and a refusal is said in the
//! payer's words.

use super::{Call, Refusal};
use crate::model::account::{BankAccount, Purpose};
use pano_ledger::{Account, AccountStatus, Booking, Hold, Posting, Transaction, book};
use pano_types::id::{AccountId, HoldId, TransactionId};
use pano_types::{Currency, Money};

impl Call<'_> {
    /// Books postings today, with value today. `about` is the id of what they are booked for.
    pub(crate) fn post(
        &mut self,
        narrative: impl Into<String>,
        about: impl ToString,
        postings: Vec<Posting>,
    ) -> Result<TransactionId, Refusal> {
        let booking = self.booking(narrative, about);
        self.post_as(booking, postings)
    }

    /// Books postings as `booking` says: for another value or booking date.
    pub(crate) fn post_as(&mut self, booking: Booking, postings: Vec<Posting>) -> Result<TransactionId, Refusal> {
        let transaction = self.transaction(booking, postings)?;
        let id = transaction.id();
        self.world.book_mut().post(transaction)?;
        Ok(id)
    }

    /// Books `amount` from one account to another.
    pub(crate) fn transfer(
        &mut self,
        from: AccountId,
        to: AccountId,
        amount: Money,
        narrative: impl Into<String>,
        about: impl ToString,
    ) -> Result<TransactionId, Refusal> {
        self.post(narrative, about, vec![Posting::debit(from, amount), Posting::credit(to, amount)])
    }

    /// Sets an amount aside.
    pub(crate) fn hold(&mut self, account: AccountId, amount: Money) -> Result<HoldId, Refusal> {
        let id = self.id(HoldId::new);
        let hold = Hold::place(id, account, amount, self.now()).map_err(Refusal::broken)?;
        self.world.book_mut().place(hold)?;
        Ok(id)
    }

    /// Gives a held amount back.
    pub(crate) fn release(&mut self, hold: HoldId) -> Result<(), Refusal> {
        let now = self.now();
        Ok(self.world.book_mut().release(hold, now)?)
    }

    /// Books postings against a hold, which ends.
    pub(crate) fn capture(
        &mut self,
        hold: HoldId,
        narrative: impl Into<String>,
        about: impl ToString,
        postings: Vec<Posting>,
    ) -> Result<TransactionId, Refusal> {
        let booking = self.booking(narrative, about);
        let transaction = self.transaction(booking, postings)?;
        let id = transaction.id();
        self.world.book_mut().capture(hold, transaction)?;
        Ok(id)
    }

    /// A booking of today, to be changed before it is posted.
    pub(crate) fn booking(&self, narrative: impl Into<String>, about: impl ToString) -> Booking {
        let (at, today) = (self.now(), self.today());
        Booking { at, on: today, value: today, narrative: narrative.into(), about: Some(about.to_string()) }
    }

    /// Opens an account in the ledger and as the bank knows it.
    pub(crate) fn open(
        &mut self,
        account: BankAccount,
        currency: Currency,
        floor_minor: Option<i64>,
    ) -> Result<(), Refusal> {
        let (id, kind) = (account.id, account.purpose.kind());
        self.world.book_mut().open(Account { id, kind, currency, floor_minor, status: AccountStatus::Open })?;
        self.world.put(account);
        Ok(())
    }

    /// The bank's own account for a purpose in a currency, opened when it is first needed.
    pub(crate) fn own(&mut self, purpose: Purpose, currency: Currency) -> Result<AccountId, Refusal> {
        if let Some(account) = self.world.own_account(purpose, currency) {
            return Ok(account);
        }
        let id = self.id(AccountId::new);
        let account = BankAccount::own(id, purpose, currency, self.today());
        self.open(account, currency, None)?;
        Ok(id)
    }

    fn transaction(&self, booking: Booking, postings: Vec<Posting>) -> Result<Transaction, Refusal> {
        Transaction::new(self.id(TransactionId::new), booking, postings).map_err(Refusal::broken)
    }
}

impl From<book::Error> for Refusal {
    fn from(error: book::Error) -> Self {
        use pano_ledger::account::BalanceError;
        use pano_types::Code;
        match error {
            book::Error::NoAccount(_) => Code::AccountNotFound.into(),
            book::Error::CurrencyMismatch { account, .. } => Self::from(Code::CurrencyMismatch)
                .detail(format!("the account is kept in {account}"), format!("该账户币种为 {account}")),
            book::Error::NotOpen { .. } => Code::AccountFrozen.into(),
            book::Error::Balance { source: BalanceError::BelowFloor, .. } => Code::InsufficientFunds.into(),
            book::Error::NotEmpty(_) => {
                Self::from(Code::Conflict).detail("the account still holds something", "账户尚有余额或冻结金额")
            }
            // An amount that no account holds; told like any other that cannot be booked.
            book::Error::Balance { source: BalanceError::OutOfRange, .. } => Self::from(Code::AmountInvalid)
                .detail("the amount is more than an account can hold", "金额超出账户可记范围"),
            error @ (book::Error::NoHold(_)
            | book::Error::IdInUse
            | book::Error::Hold(_)
            | book::Error::CaptureMismatch) => Self::broken(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::World;
    use pano_types::{Code, Instant};

    #[test]
    fn what_no_account_can_hold_is_the_callers_doing() {
        let mut world = World::new(Instant::parse("2026-03-02T02:00:00Z").unwrap());
        let mut call = Call::of_the_bank(&mut world, 7);
        let (nostro, suspense) =
            (call.own(Purpose::Nostro, Currency::CNY).unwrap(), call.own(Purpose::Suspense, Currency::CNY).unwrap());
        let all = Money::new(i64::MAX, Currency::CNY);
        call.transfer(nostro, suspense, all, "", "").unwrap();
        let refusal = call.transfer(nostro, suspense, Money::new(1, Currency::CNY), "", "").unwrap_err();
        assert_eq!(refusal.code(), Some(Code::AmountInvalid), "{refusal}");
    }
}
