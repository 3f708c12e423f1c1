//! Clients as the store knows them, remembered until anything changes.

use pano_crypto::VerifyingKey;
use pano_oauth::{Client, ClientKey, Scope, ScopeSet};
use pano_partner::Credential;
use pano_store::catalog::scopes_of_apis;
use pano_store::{Store, StoreError};
use pano_types::id::{ApiId, AppId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Most clients remembered; an unknown one is not.
const REMEMBERED_MAX: usize = 10_000;

/// The way to clients. Every change of an app, credential, subscription or version is an event, so what was read stays true
/// while the event sequence stands still: one cheap query answers for five.
pub(crate) struct Clients {
    store: Arc<dyn Store>,
    remembered: Mutex<Remembered>,
}

#[derive(Default)]
struct Remembered {
    seq: u64,
    clients: HashMap<AppId, Arc<Client>>,
}

impl Clients {
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self { store, remembered: Mutex::default() }
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
}

async fn read(store: &dyn Store, id: AppId) -> Result<Option<Client>, StoreError> {
    let mut unit = store.read().await?;
    let credentials = unit.credential_list(id).await?;
    if credentials.is_empty() && unit.app_by_id(id).await?.is_none() {
        return Ok(None);
    }
    let served = unit.served_app_by_id(id).await?;
    let apis: Vec<ApiId> = served.iter().flat_map(|app| &app.subscriptions).map(|(s, _)| s.api).collect();
    let scopes = scopes_of_apis(unit.as_mut(), &apis).await?;
    Ok(Some(Client {
        id,
        active: served.is_some(),
        keys: credentials.iter().filter_map(client_key).collect(),
        scopes: scopes.iter().filter_map(|scope| Scope::parse(scope)).collect::<ScopeSet>(),
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
