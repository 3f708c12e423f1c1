//! An app on its way to its certificate: by its own calls, and through the drills.

use crate::support::{Answer, Bank, Caller, GATEWAY, PARTNER, accounts, balances, transfer};
use http::Method;
use pano_partner::credential::{Credential, Registration};
use pano_partner::{App, Partner, Step, app, partner};
use pano_snapshot::AccessRecord;
use pano_snapshot::protocol::RecordBatch;
use pano_testkit::TestStore;
use pano_types::clock::SeededEntropy;
use pano_types::id::{AppId, CredentialId, OperatorId, PartnerId};
use pano_types::{Instant, Localized, PageRequest};
use serde_json::{Value, json};
use std::time::Duration;

const RUNS: &str = "/product-quality-assurance/v1/certification-runs";
const ACCOUNTS: &str = "/current-account/v1/accounts";
const INTERNAL: &str = "/payment-order/v1/internal-transfers";
const START: &str = "2026-03-02T02:15:00Z";

fn at() -> Instant {
    Instant::parse(START).unwrap()
}

/// An app of the partner, with a key: what the manager would have left in the store.
async fn registered(store: &TestStore) -> (AppId, CredentialId) {
    let step = Step { who: OperatorId::new(at(), &SeededEntropy::new(1)), at: at(), why: "w".into() };
    let partner = Partner {
        id: PARTNER.parse::<PartnerId>().unwrap(),
        slug: "mate".parse().unwrap(),
        name: Localized::new("伙伴", "Mate"),
        registration: "1".into(),
        contact: "a@example.com".into(),
        scenario: partner::Scenario { sensitive_data: true, moves_funds: true },
        evidence: vec![],
        rate: None,
        state: partner::State::Registered { returned: None },
        managed_by: None,
        created_at: at(),
        generation: 1,
    };
    let app = App {
        id: AppId::new(at(), &SeededEntropy::new(2)),
        partner: partner.id,
        slug: "app".parse().unwrap(),
        name: Localized::new("应用", "App"),
        description: String::new(),
        redirect_uris: Vec::new(),
        state: app::State::Active { activated: step },
        managed_by: None,
        created_at: at(),
        generation: 1,
    };
    let jwk = pano_crypto::SigningKey::generate(pano_crypto::Alg::Es256).unwrap().public().to_json();
    let registration =
        Registration { jwk: Some(jwk), certificate: None, label: String::new(), not_before: None, expires_at: None };
    let credential =
        Credential::register(CredentialId::new(at(), &SeededEntropy::new(3)), app.id, registration, at()).unwrap();
    let mut unit = store.store().begin().await.unwrap();
    unit.partner_add(&partner).await.unwrap();
    unit.app_add(&app).await.unwrap();
    unit.credential_add(&credential).await.unwrap();
    unit.save().await.unwrap();
    (app.id, credential.id)
}

/// What the gateway would have recorded of a call that it refused.
async fn refused(store: &TestStore, app: AppId, code: &str, at: Instant) {
    let record = AccessRecord {
        id: format!("g-{code}-{}", at.unix_micros()),
        at,
        trace_id: "0af7651916cd43dd8448eb211c80319c".into(),
        client: "127.0.0.1".into(),
        method: "GET".into(),
        route: None,
        api: None,
        version: None,
        operation: Some("listParties".into()),
        app: Some(app),
        partner: None,
        subscription: None,
        status: 403,
        code: Some(code.into()),
        accepted: false,
        bytes_in: 0,
        bytes_out: 0,
        duration_us: 1,
        upstream_us: None,
        attempts: 0,
    };
    let mut unit = store.store().begin().await.unwrap();
    let from = unit.usage_cursor("g").await.unwrap();
    let batch = RecordBatch { gateway: "g".into(), from, to: from + 1, records: vec![record] };
    unit.usage_add(&batch, at).await.unwrap();
    unit.save().await.unwrap();
}

/// A transfer of a cent more than an account holds, which is not over its limit.
async fn too_much(caller: &Caller, open: &[String]) -> Value {
    for (place, account) in open.iter().enumerate() {
        let (_, available) = balances(caller, account).await;
        let cents = |amount: &str| amount.replace('.', "").parse::<i64>().unwrap();
        let read = caller.get(&format!("{ACCOUNTS}/{account}")).await;
        let limit = cents(read.json["limits"]["perPayment"]["amount"].as_str().unwrap());
        let cents = cents(&available);
        if cents < limit {
            let amount = format!("{}.{:02}", (cents + 1) / 100, (cents + 1) % 100);
            return transfer(account, &open[usize::from(place == 0)], &amount);
        }
    }
    panic!("everyone is rich");
}

async fn start(caller: &Caller, profile: &str) -> Answer {
    caller.post(RUNS, profile, &json!({ "profile": profile })).await
}

fn met(run: &Value) -> Vec<&str> {
    let steps = run["steps"].as_array().unwrap().iter();
    steps.filter(|step| step["status"] == "MET").map(|step| step["step"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_well_made_app_is_certified_by_what_it_does() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let (app, credential) = registered(&store).await;
    let caller = Caller::new(&bank.handle.url(), GATEWAY, &app.to_string());
    let open = accounts(&caller).await;
    let account = &open[0];
    let started = start(&caller, "PAYMENT").await;
    assert_eq!((started.status, &started.json["status"]), (201, &json!("RUNNING")), "{started:?}");
    assert_eq!(met(&started.json), Vec::<&str>::new(), "what came before the run counts for nothing");
    let one = format!("{RUNS}/{}", started.json["runId"].as_str().unwrap());
    let second = caller.post(RUNS, "other", &json!({ "profile": "ACCOUNT_INFORMATION" })).await;
    assert_eq!(second.code(), "resource.conflict");

    // What the sandbox sees.
    assert_eq!(caller.get(ACCOUNTS).await.status, 200);
    assert_eq!(caller.get(&format!("{ACCOUNTS}/{account}/balances")).await.status, 200);
    assert_eq!(caller.get(&format!("{ACCOUNTS}/acc_01KAV3M2N4ZQ8W5T7R9X1Y3C5D")).await.status, 404);
    let list = format!("{ACCOUNTS}/{account}/transactions");
    let limited = caller.get(&list).await;
    assert_eq!((limited.status, limited.code()), (429, "gateway.rate_limited"));
    assert_eq!(limited.headers["retry-after"], "2");
    bank.clock.advance(Duration::from_secs(1));
    assert_eq!(caller.get(&list).await.status, 429, "too early, so it waits anew");
    bank.clock.advance(Duration::from_secs(2));
    assert_eq!(caller.get(&list).await.status, 200);
    assert_eq!(caller.get(&list).await.status, 200, "the drill is over");

    let order = transfer(&open[0], &open[1], "1.00");
    let paid = caller.post(INTERNAL, "k-1", &order).await;
    assert_eq!(paid.status, 201);
    let status = format!("/payment-order/v1/payments/{}/status", paid.json["paymentId"].as_str().unwrap());
    assert_eq!(caller.get(&status).await.status, 200);
    assert_eq!(caller.post(INTERNAL, "k-2", &too_much(&caller, &open).await).await.code(), "bank.insufficient_funds");
    let lost = caller.post(INTERNAL, "k-3", &order).await;
    assert_eq!((lost.status, lost.code(), &lost.headers["retry-after"]), (503, "unavailable", &"1".parse().unwrap()));
    let anew = caller.post(INTERNAL, "k-4", &order).await;
    assert_eq!(anew.status, 503, "nobody passes by paying twice");
    let replayed = caller.post(INTERNAL, "k-4", &order).await;
    assert_eq!((replayed.status, &replayed.headers["idempotency-replayed"]), (201, &"true".parse().unwrap()));
    let paid = caller.get("/payment-order/v1/payments").await;
    assert_eq!(paid.json["items"].as_array().unwrap().len(), 3, "what was lost had been carried out");

    // What others see.
    let run = caller.get(&one).await;
    assert_eq!((run.status, &run.json["status"]), (200, &json!("RUNNING")));
    assert_eq!(met(&run.json).len(), 8, "{:?}", met(&run.json));
    let now = at().plus(Duration::from_secs(3));
    refused(&store, app, "gateway.scope_missing", now).await;
    refused(&store, app, "gateway.body_invalid", now).await;
    refused(&store, app, "gateway.quota_exceeded", now).await;
    let mut unit = store.store().begin().await.unwrap();
    unit.credential_used(credential, now).await.unwrap();
    unit.save().await.unwrap();
    let passed = caller.get(&one).await;
    assert_eq!((passed.status, &passed.json["status"]), (200, &json!("PASSED")), "{:?}", met(&passed.json));
    assert_eq!(caller.get(RUNS).await.json["items"], json!([passed.json]));
    let mut unit = store.store().read().await.unwrap();
    let kept = unit.certificate_list(app, &PageRequest::default()).await.unwrap().items;
    assert_eq!(
        (kept.len(), kept[0].steps.len(), kept[0].id.to_string()),
        (1, 11, passed.json["runId"].as_str().unwrap().to_owned())
    );
    let events = unit.outbox_take(0, 100).await.unwrap();
    assert_eq!(events.iter().filter(|queued| queued.event.kind == "panorama.app.certified").count(), 1);
    drop(unit);
    // The next run is another one.
    assert_eq!(caller.post(RUNS, "next", &json!({ "profile": "ACCOUNT_INFORMATION" })).await.status, 201);
    bank.assert_books().await;
    bank.handle.stop().await;
}

#[tokio::test]
async fn a_run_ends_and_other_apps_have_their_own() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let (app, _) = registered(&store).await;
    let caller = Caller::new(&bank.handle.url(), GATEWAY, &app.to_string());
    let stranger = AppId::new(at(), &SeededEntropy::new(9)).to_string();
    let other = Caller::new(&bank.handle.url(), GATEWAY, &stranger);
    let run = start(&caller, "ACCOUNT_INFORMATION").await;
    let one = format!("{RUNS}/{}", run.json["runId"].as_str().unwrap());
    assert_eq!(other.get(&one).await.code(), "resource.not_found");
    assert_eq!(other.get(RUNS).await.json["items"], json!([]));
    // The drill is for the app that runs.
    let account = accounts(&other).await[0].clone();
    assert_eq!(other.get(&format!("{ACCOUNTS}/{account}/transactions")).await.status, 200);
    bank.clock.advance(Duration::from_secs(24 * 3600));
    assert_eq!(caller.get(&one).await.json["status"], "EXPIRED");
    assert_eq!(caller.get(&format!("{ACCOUNTS}/{account}/transactions")).await.status, 200);
    assert_eq!(caller.post(RUNS, "again", &json!({ "profile": "ACCOUNT_INFORMATION" })).await.status, 201);
    for (body, code) in [(json!({ "profile": "GOLD" }), "request.invalid"), (json!({}), "request.invalid")] {
        assert_eq!(caller.post(RUNS, "bad", &body).await.code(), code);
    }
    let unregistered = Caller::new(&bank.handle.url(), GATEWAY, "app_one");
    assert_eq!(start(&unregistered, "PAYMENT").await.code(), "resource.conflict");
    let none = format!("{RUNS}/crt_01KAV3M2N4ZQ8W5T7R9X1Y3C5D");
    assert_eq!(caller.send(Method::GET, &none, &[], None).await.unwrap().code(), "resource.not_found");
    let scripts = caller.get("/product-quality-assurance/v1/certification-scripts").await;
    let counts: Vec<_> =
        scripts.json["items"].as_array().unwrap().iter().map(|s| s["steps"].as_array().unwrap().len()).collect();
    assert_eq!(counts, [6, 11]);
    bank.handle.stop().await;
}
