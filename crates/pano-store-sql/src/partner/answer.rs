//! Answers that the admin API gave under idempotency keys.

use crate::Result;
use crate::executor::Unit;
use crate::row::Row;
use pano_store::partner::RememberedAnswer;
use pano_types::Instant;
use pano_types::id::OperatorId;
use sea_query::{Expr, ExprTrait as _, Order, Query};

const COLUMNS: [&str; 8] = ["key", "operator_id", "fingerprint", "status", "etag", "location", "body", "at"];

fn read(row: &Row) -> Result<RememberedAnswer> {
    Ok(RememberedAnswer {
        fingerprint: row.text("fingerprint")?,
        status: row.number("status")?,
        etag: row.text_opt("etag")?,
        location: row.text_opt("location")?,
        body: row.text("body")?,
    })
}

impl Unit {
    pub(super) async fn find_answer(&mut self, operator: OperatorId, key: &str) -> Result<Option<RememberedAnswer>> {
        let select = Query::select()
            .columns(COLUMNS)
            .from("remembered_answer")
            .and_where(Expr::col("operator_id").eq(operator.to_string()))
            .and_where(Expr::col("key").eq(key.to_owned()))
            .to_owned();
        self.one("remembered_answer.find", &select, read).await
    }

    pub(super) async fn insert_answer(
        &mut self,
        operator: OperatorId,
        key: &str,
        answer: &RememberedAnswer,
        at: Instant,
    ) -> Result<()> {
        let statement = Query::insert()
            .into_table("remembered_answer")
            .columns(COLUMNS)
            .values_panic([
                key.to_owned().into(),
                operator.to_string().into(),
                answer.fingerprint.clone().into(),
                i64::from(answer.status).into(),
                answer.etag.clone().into(),
                answer.location.clone().into(),
                answer.body.clone().into(),
                at.unix_micros().into(),
            ])
            .to_owned();
        self.run("remembered_answer.add", &statement).await.map(|_| ())
    }

    pub(super) async fn sweep_answers(&mut self, before: Instant, limit: u32) -> Result<u64> {
        // The oldest ones by age; a key names a row only together with its operator, so the age is what is deleted by.
        let oldest = Query::select()
            .column("at")
            .from("remembered_answer")
            .and_where(Expr::col("at").lt(before.unix_micros()))
            .order_by("at", Order::Asc)
            .limit(u64::from(limit))
            .to_owned();
        let statement =
            Query::delete().from_table("remembered_answer").and_where(Expr::col("at").in_subquery(oldest)).to_owned();
        self.run("remembered_answer.sweep", &statement).await
    }
}
