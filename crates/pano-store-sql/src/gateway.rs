//! See `pano_store::gateway`.

use crate::executor::Unit;
use pano_store::GatewayRepository;

#[async_trait::async_trait]
impl GatewayRepository for Unit {}
