//! Taking tokens back, as the token service and the gateways understand it.

use pano_types::id::AppId;

use crate::error::Result;
use crate::write::Change;

/// Voids every token that the app was given before now. The publisher carries it to the gateways within a second.
pub(crate) async fn revoke_all(change: &mut Change, app: AppId) -> Result<()> {
    let now = change.now;
    Ok(change.unit.token_cutoff_put(app, now).await?)
}
