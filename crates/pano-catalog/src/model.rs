//! Providers, APIs, versions and their operations as the library keeps them.

use crate::category::{CategoryTable, Grade};
use crate::directory::NodePath;
use crate::lifecycle::State;
use crate::name::{BasePath, Slug};
use crate::settings::{OperationSettings, Settings};
use pano_types::id::{ApiId, ApiVersionId, OperatorId, ProviderId};
use pano_types::{ApiLevel, Instant, Localized};
use serde::{Deserialize, Serialize};

/// Owner of an API's backend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// Identifier.
    pub id: ProviderId,
    /// Unique short name.
    pub slug: Slug,
    /// Name on screens.
    pub name: Localized,
    /// Whether it is a department of the bank, not another organisation.
    pub internal: bool,
    /// Who answers for it: a team, a mailbox.
    pub contact: String,
    /// The declared folder that owns it, if one does ([`crate::sync`]).
    pub managed_by: Option<String>,
    /// When it was made.
    pub created_at: Instant,
    /// Grows with every change.
    pub generation: u64,
}

/// A named contract with versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Api {
    /// Identifier.
    pub id: ApiId,
    /// Unique short name, part of addresses and scopes; never changed.
    pub slug: Slug,
    /// Name on screens.
    pub name: Localized,
    /// What it does, in a sentence or two.
    pub summary: Localized,
    /// Who answers for it: a team or a person.
    pub owner: String,
    /// Who runs its backend.
    pub provider: Option<ProviderId>,
    /// Its leaf of the directory.
    pub directory: Option<NodePath>,
    /// The declared folder that owns it, if one does ([`crate::sync`]).
    pub managed_by: Option<String>,
    /// When it was made.
    pub created_at: Instant,
    /// Grows with every change.
    pub generation: u64,
}

/// One version of an API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Identifier.
    pub id: ApiVersionId,
    /// Of this API.
    pub api: ApiId,
    /// The contract's own version text.
    pub version: String,
    /// Where it stands.
    pub state: State,
    /// Where it answers: as set, or `/{slug}/v{major}`.
    pub base_path: BasePath,
    /// What people set.
    pub settings: Settings,
    /// What its document said when it was read.
    pub document: DocumentFacts,
    /// Level that its operations ask for; the version's own is [`Version::level`].
    pub proposed_level: ApiLevel,
    /// Who brought it.
    pub created_by: OperatorId,
    /// When.
    pub created_at: Instant,
    /// Grows with every change.
    pub generation: u64,
}

/// What is kept of a document beside its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DocumentFacts {
    /// SHA-256 of the bytes as they came in, hex.
    pub sha256: String,
    /// Length in bytes.
    pub bytes: u64,
    /// `application/yaml` or `application/json`.
    pub media_type: String,
    /// Where it came from: a file name, or empty.
    #[serde(default)]
    pub source: String,
    /// Operations.
    pub operations: u32,
    /// Rules with lint errors, each once; what the gate asks about.
    #[serde(default)]
    pub lint_errors: Vec<String>,
    /// Lint warnings.
    #[serde(default)]
    pub lint_warnings: u32,
    /// Operations whose category only the last rule proposed, because nothing in the document tells it; what the gate asks about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ungraded: Vec<String>,
    /// The breaking-change report against the version before, in short.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<ChangeFacts>,
}

/// A breaking-change report in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ChangeFacts {
    /// Against this version.
    pub from: ApiVersionId,
    /// Changes that break callers.
    pub breaking: u32,
    /// Changes that do not.
    pub compatible: u32,
    /// Changes that a person must judge.
    pub unclassified: u32,
}

impl Version {
    /// The level in force: what the operations ask for, or what it was raised to.
    pub fn level(&self) -> ApiLevel {
        self.settings.level.map_or(self.proposed_level, |set| set.max(self.proposed_level))
    }
    /// Takes new settings, and what follows from them: where it answers, and the level that its operations ask for.
    pub fn set(&mut self, settings: Settings, slug: &Slug, operations: &[Operation], table: &CategoryTable) {
        self.base_path = settings.base_path.clone().unwrap_or_else(|| BasePath::of(slug, &self.version));
        let grades: Vec<Grade> = operations.iter().map(|o| o.grade(settings.operations.get(&o.name))).collect();
        self.proposed_level = table.level(&grades);
        self.settings = settings;
    }
}

/// One operation as proposed by its document. Stored per version, in the document's order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Operation {
    /// `operationId`, or `METHOD path`; unique in the version.
    pub name: String,
    /// HTTP method, upper case.
    pub method: String,
    /// Path template below the base path.
    pub path: String,
    /// Summary, or the first sentence of the description.
    pub summary: String,
    /// In BIAN's terms, when its path has their shape.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bian: Option<Bian>,
    /// Category and data class proposed.
    pub proposed: Grade,
    /// Scopes from the document, or the default ones.
    pub scopes: Vec<String>,
}

/// An operation in BIAN's terms.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Bian {
    /// Service domain: `CurrentAccount`.
    pub service_domain: String,
    /// Control record: `CurrentAccountFacility`.
    pub control_record: String,
    /// Behaviour qualifier: `Interest`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub behaviour_qualifier: Option<String>,
    /// Action term: `Retrieve`.
    pub action: String,
}

impl Operation {
    /// Category and data class in force.
    pub fn grade(&self, settings: Option<&OperationSettings>) -> Grade {
        Grade {
            category: settings.and_then(|s| s.category.clone()).unwrap_or_else(|| self.proposed.category.clone()),
            data_class: settings.and_then(|s| s.data_class).unwrap_or(self.proposed.data_class),
        }
    }
    /// Scopes in force.
    pub fn effective_scopes(&self, settings: Option<&OperationSettings>) -> Vec<String> {
        settings.and_then(|s| s.scopes.clone()).unwrap_or_else(|| self.scopes.clone())
    }
}
