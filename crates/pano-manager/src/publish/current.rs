//! The last snapshots, kept in memory so that a gateway with one of them is sent only the difference.

use pano_snapshot::Snapshot;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

/// Snapshots kept. A gateway that is further behind gets the whole.
const KEPT: usize = 16;
/// Written steps kept: as many gateways ask for the same one at the same time. Larger ones are whole snapshots for gateways that
/// begin, which is rare, and are not worth their memory.
const WRITTEN: usize = 8;
const WRITTEN_BYTES: usize = 512 * 1024;

/// A published snapshot with its digest.
#[derive(Debug)]
pub struct Current {
    /// The snapshot.
    pub snapshot: Snapshot,
    /// Its digest.
    pub digest: Arc<str>,
}

impl Current {
    /// Its revision.
    pub const fn revision(&self) -> u64 {
        self.snapshot.revision()
    }
}

/// Where the publisher puts snapshots and polls find them.
#[derive(Debug)]
pub struct Published {
    current: watch::Sender<Option<Arc<Current>>>,
    kept: Mutex<VecDeque<Arc<Current>>>,
    written: Mutex<VecDeque<(Key, bytes::Bytes)>>,
}

/// From which digest to which.
type Key = (Option<String>, Arc<str>);

impl Default for Published {
    fn default() -> Self {
        Self { current: watch::Sender::new(None), kept: Mutex::default(), written: Mutex::default() }
    }
}

/// The step from what a gateway has to the present snapshot.
#[derive(Debug)]
pub enum Step {
    /// Written before.
    Known(bytes::Bytes),
    /// Still to be written.
    Make(DeltaToWrite),
}

/// A step that is not written yet.
#[derive(Debug)]
pub struct DeltaToWrite {
    base: Option<Arc<Current>>,
    current: Arc<Current>,
}

impl DeltaToWrite {
    /// Its wire form.
    ///
    /// # Errors
    /// When it cannot be serialised, which is a defect.
    pub fn write(&self) -> Result<bytes::Bytes, serde_json::Error> {
        let delta = self.current.snapshot.delta_from(self.base.as_ref().map(|base| &base.snapshot));
        serde_json::to_vec(&delta).map(bytes::Bytes::from)
    }
}

impl Published {
    /// The present snapshot, once there is one.
    pub fn current(&self) -> Option<Arc<Current>> {
        self.current.borrow().clone()
    }
    /// For waiting until there is another one.
    pub fn watch(&self) -> watch::Receiver<Option<Arc<Current>>> {
        self.current.subscribe()
    }
    pub(super) fn publish(&self, current: Current) {
        let current = Arc::new(current);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_back(Arc::clone(&current));
        if kept.len() > KEPT {
            kept.pop_front();
        }
        drop(kept);
        // Steps to what is past are asked for no more.
        self.written.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.current.send_replace(Some(current));
    }
    /// How to come from the snapshot with `digest` to `current`; from nothing, when it is not kept any more.
    pub fn step(&self, digest: Option<&str>, current: &Arc<Current>) -> Step {
        let key = (digest.map(str::to_owned), Arc::clone(&current.digest));
        let written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, bytes)) = written.iter().find(|(known, _)| *known == key) {
            return Step::Known(bytes.clone());
        }
        drop(written);
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let base = digest.and_then(|digest| kept.iter().find(|kept| *kept.digest == *digest).cloned());
        Step::Make(DeltaToWrite { base, current: Arc::clone(current) })
    }
    /// Keeps a written step for the next gateway that asks for it.
    pub fn keep(&self, digest: Option<&str>, current: &Arc<Current>, bytes: bytes::Bytes) -> bytes::Bytes {
        if bytes.len() > WRITTEN_BYTES {
            return bytes;
        }
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        written.push_back(((digest.map(str::to_owned), Arc::clone(&current.digest)), bytes.clone()));
        if written.len() > WRITTEN {
            written.pop_front();
        }
        bytes
    }
}
