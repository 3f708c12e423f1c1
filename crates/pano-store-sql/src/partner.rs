//! See `pano_store::partner`.

use crate::executor::Unit;
use pano_store::PartnerRepository;

#[async_trait::async_trait]
impl PartnerRepository for Unit {}
