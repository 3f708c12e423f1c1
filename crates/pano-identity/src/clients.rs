//! Clients as the store knows them, remembered until anything changes.

use pano_crypto::VerifyingKey;
use pano_oauth::{Client, ClientKey, Scope, ScopeSet};
use pano_partner::Credential;
use pano_store::catalog::scopes_of_apis;
use pano_store::{Store, StoreError, transact};
use pano_types::Instant;
use pano_types::id::{ApiId, AppId, CredentialId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Most clients remembered; an unknown one is not.
const REMEMBERED_MAX: usize = 10_000;
/// Most uses noted between two flushes; more are noted next time.
const USES_MAX: usize = 100_000;

/// The way to clients. Every change of an app, credential, subscription or version is an event, so what was read stays true
/// while the event sequence stands still: one cheap query answers for five.
pub(crate) struct Clients {
    store: Arc<dyn Store>,
    remembered: Mutex<Remembered>,
    used: Mutex<HashMap<CredentialId, Instant>>,
}

#[derive(Default)]
struct Remembered {
    seq: u64,
    clients: HashMap<AppId, Arc<Client>>,
}

impl Clients {
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self { store, remembered: Mutex::default(), used: Mutex::default() }
    }

    /// The app with this id, active or not.
    pub(crate) async fn find(&self, id: AppId) -> Result<Option<Arc<Client>>, StoreError> {
        // The sequence is read before the client: a change in between only costs another reading.
        let seq = self.store.change_seq().await?;
        if let Some(client) = self.recall(seq, id) {
            return Ok(Some(client));
        }
        let Some(client) = read(self.store.as_ref(), id).await?.map(Arc::new) else { return Ok(None) };
        let mut remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.seq == seq && remembered.clients.len() < REMEMBERED_MAX {
            remembered.clients.insert(id, Arc::clone(&client));
        }
        Ok(Some(client))
    }

    fn recall(&self, seq: u64, id: AppId) -> Option<Arc<Client>> {
        let mut remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.seq != seq {
            *remembered = Remembered { seq, ..Remembered::default() };
        }
        remembered.clients.get(&id).cloned()
    }

    /// Notes that a credential was used; written with the next [`Clients::flush`].
    pub(crate) fn used(&self, credential: CredentialId, now: Instant) {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if used.len() < USES_MAX || used.contains_key(&credential) {
            used.insert(credential, now);
        }
    }

    /// Writes noted uses. When that fails they are lost: they are a convenience, and the next use notes them again.
    pub(crate) async fn flush(&self) -> Result<(), StoreError> {
        let used = std::mem::take(&mut *self.used.lock().unwrap_or_else(PoisonError::into_inner));
        if used.is_empty() {
            return Ok(());
        }
        transact(self.store.as_ref(), |mut work| {
            let used = used.clone();
            Box::pin(async move {
                for (credential, at) in used {
                    work.credential_used(credential, at).await?;
                }
                Ok(())
            })
        })
        .await
    }
}

async fn read(store: &dyn Store, id: AppId) -> Result<Option<Client>, StoreError> {
    let mut unit = store.read().await?;
    let credentials = unit.credential_list(id).await?;
    let Some(app) = unit.app_by_id(id).await? else { return Ok(None) };
    let served = unit.served_app_by_id(id).await?;
    let apis: Vec<ApiId> = served.iter().flat_map(|app| &app.subscriptions).map(|(s, _)| s.api).collect();
    let scopes = scopes_of_apis(unit.as_mut(), &apis).await?;
    Ok(Some(Client {
        id,
        active: served.is_some(),
        keys: credentials.iter().filter_map(client_key).collect(),
        scopes: scopes.iter().filter_map(|scope| Scope::parse(scope)).collect::<ScopeSet>(),
        redirect_uris: app.redirect_uris.into_iter().map(String::from).collect(),
    }))
}

/// `None` for credentials that were taken back. Those whose time has not come or has passed are kept: time is for the rules.
fn client_key(credential: &Credential) -> Option<ClientKey> {
    if credential.revoked.is_some() {
        return None;
    }
    let key = VerifyingKey::new(credential.key()).ok()?;
    Some(ClientKey {
        credential: credential.id,
        kid: credential.kid.clone(),
        key,
        not_before: credential.not_before,
        expires_at: credential.expires_at,
    })
}
