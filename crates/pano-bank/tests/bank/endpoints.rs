//! Endpoints over time: their secrets, what a restore leaves alone, switched off and on again.

use crate::support::{Bank, Caller, PARTNER};
use crate::webhooks::{EVENTS, register};
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
