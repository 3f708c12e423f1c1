//! Snapshots on disk: units and contracts by digest, and the last two good snapshots as lists of digests.
//!
//! A start reads the units, not the contracts: those are read and proved when an operation is first called.
//! A publish writes only the units that changed. Files are written aside, synced and renamed, so that a crash leaves the old
//! or the new; what does not match its digest is not used.

use pano_snapshot::unit::UnitKey;
use pano_snapshot::{Digested, FORMAT, Outline, Unit};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::fs::{DirBuilder, File};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
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
    /// The list was written in another format, by an older or newer gateway.
    #[error("{path} is of format {found}, this gateway reads format {FORMAT}")]
    Format {
        /// The list.
        path: PathBuf,
        /// Its format; 0 when it says none.
        found: u32,
    },
    /// The content is not what its name or list says.
    #[error("{0} is damaged")]
    Damaged(PathBuf),
}

#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    #[serde(default)]
    format: u32,
    revision: u64,
    digest: String,
    units: Vec<(UnitKey, String)>,
    #[serde(default)]
    contracts: Vec<String>,
}

const SYNCED_UNITS_MAX: usize = 64;
const UNITS: &str = "units";
const CONTRACTS: &str = "contracts";
const CURRENT: &str = "current.json";
const PREVIOUS: &str = "previous.json";

impl UnitStore {
    /// Opens or makes the folder.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, DiskError> {
        let folder = folder.into();
        for name in [UNITS, CONTRACTS] {
            let path = folder.join(name);
            let made = DirBuilder::new().recursive(true).mode(0o700).create(&path);
            made.map_err(|source| DiskError::Io { path, source })?;
        }
        Ok(Self { folder })
    }

    /// The unit with this digest.
    ///
    /// # Errors
    /// When it is not there or damaged.
    pub fn unit(&self, digest: &str) -> Result<Unit, DiskError> {
        let path = self.path(UNITS, digest);
        let bytes = proved(&path, digest)?;
        serde_json::from_slice(&bytes).map_err(|_| DiskError::Damaged(path))
    }

    /// The text of the contract with this digest.
    ///
    /// # Errors
    /// When it is not there or damaged.
    pub fn contract(&self, digest: &str) -> Result<Vec<u8>, DiskError> {
        proved(&self.path(CONTRACTS, digest), digest)
    }

    /// Whether there is a contract with this digest; not whether it is sound.
    pub fn has_contract(&self, digest: &str) -> bool {
        self.path(CONTRACTS, digest).exists()
    }

    /// Writes a contract whose digest has been checked, whether it is there or not.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn keep_contract(&self, digest: &str, text: &[u8], sync: bool) -> Result<(), DiskError> {
        write(&self.path(CONTRACTS, digest), text, sync)
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
            let path = self.path(UNITS, &unit.digest);
            if !path.exists() {
                write(&path, &serde_json::to_vec(&*unit.unit).unwrap_or_default(), sync)?;
            }
        }
        Ok(())
    }

    /// Makes `outline` the current snapshot, the one before the previous, and drops units and contracts of neither.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn commit<'c>(&self, outline: &Outline, contracts: impl Iterator<Item = &'c str>) -> Result<(), DiskError> {
        let contracts = contracts.map(str::to_owned).collect();
        let units = outline.digests().iter().map(|(key, digest)| (key.clone(), digest.to_string())).collect();
        let (revision, digest) = (outline.revision(), outline.digest());
        let manifest = Manifest { format: FORMAT, revision, digest, units, contracts };
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
        if manifest.format != FORMAT {
            return Err(DiskError::Format { path: path.to_owned(), found: manifest.format });
        }
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

    /// Removes units and contracts that neither list names. What cannot be removed now is removed another time.
    fn sweep(&self) {
        let mut used = HashSet::new();
        for name in [CURRENT, PREVIOUS] {
            match manifest(&self.folder.join(name)) {
                Ok(manifest) => {
                    let units = manifest.units.into_iter().map(|(_, digest)| digest);
                    used.extend(units.chain(manifest.contracts).map(|digest| format!("{digest}.json")));
                }
                Err(DiskError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {}
                Err(_) => return,
            }
        }
        let entries = [UNITS, CONTRACTS].into_iter().flat_map(|name| std::fs::read_dir(self.folder.join(name)));
        let entries = entries.flatten().flatten();
        for entry in entries.filter(|e| e.file_name().to_str().is_none_or(|name| !used.contains(name))) {
            let _ = std::fs::remove_file(entry.path());
        }
    }

    fn path(&self, kind: &str, digest: &str) -> PathBuf {
        self.folder.join(kind).join(format!("{digest}.json"))
    }
}

/// The content of a file that its digest proves.
fn proved(path: &Path, digest: &str) -> Result<Vec<u8>, DiskError> {
    let bytes = std::fs::read(path).map_err(|source| DiskError::Io { path: path.to_owned(), source })?;
    if pano_crypto::digest::sha256_hex(&bytes) == digest { Ok(bytes) } else { Err(DiskError::Damaged(path.to_owned())) }
}

fn manifest(path: &Path) -> Result<Manifest, DiskError> {
    let bytes = std::fs::read(path).map_err(|source| DiskError::Io { path: path.to_owned(), source })?;
    serde_json::from_slice(&bytes).map_err(|_| DiskError::Damaged(path.to_owned()))
}

fn write(path: &Path, bytes: &[u8], sync: bool) -> Result<(), DiskError> {
    let aside = path.with_extension("new");
    let attempt = || {
        let mut file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&aside)?;
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
        store.commit(&snapshot.outline(), std::iter::empty()).unwrap();
    }

    #[test]
    fn contracts_stay_while_a_snapshot_names_them_and_damage_shows() {
        let folder = tempfile::tempdir().unwrap();
        let store = UnitStore::open(folder.path()).unwrap();
        let digest = pano_snapshot::contract::digest(b"{}");
        store.keep_contract(&digest, b"{}", true).unwrap();
        let commit = |n, contracts: &[&str]| store.commit(&snapshot(n, &["a"]).outline(), contracts.iter().copied());
        commit(1, &[&digest]).unwrap();
        assert_eq!((store.has_contract(&digest), store.contract(&digest).unwrap()), (true, b"{}".to_vec()));
        std::fs::write(store.path(CONTRACTS, &digest), b"[]").unwrap();
        assert!(matches!(store.contract(&digest), Err(DiskError::Damaged(_))));
        commit(2, &[]).unwrap();
        assert!(store.has_contract(&digest), "the previous snapshot needs it");
        commit(3, &[]).unwrap();
        assert!(!store.has_contract(&digest));
    }

    #[test]
    fn a_list_of_another_format_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let store = UnitStore::open(folder.path()).unwrap();
        save(&store, &snapshot(1, &["a"]));
        let path = folder.path().join(CURRENT);
        let text = std::fs::read_to_string(&path).unwrap().replace("\"format\":2,", "");
        std::fs::write(&path, text).unwrap();
        assert!(matches!(store.load_one(&path), Err(DiskError::Format { found: 0, .. })));
        assert!(store.load().is_none(), "the whole is fetched again");
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
        std::fs::write(store.path(UNITS, &lost.digest), b"{}").unwrap();
        assert_eq!(store.load().unwrap().0, two.outline());
        std::fs::write(folder.path().join(CURRENT), b"{\"rev").unwrap();
        assert_eq!(store.load().unwrap().0, two.outline());
        std::fs::remove_file(folder.path().join(PREVIOUS)).unwrap();
        assert!(store.load().is_none());
    }
}
