//! See `pano_store::operator`.

use crate::executor::Unit;
use pano_store::OperatorRepository;

#[async_trait::async_trait]
impl OperatorRepository for Unit {}
