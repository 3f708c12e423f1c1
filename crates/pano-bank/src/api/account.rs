//! Current Account: accounts, balances, entries.

use crate::caller::Caller;
use crate::failure::Error;
use crate::role::Bank;
use crate::wire::{self, Account, AccountTransaction, Balances, Listed};
use axum::Json;
use axum::extract::State;
use pano_http::{Failure, Path, Query, cursor};
use pano_ledger::Side;
use pano_store::bank::{AccountFilter, EntryFilter, Standing};
use pano_types::id::{AccountId, PartyId};
use pano_types::{Code, Currency, Date, Problem};
use serde::Deserialize;

use crate::order::BANK_ZONE;

const LIST: &str = "accounts";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListQuery {
    owner_party_id: Option<PartyId>,
    currency: Option<Currency>,
    cursor: Option<String>,
    limit: Option<u32>,
}

pub(super) async fn list(
    _: Caller,
    State(bank): State<Bank>,
    Query(query): Query<ListQuery>,
) -> Result<Json<Listed<Account>>, Failure> {
    let page = cursor::request(LIST, query.cursor.as_deref(), query.limit)?;
    let filter = AccountFilter { owner: query.owner_party_id, currency: query.currency, status: None };
    let mut unit = bank.store().read().await.map_err(Error::from)?;
    let accounts = unit.bank_account_list(&filter, &page).await.map_err(Error::from)?;
    Ok(Json(Listed::new(LIST, accounts.map(Account::from))))
}

pub(super) async fn retrieve(
    _: Caller,
    State(bank): State<Bank>,
    Path(id): Path<String>,
) -> Result<Json<Account>, Failure> {
    Ok(Json(customers(&bank, &id).await?.into()))
}

pub(super) async fn balances(
    _: Caller,
    State(bank): State<Bank>,
    Path(id): Path<String>,
) -> Result<Json<Balances>, Failure> {
    let standing = customers(&bank, &id).await?;
    Ok(Json(Balances::new(&standing, bank.clock().now())))
}

/// A customer's account. The bank's own accounts are nobody's business.
async fn customers(bank: &Bank, id: &str) -> Result<Standing, Error> {
    let id: AccountId = id.parse().map_err(|_| Code::AccountNotFound)?;
    let mut unit = bank.store().read().await?;
    let found = unit.bank_account(id).await?;
    Ok(found.filter(|standing| standing.account.owner.is_some()).ok_or(Code::AccountNotFound)?)
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct EntryQuery {
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

impl EntryQuery {
    fn filter(&self, currency: Currency) -> Result<EntryFilter, Problem> {
        if self.from_date.zip(self.to_date).is_some_and(|(from, to)| from > to) {
            return Err(Problem::new(Code::RequestInvalid).error("toDate", "must not be before fromDate"));
        }
        let minor = |text: &Option<String>, at: &str| {
            text.as_deref().map(|text| wire::amount(text, currency, at).map(pano_types::Money::minor)).transpose()
        };
        Ok(EntryFilter {
            from: self.from_date.map(|day| day.start(BANK_ZONE)),
            until: self.to_date.map(|day| day.plus_days(1).start(BANK_ZONE)),
            side: self.credit_debit_indicator.map(|side| match side {
                CreditDebit::Crdt => Side::Credit,
                CreditDebit::Dbit => Side::Debit,
            }),
            min_minor: minor(&self.min_amount, "minAmount")?,
            max_minor: minor(&self.max_amount, "maxAmount")?,
        })
    }
}

pub(super) async fn transactions(
    _: Caller,
    State(bank): State<Bank>,
    Path(id): Path<String>,
    Query(query): Query<EntryQuery>,
) -> Result<Json<Listed<AccountTransaction>>, Failure> {
    // The cursor belongs to one account: on another it would mean another place.
    let list = format!("transactions/{id}");
    let page = cursor::request(&list, query.cursor.as_deref(), query.limit)?;
    let account = customers(&bank, &id).await?.account.ledger;
    let filter = query.filter(account.currency)?;
    let mut unit = bank.store().read().await.map_err(Error::from)?;
    let entries = unit.bank_entry_list(account.id, &filter, &page).await.map_err(Error::from)?;
    Ok(Json(Listed::new(&list, entries.map(AccountTransaction::from))))
}

pub(super) async fn transaction(
    _: Caller,
    State(bank): State<Bank>,
    Path((id, entry)): Path<(String, String)>,
) -> Result<Json<AccountTransaction>, Failure> {
    let account = customers(&bank, &id).await?.account.ledger.id;
    let seq: u64 = entry.parse().map_err(|_| Code::NotFound)?;
    let mut unit = bank.store().read().await.map_err(Error::from)?;
    let entry = unit.bank_entry(account, seq).await.map_err(Error::from)?.ok_or(Code::NotFound)?;
    Ok(Json(entry.into()))
}
