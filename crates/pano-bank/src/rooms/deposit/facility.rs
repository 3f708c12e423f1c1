//! Deposits: opened, withdrawn from, matured.

use super::terms::Product;
use crate::BANK_ZONE;
use crate::call::{Call, Refusal};
use crate::model::account::Purpose;
use crate::model::limit::{Counts, Note};
use crate::rooms::desk::{BY_PARTY, owner, payer, refused_now};
use crate::seed::Seeding;
use crate::world::Entity;
use pano_ledger::{AccountStatus, Posting, Rate};
use pano_types::id::{AccountId, DepositId, PartyId, TransactionId};
use pano_types::{Code, Currency, Date, Instant, Money};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Name of the job that ends a deposit on the day it matures.
pub(crate) const MATURE: &str = "mature deposit";

/// What happens at maturity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Rollover {
    None,
    Principal,
    PrincipalAndInterest,
}

/// Where a deposit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Status {
    Open,
    Matured,
    Withdrawn,
}

/// An early withdrawal.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Withdrawal {
    pub(super) on: Date,
    pub(super) principal_minor: i64,
    pub(super) interest_minor: i64,
    pub(super) remaining_minor: i64,
    pub(super) transaction: TransactionId,
}

/// A term deposit. Its rate is that of the day it was opened.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Deposit {
    pub(super) id: DepositId,
    pub(super) party: PartyId,
    pub(super) account: AccountId,
    pub(super) status: Status,
    pub(super) currency: Currency,
    months: u32,
    rate_ppm: i64,
    /// What is left of it.
    pub(super) principal_minor: i64,
    pub(super) value: Date,
    pub(super) rollover: Rollover,
    #[serde(default)]
    pub(super) withdrawals: Vec<Withdrawal>,
    #[serde(default)]
    pub(super) interest_paid_minor: Option<i64>,
    #[serde(default)]
    pub(super) rolled_from: Option<DepositId>,
    #[serde(default)]
    pub(super) rolled_into: Option<DepositId>,
    pub(super) opened_at: Instant,
    #[serde(default)]
    pub(super) closed_on: Option<Date>,
}

impl Deposit {
    /// Its terms.
    pub(super) const fn product(&self) -> Product {
        Product { currency: self.currency, months: self.months, rate: Rate::from_ppm(self.rate_ppm) }
    }
}

impl Entity for Deposit {
    const KIND: &'static str = "deposit";
    type Id = DepositId;
    fn id(&self) -> DepositId {
        self.id
    }
    fn index(&self, put: &mut dyn FnMut(&'static str, String)) {
        put(BY_PARTY, self.party.to_string());
    }
}

/// Moves `amount` from an account into a deposit that bears interest from today.
pub(super) fn open(
    call: &mut Call<'_>,
    product: &Product,
    account: AccountId,
    amount: Money,
    rollover: Rollover,
) -> Result<Deposit, Refusal> {
    let party = owner(&payer(call, account, "/accountId")?)?;
    let id = call.id(DepositId::new);
    let pool = call.own(Purpose::TermDeposits, product.currency)?;
    let note = Note { narrative: "转存定期 Into a term deposit", about: &id.to_string(), at: "/accountId" };
    call.take(account, pool, amount, Counts::Class, note)?;
    let deposit = begun(call, id, product, (party, account), amount.minor(), rollover, call.today());
    keep(call, &deposit);
    call.event(
        "bank.deposit.opened",
        id,
        json!({ "productCode": product.code(), "maturityDate": product.maturity(deposit.value) }),
    );
    Ok(deposit)
}

fn begun(
    call: &Call<'_>,
    id: DepositId,
    product: &Product,
    (party, account): (PartyId, AccountId),
    principal_minor: i64,
    rollover: Rollover,
    value: Date,
) -> Deposit {
    Deposit {
        id,
        party,
        account,
        status: Status::Open,
        currency: product.currency,
        months: product.months,
        rate_ppm: product.rate.ppm(),
        principal_minor,
        value,
        rollover,
        withdrawals: Vec::new(),
        interest_paid_minor: None,
        rolled_from: None,
        rolled_into: None,
        opened_at: call.now(),
        closed_on: None,
    }
}

/// Keeps a deposit that begins, and has it ended when its day has come.
fn keep(call: &mut Call<'_>, deposit: &Deposit) {
    call.world.schedule(deposit.product().maturity(deposit.value).start(BANK_ZONE), MATURE, deposit.id);
    call.world.put(deposit.clone());
}

/// Pays out all or part of an open deposit before it matures.
pub(super) fn withdraw(call: &mut Call<'_>, mut deposit: Deposit, minor: i64) -> Result<Withdrawal, Refusal> {
    let product = deposit.product();
    let remaining = deposit.principal_minor - minor;
    if remaining < 0 {
        return Err(Refusal::from(Code::InsufficientFunds).at("/amount/amount", "is more than the deposit holds"));
    }
    if remaining > 0 && !deposit.withdrawals.is_empty() {
        return Err(refused_now(
            "a part was withdrawn before; the rest only as a whole",
            "已部分提前支取一次，余额只能全部支取",
        ));
    }
    if remaining > 0 && remaining < product.minimum().minor() {
        let reason = format!("must leave at least {} or nothing", product.minimum());
        return Err(Refusal::from(Code::AmountInvalid).at("/amount/amount", reason));
    }
    let today = call.today();
    let interest = product.early(minor, deposit.value, today);
    let transaction = pay(call, &deposit, minor, interest, "提前支取 Early withdrawal")?;
    deposit.principal_minor = remaining;
    let line = Withdrawal {
        on: today,
        principal_minor: minor,
        interest_minor: interest,
        remaining_minor: remaining,
        transaction,
    };
    deposit.withdrawals.push(line.clone());
    if remaining == 0 {
        deposit.status = Status::Withdrawn;
        deposit.closed_on = Some(today);
    }
    let id = deposit.id;
    call.world.put(deposit);
    call.event("bank.deposit.withdrawn", id, json!({ "whole": remaining == 0 }));
    Ok(line)
}

/// Principal and interest onto the customer's account.
fn pay(
    call: &mut Call<'_>,
    deposit: &Deposit,
    principal_minor: i64,
    interest_minor: i64,
    narrative: &str,
) -> Result<TransactionId, Refusal> {
    let of = |minor| Money::new(minor, deposit.currency);
    let pool = call.own(Purpose::TermDeposits, deposit.currency)?;
    let mut postings = vec![Posting::credit(deposit.account, of(principal_minor + interest_minor))];
    if principal_minor > 0 {
        postings.push(Posting::debit(pool, of(principal_minor)));
    }
    if interest_minor > 0 {
        let expense = call.own(Purpose::InterestExpense, deposit.currency)?;
        postings.push(Posting::debit(expense, of(interest_minor)));
    }
    call.post(narrative, deposit.id, postings)
}

/// On the day it matures: an open deposit is paid out or rolled over.
pub(crate) fn mature(call: &mut Call<'_>, subject: &str) -> Result<(), Refusal> {
    let id: DepositId = subject.parse().map_err(Refusal::broken)?;
    let open = call.world.get::<Deposit>(&id).filter(|deposit| deposit.status == Status::Open);
    let Some(deposit) = open.cloned() else { return Ok(()) };
    let day = deposit.product().maturity(deposit.value);
    end(call, deposit, day)
}

fn end(call: &mut Call<'_>, mut deposit: Deposit, day: Date) -> Result<(), Refusal> {
    let product = deposit.product();
    let interest = product
        .at_maturity(deposit.principal_minor, product.rate, deposit.value)
        .ok_or_else(|| Refusal::broken("interest out of range"))?;
    // A closed account takes nothing in: then the money stays in the deposit, term after term.
    let is_closed =
        call.world.standing(deposit.account).is_none_or(|account| account.ledger.status == AccountStatus::Closed);
    let rollover = if is_closed { Rollover::PrincipalAndInterest } else { deposit.rollover };
    let again = match rollover {
        Rollover::None => {
            pay(call, &deposit, deposit.principal_minor, interest, "定期到期 Term deposit matured")?;
            None
        }
        Rollover::Principal => {
            if interest > 0 {
                pay(call, &deposit, 0, interest, "定期到期利息 Interest of a term deposit")?;
            }
            Some(deposit.principal_minor)
        }
        Rollover::PrincipalAndInterest => {
            if interest > 0 {
                let expense = call.own(Purpose::InterestExpense, deposit.currency)?;
                let pool = call.own(Purpose::TermDeposits, deposit.currency)?;
                call.transfer(
                    expense,
                    pool,
                    Money::new(interest, deposit.currency),
                    "利息转存 Interest rolled over",
                    deposit.id,
                )?;
            }
            Some(deposit.principal_minor + interest)
        }
    };
    deposit.rolled_into = again.map(|principal| {
        let id = call.id(DepositId::new);
        // The new term has the rate of its own first day.
        let today = Product::find(&product.code()).unwrap_or(product);
        let mut next = begun(call, id, &today, (deposit.party, deposit.account), principal, deposit.rollover, day);
        next.rolled_from = Some(deposit.id);
        keep(call, &next);
        id
    });
    deposit.interest_paid_minor = Some(interest);
    deposit.principal_minor = 0;
    deposit.status = Status::Matured;
    deposit.closed_on = Some(day);
    let (id, into) = (deposit.id, deposit.rolled_into);
    call.world.put(deposit);
    call.event("bank.deposit.matured", id, json!({ "rolledInto": into }));
    Ok(())
}

/// A customer with money to spare begins with a deposit that runs.
pub(super) fn seed(seeding: &mut Seeding<'_>) -> Result<(), Refusal> {
    let call = &mut seeding.call;
    let rich = call.world.customers_accounts().filter(|standing| {
        standing.account.purpose == Purpose::Current
            && standing.ledger.status == AccountStatus::Open
            && standing.ledger.currency == Currency::CNY
            && standing.spendable().minor() >= 10_000_000
            && standing.account.owner.is_some_and(|owner| call.world.identity_verified(owner).is_ok())
    });
    let rich: Vec<_> = rich.map(|standing| standing.account.id).take(2).collect();
    let product = Product::find("TD-CNY-12M").ok_or_else(|| Refusal::broken("the product of the seed is gone"))?;
    for account in rich {
        open(call, &product, account, Money::new(2_000_000, Currency::CNY), Rollover::Principal)?;
    }
    Ok(())
}
