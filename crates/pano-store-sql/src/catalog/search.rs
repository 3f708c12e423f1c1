//! Search tokens. Matching and ranking are `pano_catalog::search`'s; here is only which rows to look at.

use super::{BATCH, json};
use crate::Result;
use crate::executor::Unit;
use pano_catalog::lifecycle::Stage;
use pano_catalog::search::{Entry, Term};
use pano_store::catalog::MATCHES_MAX;
use pano_types::id::ApiVersionId;
use sea_query::{Cond, Expr, ExprTrait as _, JoinType, LikeExpr, Query};

const TABLE: &str = "catalog_token";

pub(super) async fn add(unit: &mut Unit, id: ApiVersionId, entries: &[Entry]) -> Result<()> {
    for batch in entries.chunks(BATCH) {
        let mut insert = Query::insert().into_table(TABLE).columns(["token", "version_id", "places"]).to_owned();
        for entry in batch {
            insert.values_panic([entry.token.clone().into(), id.to_string().into(), json(&entry.places)?.into()]);
        }
        unit.run("catalog_token.add", &insert).await?;
    }
    Ok(())
}

pub(super) async fn replace(unit: &mut Unit, id: ApiVersionId, entries: &[Entry]) -> Result<()> {
    let delete = Query::delete().from_table(TABLE).and_where(Expr::col("version_id").eq(id.to_string())).to_owned();
    unit.run("catalog_token.remove", &delete).await?;
    add(unit, id, entries).await
}

/// A prefix is asked by LIKE, not by a range: what lies between two texts depends on the collation, what begins with one
/// does not.
fn wanted(terms: &[Term]) -> Cond {
    let mut any = Cond::any();
    for term in terms {
        let token = || Expr::col((TABLE, "token"));
        any = any.add(if term.prefix {
            token().like(LikeExpr::new(format!("{}%", term.token)).escape('\\'))
        } else {
            token().eq(term.token.as_str())
        });
    }
    any
}

pub(super) async fn entries(unit: &mut Unit, terms: &[Term], stages: &[Stage]) -> Result<Vec<(ApiVersionId, Entry)>> {
    if terms.is_empty() {
        return Ok(Vec::new());
    }
    let mut select = Query::select();
    select
        .columns(["token", "version_id", "places"].map(|name| (TABLE, name)))
        .from(TABLE)
        .cond_where(wanted(terms))
        .limit(MATCHES_MAX);
    if !stages.is_empty() {
        select
            .join(
                JoinType::InnerJoin,
                "catalog_version",
                Expr::col(("catalog_version", "id")).equals((TABLE, "version_id")),
            )
            .and_where(Expr::col(("catalog_version", "stage")).is_in(stages.iter().map(|stage| stage.text())));
    }
    unit.all("catalog_token.entries", &select, |row| {
        let entry = Entry { token: row.text("token")?, places: row.json("places")? };
        Ok((row.parse("version_id")?, entry))
    })
    .await
}
