//! Cases of `pano_store::token`.

use pano_store::token::{Issuer, RevokedToken, Sweep};
use pano_store::{Store, StoreError, transact};
use pano_testkit::TestStore;
use pano_types::Instant;
use pano_types::clock::SeededEntropy;
use pano_types::id::AppId;
use serde_json::json;
use std::sync::Arc;

cases! {
    an_issuer_is_replaced_and_says_whether_it_changed,
    an_assertion_is_used_once_by_each_client,
    of_many_that_use_an_assertion_at_once_one_wins,
    an_unsaved_use_does_not_count,
    tokens_are_taken_back_once_and_listed_until_they_end,
    a_cutoff_only_moves_forward,
    a_sweep_forgets_what_has_ended_and_no_more,
}

fn at(seconds: i64) -> Instant {
    Instant::from_unix_seconds(1_800_000_000 + seconds)
}

fn app(seed: u64) -> AppId {
    AppId::new(at(0), &SeededEntropy::new(seed))
}

fn revoked(jti: &str, ends: i64) -> RevokedToken {
    RevokedToken { jti: jti.into(), app: app(1), expires_at: at(ends), revoked_at: at(0) }
}

async fn put_issuer(store: &dyn Store, issuer: &Issuer) -> bool {
    transact::<_, StoreError, _>(store, |mut work| Box::pin(async move { work.issuer_put(issuer).await }))
        .await
        .unwrap()
}

async fn use_assertion(store: &dyn Store, app: AppId, jti: &str, ends: i64) -> bool {
    transact::<_, StoreError, _>(store, |mut work| {
        Box::pin(async move { work.assertion_use(app, jti, at(ends)).await })
    })
    .await
    .unwrap()
}

async fn an_issuer_is_replaced_and_says_whether_it_changed(store: &TestStore) {
    let store = store.store();
    let mut issuer = Issuer {
        issuer: "https://b".into(),
        audience: "https://api".into(),
        jwks: json!({ "keys": [{ "kid": "1" }] }),
    };
    assert!(put_issuer(store.as_ref(), &issuer).await);
    assert!(!put_issuer(store.as_ref(), &issuer).await);
    issuer.jwks = json!({ "keys": [{ "kid": "1" }, { "kid": "2" }] });
    assert!(put_issuer(store.as_ref(), &issuer).await);
    let first = Issuer { issuer: "https://a".into(), ..issuer.clone() };
    assert!(put_issuer(store.as_ref(), &first).await);
    assert_eq!(store.read().await.unwrap().issuer_list().await.unwrap(), [first, issuer]);
}

async fn an_assertion_is_used_once_by_each_client(store: &TestStore) {
    let store = store.store();
    for (who, jti, first) in
        [(1, "a", true), (1, "a", false), (1, "b", true), (2, "a", true), (2, "a", false), (1, "a", false)]
    {
        assert_eq!(use_assertion(store.as_ref(), app(who), jti, 60).await, first, "{who} {jti}");
    }
}

async fn of_many_that_use_an_assertion_at_once_one_wins(store: &TestStore) {
    let store = store.store();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..12 {
        let store = Arc::clone(&store);
        tasks.spawn(async move { use_assertion(store.as_ref(), app(1), "same", 60).await });
    }
    let wins = tasks.join_all().await.into_iter().filter(|won| *won).count();
    assert_eq!(wins, 1);
}

async fn an_unsaved_use_does_not_count(store: &TestStore) {
    let store = store.store();
    let mut unit = store.begin().await.unwrap();
    assert!(unit.assertion_use(app(1), "a", at(60)).await.unwrap());
    drop(unit);
    assert!(use_assertion(store.as_ref(), app(1), "a", 60).await);
}

async fn tokens_are_taken_back_once_and_listed_until_they_end(store: &TestStore) {
    let store = store.store();
    let mut unit = store.begin().await.unwrap();
    assert!(unit.token_revoke(&revoked("late", 300)).await.unwrap());
    assert!(unit.token_revoke(&revoked("soon", 10)).await.unwrap());
    assert!(!unit.token_revoke(&revoked("late", 300)).await.unwrap());
    assert!(unit.token_revoked("late").await.unwrap() && !unit.token_revoked("other").await.unwrap());
    unit.save().await.unwrap();
    let mut unit = store.read().await.unwrap();
    assert_eq!(unit.token_revocations(at(0)).await.unwrap(), [revoked("soon", 10), revoked("late", 300)]);
    assert_eq!(unit.token_revocations(at(10)).await.unwrap(), [revoked("late", 300)]);
}

async fn a_cutoff_only_moves_forward(store: &TestStore) {
    let store = store.store();
    let mut unit = store.begin().await.unwrap();
    assert_eq!(unit.token_cutoff(app(1)).await.unwrap(), None);
    for (put, stands) in [(100, 100), (50, 100), (100, 100), (200, 200)] {
        unit.token_cutoff_put(app(1), at(put)).await.unwrap();
        assert_eq!(unit.token_cutoff(app(1)).await.unwrap(), Some(at(stands)));
    }
    assert_eq!(unit.token_cutoffs(at(200)).await.unwrap(), [(app(1), at(200))]);
    assert_eq!(unit.token_cutoffs(at(201)).await.unwrap(), []);
}

async fn a_sweep_forgets_what_has_ended_and_no_more(store: &TestStore) {
    let store = store.store();
    let mut unit = store.begin().await.unwrap();
    for n in 0..5 {
        unit.assertion_use(app(1), &format!("a{n}"), at(n * 10)).await.unwrap();
        unit.token_revoke(&revoked(&format!("t{n}"), n * 10)).await.unwrap();
        unit.token_cutoff_put(app(u64::try_from(n).unwrap() + 10), at(n * 10)).await.unwrap();
    }
    let sweep = Sweep { now: at(25), cutoffs_before: at(15), limit: 2 };
    assert_eq!(unit.token_sweep(sweep).await.unwrap(), 2 + 2 + 2);
    assert_eq!(unit.token_sweep(sweep).await.unwrap(), 1 + 1);
    assert_eq!(unit.token_sweep(sweep).await.unwrap(), 0);
    assert!(unit.assertion_use(app(1), "a2", at(99)).await.unwrap(), "forgotten");
    assert!(!unit.assertion_use(app(1), "a3", at(99)).await.unwrap(), "still kept");
    assert_eq!(unit.token_revocations(at(0)).await.unwrap().len(), 2);
    assert_eq!(unit.token_cutoffs(at(0)).await.unwrap().len(), 3);
}
