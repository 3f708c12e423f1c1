//! Keys of the bank, all derived from one secret: that of document signatures, and those of webhooks.
//!
//! Nothing but the secret is kept, and it is kept by whoever starts the bank. A secret of an endpoint is shown when it is
//! made and can be made again whenever something is to be signed; an answer that is kept for repetitions only names it
//! ([`crate::call::Shown`]).

use crate::call::Refusal;
use pano_crypto::SigningKey;
use pano_crypto::mac::derive;
use pano_types::Secret;
use std::sync::Arc;
use zeroize::Zeroizing;

/// The keys. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Keys(Option<Arc<Secret>>);

impl Keys {
    pub(crate) fn new(secret: Secret) -> Self {
        Self(Some(Arc::new(secret)))
    }

    /// The key that documents are signed with.
    pub(crate) fn document_key(&self) -> Result<SigningKey, Refusal> {
        SigningKey::ed25519(&*self.of(&["document signature"])?).map_err(Refusal::broken)
    }

    /// The secret of an endpoint in a generation.
    pub(crate) fn endpoint_secret(&self, endpoint: &str, generation: u32) -> Result<Zeroizing<[u8; 32]>, Refusal> {
        self.of(&["webhook secret", endpoint, &generation.to_string()])
    }

    /// The key pair of an endpoint in a generation.
    pub(crate) fn endpoint_key(&self, endpoint: &str, generation: u32) -> Result<SigningKey, Refusal> {
        let seed = self.of(&["webhook key", endpoint, &generation.to_string()])?;
        SigningKey::ed25519(&seed).map_err(Refusal::broken)
    }

    fn of(&self, purpose: &[&str]) -> Result<Zeroizing<[u8; 32]>, Refusal> {
        let secret = self.0.as_ref().ok_or_else(|| Refusal::broken("the bank has no secret"))?;
        // The value is needed to derive from it.
        Ok(derive(secret.expose().as_bytes(), purpose))
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(***)")
    }
}
