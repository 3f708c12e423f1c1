//! The capability library's routes, import, review, publishing, and the compilation of API versions for the snapshot.
//!
//! What may happen to a version is `pano_catalog`'s; here it meets the store, the operator who asks, and the document.
//! Reading, linting, comparing and compiling a document takes milliseconds of pure work: it is done on the blocking pool and
//! before a transaction begins, never inside one.
//!
//! Start reading at [`import`], then [`moves`]; [`units`] is what the publisher asks.

mod api;
mod bulk;
mod compare;
pub mod compile;
mod directory;
mod import;
mod moves;
mod operation;
mod prepare;
mod provider;
mod search;
pub mod units;
mod version;

use pano_catalog::{CategoryTable, CodeTable};
use pano_types::Role::{Admin, Designer, Operator, Provider, Reviewer};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::access::Access;
use crate::state::Manager;

pub use directory::ensure_directory;
pub use units::{Library, api_units};

/// How the library is set up.
#[derive(Debug, Clone)]
pub struct Options {
    /// Security categories. Checked at start.
    pub categories: CategoryTable,
    /// Bank code and service categories of identification codes.
    pub codes: CodeTable,
    /// Address under which the mock answers; the version's id follows as a segment.
    pub mock_address: String,
    /// Name of the credential that gateways send to the mock.
    pub mock_credential: Option<String>,
    /// What a document may cost to read.
    pub limits: pano_spec::Limits,
    /// Lint rules whose severity differs here. An error stands in the way of review.
    pub lint: pano_spec::lint::LintConfig,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            categories: CategoryTable::default(),
            codes: CodeTable::default(),
            mock_address: "http://127.0.0.1:7003/mock".to_owned(),
            mock_credential: Some("bank".to_owned()),
            limits: pano_spec::Limits::default(),
            lint: pano_spec::lint::LintConfig::default(),
        }
    }
}

const ALL: Access = Access::Roles(pano_types::Role::ALL);
const BRING: Access = Access::Roles(&[Designer, Provider, Operator]);
const CHECK: Access = Access::Roles(&[Reviewer]);
const RUN: Access = Access::Roles(&[Operator]);
const BULK: Access = Access::Roles(&[Designer, Provider, Operator, Reviewer]);
const SHAPE: Access = Access::Roles(&[Admin, Operator]);

/// Who may call the catalog's routes (see [`crate::access`]).
pub const RULES: &[(&str, &str, Access)] = &[
    // Directory and providers.
    ("GET", "/admin/v1/directory", ALL),
    ("POST", "/admin/v1/directory", SHAPE),
    ("PUT", "/admin/v1/directory/{path}", SHAPE),
    ("DELETE", "/admin/v1/directory/{path}", SHAPE),
    ("GET", "/admin/v1/categories", ALL),
    ("GET", "/admin/v1/providers", ALL),
    ("POST", "/admin/v1/providers", SHAPE),
    ("GET", "/admin/v1/providers/{id}", ALL),
    ("PUT", "/admin/v1/providers/{id}", SHAPE),
    // APIs and versions.
    ("GET", "/admin/v1/apis", ALL),
    ("POST", "/admin/v1/apis", BRING),
    ("GET", "/admin/v1/apis/{id}", ALL),
    ("PUT", "/admin/v1/apis/{id}", BRING),
    ("GET", "/admin/v1/apis/{id}/versions", ALL),
    ("GET", "/admin/v1/versions/{id}", ALL),
    ("PUT", "/admin/v1/versions/{id}/settings", BRING),
    ("POST", "/admin/v1/versions/{id}/identification-code", BRING),
    ("GET", "/admin/v1/versions/{id}/document", ALL),
    ("GET", "/admin/v1/versions/{id}/lint", ALL),
    ("GET", "/admin/v1/versions/{id}/changes", ALL),
    ("GET", "/admin/v1/versions/{id}/operations", ALL),
    ("GET", "/admin/v1/versions/{id}/gates/{move}", ALL),
    // Moves.
    ("POST", "/admin/v1/versions/{id}/submit", BRING),
    ("POST", "/admin/v1/versions/{id}/withdraw", BRING),
    ("POST", "/admin/v1/versions/{id}/approve", CHECK),
    ("POST", "/admin/v1/versions/{id}/reject", CHECK),
    ("POST", "/admin/v1/versions/{id}/publish", RUN),
    ("POST", "/admin/v1/versions/{id}/deprecate", RUN),
    ("POST", "/admin/v1/versions/{id}/retire", RUN),
    ("POST", "/admin/v1/apis:bulk", BULK),
    // Documents and finding things.
    ("GET", "/admin/v1/imports", ALL),
    ("POST", "/admin/v1/imports", BRING),
    ("GET", "/admin/v1/imports/{id}", ALL),
    ("GET", "/admin/v1/operations", ALL),
    ("GET", "/admin/v1/search", ALL),
];

/// The catalog's routes.
pub fn router() -> OpenApiRouter<Manager> {
    // A document may be larger than the other bodies; the reader's own limit decides.
    let documents = axum::extract::DefaultBodyLimit::max(import::BODY_MAX);
    OpenApiRouter::default()
        .routes(routes!(import::bring, import::list))
        .layer(documents)
        .routes(routes!(import::one))
        .routes(routes!(directory::list, directory::add))
        .routes(routes!(directory::change, directory::remove))
        .routes(routes!(directory::categories))
        .routes(routes!(provider::list, provider::add))
        .routes(routes!(provider::one, provider::change))
        .routes(routes!(api::list, api::add))
        .routes(routes!(api::one, api::change))
        .routes(routes!(api::versions))
        .routes(routes!(version::one))
        .routes(routes!(version::settings))
        .routes(routes!(version::identification_code))
        .routes(routes!(version::document))
        .routes(routes!(compare::lint))
        .routes(routes!(compare::changes))
        .routes(routes!(operation::of_version))
        .routes(routes!(operation::list))
        .routes(routes!(moves::gate))
        .routes(routes!(moves::submit))
        .routes(routes!(moves::withdraw))
        .routes(routes!(moves::approve))
        .routes(routes!(moves::reject))
        .routes(routes!(moves::publish))
        .routes(routes!(moves::deprecate))
        .routes(routes!(moves::retire))
        .routes(routes!(bulk::bulk))
        .routes(routes!(search::search))
}
