//! Stores that belong to one test.

use futures_util::FutureExt as _;
use pano_store::Store;
use pano_store_sql::{Location, SqlOptions, SqlStore, StatementLog, testing};
use pano_types::Entropy as _;
use pano_types::clock::OsEntropy;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

/// The environment variable that names a PostgreSQL server: `postgres://postgres@127.0.0.1:5432/postgres`.
pub const POSTGRES: &str = "PANORAMA_TEST_POSTGRES";

/// An empty, migrated store for one test.
pub struct TestStore {
    sql: Arc<SqlStore>,
    log: Arc<StatementLog>,
    home: Home,
}

enum Home {
    Folder(TempDir),
    Schema { url: String, name: String },
}

impl TestStore {
    /// SQLite in a folder of its own.
    pub async fn sqlite() -> anyhow::Result<Self> {
        Self::sqlite_with(|_| {}).await
    }

    /// The same, with other options.
    pub async fn sqlite_with(set: impl FnOnce(&mut SqlOptions)) -> anyhow::Result<Self> {
        let folder = TempDir::new()?;
        let options = SqlOptions::new(Location::Folder(folder.path().to_owned()));
        Self::open(options, set, Home::Folder(folder)).await
    }

    /// A schema of its own on the server that the environment names; `None` when it names none. In CI that is an error.
    pub async fn postgres() -> anyhow::Result<Option<Self>> {
        Self::postgres_with(|_| {}).await
    }

    /// The same, with other options.
    pub async fn postgres_with(set: impl FnOnce(&mut SqlOptions)) -> anyhow::Result<Option<Self>> {
        let Ok(url) = std::env::var(POSTGRES) else {
            anyhow::ensure!(std::env::var("CI").as_deref() != Ok("true"), "CI must set {POSTGRES}");
            return Ok(None);
        };
        let name = format!("test_{:032x}", OsEntropy.u128());
        let options = SqlOptions::new(Location::Postgres(testing::schema_create(&url, &name).await?));
        Self::open(options, set, Home::Schema { url, name }).await.map(Some)
    }

    async fn open(mut options: SqlOptions, set: impl FnOnce(&mut SqlOptions), home: Home) -> anyhow::Result<Self> {
        set(&mut options);
        let log = Arc::clone(options.statement_log.get_or_insert_default());
        Ok(Self { sql: Arc::new(SqlStore::open(options).await?), log, home })
    }

    /// The store, as applications see it.
    pub fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.sql) as Arc<dyn Store>
    }

    /// The store, as its own tests see it.
    pub fn sql(&self) -> &SqlStore {
        &self.sql
    }

    /// What it executes; statements can be made to fail.
    pub fn log(&self) -> &StatementLog {
        &self.log
    }

    /// The data folder (SQLite only).
    pub fn folder(&self) -> Option<&Path> {
        match &self.home {
            Home::Folder(folder) => Some(folder.path()),
            Home::Schema { .. } => None,
        }
    }

    /// Closes it and removes what it kept.
    pub async fn remove(self) -> anyhow::Result<()> {
        self.sql.close().await;
        if let Home::Schema { url, name } = &self.home {
            testing::schema_drop(url, name).await?;
        }
        Ok(())
    }
}

/// Runs `test` on an empty SQLite store and then on an empty PostgreSQL store. Without [`POSTGRES`] in the environment the
/// second is left out, which is said.
pub async fn on_every_store(test: impl AsyncFn(&TestStore)) {
    on_one(TestStore::sqlite().await.expect("a SQLite store opens"), &test).await;
    match TestStore::postgres().await.expect("a PostgreSQL store opens") {
        Some(store) => on_one(store, &test).await,
        None => left_out(),
    }
}

async fn on_one(store: TestStore, test: &impl AsyncFn(&TestStore)) {
    let outcome = AssertUnwindSafe(test(&store)).catch_unwind().await;
    let removed = store.remove().await;
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
    removed.expect("the store can be removed");
}

#[expect(clippy::print_stderr, reason = "tests say what they leave out")]
fn left_out() {
    eprintln!("left out: PostgreSQL ({POSTGRES} is not set)");
}
