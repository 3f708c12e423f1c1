//! Nodes of the directory.

use super::{json, signed};
use crate::executor::Unit;
use crate::row::Row;
use crate::{Result, StoreError};
use pano_catalog::directory::{Node, NodePath};
use sea_query::{Expr, ExprTrait as _, Order, Query, SelectStatement};

const TABLE: &str = "catalog_directory";

fn select() -> SelectStatement {
    Query::select().columns(["path", "id", "name", "position", "created_at", "generation"]).from(TABLE).to_owned()
}

fn read(row: &Row) -> Result<Node> {
    Ok(Node {
        id: row.parse("id")?,
        path: NodePath::parse(&row.text("path")?).map_err(|error| row.corrupt("path", error))?,
        name: row.json("name")?,
        position: row.number("position")?,
        created_at: row.instant("created_at")?,
        generation: row.number("generation")?,
    })
}

pub(super) async fn add(unit: &mut Unit, node: &Node) -> Result<()> {
    if let Some(parent) = node.path.parent()
        && find(unit, &parent).await?.is_none()
    {
        return unit.keep(Err(StoreError::missing(format!("directory node {parent}"))));
    }
    let insert = Query::insert()
        .into_table(TABLE)
        .columns(["path", "id", "name", "position", "created_at", "generation"])
        .values_panic([
            node.path.as_str().into(),
            node.id.to_string().into(),
            json(&node.name)?.into(),
            i64::from(node.position).into(),
            node.created_at.unix_micros().into(),
            signed(node.generation)?.into(),
        ])
        .to_owned();
    unit.run("catalog_directory.add", &insert).await.map(|_| ())
}

pub(super) async fn all(unit: &mut Unit) -> Result<Vec<Node>> {
    let select = select().order_by("path", Order::Asc).limit(100_000).to_owned();
    unit.all("catalog_directory.all", &select, read).await
}

pub(super) async fn find(unit: &mut Unit, path: &NodePath) -> Result<Option<Node>> {
    let select = select().and_where(Expr::col("path").eq(path.as_str())).to_owned();
    unit.one("catalog_directory.find", &select, read).await
}

pub(super) async fn update(unit: &mut Unit, node: &Node) -> Result<()> {
    let update = Query::update()
        .table(TABLE)
        .value("name", json(&node.name)?)
        .value("position", i64::from(node.position))
        .value("generation", signed(node.generation + 1)?)
        .and_where(Expr::col("path").eq(node.path.as_str()))
        .and_where(Expr::col("generation").eq(signed(node.generation)?))
        .to_owned();
    let path = node.path.clone();
    unit.run_one("catalog_directory.update", &update, || StoreError::stale(format!("directory node {path}"))).await
}

pub(super) async fn remove(unit: &mut Unit, path: &NodePath) -> Result<()> {
    let below = all(unit).await?.into_iter().any(|node| node.path != *path && node.path.is_within(path));
    if below {
        return unit.keep(Err(StoreError::conflict("catalog_directory.path: nodes lie below")));
    }
    let delete = Query::delete().from_table(TABLE).and_where(Expr::col("path").eq(path.as_str())).to_owned();
    unit.run_one("catalog_directory.remove", &delete, || StoreError::missing(format!("directory node {path}"))).await
}
