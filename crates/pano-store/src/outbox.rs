//! Events, written in the transaction of the change they tell of, and read in the order of the saves.

use crate::Result;
use pano_types::Instant;
use pano_types::id::EventId;

/// An event with the attributes of CloudEvents 1.0.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// `id`: unique; consumers recognise a repetition by it.
    pub id: EventId,
    /// `type`: reverse name, such as `panorama.version.published`.
    pub kind: String,
    /// `source`: the role that changed something, such as `/manager`.
    pub source: String,
    /// `subject`: the id of what changed.
    pub subject: Option<String>,
    /// `time`.
    pub at: Instant,
    /// `data`, as `application/json`. No secret, no C2 or C3 value.
    pub data: serde_json::Value,
    /// `traceparent` (CloudEvents distributed tracing extension; W3C Trace Context §3.2).
    pub traceparent: Option<String>,
}

/// An event in its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Queued {
    /// Place in the order, from 1. A saved event never appears before one that was already visible: whoever has read up
    /// to `seq` has seen everything up to it.
    pub seq: u64,
    /// The event.
    pub event: Event,
}

/// The outbox and its consumers' places.
#[async_trait::async_trait]
pub trait OutboxRepository: Send {
    /// Adds an event; its sequence. Whoever adds waits for others who did until they save, so add last.
    async fn outbox_add(&mut self, event: Event) -> Result<u64>;

    /// Events after `after`, at most `limit` (cut to 1,000).
    async fn outbox_take(&mut self, after: u64, limit: u32) -> Result<Vec<Queued>>;

    /// Deletes events up to `upto`, at most `limit`; how many were. Never past the slowest consumer.
    async fn outbox_prune(&mut self, upto: u64, limit: u32) -> Result<u64>;

    /// How far a consumer has come; 0 when it is new.
    async fn consumer_cursor(&mut self, consumer: &str) -> Result<u64>;

    /// Moves a consumer on from where it thinks it is. `StoreError::CursorMismatch` when it is elsewhere.
    async fn consumer_cursor_move(&mut self, consumer: &str, from: u64, to: u64, now: Instant) -> Result<()>;
}
