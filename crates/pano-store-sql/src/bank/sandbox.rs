//! Sandboxes and their snapshots.

use crate::Result;
use crate::executor::Unit;
use crate::row::{Row, number};
use pano_store::bank::{Sandbox, Snapshot, Step};
use pano_types::id::{PartnerId, SandboxId};
use pano_types::{Instant, Page, PageRequest};
use sea_query::{Expr, ExprTrait as _, Order, Query, SelectStatement};

const SANDBOX: &str = "bank_sandbox";
const SNAPSHOT: &str = "bank_snapshot";
const COLUMNS: [&str; 10] = [
    "id",
    "partner_id",
    "scenario",
    "version",
    "image_id",
    "transactions",
    "events",
    "due_at",
    "created_at",
    "changed_at",
];
const SNAPSHOT_COLUMNS: [&str; 7] =
    ["name", "sandbox_id", "image_id", "scenario", "transactions", "created_at", "sandbox_time"];

pub(super) async fn add(unit: &mut Unit, sandbox: &Sandbox) -> Result<()> {
    let mut insert = Query::insert();
    insert.into_table(SANDBOX).columns(COLUMNS).values_panic([
        sandbox.id.to_string().into(),
        sandbox.partner.to_string().into(),
        sandbox.scenario.clone().into(),
        number(sandbox.version)?.into(),
        sandbox.image.to_string().into(),
        number(sandbox.transactions)?.into(),
        number(sandbox.events)?.into(),
        sandbox.due_at.map(Instant::unix_micros).into(),
        sandbox.created_at.unix_micros().into(),
        sandbox.changed_at.unix_micros().into(),
    ]);
    unit.run("bank_sandbox.add", &insert).await.map(drop)
}

fn select() -> SelectStatement {
    Query::select().columns(COLUMNS).from(SANDBOX).to_owned()
}

fn read(row: &Row) -> Result<Sandbox> {
    Ok(Sandbox {
        id: row.parse("id")?,
        partner: row.parse("partner_id")?,
        scenario: row.text("scenario")?,
        version: row.number("version")?,
        image: row.parse("image_id")?,
        transactions: row.number("transactions")?,
        events: row.number("events")?,
        due_at: row.instant_opt("due_at")?,
        created_at: row.instant("created_at")?,
        changed_at: row.instant("changed_at")?,
    })
}

pub(super) async fn one(unit: &mut Unit, id: SandboxId) -> Result<Option<Sandbox>> {
    let select = select().and_where(Expr::col("id").eq(id.to_string())).to_owned();
    unit.one("bank_sandbox.one", &select, read).await
}

pub(super) async fn of(unit: &mut Unit, partner: PartnerId) -> Result<Option<Sandbox>> {
    let select = select().and_where(Expr::col("partner_id").eq(partner.to_string())).to_owned();
    unit.one("bank_sandbox.of", &select, read).await
}

pub(super) async fn list(unit: &mut Unit, page: &PageRequest) -> Result<Page<Sandbox>> {
    let mut select = select();
    if let Some(after) = page.after() {
        select.and_where(Expr::col("id").gt(after));
    }
    select.order_by("id", Order::Asc).limit(u64::from(page.limit()) + 1);
    let rows = unit.all("bank_sandbox.list", &select, read).await?;
    Ok(Page::from_rows(rows, page, |sandbox| sandbox.id.to_string()))
}

pub(super) async fn due(unit: &mut Unit, now: Instant, limit: u32) -> Result<Vec<Sandbox>> {
    let mut select = select();
    select
        .and_where(Expr::col("due_at").lte(now.unix_micros()))
        .order_by("due_at", Order::Asc)
        .order_by("id", Order::Asc)
        .limit(u64::from(limit));
    unit.all("bank_sandbox.due", &select, read).await
}

pub(super) async fn step(unit: &mut Unit, step: &Step) -> Result<bool> {
    let mut update = Query::update();
    update
        .table(SANDBOX)
        .value("version", number(step.from + 1)?)
        .value("scenario", step.scenario.clone())
        .value("image_id", step.image.to_string())
        .value("transactions", number(step.transactions)?)
        .value("events", number(step.events)?)
        .value("due_at", step.due_at.map(Instant::unix_micros))
        .value("changed_at", step.changed_at.unix_micros())
        .and_where(Expr::col("id").eq(step.id.to_string()))
        .and_where(Expr::col("version").eq(number(step.from)?));
    Ok(unit.run("bank_sandbox.step", &update).await? == 1)
}

pub(super) async fn snapshot_add(unit: &mut Unit, snapshot: &Snapshot) -> Result<()> {
    let mut insert = Query::insert();
    insert.into_table(SNAPSHOT).columns(SNAPSHOT_COLUMNS).values_panic([
        snapshot.name.clone().into(),
        snapshot.sandbox.to_string().into(),
        snapshot.image.to_string().into(),
        snapshot.scenario.clone().into(),
        number(snapshot.transactions)?.into(),
        snapshot.created_at.unix_micros().into(),
        snapshot.sandbox_time.unix_micros().into(),
    ]);
    unit.run("bank_snapshot.add", &insert).await.map(drop)
}

fn snapshot_read(row: &Row) -> Result<Snapshot> {
    Ok(Snapshot {
        sandbox: row.parse("sandbox_id")?,
        name: row.text("name")?,
        image: row.parse("image_id")?,
        scenario: row.text("scenario")?,
        transactions: row.number("transactions")?,
        created_at: row.instant("created_at")?,
        sandbox_time: row.instant("sandbox_time")?,
    })
}

fn snapshot_select(of: SandboxId) -> SelectStatement {
    let mut select = Query::select();
    select.columns(SNAPSHOT_COLUMNS).from(SNAPSHOT).and_where(Expr::col("sandbox_id").eq(of.to_string()));
    select
}

pub(super) async fn snapshot_list(unit: &mut Unit, of: SandboxId) -> Result<Vec<Snapshot>> {
    let select = snapshot_select(of).order_by("name", Order::Asc).to_owned();
    unit.all("bank_snapshot.list", &select, snapshot_read).await
}

pub(super) async fn snapshot(unit: &mut Unit, of: SandboxId, name: &str) -> Result<Option<Snapshot>> {
    let select = snapshot_select(of).and_where(Expr::col("name").eq(name)).to_owned();
    unit.one("bank_snapshot.one", &select, snapshot_read).await
}

pub(super) async fn snapshot_remove(unit: &mut Unit, of: SandboxId, name: &str) -> Result<bool> {
    let mut delete = Query::delete();
    delete
        .from_table(SNAPSHOT)
        .and_where(Expr::col("sandbox_id").eq(of.to_string()))
        .and_where(Expr::col("name").eq(name));
    Ok(unit.run("bank_snapshot.remove", &delete).await? == 1)
}
