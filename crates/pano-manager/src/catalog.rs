//! The capability library's routes and the compilation of API versions for the snapshot.

use pano_snapshot::snapshot::Digested;
use utoipa_axum::router::OpenApiRouter;

use crate::access::Access;
use crate::error::Result;
use crate::state::Manager;

/// How the library is set up.
#[derive(Debug, Clone, Default)]
pub struct Options {}

/// Compiled units by version. One per manager.
#[derive(Debug, Default)]
pub struct Library {}

/// Who may call the catalog's routes (see [`crate::access`]).
pub const RULES: &[(&str, &str, Access)] = &[];

/// The catalog's routes.
pub fn router() -> OpenApiRouter<Manager> {
    OpenApiRouter::default()
}

/// The units of every version that gateways know.
///
/// # Errors
/// When the store cannot be read.
pub async fn api_units(_manager: &Manager) -> Result<Vec<Digested>> {
    Ok(Vec::new())
}
