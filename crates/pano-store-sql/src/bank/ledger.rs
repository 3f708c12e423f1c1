//! Transactions, entries and holds. The rules are `pano_ledger`'s; the statements repeat them as conditions, so that a
//! balance cannot pass its floor even if a lock were forgotten.

use super::account;
use super::day;
use crate::executor::Unit;
use crate::row::Row;
use crate::{Result, StoreError};
use pano_ledger::account::BalanceError;
use pano_ledger::{Balance, Hold, HoldState, Posting, Side, Transaction, book};
use pano_store::bank::{Entry, EntryFilter, Posted, Refusal, Standing};
use pano_types::id::{AccountId, HoldId};
use pano_types::{Instant, Money, Page, PageRequest};
use sea_query::{Expr, ExprTrait as _, Func, OnConflict, Order, Query, SelectStatement};

const ACCOUNT: &str = "bank_account";
const TRANSACTION: &str = "bank_transaction";
const POSTING: &str = "bank_posting";
const HOLD: &str = "bank_hold";

/// A balance on its way to another.
struct Move {
    from: Standing,
    to: Balance,
    entries: u64,
}

pub(super) async fn post(unit: &mut Unit, transaction: &Transaction, held: Option<&Hold>) -> Result<Posted> {
    let insert = Query::insert()
        .into_table(TRANSACTION)
        .columns(["id", "booked_at", "value_date", "narrative"])
        .values_panic([
            transaction.id().to_string().into(),
            transaction.booked_at().unix_micros().into(),
            i64::from(transaction.value_date().unix_days()).into(),
            transaction.narrative().into(),
        ])
        .on_conflict(OnConflict::column("id").do_nothing().to_owned())
        .to_owned();
    if unit.run("bank_transaction.add", &insert).await? == 0 {
        let same = same_as_stored(unit, transaction).await?;
        return Ok(if same { Posted::Repeated } else { Posted::Refused(Refusal::IdInUse) });
    }
    let standings = account::lock(unit, &transaction.accounts()).await?;
    let mut moves = Vec::with_capacity(standings.len());
    for posting in transaction.postings() {
        let held = held.filter(|hold| hold.account == posting.account()).map_or(0, |hold| hold.amount.minor());
        match plan(&standings, posting, held) {
            Ok(step) => moves.push(step),
            Err(refusal) => return Ok(Posted::Refused(refusal)),
        }
    }
    let mut sorted: Vec<_> = moves.iter().collect();
    sorted.sort_by_key(|step| step.from.account.ledger.id);
    for step in sorted {
        apply(unit, step).await?;
    }
    postings_add(unit, transaction, &moves).await?;
    Ok(Posted::Booked(moves.iter().map(|step| step.to.booked_minor).collect()))
}

/// Where a posting leads its account, giving back what was held for it.
fn plan(standings: &[Standing], posting: &Posting, held_minor: i64) -> std::result::Result<Move, Refusal> {
    let id = posting.account();
    let from = standings.iter().find(|standing| standing.account.ledger.id == id).ok_or(Refusal::NoAccount(id))?;
    let ledger = from.account.ledger;
    if posting.amount().currency() != ledger.currency {
        return Err(Refusal::Currency { account: id, currency: ledger.currency });
    }
    let change = ledger.kind.change(posting.side(), posting.amount().minor());
    let to = moved(from, change, -held_minor)?;
    Ok(Move { from: from.clone(), to, entries: from.entries + 1 })
}

fn moved(from: &Standing, booked: i64, held: i64) -> std::result::Result<Balance, Refusal> {
    let ledger = from.account.ledger;
    from.balance.moved(booked, held, ledger.floor_minor).map_err(|error| match error {
        // A balance at the edge of 64 bits takes no more either way.
        BalanceError::BelowFloor | BalanceError::OutOfRange => Refusal::BelowFloor(ledger.id),
    })
}

/// Writes a balance, provided that it is still what was read and does not shrink below the floor.
async fn apply(unit: &mut Unit, step: &Move) -> Result<()> {
    let id = step.from.account.ledger.id.to_string();
    let shrinks = step.to.available_minor() < step.from.balance.available_minor();
    let above = Expr::col("floor_minor").is_null().or(Expr::col("floor_minor").lte(step.to.available_minor()));
    let update = Query::update()
        .table(ACCOUNT)
        .value("booked_minor", step.to.booked_minor)
        .value("held_minor", step.to.held_minor)
        .value("entries", number(step.entries)?)
        .and_where(Expr::col("id").eq(id.clone()))
        .and_where(Expr::col("booked_minor").eq(step.from.balance.booked_minor))
        .and_where(Expr::col("held_minor").eq(step.from.balance.held_minor))
        .and_where(Expr::col("entries").eq(number(step.from.entries)?))
        .and_where_option(shrinks.then_some(above))
        .to_owned();
    unit.run_one("bank_account.move", &update, || StoreError::stale(id.clone())).await
}

fn number(value: u64) -> Result<i64> {
    i64::try_from(value).map_err(|_| StoreError::Unstorable { what: "a number beyond 63 bits".to_owned() })
}

async fn postings_add(unit: &mut Unit, transaction: &Transaction, moves: &[Move]) -> Result<()> {
    let mut insert = Query::insert()
        .into_table(POSTING)
        .columns(["account_id", "seq", "transaction_id", "line", "side", "change_minor", "balance_minor", "booked_at"])
        .to_owned();
    for (line, (posting, step)) in (0i64..).zip(transaction.postings().iter().zip(moves)) {
        insert.values_panic([
            posting.account().to_string().into(),
            number(step.entries)?.into(),
            transaction.id().to_string().into(),
            line.into(),
            posting.side().code().into(),
            step.from.account.ledger.kind.change(posting.side(), posting.amount().minor()).into(),
            step.to.booked_minor.into(),
            transaction.booked_at().unix_micros().into(),
        ]);
    }
    unit.run("bank_posting.add", &insert).await.map(|_| ())
}

async fn same_as_stored(unit: &mut Unit, transaction: &Transaction) -> Result<bool> {
    let select = Query::select()
        .columns(["id", "booked_at", "value_date", "narrative"])
        .from(TRANSACTION)
        .and_where(Expr::col("id").eq(transaction.id().to_string()))
        .to_owned();
    let head = unit
        .one("bank_transaction.one", &select, |row| {
            Ok((row.instant("booked_at")?, day(row, "value_date")?, row.text("narrative")?))
        })
        .await?;
    let expected = (transaction.booked_at(), transaction.value_date(), transaction.narrative().to_owned());
    if head != Some(expected) {
        return Ok(false);
    }
    let select = entry_select()
        .column((POSTING, "account_id"))
        .and_where(Expr::col((POSTING, "transaction_id")).eq(transaction.id().to_string()))
        .order_by((POSTING, "line"), Order::Asc)
        .to_owned();
    let lines = unit
        .all("bank_posting.of_transaction", &select, |row| {
            let entry = read_entry(row)?;
            Ok(Posting::on(entry.side, row.parse("account_id")?, entry.amount))
        })
        .await?;
    Ok(lines == transaction.postings())
}

pub(super) async fn capture(unit: &mut Unit, id: HoldId, transaction: &Transaction) -> Result<Posted> {
    let select = hold_select().and_where(Expr::col((HOLD, "id")).eq(id.to_string())).to_owned();
    let Some(hold) = unit.one("bank_hold.one", &select, read_hold).await? else {
        return Ok(Posted::Refused(Refusal::NoHold));
    };
    if matches!(hold.state, HoldState::Captured { by, .. } if by == transaction.id()) {
        return post(unit, transaction, None).await;
    }
    let Some(standing) = account::one(unit, hold.account).await? else {
        return Ok(Posted::Refused(Refusal::NoAccount(hold.account)));
    };
    if hold.state != HoldState::Active || !book::fits(transaction, &hold, &standing.account.ledger) {
        return Ok(Posted::Refused(Refusal::NoHold));
    }
    match post(unit, transaction, Some(&hold)).await? {
        Posted::Booked(running) => {
            let ended = hold_end(unit, id, "captured", transaction.booked_at(), Some(transaction)).await?;
            // Whoever ended it first has also changed the account, which this unit would have noticed.
            Ok(if ended { Posted::Booked(running) } else { Posted::Refused(Refusal::NoHold) })
        }
        // A transaction that was booked without this hold cannot also use it.
        Posted::Repeated => Ok(Posted::Refused(Refusal::IdInUse)),
        Posted::Refused(refusal) => Ok(Posted::Refused(refusal)),
    }
}

fn entry_select() -> SelectStatement {
    Query::select()
        .columns([
            (POSTING, "transaction_id"),
            (POSTING, "seq"),
            (POSTING, "side"),
            (POSTING, "change_minor"),
            (POSTING, "balance_minor"),
            (POSTING, "booked_at"),
        ])
        .columns([(TRANSACTION, "value_date"), (TRANSACTION, "narrative")])
        .column((ACCOUNT, "currency"))
        .from(POSTING)
        .inner_join(TRANSACTION, Expr::col((TRANSACTION, "id")).equals((POSTING, "transaction_id")))
        .inner_join(ACCOUNT, Expr::col((ACCOUNT, "id")).equals((POSTING, "account_id")))
        .to_owned()
}

fn read_entry(row: &Row) -> Result<Entry> {
    let currency = row.parse("currency")?;
    let amount = row.i64("change_minor")?.checked_abs().ok_or_else(|| row.corrupt("change_minor", "out of range"))?;
    Ok(Entry {
        seq: row.number("seq")?,
        transaction: row.parse("transaction_id")?,
        side: row.word("side", Side::from_code)?,
        amount: Money::new(amount, currency),
        balance_after: Money::new(row.i64("balance_minor")?, currency),
        booked_at: row.instant("booked_at")?,
        value_date: day(row, "value_date")?,
        narrative: row.text("narrative")?,
    })
}

pub(super) async fn entry_list(
    unit: &mut Unit,
    account: AccountId,
    filter: &EntryFilter,
    page: &PageRequest,
) -> Result<Page<Entry>> {
    let column = |name: &'static str| Expr::col((POSTING, name));
    let amount = || Expr::expr(Func::abs(Expr::col((POSTING, "change_minor"))));
    // The key of a page is made here; one that is no number names a place after which there is nothing.
    let after = page.after().map(|after| after.parse::<i64>().unwrap_or(0));
    let select = entry_select()
        .and_where(column("account_id").eq(account.to_string()))
        .and_where_option(filter.from.map(|from| column("booked_at").gte(from.unix_micros())))
        .and_where_option(filter.until.map(|until| column("booked_at").lt(until.unix_micros())))
        .and_where_option(filter.side.map(|side| column("side").eq(side.code())))
        .and_where_option(filter.min_minor.map(|min| amount().gte(min)))
        .and_where_option(filter.max_minor.map(|max| amount().lte(max)))
        .and_where_option(after.map(|after| column("seq").lt(after)))
        .order_by((POSTING, "seq"), Order::Desc)
        .limit(u64::from(page.limit()) + 1)
        .to_owned();
    let rows = unit.all("bank_posting.list", &select, read_entry).await?;
    Ok(Page::from_rows(rows, page, |entry| entry.seq.to_string()))
}

pub(super) async fn entry(unit: &mut Unit, account: AccountId, seq: u64) -> Result<Option<Entry>> {
    let Ok(seq) = i64::try_from(seq) else { return Ok(None) };
    let select = entry_select()
        .and_where(Expr::col((POSTING, "account_id")).eq(account.to_string()))
        .and_where(Expr::col((POSTING, "seq")).eq(seq))
        .to_owned();
    unit.one("bank_posting.one", &select, read_entry).await
}

pub(super) async fn hold_place(unit: &mut Unit, hold: &Hold) -> Result<Posted> {
    if let Some(known) = self::hold(unit, hold.id).await? {
        return Ok(if known == *hold { Posted::Repeated } else { Posted::Refused(Refusal::IdInUse) });
    }
    let standings = account::lock(unit, &[hold.account]).await?;
    let Some(from) = standings.into_iter().next() else {
        return Ok(Posted::Refused(Refusal::NoAccount(hold.account)));
    };
    let ledger = from.account.ledger;
    if hold.amount.currency() != ledger.currency {
        return Ok(Posted::Refused(Refusal::Currency { account: ledger.id, currency: ledger.currency }));
    }
    let to = match moved(&from, 0, hold.amount.minor()) {
        Ok(to) => to,
        Err(refusal) => return Ok(Posted::Refused(refusal)),
    };
    let entries = from.entries;
    apply(unit, &Move { from, to, entries }).await?;
    let insert = Query::insert()
        .into_table(HOLD)
        .columns(["id", "account_id", "amount_minor", "placed_at", "state"])
        .values_panic([
            hold.id.to_string().into(),
            hold.account.to_string().into(),
            hold.amount.minor().into(),
            hold.placed_at.unix_micros().into(),
            "active".into(),
        ])
        .to_owned();
    unit.run("bank_hold.add", &insert).await?;
    Ok(Posted::Booked(Vec::new()))
}

fn hold_select() -> SelectStatement {
    Query::select()
        .columns([
            (HOLD, "id"),
            (HOLD, "account_id"),
            (HOLD, "amount_minor"),
            (HOLD, "placed_at"),
            (HOLD, "state"),
            (HOLD, "transaction_id"),
            (HOLD, "ended_at"),
        ])
        .column((ACCOUNT, "currency"))
        .from(HOLD)
        .inner_join(ACCOUNT, Expr::col((ACCOUNT, "id")).equals((HOLD, "account_id")))
        .to_owned()
}

fn read_hold(row: &Row) -> Result<Hold> {
    let ended = || row.instant_opt("ended_at")?.ok_or_else(|| row.corrupt("ended_at", "missing"));
    let state = match row.text("state")?.as_str() {
        "active" => HoldState::Active,
        "released" => HoldState::Released { at: ended()? },
        "captured" => {
            let by = row.parse_opt("transaction_id")?.ok_or_else(|| row.corrupt("transaction_id", "missing"))?;
            HoldState::Captured { by, at: ended()? }
        }
        _ => return Err(row.corrupt("state", "not a word of this column")),
    };
    Ok(Hold {
        id: row.parse("id")?,
        account: row.parse("account_id")?,
        amount: Money::new(row.i64("amount_minor")?, row.parse("currency")?),
        placed_at: row.instant("placed_at")?,
        state,
    })
}

pub(super) async fn hold(unit: &mut Unit, id: HoldId) -> Result<Option<Hold>> {
    let select = hold_select().and_where(Expr::col((HOLD, "id")).eq(id.to_string())).to_owned();
    unit.one("bank_hold.one", &select, read_hold).await
}

/// Ends an active hold; whether it still was. The account's held sum is the caller's.
async fn hold_end(
    unit: &mut Unit,
    id: HoldId,
    state: &'static str,
    at: Instant,
    by: Option<&Transaction>,
) -> Result<bool> {
    let update = Query::update()
        .table(HOLD)
        .value("state", state)
        .value("ended_at", at.unix_micros())
        .value("transaction_id", by.map(|transaction| transaction.id().to_string()))
        .and_where(Expr::col("id").eq(id.to_string()))
        .and_where(Expr::col("state").eq("active"))
        .to_owned();
    Ok(unit.run("bank_hold.end", &update).await? == 1)
}

pub(super) async fn hold_release(unit: &mut Unit, id: HoldId, at: Instant) -> Result<bool> {
    let Some(hold) = hold(unit, id).await? else { return Ok(false) };
    let standings = account::lock(unit, &[hold.account]).await?;
    if !hold_end(unit, id, "released", at, None).await? {
        return Ok(false);
    }
    let Some(from) = standings.into_iter().next() else { return Err(StoreError::missing(hold.account.to_string())) };
    let to = moved(&from, 0, -hold.amount.minor()).map_err(|_| StoreError::stale(hold.account.to_string()))?;
    let entries = from.entries;
    apply(unit, &Move { from, to, entries }).await?;
    Ok(true)
}
