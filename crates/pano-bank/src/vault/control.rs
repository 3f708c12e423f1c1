//! What is done to a sandbox from outside its world: showing, resetting, snapshots. One at a time, between batches.

use super::Inner;
use super::image::{self, Image};
use crate::call::{Answer, Refusal};
use crate::failure::Error;
use crate::seed::{self, Scenario};
use pano_store::bank::{Sandbox, Snapshot, Step};
use pano_store::{StoreError, UnitOfWork, transact};
use pano_types::id::{ImageId, PartnerId, SandboxId};
use pano_types::{Code, Instant};
use serde::Serialize;

/// Most snapshots of a sandbox.
const SNAPSHOTS_MAX: usize = 20;
/// Longest name of a snapshot, in characters.
const NAME_MAX: usize = 64;

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Control {
    /// Tells how the sandbox stands.
    Show,
    /// Makes it anew from a scenario; its clock shows the machine's time again, and no fault is switched on.
    Reset(Scenario),
    /// Lists snapshots.
    Snapshots,
    /// Keeps the state under a name, in place of what was kept there.
    Snapshot(String),
    /// Takes the state back that was kept under a name, with the time it had.
    Restore(String),
    /// Forgets what was kept under a name.
    Forget(String),
}

/// A sandbox, as shown.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SandboxView {
    sandbox_id: SandboxId,
    partner_id: PartnerId,
    scenario: String,
    /// On its own clock.
    time: Instant,
    /// How far that is ahead of the platform's.
    ahead_seconds: i64,
    version: u64,
    transactions: u64,
    entities: usize,
    events: u64,
    created_at: Instant,
    changed_at: Instant,
}

impl SandboxView {
    fn new(image: &Image, machine: Instant) -> Self {
        let row = &image.row;
        Self {
            sandbox_id: row.id,
            partner_id: row.partner,
            scenario: row.scenario.clone(),
            time: image.world.time_at(machine),
            ahead_seconds: image.world.offset_us() / 1_000_000,
            version: row.version,
            transactions: row.transactions,
            entities: image.world.entities(),
            events: row.events,
            created_at: row.created_at,
            changed_at: row.changed_at,
        }
    }
}

/// A snapshot, as shown.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SnapshotView {
    name: String,
    scenario: String,
    transactions: u64,
    sandbox_time: Instant,
    created_at: Instant,
}

impl From<Snapshot> for SnapshotView {
    fn from(snapshot: Snapshot) -> Self {
        let Snapshot { sandbox: _, name, image: _, scenario, transactions, created_at, sandbox_time } = snapshot;
        Self { name, scenario, transactions, sandbox_time, created_at }
    }
}

#[derive(Debug, Serialize)]
struct Snapshots {
    items: Vec<SnapshotView>,
}

/// The image afterwards, and the answer.
type Done = (Image, Result<Answer, Refusal>);

/// Does it, to an image that is current. `StoreError::Busy`: the sandbox has moved on since; read it again.
pub(super) async fn carry_out(vault: &Inner, image: Image, control: &Control) -> Result<Done, Error> {
    let machine = vault.clock.now();
    match control {
        Control::Show => {
            let answer = Answer::ok(&SandboxView::new(&image, machine));
            Ok((image, answer))
        }
        Control::Reset(scenario) => reset(vault, image, *scenario, machine).await,
        Control::Snapshots => {
            let snapshots = vault.store.read().await?.bank_snapshot_list(image.row.id).await?;
            let items = snapshots.into_iter().map(SnapshotView::from).collect();
            Ok((image, Answer::ok(&Snapshots { items })))
        }
        Control::Snapshot(name) => snapshot(vault, image, name, machine).await,
        Control::Restore(name) => restore(vault, image, name, machine).await,
        Control::Forget(name) => {
            let (id, name) = (image.row.id, name.as_str());
            let gone = transact(&*vault.store, move |mut work| {
                Box::pin(async move {
                    let Some(snapshot) = work.bank_snapshot(id, name).await? else { return Ok(false) };
                    work.bank_image_drop(snapshot.image).await?;
                    work.bank_snapshot_remove(id, name).await
                })
            });
            let gone: Result<bool, StoreError> = gone.await;
            let gone = gone?;
            Ok((image, if gone { Ok(Answer::none()) } else { Err(Code::NotFound.into()) }))
        }
    }
}

/// The step after which a sandbox has this image.
fn moved(row: &Sandbox, image: ImageId, scenario: &str, transactions: u64, machine: Instant) -> Step {
    Step {
        id: row.id,
        from: row.version,
        scenario: scenario.to_owned(),
        image,
        transactions,
        events: row.events,
        due_at: None,
        changed_at: machine,
    }
}

/// The sandbox after the step.
fn after(row: &Sandbox, step: &Step) -> Sandbox {
    Sandbox {
        version: step.from + 1,
        scenario: step.scenario.clone(),
        image: step.image,
        transactions: step.transactions,
        due_at: step.due_at,
        changed_at: step.changed_at,
        ..row.clone()
    }
}

async fn reset(vault: &Inner, image: Image, scenario: Scenario, machine: Instant) -> Result<Done, Error> {
    let seed = vault.options.seed;
    let built = tokio::task::spawn_blocking(move || seed::build(scenario, seed, machine)).await;
    let (world, changes) = built.map_err(Error::broken)?.map_err(Error::broken)?;
    let (old, new) = (image.row.image, ImageId::new(machine, &*vault.entropy));
    let mut step = moved(&image.row, new, scenario.code(), changes.transactions.len() as u64, machine);
    step.due_at = world.due_at();
    let (step, changes) = (&step, &changes);
    let done = transact(&*vault.store, move |mut work| {
        Box::pin(async move {
            if !work.bank_sandbox_step(step).await? {
                return Ok(false);
            }
            work.bank_entity_put(new, &changes.put).await?;
            work.bank_transaction_append(new, 1, &changes.transactions).await?;
            work.bank_image_drop(old).await?;
            Ok::<_, StoreError>(true)
        })
    });
    if !done.await? {
        return Err(StoreError::Busy.into());
    }
    let image = Image { row: after(&image.row, step), world, runs: image.runs };
    let answer = Answer::ok(&SandboxView::new(&image, machine));
    Ok((image, answer))
}

async fn snapshot(vault: &Inner, image: Image, name: &str, machine: Instant) -> Result<Done, Error> {
    if let Err(refusal) = check_name(name) {
        return Ok((image, Err(refusal)));
    }
    let snapshot = Snapshot {
        sandbox: image.row.id,
        name: name.to_owned(),
        image: ImageId::new(machine, &*vault.entropy),
        scenario: image.row.scenario.clone(),
        transactions: image.row.transactions,
        created_at: machine,
        sandbox_time: image.world.time_at(machine),
    };
    let (new, row) = (&snapshot, &image.row);
    let done = transact(&*vault.store, move |mut work| {
        Box::pin(async move {
            let known = work.bank_snapshot_list(row.id).await?;
            if known.len() >= SNAPSHOTS_MAX && known.iter().all(|snapshot| snapshot.name != new.name) {
                return Ok(Some(Refusal::from(Code::LimitExceeded).detail(
                    format!("a sandbox has at most {SNAPSHOTS_MAX} snapshots"),
                    format!("每个沙箱最多保留 {SNAPSHOTS_MAX} 个快照"),
                )));
            }
            // The image in the store must be the one in memory.
            if !is_at(&mut *work, row).await? {
                return Err(StoreError::Busy);
            }
            if let Some(old) = known.iter().find(|snapshot| snapshot.name == new.name) {
                work.bank_image_drop(old.image).await?;
                work.bank_snapshot_remove(row.id, &old.name).await?;
            }
            work.bank_image_copy(row.image, new.image).await?;
            work.bank_snapshot_add(new).await?;
            Ok::<_, StoreError>(None)
        })
    });
    let answer = match done.await? {
        None => Answer::ok(&SnapshotView::from(snapshot)),
        Some(refusal) => Err(refusal),
    };
    Ok((image, answer))
}

async fn is_at(unit: &mut dyn UnitOfWork, row: &Sandbox) -> Result<bool, StoreError> {
    Ok(unit.bank_sandbox(row.id).await?.is_some_and(|found| found.version == row.version))
}

async fn restore(vault: &Inner, image: Image, name: &str, machine: Instant) -> Result<Done, Error> {
    let Some(snapshot) = vault.store.read().await?.bank_snapshot(image.row.id, name).await? else {
        return Ok((image, Err(Code::NotFound.into())));
    };
    let (old, new) = (image.row.image, ImageId::new(machine, &*vault.entropy));
    let step = moved(&image.row, new, &snapshot.scenario, snapshot.transactions, machine);
    let (step, kept) = (&step, snapshot.image);
    let done = transact(&*vault.store, move |mut work| {
        Box::pin(async move {
            if !work.bank_sandbox_step(step).await? {
                return Ok(false);
            }
            work.bank_image_copy(kept, new).await?;
            work.bank_image_drop(old).await?;
            Ok::<_, StoreError>(true)
        })
    });
    if !done.await? {
        return Err(StoreError::Busy.into());
    }
    // The clock shows what it showed then; what is due follows from it.
    let row = after(&image.row, step);
    drop(image);
    let mut image = image::load(&*vault.store, row).await?;
    image.world.set_now(snapshot.sandbox_time);
    image.world.set_clock(machine, snapshot.sandbox_time);
    image.world.keep().map_err(Error::Broken)?;
    let changes = &image.world.take().map_err(Error::Broken)?;
    let mut step = moved(&image.row, new, &snapshot.scenario, snapshot.transactions, machine);
    step.due_at = image.world.due_at();
    let step = &step;
    let done = transact(&*vault.store, move |mut work| {
        Box::pin(async move {
            if !work.bank_sandbox_step(step).await? {
                return Ok(false);
            }
            work.bank_entity_put(new, &changes.put).await?;
            Ok::<_, StoreError>(true)
        })
    });
    if !done.await? {
        return Err(StoreError::Busy.into());
    }
    image.row = after(&image.row, step);
    let answer = Answer::ok(&SandboxView::new(&image, machine));
    Ok((image, answer))
}

fn check_name(name: &str) -> Result<(), Refusal> {
    let legal = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    if (1..=NAME_MAX).contains(&name.chars().count()) && name.chars().all(legal) {
        return Ok(());
    }
    Err(Refusal::from(Code::RequestInvalid).at(
        "snapshotName",
        (
            format!("must be 1 to {NAME_MAX} letters, digits, - _ or ."),
            format!("须为 1 至 {NAME_MAX} 个字母、数字或 - _ ."),
        ),
    ))
}
