//! Settings, one-time secrets, counters.

/// Settings, one-time secrets, counters.
#[async_trait::async_trait]
pub trait MetaRepository: Send {}
