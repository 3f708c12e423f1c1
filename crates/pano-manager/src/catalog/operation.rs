//! Operations, of one version and across the library.

use axum::extract::State;
use pano_catalog::category::{CategoryCode, Grade};
use pano_catalog::lifecycle::Stage;
use pano_catalog::wire::OperationView;
use pano_http::cursor::{self, Listed};
use pano_http::{Path, Query};
use pano_store::catalog::{OperationFilter, OperationRow};
use pano_types::DataClass;
use pano_types::id::{ApiId, ApiVersionId};
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::state::Manager;

/// Which operations to list. All given conditions must hold.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Most items wanted, 1 to 200.
    limit: Option<u32>,
    /// Of this API.
    api: Option<ApiId>,
    /// Of this version.
    version: Option<ApiVersionId>,
    /// Of versions at this stage.
    stage: Option<Stage>,
    /// HTTP method.
    method: Option<String>,
    /// BIAN service domain.
    service_domain: Option<String>,
    /// BIAN behaviour qualifier.
    behaviour_qualifier: Option<String>,
    /// BIAN action term.
    action: Option<String>,
    /// Security category in force.
    category: Option<String>,
    /// Data class in force.
    data_class: Option<DataClass>,
}

/// Operations across the library.
#[utoipa::path(get, path = "/admin/v1/operations", operation_id = "operation_list", tag = "library", params(ListQuery),
    responses((status = 200, description = "Operations", body = Listed<OperationView>)))]
pub(crate) async fn list(
    State(manager): State<Manager>,
    Query(query): Query<ListQuery>,
) -> Result<axum::Json<Listed<OperationView>>> {
    page(&manager, query).await
}

/// Operations of one version, in the document's order.
#[utoipa::path(get, path = "/admin/v1/versions/{id}/operations", operation_id = "version_operation_list", tag = "library",
    params(("id" = ApiVersionId, Path), ListQuery),
    responses((status = 200, description = "Operations", body = Listed<OperationView>)))]
pub(crate) async fn of_version(
    State(manager): State<Manager>,
    Path(id): Path<ApiVersionId>,
    Query(query): Query<ListQuery>,
) -> Result<axum::Json<Listed<OperationView>>> {
    if query.version.is_some_and(|other| other != id) {
        return Err(Error::invalid("version", ("contradicts the address", "与地址中的标识矛盾")));
    }
    manager.read().await?.version_find(id).await?.ok_or_else(Error::not_found)?;
    page(&manager, ListQuery { version: Some(id), ..query }).await
}

async fn page(manager: &Manager, query: ListQuery) -> Result<axum::Json<Listed<OperationView>>> {
    let request = cursor::request("operations", query.cursor.as_deref(), query.limit)?;
    let filter = OperationFilter {
        api: query.api,
        version: query.version,
        stage: query.stage,
        method: query.method.map(|m| m.to_ascii_uppercase()),
        service_domain: query.service_domain,
        behaviour_qualifier: query.behaviour_qualifier,
        action: query.action,
        category: query.category.map(CategoryCode::new),
        data_class: query.data_class,
    };
    let page = manager.read().await?.operation_list(&filter, &request).await?;
    Ok(axum::Json(Listed::new("operations", page.map(view))))
}

fn view(row: OperationRow) -> OperationView {
    let OperationRow { api, version, ordinal, operation, category, data_class } = row;
    OperationView::new(api, version, ordinal, operation, Grade { category, data_class })
}
