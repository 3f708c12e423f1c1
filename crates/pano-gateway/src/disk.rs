//! Snapshots on disk: units by digest, and the last two good snapshots as lists of digests.
//!
//! A publish writes only the units that changed. Files are written aside, synced and renamed, so that a crash leaves the old
//! or the new; what does not match its digest is not used.

use pano_snapshot::unit::UnitKey;
use pano_snapshot::{Digested, Outline, Unit};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The folder of snapshots.
#[derive(Debug)]
pub struct UnitStore {
    folder: PathBuf,
}

/// Why something on disk could not be used or written.
#[derive(Debug, thiserror::Error)]
pub enum DiskError {
    /// The disk refused.
    #[error("{path} cannot be used")]
    Io {
        /// File or folder.
        path: PathBuf,
        /// What the disk said.
        source: std::io::Error,
    },
    /// The content is not what its name or list says.
    #[error("{0} is damaged")]
    Damaged(PathBuf),
}

#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    revision: u64,
    digest: String,
    units: Vec<(UnitKey, String)>,
}

const SYNCED_UNITS_MAX: usize = 64;
const CURRENT: &str = "current.json";
const PREVIOUS: &str = "previous.json";

impl UnitStore {
    /// Opens or makes the folder.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, DiskError> {
        let folder = folder.into();
        let units = folder.join("units");
        std::fs::create_dir_all(&units).map_err(|source| DiskError::Io { path: units, source })?;
        Ok(Self { folder })
    }

    /// The unit with this digest.
    ///
    /// # Errors
    /// When it is not there or damaged.
    pub fn unit(&self, digest: &str) -> Result<Unit, DiskError> {
        let path = self.unit_path(digest);
        let bytes = std::fs::read(&path).map_err(|source| DiskError::Io { path: path.clone(), source })?;
        if pano_crypto::digest::sha256_hex(&bytes) != digest {
            return Err(DiskError::Damaged(path));
        }
        serde_json::from_slice(&bytes).map_err(|_| DiskError::Damaged(path))
    }

    /// Writes units that are not there yet. They belong to no snapshot until [`UnitStore::commit`].
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn keep(&self, units: &[Digested]) -> Result<(), DiskError> {
        // A first load can bring 100,000 units; syncing each would take minutes. Their digests prove them when they are read, and
        // until the kernel has written them the manager still has them.
        let sync = units.len() <= SYNCED_UNITS_MAX;
        for unit in units {
            let path = self.unit_path(&unit.digest);
            if !path.exists() {
                write(&path, &serde_json::to_vec(&*unit.unit).unwrap_or_default(), sync)?;
            }
        }
        Ok(())
    }

    /// Makes `outline` the current snapshot, the one before the previous, and drops units of neither.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn commit(&self, outline: &Outline) -> Result<(), DiskError> {
        let units = outline.digests().iter().map(|(key, digest)| (key.clone(), digest.to_string())).collect();
        let manifest = Manifest { revision: outline.revision(), digest: outline.digest(), units };
        let (current, previous) = (self.folder.join(CURRENT), self.folder.join(PREVIOUS));
        if current.exists() {
            std::fs::rename(&current, &previous).map_err(|source| DiskError::Io { path: previous, source })?;
        }
        write(&current, &serde_json::to_vec(&manifest).unwrap_or_default(), true)?;
        self.sweep();
        Ok(())
    }

    /// The last good snapshot: the current one, or the previous when that is damaged. `None` when there is none.
    pub fn load(&self) -> Option<(Outline, Vec<Digested>)> {
        for name in [CURRENT, PREVIOUS] {
            match self.load_one(&self.folder.join(name)) {
                Ok(found) => return Some(found),
                Err(DiskError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => tracing::warn!(%error, "a stored snapshot cannot be used"),
            }
        }
        None
    }

    fn load_one(&self, path: &Path) -> Result<(Outline, Vec<Digested>), DiskError> {
        let manifest = manifest(path)?;
        let mut units = Vec::with_capacity(manifest.units.len());
        for (key, digest) in manifest.units {
            let unit = self.unit(&digest)?;
            if unit.key() != key {
                return Err(DiskError::Damaged(path.to_owned()));
            }
            units.push(Digested { unit: Arc::new(unit), digest: digest.into() });
        }
        let outline = Outline::new(manifest.revision, units.iter().map(|d| (d.unit.key(), Arc::clone(&d.digest))));
        if outline.digest() == manifest.digest {
            Ok((outline, units))
        } else {
            Err(DiskError::Damaged(path.to_owned()))
        }
    }

    /// Removes units that neither list names. What cannot be removed now is removed another time.
    fn sweep(&self) {
        let mut used = HashSet::new();
        for name in [CURRENT, PREVIOUS] {
            match manifest(&self.folder.join(name)) {
                Ok(manifest) => used.extend(manifest.units.into_iter().map(|(_, digest)| format!("{digest}.json"))),
                Err(DiskError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {}
                Err(_) => return,
            }
        }
        let entries = std::fs::read_dir(self.folder.join("units")).into_iter().flatten().flatten();
        for entry in entries.filter(|e| e.file_name().to_str().is_none_or(|name| !used.contains(name))) {
            let _ = std::fs::remove_file(entry.path());
        }
    }

    fn unit_path(&self, digest: &str) -> PathBuf {
        self.folder.join("units").join(format!("{digest}.json"))
    }
}

fn manifest(path: &Path) -> Result<Manifest, DiskError> {
    let bytes = std::fs::read(path).map_err(|source| DiskError::Io { path: path.to_owned(), source })?;
    serde_json::from_slice(&bytes).map_err(|_| DiskError::Damaged(path.to_owned()))
}

fn write(path: &Path, bytes: &[u8], sync: bool) -> Result<(), DiskError> {
    let aside = path.with_extension("new");
    let attempt = || {
        let mut file = File::create(&aside)?;
        file.write_all(bytes)?;
        if sync {
            file.sync_all()?;
        }
        std::fs::rename(&aside, path)?;
        path.parent().filter(|_| sync).map_or(Ok(()), |folder| File::open(folder)?.sync_all())
    };
    attempt().map_err(|source| DiskError::Io { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;
    use pano_snapshot::Snapshot;

    fn snapshot(revision: u64, slugs: &[&str]) -> Snapshot {
        Snapshot::new(revision, slugs.iter().map(|s| Unit::Api(testing::api(s, "http://127.0.0.1:1"))))
    }

    fn save(store: &UnitStore, snapshot: &Snapshot) {
        let units: Vec<Digested> = snapshot.units().values().cloned().collect();
        store.keep(&units).unwrap();
        store.commit(&snapshot.outline()).unwrap();
    }

    #[test]
    fn the_last_good_snapshot_comes_back_and_damage_falls_back_to_the_one_before() {
        let folder = tempfile::tempdir().unwrap();
        let store = UnitStore::open(folder.path()).unwrap();
        assert!(store.load().is_none());
        let (one, two, three) = (snapshot(1, &["a"]), snapshot(2, &["a", "b"]), snapshot(3, &["b", "c"]));
        save(&store, &one);
        save(&store, &two);
        let (outline, units) = store.load().unwrap();
        assert_eq!((outline, units.len()), (two.outline(), 2));
        save(&store, &three);
        assert_eq!(std::fs::read_dir(folder.path().join("units")).unwrap().count(), 3, "a, b and c");
        let lost = three.units().values().find(|d| !two.units().contains_key(&d.unit.key())).unwrap();
        std::fs::write(store.unit_path(&lost.digest), b"{}").unwrap();
        assert_eq!(store.load().unwrap().0, two.outline());
        std::fs::write(folder.path().join(CURRENT), b"{\"rev").unwrap();
        assert_eq!(store.load().unwrap().0, two.outline());
        std::fs::remove_file(folder.path().join(PREVIOUS)).unwrap();
        assert!(store.load().is_none());
    }
}
