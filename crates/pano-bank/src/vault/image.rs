//! An image: a sandbox's row and its world, made or loaded.

use super::{Inner, VaultOptions};
use crate::failure::Error;
use crate::seed;
use crate::world::World;
use pano_store::bank::{EntityRow, Sandbox, Snapshot};
use pano_store::{Store, StoreError, UnitOfWork, transact};
use pano_types::id::{ImageId, PartnerId, SandboxId};
use pano_types::{Entropy, Instant};

/// Rows read at once.
const CHUNK: u32 = 5_000;

/// A sandbox in memory.
pub(super) struct Image {
    pub(super) row: Sandbox,
    pub(super) world: World,
    /// Calls run on it, refused ones too; with the version it tells each call's randomness from the others'.
    pub(super) runs: u64,
}

impl Image {
    /// Entities and transactions in it.
    pub(super) fn weight(&self) -> u64 {
        self.world.entities() as u64 + self.row.transactions
    }

    /// What a call of this image draws from: different for each call of each sandbox, the same when the sandbox and its
    /// history are.
    pub(super) fn seed(&mut self) -> u64 {
        self.runs += 1;
        let mut bytes = [0; 16];
        // The id's random half tells sandboxes apart.
        let text = self.row.id.to_string();
        let tail = text.as_bytes().iter().rev();
        bytes.iter_mut().zip(tail).for_each(|(byte, from)| *byte = *from);
        let id = u128::from_le_bytes(bytes);
        let mixed = (id as u64) ^ ((id >> 64) as u64).rotate_left(17);
        let step = self.row.version.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(31);
        mixed.wrapping_add(step).wrapping_add(self.runs.wrapping_mul(0xD1B5_4A32_D192_ED03))
    }
}

/// The partner's sandbox as the store has it; made when there is none.
pub(super) async fn open(vault: &Inner, partner: PartnerId) -> Result<Image, Error> {
    let (store, now) = (&*vault.store, vault.clock.now());
    loop {
        let found = store.read().await?.bank_sandbox_of(partner).await?;
        match found {
            Some(row) => return load(store, row).await,
            None => create(vault, partner, now).await?,
        }
    }
}

/// Reads a sandbox.
pub(super) async fn load(store: &dyn Store, row: Sandbox) -> Result<Image, Error> {
    let mut unit = store.read().await?;
    // The same moment for all of it.
    let row = unit.bank_sandbox(row.id).await?.unwrap_or(row);
    let begun = std::time::Instant::now();
    let world = read(unit, &row, row.image, row.transactions, row.changed_at).await?;
    let (took_ms, transactions) = (begun.elapsed().as_millis(), row.transactions);
    tracing::debug!(sandbox = %row.id, transactions, took_ms = u64::try_from(took_ms).unwrap_or(u64::MAX), "sandbox loaded");
    Ok(Image { row, world, runs: 0 })
}

/// Reads what the sandbox's snapshot of this name holds, if there is one.
pub(super) async fn snapshot(store: &dyn Store, row: &Sandbox, name: &str) -> Result<Option<(Snapshot, World)>, Error> {
    let mut unit = store.read().await?;
    let Some(snapshot) = unit.bank_snapshot(row.id, name).await? else { return Ok(None) };
    let world = read(unit, row, snapshot.image, snapshot.transactions, snapshot.created_at).await?;
    Ok(Some((snapshot, world)))
}

/// Reads an image of the sandbox that was last written `then`.
async fn read(
    mut unit: Box<dyn UnitOfWork>,
    row: &Sandbox,
    image: ImageId,
    transactions: u64,
    then: Instant,
) -> Result<World, Error> {
    let mut entities = Vec::<EntityRow>::new();
    loop {
        let after = entities.last().map(|row| (row.kind.clone(), row.id.clone()));
        let after = after.as_ref().map(|(kind, id)| (kind.as_str(), id.as_str()));
        let rows = unit.bank_entity_load(image, after, CHUNK).await?;
        let all = rows.len() < CHUNK as usize;
        entities.extend(rows);
        if all {
            break;
        }
    }
    let mut bodies = Vec::new();
    loop {
        let rows = unit.bank_transaction_load(image, bodies.len() as u64 + 1, CHUNK).await?;
        let all = rows.len() < CHUNK as usize;
        bodies.extend(rows.into_iter().map(|(_, body)| body));
        if all {
            break;
        }
    }
    drop(unit);
    if bodies.len() as u64 != transactions {
        return Err(Error::broken(format!("{} has lost transactions", row.id)));
    }
    // Reading and replaying a large sandbox takes a while: not on a thread that serves others.
    let world = tokio::task::spawn_blocking(move || {
        let mut world = World::load(then, &entities, &bodies)?;
        // The time does not run back behind the last write; what has been due since is done with the next batch.
        world.set_now(world.time_at(then));
        Ok::<_, String>(world)
    });
    let world = world.await.map_err(Error::broken)?.map_err(|what| Error::broken(format!("{}: {what}", row.id)))?;
    if !world.book().trial().is_balanced() {
        return Err(Error::broken(format!("the books of {} do not balance", row.id)));
    }
    Ok(world)
}

/// Makes the partner's sandbox, unless another process was first.
async fn create(vault: &Inner, partner: PartnerId, now: Instant) -> Result<(), Error> {
    let VaultOptions { scenario, seed, .. } = vault.options;
    let made = tokio::task::spawn_blocking(move || seed::build(scenario, seed, now)).await.map_err(Error::broken)?;
    let (_, changes) = made.map_err(Error::broken)?;
    let entropy: &dyn Entropy = &*vault.entropy;
    let row = Sandbox {
        id: SandboxId::new(now, entropy),
        partner,
        scenario: scenario.code().to_owned(),
        version: 1,
        image: ImageId::new(now, entropy),
        transactions: changes.transactions.len() as u64,
        events: 0,
        due_at: None,
        created_at: now,
        changed_at: now,
    };
    let (row, changes) = (&row, &changes);
    let added = transact(&*vault.store, move |mut work| {
        Box::pin(async move {
            work.bank_sandbox_add(row).await?;
            work.bank_entity_put(row.image, &changes.put).await?;
            work.bank_transaction_append(row.image, 1, &changes.transactions).await
        })
    });
    match added.await {
        Ok(()) => {
            tracing::info!(sandbox = %row.id, %partner, scenario = row.scenario, "sandbox made");
            Ok(())
        }
        // Another process made it.
        Err(StoreError::Conflict { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
