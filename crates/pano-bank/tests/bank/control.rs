//! Sandbox control: scenarios, the clock, snapshots, faults, test numbers; and the same for operators.

use crate::support::{Bank, Caller, GATEWAY, PARTNER, accounts, balances, domestic, transfer};
use http::Method;
use pano_store::Store;
use pano_store::audit::Filter as AuditFilter;
use pano_store::meta::SecretHash;
use pano_store::operator::{Kind, Operator, Token};
use pano_testkit::{TestStore, on_every_store};
use pano_types::clock::SeededEntropy;
use pano_types::id::{OperatorId, TokenId};
use pano_types::{Instant as Timestamp, PageRequest, Role, Secret};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const CONTROL: &str = "/sandbox-control/v1";
const INTERNAL: &str = "/payment-order/v1/internal-transfers";
const DOMESTIC: &str = "/payment-order/v1/domestic-payments";

async fn put(caller: &Caller, path: &str, body: Option<&Value>) -> crate::support::Answer {
    caller.send(Method::PUT, &format!("{CONTROL}{path}"), &[], body).await.unwrap()
}

async fn names(caller: &Caller) -> Vec<String> {
    let parties = caller.get("/party-reference-data-directory/v1/parties?limit=200").await;
    parties.json["items"].as_array().unwrap().iter().map(|p| p["name"]["en"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn every_partner_has_a_bank_of_its_own() {
    on_every_store(async |store| {
        let bank = Bank::start(store.store()).await;
        let one = bank.caller();
        let two = Caller::of(&bank.handle.url(), GATEWAY, "app_two", "ptn_01KAV3M2N4ZQ8W5T7R9X1Y3C5E");
        let open = accounts(&one).await;
        assert_eq!(open, accounts(&two).await, "both begin with the same customers");
        let before = balances(&two, &open[0]).await;
        assert_eq!(one.post(INTERNAL, "k", &transfer(&open[0], &open[1], "88.00")).await.status, 201);
        assert_eq!(balances(&two, &open[0]).await, before);
        assert_eq!(put(&two, "/sandbox/scenario", Some(&json!({ "scenario": "exporter" }))).await.status, 200);
        assert_eq!(names(&two).await, ["Example Ocean Trading Co., Ltd."]);
        assert!(names(&one).await.len() > 7);
        let (mine, other) =
            (one.get(&format!("{CONTROL}/sandbox")).await, two.get(&format!("{CONTROL}/sandbox")).await);
        assert_ne!(mine.json["sandboxId"], other.json["sandboxId"]);
        bank.assert_books().await;
        bank.handle.stop().await;
    })
    .await;
}

#[tokio::test]
async fn scenarios_are_begun_again() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let scenarios = caller.get(&format!("{CONTROL}/scenarios")).await;
    for scenario in scenarios.json["items"].as_array().unwrap() {
        let body = json!({ "scenario": scenario["scenario"] });
        let sandbox = put(&caller, "/sandbox/scenario", Some(&body)).await;
        assert_eq!((sandbox.status, &sandbox.json["scenario"]), (200, &scenario["scenario"]));
        let begun = names(&caller).await;
        assert!(!begun.is_empty());
        put(&caller, "/sandbox/scenario", Some(&body)).await;
        assert_eq!(names(&caller).await, begun);
        assert_eq!(caller.get(&format!("{CONTROL}/trial-balance")).await.json["balanced"], true);
    }
    let unknown = put(&caller, "/sandbox/scenario", Some(&json!({ "scenario": "paradise" }))).await;
    assert_eq!((unknown.status, unknown.code()), (422, "request.invalid"));
    bank.handle.stop().await;
}

#[tokio::test]
async fn the_clock_moves_on_and_what_is_due_is_done() {
    on_every_store(async |store| {
        let bank = Bank::start(store.store()).await;
        let caller = bank.caller();
        let from = accounts(&caller).await.remove(0);
        let made = caller.post(DOMESTIC, "bulk", &domestic(&from, "1200.00", "BEPS")).await;
        assert_eq!(made.json["status"], "ACSP");
        let moved = put(&caller, "/sandbox/clock", Some(&json!({ "time": "2026-03-05T01:00:00Z" }))).await;
        assert_eq!((moved.status, &moved.json["time"]), (200, &json!("2026-03-05T01:00:00Z")), "{moved:?}");
        let id = made.json["paymentId"].as_str().unwrap();
        let paid = caller.get(&format!("/payment-order/v1/payments/{id}")).await;
        assert_eq!((&paid.json["status"], &paid.json["settledAt"]), (&json!("ACSC"), &json!("2026-03-02T02:15:10Z")));
        let sandbox = caller.get(&format!("{CONTROL}/sandbox")).await;
        assert_eq!(sandbox.json["time"], "2026-03-05T01:00:00Z");
        assert_eq!(sandbox.json["aheadSeconds"], 3 * 86_400 - 75 * 60);
        // The sandbox's clock goes on with the machine's, also after the bank was started again.
        bank.clock.advance(Duration::from_secs(60));
        let ordered = caller.post(DOMESTIC, "at-once", &domestic(&from, "1.00", "IBPS")).await;
        assert_eq!(ordered.json["orderedAt"], "2026-03-05T01:01:00Z");
        bank.handle.stop().await;
        let bank = Bank::start(store.store()).await;
        let caller = bank.caller();
        assert_eq!(caller.get(&format!("{CONTROL}/sandbox")).await.json["time"], "2026-03-05T01:01:00Z");
        for time in ["2026-03-05T01:00:59Z", "2031-06-01T00:00:00Z"] {
            let refused = put(&caller, "/sandbox/clock", Some(&json!({ "time": time }))).await;
            assert_eq!((refused.status, refused.code()), (422, "request.invalid"), "{time}");
        }
        bank.assert_books().await;
        bank.handle.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_snapshot_brings_everything_back() {
    on_every_store(async |store| {
        let bank = Bank::start(store.store()).await;
        let caller = bank.caller();
        let open = accounts(&caller).await;
        assert_eq!(caller.post(INTERNAL, "before", &transfer(&open[0], &open[1], "10.00")).await.status, 201);
        let held = caller.post(DOMESTIC, "held", &domestic(&open[0], "7.00", "BEPS")).await;
        let then = balances(&caller, &open[0]).await;
        let taken = put(&caller, "/snapshots/before", None).await;
        assert_eq!((taken.status, &taken.json["sandboxTime"]), (200, &json!("2026-03-02T02:15:00Z")), "{taken:?}");

        assert_eq!(caller.post(INTERNAL, "after", &transfer(&open[0], &open[1], "20.00")).await.status, 201);
        put(&caller, "/sandbox/clock", Some(&json!({ "time": "2026-04-01T00:00:00Z" }))).await;
        put(&caller, "/faults/listParties", Some(&json!({ "errorRatePpm": 1_000_000 }))).await;
        assert_ne!(balances(&caller, &open[0]).await, then);

        for round in 0..2 {
            let back = put(&caller, "/snapshots/before/restoration", None).await;
            assert_eq!((back.status, &back.json["time"]), (200, &json!("2026-03-02T02:15:00Z")), "{round} {back:?}");
            assert_eq!(balances(&caller, &open[0]).await, then);
            assert_eq!(caller.get(&format!("{CONTROL}/faults")).await.json, json!({ "items": [] }));
            let id = held.json["paymentId"].as_str().unwrap();
            let payment = caller.get(&format!("/payment-order/v1/payments/{id}")).await;
            assert_eq!(payment.json["status"], "ACSP", "it waits again");
            // The key of what has not happened is free; that of what has answers as before.
            let again = caller.post(INTERNAL, "before", &transfer(&open[0], &open[1], "10.00")).await;
            assert_eq!(again.headers["idempotency-replayed"], "true");
            let anew = caller.post(INTERNAL, "after", &transfer(&open[0], &open[1], "1.00")).await;
            assert!(anew.status == 201 && !anew.headers.contains_key("idempotency-replayed"));
        }
        let listed = caller.get(&format!("{CONTROL}/snapshots")).await;
        assert_eq!(listed.json["items"].as_array().unwrap().len(), 1);
        let path = format!("{CONTROL}/snapshots/before");
        assert_eq!(caller.send(Method::DELETE, &path, &[], None).await.unwrap().status, 204);
        assert_eq!(caller.send(Method::DELETE, &path, &[], None).await.unwrap().code(), "resource.not_found");
        assert_eq!(put(&caller, "/snapshots/before/restoration", None).await.code(), "resource.not_found");
        assert_eq!(put(&caller, "/snapshots/a%20b", None).await.code(), "request.invalid");
        for n in 0..20 {
            assert_eq!(put(&caller, &format!("/snapshots/n-{n}"), None).await.status, 200);
        }
        assert_eq!(put(&caller, "/snapshots/n-20", None).await.code(), "bank.limit_exceeded");
        assert_eq!(put(&caller, "/snapshots/n-19", None).await.status, 200, "in place of the old one");
        bank.assert_books().await;
        bank.handle.stop().await;
    })
    .await;
}

#[tokio::test]
async fn faults_are_met_and_switched_off() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let list = "/party-reference-data-directory/v1/parties";
    let fault = |path: &str, body: Value| {
        let (caller, path) = (caller.clone(), path.to_owned());
        async move { put(&caller, &format!("/faults/{path}"), Some(&body)).await }
    };
    assert_eq!(fault("listParties", json!({ "errorRatePpm": 1_000_000 })).await.status, 200);
    let failed = caller.get(list).await;
    assert_eq!((failed.status, failed.code()), (503, "unavailable"));
    let switched = fault("listParties", json!({ "latency": { "p50Ms": 300, "p99Ms": 300 } })).await;
    assert_eq!((switched.status, &switched.json["errorRatePpm"]), (200, &json!(0)));
    let begun = Instant::now();
    assert_eq!(caller.get(list).await.status, 200);
    assert!(begun.elapsed() >= Duration::from_millis(300), "{:?}", begun.elapsed());

    fault("listParties", json!({ "wrongDigestRatePpm": 1_000_000 })).await;
    let wrong = caller.get(list).await;
    let off = caller.send(Method::DELETE, &format!("{CONTROL}/faults/listParties"), &[], None).await.unwrap();
    assert_eq!(off.status, 204);
    let right = caller.get(list).await;
    assert_eq!(wrong.json, right.json);
    assert_ne!(wrong.headers["content-digest"], right.headers["content-digest"]);
    for (path, body, code) in [
        ("noSuchOperation", json!({}), "resource.not_found"),
        ("updateSandboxFault", json!({}), "resource.not_found"),
        ("listParties", json!({ "errorRatePpm": 1_000_001 }), "request.invalid"),
        ("listParties", json!({ "errorRatePpm": 1, "errorCode": "bank.same_account" }), "request.invalid"),
        ("listParties", json!({ "latency": { "p50Ms": 2, "p99Ms": 1 } }), "request.invalid"),
        ("listParties", json!({ "colour": "red" }), "request.invalid"),
    ] {
        assert_eq!(fault(path, body.clone()).await.code(), code, "{path} {body}");
    }
    bank.handle.stop().await;
}

#[tokio::test]
async fn test_numbers_lead_to_their_outcomes() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let from = accounts(&caller).await.remove(0);
    let before = balances(&caller, &from).await;
    let table = caller.get(&format!("{CONTROL}/test-numbers")).await;
    let mut held = Vec::new();
    for (n, row) in table.json["items"].as_array().unwrap().iter().enumerate() {
        let value = row["value"].as_str().unwrap();
        let mut order = domestic(&from, "30.00", "IBPS");
        match row["place"].as_str().unwrap() {
            "PAYEE_ACCOUNT_NUMBER" => order["creditor"]["accountNumber"] = json!(value),
            "PAYMENT_AMOUNT" => order["amount"]["amount"] = json!(value),
            other => panic!("{other}"),
        }
        let want = match row["outcome"].as_str().unwrap() {
            // Its answer takes half a minute; that it is carried out is tested with the switch for time-outs.
            "TIME_OUT" => continue,
            "INSUFFICIENT_FUNDS" => "bank.insufficient_funds",
            "ACCOUNT_FROZEN" => "bank.account_frozen",
            "PAYEE_UNKNOWN" => "bank.payee_unknown",
            "FRAUD_SUSPECTED" => "bank.fraud_suspected",
            "LIMIT_EXCEEDED" => "bank.limit_exceeded",
            later @ ("REVIEW_REJECTED" | "REVIEW_PASSED" | "RETURNED_BY_BANK") => {
                let made = caller.post(DOMESTIC, &format!("later-{n}"), &order).await;
                assert_eq!((made.status, &made.json["status"]), (201, &json!("ACSP")), "{later}");
                held.push((later.to_owned(), made.json["paymentId"].as_str().unwrap().to_owned()));
                continue;
            }
            other => panic!("{other}"),
        };
        let refused = caller.post(DOMESTIC, &format!("refused-{n}"), &order).await;
        assert_eq!((refused.status, refused.code()), (422, want), "{value}");
    }
    assert_eq!(held.len(), 3);
    bank.clock.advance(Duration::from_secs(3_700));
    for (later, id) in held {
        let payment = caller.get(&format!("/payment-order/v1/payments/{id}")).await;
        let (status, reason) = match later.as_str() {
            "REVIEW_PASSED" => ("ACSC", Value::Null),
            "REVIEW_REJECTED" => ("RJCT", json!("bank.review_rejected")),
            _ => ("RJCT", json!("bank.payee_unknown")),
        };
        assert_eq!((&payment.json["status"], &payment.json["statusReason"]), (&json!(status), &reason), "{later}");
    }
    let fen = |text: &str| text.replace('.', "").parse::<i64>().unwrap();
    let after = balances(&caller, &from).await;
    assert_eq!((fen(&before.0) - fen(&after.0), &after.1), (3_000, &after.0), "one has left, the others are back");
    bank.assert_books().await;
    bank.handle.stop().await;
}

/// An operator with these roles, who calls the bank.
async fn operator(bank: &Bank, store: &dyn Store, n: u64, roles: &[Role]) -> Caller {
    let (now, entropy, secret) = (Timestamp::default(), SeededEntropy::new(n), format!("token-of-operator-{n}"));
    let operator = Operator {
        id: OperatorId::new(now, &entropy),
        name: format!("operator {n}"),
        kind: Kind::Person,
        roles: roles.to_vec(),
        created_at: now,
        disabled_at: None,
        generation: 1,
    };
    let token = Token {
        id: TokenId::new(now, &entropy),
        operator: operator.id,
        label: String::new(),
        created_at: now,
        expires_at: None,
        last_used_at: None,
        revoked_at: None,
    };
    let mut unit = store.begin().await.unwrap();
    unit.operator_add(&operator).await.unwrap();
    unit.operator_token_add(&token, &SecretHash::of(&Secret::new(secret.clone()))).await.unwrap();
    unit.save().await.unwrap();
    Caller::new(&bank.handle.url(), &secret, "unused")
}

#[tokio::test]
async fn operators_do_what_partners_can_and_it_is_written_down() {
    let test = TestStore::sqlite().await.unwrap();
    let store = test.store();
    let bank = Bank::start(test.store()).await;
    assert_eq!(names(&bank.caller()).await.len(), 8);
    let changer = operator(&bank, &*store, 1, &[Role::Operator]).await;
    let looker = operator(&bank, &*store, 2, &[Role::Auditor]).await;
    let nobody = operator(&bank, &*store, 3, &[]).await;
    let listed = looker.get("/internal/v1/sandboxes").await;
    assert_eq!((listed.status, &listed.json["items"][0]["partnerId"]), (200, &json!(PARTNER)));
    let secret = SecretHash::of(&Secret::new("token-of-operator-2".to_owned()));
    let (token, _) = store.read().await.unwrap().operator_token_find(&secret).await.unwrap().unwrap();
    assert!(token.last_used_at.is_some(), "the use of an operator's token is noted here, too");
    let id = listed.json["items"][0]["sandboxId"].as_str().unwrap();
    let base = format!("/internal/v1/sandboxes/{id}");
    assert_eq!(looker.get(&format!("{base}/sandbox")).await.json["scenario"], "everyone");
    assert_eq!(looker.get(&format!("{base}/trial-balance")).await.json["balanced"], true);
    let (path, body) = (format!("{base}/sandbox/scenario"), json!({ "scenario": "private-person" }));
    for (caller, status, code) in [
        (&looker, 403, "operator.forbidden"),
        (&nobody, 403, "operator.forbidden"),
        (&bank.caller(), 401, "operator.unauthenticated"),
        (&bank.role(), 401, "operator.unauthenticated"),
    ] {
        let refused = caller.send(Method::PUT, &path, &[], Some(&body)).await.unwrap();
        assert_eq!((refused.status, refused.code()), (status, code));
    }
    assert_eq!(nobody.get("/internal/v1/sandboxes").await.code(), "operator.forbidden");
    assert_eq!(bank.caller().get("/internal/v1/sandboxes").await.code(), "operator.unauthenticated");
    assert_eq!(names(&bank.caller()).await.len(), 8, "nothing has happened");
    let reset = changer.send(Method::PUT, &path, &[], Some(&body)).await.unwrap();
    assert_eq!(reset.status, 200, "{reset:?}");
    assert_eq!(names(&bank.caller()).await, ["Lin Xiaoyu"]);
    let all = AuditFilter::default();
    let trail = store.read().await.unwrap().audit_page(&all, &PageRequest::default()).await.unwrap();
    assert_eq!(trail.items.len(), 1);
    assert_eq!((&*trail.items[0].act.action, &trail.items[0].act.subject.id), ("sandbox.control", &id.to_owned()));
    for path in ["sbx_01KAV3M2N4ZQ8W5T7R9X1Y3C5D", "x"] {
        assert_eq!(looker.get(&format!("/internal/v1/sandboxes/{path}/sandbox")).await.status, 404, "{path}");
    }
    bank.handle.stop().await;
}
