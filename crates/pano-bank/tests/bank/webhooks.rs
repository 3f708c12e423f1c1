//! Events on their way to partners: signed, tried again, given up, sent again; and not to everywhere.

use crate::support::{Bank, Caller, GATEWAY, accounts, transfer};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, Method, StatusCode};
use pano_bank::BankOptions;
use pano_crypto::mac::hmac_sha256;
use pano_crypto::{PublicJwk, VerifyingKey};
use pano_testkit::{TestStore, on_every_store};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio_util::task::TaskTracker;

pub(crate) const EVENTS: &str = "/event-notification/v1";
const INTERNAL: &str = "/payment-order/v1/internal-transfers";

/// In place of a status: no answer at all.
pub(crate) const HANG: u16 = 0;

/// What a receiver saw of one request.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
    pub(crate) fn event(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
    /// What is signed.
    pub(crate) fn message(&self) -> String {
        format!("{}.{}.{}", self.header("webhook-id"), self.header("webhook-timestamp"), self.body)
    }
}

/// A partner's server. Answers with the statuses it was given, one after the other, then with 204.
#[derive(Clone, Default)]
pub(crate) struct Receiver {
    pub(crate) seen: Arc<Mutex<Vec<Received>>>,
    answers: Arc<Mutex<Vec<u16>>>,
}

impl Receiver {
    pub(crate) async fn start(answers: &[u16]) -> (Self, String) {
        let receiver = Self::default();
        *receiver.answers.lock().unwrap() = answers.iter().rev().copied().collect();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hooks", listener.local_addr().unwrap());
        let router = Router::new().route("/hooks", post(take)).with_state(receiver.clone());
        TaskTracker::new().spawn(async move { axum::serve(listener, router).await });
        (receiver, url)
    }
    /// The first `count` requests, once they are there.
    pub(crate) async fn received(&self, count: usize) -> Vec<Received> {
        for _ in 0..2_000 {
            let seen = self.seen.lock().unwrap().clone();
            if seen.len() >= count {
                return seen;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("{count} requests did not come: {:?}", self.seen.lock().unwrap());
    }
}

async fn take(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let body = String::from_utf8(body.to_vec()).unwrap();
    let status = receiver.answers.lock().unwrap().pop().unwrap_or(204);
    receiver.seen.lock().unwrap().push(Received { headers, body });
    if status == HANG {
        std::future::pending::<()>().await;
    }
    StatusCode::from_u16(status).unwrap()
}

pub(crate) fn trying_out(options: &mut BankOptions) {
    options.webhook_loopback = true;
    options.due_interval = Duration::from_millis(10);
}

pub(crate) async fn register(caller: &Caller, url: &str, types: &[&str], signature: &str) -> Value {
    let body = json!({ "url": url, "eventTypes": types, "signature": signature });
    let answer = caller.post(&format!("{EVENTS}/webhook-endpoints"), url, &body).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json
}

pub(crate) async fn pay(caller: &Caller, key: &str) -> String {
    let open = accounts(caller).await;
    let paid = caller.post(INTERNAL, key, &transfer(&open[0], &open[1], "1.00")).await;
    assert_eq!(paid.status, 201, "{paid:?}");
    paid.json["paymentId"].as_str().unwrap().to_owned()
}

/// The app's only delivery, once it is as wanted.
pub(crate) async fn delivery(caller: &Caller, wanted: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..2_000 {
        let listed = caller.get(&format!("{EVENTS}/webhook-deliveries")).await.json["items"].clone();
        assert_eq!(listed.as_array().unwrap().len(), 1, "{listed}");
        if wanted(&listed[0]) {
            return listed[0].clone();
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the delivery did not become as wanted");
}

#[tokio::test]
async fn an_event_is_signed_by_the_secret_or_the_key_of_its_endpoint() {
    on_every_store(async |store: &TestStore| {
        let bank = Bank::start_with(store.store(), trying_out).await;
        let caller = bank.caller();
        let (shared, one) = Receiver::start(&[]).await;
        let (signed, two) = Receiver::start(&[]).await;
        let (others, three) = Receiver::start(&[]).await;
        let with_secret = register(&caller, &one, &["bank.payment.settled"], "v1").await;
        let with_key = register(&caller, &two, &[], "v1a").await;
        register(&caller, &three, &["bank.card.repaid"], "v1").await;
        let payment = pay(&caller, "p-1").await;

        let got = shared.received(1).await.remove(0);
        let event = got.event();
        assert_eq!(
            (&event["specversion"], &event["type"], &event["subject"]),
            (&json!("1.0"), &json!("bank.payment.settled"), &json!(payment))
        );
        assert_eq!(event["id"], got.header("webhook-id"));
        assert_eq!(got.header("content-type"), "application/cloudevents+json");
        let secret = with_secret["secret"].as_str().unwrap().strip_prefix("whsec_").unwrap();
        let code = hmac_sha256(&STANDARD.decode(secret).unwrap(), &[got.message().as_bytes()]);
        assert_eq!(got.header("webhook-signature"), format!("v1,{}", STANDARD.encode(code)));

        let got = signed.received(1).await.remove(0);
        let key = STANDARD.decode(with_key["publicKey"].as_str().unwrap().strip_prefix("whpk_").unwrap()).unwrap();
        let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": pano_crypto::b64::encode(key) });
        let key = VerifyingKey::new(&PublicJwk::parse(jwk.to_string().as_bytes()).unwrap()).unwrap();
        let signature = got.header("webhook-signature").strip_prefix("v1a,").unwrap().to_owned();
        key.verify(got.message().as_bytes(), &STANDARD.decode(signature).unwrap()).unwrap();
        assert!(with_key.get("secret").is_none());
        assert_eq!(others.seen.lock().unwrap().len(), 0, "chose other events");
        assert_eq!(caller.get(&format!("{EVENTS}/webhook-endpoints")).await.json["items"].as_array().unwrap().len(), 3);
        bank.handle.stop().await;
    })
    .await;
}

#[tokio::test]
async fn what_fails_is_tried_again_later_under_the_same_id() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start_with(store.store(), trying_out).await;
    let caller = bank.caller();
    let (receiver, url) = Receiver::start(&[500, 302]).await;
    register(&caller, &url, &[], "v1").await;
    pay(&caller, "p-1").await;
    for tries in 1..=2 {
        receiver.received(tries).await;
        let waiting = delivery(&caller, |one| one["attempts"].as_array().unwrap().len() == tries).await;
        assert_eq!(waiting["status"], "PENDING");
        assert_eq!(receiver.seen.lock().unwrap().len(), tries, "not before its time");
        bank.clock.advance(Duration::from_secs(400));
    }
    let seen = receiver.received(3).await;
    assert!(
        seen.iter().all(|one| one.header("webhook-id") == seen[0].header("webhook-id") && one.body == seen[0].body)
    );
    let done = delivery(&caller, |one| one["status"] == "DELIVERED").await;
    let statuses: Vec<_> = done["attempts"].as_array().unwrap().iter().map(|one| one["status"].clone()).collect();
    assert_eq!(statuses, [json!(500), json!(302), json!(204)]);
    bank.handle.stop().await;
}

#[tokio::test]
async fn what_nobody_takes_is_given_up_and_can_be_sent_again() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start_with(store.store(), trying_out).await;
    let caller = bank.caller();
    let (receiver, url) = Receiver::start(&[503; 10]).await;
    let endpoint = register(&caller, &url, &[], "v1").await;
    let test = format!("{EVENTS}/webhook-endpoints/{}/test-events", endpoint["endpointId"].as_str().unwrap());
    let sent = caller.send(Method::POST, &test, &[("idempotency-key", "t")], None).await.unwrap();
    assert_eq!((sent.status, &sent.json["eventType"]), (201, &json!("bank.test")), "{sent:?}");
    let again = format!("{EVENTS}/webhook-deliveries/{}/redeliveries", sent.json["deliveryId"].as_str().unwrap());
    let redeliver =
        async |key: &str| caller.send(Method::POST, &again, &[("idempotency-key", key)], None).await.unwrap();
    // The pauses, each as long as chance may make it.
    let pauses = [5u64, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400, 0];
    for (tries, pause) in (1..).zip(pauses) {
        delivery(&caller, |one| one["attempts"].as_array().unwrap().len() == tries).await;
        if tries == 1 {
            assert_eq!(redeliver("r-0").await.code(), "lifecycle.refused", "it is still on its way");
        }
        bank.clock.advance(Duration::from_secs(pause * 5 / 4));
    }
    let dead = delivery(&caller, |one| one["status"] == "DEAD").await;
    assert_eq!(receiver.seen.lock().unwrap().len(), 10);
    assert_eq!(dead["reason"], "EXHAUSTED");
    assert_eq!(caller.get(&format!("{EVENTS}/webhook-deliveries?status=DEAD")).await.json["items"], json!([dead]));
    assert_eq!(redeliver("r-1").await.status, 201);
    let done = delivery(&caller, |one| one["status"] == "DELIVERED").await;
    assert_eq!(done["attempts"].as_array().unwrap().len(), 11);
    let seen = receiver.received(11).await;
    assert_eq!(seen[10].header("webhook-id"), seen[0].header("webhook-id"));
    // Delivered once more, then its endpoint goes.
    assert_eq!(redeliver("r-2").await.status, 201);
    receiver.received(12).await;
    let one = format!("{EVENTS}/webhook-endpoints/{}", endpoint["endpointId"].as_str().unwrap());
    assert_eq!(caller.send(Method::DELETE, &one, &[], None).await.unwrap().status, 204);
    assert_eq!(caller.send(Method::DELETE, &one, &[], None).await.unwrap().code(), "resource.not_found");
    delivery(&caller, |one| one["status"] == "DELIVERED").await;
    assert_eq!(redeliver("r-3").await.code(), "lifecycle.refused");
    pay(&caller, "p-1").await;
    assert_eq!(caller.get(&format!("{EVENTS}/webhook-deliveries")).await.json["items"].as_array().unwrap().len(), 1);
    bank.handle.stop().await;
}

#[tokio::test]
async fn after_a_rotation_both_secrets_sign_for_a_day() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start_with(store.store(), trying_out).await;
    let caller = bank.caller();
    let (receiver, url) = Receiver::start(&[]).await;
    let first = register(&caller, &url, &[], "v1").await;
    let rotate = format!("{EVENTS}/webhook-endpoints/{}/secrets", first["endpointId"].as_str().unwrap());
    let second = caller.send(Method::POST, &rotate, &[("idempotency-key", "s")], None).await.unwrap();
    assert_eq!(second.status, 201, "{second:?}");
    pay(&caller, "p-1").await;
    let got = receiver.received(1).await.remove(0);
    let signature = |secret: &Value, got: &Received| {
        let secret = STANDARD.decode(secret.as_str().unwrap().strip_prefix("whsec_").unwrap()).unwrap();
        format!("v1,{}", STANDARD.encode(hmac_sha256(&secret, &[got.message().as_bytes()])))
    };
    let (old, new) = (signature(&first["secret"], &got), signature(&second.json["secret"], &got));
    assert_eq!(got.header("webhook-signature"), format!("{new} {old}"));
    bank.clock.advance(Duration::from_secs(86_400));
    pay(&caller, "p-2").await;
    let got = receiver.received(2).await.remove(1);
    assert_eq!(got.header("webhook-signature"), signature(&second.json["secret"], &got));
    bank.handle.stop().await;
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_not_called_again() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start_with(store.store(), trying_out).await;
    let caller = bank.caller();
    let (receiver, url) = Receiver::start(&[410]).await;
    register(&caller, &url, &[], "v1").await;
    pay(&caller, "p-1").await;
    receiver.received(1).await;
    delivery(&caller, |one| one["status"] == "DEAD").await;
    let endpoints = caller.get(&format!("{EVENTS}/webhook-endpoints")).await;
    assert_eq!(endpoints.json["items"][0]["status"], "DISABLED");
    pay(&caller, "p-2").await;
    let dead = delivery(&caller, |one| one["status"] == "DEAD").await;
    assert_eq!(dead["reason"], "GONE");
    // It comes back, and takes what it has missed.
    let at = format!("{EVENTS}/webhook-endpoints/{}", endpoints.json["items"][0]["endpointId"].as_str().unwrap());
    let all = format!("{at}/redeliveries");
    assert_eq!(caller.act(&all, "early").await.code(), "lifecycle.refused");
    let put = async |status: &str| {
        let body = json!({ "status": status });
        caller.send(Method::PUT, &format!("{at}/status"), &[], Some(&body)).await.unwrap()
    };
    assert_eq!(put("ASLEEP").await.code(), "request.invalid");
    for status in ["ENABLED", "ENABLED", "DISABLED", "ENABLED"] {
        assert_eq!(put(status).await.json["status"], status);
    }
    let queued = caller.act(&all, "r").await;
    assert_eq!((queued.status, queued.json), (201, json!({ "queued": 1, "remaining": 0 })));
    delivery(&caller, |one| one["status"] == "DELIVERED").await;
    assert_eq!(caller.act(&all, "again").await.json["queued"], 0, "all of it is delivered");
    let seen = receiver.received(2).await;
    assert_eq!(seen[1].header("webhook-id"), seen[0].header("webhook-id"));
    let other = Caller::new(&bank.handle.url(), GATEWAY, "app_two");
    assert_eq!(other.act(&all, "r").await.code(), "resource.not_found");
    bank.handle.stop().await;
}

#[tokio::test]
async fn nothing_is_sent_to_inner_addresses_and_nothing_odd_is_registered() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let at = format!("{EVENTS}/webhook-endpoints");
    for url in [
        "http://partner.example/hooks",
        "https://127.0.0.1/hooks",
        "https://localhost/hooks",
        "https://10.0.0.7/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://[::ffff:192.168.0.1]/",
        "https://intranet/",
        "https://db.internal/",
        "https://user:secret@partner.example/",
        "ftp://partner.example/",
        "nonsense",
    ] {
        let answer = caller.post(&at, url, &json!({ "url": url })).await;
        assert_eq!((answer.status, answer.code()), (422, "webhook.address_refused"), "{url}");
    }
    for body in [
        json!({ "url": "https://partner.example/", "eventTypes": ["bank.nothing.happened"] }),
        json!({ "url": "https://partner.example/", "eventTypes": ["bank.card.repaid", "bank.card.repaid"] }),
        json!({ "url": "https://partner.example/", "signature": "v2" }),
        json!({ "url": "https://partner.example/", "colour": "red" }),
        json!({}),
    ] {
        assert_eq!(caller.post(&at, "b", &body).await.code(), "request.invalid", "{body}");
    }
    for number in 0..10 {
        let body = json!({ "url": format!("https://partner.example/{number}") });
        assert_eq!(caller.post(&at, &format!("k-{number}"), &body).await.status, 201);
    }
    assert_eq!(
        caller.post(&at, "k-10", &json!({ "url": "https://partner.example/" })).await.code(),
        "resource.conflict"
    );
    let nobody = "whe_01KAV3M2N4ZQ8W5T7R9X1Y3C5D";
    for path in [format!("{at}/{nobody}/secrets"), format!("{at}/{nobody}/test-events")] {
        let answer = caller.send(Method::POST, &path, &[("idempotency-key", "n")], None).await.unwrap();
        assert_eq!(answer.code(), "resource.not_found");
    }
    let none = format!("{EVENTS}/webhook-deliveries/dlv_01KAV3M2N4ZQ8W5T7R9X1Y3C5D/redeliveries");
    let answer = caller.send(Method::POST, &none, &[("idempotency-key", "n")], None).await.unwrap();
    assert_eq!(answer.code(), "resource.not_found");
    assert_eq!(caller.get(&format!("{EVENTS}/webhook-deliveries?status=LOST")).await.code(), "request.invalid");
    // Whatever is listed can be chosen, all at once.
    let other = Caller::new(&bank.handle.url(), GATEWAY, "app_two");
    let types = other.get(&format!("{EVENTS}/event-types?limit=200")).await;
    let types: Vec<_> = types.json["items"].as_array().unwrap().iter().map(|one| one["eventType"].clone()).collect();
    assert!(types.contains(&json!("bank.standing-order.paid")), "{types:?}");
    let all = json!({ "url": "https://partner.example/", "eventTypes": types });
    assert_eq!(other.post(&at, "all", &all).await.json["eventTypes"], json!(types));
    bank.handle.stop().await;
}

/// The process is killed while a partner's server keeps it waiting: the delivery is claimed, sent, and not noted.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_under_way_when_the_bank_was_killed_is_sent_again() {
    let folder = tempfile::tempdir().unwrap();
    let (receiver, url) = Receiver::start(&[HANG]).await;
    let (mut child, bank) = crate::kill::spawn(folder.path());
    let caller = Caller::new(&bank, GATEWAY, "app_one");
    register(&caller, &url, &[], "v1").await;
    let payment = pay(&caller, "p-1").await;
    receiver.received(1).await;
    // SIGKILL.
    child.kill().unwrap();
    child.wait().unwrap();
    let bank = Bank::start_with(crate::kill::open(folder.path()).await, trying_out).await;
    let waiting = delivery(&bank.caller(), |_| true).await;
    assert_eq!((&waiting["status"], &waiting["attempts"]), (&json!("PENDING"), &json!([])));
    assert_eq!(receiver.seen.lock().unwrap().len(), 1, "whoever claimed it has a minute");
    bank.clock.advance(Duration::from_secs(60));
    let seen = receiver.received(2).await;
    assert_eq!((seen[1].event()["subject"].as_str(), &seen[1].body), (Some(&*payment), &seen[0].body));
    assert_eq!(seen[1].header("webhook-id"), seen[0].header("webhook-id"));
    delivery(&bank.caller(), |one| one["status"] == "DELIVERED").await;
    bank.handle.stop().await;
}
