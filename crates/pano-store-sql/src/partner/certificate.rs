//! Certificates.

use super::json;
use crate::Result;
use crate::executor::Unit;
use crate::page;
use crate::row::Row;
use pano_partner::Certificate;
use pano_partner::certification::Profile;
use pano_types::id::{AppId, CertificationId};
use pano_types::{Instant, Page, PageRequest};
use sea_query::{Expr, ExprTrait as _, OnConflict, Order, Query};

const COLUMNS: [&str; 8] =
    ["id", "app_id", "profile", "script_version", "started_at", "passed_at", "valid_until", "steps"];
/// Most certificates that are looked at when one is asked for.
const VALID_MAX: u64 = 100;

fn read(row: &Row) -> Result<Certificate> {
    let profile = row.text("profile")?;
    Ok(Certificate {
        id: row.parse("id")?,
        app: row.parse("app_id")?,
        profile: Profile::from_text(&profile).ok_or_else(|| row.corrupt("profile", "is none"))?,
        script_version: row.number("script_version")?,
        started_at: row.instant("started_at")?,
        passed_at: row.instant("passed_at")?,
        valid_until: row.instant("valid_until")?,
        steps: row.json("steps")?,
    })
}

impl Unit {
    pub(super) async fn insert_certificate(&mut self, certificate: &Certificate) -> Result<bool> {
        let statement = Query::insert()
            .into_table("certificate")
            .columns(COLUMNS)
            .values_panic([
                certificate.id.to_string().into(),
                certificate.app.to_string().into(),
                certificate.profile.text().into(),
                i64::from(certificate.script_version).into(),
                certificate.started_at.unix_micros().into(),
                certificate.passed_at.unix_micros().into(),
                certificate.valid_until.unix_micros().into(),
                json(&certificate.steps)?.into(),
            ])
            .on_conflict(OnConflict::column("id").do_nothing().to_owned())
            .to_owned();
        Ok(self.run("certificate.add", &statement).await? == 1)
    }

    pub(super) async fn find_certificate(&mut self, id: CertificationId) -> Result<Option<Certificate>> {
        let select = Query::select()
            .columns(COLUMNS)
            .from("certificate")
            .and_where(Expr::col("id").eq(id.to_string()))
            .to_owned();
        self.one("certificate.by_id", &select, read).await
    }

    pub(super) async fn certificate_page(&mut self, app: AppId, page: &PageRequest) -> Result<Page<Certificate>> {
        let mut select = Query::select().columns(COLUMNS).from("certificate").to_owned();
        select.and_where(Expr::col("app_id").eq(app.to_string()));
        page::ascending(&mut select, "id", page);
        let rows = self.all("certificate.list", &select, read).await?;
        Ok(Page::from_rows(rows, page, |certificate| certificate.id.to_string()))
    }

    pub(super) async fn valid_certificates(&mut self, app: AppId, now: Instant) -> Result<Vec<Certificate>> {
        let select = Query::select()
            .columns(COLUMNS)
            .from("certificate")
            .and_where(Expr::col("app_id").eq(app.to_string()))
            .and_where(Expr::col("valid_until").gt(now.unix_micros()))
            .order_by("id", Order::Desc)
            .limit(VALID_MAX)
            .to_owned();
        self.all("certificate.valid", &select, read).await
    }
}
