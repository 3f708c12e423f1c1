//! Units, folders, migrations.

use pano_store::{Store as _, StoreError};
use pano_store_sql::{Location, SqlOptions, SqlStore};
use pano_testkit::TestStore;

cases! { an_empty_unit_saves }

async fn an_empty_unit_saves(store: &TestStore) {
    store.store().begin().await.unwrap().save().await.unwrap();
    store.store().read().await.unwrap().save().await.unwrap();
    assert_eq!(store.sql().change_seq().await.unwrap(), 0);
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
