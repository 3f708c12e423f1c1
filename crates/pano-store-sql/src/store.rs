//! Opening a database and handing out units.

use crate::dialect::{Dialect, classify};
use crate::executor::{Tx, Unit};
use crate::lock::FolderLock;
use crate::record::StatementLog;
use crate::{MIGRATIONS, Migration, Result, StoreError, migrate};
use pano_store::{Store, UnitOfWork};
use pano_types::Secret;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Row as _};
use std::fs::Permissions;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Name of the SQLite database inside the data folder.
const FILE: &str = "panorama.db";
const CHANGE_SEQ: &str = "SELECT value FROM counter WHERE name = 'outbox'";

/// Where the data lives.
#[derive(Debug, Clone)]
pub enum Location {
    /// A data folder; created if missing, mode 0700. The database is `panorama.db` in it, mode 0600.
    Folder(PathBuf),
    /// `postgres://user:password@host:port/database`.
    Postgres(Secret),
}

/// Whether this can be the address of a PostgreSQL database.
pub fn is_postgres_address(url: &Secret) -> bool {
    // Exposed to be parsed.
    let text = url.expose();
    (text.starts_with("postgres://") || text.starts_with("postgresql://")) && text.parse::<PgConnectOptions>().is_ok()
}

/// How to open a store.
#[derive(Debug, Clone)]
pub struct SqlOptions {
    /// Where the data lives.
    pub location: Location,
    /// SQLite: whether a saved unit survives not only the process but the loss of power (`synchronous=FULL`; an fsync per
    /// save). PostgreSQL decides by its own `synchronous_commit`.
    pub survive_power_loss: bool,
    /// Connections for reading (SQLite), or for everything (PostgreSQL).
    pub connections: u32,
    /// Longest wait for the writer or a connection before `StoreError::Busy`.
    pub wait: Duration,
    /// Notes every statement in both dialects. For tests.
    pub statement_log: Option<Arc<StatementLog>>,
    /// The schema to bring the database to. [`MIGRATIONS`], but for tests of migrating.
    pub migrations: &'static [Migration],
}

impl SqlOptions {
    /// The defaults for a location.
    pub fn new(location: Location) -> Self {
        Self {
            location,
            survive_power_loss: false,
            connections: 8,
            wait: Duration::from_secs(5),
            statement_log: None,
            migrations: MIGRATIONS,
        }
    }
}

/// A store on SQLite or PostgreSQL. Open it once per process and share it; a second opening of the same folder is refused
/// even inside one process.
#[derive(Debug)]
pub struct SqlStore {
    pools: Pools,
    log: Option<Arc<StatementLog>>,
    pauses: AtomicU64,
}

#[derive(Debug)]
pub(crate) enum Pools {
    Sqlite { writer: SqlitePool, readers: SqlitePool, _lock: FolderLock },
    Postgres(PgPool),
}

impl SqlStore {
    /// Locks the folder (SQLite), connects, and migrates to the newest schema.
    pub async fn open(options: SqlOptions) -> Result<Self> {
        let pools = match &options.location {
            Location::Folder(folder) => open_sqlite(folder, &options).await?,
            Location::Postgres(url) => open_postgres(url, &options).await?,
        };
        Ok(Self { pools, log: options.statement_log, pauses: AtomicU64::new(0) })
    }

    /// Looks at the database and changes nothing: how many migrations an opening would make; `None` when there is no database
    /// in the folder yet.
    pub async fn inspect(options: &SqlOptions) -> Result<Option<usize>> {
        let unavailable = |what: String| move |source| StoreError::Unavailable { what, source: Box::new(source) };
        match &options.location {
            Location::Folder(folder) => {
                let file = folder.join(FILE);
                if !file.exists() {
                    return Ok(None);
                }
                let _lock = FolderLock::take(folder)?;
                let failed = unavailable(format!("database {}", file.display()));
                let connect = SqliteConnectOptions::new().filename(&file).read_only(true).disable_statement_logging();
                let mut connection = connect.connect().await.map_err(failed)?;
                migrate::sqlite_pending(&mut connection, options.migrations).await.map(Some)
            }
            Location::Postgres(url) => {
                let failed = unavailable("PostgreSQL".to_owned());
                let connect = url.expose().parse::<PgConnectOptions>().map_err(failed.clone())?;
                let connect = connect.disable_statement_logging().application_name("panorama");
                let mut connection = tokio::time::timeout(options.wait, connect.connect())
                    .await
                    .map_err(|_| StoreError::Busy)?
                    .map_err(failed)?;
                migrate::postgres_pending(&mut connection, options.migrations).await.map(Some)
            }
        }
    }

    /// Which database this is.
    pub fn dialect(&self) -> Dialect {
        match self.pools {
            Pools::Sqlite { .. } => Dialect::Sqlite,
            Pools::Postgres(_) => Dialect::Postgres,
        }
    }

    pub(crate) fn pools(&self) -> &Pools {
        &self.pools
    }

    /// Closes every connection after its unit has ended; SQLite's log is folded into the database file. Units begun
    /// afterwards are refused as unavailable.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { writer, readers, .. } => {
                readers.close().await;
                writer.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}

#[async_trait::async_trait]
impl Store for SqlStore {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>> {
        let transaction = match &self.pools {
            Pools::Sqlite { writer, .. } => writer.begin_with("BEGIN IMMEDIATE").await.map(Tx::Sqlite),
            Pools::Postgres(pool) => pool.begin().await.map(Tx::Postgres),
        };
        let transaction = transaction.map_err(|error| classify("unit.begin", error))?;
        Ok(Box::new(Unit::new(transaction, self.log.clone())))
    }

    async fn read(&self) -> Result<Box<dyn UnitOfWork>> {
        let transaction = match &self.pools {
            Pools::Sqlite { readers, .. } => readers.begin().await.map(Tx::Sqlite),
            Pools::Postgres(pool) => {
                pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await.map(Tx::Postgres)
            }
        };
        let transaction = transaction.map_err(|error| classify("unit.read", error))?;
        Ok(Box::new(Unit::new(transaction, self.log.clone())))
    }

    async fn change_seq(&self) -> Result<u64> {
        let value: sqlx::Result<i64> = match &self.pools {
            Pools::Sqlite { readers, .. } => {
                sqlx::query(CHANGE_SEQ).fetch_one(readers).await.and_then(|r| r.try_get(0))
            }
            Pools::Postgres(pool) => sqlx::query(CHANGE_SEQ).fetch_one(pool).await.and_then(|r| r.try_get(0)),
        };
        let value = value.map_err(|error| classify("counter.change_seq", error))?;
        u64::try_from(value).map_err(|_| StoreError::Corrupt {
            table: "counter".into(),
            column: "value".into(),
            row: "outbox".into(),
            reason: "negative".into(),
        })
    }

    fn is_exclusive(&self) -> bool {
        // The folder's lock keeps others out of a SQLite database; a PostgreSQL server is open to all.
        matches!(self.pools, Pools::Sqlite { .. })
    }

    /// About 2, 4, 8 … 256 milliseconds. No two pauses are alike: units that ran into each other would do so again.
    async fn pause(&self, attempt: u32) {
        let turn = self.pauses.fetch_add(1, Ordering::Relaxed);
        let spread = turn.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 54; // 0..1024, far apart for neighbours
        let base_us = 2_000u64 << attempt.min(7);
        tokio::time::sleep(Duration::from_micros(base_us / 2 + base_us * spread / 1024)).await;
    }
}

async fn open_sqlite(folder: &Path, options: &SqlOptions) -> Result<Pools> {
    private_folder(folder).map_err(|source| StoreError::Unavailable {
        what: format!("data folder {}", folder.display()),
        source: Box::new(source),
    })?;
    let lock = FolderLock::take(folder)?;
    private_files(folder).map_err(|source| StoreError::Unavailable {
        what: format!("database {}", folder.join(FILE).display()),
        source: Box::new(source),
    })?;
    let synchronous = if options.survive_power_loss { SqliteSynchronous::Full } else { SqliteSynchronous::Normal };
    let base = SqliteConnectOptions::new()
        .filename(folder.join(FILE))
        .foreign_keys(true)
        .busy_timeout(options.wait)
        .statement_cache_capacity(512)
        .disable_statement_logging();
    let write = base.clone().create_if_missing(true).journal_mode(SqliteJournalMode::Wal).synchronous(synchronous);
    let failed = |source| StoreError::Unavailable {
        what: format!("database {}", folder.join(FILE).display()),
        source: Box::new(source),
    };
    let pool = || SqlitePoolOptions::new().acquire_timeout(options.wait).idle_timeout(None).max_lifetime(None);
    let writer = pool().max_connections(1).min_connections(1).connect_with(write).await.map_err(failed)?;
    migrate::sqlite(&mut *writer.acquire().await.map_err(failed)?, options.migrations).await?;
    let readers = pool().max_connections(options.connections.max(1));
    let readers = readers.connect_with(base.pragma("query_only", "ON")).await.map_err(failed)?;
    Ok(Pools::Sqlite { writer, readers, _lock: lock })
}

fn private_folder(folder: &Path) -> std::io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Makes the database file for its owner only, before SQLite does; SQLite gives its log and index files the same mode. Files that
/// were there are closed to others.
fn private_files(folder: &Path) -> std::io::Result<()> {
    std::fs::File::options().append(true).create(true).mode(0o600).open(folder.join(FILE))?;
    for beside in ["", "-wal", "-shm"] {
        match std::fs::set_permissions(folder.join(format!("{FILE}{beside}")), Permissions::from_mode(0o600)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

async fn open_postgres(url: &Secret, options: &SqlOptions) -> Result<Pools> {
    // The address may hold a password: errors say that it is wrong, never what it is.
    let failed = |source| StoreError::Unavailable { what: "PostgreSQL".to_owned(), source: Box::new(source) };
    let connect = url.expose().parse::<PgConnectOptions>().map_err(failed)?.disable_statement_logging();
    let pool = PgPoolOptions::new()
        .max_connections(options.connections.max(2))
        .acquire_timeout(options.wait)
        .connect_with(connect.application_name("panorama"))
        .await
        .map_err(failed)?;
    migrate::postgres(&mut *pool.acquire().await.map_err(failed)?, options.migrations).await?;
    Ok(Pools::Postgres(pool))
}
