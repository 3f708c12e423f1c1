//! Endpoints over time: their secrets, what a restore leaves alone, switched off and on again.

use crate::support::{Bank, Caller, PARTNER};
use crate::webhooks::{EVENTS, register};
use http::Method;
use pano_store::bank::EntityRow;
use pano_testkit::TestStore;
use serde_json::Value;

/// All that is kept of the partner's sandbox.
async fn kept(store: &TestStore) -> Vec<EntityRow> {
    let mut unit = store.store().read().await.unwrap();
    let sandbox = unit.bank_sandbox_of(PARTNER.parse().unwrap()).await.unwrap().unwrap();
    unit.bank_entity_load(sandbox.image, None, 100_000).await.unwrap()
}

async fn rotate(caller: &Caller, endpoint: &Value, key: &str) -> Value {
    let at = format!("{EVENTS}/webhook-endpoints/{}/secrets", endpoint["endpointId"].as_str().unwrap());
    let answer = caller.act(&at, key).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json
}

#[tokio::test]
async fn secrets_are_told_again_to_who_repeats_and_are_nowhere_in_the_store() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let url = "https://partner.example/hooks";
    let first = register(&caller, url, &[], "v1").await;
    let second = rotate(&caller, &first, "s").await;
    assert_eq!(register(&caller, url, &[], "v1").await, first, "the same key");
    assert_eq!(rotate(&caller, &first, "s").await, second);
    let listed = caller.get(&format!("{EVENTS}/webhook-endpoints")).await;
    assert_eq!((listed.json["items"].as_array().unwrap().len(), &listed.json["items"][0]["secret"]), (1, &Value::Null));
    let secrets = [&first, &second].map(|told| told["secret"].as_str().unwrap().strip_prefix("whsec_").unwrap());
    assert_ne!(secrets[0], secrets[1]);
    let rows = kept(&store).await;
    assert_eq!(rows.iter().filter(|row| row.kind == "idempotency").count(), 2);
    for row in rows {
        assert!(secrets.iter().all(|secret| !row.body.contains(secret)), "{row:?}");
    }
    bank.handle.stop().await;
}

#[tokio::test]
async fn a_restore_brings_no_secret_back() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let first = register(&caller, "https://partner.example/one", &[], "v1").await;
    let snapshot = "/sandbox-control/v1/snapshots/then";
    let put = async |path: &str| {
        let answer = caller.send(Method::PUT, path, &[], None).await.unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
    };
    put(snapshot).await;
    let second = rotate(&caller, &first, "s-1").await;
    let other = register(&caller, "https://partner.example/two", &[], "v1").await;
    put(&format!("{snapshot}/restoration")).await;
    // The key is free again; what it makes is new all the same.
    let third = rotate(&caller, &first, "s-1").await;
    let secrets = [&first, &second, &third].map(|told| told["secret"].as_str().unwrap());
    assert!(secrets[2] != secrets[0] && secrets[2] != secrets[1], "{secrets:?}");
    let listed = caller.get(&format!("{EVENTS}/webhook-endpoints")).await.json["items"].clone();
    let ids: Vec<_> = listed.as_array().unwrap().iter().map(|one| &one["endpointId"]).collect();
    assert_eq!(ids, [&first["endpointId"], &other["endpointId"]], "what was registered since is there");
    bank.handle.stop().await;
}
