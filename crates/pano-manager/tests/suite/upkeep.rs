//! What is old is forgotten by itself, as the retention says, and nothing that somebody still needs.

use crate::{partner, post_with};
use pano_manager::Retention;
use pano_snapshot::AccessRecord;
use pano_snapshot::protocol::RecordBatch;
use pano_store_sql::testing;
use pano_testkit::{TestManager, TestStore};
use pano_types::Clock as _;
use pano_types::Instant;
use pano_types::clock::FakeClock;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3_600);

async fn count(manager: &TestManager, table: &str) -> u64 {
    let sql = format!("SELECT CAST(COUNT(*) AS TEXT) FROM {table}");
    testing::texts(manager.store.sql(), &sql).await.unwrap()[0].parse().unwrap()
}

/// Waits until the table has so many rows.
async fn until(manager: &TestManager, table: &str, rows: u64) {
    let begun = std::time::Instant::now();
    while count(manager, table).await != rows {
        assert!(begun.elapsed().as_secs() < 20, "{table} has {} rows", count(manager, table).await);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn record(n: u64, at: Instant) -> AccessRecord {
    AccessRecord {
        id: format!("gw-{n}"),
        at,
        trace_id: format!("{n:032x}"),
        client: "127.0.0.1".into(),
        method: "GET".into(),
        route: Some("/accounts/{id}".into()),
        api: None,
        version: None,
        operation: None,
        app: None,
        partner: None,
        subscription: None,
        status: 200,
        code: None,
        accepted: true,
        bytes_in: 0,
        bytes_out: 0,
        duration_us: 1,
        upstream_us: None,
        attempts: 1,
    }
}

async fn forgotten_in_time(store: TestStore) {
    let clock = Arc::new(FakeClock::at(Instant::from_unix_seconds(1_800_000_000)));
    let manager = TestManager::start_on(store, Arc::clone(&clock) as Arc<_>, |options| {
        options.poll = Duration::from_millis(5);
        options.retention = Retention {
            every: Duration::from_millis(10),
            records_for: HOUR * 48,
            records_max: 30,
            answers_for: HOUR,
            events_kept: 4,
        };
    })
    .await
    .unwrap();
    let gateway = manager.role("gateway").unwrap();
    let batch = |from: u64, to: u64| RecordBatch {
        gateway: "gw-a".into(),
        from,
        to,
        records: (from..to).map(|n| record(n, clock.now())).collect(),
    };
    for n in 0..8 {
        let key = [("idempotency-key", format!("key-{n}"))];
        let key = [(key[0].0, key[0].1.as_str())];
        let made = post_with(&manager.maker, "/admin/v1/partners", &key, &partner(&format!("p-{n}"))).await;
        assert_eq!(made.status, 201);
    }
    // Events that are on the log, except the newest four.
    until(&manager, "outbox", 4).await;
    // More records than are kept: the newest stay.
    let _: Value = gateway.post("/internal/v1/access-records", &batch(0, 50)).await.unwrap();
    until(&manager, "access_record", 30).await;
    assert_eq!(count(&manager, "remembered_answer").await, 8);
    // An answer's time passes, a record's does not.
    clock.advance(HOUR + Duration::from_secs(1));
    until(&manager, "remembered_answer", 0).await;
    assert_eq!(count(&manager, "access_record").await, 30);
    let _: Value = gateway.post("/internal/v1/access-records", &batch(50, 55)).await.unwrap();
    clock.advance(HOUR * 47);
    until(&manager, "access_record", 5).await;
    // What was counted stays, and so does the chain.
    let usage: Value = manager.checker.get("/admin/v1/usage").await.unwrap();
    assert_eq!(usage["totals"]["requests"], 55);
    let verified: Value = manager.checker.get("/admin/v1/audit/verify").await.unwrap();
    assert_eq!(verified["whole"], true);
    manager.remove().await.unwrap();
}

#[tokio::test]
async fn what_is_old_is_forgotten_on_sqlite() {
    forgotten_in_time(TestStore::sqlite().await.unwrap()).await;
}

#[tokio::test]
async fn what_is_old_is_forgotten_on_postgres() {
    let Some(store) = TestStore::postgres().await.unwrap() else { return };
    forgotten_in_time(store).await;
}
