//! Cases of `pano_store::meta` and `pano_store::snapshot`.

use crate::words::at;
use pano_store::meta::{OneTime, SecretHash};
use pano_store::snapshot::LastSnapshot;
use pano_testkit::TestStore;
use pano_types::Secret;

cases! { settings_are_kept, a_one_time_secret_works_once, counters_count, revisions_grow_with_the_digest }

async fn settings_are_kept(store: &TestStore) {
    let mut unit = store.store().begin().await.unwrap();
    assert_eq!(unit.setting("bank_code").await.unwrap(), None);
    assert_eq!(unit.setting_init("bank_code", "123456", at(0)).await.unwrap(), "123456");
    assert_eq!(unit.setting_init("bank_code", "654321", at(1)).await.unwrap(), "123456");
    unit.setting_put("bank_code", "654321", at(2)).await.unwrap();
    assert_eq!(unit.setting("bank_code").await.unwrap().as_deref(), Some("654321"));
}

async fn a_one_time_secret_works_once(store: &TestStore) {
    let hash = |text: &str| SecretHash::of(&Secret::new(text.to_owned()));
    let mut unit = store.store().begin().await.unwrap();
    assert_eq!(unit.one_time_use("bootstrap", &hash("s"), "me", at(0)).await.unwrap(), OneTime::Wrong);
    assert!(unit.one_time_add("bootstrap", &hash("s"), at(0)).await.unwrap());
    assert!(!unit.one_time_add("bootstrap", &hash("t"), at(0)).await.unwrap(), "only ever one");
    for (secret, outcome) in
        [("t", OneTime::Wrong), ("s", OneTime::Accepted), ("s", OneTime::Used), ("t", OneTime::Wrong)]
    {
        assert_eq!(unit.one_time_use("bootstrap", &hash(secret), "me", at(1)).await.unwrap(), outcome);
    }
}

async fn counters_count(store: &TestStore) {
    let mut unit = store.store().begin().await.unwrap();
    for (name, value) in [("a", 1), ("a", 2), ("b", 1), ("a", 3)] {
        assert_eq!(unit.counter_next(name).await.unwrap(), value);
    }
}

async fn revisions_grow_with_the_digest(store: &TestStore) {
    let mut unit = store.store().begin().await.unwrap();
    assert_eq!(unit.snapshot_last().await.unwrap(), None);
    for (digest, change_seq, revision) in [("a", 1, 1), ("a", 2, 1), ("b", 3, 2), ("a", 4, 3)] {
        assert_eq!(unit.snapshot_compiled(digest, change_seq, at(0)).await.unwrap(), revision);
        let last = LastSnapshot { revision, digest: digest.into(), change_seq, compiled_at: at(0) };
        assert_eq!(unit.snapshot_last().await.unwrap(), Some(last));
    }
}
