//! See `pano_store::usage`.

use crate::executor::Unit;
use pano_store::UsageRepository;

#[async_trait::async_trait]
impl UsageRepository for Unit {}
