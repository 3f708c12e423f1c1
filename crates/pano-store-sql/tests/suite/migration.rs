//! Migrating, and that both dialects end at the same schema.

use pano_store::StoreError;
use pano_store_sql::{Location, MIGRATIONS, Migration, SqlOptions, SqlStore, testing};
use pano_testkit::store::POSTGRES;
use pano_testkit::{TestStore, on_every_store};
use pano_types::Secret;
use pano_types::clock::OsEntropy;
use std::collections::BTreeSet;

/// Columns and indexes of both dialects, as `table.column type null` and `index table`. What one dialect keeps for itself
/// (full-text search) is named with `_search` and left out.
const SQLITE: &str = "
    SELECT m.name || '.' || c.name || ' ' || lower(c.type) || CASE c.\"notnull\" WHEN 1 THEN '' ELSE ' null' END
      FROM sqlite_master m JOIN pragma_table_info(m.name) c
     WHERE m.type = 'table' AND m.name NOT LIKE '%search%' AND c.name NOT LIKE '%search%'
    UNION ALL
    SELECT 'index ' || name || ' on ' || tbl_name FROM sqlite_master
     WHERE type = 'index' AND sql IS NOT NULL AND name NOT LIKE '%search%'";
const ON_POSTGRES: &str = "
    SELECT table_name || '.' || column_name || ' ' || data_type || CASE is_nullable WHEN 'NO' THEN '' ELSE ' null' END
      FROM information_schema.columns
     WHERE table_schema = current_schema() AND table_name NOT LIKE '%search%' AND column_name NOT LIKE '%search%'
    UNION ALL
    SELECT 'index ' || i.indexname || ' on ' || i.tablename FROM pg_indexes i
     WHERE schemaname = current_schema() AND i.indexname NOT LIKE '%search%'
       AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conname = i.indexname)";

#[tokio::test]
async fn both_dialects_have_the_same_schema() {
    let sqlite = TestStore::sqlite().await.unwrap();
    let Some(postgres) = TestStore::postgres().await.unwrap() else { return };
    let ours: BTreeSet<_> = testing::texts(sqlite.sql(), SQLITE).await.unwrap().into_iter().collect();
    let theirs: BTreeSet<_> = testing::texts(postgres.sql(), ON_POSTGRES).await.unwrap().into_iter().collect();
    postgres.remove().await.unwrap();
    assert!(ours.contains("outbox.data text") && ours.contains("index audit_actor on audit"), "{ours:#?}");
    assert_eq!(ours.difference(&theirs).collect::<Vec<_>>(), Vec::<&String>::new(), "only in SQLite");
    assert_eq!(theirs.difference(&ours).collect::<Vec<_>>(), Vec::<&String>::new(), "only in PostgreSQL");
}

#[tokio::test]
async fn every_migration_is_noted() {
    on_every_store(async |store| {
        let noted = testing::texts(store.sql(), "SELECT checksum FROM migration ORDER BY number").await.unwrap();
        assert_eq!(noted, MIGRATIONS.iter().map(Migration::checksum).collect::<Vec<_>>());
    })
    .await;
}

const ONE: Migration = Migration { number: 1, name: "one", text: "CREATE TABLE one (id TEXT NOT NULL PRIMARY KEY);" };
const TWO: Migration = Migration { number: 2, name: "two", text: "CREATE TABLE two (id BIGINT NOT NULL PRIMARY KEY);" };
const EDITED: Migration = Migration { number: 1, name: "one", text: "CREATE TABLE one (id TEXT PRIMARY KEY);" };
const BROKEN: Migration = Migration { number: 2, name: "two", text: "CREATE TABLE two (id TEXT); CREATE TABEL x;" };

/// Opens one place again and again with other ideas of the schema.
async fn reopened(location: &Location) {
    let open = async |migrations: &'static [Migration]| {
        let mut options = SqlOptions::new(location.clone());
        options.migrations = migrations;
        match SqlStore::open(options).await {
            Ok(store) => {
                let tables = testing::texts(&store, "SELECT name FROM migration ORDER BY number").await;
                store.close().await;
                tables
            }
            Err(error) => Err(error),
        }
    };
    assert_eq!(open(&[ONE]).await.unwrap(), ["one"]);
    let broken = open(&[ONE, BROKEN]).await;
    assert!(matches!(broken, Err(StoreError::MigrationFailed { number: 2, .. })), "{broken:?}");
    assert_eq!(open(&[ONE]).await.unwrap(), ["one"], "a failed migration leaves nothing");
    assert_eq!(open(&[ONE, TWO]).await.unwrap(), ["one", "two"]);
    assert_eq!(open(&[ONE, TWO]).await.unwrap(), ["one", "two"]);
    let newer = open(&[ONE]).await;
    assert!(matches!(newer, Err(StoreError::DatabaseNewer { found: 2, known: 1 })), "{newer:?}");
    let edited = open(&[EDITED, TWO]).await;
    assert!(matches!(edited, Err(StoreError::MigrationEdited { number: 1 })), "{edited:?}");
}

#[tokio::test]
async fn reopening_a_folder_migrates_or_refuses() {
    let folder = tempfile::tempdir().unwrap();
    reopened(&Location::Folder(folder.path().to_owned())).await;
}

async fn on_schema(test: impl AsyncFn(Secret)) {
    use pano_types::Entropy as _;
    let Ok(url) = std::env::var(POSTGRES) else { return };
    let name = format!("test_{:032x}", OsEntropy.u128());
    test(testing::schema_create(&url, &name).await.unwrap()).await;
    testing::schema_drop(&url, &name).await.unwrap();
}

#[tokio::test]
async fn reopening_a_schema_migrates_or_refuses() {
    on_schema(async |url| reopened(&Location::Postgres(url)).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn starting_processes_take_turns() {
    on_schema(async |url| {
        let open = || SqlStore::open(SqlOptions::new(Location::Postgres(url.clone())));
        let (a, b, c) = tokio::join!(open(), open(), open());
        for store in [a.unwrap(), b.unwrap(), c.unwrap()] {
            store.close().await;
        }
    })
    .await;
}

/// Looking changes nothing, not even in a folder that is empty or of a database that is behind.
#[tokio::test]
async fn inspecting_counts_what_is_pending_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = SqlOptions::new(Location::Folder(folder.path().join("none")));
    assert_eq!(SqlStore::inspect(&options).await.unwrap(), None);
    assert!(!folder.path().join("none").exists());
    options.migrations = &[ONE];
    SqlStore::open(options.clone()).await.unwrap().close().await;
    assert_eq!(SqlStore::inspect(&options).await.unwrap(), Some(0));
    options.migrations = &[ONE, TWO];
    for _ in 0..2 {
        assert_eq!(SqlStore::inspect(&options).await.unwrap(), Some(1));
    }
    let store = SqlStore::open(options.clone()).await.unwrap();
    assert!(matches!(SqlStore::inspect(&options).await, Err(StoreError::FolderInUse { .. })));
    store.close().await;
    options.migrations = &[ONE];
    drop(store);
    assert!(matches!(SqlStore::inspect(&options).await, Err(StoreError::DatabaseNewer { .. })));

    let Ok(url) = std::env::var(POSTGRES) else { return };
    let name = format!("test_{:032x}", pano_types::Entropy::u128(&OsEntropy));
    let location = Location::Postgres(testing::schema_create(&url, &name).await.unwrap());
    let mut options = SqlOptions::new(location);
    options.migrations = &[ONE, TWO];
    assert_eq!(SqlStore::inspect(&options).await.unwrap(), Some(2));
    SqlStore::open(options.clone()).await.unwrap().close().await;
    assert_eq!(SqlStore::inspect(&options).await.unwrap(), Some(0));
    testing::schema_drop(&url, &name).await.unwrap();
}
