//! See `pano_store::audit`.

use crate::executor::Unit;
use pano_store::AuditRepository;

#[async_trait::async_trait]
impl AuditRepository for Unit {}
