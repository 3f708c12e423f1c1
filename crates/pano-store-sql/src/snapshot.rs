//! See `pano_store::snapshot`.

use crate::executor::Unit;
use pano_store::SnapshotRepository;

#[async_trait::async_trait]
impl SnapshotRepository for Unit {}
