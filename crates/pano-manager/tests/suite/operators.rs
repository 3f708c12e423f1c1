//! First start, operators, tokens.

use crate::{code, post_with, send, text};
use pano_manager::bootstrap::{self, BootstrapError};
use pano_testkit::{TestManager, TestStore};
use pano_types::clock::{FakeClock, OsEntropy};
use pano_types::{Instant, Role, Secret};
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt as _;

#[tokio::test]
async fn the_first_start_writes_a_secret_that_works_once() {
    let manager = TestManager::start().await.unwrap();
    let path = manager.folder.path().join(bootstrap::SECRET_FILE);
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let secret = std::fs::read_to_string(&path).unwrap();
    let nobody = manager.nobody().unwrap();
    let again =
        nobody.post::<Value>("/admin/v1/bootstrap", &json!({ "secret": secret.trim(), "name": "second" })).await;
    assert_eq!(code(again), "operator.bootstrap_used");
    let wrong = nobody.post::<Value>("/admin/v1/bootstrap", &json!({ "secret": "boot_0", "name": "second" })).await;
    assert_eq!(code(wrong), "operator.unauthenticated");
    let (store, clock) = (manager.store.store(), &manager.clock);
    assert_eq!(bootstrap::ensure(&*store, manager.folder.path(), &**clock, &OsEntropy).await.unwrap(), None);
    assert!(!path.exists(), "a used secret does not lie about");
    manager.remove().await.unwrap();
}

#[tokio::test]
async fn role_credentials_stay_and_a_lost_one_is_replaced() {
    let store = TestStore::sqlite().await.unwrap();
    let (folder, clock) = (tempfile::TempDir::new().unwrap(), FakeClock::at(Instant::from_unix_seconds(1)));
    let made = async || bootstrap::role_credentials(&*store.store(), folder.path(), &clock, &OsEntropy).await;
    let first = made().await.unwrap();
    let again = made().await.unwrap();
    let same = |role: &str, a: &std::collections::HashMap<_, Secret>, b: &std::collections::HashMap<_, Secret>| {
        a[role].expose() == b[role].expose()
    };
    assert!(bootstrap::ROLES.iter().all(|role| same(role, &first, &again)));
    let file = folder.path().join(bootstrap::CREDENTIALS).join("gateway.token");
    std::fs::remove_file(&file).unwrap();
    let third = made().await.unwrap();
    assert!(!same("gateway", &first, &third) && same("bank", &first, &third));
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(made().await, Err(BootstrapError::Exposed(path)) if path == file));
    store.remove().await.unwrap();
}

#[tokio::test]
async fn a_token_is_shown_once_ends_and_can_be_taken_back() {
    let manager = TestManager::start().await.unwrap();
    let made: Value =
        manager.admin.post("/admin/v1/operators", &json!({ "name": "li.lei", "roles": ["auditor"] })).await.unwrap();
    let tokens = format!("/admin/v1/operators/{}/tokens", text(&made, "/id"));
    let body = json!({ "label": "laptop", "days": 1 });
    let key = [("idempotency-key", "token-1")];
    let issued: Value = post_with(&manager.admin, &tokens, &key, &body).await.json().unwrap();
    let replayed = post_with(&manager.admin, &tokens, &key, &body).await;
    assert_eq!(replayed.headers["idempotency-replayed"], "true");
    let replayed: Value = replayed.json().unwrap();
    assert_eq!((&replayed["id"], &replayed["token"]), (&issued["id"], &Value::Null));
    let client = manager.nobody().unwrap().bearer(Secret::new(text(&issued, "/token")));
    let me: Value = client.get("/admin/v1/me").await.unwrap();
    assert_eq!(text(&me, "/name"), "li.lei");
    let listed: Value = manager.admin.get(&tokens).await.unwrap();
    assert!(!listed.to_string().contains(&text(&issued, "/token")));
    let revoke = format!("{tokens}/{}/revoke", text(&issued, "/id"));
    let revoked = post_with(&manager.admin, &revoke, &[], &json!(null)).await;
    assert_eq!(revoked.status, 200, "{revoked:?}");
    assert_eq!(code(client.get::<Value>("/admin/v1/me").await), "operator.unauthenticated");
    manager.remove().await.unwrap();
}

#[tokio::test]
async fn a_token_ends_by_the_clock_and_with_its_operator() {
    let clock = std::sync::Arc::new(FakeClock::at(Instant::from_unix_seconds(1_800_000_000)));
    let store = TestStore::sqlite().await.unwrap();
    let manager = TestManager::start_on(store, clock.clone(), |_| {}).await.unwrap();
    let other = manager.person("other-admin", &[Role::Admin]).await.unwrap();
    let me: Value = other.get("/admin/v1/me").await.unwrap();
    let path = format!("/admin/v1/operators/{}", text(&me, "/id"));
    let off = json!({ "roles": ["admin"], "disabled": true });
    let answer = send(&manager.admin, "PUT", &path, &[("if-match", "\"1\"")], &off).await;
    assert_eq!((answer.status.as_u16(), answer.etag()), (200, Some("\"2\"")));
    assert_eq!(code(other.get::<Value>("/admin/v1/me").await), "operator.unauthenticated");
    clock.advance(std::time::Duration::from_secs(91 * 86_400));
    assert_eq!(code(manager.admin.get::<Value>("/admin/v1/me").await), "operator.unauthenticated");
    manager.remove().await.unwrap();
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let manager = TestManager::start().await.unwrap();
    let me: Value = manager.admin.get("/admin/v1/me").await.unwrap();
    let path = format!("/admin/v1/operators/{}", text(&me, "/id"));
    for form in [json!({ "roles": ["auditor"] }), json!({ "roles": ["admin"], "disabled": true })] {
        let answer = send(&manager.admin, "PUT", &path, &[("if-match", "\"1\"")], &form).await;
        assert_eq!(answer.json::<Value>().unwrap()["code"], "resource.conflict");
    }
    manager.remove().await.unwrap();
}
