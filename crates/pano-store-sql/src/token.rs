//! See `pano_store::token`.

use crate::executor::Unit;
use pano_store::TokenRepository;

#[async_trait::async_trait]
impl TokenRepository for Unit {}
