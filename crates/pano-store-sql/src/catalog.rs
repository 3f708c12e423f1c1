//! See `pano_store::catalog`.

mod api;
mod contract;
mod directory;
mod operation;
mod search;
mod version;

use crate::executor::Unit;
use crate::row::Row;
use crate::{Result, StoreError};
use pano_catalog::directory::{Node, NodePath};
use pano_catalog::lifecycle::Stage;
use pano_catalog::model::Operation;
use pano_catalog::search::{Entry, Term};
use pano_catalog::{Api, IdentificationCode, Provider, Slug, Version};
use pano_store::CatalogRepository;
use pano_store::catalog::{
    ApiFilter, ContractKnown, ContractMade, GradeRow, ImportRecord, NewVersion, OperationFilter, OperationRow,
    ServedVersion,
};
use pano_types::id::{ApiId, ApiVersionId, ImportId, ProviderId};
use pano_types::{ApiLevel, DataClass, Page, PageRequest};
use sea_query::{Expr, ExprTrait as _, Order, SelectStatement};
use serde::Serialize;

/// Rows of one INSERT. With 15 columns this stays far below the 32,766 values that SQLite binds.
const BATCH: usize = 500;

fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| StoreError::Unstorable { what: error.to_string() })
}

/// Rows by their ids, in the order of these; so many at a time as one statement binds.
async fn in_batches<T, I: ToString>(
    unit: &mut Unit,
    name: &'static str,
    select: fn() -> SelectStatement,
    ids: &[I],
    read: fn(&Row) -> Result<T>,
) -> Result<Vec<T>> {
    let mut found = Vec::with_capacity(ids.len());
    for ids in ids.chunks(BATCH) {
        let wanted = Expr::col("id").is_in(ids.iter().map(ToString::to_string));
        let select = select().and_where(wanted).order_by("id", Order::Asc).to_owned();
        found.extend(unit.all(name, &select, read).await?);
    }
    Ok(found)
}

fn signed(value: u64) -> Result<i64> {
    i64::try_from(value).map_err(|_| StoreError::Unstorable { what: "a number beyond 63 bits".to_owned() })
}

fn level(code: &str) -> Option<ApiLevel> {
    [ApiLevel::A1, ApiLevel::A2].into_iter().find(|level| level.code() == code)
}

fn data_class(code: &str) -> Option<DataClass> {
    [DataClass::C1, DataClass::C2, DataClass::C3].into_iter().find(|class| class.code() == code)
}

#[async_trait::async_trait]
impl CatalogRepository for Unit {
    async fn directory_add(&mut self, node: &Node) -> Result<()> {
        directory::add(self, node).await
    }
    async fn directory_all(&mut self) -> Result<Vec<Node>> {
        directory::all(self).await
    }
    async fn directory_find(&mut self, path: &NodePath) -> Result<Option<Node>> {
        directory::find(self, path).await
    }
    async fn directory_update(&mut self, node: &Node) -> Result<()> {
        directory::update(self, node).await
    }
    async fn directory_remove(&mut self, path: &NodePath) -> Result<()> {
        directory::remove(self, path).await
    }

    async fn provider_add(&mut self, provider: &Provider) -> Result<()> {
        api::provider_add(self, provider).await
    }
    async fn provider_find(&mut self, id: ProviderId) -> Result<Option<Provider>> {
        api::provider_by(self, "id", &id.to_string()).await
    }
    async fn provider_by_slug(&mut self, slug: &Slug) -> Result<Option<Provider>> {
        api::provider_by(self, "slug", slug.as_str()).await
    }
    async fn provider_list(&mut self, page: &PageRequest) -> Result<Page<Provider>> {
        api::provider_list(self, page).await
    }
    async fn provider_update(&mut self, provider: &Provider) -> Result<u64> {
        api::provider_update(self, provider).await
    }

    async fn api_add(&mut self, api: &Api) -> Result<()> {
        api::add(self, api).await
    }
    async fn api_find(&mut self, id: ApiId) -> Result<Option<Api>> {
        api::by(self, "id", &id.to_string()).await
    }
    async fn api_by_slug(&mut self, slug: &Slug) -> Result<Option<Api>> {
        api::by(self, "slug", slug.as_str()).await
    }
    async fn api_by_ids(&mut self, ids: &[ApiId]) -> Result<Vec<Api>> {
        api::by_ids(self, ids).await
    }
    async fn api_list(&mut self, filter: &ApiFilter, page: &PageRequest) -> Result<Page<Api>> {
        api::list(self, filter, page).await
    }
    async fn api_update(&mut self, api: &Api) -> Result<u64> {
        api::update(self, api).await
    }
    async fn api_lock(&mut self, id: ApiId) -> Result<()> {
        api::lock(self, id).await
    }

    async fn identification_serial(&mut self) -> Result<u64> {
        api::identification_serial(self).await
    }
    async fn identification_claim(&mut self, code: &IdentificationCode, api: ApiId) -> Result<()> {
        api::identification_claim(self, code, api).await
    }

    async fn version_add(&mut self, new: NewVersion<'_>) -> Result<()> {
        version::add(self, new).await
    }
    async fn version_find(&mut self, id: ApiVersionId) -> Result<Option<Version>> {
        version::find(self, id).await
    }
    async fn version_by_ids(&mut self, ids: &[ApiVersionId]) -> Result<Vec<Version>> {
        version::by_ids(self, ids).await
    }
    async fn version_of_apis(&mut self, apis: &[ApiId]) -> Result<Vec<Version>> {
        version::of_apis(self, apis).await
    }
    async fn version_update(&mut self, version: &Version) -> Result<u64> {
        version::update(self, version).await
    }
    async fn version_served(&mut self) -> Result<Vec<ServedVersion>> {
        version::served(self).await
    }

    async fn operation_of_version(&mut self, id: ApiVersionId) -> Result<Vec<Operation>> {
        operation::of_version(self, id).await
    }
    async fn operation_list(&mut self, filter: &OperationFilter, page: &PageRequest) -> Result<Page<OperationRow>> {
        operation::list(self, filter, page).await
    }
    async fn operation_grades(&mut self, id: ApiVersionId, grades: &[GradeRow]) -> Result<()> {
        operation::grades(self, id, grades).await
    }

    async fn document_find(&mut self, sha256: &str) -> Result<Option<String>> {
        version::document(self, sha256).await
    }

    async fn contract_keep(&mut self, made: &ContractMade<'_>) -> Result<()> {
        contract::keep(self, made).await
    }
    async fn contract_known(&mut self, made: &str, documents: &[String]) -> Result<Vec<ContractKnown>> {
        contract::known(self, made, documents).await
    }
    async fn contract_text(&mut self, digest: &str) -> Result<Option<String>> {
        contract::text(self, digest).await
    }

    async fn search_entries(&mut self, terms: &[Term], stages: &[Stage]) -> Result<Vec<(ApiVersionId, Entry)>> {
        search::entries(self, terms, stages).await
    }
    async fn search_replace(&mut self, id: ApiVersionId, entries: &[Entry]) -> Result<()> {
        search::replace(self, id, entries).await
    }

    async fn import_add(&mut self, record: &ImportRecord) -> Result<()> {
        version::import_add(self, record).await
    }
    async fn import_find(&mut self, id: ImportId) -> Result<Option<ImportRecord>> {
        version::import_find(self, id).await
    }
    async fn import_list(&mut self, page: &PageRequest) -> Result<Page<ImportRecord>> {
        version::import_list(self, page).await
    }
}
