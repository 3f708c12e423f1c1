//! Usage roll-ups, counted exactly once, and recent access records.

use crate::Result;
use pano_snapshot::AccessRecord;
use pano_snapshot::protocol::RecordBatch;
use pano_types::id::{ApiId, AppId, PartnerId};
use pano_types::{Instant, Page, PageRequest};

/// What usage can be broken down by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum By {
    /// UTC hour.
    Hour,
    /// UTC day.
    Day,
    /// Partner.
    Partner,
    /// App.
    App,
    /// API.
    Api,
    /// Version text.
    Version,
    /// Operation name (with its API, usually).
    Operation,
    /// Status answered.
    Status,
}

/// Which usage to sum; every part given must match.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Filter {
    /// From this hour on (the hour an instant lies in).
    pub from: Option<Instant>,
    /// Up to, without, this hour.
    pub until: Option<Instant>,
    /// Of this partner.
    pub partner: Option<PartnerId>,
    /// Of this app.
    pub app: Option<AppId>,
    /// Of this API.
    pub api: Option<ApiId>,
    /// Of this version.
    pub version: Option<String>,
    /// Of this operation.
    pub operation: Option<String>,
    /// With this status.
    pub status: Option<u16>,
}

/// Sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Requests answered, refused ones included.
    pub requests: u64,
    /// Requests accepted: the metered ones.
    pub accepted: u64,
    /// Request bodies, bytes.
    pub bytes_in: u64,
    /// Response bodies, bytes.
    pub bytes_out: u64,
    /// From head in to record, microseconds.
    pub duration_us: u64,
}

/// One line of a breakdown. Dimensions not asked for, and those that were unknown for the requests, are `None`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Row {
    /// First instant of the hour or day.
    pub at: Option<Instant>,
    /// Partner.
    pub partner: Option<PartnerId>,
    /// App.
    pub app: Option<AppId>,
    /// API.
    pub api: Option<ApiId>,
    /// Version.
    pub version: Option<String>,
    /// Operation.
    pub operation: Option<String>,
    /// Status.
    pub status: Option<u16>,
    /// The sums.
    pub totals: Totals,
}

/// Which access records to list; every part given must match.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Search {
    /// At or after.
    pub from: Option<Instant>,
    /// Before.
    pub until: Option<Instant>,
    /// Of this partner.
    pub partner: Option<PartnerId>,
    /// Of this app.
    pub app: Option<AppId>,
    /// Of this API.
    pub api: Option<ApiId>,
    /// Of this operation.
    pub operation: Option<String>,
    /// With this status.
    pub status: Option<u16>,
    /// With this problem code.
    pub code: Option<String>,
    /// With this trace id.
    pub trace_id: Option<String>,
}

/// Usage and access records.
#[async_trait::async_trait]
pub trait UsageRepository: Send {
    /// Counts a gateway's records, keeps them for searching, and moves its cursor from `batch.from` to `batch.to`: all of it
    /// when the unit is saved, or nothing. `StoreError::CursorMismatch` with the true cursor when it is not at `from`: the
    /// batch was counted before, or one before it was not. A gateway never seen stands at 0.
    async fn usage_add(&mut self, batch: &RecordBatch, now: Instant) -> Result<()>;

    /// How far a gateway's log has been counted.
    async fn usage_cursor(&mut self, gateway: &str) -> Result<u64>;

    /// The sum of all usage that matches.
    async fn usage_totals(&mut self, filter: &Filter) -> Result<Totals>;

    /// Usage that matches, broken down and in the order of the breakdown; at most `limit` lines (cut to 10,000).
    async fn usage_rows(&mut self, filter: &Filter, by: &[By], limit: u32) -> Result<Vec<Row>>;

    /// Access records that match, newest first.
    async fn access_search(&mut self, search: &Search, page: &PageRequest) -> Result<Page<AccessRecord>>;

    /// Deletes access records from before `before`, and the oldest beyond the newest `keep`; at most `limit`. How many
    /// were. Call again, in another unit, until it is 0.
    async fn access_prune(&mut self, before: Instant, keep: u64, limit: u32) -> Result<u64>;
}
