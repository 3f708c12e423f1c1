//! See `pano_store::outbox`.

use crate::executor::Unit;
use pano_store::OutboxRepository;

#[async_trait::async_trait]
impl OutboxRepository for Unit {}
