//! The relay: carries events from the outbox to the event log, in order, each at least once.
//!
//! Append, force to disk, then move the cursor in the store: whatever dies in between, an event is on the log before the cursor
//! says so. The next round then writes the same events again, with the same ids and sequences, and consumers know them by these
//! ([`pano_bus::event`]). While the log refuses (a full disk) events wait in the outbox, from which nothing goes before it was
//! relayed.

use crate::error::Complaint;
use crate::state::Manager;
use pano_bus::event::{DataContentType, SpecVersion};
use pano_bus::{AppendError, CloudEvent};
use pano_store::outbox::Queued;
use pano_store::{StoreError, transact};
use std::sync::Arc;

/// Events carried at once.
const BATCH: u32 = 500;

/// Why events were not relayed. They stay in the outbox.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RelayError {
    #[error("the outbox could not be read, or its cursor not moved")]
    Store(#[from] StoreError),
    #[error("the event log took nothing")]
    Append(#[from] AppendError),
    #[error("the event log could not be forced to disk")]
    Sync(#[from] std::io::Error),
    #[error("an event could not be written")]
    Shape(#[from] serde_json::Error),
    #[error("the relay was stopped")]
    Stopped(#[from] tokio::task::JoinError),
}

/// Relays until the manager stops. What fails is tried again; what stays wrong is said once.
pub(crate) async fn run(manager: Manager) {
    let (mut relayed, mut complaint) = (None, Complaint::default());
    loop {
        complaint.about(round(&manager, &mut relayed).await, "events wait in the outbox");
        tokio::select! {
            // All arms are cancel safe: a notification that is not taken stays.
            () = manager.to_relay().notified() => {}
            () = tokio::time::sleep(manager.options().poll) => {}
            () = manager.stop().cancelled() => return,
        }
    }
}

/// Relays what is there. `relayed` is the sequence up to which everything is on the log.
async fn round(manager: &Manager, relayed: &mut Option<u64>) -> Result<(), RelayError> {
    if *relayed == Some(manager.store().change_seq().await?) {
        return Ok(());
    }
    let consumer = format!("event-log/{}", manager.options().name);
    loop {
        let mut unit = manager.store().read().await?;
        let from = unit.consumer_cursor(&consumer).await?;
        let queued = unit.outbox_take(from, BATCH).await?;
        drop(unit);
        let Some(to) = queued.last().map(|last| last.seq) else {
            *relayed = Some(from);
            return Ok(());
        };
        let events: Vec<_> = queued.into_iter().map(cloud_event).collect();
        let (lines, log) = (pano_bus::event::write(&events)?, Arc::clone(manager.events()));
        tokio::task::spawn_blocking(move || -> Result<(), RelayError> {
            log.append(&lines)?;
            Ok(log.sync()?)
        })
        .await??;
        let (now, consumer) = (manager.now(), consumer.as_str());
        transact::<_, StoreError, _>(manager.store(), |mut work| {
            Box::pin(async move { work.consumer_cursor_move(consumer, from, to, now).await })
        })
        .await?;
    }
}

fn cloud_event(queued: Queued) -> CloudEvent {
    let Queued { seq, event } = queued;
    let pano_store::outbox::Event { id, kind, source, subject, at, data, traceparent } = event;
    CloudEvent {
        specversion: SpecVersion::V1,
        id,
        source,
        kind,
        subject,
        time: at,
        datacontenttype: DataContentType::Json,
        data,
        traceparent,
        sequence: seq,
    }
}
