//! See `pano_store::catalog`.

use crate::executor::Unit;
use pano_store::CatalogRepository;

#[async_trait::async_trait]
impl CatalogRepository for Unit {}
