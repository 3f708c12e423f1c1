//! See `pano_store::gateway`.

use crate::Result;
use crate::executor::Unit;
use crate::row::{Row, number};
use pano_snapshot::protocol::GatewayReport;
use pano_store::GatewayRepository;
use pano_store::gateway::Gateway;
use pano_types::Instant;
use sea_query::{Expr, ExprTrait as _, OnConflict, Order, Query};

const COLUMNS: [&str; 8] =
    ["name", "version", "started_at", "digest", "revision", "last_error", "first_seen_at", "last_seen_at"];
const LIST_MAX: u64 = 1000;

#[async_trait::async_trait]
impl GatewayRepository for Unit {
    async fn gateway_report(&mut self, report: &GatewayReport, now: Instant) -> Result<()> {
        let mut upsert = Query::insert();
        upsert
            .into_table("gateway")
            .columns(COLUMNS)
            .values_panic([
                report.gateway.as_str().into(),
                report.version.as_str().into(),
                report.started_at.unix_micros().into(),
                report.digest.as_deref().into(),
                number(report.revision)?.into(),
                report.last_error.as_deref().into(),
                now.unix_micros().into(),
                now.unix_micros().into(),
            ])
            .on_conflict(
                OnConflict::column("name")
                    .update_columns(["version", "started_at", "digest", "revision", "last_error", "last_seen_at"])
                    .to_owned(),
            );
        self.run("gateway.report", &upsert).await?;
        Ok(())
    }

    async fn gateway_list(&mut self) -> Result<Vec<Gateway>> {
        let mut select = Query::select();
        select.columns(COLUMNS).from("gateway").order_by("name", Order::Asc).limit(LIST_MAX);
        self.all("gateway.list", &select, gateway).await
    }

    async fn gateway_forget(&mut self, name: &str) -> Result<bool> {
        let mut delete = Query::delete();
        delete.from_table("gateway").and_where(Expr::col("name").eq(name));
        Ok(self.run("gateway.forget", &delete).await? == 1)
    }
}

fn gateway(row: &Row) -> Result<Gateway> {
    let report = GatewayReport {
        gateway: row.text("name")?,
        version: row.text("version")?,
        started_at: row.instant("started_at")?,
        digest: row.text_opt("digest")?,
        revision: row.number("revision")?,
        last_error: row.text_opt("last_error")?,
    };
    Ok(Gateway { report, first_seen_at: row.instant("first_seen_at")?, last_seen_at: row.instant("last_seen_at")? })
}
