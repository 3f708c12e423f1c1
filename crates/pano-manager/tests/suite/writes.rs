//! A POST with an idempotency key is carried out once, whoever asks how often, and every write is told of once.

use crate::{partner, post_with, text};
use futures_util::future::join_all;
use pano_testkit::{TestManager, TestStore};
use pano_types::Instant;
use pano_types::clock::FakeClock;
use serde_json::{Value, json};
use std::sync::Arc;

async fn repeated(manager: &TestManager) {
    let key = [("idempotency-key", "order-1")];
    let body = partner("wealth-mate");
    let all = join_all((0..8).map(|_| post_with(&manager.maker, "/admin/v1/partners", &key, &body))).await;
    let ids: std::collections::BTreeSet<_> = all.iter().map(|a| text(&a.json().unwrap(), "/id")).collect();
    assert_eq!(ids.len(), 1, "{all:?}");
    assert!(all.iter().all(|a| a.status == 201 && a.etag() == Some("\"1\"")));
    assert_eq!(all.iter().filter(|a| !a.headers.contains_key("idempotency-replayed")).count(), 1);
    let other = post_with(&manager.maker, "/admin/v1/partners", &key, &partner("other")).await;
    assert_eq!(text(&other.json().unwrap(), "/code"), "idempotency.key_reused");
    // Another operator's key of the same text is another key.
    let theirs = post_with(&manager.checker, "/admin/v1/partners", &key, &body).await;
    assert_eq!(text(&theirs.json().unwrap(), "/code"), "operator.forbidden");
    let links: Value = manager.checker.get("/admin/v1/audit?action=partner.").await.unwrap();
    assert_eq!(links["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn repeated_requests_are_carried_out_once_on_sqlite() {
    let manager = TestManager::start().await.unwrap();
    repeated(&manager).await;
    manager.remove().await.unwrap();
}

#[tokio::test]
async fn repeated_requests_are_carried_out_once_on_postgres() {
    let Some(store) = TestStore::postgres().await.unwrap() else { return };
    let clock = Arc::new(FakeClock::at(Instant::from_unix_seconds(1_800_000_000)));
    let manager = TestManager::start_on(store, clock, |_| {}).await.unwrap();
    repeated(&manager).await;
    manager.remove().await.unwrap();
}

#[tokio::test]
async fn what_is_refused_leaves_nothing() {
    let manager = TestManager::start().await.unwrap();
    let before: Value = manager.checker.get("/admin/v1/audit/verify").await.unwrap();
    let key = [("idempotency-key", "k")];
    let refused = post_with(&manager.maker, "/admin/v1/partners", &key, &json!({ "slug": "ab", "name": {} })).await;
    assert_eq!(refused.status, 422);
    let after: Value = manager.checker.get("/admin/v1/audit/verify").await.unwrap();
    assert_eq!(before, after);
    // A refusal is not remembered: the mended request may use the key.
    let mended = post_with(&manager.maker, "/admin/v1/partners", &key, &partner("ab")).await;
    assert_eq!(mended.status, 201);
    manager.remove().await.unwrap();
}
