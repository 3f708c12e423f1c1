//! Signing keys in an encrypted file, behind [`pano_crypto::KeyStore`].
//!
//! Why it exists: the embedded default needs no key service, yet no private key may lie in the clear. The file is sealed
//! with AES-256-GCM under a key derived from a secret that comes by reference; without one, [`MasterKey::ensure`] makes a
//! `master.key` beside it, which protects copies of the key file, not a stolen folder.
//!
//! Invariants:
//! * What was answered is on disk: written to a new file, fsynced, renamed, the folder fsynced. A crash leaves the old or the
//!   new ring, never half of one.
//! * Every write has a fresh salt, so every write has a fresh key: nonces cannot repeat under one.
//! * Files that others may read are refused, damage is told apart from a wrong secret, and neither is repaired silently.
//! * The private half of a key is gone from the file once it signs no more.
//!
//! Start reading at [`KeyFile`].

mod file;
mod master;
mod seal;
mod store;

pub use file::FileError;
pub use master::MasterKey;
pub use store::KeyFile;
