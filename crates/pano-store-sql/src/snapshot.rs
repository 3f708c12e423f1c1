//! See `pano_store::snapshot`.

use crate::dialect::excluded;
use crate::executor::Unit;
use crate::row::{Row, number};
use crate::{Result, StoreError};
use pano_store::SnapshotRepository;
use pano_store::snapshot::LastSnapshot;
use pano_types::Instant;
use sea_query::{CaseStatement, Expr, ExprTrait as _, OnConflict, Query};

const COLUMNS: [&str; 5] = ["one", "revision", "digest", "change_seq", "compiled_at"];

#[async_trait::async_trait]
impl SnapshotRepository for Unit {
    async fn snapshot_compiled(&mut self, digest: &str, change_seq: u64, now: Instant) -> Result<u64> {
        let old = |column: &'static str| Expr::col(("snapshot_last", column));
        let step: Expr = CaseStatement::new().case(old("digest").eq(excluded("digest")), 0i64).finally(1i64).into();
        let mut upsert = Query::insert();
        upsert
            .into_table("snapshot_last")
            .columns(COLUMNS)
            .values_panic([
                1i64.into(),
                1i64.into(),
                digest.into(),
                number(change_seq)?.into(),
                now.unix_micros().into(),
            ])
            .on_conflict(
                OnConflict::column("one")
                    .value("revision", old("revision").add(step))
                    .update_columns(["digest", "change_seq", "compiled_at"])
                    .to_owned(),
            )
            .returning(Query::returning().columns(["one", "revision"]));
        let revision = self.one("snapshot_last.compiled", &upsert, |row| row.number("revision")).await?;
        self.keep(revision.ok_or_else(|| StoreError::missing("last snapshot")))
    }

    async fn snapshot_last(&mut self) -> Result<Option<LastSnapshot>> {
        let mut select = Query::select();
        select.columns(COLUMNS).from("snapshot_last");
        self.one("snapshot_last.read", &select, last).await
    }
}

fn last(row: &Row) -> Result<LastSnapshot> {
    Ok(LastSnapshot {
        revision: row.number("revision")?,
        digest: row.text("digest")?,
        change_seq: row.number("change_seq")?,
        compiled_at: row.instant("compiled_at")?,
    })
}
