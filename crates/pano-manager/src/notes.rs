//! Ends of the audit chain, noted outside of the database.
//!
//! Why it exists: the chain shows any change inside it, but whoever can write to the database can cut off its end, or write all of
//! it anew, and make rows, hashes and head agree. What was noted here before, in the data folder, does not agree then: verifying
//! holds the chain against every note. (Copy the notes to where neither can be reached, and both must be broken into.)

use crate::error::Complaint;
use crate::state::Manager;
use hex::FromHex as _;
use pano_crypto::chain::{Hash, Head, START};
use pano_store::StoreError;
use pano_types::Instant;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Bytes of notes read at once.
const READ_BYTES: usize = 1 << 20;

/// A note, as a line of the log.
#[derive(Debug, Serialize, Deserialize)]
struct Note {
    seq: u64,
    hash: String,
    at: Instant,
}

/// What is wrong with the notes, or with the chain that is to be noted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoteError {
    #[error("the notes cannot be read")]
    Read(#[from] pano_bus::ReadError),
    #[error("what stands near position {at} among the notes is no note")]
    Line { at: u64 },
    #[error("the notes take nothing")]
    Append(#[from] pano_bus::AppendError),
    #[error("the notes cannot be forced to disk")]
    Sync(#[from] std::io::Error),
    #[error("the chain's end cannot be read")]
    Store(#[from] StoreError),
    #[error("the chain ends at link {head}, but link {noted} was noted: its end was cut off or it was written anew")]
    Behind { head: u64, noted: u64 },
    #[error("the work was stopped")]
    Stopped(#[from] tokio::task::JoinError),
}

/// Every head that was noted, in the order of their sequences.
///
/// # Errors
/// When the notes cannot be read, or something else stands among them.
pub(crate) async fn read(manager: &Manager) -> Result<Vec<Head>, NoteError> {
    let log = Arc::clone(manager.notes());
    tokio::task::spawn_blocking(move || {
        let (mut heads, mut at) = (Vec::new(), log.start());
        let end = log.end();
        while at < end {
            let chunk = log.read(at, READ_BYTES)?;
            for line in chunk.lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
                let note: Option<Note> = serde_json::from_slice(line).ok();
                let head = note.and_then(|note| Some(Head { seq: note.seq, hash: Hash::from_hex(note.hash).ok()? }));
                heads.push(head.ok_or(NoteError::Line { at })?);
            }
            at = chunk.to;
        }
        heads.sort_by_key(|head| head.seq);
        Ok(heads)
    })
    .await?
}

/// Notes the chain's end whenever it has moved, until the manager stops.
pub(crate) async fn run(manager: Manager) {
    let (mut last, mut complaint) = (None, Complaint::default());
    loop {
        complaint.about(note(&manager, &mut last).await, "the end of the audit chain was not noted");
        tokio::select! {
            // Both arms are cancel safe.
            () = tokio::time::sleep(manager.options().note_every) => {}
            () = manager.stop().cancelled() => return,
        }
    }
}

/// Notes the chain's end, unless it is the one that was noted last.
async fn note(manager: &Manager, last: &mut Option<Head>) -> Result<(), NoteError> {
    let noted = match *last {
        Some(noted) => noted,
        None => read(manager).await?.pop().unwrap_or(START),
    };
    *last = Some(noted);
    let head = manager.store().read().await?.audit_head().await?;
    if head == noted {
        return Ok(());
    }
    if head.seq <= noted.seq {
        // Nothing is noted of such a chain; verifying names what is wrong with it.
        return Err(NoteError::Behind { head: head.seq, noted: noted.seq });
    }
    let note = Note { seq: head.seq, hash: hex::encode(head.hash), at: manager.now() };
    // A struct of a number and two texts serialises without fail.
    let mut line = serde_json::to_vec(&note).unwrap_or_default();
    line.push(b'\n');
    let log = Arc::clone(manager.notes());
    tokio::task::spawn_blocking(move || -> Result<(), NoteError> {
        log.append(&line)?;
        Ok(log.sync()?)
    })
    .await??;
    *last = Some(head);
    Ok(())
}
