//! Versions, their documents, and import reports.

use super::{BATCH, in_batches, json, level, operation, search, signed};
use crate::executor::Unit;
use crate::page;
use crate::row::Row;
use crate::{Result, StoreError};
use pano_catalog::Version;
use pano_catalog::lifecycle::Stage;
use pano_store::catalog::{ImportRecord, NewVersion, ServedVersion, VERSIONS_MAX};
use pano_types::id::{ApiId, ApiVersionId, ImportId};
use pano_types::{Page, PageRequest};
use sea_query::{Expr, ExprTrait as _, JoinType, OnConflict, Order, Query, SelectStatement};

const VERSION: &str = "catalog_version";
const DOCUMENT: &str = "catalog_document";
const IMPORT: &str = "catalog_import";

const COLUMNS: [&str; 15] = [
    "id",
    "api_id",
    "version",
    "stage",
    "state",
    "published_at",
    "base_path",
    "hosts",
    "settings",
    "document",
    "sha256",
    "proposed_level",
    "created_by",
    "created_at",
    "generation",
];

fn select() -> SelectStatement {
    Query::select().columns(COLUMNS).from(VERSION).to_owned()
}

fn read(row: &Row) -> Result<Version> {
    let version = Version {
        id: row.parse("id")?,
        api: row.parse("api_id")?,
        version: row.text("version")?,
        state: row.json("state")?,
        base_path: row.parse("base_path")?,
        settings: row.json("settings")?,
        document: row.json("document")?,
        proposed_level: row.word("proposed_level", level)?,
        created_by: row.parse("created_by")?,
        created_at: row.instant("created_at")?,
        generation: row.number("generation")?,
    };
    let stage = row.word("stage", Stage::from_text)?;
    if stage != version.state.stage() {
        return Err(row.corrupt("stage", "is not the stage of the state beside it"));
    }
    Ok(version)
}

pub(super) async fn add(unit: &mut Unit, new: NewVersion<'_>) -> Result<()> {
    let NewVersion { version, operations, content, entries } = new;
    let document = Query::insert()
        .into_table(DOCUMENT)
        .columns(["sha256", "content"])
        .values_panic([version.document.sha256.as_str().into(), content.into()])
        .on_conflict(OnConflict::column("sha256").do_nothing().to_owned())
        .to_owned();
    unit.run("catalog_document.add", &document).await?;
    let insert = Query::insert()
        .into_table(VERSION)
        .columns(COLUMNS)
        .values_panic([
            version.id.to_string().into(),
            version.api.to_string().into(),
            version.version.clone().into(),
            version.state.stage().text().into(),
            json(&version.state)?.into(),
            version.state.published().map(|step| step.at.unix_micros()).into(),
            version.base_path.as_str().into(),
            json(&version.settings.hosts)?.into(),
            json(&version.settings)?.into(),
            json(&version.document)?.into(),
            version.document.sha256.clone().into(),
            version.proposed_level.code().into(),
            version.created_by.to_string().into(),
            version.created_at.unix_micros().into(),
            signed(version.generation)?.into(),
        ])
        .to_owned();
    unit.run("catalog_version.add", &insert).await?;
    operation::add(unit, version, operations).await?;
    search::add(unit, version.id, entries).await
}

pub(super) async fn find(unit: &mut Unit, id: ApiVersionId) -> Result<Option<Version>> {
    let select = select().and_where(Expr::col("id").eq(id.to_string())).to_owned();
    unit.one("catalog_version.find", &select, read).await
}

pub(super) async fn by_ids(unit: &mut Unit, ids: &[ApiVersionId]) -> Result<Vec<Version>> {
    in_batches(unit, "catalog_version.by_ids", select, ids, read).await
}

pub(super) async fn of_apis(unit: &mut Unit, apis: &[ApiId]) -> Result<Vec<Version>> {
    let mut found = Vec::new();
    for apis in apis.chunks(BATCH) {
        let select = select()
            .and_where(Expr::col("api_id").is_in(apis.iter().map(ToString::to_string)))
            .order_by("id", Order::Asc)
            .limit(VERSIONS_MAX)
            .to_owned();
        found.extend(unit.all("catalog_version.of_apis", &select, read).await?);
    }
    Ok(found)
}

pub(super) async fn update(unit: &mut Unit, version: &Version) -> Result<u64> {
    let next = version.generation + 1;
    let update = Query::update()
        .table(VERSION)
        .value("stage", version.state.stage().text())
        .value("state", json(&version.state)?)
        .value("published_at", version.state.published().map(|step| step.at.unix_micros()))
        .value("base_path", version.base_path.as_str())
        .value("hosts", json(&version.settings.hosts)?)
        .value("settings", json(&version.settings)?)
        .value("document", json(&version.document)?)
        .value("proposed_level", version.proposed_level.code())
        .value("generation", signed(next)?)
        .and_where(Expr::col("id").eq(version.id.to_string()))
        .and_where(Expr::col("generation").eq(signed(version.generation)?))
        .to_owned();
    let id = version.id;
    unit.run_one("catalog_version.update", &update, || StoreError::stale(format!("version {id}"))).await?;
    Ok(next)
}

pub(super) async fn served(unit: &mut Unit) -> Result<Vec<ServedVersion>> {
    let column = |name: &'static str| Expr::col((VERSION, name));
    let select = Query::select()
        .expr_as(column("id"), "id")
        .expr_as(column("api_id"), "api_id")
        .expr_as(column("stage"), "stage")
        .expr_as(column("version"), "version")
        .expr_as(column("base_path"), "base_path")
        .expr_as(column("hosts"), "hosts")
        .expr_as(column("generation"), "generation")
        .expr_as(Expr::col(("catalog_api", "generation")), "api_generation")
        .from(VERSION)
        .join(JoinType::InnerJoin, "catalog_api", Expr::col(("catalog_api", "id")).equals((VERSION, "api_id")))
        .and_where(column("published_at").is_not_null())
        .order_by((VERSION, "id"), Order::Asc)
        .to_owned();
    unit.all("catalog_version.served", &select, |row| {
        Ok(ServedVersion {
            id: row.parse("id")?,
            api: row.parse("api_id")?,
            stage: row.word("stage", Stage::from_text)?,
            version: row.text("version")?,
            base_path: row.parse("base_path")?,
            hosts: row.json("hosts")?,
            generation: row.number("generation")?,
            api_generation: row.number("api_generation")?,
        })
    })
    .await
}

pub(super) async fn document(unit: &mut Unit, sha256: &str) -> Result<Option<String>> {
    let select = Query::select()
        .columns(["sha256", "content"])
        .from(DOCUMENT)
        .and_where(Expr::col("sha256").eq(sha256))
        .to_owned();
    unit.one("catalog_document.find", &select, |row| row.text("content")).await
}

const IMPORT_COLUMNS: [&str; 7] = ["id", "at", "operator_id", "source", "outcome", "version_id", "report"];

fn import_select() -> SelectStatement {
    Query::select().columns(IMPORT_COLUMNS).from(IMPORT).to_owned()
}

fn read_import(row: &Row) -> Result<ImportRecord> {
    Ok(ImportRecord {
        id: row.parse("id")?,
        at: row.instant("at")?,
        operator: row.parse("operator_id")?,
        source: row.text("source")?,
        outcome: row.text("outcome")?,
        version: row.parse_opt("version_id")?,
        report: row.text("report")?,
    })
}

pub(super) async fn import_add(unit: &mut Unit, record: &ImportRecord) -> Result<()> {
    let insert = Query::insert()
        .into_table(IMPORT)
        .columns(IMPORT_COLUMNS)
        .values_panic([
            record.id.to_string().into(),
            record.at.unix_micros().into(),
            record.operator.to_string().into(),
            record.source.clone().into(),
            record.outcome.clone().into(),
            record.version.map(|id| id.to_string()).into(),
            record.report.clone().into(),
        ])
        .to_owned();
    unit.run("catalog_import.add", &insert).await.map(|_| ())
}

pub(super) async fn import_find(unit: &mut Unit, id: ImportId) -> Result<Option<ImportRecord>> {
    let select = import_select().and_where(Expr::col("id").eq(id.to_string())).to_owned();
    unit.one("catalog_import.find", &select, read_import).await
}

pub(super) async fn import_list(unit: &mut Unit, page: &PageRequest) -> Result<Page<ImportRecord>> {
    let mut select = import_select();
    page::descending(&mut select, "id", page);
    let rows = unit.all("catalog_import.list", &select, read_import).await?;
    Ok(Page::from_rows(rows, page, |record| record.id.to_string()))
}
