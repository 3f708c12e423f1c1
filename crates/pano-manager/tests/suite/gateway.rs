//! What a gateway sees: snapshots by long poll, revocations, counting once, drift.

use crate::partners::{admitted, an_api};
use crate::{code, send, text};
use pano_http::Client;
use pano_snapshot::protocol::{GatewayReport, RecordBatch};
use pano_snapshot::unit::Unit;
use pano_snapshot::{AccessRecord, Delta, Snapshot};
use pano_testkit::TestManager;
use pano_types::Instant;
use serde_json::{Value, json};

async fn poll(gateway: &Client, held: &Snapshot, wait_ms: u64) -> Option<Snapshot> {
    let digest = if held.revision() == 0 { String::new() } else { format!("digest={}&", held.digest()) };
    let path = format!("/internal/v1/snapshot?{digest}wait_ms={wait_ms}");
    let answer = gateway.call(http::Method::GET, &path, http::HeaderMap::new(), Default::default()).await.unwrap();
    (answer.status != 204).then(|| held.apply(&answer.json::<Delta>().unwrap()).unwrap())
}

/// Polls until the snapshot is as wanted; every step applies to the one before.
async fn until(gateway: &Client, mut held: Snapshot, wanted: impl Fn(&Snapshot) -> bool) -> Snapshot {
    let begun = std::time::Instant::now();
    while !wanted(&held) {
        assert!(begun.elapsed().as_secs() < 20, "not there yet: {held:?}");
        if let Some(next) = poll(gateway, &held, 5_000).await {
            assert!(next.revision() > held.revision());
            held = next;
        }
    }
    held
}

fn apps(snapshot: &Snapshot) -> Vec<&pano_snapshot::AppUnit> {
    let mut apps = Vec::new();
    for digested in snapshot.units().values() {
        match &*digested.unit {
            Unit::App(app) => apps.push(app),
            Unit::Api(_) | Unit::Issuer(_) | Unit::Revocations(_) => {}
        }
    }
    apps
}

#[tokio::test]
async fn what_is_decided_reaches_a_polling_gateway() {
    let manager = TestManager::start().await.unwrap();
    let gateway = manager.role("gateway").unwrap();
    let empty = until(&gateway, Snapshot::default(), |s| s.revision() > 0).await;
    assert_eq!(poll(&gateway, &empty, 0).await.map(|s| s.revision()), None, "nothing new is 204");
    let api = an_api(&manager).await;
    let [partner, app, subscription, plan] = admitted(&manager, &api).await;
    let served = until(&gateway, empty, |s| apps(s).first().is_some_and(|a| !a.subscriptions.is_empty())).await;
    let unit = apps(&served)[0].clone();
    assert_eq!((unit.id.to_string(), unit.partner.to_string()), (app.clone(), partner.clone()));
    assert_eq!(unit.rate.map(|rate| rate.requests), Some(10));
    let right = &unit.subscriptions[0];
    assert_eq!((right.id.to_string(), right.api.to_string()), (subscription, api));
    assert_eq!((right.rate.map(|rate| rate.requests), right.quota_per_day), (Some(5), Some(1_000)));

    let limits = json!({ "name": { "en": "Standard" }, "limits": { "quota_per_day": 7 } });
    let path = format!("/admin/v1/plans/{plan}");
    assert_eq!(send(&manager.maker, "PUT", &path, &[("if-match", "\"1\"")], &limits).await.status, 200);
    let changed = until(&gateway, served, |s| apps(s)[0].subscriptions[0].quota_per_day == Some(7)).await;
    assert_eq!(apps(&changed)[0].rate, None);

    let path = format!("/admin/v1/apps/{app}/revoke-tokens");
    let _: Value = manager.maker.post(&path, &json!({ "why": "leaked" })).await.unwrap();
    let revoked = until(&gateway, changed, |s| {
        s.units().values().any(|d| matches!(&*d.unit, Unit::Revocations(r) if r.apps.len() == 1))
    })
    .await;
    let path = format!("/admin/v1/partners/{partner}/suspend");
    let _: Value = manager.checker.post(&path, &json!({ "why": "review" })).await.unwrap();
    let stopped = until(&gateway, revoked, |s| apps(s).is_empty()).await;
    let path = format!("/admin/v1/partners/{partner}/resume");
    let _: Value = manager.checker.post(&path, &json!({})).await.unwrap();
    until(&gateway, stopped, |s| apps(s).len() == 1).await;
    // From nothing, and from something that nobody knows, the whole is sent.
    let whole = poll(&gateway, &Snapshot::default(), 0).await.unwrap();
    let path = format!("/internal/v1/snapshot?digest={}&wait_ms=0", "0".repeat(64));
    let lost: Delta = gateway.get(&path).await.unwrap();
    assert_eq!((lost.from, lost.digest), (None, whole.digest()));
    manager.remove().await.unwrap();
}

fn record(n: u64, status: u16) -> AccessRecord {
    AccessRecord {
        id: format!("gw-{n}"),
        at: Instant::parse("2026-03-01T00:10:00Z").unwrap(),
        trace_id: format!("{n:032x}"),
        client: "127.0.0.1".into(),
        method: "GET".into(),
        route: Some("/accounts/{id}".into()),
        api: None,
        version: Some("1.0.0".into()),
        operation: Some("accountRead".into()),
        app: None,
        partner: None,
        subscription: None,
        status,
        code: None,
        accepted: status < 400,
        bytes_in: 10,
        bytes_out: 100,
        duration_us: 1_000,
        upstream_us: Some(500),
        attempts: 1,
    }
}

#[tokio::test]
async fn records_are_counted_once_and_can_be_found() {
    let manager = TestManager::start().await.unwrap();
    let gateway = manager.role("gateway").unwrap();
    let batch = |from: u64, to: u64| RecordBatch {
        gateway: "gw-a".into(),
        from,
        to,
        records: (from..to).map(|n| record(n, if n % 4 == 0 { 429 } else { 200 })).collect(),
    };
    let ship = async |from, to| {
        let body = serde_json::to_value(batch(from, to)).unwrap();
        let answer = send(&gateway, "POST", "/internal/v1/access-records", &[], &body).await;
        (answer.status.as_u16(), answer.json::<Value>().unwrap()["cursor"].as_u64())
    };
    assert_eq!(ship(0, 8).await, (200, Some(8)));
    assert_eq!(ship(0, 8).await, (409, Some(8)), "a repetition is not counted");
    assert_eq!(ship(4, 12).await, (409, Some(8)), "nor an overlap");
    assert_eq!(ship(9, 12).await, (409, Some(8)), "nor a gap");
    assert_eq!(ship(8, 12).await, (200, Some(12)));
    let usage: Value = manager.maker.get("/admin/v1/usage?by=operation,status").await.unwrap();
    assert_eq!((&usage["totals"]["requests"], &usage["totals"]["accepted"]), (&json!(12), &json!(9)));
    let rows = usage["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 2);
    assert!(rows.iter().all(|row| text(row, "/operation") == "accountRead"));
    let refused: Value = manager.maker.get("/admin/v1/access-records?status=429&limit=2").await.unwrap();
    assert_eq!(refused["items"].as_array().unwrap().len(), 2);
    let path = format!("/admin/v1/access-records?trace_id={:032x}", 5);
    let one: Value = manager.maker.get(&path).await.unwrap();
    assert_eq!(text(&one, "/items/0/id"), "gw-5");
    let backwards = json!({ "gateway": "gw-a", "from": 12, "to": 3, "records": [] });
    let backwards: Result<Value, _> = gateway.post("/internal/v1/access-records", &backwards).await;
    assert_eq!(code(backwards), "request.invalid");
    manager.remove().await.unwrap();
}

#[tokio::test]
async fn drift_is_shown() {
    let manager = TestManager::start().await.unwrap();
    let gateway = manager.role("gateway").unwrap();
    let held = until(&gateway, Snapshot::default(), |s| s.revision() > 0).await;
    let report = |name: &str, digest: Option<String>| GatewayReport {
        gateway: name.into(),
        version: "0.1.0".into(),
        started_at: manager.clock.now(),
        digest,
        revision: held.revision(),
        last_error: None,
    };
    for report in [report("gw-a", Some(held.digest())), report("gw-b", Some("0".repeat(64))), report("gw-c", None)] {
        let body = serde_json::to_value(report).unwrap();
        assert_eq!(send(&gateway, "POST", "/internal/v1/gateways/report", &[], &body).await.status, 204);
    }
    let seen: Value = manager.maker.get("/admin/v1/gateways").await.unwrap();
    assert_eq!(text(&seen, "/digest"), held.digest());
    let states: Vec<_> = seen["items"].as_array().unwrap().iter().map(|item| text(item, "/state")).collect();
    assert_eq!(states, ["in_step", "drifted", "drifted"]);
    manager.remove().await.unwrap();
}

#[tokio::test]
async fn a_poll_that_waits_ends_with_the_manager() {
    let manager = TestManager::start().await.unwrap();
    let gateway = manager.role("gateway").unwrap();
    let held = until(&gateway, Snapshot::default(), |s| s.revision() > 0).await;
    let path = format!("/internal/v1/snapshot?digest={}&wait_ms=25000", held.digest());
    let waiting = gateway.call(http::Method::GET, &path, http::HeaderMap::new(), Default::default());
    let begun = std::time::Instant::now();
    let (answer, ()) = tokio::join!(waiting, async {
        // One whole exchange later the poll, which was sent first, is being held.
        let _: Value = manager.maker.get("/admin/v1/me").await.unwrap();
        manager.handle.stop().await;
    });
    assert!(begun.elapsed().as_secs() < 8, "the stop waited for the poll");
    assert!(answer.is_err() || answer.is_ok_and(|answer| answer.status == 204));
    manager.store.remove().await.unwrap();
}

#[tokio::test]
async fn one_change_among_many_apps_is_one_unit_of_delta() {
    use pano_partner::{App, Partner, Slug, Step, Tier, app, partner};
    use pano_types::Localized;
    use pano_types::clock::SeededEntropy;
    use pano_types::id::{AppId, OperatorId, PartnerId};
    let manager = TestManager::start().await.unwrap();
    let (now, entropy) = (manager.clock.now(), SeededEntropy::new(3));
    let step = Step { who: OperatorId::new(now, &entropy), at: now, why: String::new() };
    let admitted = partner::State::Admitted { submitted: step.clone(), admitted: step.clone(), tier: Tier::Tier1 };
    let owner = Partner {
        id: PartnerId::new(now, &entropy),
        slug: Slug::parse("big").unwrap(),
        name: Localized::new("大", "Big"),
        registration: "1".into(),
        contact: "c".into(),
        scenario: partner::Scenario::default(),
        evidence: vec![],
        rate: None,
        state: admitted,
        managed_by: None,
        created_at: now,
        generation: 1,
    };
    let mut unit = manager.store.store().begin().await.unwrap();
    unit.partner_add(&owner).await.unwrap();
    let mut last = None;
    for n in 0..1_500 {
        let made = App {
            id: AppId::new(now, &entropy),
            partner: owner.id,
            slug: Slug::parse(&format!("app-{n}")).unwrap(),
            name: Localized::new("应用", ""),
            description: String::new(),
            redirect_uris: Vec::new(),
            state: app::State::Active { activated: step.clone() },
            managed_by: None,
            created_at: now,
            generation: 1,
        };
        unit.app_add(&made).await.unwrap();
        last = Some(made.id);
    }
    unit.save().await.unwrap();
    // An event that names the partner: the rows above came without any.
    let path = format!("/admin/v1/partners/{}", owner.id);
    let form = json!({ "name": { "en": "Big" }, "registration": "1", "contact": "c" });
    assert_eq!(send(&manager.maker, "PUT", &path, &[("if-match", "\"1\"")], &form).await.status, 200);
    let gateway = manager.role("gateway").unwrap();
    let held = until(&gateway, Snapshot::default(), |s| apps(s).len() == 1_500).await;
    let path = format!("/admin/v1/apps/{}/suspend", last.unwrap());
    let _: Value = manager.checker.post(&path, &json!({ "why": "test" })).await.unwrap();
    let path = format!("/internal/v1/snapshot?digest={}&wait_ms=20000", held.digest());
    let delta: Delta = gateway.get(&path).await.unwrap();
    assert_eq!(delta.from, Some(held.digest()));
    let changed = delta.upsert.iter().filter(|unit| !matches!(&***unit, Unit::Revocations(_))).count();
    assert_eq!((changed, delta.remove.len()), (0, 1));
    manager.remove().await.unwrap();
}
