//! See `pano_store::outbox`.

use crate::dialect::excluded;
use crate::executor::Unit;
use crate::row::{Row, number};
use crate::{Result, StoreError};
use pano_store::OutboxRepository;
use pano_store::outbox::{Event, Queued};
use pano_types::Instant;
use sea_query::{Expr, ExprTrait as _, OnConflict, Order, Query};

const COLUMNS: [&str; 8] = ["seq", "id", "type", "source", "subject", "at", "data", "traceparent"];
const TAKE_MAX: u32 = 1000;

#[async_trait::async_trait]
impl OutboxRepository for Unit {
    async fn outbox_add(&mut self, event: Event) -> Result<u64> {
        self.journal_lock().await?;
        let seq = self.counter_step("outbox").await?;
        let mut insert = Query::insert();
        insert.into_table("outbox").columns(COLUMNS).values_panic([
            number(seq)?.into(),
            event.id.to_string().into(),
            event.kind.into(),
            event.source.into(),
            event.subject.into(),
            event.at.unix_micros().into(),
            event.data.to_string().into(),
            event.traceparent.into(),
        ]);
        self.run("outbox.add", &insert).await?;
        Ok(seq)
    }

    async fn outbox_take(&mut self, after: u64, limit: u32) -> Result<Vec<Queued>> {
        let mut select = Query::select();
        select
            .columns(COLUMNS)
            .from("outbox")
            .and_where(Expr::col("seq").gt(number(after)?))
            .order_by("seq", Order::Asc)
            .limit(u64::from(std::cmp::min(limit, TAKE_MAX)));
        self.all("outbox.take", &select, queued).await
    }

    async fn outbox_prune(&mut self, upto: u64, limit: u32) -> Result<u64> {
        let mut slowest = Query::select();
        slowest.expr_as(Expr::col("position").min(), "position").from("consumer_cursor");
        let slowest = self.one("consumer_cursor.slowest", &slowest, |row| row.i64_opt("position")).await?.flatten();
        let upto = std::cmp::min(number(upto)?, slowest.unwrap_or(0));
        let mut chosen = Query::select();
        chosen
            .column("seq")
            .from("outbox")
            .and_where(Expr::col("seq").lte(upto))
            .order_by("seq", Order::Asc)
            .limit(u64::from(limit));
        let mut delete = Query::delete();
        delete.from_table("outbox").and_where(Expr::col("seq").in_subquery(chosen));
        self.run("outbox.prune", &delete).await
    }

    async fn consumer_cursor(&mut self, consumer: &str) -> Result<u64> {
        let mut select = Query::select();
        select.columns(["consumer", "position"]).from("consumer_cursor").and_where(Expr::col("consumer").eq(consumer));
        Ok(self.one("consumer_cursor.read", &select, |row| row.number("position")).await?.unwrap_or(0))
    }

    async fn consumer_cursor_move(&mut self, consumer: &str, from: u64, to: u64, now: Instant) -> Result<()> {
        let moved = Cursor { table: "consumer_cursor", key: "consumer", name: consumer, from, to, now };
        self.cursor_move("consumer_cursor.init", "consumer_cursor.move", moved).await?;
        Ok(())
    }
}

/// A cursor row's compare-and-set.
pub(crate) struct Cursor<'a> {
    pub(crate) table: &'static str,
    pub(crate) key: &'static str,
    pub(crate) name: &'a str,
    pub(crate) from: u64,
    pub(crate) to: u64,
    pub(crate) now: Instant,
}

impl Unit {
    /// Moves a cursor that must stand at `from`; one that is not there stands at 0. The row stays locked until the unit
    /// ends, so of two units with the same `from` the second finds it moved.
    pub(crate) async fn cursor_move(
        &mut self,
        init: &'static str,
        step: &'static str,
        cursor: Cursor<'_>,
    ) -> Result<()> {
        let Cursor { table, key, name, from, to, now } = cursor;
        if to < from {
            return self.keep(Err(StoreError::Unstorable { what: "a cursor that moves back".to_owned() }));
        }
        let mut insert = Query::insert();
        insert
            .into_table(table)
            .columns([key, "position", "moved_at"])
            .values_panic([name.into(), 0i64.into(), now.unix_micros().into()])
            .on_conflict(OnConflict::column(key).do_nothing().to_owned());
        self.run(init, &insert).await?;
        let mut update = Query::update();
        update
            .table(table)
            .value("position", number(to)?)
            .value("moved_at", now.unix_micros())
            .and_where(Expr::col(key).eq(name))
            .and_where(Expr::col("position").eq(number(from)?));
        if self.run(step, &update).await? == 1 {
            return Ok(());
        }
        let mut select = Query::select();
        select.columns([key, "position"]).from(table).and_where(Expr::col(key).eq(name));
        let actual = self.one(step, &select, |row| row.number("position")).await?.unwrap_or(0);
        self.keep(Err(StoreError::CursorMismatch { actual }))
    }

    /// The next value of a counter. The row stays locked until the unit ends: values follow the order of saves.
    pub(crate) async fn counter_step(&mut self, name: &str) -> Result<u64> {
        let mut upsert = Query::insert();
        upsert
            .into_table("counter")
            .columns(["name", "value"])
            .values_panic([name.into(), 1i64.into()])
            .on_conflict(
                OnConflict::column("name")
                    .value("value", Expr::col(("counter", "value")).add(excluded("value")))
                    .to_owned(),
            )
            .returning(Query::returning().columns(["name", "value"]));
        let value = self.one("counter.step", &upsert, |row| row.number("value")).await?;
        self.keep(value.ok_or_else(|| StoreError::missing("counter")))
    }
}

fn queued(row: &Row) -> Result<Queued> {
    let event = Event {
        id: row.parse("id")?,
        kind: row.text("type")?,
        source: row.text("source")?,
        subject: row.text_opt("subject")?,
        at: row.instant("at")?,
        data: row.json("data")?,
        traceparent: row.text_opt("traceparent")?,
    };
    Ok(Queued { seq: row.number("seq")?, event })
}
