//! See `pano_store::bank`. Sandboxes and snapshots in [`sandbox`], what images hold in [`image`].

mod image;
mod sandbox;

use crate::Result;
use crate::executor::Unit;
use pano_store::BankRepository;
use pano_store::bank::{EntityRow, Sandbox, SandboxEvent, Snapshot, Step};
use pano_types::id::{ImageId, PartnerId, SandboxId};
use pano_types::{Instant, Page, PageRequest};

#[async_trait::async_trait]
impl BankRepository for Unit {
    async fn bank_sandbox_add(&mut self, new: &Sandbox) -> Result<()> {
        sandbox::add(self, new).await
    }
    async fn bank_sandbox(&mut self, id: SandboxId) -> Result<Option<Sandbox>> {
        sandbox::one(self, id).await
    }
    async fn bank_sandbox_of(&mut self, partner: PartnerId) -> Result<Option<Sandbox>> {
        sandbox::of(self, partner).await
    }
    async fn bank_sandbox_list(&mut self, page: &PageRequest) -> Result<Page<Sandbox>> {
        sandbox::list(self, page).await
    }
    async fn bank_sandbox_due(&mut self, now: Instant, limit: u32) -> Result<Vec<Sandbox>> {
        sandbox::due(self, now, limit).await
    }
    async fn bank_sandbox_step(&mut self, step: &Step) -> Result<bool> {
        sandbox::step(self, step).await
    }
    async fn bank_entity_put(&mut self, image: ImageId, entities: &[EntityRow]) -> Result<()> {
        image::entity_put(self, image, entities).await
    }
    async fn bank_entity_remove(&mut self, image: ImageId, entities: &[(String, String)]) -> Result<()> {
        image::entity_remove(self, image, entities).await
    }
    async fn bank_entity_load(
        &mut self,
        image: ImageId,
        after: Option<(&str, &str)>,
        limit: u32,
    ) -> Result<Vec<EntityRow>> {
        image::entity_load(self, image, after, limit).await
    }
    async fn bank_transaction_append(&mut self, image: ImageId, first: u64, bodies: &[String]) -> Result<()> {
        image::transaction_append(self, image, first, bodies).await
    }
    async fn bank_transaction_load(&mut self, image: ImageId, first: u64, limit: u32) -> Result<Vec<(u64, String)>> {
        image::transaction_load(self, image, first, limit).await
    }
    async fn bank_image_copy(&mut self, from: ImageId, to: ImageId) -> Result<()> {
        image::copy(self, from, to).await
    }
    async fn bank_image_drop(&mut self, image: ImageId) -> Result<()> {
        image::remove(self, image).await
    }
    async fn bank_event_append(&mut self, sandbox: SandboxId, events: &[SandboxEvent]) -> Result<()> {
        image::event_append(self, sandbox, events).await
    }
    async fn bank_event_list(&mut self, sandbox: SandboxId, after: u64, limit: u32) -> Result<Vec<SandboxEvent>> {
        image::event_list(self, sandbox, after, limit).await
    }
    async fn bank_event_prune(&mut self, sandbox: SandboxId, upto: u64) -> Result<()> {
        image::event_prune(self, sandbox, upto).await
    }
    async fn bank_snapshot_add(&mut self, snapshot: &Snapshot) -> Result<()> {
        sandbox::snapshot_add(self, snapshot).await
    }
    async fn bank_snapshot_list(&mut self, of: SandboxId) -> Result<Vec<Snapshot>> {
        sandbox::snapshot_list(self, of).await
    }
    async fn bank_snapshot(&mut self, of: SandboxId, name: &str) -> Result<Option<Snapshot>> {
        sandbox::snapshot(self, of, name).await
    }
    async fn bank_snapshot_remove(&mut self, of: SandboxId, name: &str) -> Result<bool> {
        sandbox::snapshot_remove(self, of, name).await
    }
}
