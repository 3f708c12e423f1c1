//! Endpoints over time: their secrets, what a restore leaves alone, switched off and on again.

use crate::support::{Bank, Caller, GATEWAY, PARTNER};
use crate::webhooks::{EVENTS, HANG, Receiver, delivery, pay, register, trying_out};
use http::Method;
use pano_store::bank::{EntityRow, Sandbox};
use pano_testkit::TestStore;
use pano_types::Clock as _;
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;

/// All that is kept of the partner's sandbox.
async fn kept(store: &TestStore) -> Vec<EntityRow> {
    let sandbox = row(store).await;
    let mut unit = store.store().read().await.unwrap();
    unit.bank_entity_load(sandbox.image, None, 100_000).await.unwrap()
}

/// The partner's sandbox as it is kept.
async fn row(store: &TestStore) -> Sandbox {
    store.store().read().await.unwrap().bank_sandbox_of(PARTNER.parse().unwrap()).await.unwrap().unwrap()
}

/// Waits until what is kept is as wanted.
async fn until(store: &TestStore, wanted: impl Fn(&Sandbox) -> bool) {
    let begun = std::time::Instant::now();
    loop {
        let row = row(store).await;
        if wanted(&row) {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{row:?}");
        tokio::task::yield_now().await;
    }
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
    let ids: BTreeSet<_> = listed.as_array().unwrap().iter().map(|one| one["endpointId"].as_str().unwrap()).collect();
    let want = [&first, &other].map(|told| told["endpointId"].as_str().unwrap());
    assert_eq!(ids, BTreeSet::from(want), "what was registered since is there");
    bank.handle.stop().await;
}

/// A partner all of whose servers hang, with more to tell them than may be under way at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_that_hang_hold_up_nobody_else() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start_with(store.store(), trying_out).await;
    let (hanging, url) = Receiver::start(&[HANG; 1_000]).await;
    for app in 0..7 {
        let caller = Caller::new(&bank.handle.url(), GATEWAY, &format!("app_{app}"));
        for endpoint in 0..10 {
            register(&caller, &format!("{url}?{endpoint}"), &[], "v1").await;
        }
    }
    for order in 0..5 {
        pay(&bank.caller(), &format!("k-{order}")).await;
    }
    let now = bank.clock.now();
    until(&store, |row| row.due_at == Some(now.plus(Duration::from_secs(60)))).await;
    assert_eq!(hanging.received(16).await.len(), 16, "no more than its share");
    let other = "ptn_01KAV3M2N4ZQ8W5T7R9X1Y3C5E";
    let other = Caller::of(&bank.handle.url(), GATEWAY, "app", other);
    let (well, url) = Receiver::start(&[]).await;
    register(&other, &url, &[], "v1").await;
    pay(&other, "k").await;
    // Not stopped: that waits for those that hang.
    well.received(1).await;
}

/// A sandbox with an endpoint that has all it can take under way is due when the first of that comes back, not before.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_has_to_wait_is_not_due() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start_with(store.store(), trying_out).await;
    let (hanging, url) = Receiver::start(&[HANG; 100]).await;
    register(&bank.caller(), &url, &["bank.payment.settled"], "v1").await;
    for order in 0..6 {
        pay(&bank.caller(), &format!("k-{order}")).await;
    }
    hanging.received(4).await;
    let now = bank.clock.now();
    // Not stopped: that waits for those that hang.
    until(&store, |row| row.due_at == Some(now.plus(Duration::from_secs(60)))).await;
}

#[tokio::test]
async fn what_happens_in_the_evening_is_told_although_nobody_calls() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start_with(store.store(), trying_out).await;
    let (receiver, url) = Receiver::start(&[]).await;
    register(&bank.caller(), &url, &["bank.savings.interest-paid"], "v1").await;
    // Over the day on which interest is paid.
    bank.clock.advance(Duration::from_secs(19 * 86_400));
    let told = receiver.received(1).await;
    assert_eq!(told[0].event()["type"], "bank.savings.interest-paid");
    bank.handle.stop().await;
}

#[tokio::test]
async fn what_waits_is_still_sent_after_a_restore() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start_with(store.store(), trying_out).await;
    let caller = bank.caller();
    let snapshot = "/sandbox-control/v1/snapshots/then";
    caller.send(Method::PUT, snapshot, &[], None).await.unwrap();
    let (receiver, url) = Receiver::start(&[500]).await;
    register(&caller, &url, &[], "v1").await;
    pay(&caller, "k").await;
    delivery(&caller, |one| one["attempts"].as_array().unwrap().len() == 1).await;
    let restored = caller.send(Method::PUT, &format!("{snapshot}/restoration"), &[], None).await.unwrap();
    assert_eq!(restored.status, 200, "{restored:?}");
    bank.clock.advance(Duration::from_secs(10));
    receiver.received(2).await;
    bank.handle.stop().await;
}
