//! Plans.

use super::{big, json, narrow};
use crate::executor::Unit;
use crate::page;
use crate::row::Row;
use crate::{Result, StoreError};
use pano_partner::Plan;
use pano_store::partner::PlanFilter;
use pano_types::id::PlanId;
use pano_types::{Page, PageRequest};
use sea_query::{Expr, ExprTrait as _, Query};

pub(super) const COLUMNS: [&str; 8] =
    ["id", "slug", "name", "limits", "retired", "managed_by", "created_at", "generation"];

pub(super) fn read(row: &Row) -> Result<Plan> {
    Ok(Plan {
        id: row.parse("id")?,
        slug: row.parse("slug")?,
        name: row.json("name")?,
        limits: row.json("limits")?,
        retired: row.bool("retired")?,
        managed_by: row.text_opt("managed_by")?,
        created_at: row.instant("created_at")?,
        generation: row.number("generation")?,
    })
}

impl Unit {
    pub(super) async fn insert_plan(&mut self, plan: &Plan) -> Result<()> {
        let statement = Query::insert()
            .into_table("plan")
            .columns(COLUMNS)
            .values_panic([
                plan.id.to_string().into(),
                plan.slug.to_string().into(),
                json(&plan.name)?.into(),
                json(&plan.limits)?.into(),
                plan.retired.into(),
                plan.managed_by.clone().into(),
                plan.created_at.unix_micros().into(),
                big(plan.generation)?.into(),
            ])
            .to_owned();
        self.run("plan.add", &statement).await.map(|_| ())
    }

    pub(super) async fn change_plan(&mut self, plan: &Plan) -> Result<()> {
        let statement = Query::update()
            .table("plan")
            .values([
                ("name", json(&plan.name)?.into()),
                ("limits", json(&plan.limits)?.into()),
                ("retired", plan.retired.into()),
                ("managed_by", plan.managed_by.clone().into()),
                ("generation", big(plan.generation + 1)?.into()),
            ])
            .and_where(Expr::col("id").eq(plan.id.to_string()))
            .and_where(Expr::col("generation").eq(big(plan.generation)?))
            .to_owned();
        self.run_one("plan.update", &statement, || StoreError::stale(plan.id.to_string())).await
    }

    pub(super) async fn find_plan(&mut self, id: PlanId) -> Result<Option<Plan>> {
        let select =
            Query::select().columns(COLUMNS).from("plan").and_where(Expr::col("id").eq(id.to_string())).to_owned();
        self.one("plan.by_id", &select, read).await
    }

    pub(super) async fn plan_page(&mut self, filter: &PlanFilter, page: &PageRequest) -> Result<Page<Plan>> {
        let mut select = Query::select().columns(COLUMNS).from("plan").to_owned();
        narrow(&mut select, "slug", filter.slug.as_ref());
        narrow(&mut select, "managed_by", filter.managed_by.as_ref());
        page::ascending(&mut select, "id", page);
        let rows = self.all("plan.list", &select, read).await?;
        Ok(Page::from_rows(rows, page, |plan| plan.id.to_string()))
    }
}
