//! Operations of versions.

use super::{BATCH, data_class, json};
use crate::executor::Unit;
use crate::row::Row;
use crate::{Result, StoreError};
use pano_catalog::category::Grade;
use pano_catalog::model::{Bian, Operation};
use pano_catalog::{CategoryCode, Version};
use pano_store::catalog::{GradeRow, OperationFilter, OperationRow};
use pano_types::id::ApiVersionId;
use pano_types::{Page, PageRequest};
use sea_query::{Cond, Expr, ExprTrait as _, JoinType, Order, Query, SelectStatement};

const TABLE: &str = "catalog_operation";

const COLUMNS: [&str; 15] = [
    "version_id",
    "ordinal",
    "name",
    "method",
    "path",
    "summary",
    "service_domain",
    "control_record",
    "behaviour_qualifier",
    "action",
    "category",
    "data_class",
    "proposed_category",
    "proposed_class",
    "scopes",
];

pub(super) async fn add(unit: &mut Unit, version: &Version, operations: &[Operation]) -> Result<()> {
    let mut ordinal = 0i64;
    for batch in operations.chunks(BATCH) {
        let mut insert = Query::insert().into_table(TABLE).columns(COLUMNS).to_owned();
        for operation in batch {
            let grade = operation.grade(version.settings.operations.get(&operation.name));
            let bian = operation.bian.as_ref();
            insert.values_panic([
                version.id.to_string().into(),
                ordinal.into(),
                operation.name.clone().into(),
                operation.method.clone().into(),
                operation.path.clone().into(),
                operation.summary.clone().into(),
                bian.map(|b| b.service_domain.clone()).into(),
                bian.map(|b| b.control_record.clone()).into(),
                bian.and_then(|b| b.behaviour_qualifier.clone()).into(),
                bian.map(|b| b.action.clone()).into(),
                grade.category.as_str().into(),
                grade.data_class.code().into(),
                operation.proposed.category.as_str().into(),
                operation.proposed.data_class.code().into(),
                json(&operation.scopes)?.into(),
            ]);
            ordinal += 1;
        }
        unit.run("catalog_operation.add", &insert).await?;
    }
    Ok(())
}

fn read(row: &Row) -> Result<Operation> {
    let bian = match (row.text_opt("service_domain")?, row.text_opt("control_record")?, row.text_opt("action")?) {
        (Some(service_domain), Some(control_record), Some(action)) => {
            let behaviour_qualifier = row.text_opt("behaviour_qualifier")?;
            Some(Bian { service_domain, control_record, behaviour_qualifier, action })
        }
        _ => None,
    };
    Ok(Operation {
        name: row.text("name")?,
        method: row.text("method")?,
        path: row.text("path")?,
        summary: row.text("summary")?,
        bian,
        proposed: Grade {
            category: CategoryCode::new(row.text("proposed_category")?),
            data_class: row.word("proposed_class", data_class)?,
        },
        scopes: row.json("scopes")?,
    })
}

pub(super) async fn of_version(unit: &mut Unit, id: ApiVersionId) -> Result<Vec<Operation>> {
    let select = Query::select()
        .columns(COLUMNS)
        .from(TABLE)
        .and_where(Expr::col("version_id").eq(id.to_string()))
        .order_by("ordinal", Order::Asc)
        .limit(20_000)
        .to_owned();
    unit.all("catalog_operation.of_version", &select, read).await
}

fn column(name: &'static str) -> Expr {
    Expr::col((TABLE, name))
}

fn filtered(filter: &OperationFilter) -> SelectStatement {
    let text = |name: &'static str, value: &Option<String>| value.as_ref().map(|v| column(name).eq(v.as_str()));
    let version = |name: &'static str| Expr::col(("catalog_version", name));
    Query::select()
        .columns(COLUMNS.map(|name| (TABLE, name)))
        .expr_as(version("api_id"), "api_id")
        .from(TABLE)
        .join(JoinType::InnerJoin, "catalog_version", version("id").equals((TABLE, "version_id")))
        .and_where_option(filter.api.map(|id| version("api_id").eq(id.to_string())))
        .and_where_option(filter.stage.map(|stage| version("stage").eq(stage.text())))
        .and_where_option(filter.version.map(|id| column("version_id").eq(id.to_string())))
        .and_where_option(text("method", &filter.method))
        .and_where_option(text("service_domain", &filter.service_domain))
        .and_where_option(text("behaviour_qualifier", &filter.behaviour_qualifier))
        .and_where_option(text("action", &filter.action))
        .and_where_option(filter.category.as_ref().map(|code| column("category").eq(code.as_str())))
        .and_where_option(filter.data_class.map(|class| column("data_class").eq(class.code())))
        .to_owned()
}

/// The key of a page: `version#ordinal`.
fn after(key: &str) -> Result<Cond> {
    let parts = key.split_once('#').and_then(|(version, ordinal)| Some((version, ordinal.parse::<i64>().ok()?)));
    let (version, ordinal) = parts.ok_or(StoreError::PageKey)?;
    let same = Cond::all().add(column("version_id").eq(version)).add(column("ordinal").gt(ordinal));
    Ok(Cond::any().add(column("version_id").gt(version)).add(same))
}

pub(super) async fn list(unit: &mut Unit, filter: &OperationFilter, page: &PageRequest) -> Result<Page<OperationRow>> {
    let mut select = filtered(filter);
    if let Some(key) = page.after() {
        let after = unit.keep(after(key))?;
        select.cond_where(after);
    }
    select
        .order_by((TABLE, "version_id"), Order::Asc)
        .order_by((TABLE, "ordinal"), Order::Asc)
        .limit(u64::from(page.limit()) + 1);
    let rows = unit
        .all("catalog_operation.list", &select, |row| {
            Ok(OperationRow {
                api: row.parse("api_id")?,
                version: row.parse("version_id")?,
                ordinal: row.number("ordinal")?,
                operation: read(row)?,
                category: CategoryCode::new(row.text("category")?),
                data_class: row.word("data_class", data_class)?,
            })
        })
        .await?;
    Ok(Page::from_rows(rows, page, |row| format!("{}#{}", row.version, row.ordinal)))
}

pub(super) async fn grades(unit: &mut Unit, id: ApiVersionId, grades: &[GradeRow]) -> Result<()> {
    for grade in grades {
        let update = Query::update()
            .table(TABLE)
            .value("category", grade.category.as_str())
            .value("data_class", grade.data_class.code())
            .and_where(Expr::col("version_id").eq(id.to_string()))
            .and_where(Expr::col("ordinal").eq(i64::from(grade.ordinal)))
            .to_owned();
        unit.run("catalog_operation.grade", &update).await?;
    }
    Ok(())
}
