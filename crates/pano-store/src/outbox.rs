//! Events, written with the change they tell of.

/// Events, written with the change they tell of.
#[async_trait::async_trait]
pub trait OutboxRepository: Send {}
