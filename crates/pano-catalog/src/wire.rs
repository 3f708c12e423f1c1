//! The library on the wire of the admin API: what the manager answers and takes, and what the command line reads and sends.
//! Converted member by member from the domain, so that a new member of the domain is a decision here.

use crate::category::{CategoryCode, Grade};
use crate::directory::{Node, NodePath};
use crate::gate::{Check, CheckId};
use crate::lifecycle::{Move, Stage, State};
use crate::model::{Api, Bian, DocumentFacts, Operation, Provider, Version};
use crate::name::{BasePath, Slug};
use crate::settings::Settings;
use pano_types::id::{ApiId, ApiVersionId, ImportId, OperatorId, ProviderId};
use pano_types::{ApiLevel, DataClass, Instant, Lang, Localized};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A node of the directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NodeView {
    /// Path of codes.
    pub path: NodePath,
    /// Level, 1 for a form.
    pub level: usize,
    /// Name.
    pub name: Localized,
    /// Place among its siblings.
    pub position: i32,
    /// Generation, also the ETag.
    pub generation: u64,
}

impl From<Node> for NodeView {
    fn from(node: Node) -> Self {
        let Node { id: _, path, name, position, created_at: _, generation } = node;
        Self { level: path.level(), path, name, position, generation }
    }
}

/// A new node; its parent must be there.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NodeCreate {
    /// Path of codes.
    pub path: NodePath,
    /// Name.
    pub name: Localized,
    /// Place among its siblings.
    #[serde(default)]
    pub position: i32,
}

/// What can be changed of a node.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NodeUpdate {
    /// Name.
    pub name: Localized,
    /// Place among its siblings.
    #[serde(default)]
    pub position: i32,
}

/// What can be set of a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProviderForm {
    /// Name.
    pub name: Localized,
    /// Whether it is a department of the bank.
    #[serde(default)]
    pub internal: bool,
    /// Who answers for it.
    #[serde(default)]
    pub contact: String,
    /// The declared folder that owns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub managed_by: Option<String>,
}

/// A new provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProviderCreate {
    /// Unique short name, never changed.
    pub slug: Slug,
    /// Name.
    pub name: Localized,
    /// Whether it is a department of the bank.
    #[serde(default)]
    pub internal: bool,
    /// Who answers for it.
    #[serde(default)]
    pub contact: String,
    /// The declared folder that owns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub managed_by: Option<String>,
}

/// A provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProviderView {
    /// Identifier.
    pub id: ProviderId,
    /// Unique short name.
    pub slug: Slug,
    /// Name.
    pub name: Localized,
    /// Whether it is a department of the bank.
    pub internal: bool,
    /// Who answers for it.
    pub contact: String,
    /// The declared folder that owns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub managed_by: Option<String>,
    /// When it was made.
    pub created_at: Instant,
    /// Generation, also the ETag.
    pub generation: u64,
}

impl From<Provider> for ProviderView {
    fn from(provider: Provider) -> Self {
        let Provider { id, slug, name, internal, contact, managed_by, created_at, generation } = provider;
        Self { id, slug, name, internal, contact, managed_by, created_at, generation }
    }
}

/// What can be set of an API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiForm {
    /// Name.
    pub name: Localized,
    /// What it does, in a sentence or two.
    #[serde(default)]
    pub summary: Localized,
    /// Who answers for it: a team or a person.
    #[serde(default)]
    pub owner: String,
    /// Short name of the provider that runs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<Slug>,
    /// Its leaf of the directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directory: Option<NodePath>,
    /// The declared folder that owns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub managed_by: Option<String>,
}

/// A new API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiCreate {
    /// Unique short name, never changed.
    pub slug: Slug,
    /// Name.
    pub name: Localized,
    /// What it does.
    #[serde(default)]
    pub summary: Localized,
    /// Who answers for it.
    #[serde(default)]
    pub owner: String,
    /// Short name of the provider that runs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<Slug>,
    /// Its leaf of the directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directory: Option<NodePath>,
    /// The declared folder that owns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub managed_by: Option<String>,
}

/// An API with its versions in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApiView {
    /// Identifier.
    pub id: ApiId,
    /// Unique short name.
    pub slug: Slug,
    /// Name.
    pub name: Localized,
    /// What it does.
    pub summary: Localized,
    /// Who answers for it.
    pub owner: String,
    /// Short name of the provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<Slug>,
    /// Its leaf of the directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directory: Option<NodePath>,
    /// The declared folder that owns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub managed_by: Option<String>,
    /// When it was made.
    pub created_at: Instant,
    /// Generation, also the ETag.
    pub generation: u64,
    /// Versions, oldest first.
    pub versions: Vec<VersionBrief>,
}

impl ApiView {
    /// An API as it is shown.
    pub fn new(api: Api, provider: Option<Slug>, versions: Vec<VersionBrief>) -> Self {
        let Api { id, slug, name, summary, owner, provider: _, directory, managed_by, created_at, generation } = api;
        Self { id, slug, name, summary, owner, provider, directory, managed_by, created_at, generation, versions }
    }
}

/// A version in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VersionBrief {
    /// Identifier.
    pub id: ApiVersionId,
    /// Version text.
    pub version: String,
    /// Where it stands.
    pub stage: Stage,
    /// Level in force.
    pub level: ApiLevel,
    /// Where it answers.
    pub base_path: BasePath,
    /// SHA-256 of its document, hex.
    pub sha256: String,
    /// When it was brought.
    pub created_at: Instant,
}

impl From<&Version> for VersionBrief {
    fn from(version: &Version) -> Self {
        Self {
            id: version.id,
            version: version.version.clone(),
            stage: version.state.stage(),
            level: version.level(),
            base_path: version.base_path.clone(),
            sha256: version.document.sha256.clone(),
            created_at: version.created_at,
        }
    }
}

/// A version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VersionView {
    /// Identifier.
    pub id: ApiVersionId,
    /// Its API.
    pub api: ApiId,
    /// The API's short name.
    pub slug: Slug,
    /// Version text.
    pub version: String,
    /// Where it stands, with its history.
    pub lifecycle: State,
    /// Where it stands.
    pub stage: Stage,
    /// Moves possible from here, gates aside.
    pub moves: Vec<Move>,
    /// Level in force.
    pub level: ApiLevel,
    /// Level that its operations ask for.
    pub proposed_level: ApiLevel,
    /// Where it answers.
    pub base_path: BasePath,
    /// What people set.
    pub settings: Settings,
    /// What is kept of its document.
    pub document: DocumentFacts,
    /// Who brought it.
    pub created_by: OperatorId,
    /// When.
    pub created_at: Instant,
    /// Generation, also the ETag.
    pub generation: u64,
}

impl VersionView {
    /// A version as it is shown.
    pub fn new(version: Version, slug: Slug) -> Self {
        let (level, stage) = (version.level(), version.state.stage());
        let Version {
            id,
            api,
            version,
            state,
            base_path,
            settings,
            document,
            proposed_level,
            created_by,
            created_at,
            generation,
        } = version;
        Self {
            id,
            api,
            slug,
            version,
            lifecycle: state,
            stage,
            moves: stage.moves().to_vec(),
            level,
            proposed_level,
            base_path,
            settings,
            document,
            created_by,
            created_at,
            generation,
        }
    }
}

/// An operation with what is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OperationView {
    /// Its API.
    pub api: ApiId,
    /// Its version.
    pub version_id: ApiVersionId,
    /// Position in the document, from 0.
    pub ordinal: i32,
    /// Name, unique in the version.
    pub name: String,
    /// HTTP method.
    pub method: String,
    /// Path template below the base path.
    pub path: String,
    /// Summary.
    pub summary: String,
    /// In BIAN's terms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bian: Option<Bian>,
    /// Security category in force.
    pub category: CategoryCode,
    /// Data class in force.
    pub data_class: DataClass,
    /// What the document proposed.
    pub proposed: Grade,
    /// Scopes that the document asks for.
    pub scopes: Vec<String>,
}

impl OperationView {
    /// An operation as it is shown.
    pub fn new(api: ApiId, version_id: ApiVersionId, ordinal: i32, operation: Operation, grade: Grade) -> Self {
        let Operation { name, method, path, summary, bian, proposed, scopes } = operation;
        let Grade { category, data_class } = grade;
        Self { api, version_id, ordinal, name, method, path, summary, bian, category, data_class, proposed, scopes }
    }
}

/// What a move says beside its name. Members that a move does not use are refused there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MoveForm {
    /// Why; needed to reject, and to retire what is served.
    pub why: String,
    /// When a deprecated version will stop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sunset: Option<Instant>,
    /// Address of what to use instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Publish: retire the version of the same API that answers at the same place.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub replace: bool,
    /// Retire although apps still call.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub emergency: bool,
}

/// What stands between a version and a move.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct GateView {
    /// The move.
    #[serde(rename = "move")]
    pub wanted: Move,
    /// Whether the state allows it.
    pub possible: bool,
    /// The gate's checks.
    pub checks: Vec<CheckView>,
    /// Apps that called in the last 30 days; only for retiring.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub callers: Vec<Caller>,
}

/// A check's outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Check)]
pub struct CheckView {
    /// Which.
    pub check: CheckId,
    /// What it asks for, in the reader's language.
    pub title: String,
    /// Whether it is met.
    pub met: bool,
    /// What is missing, in the reader's language; empty when met.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
}

impl CheckView {
    /// For a reader of `lang`.
    pub fn new(check: &Check, lang: Lang) -> Self {
        let missing = check.missing.iter().map(|missing| missing.get(lang).to_owned()).collect();
        Self { check: check.check, title: check.check.title().get(lang).to_owned(), met: check.met, missing }
    }
}

/// An app that still calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Caller {
    /// The app.
    pub app: String,
    /// Its partner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<String>,
    /// Accepted calls in the last 30 days.
    pub calls: u64,
}

/// How a document is brought: query parameters beside a raw body, members beside `document` in an envelope.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, utoipa::IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct ImportParams {
    /// Short name of the API; else the document's `x-panorama-slug`, else one made of its title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// File name or address it came from, for the report.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// Owner, when the API is made by this import.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Short name of the provider, when the API is made by this import.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Leaf of the directory, when the API is made by this import; else one that the title suggests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub directory: Option<String>,
    /// The declared folder that owns the API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub managed_by: Option<String>,
    /// `mock`, or the upstream's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backend: Option<String>,
    /// Name of the gateway's credential for the upstream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
    /// Exit plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_plan: Option<String>,
    /// Accepts every lint error of this document, with this reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waive_lint: Option<String>,
    /// Confirms the categories that are only guesses, as the gate asks: they become settings of this version.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub confirm_grades: bool,
}

/// A document in an envelope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportForm {
    /// The document's text as it is, YAML or JSON.
    pub document: String,
    /// How it is brought.
    #[serde(default)]
    pub params: ImportParams,
}

/// What happened to a document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ImportView {
    /// Identifier of the report.
    pub id: ImportId,
    /// When.
    pub at: Instant,
    /// `taken`, `repaired`, `refused` or `unchanged`.
    pub outcome: String,
    /// As given.
    pub source: String,
    /// The version made, or found unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version_id: Option<ApiVersionId>,
    /// The API's short name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<Slug>,
    /// Version text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Every finding: file, pointer, code, severity, effect, reason.
    pub report: serde_json::Value,
}

/// A page of search results.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FoundView {
    /// The API.
    pub api: ApiId,
    /// Its short name.
    pub slug: Slug,
    /// Its name.
    pub name: Localized,
    /// Its leaf of the directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directory: Option<NodePath>,
    /// The version that was found.
    pub version: VersionBrief,
    /// Higher is better.
    pub score: u32,
    /// Its operations that match best, at most five.
    pub operations: Vec<FoundOperation>,
}

/// An operation that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FoundOperation {
    /// Name.
    pub name: String,
    /// HTTP method.
    pub method: String,
    /// Path template below the base path.
    pub path: String,
    /// Summary.
    pub summary: String,
}

/// One move for many versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkForm {
    /// The versions, 1 to 500, each once.
    pub versions: Vec<ApiVersionId>,
    /// The move.
    #[serde(rename = "move")]
    pub wanted: Move,
    /// What the move says.
    #[serde(default)]
    pub form: MoveForm,
}

/// What became of each version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BulkView {
    /// In the order given.
    pub items: Vec<BulkItem>,
    /// How many moved.
    pub done: usize,
}

/// What became of one version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BulkItem {
    /// The version.
    pub version: ApiVersionId,
    /// Whether it moved.
    pub done: bool,
    /// Code of the problem, when it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Particulars of the problem.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<String>,
}
