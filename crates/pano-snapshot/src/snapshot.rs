//! The snapshot itself, its digest and its delta.

use crate::FORMAT;
use crate::unit::{Unit, UnitKey};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A unit together with the SHA-256 (hex) of its serialised form.
#[derive(Debug, Clone)]
pub struct Digested {
    /// The unit.
    pub unit: Arc<Unit>,
    /// Its digest.
    pub digest: Arc<str>,
}

impl Digested {
    /// Digests `unit`.
    pub fn new(unit: impl Into<Arc<Unit>>) -> Self {
        let unit = unit.into();
        // Serialising our own derive over strings, numbers and JSON values has no failing case.
        let bytes = serde_json::to_vec(&*unit).unwrap_or_default();
        Self { unit, digest: pano_crypto::digest::sha256_hex(&bytes).into() }
    }
}

/// All that a gateway needs, at one revision.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    revision: u64,
    units: BTreeMap<UnitKey, Digested>,
}

/// What leads from one snapshot to the next. Wire and disk form; a delta with `from = None` is a whole snapshot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Delta {
    /// [`crate::FORMAT`] of its sender.
    #[serde(default)]
    pub format: u32,
    /// Digest of the snapshot it applies to; `None`: to the empty one.
    pub from: Option<String>,
    /// Revision it leads to.
    pub revision: u64,
    /// Digest it leads to.
    pub digest: String,
    /// New and changed units.
    pub upsert: Vec<Arc<Unit>>,
    /// Units that are gone.
    pub remove: Vec<UnitKey>,
}

/// Why a delta was refused; the snapshot stays as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApplyError {
    /// It is written in another format.
    #[error("the delta is of format {0}, this side reads format {FORMAT}")]
    Format(u32),
    /// It starts elsewhere.
    #[error("the delta starts from {expected}, this snapshot is {actual}")]
    OtherBase {
        /// Digest the delta starts from.
        expected: String,
        /// Digest held.
        actual: String,
    },
    /// The result is not what the delta says it should be.
    #[error("the delta promises {expected} but leads to {actual}")]
    DigestMismatch {
        /// Digest promised.
        expected: String,
        /// Digest found.
        actual: String,
    },
}

impl Snapshot {
    /// A snapshot of `units` at `revision`.
    pub fn new(revision: u64, units: impl IntoIterator<Item = Unit>) -> Self {
        Self::from_digested(revision, units.into_iter().map(Digested::new))
    }
    /// The same from units already digested, so that unchanged ones are not digested again.
    pub fn from_digested(revision: u64, units: impl IntoIterator<Item = Digested>) -> Self {
        Self { revision, units: units.into_iter().map(|d| (d.unit.key(), d)).collect() }
    }
    /// Grows by one with every change.
    pub const fn revision(&self) -> u64 {
        self.revision
    }
    /// All units by key.
    pub const fn units(&self) -> &BTreeMap<UnitKey, Digested> {
        &self.units
    }
    /// SHA-256 (hex) over every unit's key and digest, in key order. The revision is not part of it.
    pub fn digest(&self) -> String {
        digest_of(self.units.iter().map(|(key, digested)| (key, &*digested.digest)))
    }
    /// Keys and digests alone.
    pub fn outline(&self) -> Outline {
        let digests = self.units.iter().map(|(key, digested)| (key.clone(), Arc::clone(&digested.digest))).collect();
        Outline { revision: self.revision, digests }
    }
    /// What leads from `base` to `self`. `None` as base gives the whole.
    pub fn delta_from(&self, base: Option<&Self>) -> Delta {
        let empty = BTreeMap::new();
        let old = base.map_or(&empty, |b| &b.units);
        let changed = |key: &UnitKey, new: &Digested| old.get(key).is_none_or(|was| was.digest != new.digest);
        Delta {
            format: FORMAT,
            from: base.map(Self::digest),
            revision: self.revision,
            digest: self.digest(),
            upsert: self.units.iter().filter(|(k, d)| changed(k, d)).map(|(_, d)| Arc::clone(&d.unit)).collect(),
            remove: old.keys().filter(|key| !self.units.contains_key(key)).cloned().collect(),
        }
    }
    /// The snapshot that `delta` leads to. Unchanged units are shared with `self`.
    ///
    /// # Errors
    /// When the delta starts elsewhere, or does not lead to the digest that it promises.
    pub fn apply(&self, delta: &Delta) -> Result<Self, ApplyError> {
        if delta.format != FORMAT {
            return Err(ApplyError::Format(delta.format));
        }
        let mut next = match &delta.from {
            None => Self::default(),
            Some(expected) => {
                let actual = self.digest();
                if *expected != actual {
                    return Err(ApplyError::OtherBase { expected: expected.clone(), actual });
                }
                self.clone()
            }
        };
        for key in &delta.remove {
            next.units.remove(key);
        }
        for unit in &delta.upsert {
            next.units.insert(unit.key(), Digested::new(Arc::clone(unit)));
        }
        next.revision = delta.revision;
        let actual = next.digest();
        if actual != delta.digest {
            return Err(ApplyError::DigestMismatch { expected: delta.digest.clone(), actual });
        }
        Ok(next)
    }
}

fn digest_of<'a>(units: impl Iterator<Item = (&'a UnitKey, &'a str)>) -> String {
    let mut text = String::with_capacity(units.size_hint().0 * 110);
    for (key, digest) in units {
        text.push_str(&serde_json::to_string(key).unwrap_or_default());
        text.push_str(digest);
        text.push('\n');
    }
    pano_crypto::digest::sha256_hex(text.as_bytes())
}

/// A snapshot without its units: what is needed to apply a delta and to prove its result. A gateway keeps this instead of
/// the units, which it holds in their compiled form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outline {
    revision: u64,
    digests: BTreeMap<UnitKey, Arc<str>>,
}

impl Outline {
    /// From keys and digests, at a revision.
    pub fn new(revision: u64, digests: impl IntoIterator<Item = (UnitKey, Arc<str>)>) -> Self {
        Self { revision, digests: digests.into_iter().collect() }
    }
    /// Grows by one with every change.
    pub const fn revision(&self) -> u64 {
        self.revision
    }
    /// Every unit's key and digest.
    pub const fn digests(&self) -> &BTreeMap<UnitKey, Arc<str>> {
        &self.digests
    }
    /// The same digest as that of the whole snapshot.
    pub fn digest(&self) -> String {
        digest_of(self.digests.iter().map(|(key, digest)| (key, &**digest)))
    }
    /// The outline that `delta` leads to, and the new and changed units.
    ///
    /// # Errors
    /// As [`Snapshot::apply`].
    pub fn apply(&self, delta: Delta) -> Result<(Self, Vec<Digested>), ApplyError> {
        if delta.format != FORMAT {
            return Err(ApplyError::Format(delta.format));
        }
        let mut next = match delta.from {
            None => Self::default(),
            Some(expected) => {
                let actual = self.digest();
                if expected != actual {
                    return Err(ApplyError::OtherBase { expected, actual });
                }
                self.clone()
            }
        };
        for key in &delta.remove {
            next.digests.remove(key);
        }
        let units: Vec<Digested> = delta.upsert.into_iter().map(Digested::new).collect();
        next.digests.extend(units.iter().map(|d| (d.unit.key(), Arc::clone(&d.digest))));
        next.revision = delta.revision;
        let actual = next.digest();
        if actual != delta.digest {
            return Err(ApplyError::DigestMismatch { expected: delta.digest, actual });
        }
        Ok((next, units))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unit::IssuerUnit;

    #[test]
    fn an_outline_takes_the_same_deltas_as_its_snapshot() {
        let old = Snapshot::new(1, [issuer("a", "x"), issuer("b", "x")]);
        let new = Snapshot::new(2, [issuer("a", "x"), issuer("b", "y"), issuer("c", "x")]);
        let (outline, units) = old.outline().apply(new.delta_from(Some(&old))).unwrap();
        assert_eq!((outline, units.len()), (new.outline(), 2));
        assert!(matches!(new.outline().apply(new.delta_from(Some(&old))), Err(ApplyError::OtherBase { .. })));
    }

    fn issuer(name: &str, audience: &str) -> Unit {
        let jwks = serde_json::json!({ "keys": [] });
        Unit::Issuer(IssuerUnit { issuer: name.into(), audience: audience.into(), jwks })
    }

    #[test]
    fn a_delta_carries_only_what_changed_and_leads_to_the_same_digest() {
        let old = Snapshot::new(1, [issuer("a", "x"), issuer("b", "x"), issuer("c", "x")]);
        let new = Snapshot::new(2, [issuer("a", "x"), issuer("b", "y"), issuer("d", "x")]);
        let delta = new.delta_from(Some(&old));
        assert_eq!((delta.upsert.len(), delta.remove.len()), (2, 1));
        let wire: Delta = serde_json::from_str(&serde_json::to_string(&delta).unwrap()).unwrap();
        let applied = old.apply(&wire).unwrap();
        assert_eq!((applied.digest(), applied.revision()), (new.digest(), 2));
        assert_eq!(Snapshot::default().apply(&new.delta_from(None)).unwrap().digest(), new.digest());
    }

    #[test]
    fn a_delta_for_another_base_or_with_another_result_is_refused() {
        let old = Snapshot::new(1, [issuer("a", "x")]);
        let mut delta = Snapshot::new(2, [issuer("a", "y")]).delta_from(Some(&old));
        assert!(matches!(Snapshot::default().apply(&delta), Err(ApplyError::OtherBase { .. })));
        delta.upsert = vec![issuer("a", "z").into()];
        assert!(matches!(old.apply(&delta), Err(ApplyError::DigestMismatch { .. })));
        delta.format = 1;
        assert_eq!(old.apply(&delta).unwrap_err(), ApplyError::Format(1));
        assert_eq!(old.outline().apply(delta).unwrap_err(), ApplyError::Format(1));
    }
}
