//! The secret under which keys are sealed.

use crate::file::{self, FileError};
use pano_types::{Entropy, Secret};
use std::path::Path;

/// Fewest characters of a secret; 32 random base64url characters hold 192 bits.
const SECRET_CHARS_MIN: usize = 32;

/// A secret strong enough to derive keys from.
#[derive(Debug, Clone)]
pub struct MasterKey(Secret);

impl MasterKey {
    /// Takes a secret that the configuration refers to. White space around it does not count, for files end with a newline.
    ///
    /// # Errors
    /// [`FileError::WeakSecret`] below 32 characters.
    pub fn new(secret: &Secret) -> Result<Self, FileError> {
        let trimmed = secret.expose().trim();
        if trimmed.len() < SECRET_CHARS_MIN {
            return Err(FileError::WeakSecret { min: SECRET_CHARS_MIN });
        }
        Ok(Self(Secret::new(trimmed.to_owned())))
    }

    /// Reads the secret from a file that only its owner may use.
    ///
    /// # Errors
    /// When the file is absent, open to others, no text, or too short.
    pub fn read(path: &Path) -> Result<Self, FileError> {
        let absent =
            || FileError::Io { action: "open", path: path.to_owned(), source: std::io::ErrorKind::NotFound.into() };
        let content = file::read(path)?.ok_or_else(absent)?;
        let text = std::str::from_utf8(&content)
            .map_err(|_| FileError::Damaged { path: path.to_owned(), reason: "not UTF-8 text".into() })?;
        Self::new(&Secret::new(text.to_owned()))
    }

    /// Reads the secret from `path`, making one of 256 random bits first when there is no file. For the embedded default.
    ///
    /// # Errors
    /// As [`MasterKey::read`], and when the file cannot be made.
    pub fn ensure(path: &Path, entropy: &dyn Entropy) -> Result<Self, FileError> {
        if file::read(path)?.is_none() {
            let secret = pano_crypto::random::secret(entropy);
            file::create(path, format!("{}\n", secret.expose()).as_bytes())?;
        }
        Self::read(path)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.expose().as_bytes()
    }
}
