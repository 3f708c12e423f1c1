//! A manager in one line: real server on a free port, its own store, and three people who may call it.

use crate::TestStore;
use pano_bus::{FileLog, Log, file};
use pano_http::Client;
use pano_manager::{Deps, Handle, Options, bootstrap};
use pano_types::clock::{FakeClock, OsEntropy};
use pano_types::{Clock, Entropy, Instant, Role, Secret};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use tempfile::TempDir;

/// A running manager with its people.
pub struct TestManager {
    /// What it keeps.
    pub store: TestStore,
    /// The server.
    pub handle: Handle,
    /// Its time.
    pub clock: Arc<dyn Clock>,
    /// Where it relays events.
    pub events: Arc<dyn Log>,
    /// Where it notes the audit chain's ends.
    pub notes: Arc<dyn Log>,
    /// Names operators; has the role `admin` only.
    pub admin: Client,
    /// Makes: roles `operator`, `provider`, `designer`.
    pub maker: Client,
    /// Checks: roles `reviewer`, `security`.
    pub checker: Client,
    /// What Panorama's own roles prove themselves by: `gateway`, `identity`, `bank`.
    pub credentials: HashMap<&'static str, Secret>,
    /// The data folder that holds the secrets.
    pub folder: TempDir,
}

impl TestManager {
    /// On SQLite, at 2026-03-01 by a clock that stands still.
    pub async fn start() -> anyhow::Result<Self> {
        let now = Instant::parse("2026-03-01T00:00:00Z").unwrap_or_default();
        Self::start_on(TestStore::sqlite().await?, Arc::new(FakeClock::at(now)), |_| {}).await
    }

    /// On this store, with this clock and other options.
    pub async fn start_on(
        store: TestStore,
        clock: Arc<dyn Clock>,
        set: impl FnOnce(&mut Options),
    ) -> anyhow::Result<Self> {
        let folder = TempDir::new()?;
        let log = |name: &str| FileLog::open(file::Options::new(folder.path().join(name)));
        let logs: (Arc<dyn Log>, Arc<dyn Log>) = (Arc::new(log("events")?), Arc::new(log("audit-notes")?));
        Self::start_with(store, clock, folder, logs, set).await
    }

    /// The same in this folder, with these logs for events and for ends of the audit chain.
    pub async fn start_with(
        store: TestStore,
        clock: Arc<dyn Clock>,
        folder: TempDir,
        (events, notes): (Arc<dyn Log>, Arc<dyn Log>),
        set: impl FnOnce(&mut Options),
    ) -> anyhow::Result<Self> {
        let entropy = Arc::new(OsEntropy);
        let mut options = Options { addr: SocketAddr::from(([127, 0, 0, 1], 0)), ..Options::default() };
        set(&mut options);
        let kept = store.store();
        let path = bootstrap::ensure(&*kept, folder.path(), &*clock, &*entropy).await?;
        let credentials = bootstrap::role_credentials(&*kept, folder.path(), &*clock, &*entropy).await?;
        let (time, entropy) = (Arc::clone(&clock), entropy as Arc<dyn Entropy>);
        let (kept_events, kept_notes) = (Arc::clone(&events), Arc::clone(&notes));
        let deps = Deps { store: kept, events: kept_events, notes: kept_notes, clock: time, entropy };
        let handle = pano_manager::start(options, deps).await?;
        let nobody = Client::new(&handle.url())?;
        let path = path.ok_or_else(|| anyhow::anyhow!("the store has operators already"))?;
        let secret = std::fs::read_to_string(path)?;
        let first: Value =
            nobody.post("/admin/v1/bootstrap", &json!({ "secret": secret.trim(), "name": "admin" })).await?;
        let token = first.pointer("/token/token").and_then(Value::as_str).unwrap_or_default();
        let admin = nobody.clone().bearer(Secret::new(token.to_owned()));
        let maker = person(&admin, &nobody, "maker", &[Role::Operator, Role::Provider, Role::Designer]).await?;
        let checker = person(&admin, &nobody, "checker", &[Role::Reviewer, Role::Security]).await?;
        Ok(Self { store, handle, clock, events, notes, admin, maker, checker, credentials, folder })
    }

    /// A client without a token.
    pub fn nobody(&self) -> anyhow::Result<Client> {
        Ok(Client::new(&self.handle.url())?)
    }

    /// One more person with these roles.
    pub async fn person(&self, name: &str, roles: &[Role]) -> anyhow::Result<Client> {
        person(&self.admin, &self.nobody()?, name, roles).await
    }

    /// A client with the credential of one of Panorama's own roles.
    pub fn role(&self, role: &str) -> anyhow::Result<Client> {
        let secret = self.credentials.get(role).ok_or_else(|| anyhow::anyhow!("no role {role}"))?;
        Ok(self.nobody()?.bearer(secret.clone()))
    }

    /// Stops the server and removes what it kept.
    pub async fn remove(self) -> anyhow::Result<()> {
        self.handle.stop().await;
        self.store.remove().await
    }
}

async fn person(admin: &Client, nobody: &Client, name: &str, roles: &[Role]) -> anyhow::Result<Client> {
    let made: Value = admin.post("/admin/v1/operators", &json!({ "name": name, "roles": roles })).await?;
    let id = made.get("id").and_then(Value::as_str).unwrap_or_default();
    let token: Value = admin.post(&format!("/admin/v1/operators/{id}/tokens"), &json!({ "label": "test" })).await?;
    let token = token.get("token").and_then(Value::as_str).unwrap_or_default();
    Ok(nobody.clone().bearer(Secret::new(token.to_owned())))
}
