//! The sandbox bank: sandboxes, and the entities, transactions, events and snapshots of each.
//!
//! The bank works in memory and hands over what each call changed; the store only keeps it. What an entity is, the store
//! does not know: a kind, an id, and JSON.
//!
//! A sandbox's state is an *image*: entities that are replaced, transactions that are only appended. A sandbox points to its
//! current image and counts a version with every write ([`BankRepository::bank_sandbox_step`]): of two writers that start
//! from the same version one finds it moved and must read again. Snapshots are images that nothing changes.

use crate::Result;
use pano_types::id::{EventId, ImageId, PartnerId, SandboxId};
use pano_types::{Instant, Page, PageRequest};

/// A partner's own copy of the bank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sandbox {
    /// Its id.
    pub id: SandboxId,
    /// Whose it is; a partner has one.
    pub partner: PartnerId,
    /// What it was last made from.
    pub scenario: String,
    /// Grows with every write, from 1.
    pub version: u64,
    /// Its state.
    pub image: ImageId,
    /// Transactions in the image.
    pub transactions: u64,
    /// Events that have happened, over all images.
    pub events: u64,
    /// When something in it is next due, on the machine's clock.
    pub due_at: Option<Instant>,
    /// Since when it exists.
    pub created_at: Instant,
    /// When it was last written.
    pub changed_at: Instant,
}

/// One write: the sandbox as it is after it. What never changes stays as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Which sandbox.
    pub id: SandboxId,
    /// The version that the writer started from.
    pub from: u64,
    /// As in [`Sandbox`].
    pub scenario: String,
    /// As in [`Sandbox`].
    pub image: ImageId,
    /// As in [`Sandbox`].
    pub transactions: u64,
    /// As in [`Sandbox`].
    pub events: u64,
    /// As in [`Sandbox`].
    pub due_at: Option<Instant>,
    /// As in [`Sandbox`].
    pub changed_at: Instant,
}

/// A thing in a sandbox.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntityRow {
    /// What it is.
    pub kind: String,
    /// Which one of its kind.
    pub id: String,
    /// JSON.
    pub body: String,
}

/// Something that happened in a sandbox, for those who subscribed to it.
#[derive(Debug, Clone, PartialEq)]
pub struct SandboxEvent {
    /// Place among the sandbox's events, from 1.
    pub seq: u64,
    /// CloudEvents `id`.
    pub id: EventId,
    /// CloudEvents `type`, such as `bank.payment.settled`.
    pub kind: String,
    /// CloudEvents `subject`: the id of what it happened to.
    pub subject: String,
    /// CloudEvents `time`, on the sandbox's clock.
    pub at: Instant,
    /// CloudEvents `data`. No C2 or C3 value.
    pub data: serde_json::Value,
}

/// A named image of a sandbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Of which sandbox.
    pub sandbox: SandboxId,
    /// Its name there.
    pub name: String,
    /// The image.
    pub image: ImageId,
    /// Scenario of the sandbox then.
    pub scenario: String,
    /// Transactions in the image.
    pub transactions: u64,
    /// When it was made, on the machine's clock.
    pub created_at: Instant,
    /// The sandbox's time then.
    pub sandbox_time: Instant,
}

/// The sandbox bank's data.
#[async_trait::async_trait]
pub trait BankRepository: Send {
    /// Adds a sandbox, at version 1. A second one of the partner is a conflict.
    async fn bank_sandbox_add(&mut self, sandbox: &Sandbox) -> Result<()>;
    /// One sandbox.
    async fn bank_sandbox(&mut self, id: SandboxId) -> Result<Option<Sandbox>>;
    /// The partner's sandbox.
    async fn bank_sandbox_of(&mut self, partner: PartnerId) -> Result<Option<Sandbox>>;
    /// All sandboxes, by id.
    async fn bank_sandbox_list(&mut self, page: &PageRequest) -> Result<Page<Sandbox>>;
    /// Sandboxes with something due at or before `now`, the longest overdue first.
    async fn bank_sandbox_due(&mut self, now: Instant, limit: u32) -> Result<Vec<Sandbox>>;
    /// Moves a sandbox on from the version the step names; whether it still stood there. The row stays locked until the
    /// unit ends, so a unit that steps several sandboxes must do so in the order of their ids.
    async fn bank_sandbox_step(&mut self, step: &Step) -> Result<bool>;

    /// Adds or replaces entities. No two of them may be the same one.
    async fn bank_entity_put(&mut self, image: ImageId, entities: &[EntityRow]) -> Result<()>;
    /// Removes entities, by kind and id.
    async fn bank_entity_remove(&mut self, image: ImageId, entities: &[(String, String)]) -> Result<()>;
    /// Entities after this kind and id, in that order, at most `limit`.
    async fn bank_entity_load(
        &mut self,
        image: ImageId,
        after: Option<(&str, &str)>,
        limit: u32,
    ) -> Result<Vec<EntityRow>>;
    /// Appends transactions, the first of which gets the number `first`.
    async fn bank_transaction_append(&mut self, image: ImageId, first: u64, bodies: &[String]) -> Result<()>;
    /// Transactions from the number `first` on, at most `limit`.
    async fn bank_transaction_load(&mut self, image: ImageId, first: u64, limit: u32) -> Result<Vec<(u64, String)>>;
    /// Copies all entities and transactions of an image into an empty one.
    async fn bank_image_copy(&mut self, from: ImageId, to: ImageId) -> Result<()>;
    /// Deletes all entities and transactions of an image.
    async fn bank_image_drop(&mut self, image: ImageId) -> Result<()>;

    /// Appends events.
    async fn bank_event_append(&mut self, sandbox: SandboxId, events: &[SandboxEvent]) -> Result<()>;
    /// Events after `after`, in their order, at most `limit`.
    async fn bank_event_list(&mut self, sandbox: SandboxId, after: u64, limit: u32) -> Result<Vec<SandboxEvent>>;
    /// Forgets events up to this place.
    async fn bank_event_prune(&mut self, sandbox: SandboxId, upto: u64) -> Result<()>;

    /// Adds a snapshot. A second one with its name is a conflict.
    async fn bank_snapshot_add(&mut self, snapshot: &Snapshot) -> Result<()>;
    /// A sandbox's snapshots, by name.
    async fn bank_snapshot_list(&mut self, sandbox: SandboxId) -> Result<Vec<Snapshot>>;
    /// One snapshot.
    async fn bank_snapshot(&mut self, sandbox: SandboxId, name: &str) -> Result<Option<Snapshot>>;
    /// Removes a snapshot, not its image; whether it was there.
    async fn bank_snapshot_remove(&mut self, sandbox: SandboxId, name: &str) -> Result<bool>;
}
