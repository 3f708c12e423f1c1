//! The durable event log: the [`Log`] trait and its embedded default, [`FileLog`].
//!
//! Why it exists: what the gateway accepted must be counted exactly once, through a `kill -9` of any process. So a record is
//! in an append-only log before its request is answered, and a consumer moves its cursor in the transaction that counts.
//!
//! Invariants:
//! * A batch is one `write(2)`: when [`Log::append`] returns, the lines are in the page cache and survive the death of the
//!   process; they survive the death of the machine after the next fsync ([`file::Options::fsync_interval_ms`]).
//! * Positions grow and never repeat. A position is the number of bytes ever appended before it.
//! * A line that was torn by a crash is cut when the log is opened, never handed out.
//! * A failing disk makes `append` fail; nothing half-written stays behind.
//!
//! Start reading at [`Log`], then [`mod@file`]; [`event`] is the form of events on a log.

pub mod event;
pub mod file;

pub use event::CloudEvent;
pub use file::FileLog;

/// Place in a log: the number of bytes appended before it, over all segments ever.
pub type Position = u64;

/// Why lines were not appended. None of them is in the log.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// The batch is empty or its last line does not end.
    #[error("a batch must consist of whole lines")]
    NotLines,
    /// The log holds as much as it may.
    #[error("the log is full: {0} bytes are kept, and that is its limit")]
    Full(u64),
    /// The disk refused.
    #[error("the log cannot be written")]
    Io(#[from] std::io::Error),
}

/// Why lines could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The position lies before what is kept or after the end.
    #[error("position {wanted} is outside of the log ({start}..={end})")]
    Outside {
        /// Position asked for.
        wanted: Position,
        /// First position kept.
        start: Position,
        /// Position after the last line.
        end: Position,
    },
    /// The disk refused.
    #[error("the log cannot be read")]
    Io(#[from] std::io::Error),
}

/// Whole lines, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Chunk {
    /// Position of the first byte.
    pub from: Position,
    /// Position after the last byte; where to read on. More than `from + lines.len()` where something unusable was skipped.
    pub to: Position,
    /// The lines, each ended by a newline.
    pub lines: Vec<u8>,
}

/// An ordered, append-only log of lines.
pub trait Log: Send + Sync {
    /// Appends whole lines at once: all of them or, on error, none. Returns the position after the last.
    ///
    /// # Errors
    /// When the disk refuses or the log is full.
    fn append(&self, lines: &[u8]) -> Result<Position, AppendError>;
    /// Position after the last line.
    fn end(&self) -> Position;
    /// First position still kept.
    fn start(&self) -> Position;
    /// Whole lines from `from` on, about `bytes_max` of them (at least one line when there is one).
    ///
    /// # Errors
    /// When `from` is outside of the log or the disk refuses.
    fn read(&self, from: Position, bytes_max: usize) -> Result<Chunk, ReadError>;
    /// Says that everything before `position` has been consumed; what is also older than the retention may go.
    ///
    /// # Errors
    /// When the disk refuses.
    fn release(&self, position: Position, now: pano_types::Instant) -> std::io::Result<()>;
    /// Makes the log end at `position`, leaving a hole, when a consumer has provably seen more than is left of the log
    /// (the machine died before an fsync). Does nothing when the log is already that long.
    ///
    /// # Errors
    /// When the disk refuses.
    fn skip_to(&self, position: Position) -> std::io::Result<()>;
    /// Waits until all that was appended is on the disk.
    ///
    /// # Errors
    /// When the disk refuses.
    fn sync(&self) -> std::io::Result<()>;
}
