//! The capability library: directory, providers, APIs and their versions, documents, search tokens, import reports.

use crate::{Result, UnitOfWork};
use pano_catalog::directory::{Node, NodePath};
use pano_catalog::lifecycle::Stage;
use pano_catalog::model::Operation;
use pano_catalog::search::{Entry, Term};
use pano_catalog::{Api, BasePath, CategoryCode, IdentificationCode, Provider, Slug, Version};
use pano_types::id::{ApiId, ApiVersionId, ImportId, OperatorId, ProviderId};
use pano_types::{DataClass, Instant, Page, PageRequest};
use std::collections::BTreeSet;

/// Which APIs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApiFilter {
    /// At or below this node.
    pub directory: Option<NodePath>,
    /// Run by this provider.
    pub provider: Option<ProviderId>,
    /// Owned by this declared folder.
    pub managed_by: Option<String>,
    /// With a version at this stage.
    pub stage: Option<Stage>,
}

/// Which operations. All given conditions must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OperationFilter {
    /// Of this API.
    pub api: Option<ApiId>,
    /// Of this version.
    pub version: Option<ApiVersionId>,
    /// Of versions at this stage.
    pub stage: Option<Stage>,
    /// HTTP method, upper case.
    pub method: Option<String>,
    /// BIAN service domain.
    pub service_domain: Option<String>,
    /// BIAN behaviour qualifier.
    pub behaviour_qualifier: Option<String>,
    /// BIAN action term.
    pub action: Option<String>,
    /// Security category in force.
    pub category: Option<CategoryCode>,
    /// Data class in force.
    pub data_class: Option<DataClass>,
}

/// An operation with where it stands and what is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationRow {
    /// Of this API.
    pub api: ApiId,
    /// Of this version.
    pub version: ApiVersionId,
    /// Position in the document, from 0.
    pub ordinal: i32,
    /// What the document proposed.
    pub operation: Operation,
    /// Category in force.
    pub category: CategoryCode,
    /// Data class in force.
    pub data_class: DataClass,
}

/// Category and data class in force of one operation, by its position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GradeRow {
    /// Position in the document.
    pub ordinal: i32,
    /// Category in force.
    pub category: CategoryCode,
    /// Data class in force.
    pub data_class: DataClass,
}

/// What a gateway's routes are compiled from, and how to notice that they changed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ServedVersion {
    /// The version.
    pub id: ApiVersionId,
    /// Its API.
    pub api: ApiId,
    /// Where it stands: published, deprecated, or retired after it was published.
    pub stage: Stage,
    /// Version text.
    pub version: String,
    /// Where it answers.
    pub base_path: BasePath,
    /// Hosts it answers to; empty: any.
    pub hosts: Vec<String>,
    /// Generation of the version.
    pub generation: u64,
    /// Generation of its API.
    pub api_generation: u64,
}

/// What is known of the contract that was made of a document, without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractKnown {
    /// SHA-256 of the document.
    pub document: String,
    /// Digest of the contract's text.
    pub digest: String,
    /// Why parts of it cannot be enforced.
    pub faults: Vec<String>,
}

/// A contract that was made of a document.
#[derive(Debug, Clone)]
pub struct ContractMade<'c> {
    /// What will be known of it.
    pub known: &'c ContractKnown,
    /// In which way it was made; another way makes another contract of the same document.
    pub made: &'c str,
    /// Its text.
    pub content: &'c str,
}

/// What happened to one document that was brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRecord {
    /// Identifier.
    pub id: ImportId,
    /// When.
    pub at: Instant,
    /// Who brought it.
    pub operator: OperatorId,
    /// File name or address, as given.
    pub source: String,
    /// `taken`, `repaired`, `refused` or `unchanged`.
    pub outcome: String,
    /// The version made, or found unchanged.
    pub version: Option<ApiVersionId>,
    /// The report, JSON.
    pub report: String,
}

/// The capability library. Updates name the generation that was read (it stands in the value given) and answer with the new one;
/// [`crate::StoreError::Stale`] when another came first.
#[async_trait::async_trait]
pub trait CatalogRepository: Send {
    /// Adds a node. Its parent must be there.
    async fn directory_add(&mut self, node: &Node) -> Result<()>;
    /// The whole directory, by path. It is small: a few hundred nodes.
    async fn directory_all(&mut self) -> Result<Vec<Node>>;
    /// One node.
    async fn directory_find(&mut self, path: &NodePath) -> Result<Option<Node>>;
    /// Changes name and position.
    async fn directory_update(&mut self, node: &Node) -> Result<()>;
    /// Removes a node; [`crate::StoreError::Conflict`] while an API stands there or nodes lie below.
    async fn directory_remove(&mut self, path: &NodePath) -> Result<()>;

    /// Adds a provider.
    async fn provider_add(&mut self, provider: &Provider) -> Result<()>;
    /// One provider.
    async fn provider_find(&mut self, id: ProviderId) -> Result<Option<Provider>>;
    /// One provider by its short name.
    async fn provider_by_slug(&mut self, slug: &Slug) -> Result<Option<Provider>>;
    /// Providers by id.
    async fn provider_list(&mut self, page: &PageRequest) -> Result<Page<Provider>>;
    /// Changes everything but id and slug.
    async fn provider_update(&mut self, provider: &Provider) -> Result<u64>;

    /// Adds an API.
    async fn api_add(&mut self, api: &Api) -> Result<()>;
    /// One API.
    async fn api_find(&mut self, id: ApiId) -> Result<Option<Api>>;
    /// One API by its short name.
    async fn api_by_slug(&mut self, slug: &Slug) -> Result<Option<Api>>;
    /// These APIs, by id; those that are not there are left out.
    async fn api_by_ids(&mut self, ids: &[ApiId]) -> Result<Vec<Api>>;
    /// APIs by id.
    async fn api_list(&mut self, filter: &ApiFilter, page: &PageRequest) -> Result<Page<Api>>;
    /// Changes everything but id and slug.
    async fn api_update(&mut self, api: &Api) -> Result<u64>;
    /// Holds the API's row until the unit ends, so that two imports of it take turns.
    async fn api_lock(&mut self, id: ApiId) -> Result<()>;

    /// A serial for an identification code, never given out before.
    async fn identification_serial(&mut self) -> Result<u64>;
    /// Binds a code to an API; [`crate::StoreError::Conflict`] when another has it.
    async fn identification_claim(&mut self, code: &IdentificationCode, api: ApiId) -> Result<()>;

    /// Adds a version with its operations, document and search entries.
    async fn version_add(&mut self, new: NewVersion<'_>) -> Result<()>;
    /// One version.
    async fn version_find(&mut self, id: ApiVersionId) -> Result<Option<Version>>;
    /// These versions, by id; those that are not there are left out.
    async fn version_by_ids(&mut self, ids: &[ApiVersionId]) -> Result<Vec<Version>>;
    /// All versions of these APIs, oldest first. At most [`VERSIONS_MAX`].
    async fn version_of_apis(&mut self, apis: &[ApiId]) -> Result<Vec<Version>>;
    /// Changes state, settings, document facts and proposed level.
    async fn version_update(&mut self, version: &Version) -> Result<u64>;
    /// Every version that gateways know: served, or retired after it was published.
    async fn version_served(&mut self) -> Result<Vec<ServedVersion>>;

    /// Operations of a version in the document's order.
    async fn operation_of_version(&mut self, id: ApiVersionId) -> Result<Vec<Operation>>;
    /// Operations by version and position; the page's key is `version#ordinal`.
    async fn operation_list(&mut self, filter: &OperationFilter, page: &PageRequest) -> Result<Page<OperationRow>>;
    /// Writes what is in force after settings changed.
    async fn operation_grades(&mut self, id: ApiVersionId, grades: &[GradeRow]) -> Result<()>;

    /// The document's text as it came in.
    async fn document_find(&mut self, sha256: &str) -> Result<Option<String>>;

    /// Keeps the contract made of a document, in the place of an earlier one.
    async fn contract_keep(&mut self, made: &ContractMade<'_>) -> Result<()>;
    /// Contracts of these documents that were made in this way; those that were not are left out.
    async fn contract_known(&mut self, made: &str, documents: &[String]) -> Result<Vec<ContractKnown>>;
    /// The text of the contract with this digest.
    async fn contract_text(&mut self, digest: &str) -> Result<Option<String>>;

    /// Entries of versions at these stages for any of the terms. At most [`MATCHES_MAX`].
    async fn search_entries(&mut self, terms: &[Term], stages: &[Stage]) -> Result<Vec<(ApiVersionId, Entry)>>;
    /// Replaces what a version is found by.
    async fn search_replace(&mut self, id: ApiVersionId, entries: &[Entry]) -> Result<()>;

    /// Keeps an import report.
    async fn import_add(&mut self, record: &ImportRecord) -> Result<()>;
    /// One import report.
    async fn import_find(&mut self, id: ImportId) -> Result<Option<ImportRecord>>;
    /// Import reports, newest first.
    async fn import_list(&mut self, page: &PageRequest) -> Result<Page<ImportRecord>>;
}

/// Most versions read at once.
pub const VERSIONS_MAX: u64 = 5_000;
/// Most search entries read for one query.
pub const MATCHES_MAX: u64 = 50_000;

/// Scopes, as far as they are in force, of every operation of these APIs that gateways serve: what an app that is subscribed to
/// the APIs may ask a token for. Sorted, each once.
///
/// # Errors
/// When the store cannot be read.
pub async fn scopes_of_apis(unit: &mut dyn UnitOfWork, apis: &[ApiId]) -> Result<Vec<String>> {
    let mut scopes = BTreeSet::new();
    for version in unit.version_of_apis(apis).await? {
        if version.state.stage().served() {
            for operation in unit.operation_of_version(version.id).await? {
                scopes.extend(operation.effective_scopes(version.settings.operations.get(&operation.name)));
            }
        }
    }
    Ok(scopes.into_iter().collect())
}

/// A version and all that is written with it.
#[derive(Debug, Clone, Copy)]
pub struct NewVersion<'a> {
    /// The version.
    pub version: &'a Version,
    /// Its operations in the document's order.
    pub operations: &'a [Operation],
    /// The document's text.
    pub content: &'a str,
    /// What it is found by.
    pub entries: &'a [Entry],
}
