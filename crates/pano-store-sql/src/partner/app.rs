//! Apps.

use super::{agree, big, json, narrow};
use crate::executor::Unit;
use crate::page;
use crate::row::Row;
use crate::{Result, StoreError};
use pano_partner::App;
use pano_partner::app::State;
use pano_store::partner::AppFilter;
use pano_types::id::AppId;
use pano_types::{Page, PageRequest};
use sea_query::{Expr, ExprTrait as _, Query};

const COLUMNS: [&str; 11] = [
    "id",
    "partner_id",
    "slug",
    "name",
    "description",
    "redirect_uris",
    "state",
    "state_body",
    "managed_by",
    "created_at",
    "generation",
];

fn read(row: &Row) -> Result<App> {
    let state: State = row.json("state_body")?;
    agree(row, state.name())?;
    Ok(App {
        id: row.parse("id")?,
        partner: row.parse("partner_id")?,
        slug: row.parse("slug")?,
        name: row.json("name")?,
        description: row.text("description")?,
        redirect_uris: row.json("redirect_uris")?,
        state,
        managed_by: row.text_opt("managed_by")?,
        created_at: row.instant("created_at")?,
        generation: row.number("generation")?,
    })
}

impl Unit {
    pub(super) async fn insert_app(&mut self, app: &App) -> Result<()> {
        let statement = Query::insert()
            .into_table("app")
            .columns(COLUMNS)
            .values_panic([
                app.id.to_string().into(),
                app.partner.to_string().into(),
                app.slug.to_string().into(),
                json(&app.name)?.into(),
                app.description.clone().into(),
                json(&app.redirect_uris)?.into(),
                app.state.name().into(),
                json(&app.state)?.into(),
                app.managed_by.clone().into(),
                app.created_at.unix_micros().into(),
                big(app.generation)?.into(),
            ])
            .to_owned();
        self.run("app.add", &statement).await.map(|_| ())
    }

    pub(super) async fn change_app(&mut self, app: &App) -> Result<()> {
        let statement = Query::update()
            .table("app")
            .values([
                ("name", json(&app.name)?.into()),
                ("description", app.description.clone().into()),
                ("redirect_uris", json(&app.redirect_uris)?.into()),
                ("state", app.state.name().into()),
                ("state_body", json(&app.state)?.into()),
                ("managed_by", app.managed_by.clone().into()),
                ("generation", big(app.generation + 1)?.into()),
            ])
            .and_where(Expr::col("id").eq(app.id.to_string()))
            .and_where(Expr::col("generation").eq(big(app.generation)?))
            .to_owned();
        self.run_one("app.update", &statement, || StoreError::stale(app.id.to_string())).await
    }

    pub(super) async fn find_app(&mut self, id: AppId) -> Result<Option<App>> {
        let select =
            Query::select().columns(COLUMNS).from("app").and_where(Expr::col("id").eq(id.to_string())).to_owned();
        self.one("app.by_id", &select, read).await
    }

    pub(super) async fn app_page(&mut self, filter: &AppFilter, page: &PageRequest) -> Result<Page<App>> {
        let mut select = Query::select().columns(COLUMNS).from("app").to_owned();
        narrow(&mut select, "partner_id", filter.partner.as_ref());
        narrow(&mut select, "state", filter.state.as_ref());
        narrow(&mut select, "slug", filter.slug.as_ref());
        narrow(&mut select, "managed_by", filter.managed_by.as_ref());
        page::ascending(&mut select, "id", page);
        let rows = self.all("app.list", &select, read).await?;
        Ok(Page::from_rows(rows, page, |app| app.id.to_string()))
    }
}
