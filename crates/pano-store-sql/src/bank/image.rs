//! What images hold, and the events of sandboxes.
//!
//! Rows are written many to a statement, in powers of four, so that few different texts have to be prepared.

use crate::Result;
use crate::dialect::excluded;
use crate::executor::Unit;
use crate::row::number;
use pano_store::bank::{EntityRow, SandboxEvent};
use pano_types::id::{ImageId, SandboxId};
use sea_query::{Condition, Expr, ExprTrait as _, OnConflict, Order, Query};

const ENTITY: &str = "bank_entity";
const TRANSACTION: &str = "bank_transaction";
const EVENT: &str = "bank_event";
const EVENT_COLUMNS: [&str; 7] = ["seq", "sandbox_id", "id", "type", "subject", "at", "data"];

/// Rows of one statement, the most first.
const RUNS: [usize; 4] = [64, 16, 4, 1];

/// The longest run that `rest` fills.
fn run(rest: usize) -> usize {
    RUNS.into_iter().find(|run| *run <= rest).unwrap_or(1)
}

/// Cuts `rows` into runs.
fn runs<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let (first, rest) = rows.split_at_checked(run(rows.len()))?;
        rows = rest;
        Some(first)
    })
}

pub(super) async fn entity_put(unit: &mut Unit, image: ImageId, entities: &[EntityRow]) -> Result<()> {
    let image = image.to_string();
    for rows in runs(entities) {
        let mut insert = Query::insert();
        insert.into_table(ENTITY).columns(["image_id", "kind", "id", "body"]);
        for row in rows {
            insert.values_panic([
                image.clone().into(),
                row.kind.clone().into(),
                row.id.clone().into(),
                row.body.clone().into(),
            ]);
        }
        let replace = OnConflict::columns(["image_id", "kind", "id"]).value("body", excluded("body")).to_owned();
        unit.run("bank_entity.put", insert.on_conflict(replace)).await?;
    }
    Ok(())
}

pub(super) async fn entity_remove(unit: &mut Unit, image: ImageId, entities: &[(String, String)]) -> Result<()> {
    for (kind, id) in entities {
        let mut delete = Query::delete();
        delete
            .from_table(ENTITY)
            .and_where(Expr::col("image_id").eq(image.to_string()))
            .and_where(Expr::col("kind").eq(kind.clone()))
            .and_where(Expr::col("id").eq(id.clone()));
        unit.run("bank_entity.remove", &delete).await?;
    }
    Ok(())
}

pub(super) async fn entity_load(
    unit: &mut Unit,
    image: ImageId,
    after: Option<(&str, &str)>,
    limit: u32,
) -> Result<Vec<EntityRow>> {
    let mut select = Query::select();
    select.columns(["kind", "id", "body"]).from(ENTITY).and_where(Expr::col("image_id").eq(image.to_string()));
    if let Some((kind, id)) = after {
        let same = Condition::all().add(Expr::col("kind").eq(kind)).add(Expr::col("id").gt(id));
        select.cond_where(Condition::any().add(Expr::col("kind").gt(kind)).add(same));
    }
    select.order_by("kind", Order::Asc).order_by("id", Order::Asc).limit(u64::from(limit));
    unit.all("bank_entity.load", &select, |row| {
        Ok(EntityRow { kind: row.text("kind")?, id: row.text("id")?, body: row.text("body")? })
    })
    .await
}

pub(super) async fn transaction_append(unit: &mut Unit, image: ImageId, first: u64, bodies: &[String]) -> Result<()> {
    let image = image.to_string();
    let mut seq = number(first)?;
    for rows in runs(bodies) {
        let mut insert = Query::insert();
        insert.into_table(TRANSACTION).columns(["image_id", "seq", "body"]);
        for body in rows {
            insert.values_panic([image.clone().into(), seq.into(), body.clone().into()]);
            seq += 1;
        }
        unit.run("bank_transaction.append", &insert).await?;
    }
    Ok(())
}

pub(super) async fn transaction_load(
    unit: &mut Unit,
    image: ImageId,
    first: u64,
    limit: u32,
) -> Result<Vec<(u64, String)>> {
    let mut select = Query::select();
    select
        .columns(["seq", "body"])
        .from(TRANSACTION)
        .and_where(Expr::col("image_id").eq(image.to_string()))
        .and_where(Expr::col("seq").gte(number(first)?))
        .order_by("seq", Order::Asc)
        .limit(u64::from(limit));
    unit.all("bank_transaction.load", &select, |row| Ok((row.number("seq")?, row.text("body")?))).await
}

pub(super) async fn copy(unit: &mut Unit, from: ImageId, to: ImageId) -> Result<()> {
    for (name, table, columns) in [
        ("bank_entity.copy", ENTITY, &["kind", "id", "body"][..]),
        ("bank_transaction.copy", TRANSACTION, &["seq", "body"][..]),
    ] {
        let mut select = Query::select();
        select
            .expr(Expr::val(to.to_string()))
            .columns(columns.iter().copied())
            .from(table)
            .and_where(Expr::col("image_id").eq(from.to_string()));
        let mut insert = Query::insert();
        insert.into_table(table).columns(std::iter::once("image_id").chain(columns.iter().copied()));
        let insert = insert
            .select_from(select)
            .map_err(|_| crate::StoreError::Unstorable { what: "a copy with another number of columns".to_owned() });
        let insert = unit.keep(insert.map(|insert| insert.to_owned()))?;
        unit.run(name, &insert).await?;
    }
    Ok(())
}

pub(super) async fn remove(unit: &mut Unit, image: ImageId) -> Result<()> {
    for (name, table) in [("bank_entity.drop", ENTITY), ("bank_transaction.drop", TRANSACTION)] {
        let mut delete = Query::delete();
        delete.from_table(table).and_where(Expr::col("image_id").eq(image.to_string()));
        unit.run(name, &delete).await?;
    }
    Ok(())
}

pub(super) async fn event_append(unit: &mut Unit, sandbox: SandboxId, events: &[SandboxEvent]) -> Result<()> {
    for rows in runs(events) {
        let mut insert = Query::insert();
        insert.into_table(EVENT).columns(EVENT_COLUMNS);
        for event in rows {
            insert.values_panic([
                number(event.seq)?.into(),
                sandbox.to_string().into(),
                event.id.to_string().into(),
                event.kind.clone().into(),
                event.subject.clone().into(),
                event.at.unix_micros().into(),
                event.data.to_string().into(),
            ]);
        }
        unit.run("bank_event.append", &insert).await?;
    }
    Ok(())
}

pub(super) async fn event_list(
    unit: &mut Unit,
    sandbox: SandboxId,
    after: u64,
    limit: u32,
) -> Result<Vec<SandboxEvent>> {
    let mut select = Query::select();
    select
        .columns(EVENT_COLUMNS)
        .from(EVENT)
        .and_where(Expr::col("sandbox_id").eq(sandbox.to_string()))
        .and_where(Expr::col("seq").gt(number(after)?))
        .order_by("seq", Order::Asc)
        .limit(u64::from(limit));
    unit.all("bank_event.list", &select, |row| {
        Ok(SandboxEvent {
            seq: row.number("seq")?,
            id: row.parse("id")?,
            kind: row.text("type")?,
            subject: row.text("subject")?,
            at: row.instant("at")?,
            data: row.json("data")?,
        })
    })
    .await
}

pub(super) async fn event_prune(unit: &mut Unit, sandbox: SandboxId, upto: u64) -> Result<()> {
    let mut delete = Query::delete();
    delete
        .from_table(EVENT)
        .and_where(Expr::col("sandbox_id").eq(sandbox.to_string()))
        .and_where(Expr::col("seq").lte(number(upto)?));
    unit.run("bank_event.prune", &delete).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::runs;

    #[test]
    fn rows_are_cut_into_few_lengths() {
        for (rows, want) in [(0, vec![]), (1, vec![1]), (7, vec![4, 1, 1, 1]), (85, vec![64, 16, 4, 1])] {
            let all: Vec<_> = (0..rows).collect();
            assert_eq!(runs(&all).map(<[_]>::len).collect::<Vec<_>>(), want);
            assert_eq!(runs(&all).flatten().count(), rows);
        }
    }
}
