//! The last compiled snapshot's revision.

/// The last compiled snapshot's revision.
#[async_trait::async_trait]
pub trait SnapshotRepository: Send {}
