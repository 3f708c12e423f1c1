//! [`KeyFile`]: a ring of signing keys in one sealed file.

use crate::file::{self, FileError};
use crate::master::MasterKey;
use crate::seal::{self, OpenError};
use pano_crypto::ring::{Due, KeyStoreError, Ring, Schedule, State, Version};
use pano_crypto::{Alg, KeyStore, PublicJwk, Signer, SigningKey, b64};
use pano_types::{Entropy, Instant};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use zeroize::{Zeroize, Zeroizing};

type Held = Arc<SigningKey>;

/// An issuer's signing keys in one sealed file. One process at a time: the data folder's lock sees to that.
pub struct KeyFile {
    path: PathBuf,
    alg: Alg,
    master: MasterKey,
    entropy: Arc<dyn Entropy>,
    /// Held while the file is written.
    ring: Mutex<Ring<Held>>,
    /// A copy apart, so that signing never waits for the disk.
    current: RwLock<Option<Held>>,
}

impl KeyFile {
    /// Opens the file, or begins an empty ring when there is none. New keys will be of `alg`.
    ///
    /// # Errors
    /// When the file is open to others, damaged, or sealed with another secret.
    pub fn open(path: &Path, alg: Alg, master: MasterKey, entropy: Arc<dyn Entropy>) -> Result<Self, FileError> {
        let ring = match file::read(path)? {
            None => Ring::default(),
            Some(content) => read_ring(path, &content, &master)?,
        };
        let current = RwLock::new(ring.current().map(|(_, key)| Arc::clone(key)));
        Ok(Self { path: path.to_owned(), alg, master, entropy, ring: Mutex::new(ring), current })
    }

    /// Moves a copy of the ring, keeps it, and only then lets it count.
    fn change<T>(&self, change: impl FnOnce(&mut Ring<Held>) -> Result<T, KeyStoreError>) -> Result<T, KeyStoreError> {
        let mut ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changed = ring.clone();
        let result = change(&mut changed)?;
        self.keep(&changed)?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) =
            changed.current().map(|(_, key)| Arc::clone(key));
        *ring = changed;
        Ok(result)
    }

    fn keep(&self, ring: &Ring<Held>) -> Result<(), KeyStoreError> {
        let kept = ring.versions().iter().map(KeptKey::new).collect::<Result<Vec<_>, _>>()?;
        let plain = serde_json::to_vec(&Kept { keys: kept }).map(Zeroizing::new);
        let plain = plain.map_err(|error| KeyStoreError::Backend(Box::new(error)))?;
        let sealed = seal::seal(&plain, &self.master, self.entropy.as_ref())
            .ok_or(KeyStoreError::Key(pano_crypto::key::PrivateKeyError::Generate))?;
        file::replace(&self.path, sealed.as_bytes()).map_err(|error| KeyStoreError::Backend(Box::new(error)))
    }

    fn ring(&self) -> std::sync::MutexGuard<'_, Ring<Held>> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KeyStore for KeyFile {
    fn signer(&self) -> Result<Arc<dyn Signer>, KeyStoreError> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        current.as_ref().map(|key| Arc::clone(key) as Arc<dyn Signer>).ok_or(KeyStoreError::Empty)
    }
    fn versions(&self) -> Vec<Version<()>> {
        self.ring().versions().iter().map(without_key).collect()
    }
    fn stage(&self, now: Instant) -> Result<String, KeyStoreError> {
        let key = SigningKey::generate(self.alg)?;
        let (public, kid) = (key.public().clone(), key.kid().to_owned());
        self.change(|ring| Ok(ring.stage(Arc::new(key), public, now)?))?;
        Ok(kid)
    }
    fn activate(&self, now: Instant, schedule: &Schedule) -> Result<(), KeyStoreError> {
        self.change(|ring| Ok(ring.activate(now, schedule)?))
    }
    fn withdraw(&self, kid: &str, now: Instant) -> Result<(), KeyStoreError> {
        self.change(|ring| Ok(ring.withdraw(kid, now)?))
    }
    fn sweep(&self, now: Instant) -> Result<usize, KeyStoreError> {
        self.change(|ring| Ok(ring.sweep(now)))
    }
    fn due(&self, now: Instant, schedule: &Schedule) -> Vec<Due> {
        self.ring().due(now, schedule)
    }
}

impl std::fmt::Debug for KeyFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyFile").field("path", &self.path).field("alg", &self.alg).finish_non_exhaustive()
    }
}

fn without_key(version: &Version<Held>) -> Version<()> {
    let state = match &version.state {
        State::Next { since, .. } => State::Next { key: (), since: *since },
        State::Current { since, .. } => State::Current { key: (), since: *since },
        State::Retiring { until } => State::Retiring { until: *until },
        State::Removed { at } => State::Removed { at: *at },
    };
    Version { public: version.public.clone(), created: version.created, state }
}

/// What is sealed. Persisted: fields may be added with a default only.
#[derive(Serialize, Deserialize)]
struct Kept {
    keys: Vec<KeptKey>,
}

#[derive(Serialize, Deserialize)]
struct KeptKey {
    public: PublicJwk,
    created: Instant,
    /// `next`, `current`, `retiring`, `removed`.
    state: String,
    /// Since when; for `retiring`: until when.
    at: Instant,
    /// PKCS#8, base64url; of `next` and `current` keys only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    private: Option<String>,
}

impl Drop for KeptKey {
    fn drop(&mut self) {
        self.private.zeroize();
    }
}

impl KeptKey {
    fn new(version: &Version<Held>) -> Result<Self, KeyStoreError> {
        let private = |key: &Held| key.to_pkcs8().map(|der| Some(b64::encode(der.as_slice())));
        let (at, private) = match &version.state {
            State::Next { key, since } | State::Current { key, since } => (*since, private(key)?),
            State::Retiring { until } => (*until, None),
            State::Removed { at } => (*at, None),
        };
        let state = version.state.text().to_owned();
        Ok(Self { public: version.public.clone(), created: version.created, state, at, private })
    }

    fn restore(&self) -> Result<Version<Held>, String> {
        let kid = self.public.kid().ok_or("a key without an id")?;
        let private = || {
            let der = self.private.as_ref().and_then(|text| b64::decode(text).ok()).map(Zeroizing::new);
            let der = der.ok_or_else(|| format!("the private half of {kid} is missing"))?;
            let key = SigningKey::from_pkcs8(&der).and_then(|key| Ok(key.with_kid(kid)?)).map_err(|e| e.to_string())?;
            if *key.public() != self.public {
                return Err(format!("the halves of {kid} do not belong together"));
            }
            Ok(Arc::new(key))
        };
        let state = match self.state.as_str() {
            "next" => State::Next { key: private()?, since: self.at },
            "current" => State::Current { key: private()?, since: self.at },
            "retiring" => State::Retiring { until: self.at },
            "removed" => State::Removed { at: self.at },
            other => return Err(format!("unknown state {other:?}")),
        };
        Ok(Version { public: self.public.clone(), created: self.created, state })
    }
}

fn read_ring(path: &Path, content: &[u8], master: &MasterKey) -> Result<Ring<Held>, FileError> {
    let damaged = |reason: String| FileError::Damaged { path: path.to_owned(), reason };
    let plain = seal::open(content, master).map_err(|error| match error {
        OpenError::WrongSecret => FileError::WrongSecret { path: path.to_owned() },
        OpenError::Damaged(reason) => damaged(reason),
    })?;
    let kept: Kept = serde_json::from_slice(&plain).map_err(|error| damaged(error.to_string()))?;
    let versions = kept.keys.iter().map(KeptKey::restore).collect::<Result<Vec<_>, _>>().map_err(damaged)?;
    Ring::restore(versions).map_err(|refusal| damaged(refusal.to_string()))
}

#[cfg(test)]
mod tests;
