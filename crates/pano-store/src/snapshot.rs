//! The last compiled snapshot's place, so that revisions keep growing across restarts and processes.

use crate::Result;
use pano_types::Instant;

/// The last snapshot that was compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastSnapshot {
    /// Its revision, from 1.
    pub revision: u64,
    /// Its digest.
    pub digest: String,
    /// The change sequence (`Store::change_seq`) that it includes.
    pub change_seq: u64,
    /// When it was compiled.
    pub compiled_at: Instant,
}

/// The last compiled snapshot's place.
#[async_trait::async_trait]
pub trait SnapshotRepository: Send {
    /// Notes that a snapshot was compiled; its revision: one more than the last, or the last when the digest is the same.
    async fn snapshot_compiled(&mut self, digest: &str, change_seq: u64, now: Instant) -> Result<u64>;

    /// The last snapshot, if any was compiled.
    async fn snapshot_last(&mut self) -> Result<Option<LastSnapshot>>;
}
