//! See `pano_store::meta`.

use crate::executor::Unit;
use pano_store::MetaRepository;

#[async_trait::async_trait]
impl MetaRepository for Unit {}
