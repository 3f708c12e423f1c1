//! Contracts made of documents.

use super::{BATCH, json};
use crate::Result;
use crate::executor::Unit;
use pano_store::catalog::{ContractKnown, ContractMade};
use sea_query::{Expr, ExprTrait as _, OnConflict, Order, Query};

const CONTRACT: &str = "catalog_contract";

pub(super) async fn keep(unit: &mut Unit, made: &ContractMade<'_>) -> Result<()> {
    let insert = Query::insert()
        .into_table(CONTRACT)
        .columns(["document", "made", "digest", "faults", "content"])
        .values_panic([
            made.known.document.as_str().into(),
            made.made.into(),
            made.known.digest.as_str().into(),
            json(&made.known.faults)?.into(),
            made.content.into(),
        ])
        .on_conflict(OnConflict::column("document").update_columns(["made", "digest", "faults", "content"]).to_owned())
        .to_owned();
    unit.run("catalog_contract.keep", &insert).await?;
    Ok(())
}

pub(super) async fn known(unit: &mut Unit, made: &str, documents: &[String]) -> Result<Vec<ContractKnown>> {
    let mut found = Vec::with_capacity(documents.len());
    for documents in documents.chunks(BATCH) {
        let select = Query::select()
            .columns(["document", "digest", "faults"])
            .from(CONTRACT)
            .and_where(Expr::col("made").eq(made))
            .and_where(Expr::col("document").is_in(documents.iter().map(String::as_str)))
            .order_by("document", Order::Asc)
            .to_owned();
        let read = |row: &crate::row::Row| {
            Ok(ContractKnown {
                document: row.text("document")?,
                digest: row.text("digest")?,
                faults: row.json("faults")?,
            })
        };
        found.extend(unit.all("catalog_contract.known", &select, read).await?);
    }
    Ok(found)
}

pub(super) async fn text(unit: &mut Unit, digest: &str) -> Result<Option<String>> {
    let select = Query::select()
        .columns(["document", "content"])
        .from(CONTRACT)
        .and_where(Expr::col("digest").eq(digest))
        .order_by("document", Order::Asc)
        .limit(1)
        .to_owned();
    unit.one("catalog_contract.text", &select, |row| row.text("content")).await
}
