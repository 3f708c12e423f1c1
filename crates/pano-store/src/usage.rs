//! Usage roll-ups and access records.

/// Usage roll-ups and access records.
#[async_trait::async_trait]
pub trait UsageRepository: Send {}
