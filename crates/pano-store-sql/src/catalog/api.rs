//! Providers, APIs, and the identification codes they hold.

use super::{in_batches, json, signed};
use crate::executor::Unit;
use crate::page;
use crate::row::Row;
use crate::{Result, StoreError};
use pano_catalog::directory::NodePath;
use pano_catalog::{Api, IdentificationCode, Provider};
use pano_store::catalog::ApiFilter;
use pano_types::id::ApiId;
use pano_types::{Page, PageRequest};
use sea_query::{Cond, Expr, ExprTrait as _, LikeExpr, OnConflict, Query, SelectStatement};

const PROVIDER: &str = "catalog_provider";
const API: &str = "catalog_api";
const CODE: &str = "catalog_code";

const PROVIDER_COLUMNS: [&str; 8] =
    ["id", "slug", "name", "internal", "contact", "managed_by", "created_at", "generation"];
const API_COLUMNS: [&str; 10] =
    ["id", "slug", "name", "summary", "owner", "provider_id", "directory", "managed_by", "created_at", "generation"];

fn read_provider(row: &Row) -> Result<Provider> {
    Ok(Provider {
        id: row.parse("id")?,
        slug: row.parse("slug")?,
        name: row.json("name")?,
        internal: row.bool("internal")?,
        contact: row.text("contact")?,
        managed_by: row.text_opt("managed_by")?,
        created_at: row.instant("created_at")?,
        generation: row.number("generation")?,
    })
}

fn provider_select() -> SelectStatement {
    Query::select().columns(PROVIDER_COLUMNS).from(PROVIDER).to_owned()
}

pub(super) async fn provider_add(unit: &mut Unit, provider: &Provider) -> Result<()> {
    let insert = Query::insert()
        .into_table(PROVIDER)
        .columns(PROVIDER_COLUMNS)
        .values_panic([
            provider.id.to_string().into(),
            provider.slug.as_str().into(),
            json(&provider.name)?.into(),
            provider.internal.into(),
            provider.contact.clone().into(),
            provider.managed_by.clone().into(),
            provider.created_at.unix_micros().into(),
            signed(provider.generation)?.into(),
        ])
        .to_owned();
    unit.run("catalog_provider.add", &insert).await.map(|_| ())
}

pub(super) async fn provider_by(unit: &mut Unit, column: &'static str, value: &str) -> Result<Option<Provider>> {
    let select = provider_select().and_where(Expr::col(column).eq(value)).to_owned();
    unit.one("catalog_provider.find", &select, read_provider).await
}

pub(super) async fn provider_list(unit: &mut Unit, page: &PageRequest) -> Result<Page<Provider>> {
    let mut select = provider_select();
    page::ascending(&mut select, "id", page);
    let rows = unit.all("catalog_provider.list", &select, read_provider).await?;
    Ok(Page::from_rows(rows, page, |provider| provider.id.to_string()))
}

pub(super) async fn provider_update(unit: &mut Unit, provider: &Provider) -> Result<u64> {
    let next = provider.generation + 1;
    let update = Query::update()
        .table(PROVIDER)
        .value("name", json(&provider.name)?)
        .value("internal", provider.internal)
        .value("contact", provider.contact.clone())
        .value("managed_by", provider.managed_by.clone())
        .value("generation", signed(next)?)
        .and_where(Expr::col("id").eq(provider.id.to_string()))
        .and_where(Expr::col("generation").eq(signed(provider.generation)?))
        .to_owned();
    let id = provider.id;
    unit.run_one("catalog_provider.update", &update, || StoreError::stale(format!("provider {id}"))).await?;
    Ok(next)
}

fn read(row: &Row) -> Result<Api> {
    let directory = row.text_opt("directory")?.map(|path| NodePath::parse(&path)).transpose();
    Ok(Api {
        id: row.parse("id")?,
        slug: row.parse("slug")?,
        name: row.json("name")?,
        summary: row.json("summary")?,
        owner: row.text("owner")?,
        provider: row.parse_opt("provider_id")?,
        directory: directory.map_err(|error| row.corrupt("directory", error))?,
        managed_by: row.text_opt("managed_by")?,
        created_at: row.instant("created_at")?,
        generation: row.number("generation")?,
    })
}

fn select() -> SelectStatement {
    Query::select().columns(API_COLUMNS).from(API).to_owned()
}

pub(super) async fn add(unit: &mut Unit, api: &Api) -> Result<()> {
    let insert = Query::insert()
        .into_table(API)
        .columns(API_COLUMNS)
        .values_panic([
            api.id.to_string().into(),
            api.slug.as_str().into(),
            json(&api.name)?.into(),
            json(&api.summary)?.into(),
            api.owner.clone().into(),
            api.provider.map(|id| id.to_string()).into(),
            api.directory.as_ref().map(|path| path.as_str().to_owned()).into(),
            api.managed_by.clone().into(),
            api.created_at.unix_micros().into(),
            signed(api.generation)?.into(),
        ])
        .to_owned();
    unit.run("catalog_api.add", &insert).await.map(|_| ())
}

pub(super) async fn by(unit: &mut Unit, column: &'static str, value: &str) -> Result<Option<Api>> {
    let select = select().and_where(Expr::col(column).eq(value)).to_owned();
    unit.one("catalog_api.find", &select, read).await
}

pub(super) async fn by_ids(unit: &mut Unit, ids: &[ApiId]) -> Result<Vec<Api>> {
    in_batches(unit, "catalog_api.by_ids", select, ids, read).await
}

pub(super) async fn list(unit: &mut Unit, filter: &ApiFilter, page: &PageRequest) -> Result<Page<Api>> {
    let within = |path: &NodePath| {
        // '_' stands for any character in LIKE, so it is escaped.
        let below = format!("{}.%", path.as_str().replace('_', "\\_"));
        Cond::any()
            .add(Expr::col("directory").eq(path.as_str()))
            .add(Expr::col("directory").like(LikeExpr::new(below).escape('\\')))
    };
    let at_stage = |stage: pano_catalog::lifecycle::Stage| {
        let versions = Query::select()
            .column("api_id")
            .from("catalog_version")
            .and_where(Expr::col("stage").eq(stage.text()))
            .to_owned();
        Expr::col("id").in_subquery(versions)
    };
    let mut select = select();
    if let Some(path) = &filter.directory {
        select.cond_where(within(path));
    }
    select
        .and_where_option(filter.provider.map(|id| Expr::col("provider_id").eq(id.to_string())))
        .and_where_option(filter.managed_by.as_ref().map(|by| Expr::col("managed_by").eq(by.as_str())))
        .and_where_option(filter.stage.map(at_stage));
    page::ascending(&mut select, "id", page);
    let rows = unit.all("catalog_api.list", &select, read).await?;
    Ok(Page::from_rows(rows, page, |api| api.id.to_string()))
}

pub(super) async fn update(unit: &mut Unit, api: &Api) -> Result<u64> {
    let next = api.generation + 1;
    let update = Query::update()
        .table(API)
        .value("name", json(&api.name)?)
        .value("summary", json(&api.summary)?)
        .value("owner", api.owner.clone())
        .value("provider_id", api.provider.map(|id| id.to_string()))
        .value("directory", api.directory.as_ref().map(|path| path.as_str().to_owned()))
        .value("managed_by", api.managed_by.clone())
        .value("generation", signed(next)?)
        .and_where(Expr::col("id").eq(api.id.to_string()))
        .and_where(Expr::col("generation").eq(signed(api.generation)?))
        .to_owned();
    let id = api.id;
    unit.run_one("catalog_api.update", &update, || StoreError::stale(format!("API {id}"))).await?;
    Ok(next)
}

pub(super) async fn lock(unit: &mut Unit, id: ApiId) -> Result<()> {
    // An update that changes nothing takes the row's lock in both dialects.
    let update = Query::update()
        .table(API)
        .value("owner", Expr::col("owner"))
        .and_where(Expr::col("id").eq(id.to_string()))
        .to_owned();
    unit.run_one("catalog_api.lock", &update, || StoreError::missing(format!("API {id}"))).await
}

pub(super) async fn identification_serial(unit: &mut Unit) -> Result<u64> {
    let update = Query::update()
        .table("counter")
        .value("value", Expr::col("value").add(1i64))
        .and_where(Expr::col("name").eq("identification"))
        .to_owned();
    let missing = || StoreError::missing("counter identification");
    unit.run_one("counter.identification", &update, missing).await?;
    let select = Query::select()
        .columns(["name", "value"])
        .from("counter")
        .and_where(Expr::col("name").eq("identification"))
        .to_owned();
    let value = unit.one("counter.identification_read", &select, |row| row.number("value")).await?;
    unit.keep(value.ok_or_else(missing))
}

pub(super) async fn identification_claim(unit: &mut Unit, code: &IdentificationCode, api: ApiId) -> Result<()> {
    let insert = Query::insert()
        .into_table(CODE)
        .columns(["code", "api_id"])
        .values_panic([code.as_str().into(), api.to_string().into()])
        .on_conflict(OnConflict::column("code").do_nothing().to_owned())
        .to_owned();
    if unit.run("catalog_code.claim", &insert).await? == 1 {
        return Ok(());
    }
    let select = Query::select()
        .columns(["code", "api_id"])
        .from(CODE)
        .and_where(Expr::col("code").eq(code.as_str()))
        .to_owned();
    let holder: Option<ApiId> = unit.one("catalog_code.holder", &select, |row| row.parse("api_id")).await?;
    if holder == Some(api) { Ok(()) } else { unit.keep(Err(StoreError::conflict("catalog_code.code"))) }
}
