//! One segment file: naming, reading, mending.

use crate::{Chunk, Position};
use pano_types::Instant;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// A segment on disk.
#[derive(Debug, Clone)]
pub(super) struct Segment {
    /// Position of its first byte.
    pub(super) base: Position,
    /// Its file.
    pub(super) path: PathBuf,
}

impl Segment {
    /// Makes the segment that begins at `base`, and makes its name durable.
    pub(super) fn create(folder: &Path, base: Position) -> std::io::Result<(Self, File)> {
        let path = folder.join(format!("{base:020}.log"));
        // Records say who did what: they are their owner's.
        let file = File::options().create(true).append(true).mode(0o600).open(&path)?;
        File::open(folder)?.sync_all()?;
        Ok((Self { base, path }, file))
    }

    /// When it was last written to.
    pub(super) fn written(&self) -> std::io::Result<Instant> {
        let at = std::fs::metadata(&self.path)?.modified()?;
        let since = at.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Ok(Instant::from_unix_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX)))
    }
}

/// All segments in `folder`, in order. Other files are left alone.
pub(super) fn list(folder: &Path) -> std::io::Result<Vec<Segment>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let base = path
            .file_name()
            .and_then(|n| n.to_str())
            .and_then(|n| n.strip_suffix(".log"))
            .filter(|n| n.len() == 20)
            .and_then(|n| n.parse().ok());
        if let Some(base) = base {
            found.push(Segment { base, path });
        }
    }
    found.sort_by_key(|s| s.base);
    Ok(found)
}

/// Cuts what stands after the last newline; returns the length left.
pub(super) fn cut_torn_tail(path: &Path) -> std::io::Result<u64> {
    let file = File::options().read(true).write(true).open(path)?;
    let length = file.metadata()?.len();
    let mut whole = length;
    let mut block = vec![0; 64 << 10];
    while whole > 0 {
        let from = whole.saturating_sub(block.len() as u64);
        let size = usize::try_from(whole - from).unwrap_or(block.len());
        let bytes = block.get_mut(..size).unwrap_or_default();
        file.read_exact_at(bytes, from)?;
        match bytes.iter().rposition(|b| *b == b'\n') {
            Some(at) => {
                whole = from + at as u64 + 1;
                break;
            }
            None => whole = from,
        }
    }
    if whole < length {
        file.set_len(whole)?;
        file.sync_all()?;
    }
    Ok(whole)
}

/// Whole lines of the segment from `from` on, not past `end`.
pub(super) fn read(
    path: &Path,
    base: Position,
    end: Position,
    from: Position,
    bytes_max: usize,
) -> std::io::Result<Chunk> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(from - base))?;
    let mut wanted = bytes_max.max(1) as u64;
    loop {
        let mut lines = Vec::new();
        let limit = wanted.min(end - from);
        file.by_ref().take(limit).read_to_end(&mut lines)?;
        let whole = lines.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        if whole > 0 || limit == end - from {
            lines.truncate(whole);
            return Ok(Chunk { from, to: from + whole as u64, lines });
        }
        // One line is longer than what was asked for.
        wanted = wanted.saturating_mul(2);
        file.seek(SeekFrom::Start(from - base))?;
    }
}
