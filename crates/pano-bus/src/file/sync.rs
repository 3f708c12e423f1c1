//! The thread that brings appended lines to the disk every few milliseconds.

use super::State;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// Stops and joins its thread when dropped.
#[derive(Debug)]
pub(super) struct Syncer {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Syncer {
    pub(super) fn start(state: Arc<Mutex<State>>, interval: Duration) -> std::io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&stop);
        let thread = std::thread::Builder::new().name("log-sync".into()).spawn(move || {
            while !flag.load(Ordering::Relaxed) {
                std::thread::park_timeout(interval);
                sync_once(&state);
            }
        })?;
        Ok(Self { stop, thread: Some(thread) })
    }
}

fn sync_once(state: &Mutex<State>) {
    let writer = {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        if !state.dirty {
            return;
        }
        state.dirty = false;
        Arc::clone(&state.writer)
    };
    // Not under the lock: appends go on while the disk works.
    if writer.sync_data().is_err() {
        state.lock().unwrap_or_else(PoisonError::into_inner).dirty = true;
    }
}

impl Drop for Syncer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}
