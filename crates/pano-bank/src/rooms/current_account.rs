//! Current Account: accounts, balances, entries.

mod holds;
mod limits;
mod open;
mod statement;
mod wire;

pub(crate) use holds::{EXPIRE, expire};
pub(crate) use open::{free_number, person};
pub(crate) use wire::AccountTransaction;

use super::{Room, get, post, put};
use crate::BANK_ZONE;
use crate::call::{Answer, Call, Input, Refusal};
use crate::document::Document;
use crate::model::account::{Purpose, Standing};
use crate::wire::{Listed, amount};
use crate::world::Kind;
use pano_ledger::{Entry, Side};
use pano_types::id::{AccountId, PartyId};
use pano_types::{Code, Currency, Date, Instant};
use serde::Deserialize;
use wire::{Account, Balances};

pub(crate) const ROOM: Room = Room {
    document: Document::new("current-account", include_str!("../../openapi/current-account.yaml")),
    operations: &[
        get("/accounts", "listAccounts", list),
        get("/accounts/{accountId}", "retrieveAccount", retrieve),
        get("/accounts/{accountId}/balances", "retrieveAccountBalances", balances),
        get("/accounts/{accountId}/transactions", "listAccountTransactions", transactions),
        get("/accounts/{accountId}/transactions/{entryNumber}", "retrieveAccountTransaction", transaction),
        post("/accounts", "initiateAccount", open::open).keyed(),
        get("/accounts/{accountId}/limits", "retrieveAccountLimits", limits::retrieve),
        put("/accounts/{accountId}/limits", "updateAccountLimits", limits::update).keyed(),
        get("/accounts/{accountId}/statements", "listAccountStatements", statement::list),
        get("/accounts/{accountId}/statements/{statementId}", "retrieveAccountStatement", statement::retrieve),
        get("/accounts/{accountId}/statements/{statementId}/camt-053", "exportAccountStatement", statement::export),
        get("/accounts/{accountId}/holds", "listAmountBlocks", holds::list),
        post("/accounts/{accountId}/holds", "initiateAmountBlock", holds::initiate).keyed(),
        post("/accounts/{accountId}/holds/{holdId}/release", "releaseAmountBlock", holds::release).keyed(),
    ],
    kinds: &[Kind::of::<holds::Block>()],
    seed: None,
};

const LIST: &str = "accounts";

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
    let wanted = |standing: &Standing<'_>| {
        standing.account.purpose == Purpose::Current
            && query.owner_party_id.is_none_or(|owner| standing.account.owner == Some(owner))
            && query.currency.is_none_or(|currency| standing.ledger.currency == currency)
    };
    let accounts = call.world.customers_accounts().filter(wanted);
    Answer::ok(&Listed::ascending(LIST, &page, accounts, |s| s.account.id.to_string(), Account::from))
}

fn retrieve(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    Answer::ok(&Account::from(customers(call, input)?))
}

fn balances(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let standing = customers(call, input)?;
    Answer::ok(&Balances::new(&standing, call.now()))
}

/// The customer's current account that the path names.
fn customers<'c>(call: &'c Call<'_>, input: &Input) -> Result<Standing<'c>, Refusal> {
    let id: AccountId = input.id("accountId", Code::AccountNotFound)?;
    let found = call.world.customers(id).filter(|standing| standing.account.purpose == Purpose::Current);
    found.ok_or_else(|| Code::AccountNotFound.into())
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct EntryQuery {
    from_date: Option<Date>,
    to_date: Option<Date>,
    credit_debit_indicator: Option<CreditDebit>,
    min_amount: Option<String>,
    max_amount: Option<String>,
    cursor: Option<String>,
    limit: Option<u32>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum CreditDebit {
    Crdt,
    Dbit,
}

/// Which entries.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct EntryFilter {
    from: Option<Instant>,
    until: Option<Instant>,
    side: Option<Side>,
    min_minor: Option<i64>,
    max_minor: Option<i64>,
}

impl EntryFilter {
    /// Entries booked on these days, both ends included.
    pub(crate) fn days(from: Option<Date>, to: Option<Date>) -> Result<Self, Refusal> {
        if from.zip(to).is_some_and(|(from, to)| from > to) {
            return Err(
                Refusal::from(Code::RequestInvalid).at("toDate", ("must not be before fromDate", "不得早于 fromDate"))
            );
        }
        let from = from.map(|day| day.start(BANK_ZONE));
        Ok(Self { from, until: to.map(|day| day.plus_days(1).start(BANK_ZONE)), ..Self::default() })
    }

    pub(crate) fn admits(&self, entry: &Entry<'_>) -> bool {
        let (at, minor) = (entry.transaction.booked_at(), entry.posting.amount().minor());
        self.from.is_none_or(|from| at >= from)
            && self.until.is_none_or(|until| at < until)
            && self.side.is_none_or(|side| entry.posting.side() == side)
            && self.min_minor.is_none_or(|min| minor >= min)
            && self.max_minor.is_none_or(|max| minor <= max)
    }
}

impl EntryQuery {
    fn filter(&self, currency: Currency) -> Result<EntryFilter, Refusal> {
        let minor = |text: &Option<String>, at: &str| {
            text.as_deref().map(|text| amount(text, currency, at).map(pano_types::Money::minor)).transpose()
        };
        Ok(EntryFilter {
            side: self.credit_debit_indicator.map(|side| match side {
                CreditDebit::Crdt => Side::Credit,
                CreditDebit::Dbit => Side::Debit,
            }),
            min_minor: minor(&self.min_amount, "minAmount")?,
            max_minor: minor(&self.max_amount, "maxAmount")?,
            ..EntryFilter::days(self.from_date, self.to_date)?
        })
    }
}

fn transactions(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: EntryQuery = input.query()?;
    // The cursor belongs to one account: on another it would mean another place.
    let list = format!("transactions/{}", input.path("accountId"));
    let page = Input::page(&list, query.cursor.as_deref(), query.limit)?;
    let account = customers(call, input)?.ledger;
    let filter = query.filter(account.currency)?;
    // The page before ended at this number: what is newer need not be looked at again.
    let below = page.after().map_or(Ok(u64::MAX), str::parse).map_err(|_| Code::CursorInvalid)?;
    let entries = call.world.book().entries_below(account.id, below).rev().filter(|entry| filter.admits(entry));
    let key = |entry: &Entry<'_>| format!("{:012}", entry.seq);
    Answer::ok(&Listed::descending(&list, &page, entries, key, AccountTransaction::from))
}

fn transaction(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let account = customers(call, input)?.ledger.id;
    let seq: u64 = input.id("entryNumber", Code::NotFound)?;
    let entry = call.world.book().entry(account, seq).ok_or(Code::NotFound)?;
    Answer::ok(&AccountTransaction::from(entry))
}
