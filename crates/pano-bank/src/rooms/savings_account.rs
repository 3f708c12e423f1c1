//! Savings Account: demand savings that bear interest, paid in each quarter.

mod interest;

pub(crate) use interest::{Savings, accrue};

use super::current_account::{free_number, person};
use super::{Room, get, post};
use crate::call::{Answer, Call, Input, Refusal};
use crate::document::Document;
use crate::model::account::{BankAccount, Limits, Purpose, Standing};
use crate::model::class::AccountClass;
use crate::model::limit::Counts;
use crate::rooms::current_account::{AccountTransaction, EntryFilter};
use crate::seed::Seeding;
use crate::wire::{Listed, Money};
use crate::world::Kind;
use pano_ledger::{AccountStatus, Entry};
use pano_types::id::{AccountId, PartyId, TransactionId};
use pano_types::{Code, Currency, Date, Instant, Localized};
use serde::{Deserialize, Serialize};
use serde_json::json;

pub(crate) const ROOM: Room = Room {
    document: Document::new("savings-account", include_str!("../../openapi/savings-account.yaml")),
    operations: &[
        get("/savings-accounts", "listSavingsAccounts", list),
        post("/savings-accounts", "initiateSavingsAccount", open).keyed(),
        get("/savings-accounts/{savingsAccountId}", "retrieveSavingsAccount", retrieve),
        post("/savings-accounts/{savingsAccountId}/deposits", "initiateSavingsDeposit", deposit).keyed(),
        post("/savings-accounts/{savingsAccountId}/withdrawals", "initiateSavingsWithdrawal", withdraw).keyed(),
        get("/savings-accounts/{savingsAccountId}/interest", "retrieveSavingsInterest", interest::retrieve),
        get("/savings-accounts/{savingsAccountId}/transactions", "listSavingsTransactions", transactions),
    ],
    kinds: &[Kind::of::<Savings>()],
    seed: Some(seed),
};

const LIST: &str = "savings";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ListQuery {
    owner_party_id: Option<PartyId>,
    currency: Option<Currency>,
    cursor: Option<String>,
    limit: Option<u32>,
}

fn list(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: ListQuery = input.query()?;
    let page = Input::page(LIST, query.cursor.as_deref(), query.limit)?;
    let accounts = call.world.all::<Savings>().filter_map(|savings| call.world.customers(savings.account));
    let wanted = accounts.filter(|standing| {
        query.owner_party_id.is_none_or(|owner| standing.account.owner == Some(owner))
            && query.currency.is_none_or(|currency| standing.ledger.currency == currency)
    });
    Answer::ok(&Listed::ascending(LIST, &page, wanted, |s| s.account.id.to_string(), SavingsAccount::from))
}

fn retrieve(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    Answer::ok(&SavingsAccount::from(named(call, input)?))
}

/// The savings account that the path names.
fn named<'c>(call: &'c Call<'_>, input: &Input) -> Result<Standing<'c>, Refusal> {
    let id: AccountId = input.id("savingsAccountId", Code::AccountNotFound)?;
    let found = call.world.get::<Savings>(&id).and_then(|savings| call.world.customers(savings.account));
    found.ok_or_else(|| Code::AccountNotFound.into())
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct OpenRequest {
    owner_party_id: PartyId,
    currency: Currency,
    opening_deposit: Option<MovementRequest>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct MovementRequest {
    current_account_id: AccountId,
    amount: Money,
}

fn open(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let body: OpenRequest = input.body()?;
    let owner = person(call, body.owner_party_id)?;
    call.world.identity_verified(owner)?;
    if interest::rate(body.currency).is_none() {
        return Err(Refusal::from(Code::CurrencyMismatch)
            .at("/currency", ("savings are not offered in it", "该币种不提供储蓄账户")));
    }
    let held = |s: Standing<'_>| s.account.owner == Some(owner) && s.ledger.currency == body.currency;
    if call.world.all::<Savings>().filter_map(|savings| call.world.customers(savings.account)).any(held) {
        let refusal =
            Refusal::from(Code::Conflict).at("/currency", ("there is a savings account in it", "该币种已有储蓄账户"));
        return Err(refusal.detail("one savings account in each currency", "每位客户每个币种限开一个储蓄账户"));
    }
    let id = open_for(call, owner, body.currency)?;
    if let Some(first) = body.opening_deposit {
        let from = (first.current_account_id, "/openingDeposit/currentAccountId");
        moved(call, id, from, &first.amount, "/openingDeposit/amount", Direction::Deposit)?;
    }
    call.event("bank.savings.opened", id, json!({ "savingsAccountId": id }));
    let standing = call.world.customers(id).ok_or_else(|| Refusal::broken("the account just opened is gone"))?;
    Answer::created(format!("savings-accounts/{id}"), &SavingsAccount::from(standing))
}

fn open_for(call: &mut Call<'_>, owner: PartyId, currency: Currency) -> Result<AccountId, Refusal> {
    let (id, today) = (call.id(AccountId::new), call.today());
    let account = BankAccount {
        id,
        purpose: Purpose::Savings,
        number: free_number(call)?,
        name: Localized::new("活期储蓄账户", "Savings account"),
        owner: Some(owner),
        class: AccountClass::I,
        bound_to: None,
        limits: Limits::default(),
        opened_on: today,
    };
    call.open(account, currency, Some(0))?;
    call.world.put(Savings::opened(id, today));
    Ok(id)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
enum Direction {
    Deposit,
    Withdrawal,
}

fn deposit(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    movement(call, input, Direction::Deposit)
}

fn withdraw(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    movement(call, input, Direction::Withdrawal)
}

fn movement(call: &mut Call<'_>, input: &Input, direction: Direction) -> Result<Answer, Refusal> {
    let body: MovementRequest = input.body()?;
    let savings = named(call, input)?.account.id;
    let current = (body.current_account_id, "/currentAccountId");
    let by = moved(call, savings, current, &body.amount, "/amount", direction)?;
    call.event("bank.savings.moved", savings, json!({ "savingsAccountId": savings, "direction": direction }));
    let standing = call.world.customers(savings).ok_or(Code::AccountNotFound)?;
    Answer::json(
        201,
        &SavingsMovement {
            transaction_id: by,
            savings_account_id: savings,
            current_account_id: body.current_account_id,
            direction,
            amount: body.amount,
            balance_after: standing.booked().into(),
            booked_at: call.now(),
            value_date: call.today(),
        },
    )
}

/// Moves money between a savings account and a current account of the same owner.
fn moved(
    call: &mut Call<'_>,
    savings: AccountId,
    current: (AccountId, &str),
    amount: &Money,
    at: &str,
    direction: Direction,
) -> Result<TransactionId, Refusal> {
    let amount = amount.positive(at)?;
    let owner = call.world.payable(savings, "")?.account.owner;
    if call.world.current(current.0, current.1)?.account.owner != owner {
        return Err(Refusal::from(Code::AccountNotFound)
            .at(current.1, ("names no current account of the same owner", "没有同一客户的对应活期账户")));
    }
    let (from, to, narrative) = match direction {
        Direction::Deposit => (current, (savings, "/savingsAccountId"), "存入储蓄 To savings"),
        Direction::Withdrawal => ((savings, "/savingsAccountId"), current, "储蓄支取 From savings"),
    };
    call.between(from, to, amount, Counts::Class, narrative.to_owned(), &savings.to_string())
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct EntryQuery {
    from_date: Option<Date>,
    to_date: Option<Date>,
    cursor: Option<String>,
    limit: Option<u32>,
}

fn transactions(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: EntryQuery = input.query()?;
    let list = format!("{LIST}/{}", input.path("savingsAccountId"));
    let page = Input::page(&list, query.cursor.as_deref(), query.limit)?;
    let account = named(call, input)?.account.id;
    let filter = EntryFilter::days(query.from_date, query.to_date)?;
    let entries = call.world.book().entries(account).rev().filter(|entry| filter.admits(entry));
    let key = |entry: &Entry<'_>| format!("{:012}", entry.seq);
    Answer::ok(&Listed::descending(&list, &page, entries, key, AccountTransaction::from))
}

/// Every other person who has enough begins with savings.
fn seed(seeding: &mut Seeding<'_>) -> Result<(), Refusal> {
    let call = &mut seeding.call;
    let rich = call.world.customers_accounts().filter(|standing| {
        let account = standing.account;
        account.purpose == Purpose::Current
            && account.class == AccountClass::I
            && standing.ledger.status == AccountStatus::Open
            && standing.ledger.currency == Currency::CNY
            && standing.spendable().minor() >= 10_000_000
    });
    let chosen: Vec<_> = rich.filter_map(|standing| Some((standing.account.id, standing.account.owner?))).collect();
    for (current, owner) in chosen {
        let savings = open_for(call, owner, Currency::CNY)?;
        let amount = pano_types::Money::new(2_000_000, Currency::CNY);
        call.between(
            (current, ""),
            (savings, ""),
            amount,
            Counts::Nothing,
            "存入储蓄 To savings".to_owned(),
            &savings.to_string(),
        )?;
    }
    Ok(())
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SavingsAccount {
    savings_account_id: AccountId,
    account_number: String,
    name: Localized,
    currency: Currency,
    status: &'static str,
    owner_party_id: Option<PartyId>,
    opened_on: Date,
    balance: Money,
    available: Money,
}

impl From<Standing<'_>> for SavingsAccount {
    fn from(standing: Standing<'_>) -> Self {
        Self {
            savings_account_id: standing.account.id,
            account_number: standing.account.number.clone(),
            name: standing.account.name.clone(),
            currency: standing.ledger.currency,
            status: match standing.ledger.status {
                AccountStatus::Open => "OPEN",
                AccountStatus::Frozen => "FROZEN",
                AccountStatus::Closed => "CLOSED",
            },
            owner_party_id: standing.account.owner,
            opened_on: standing.account.opened_on,
            balance: standing.booked().into(),
            available: standing.spendable().into(),
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SavingsMovement {
    transaction_id: TransactionId,
    savings_account_id: AccountId,
    current_account_id: AccountId,
    direction: Direction,
    amount: Money,
    balance_after: Money,
    booked_at: Instant,
    value_date: Date,
}
