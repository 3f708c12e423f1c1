//! The embedded log: segment files of lines in a folder. `00000000000000004096.log` holds positions from 4096 on.

mod segment;
mod sync;

use crate::{AppendError, Chunk, Log, Position, ReadError};
use pano_types::Instant;
use segment::Segment;
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How a [`FileLog`] keeps its lines.
#[derive(Debug, Clone)]
pub struct Options {
    /// Folder of the segments; made when absent. One process at a time.
    pub folder: PathBuf,
    /// A segment that has reached this size is followed by a new one.
    pub segment_bytes: u64,
    /// Most bytes kept over all segments; further appends fail. Bounds the disk while no consumer reads.
    pub bytes_max: u64,
    /// How long consumed segments stay.
    pub retention: Duration,
    /// Milliseconds between fsyncs; `0` syncs every batch before it is acknowledged.
    pub fsync_interval_ms: u64,
}

impl Options {
    /// The defaults: segments of 64 MiB, at most 64 GiB, a week of retention, an fsync every 50 ms.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            segment_bytes: 64 << 20,
            bytes_max: 64 << 30,
            retention: Duration::from_secs(7 * 86_400),
            fsync_interval_ms: 50,
        }
    }
}

/// Why a log could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process holds the folder.
    #[error("the log in {0} is in use by another process")]
    InUse(PathBuf),
    /// The disk refused.
    #[error("the log in {folder} cannot be opened")]
    Io {
        /// The folder.
        folder: PathBuf,
        /// What the disk said.
        source: std::io::Error,
    },
}

/// The embedded default of [`Log`].
///
/// Writers share one lock, taken once per batch and held for one `write(2)`: the kernel serialises appends to one file
/// anyway, and so a short write can be taken back before anyone else writes.
#[derive(Debug)]
pub struct FileLog {
    options: Options,
    state: Arc<Mutex<State>>,
    syncer: Option<sync::Syncer>,
    _folder_lock: File,
}

#[derive(Debug)]
struct State {
    /// All segments in order; the last is written to. Never empty.
    segments: Vec<Segment>,
    writer: Arc<File>,
    end: Position,
    dirty: bool,
}

impl State {
    fn start(&self) -> Position {
        self.segments.first().map_or(self.end, |s| s.base)
    }
}

impl FileLog {
    /// Opens the log in `options.folder`, cutting what a crash tore.
    ///
    /// # Errors
    /// When another process uses the folder, or the disk refuses.
    pub fn open(options: Options) -> Result<Self, OpenError> {
        let io = |source| OpenError::Io { folder: options.folder.clone(), source };
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&options.folder).map_err(io)?;
        let mut lock = File::options();
        lock.create(true).truncate(false).write(true).mode(0o600);
        let folder_lock = lock.open(options.folder.join("lock")).map_err(io)?;
        match folder_lock.try_lock() {
            Ok(()) => {}
            Err(std::fs::TryLockError::WouldBlock) => return Err(OpenError::InUse(options.folder.clone())),
            Err(std::fs::TryLockError::Error(e)) => return Err(io(e)),
        }
        let state = Arc::new(Mutex::new(open_state(&options.folder).map_err(io)?));
        let syncer = match options.fsync_interval_ms {
            0 => None,
            ms => Some(sync::Syncer::start(Arc::clone(&state), Duration::from_millis(ms)).map_err(io)?),
        };
        Ok(Self { options, state, syncer, _folder_lock: folder_lock })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change to the state is complete before the next can fail, so a poisoned lock still guards a sound state.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn roll(&self, state: &mut State, base: Position) -> std::io::Result<()> {
        if state.dirty {
            state.writer.sync_data()?;
        }
        let (segment, writer) = Segment::create(&self.options.folder, base)?;
        state.segments.push(segment);
        state.writer = Arc::new(writer);
        state.end = base;
        Ok(())
    }
}

fn open_state(folder: &Path) -> std::io::Result<State> {
    let mut segments = segment::list(folder)?;
    let (end, writer) = match segments.last_mut() {
        None => {
            let (segment, writer) = Segment::create(folder, 0)?;
            segments.push(segment);
            (0, writer)
        }
        Some(last) => {
            let length = segment::cut_torn_tail(&last.path)?;
            (last.base + length, File::options().append(true).open(&last.path)?)
        }
    };
    Ok(State { segments, writer: Arc::new(writer), end, dirty: false })
}

impl Log for FileLog {
    fn append(&self, lines: &[u8]) -> Result<Position, AppendError> {
        if lines.last() != Some(&b'\n') {
            return Err(AppendError::NotLines);
        }
        let size = lines.len() as u64;
        let mut state = self.state();
        let kept = state.end - state.start();
        if kept.saturating_add(size) > self.options.bytes_max {
            return Err(AppendError::Full(kept));
        }
        let base = state.segments.last().map_or(0, |s| s.base);
        if state.end - base >= self.options.segment_bytes {
            let end = state.end;
            self.roll(&mut state, end)?;
        }
        if let Err(e) = (&*state.writer).write_all(lines) {
            take_back(&self.options.folder, &mut state)?;
            return Err(e.into());
        }
        if self.options.fsync_interval_ms == 0 {
            state.writer.sync_data()?;
        } else {
            state.dirty = true;
        }
        state.end += size;
        Ok(state.end)
    }

    fn end(&self) -> Position {
        self.state().end
    }

    fn start(&self) -> Position {
        self.state().start()
    }

    fn read(&self, from: Position, bytes_max: usize) -> Result<Chunk, ReadError> {
        let (path, base, segment_end) = {
            let state = self.state();
            let outside = || ReadError::Outside { wanted: from, start: state.start(), end: state.end };
            if from > state.end || from < state.start() {
                return Err(outside());
            }
            let at = state.segments.partition_point(|s| s.base <= from);
            let segment = at.checked_sub(1).and_then(|i| state.segments.get(i)).ok_or_else(outside)?;
            (segment.path.clone(), segment.base, state.segments.get(at).map_or(state.end, |next| next.base))
        };
        let chunk = segment::read(&path, base, segment_end, from, bytes_max)?;
        if chunk.to == from && from < segment_end {
            // Nothing usable up to the next segment: what is missing there was cut or skipped.
            return Ok(Chunk { from, to: segment_end, lines: Vec::new() });
        }
        Ok(chunk)
    }

    fn release(&self, position: Position, now: Instant) -> std::io::Result<()> {
        let oldest = now.minus(self.options.retention);
        loop {
            let path = {
                let state = self.state();
                match (state.segments.first(), state.segments.get(1)) {
                    (Some(first), Some(second)) if second.base <= position && first.written()? < oldest => {
                        first.path.clone()
                    }
                    _ => return Ok(()),
                }
            };
            std::fs::remove_file(&path)?;
            self.state().segments.remove(0);
        }
    }

    fn skip_to(&self, position: Position) -> std::io::Result<()> {
        let mut state = self.state();
        if position > state.end { self.roll(&mut state, position) } else { Ok(()) }
    }

    fn sync(&self) -> std::io::Result<()> {
        let writer = {
            let mut state = self.state();
            state.dirty = false;
            Arc::clone(&state.writer)
        };
        writer.sync_data()
    }
}

/// After a failed write: cuts the file to what was acknowledged, or else leaves it behind for a new segment.
fn take_back(folder: &Path, state: &mut State) -> std::io::Result<()> {
    let base = state.segments.last().map_or(0, |s| s.base);
    if state.writer.set_len(state.end - base).is_ok() {
        return Ok(());
    }
    // Readers never look past the base of the next segment, so the torn bytes stay unread.
    if state.end > base {
        let (segment, writer) = Segment::create(folder, state.end)?;
        state.segments.push(segment);
        state.writer = Arc::new(writer);
    }
    Ok(())
}

impl Drop for FileLog {
    fn drop(&mut self) {
        self.syncer.take();
        // The last chance; the lines are in the page cache in any case.
        let _ = self.sync();
    }
}

#[cfg(test)]
mod tests;
