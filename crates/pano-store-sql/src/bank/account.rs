//! Parties and accounts.

use super::day;
use crate::executor::Unit;
use crate::row::Row;
use crate::{Result, StoreError};
use pano_ledger::{Account, AccountKind, Balance};
use pano_store::bank::{AccountFilter, AccountStatus, BankAccount, Limits, Party, PartyKind, Purpose, Standing};
use pano_types::id::{AccountId, PartyId};
use pano_types::{Currency, Date, Localized, Page, PageRequest};
use sea_query::{Expr, ExprTrait as _, Order, Query, SelectStatement};
use serde::{Deserialize, Serialize};

const PARTY: &str = "bank_party";
const ACCOUNT: &str = "bank_account";

/// What of a party is only read as a whole.
#[derive(Serialize, Deserialize)]
struct PartyBody {
    name: Localized,
    identification_scheme: String,
    identification_number: String,
    phone: String,
    email: String,
    address: Localized,
    occupation: Localized,
    born_on: Date,
    since: Date,
}

pub(super) fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| StoreError::Unstorable { what: error.to_string() })
}

pub(super) async fn party_add(unit: &mut Unit, party: &Party) -> Result<()> {
    let body = json(&PartyBody {
        name: party.name.clone(),
        identification_scheme: party.identification_scheme.clone(),
        identification_number: party.identification_number.clone(),
        phone: party.phone.clone(),
        email: party.email.clone(),
        address: party.address.clone(),
        occupation: party.occupation.clone(),
        born_on: party.born_on,
        since: party.since,
    })?;
    let insert = Query::insert()
        .into_table(PARTY)
        .columns(["id", "kind", "body"])
        .values_panic([party.id.to_string().into(), party.kind.code().into(), body.into()])
        .to_owned();
    unit.run("bank_party.add", &insert).await.map(|_| ())
}

fn party_select() -> SelectStatement {
    Query::select().columns(["id", "kind", "body"]).from(PARTY).to_owned()
}

fn read_party(row: &Row) -> Result<Party> {
    let body: PartyBody = row.json("body")?;
    Ok(Party {
        id: row.parse("id")?,
        kind: row.word("kind", PartyKind::from_code)?,
        name: body.name,
        identification_scheme: body.identification_scheme,
        identification_number: body.identification_number,
        phone: body.phone,
        email: body.email,
        address: body.address,
        occupation: body.occupation,
        born_on: body.born_on,
        since: body.since,
    })
}

pub(super) async fn party(unit: &mut Unit, id: PartyId) -> Result<Option<Party>> {
    let select = party_select().and_where(Expr::col("id").eq(id.to_string())).to_owned();
    unit.one("bank_party.one", &select, read_party).await
}

pub(super) async fn party_list(unit: &mut Unit, kind: Option<PartyKind>, page: &PageRequest) -> Result<Page<Party>> {
    let select = party_select()
        .and_where_option(kind.map(|kind| Expr::col("kind").eq(kind.code())))
        .and_where_option(page.after().map(|after| Expr::col("id").gt(after)))
        .order_by("id", Order::Asc)
        .limit(u64::from(page.limit()) + 1)
        .to_owned();
    let rows = unit.all("bank_party.list", &select, read_party).await?;
    Ok(Page::from_rows(rows, page, |party| party.id.to_string()))
}

pub(super) async fn add(unit: &mut Unit, account: &BankAccount) -> Result<()> {
    let ledger = account.ledger;
    let insert = Query::insert()
        .into_table(ACCOUNT)
        .columns(COLUMNS)
        .values_panic([
            ledger.id.to_string().into(),
            ledger.kind.code().into(),
            ledger.currency.code().into(),
            ledger.floor_minor.into(),
            account.purpose.code().into(),
            account.number.clone().into(),
            json(&account.name)?.into(),
            account.owner.map(|owner| owner.to_string()).into(),
            account.status.code().into(),
            account.limits.payment_minor.into(),
            account.limits.day_minor.into(),
            i64::from(account.opened_on.unix_days()).into(),
            0i64.into(),
            0i64.into(),
            0i64.into(),
        ])
        .to_owned();
    unit.run("bank_account.add", &insert).await.map(|_| ())
}

const COLUMNS: [&str; 15] = [
    "id",
    "kind",
    "currency",
    "floor_minor",
    "purpose",
    "number",
    "name",
    "owner_id",
    "status",
    "payment_limit_minor",
    "day_limit_minor",
    "opened_on",
    "booked_minor",
    "held_minor",
    "entries",
];

fn select() -> SelectStatement {
    Query::select().columns(COLUMNS).from(ACCOUNT).to_owned()
}

fn read(row: &Row) -> Result<Standing> {
    let ledger = Account {
        id: row.parse("id")?,
        kind: row.word("kind", AccountKind::from_code)?,
        currency: row.parse("currency")?,
        floor_minor: row.i64_opt("floor_minor")?,
    };
    let account = BankAccount {
        ledger,
        purpose: row.word("purpose", Purpose::from_code)?,
        number: row.text("number")?,
        name: row.json("name")?,
        owner: row.parse_opt("owner_id")?,
        status: row.word("status", AccountStatus::from_code)?,
        limits: Limits { payment_minor: row.i64("payment_limit_minor")?, day_minor: row.i64("day_limit_minor")? },
        opened_on: day(row, "opened_on")?,
    };
    let balance = Balance { booked_minor: row.i64("booked_minor")?, held_minor: row.i64("held_minor")? };
    Ok(Standing { account, balance, entries: row.number("entries")? })
}

pub(super) async fn one(unit: &mut Unit, id: AccountId) -> Result<Option<Standing>> {
    let select = select().and_where(Expr::col("id").eq(id.to_string())).to_owned();
    unit.one("bank_account.one", &select, read).await
}

pub(super) async fn numbered(unit: &mut Unit, number: &str) -> Result<Option<Standing>> {
    let select = select().and_where(Expr::col("number").eq(number)).to_owned();
    unit.one("bank_account.numbered", &select, read).await
}

pub(super) async fn own(unit: &mut Unit, purpose: Purpose, currency: Currency) -> Result<Option<Standing>> {
    let select = select()
        .and_where(Expr::col("owner_id").is_null())
        .and_where(Expr::col("purpose").eq(purpose.code()))
        .and_where(Expr::col("currency").eq(currency.code()))
        .to_owned();
    unit.one("bank_account.own", &select, read).await
}

pub(super) async fn list(unit: &mut Unit, filter: &AccountFilter, page: &PageRequest) -> Result<Page<Standing>> {
    let select = select()
        .and_where(Expr::col("owner_id").is_not_null())
        .and_where_option(filter.owner.map(|owner| Expr::col("owner_id").eq(owner.to_string())))
        .and_where_option(filter.currency.map(|currency| Expr::col("currency").eq(currency.code())))
        .and_where_option(filter.status.map(|status| Expr::col("status").eq(status.code())))
        .and_where_option(page.after().map(|after| Expr::col("id").gt(after)))
        .order_by("id", Order::Asc)
        .limit(u64::from(page.limit()) + 1)
        .to_owned();
    let rows = unit.all("bank_account.list", &select, read).await?;
    Ok(Page::from_rows(rows, page, |standing| standing.account.ledger.id.to_string()))
}

/// One statement locks all: PostgreSQL sorts before it locks, so everyone queues up in the same order.
pub(super) async fn lock(unit: &mut Unit, ids: &[AccountId]) -> Result<Vec<Standing>> {
    let select = select()
        .and_where(Expr::col("id").is_in(ids.iter().map(ToString::to_string)))
        .order_by("id", Order::Asc)
        .lock_exclusive()
        .to_owned();
    unit.all("bank_account.lock", &select, read).await
}

pub(super) async fn status_set(unit: &mut Unit, id: AccountId, status: AccountStatus) -> Result<()> {
    let update = Query::update()
        .table(ACCOUNT)
        .value("status", status.code())
        .and_where(Expr::col("id").eq(id.to_string()))
        .to_owned();
    unit.run_one("bank_account.status_set", &update, || StoreError::missing(id.to_string())).await
}
