//! Units and folders.

use crate::words::{act, at, event};
use pano_store::{Store as _, StoreError, transact};
use pano_store_sql::{Location, SqlOptions, SqlStore};
use pano_testkit::TestStore;
use std::time::Duration;

cases! {
    what_is_saved_is_there_and_what_is_dropped_is_not,
    reading_sees_one_moment_and_cannot_write,
    a_failed_unit_is_spent,
    an_error_in_a_transaction_saves_nothing,
}

async fn what_is_saved_is_there_and_what_is_dropped_is_not(store: &TestStore) {
    let store = store.store();
    let mut unit = store.begin().await.unwrap();
    unit.setting_put("dropped", "1", at(0)).await.unwrap();
    drop(unit);
    let mut unit = store.begin().await.unwrap();
    unit.setting_put("saved", "1", at(0)).await.unwrap();
    unit.save().await.unwrap();

    let mut unit = store.read().await.unwrap();
    assert_eq!(unit.setting("dropped").await.unwrap(), None);
    assert_eq!(unit.setting("saved").await.unwrap().as_deref(), Some("1"));
}

async fn reading_sees_one_moment_and_cannot_write(store: &TestStore) {
    let store = store.store();
    let mut reader = store.read().await.unwrap();
    assert_eq!(reader.setting("a").await.unwrap(), None);
    let mut writer = store.begin().await.unwrap();
    writer.setting_put("a", "1", at(0)).await.unwrap();
    writer.save().await.unwrap();
    assert_eq!(reader.setting("a").await.unwrap(), None, "the reader's moment was before");
    assert!(matches!(reader.setting_put("b", "1", at(0)).await, Err(StoreError::ReadOnly)));
}

async fn a_failed_unit_is_spent(store: &TestStore) {
    let store = store.store();
    let mut unit = store.begin().await.unwrap();
    unit.setting_put("a", "1", at(0)).await.unwrap();
    unit.outbox_add(event(1)).await.unwrap();
    assert!(matches!(unit.outbox_add(event(1)).await, Err(StoreError::Conflict { .. })));
    assert!(matches!(unit.setting("a").await, Err(StoreError::Spent)));
    assert!(matches!(unit.save().await, Err(StoreError::Spent)));
    assert_eq!(store.read().await.unwrap().setting("a").await.unwrap(), None);
}

async fn an_error_in_a_transaction_saves_nothing(store: &TestStore) {
    let store = store.store();
    let name = "lent".to_owned();
    let lent = &name;
    let outcome = transact::<(), StoreError, _>(store.as_ref(), |mut work| {
        Box::pin(async move {
            work.setting_put(lent, "1", at(0)).await?;
            work.audit_append(act("a.b", "1", 0)).await?;
            work.outbox_add(event(1)).await?;
            Err(StoreError::missing("reason to go on"))
        })
    })
    .await;
    assert!(matches!(outcome, Err(StoreError::Missing { .. })));
    let mut unit = store.read().await.unwrap();
    assert_eq!(unit.setting(&name).await.unwrap(), None);
    assert_eq!(unit.audit_verify(&[]).await.unwrap().good, 0);
    assert!(unit.outbox_take(0, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_folder_has_one_process() {
    let store = TestStore::sqlite().await.unwrap();
    let folder = store.folder().unwrap().to_owned();
    let again = SqlStore::open(SqlOptions::new(Location::Folder(folder.clone()))).await;
    match again {
        Err(StoreError::FolderInUse { folder: named, holder }) => {
            assert_eq!(named, folder);
            assert_eq!(holder, format!("process {}", std::process::id()));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_folder_is_free_again_when_its_store_is_gone_and_its_data_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let options = SqlOptions::new(Location::Folder(folder.path().to_owned()));
    let store = SqlStore::open(options.clone()).await.unwrap();
    let mut unit = store.begin().await.unwrap();
    unit.setting_put("a", "1", at(0)).await.unwrap();
    unit.save().await.unwrap();
    store.close().await;
    assert!(matches!(store.begin().await, Err(StoreError::Unavailable { .. })));
    drop(store);
    let store = SqlStore::open(options).await.unwrap();
    assert_eq!(store.read().await.unwrap().setting("a").await.unwrap().as_deref(), Some("1"));
}

#[tokio::test]
async fn waiting_for_the_writer_is_bounded() {
    let store = TestStore::sqlite_with(|o| o.wait = Duration::from_secs(1)).await.unwrap();
    let _held = store.sql().begin().await.unwrap();
    assert!(matches!(store.sql().begin().await, Err(StoreError::Busy)));
}

#[tokio::test]
async fn an_unreachable_database_is_said_without_its_password() {
    let url = pano_types::Secret::new("postgres://me:hunter2@127.0.0.1:1/none".to_owned());
    let mut options = SqlOptions::new(Location::Postgres(url));
    options.wait = Duration::from_millis(300);
    let error = SqlStore::open(options).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
    assert!(!format!("{error:?} {error}").contains("hunter2"));
}
