//! See `pano_store::usage`.

mod access;
mod rollup;

use crate::dialect::{excluded, sum};
use crate::executor::Unit;
use crate::outbox::Cursor;
use crate::row::Row;
use crate::{Result, StoreError};
use access::{access_insert, access_record, search_condition};
use pano_snapshot::AccessRecord;
use pano_snapshot::protocol::RecordBatch;
use pano_store::UsageRepository;
use pano_store::usage::{By, Filter, Row as Line, Search, Totals};
use pano_types::{Instant, Page, PageRequest};
use rollup::roll_up;
use sea_query::{Cond, Expr, ExprTrait as _, OnConflict, Order, Query, SelectStatement};

const KEY: [&str; 7] = ["hour", "partner", "app", "api", "version", "operation", "status"];
const SUMS: [&str; 5] = ["requests", "accepted", "bytes_in", "bytes_out", "duration_us"];

/// Rows per statement: enough to make a statement worth its way, few enough values for both dialects (SQLite takes 32,766).
const CHUNK: usize = 100;
const ROWS_MAX: u32 = 10_000;
const DAY_US: i64 = 86_400_000_000;

#[async_trait::async_trait]
impl UsageRepository for Unit {
    async fn usage_add(&mut self, batch: &RecordBatch, now: Instant) -> Result<()> {
        // The cursor first: a batch that does not fit is refused before any work, and the locked row makes two shippers of
        // one gateway's log take turns.
        let (table, key) = ("gateway_cursor", "gateway");
        let cursor = Cursor { table, key, name: &batch.gateway, from: batch.from, to: batch.to, now };
        self.cursor_move("gateway_cursor.init", "gateway_cursor.move", cursor).await?;
        // In the order of the keys, so that units of different gateways lock the same rows in the same order.
        let lines: Vec<_> = roll_up(&batch.records).into_iter().collect();
        for chunk in lines.chunks(CHUNK) {
            let mut upsert = Query::insert();
            upsert.into_table("usage_hour").columns(KEY.into_iter().chain(SUMS));
            for (key, totals) in chunk {
                upsert.values_panic(rollup::values(key, totals)?);
            }
            let mut merge = OnConflict::columns(KEY);
            for column in SUMS {
                merge.value(column, Expr::col(("usage_hour", column)).add(excluded(column)));
            }
            upsert.on_conflict(merge);
            self.run("usage_hour.add", &upsert).await?;
        }
        for chunk in batch.records.chunks(CHUNK) {
            self.run("access_record.add", &access_insert(chunk)?).await?;
        }
        Ok(())
    }

    async fn usage_cursor(&mut self, gateway: &str) -> Result<u64> {
        let mut select = Query::select();
        select.columns(["gateway", "position"]).from("gateway_cursor").and_where(Expr::col("gateway").eq(gateway));
        Ok(self.one("gateway_cursor.read", &select, |row| row.number("position")).await?.unwrap_or(0))
    }

    async fn usage_totals(&mut self, filter: &Filter) -> Result<Totals> {
        let select = sums(filter);
        Ok(self.one("usage_hour.totals", &select, totals).await?.unwrap_or_default())
    }

    async fn usage_rows(&mut self, filter: &Filter, by: &[By], limit: u32) -> Result<Vec<Line>> {
        let mut select = sums(filter);
        for dimension in by {
            let alias = alias(*dimension);
            select.expr_as(expression(*dimension), alias);
            select.add_group_by([expression(*dimension)]);
            select.order_by_expr(expression(*dimension), Order::Asc);
        }
        select.limit(u64::from(std::cmp::min(limit, ROWS_MAX)));
        self.all("usage_hour.rows", &select, |row| line(row, by)).await
    }

    async fn access_search(&mut self, search: &Search, page: &PageRequest) -> Result<Page<AccessRecord>> {
        let mut select = Query::select();
        select
            .columns(access::COLUMNS)
            .from("access_record")
            .cond_where(search_condition(search))
            .order_by("at", Order::Desc)
            .order_by("id", Order::Desc)
            .limit(u64::from(page.limit()) + 1);
        if let Some(after) = page.after() {
            let (at, id) = after.split_once(':').ok_or(StoreError::PageKey)?;
            let at: i64 = at.parse().map_err(|_| StoreError::PageKey)?;
            let place = Expr::tuple([Expr::col("at"), Expr::col("id")]);
            select.and_where(place.lt(Expr::tuple([Expr::val(at), Expr::val(id)])));
        }
        let rows = self.all("access_record.search", &select, access_record).await?;
        Ok(Page::from_rows(rows, page, |record| format!("{}:{}", record.at.unix_micros(), record.id)))
    }

    async fn access_prune(&mut self, before: Instant, keep: u64, limit: u32) -> Result<u64> {
        // The first record beyond the newest `keep`; it and all older ones go, and all from before `before`.
        let mut beyond = Query::select();
        beyond
            .columns(["id", "at"])
            .from("access_record")
            .order_by("at", Order::Desc)
            .order_by("id", Order::Desc)
            .limit(1)
            .offset(keep);
        let beyond = self.one("access_record.beyond", &beyond, |row| Ok((row.i64("at")?, row.text("id")?))).await?;
        let mut gone = Cond::any().add(Expr::col("at").lt(before.unix_micros()));
        if let Some((at, id)) = beyond {
            let place = Expr::tuple([Expr::col("at"), Expr::col("id")]);
            gone = gone.add(place.lte(Expr::tuple([Expr::val(at), Expr::val(id)])));
        }
        let mut chosen = Query::select();
        chosen
            .column("id")
            .from("access_record")
            .cond_where(gone)
            .order_by("at", Order::Asc)
            .order_by("id", Order::Asc)
            .limit(u64::from(limit));
        let mut delete = Query::delete();
        delete.from_table("access_record").and_where(Expr::col("id").in_subquery(chosen));
        self.run("access_record.prune", &delete).await
    }
}

fn sums(filter: &Filter) -> SelectStatement {
    let mut select = Query::select();
    select.from("usage_hour").cond_where(condition(filter));
    for column in SUMS {
        select.expr_as(sum(column), column);
    }
    select
}

fn condition(filter: &Filter) -> Cond {
    let mut all = Cond::all();
    if let Some(from) = filter.from {
        all = all.add(Expr::col("hour").gte(from.hour().unix_micros()));
    }
    if let Some(until) = filter.until {
        all = all.add(Expr::col("hour").lt(until.hour().unix_micros()));
    }
    let texts = [
        ("partner", filter.partner.map(|id| id.to_string())),
        ("app", filter.app.map(|id| id.to_string())),
        ("api", filter.api.map(|id| id.to_string())),
        ("version", filter.version.clone()),
        ("operation", filter.operation.clone()),
    ];
    for (column, text) in texts {
        if let Some(text) = text {
            all = all.add(Expr::col(column).eq(text));
        }
    }
    if let Some(status) = filter.status {
        all = all.add(Expr::col("status").eq(i64::from(status)));
    }
    all
}

fn alias(by: By) -> &'static str {
    match by {
        By::Hour => "hour",
        By::Day => "day",
        By::Partner => "partner",
        By::App => "app",
        By::Api => "api",
        By::Version => "version",
        By::Operation => "operation",
        By::Status => "status",
    }
}

fn expression(by: By) -> Expr {
    match by {
        By::Day => Expr::cust("hour / 86400000000"),
        column => Expr::col(alias(column)),
    }
}

fn totals(row: &Row) -> Result<Totals> {
    Ok(Totals {
        requests: row.number("requests")?,
        accepted: row.number("accepted")?,
        bytes_in: row.number("bytes_in")?,
        bytes_out: row.number("bytes_out")?,
        duration_us: row.number("duration_us")?,
    })
}

fn line(row: &Row, by: &[By]) -> Result<Line> {
    let mut line = Line { totals: totals(row)?, ..Line::default() };
    for dimension in by {
        match dimension {
            By::Hour => line.at = Some(row.instant("hour")?),
            By::Day => line.at = Some(Instant::from_unix_micros(row.i64("day")?.saturating_mul(DAY_US))),
            By::Partner => line.partner = row.known("partner")?,
            By::App => line.app = row.known("app")?,
            By::Api => line.api = row.known("api")?,
            By::Version => line.version = row.known("version")?,
            By::Operation => line.operation = row.known("operation")?,
            By::Status => line.status = Some(row.number("status")?),
        }
    }
    Ok(line)
}
