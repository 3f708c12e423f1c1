//! The directory and the table of categories.

use axum::extract::State;
use axum::response::Response;
use pano_catalog::category::Category;
use pano_catalog::directory::{Node, NodePath, default_tree};
use pano_catalog::wire::{NodeCreate, NodeUpdate, NodeView};
use pano_http::cursor::Listed;
use pano_http::{Body, Idempotent, IfMatch, Path};
use pano_store::{Store, StoreError};
use pano_types::id::DirectoryId;
use pano_types::{Clock, Code, Entropy, Page, Problem};
use serde_json::json;

use crate::call::Call;
use crate::error::{Error, Result};
use crate::state::Manager;
use crate::write::{Change, Reply};

/// Fills an empty directory with the default tree. Later starts leave what people made of it alone.
///
/// # Errors
/// When the store refuses.
pub async fn ensure_directory(store: &dyn Store, clock: &dyn Clock, entropy: &dyn Entropy) -> Result<(), StoreError> {
    let mut unit = store.begin().await?;
    if !unit.directory_all().await?.is_empty() {
        return Ok(());
    }
    let now = clock.now();
    for seed in default_tree() {
        let id = DirectoryId::new(now, entropy);
        let node =
            Node { id, path: seed.path, name: seed.name, position: seed.position, created_at: now, generation: 1 };
        unit.directory_add(&node).await?;
    }
    unit.save().await
}

/// The whole directory, by path.
#[utoipa::path(get, path = "/admin/v1/directory", operation_id = "directory_list", tag = "library",
    responses((status = 200, description = "Nodes", body = Listed<NodeView>)))]
pub(crate) async fn list(State(manager): State<Manager>) -> Result<axum::Json<Listed<NodeView>>> {
    let nodes = manager.read().await?.directory_all().await?;
    let page = Page { items: nodes.into_iter().map(NodeView::from).collect(), next: None };
    Ok(axum::Json(Listed::new("directory", page)))
}

/// Adds a node below one that is there.
#[utoipa::path(post, path = "/admin/v1/directory", operation_id = "directory_create", tag = "library",
    request_body = NodeCreate, responses((status = 201, description = "The node", body = NodeView)))]
pub(crate) async fn add(
    State(manager): State<Manager>,
    call: Call,
    request: Idempotent<NodeCreate>,
) -> Result<Response> {
    manager.post(call, request, |change, form| Box::pin(create(change, form))).await
}

async fn create(change: &mut Change, form: NodeCreate) -> Result<Reply> {
    let NodeCreate { path, name, position } = form;
    check_name(&name)?;
    if let Some(parent) = path.parent()
        && change.unit.directory_find(&parent).await?.is_none()
    {
        return Err(Error::invalid(
            "/path",
            (format!("there is no node {parent} above it"), format!("没有上级节点 {parent}")),
        ));
    }
    let id = DirectoryId::new(change.now, change.manager().entropy());
    let node = Node { id, path, name, position, created_at: change.now, generation: 1 };
    change.unit.directory_add(&node).await?;
    change.note("directory.added", "directory", &node.path, json!({}));
    let location = format!("/admin/v1/directory/{}", node.path);
    Ok(Reply::created(location, &NodeView::from(node))?.tagged(1))
}

fn check_name(name: &pano_types::Localized) -> Result<()> {
    let ok = |text: &str| text.chars().count() <= 100 && !text.contains(char::is_control);
    if (name.zh.is_empty() && name.en.is_empty()) || !ok(&name.zh) || !ok(&name.en) {
        return Err(Error::invalid(
            "/name",
            ("give a name of at most 100 characters in zh or en", "须提供中文或英文名称，至多 100 个字符"),
        ));
    }
    Ok(())
}

fn node_path(text: &str) -> Result<NodePath> {
    NodePath::parse(text).map_err(|error| Problem::new(Code::NotFound).detail(error.told()).into())
}

/// Changes name and position of a node.
#[utoipa::path(put, path = "/admin/v1/directory/{path}", operation_id = "directory_update", tag = "library",
    params(("path" = String, Path), ("If-Match" = String, Header)), request_body = NodeUpdate,
    responses((status = 200, description = "The node", body = NodeView)))]
pub(crate) async fn change(
    State(manager): State<Manager>,
    call: Call,
    Path(path): Path<String>,
    read: IfMatch,
    Body(form): Body<NodeUpdate>,
) -> Result<Response> {
    let path = node_path(&path)?;
    manager.put(call, (path, form), move |change, (path, form)| Box::pin(update(change, path, read, form))).await
}

async fn update(change: &mut Change, path: NodePath, read: IfMatch, form: NodeUpdate) -> Result<Reply> {
    check_name(&form.name)?;
    let mut node = change.unit.directory_find(&path).await?.ok_or_else(Error::not_found)?;
    read.check(node.generation)?;
    node.name = form.name;
    node.position = form.position;
    change.unit.directory_update(&node).await?;
    node.generation += 1;
    change.note("directory.changed", "directory", &path, json!({}));
    let generation = node.generation;
    Ok(Reply::ok(&NodeView::from(node))?.tagged(generation))
}

/// Removes a node that nothing stands at or below.
#[utoipa::path(delete, path = "/admin/v1/directory/{path}", operation_id = "directory_remove", tag = "library",
    params(("path" = String, Path)), responses((status = 200, description = "Removed")))]
pub(crate) async fn remove(State(manager): State<Manager>, call: Call, Path(path): Path<String>) -> Result<Response> {
    let path = node_path(&path)?;
    manager.put(call, path, |change, path| Box::pin(delete(change, path))).await
}

async fn delete(change: &mut Change, path: NodePath) -> Result<Reply> {
    match change.unit.directory_remove(&path).await {
        Err(StoreError::Conflict { .. }) => {
            return Err(Problem::new(Code::Conflict)
                .detail(("APIs stand there, or nodes lie below", "该节点下有接口或子节点"))
                .into());
        }
        outcome => outcome?,
    }
    change.note("directory.removed", "directory", &path, json!({}));
    Reply::ok(&json!({}))
}

/// The table of security categories.
#[utoipa::path(get, path = "/admin/v1/categories", operation_id = "category_list", tag = "library",
    responses((status = 200, description = "Categories", body = Listed<Category>)))]
pub(crate) async fn categories(State(manager): State<Manager>) -> axum::Json<Listed<Category>> {
    let items = manager.options().catalog.categories.categories.clone();
    axum::Json(Listed::new("categories", Page { items, next: None }))
}
