//! What counting costs: a batch of 1,000 access records with its roll-ups and its cursor, in one saved unit on SQLite.

use criterion::{Criterion, criterion_group, criterion_main};
use pano_snapshot::AccessRecord;
use pano_snapshot::protocol::RecordBatch;
use pano_store::Store as _;
use pano_store_sql::{Location, SqlOptions, SqlStore};
use pano_types::Instant;
use pano_types::clock::SeededEntropy;
use pano_types::id::{ApiId, AppId, PartnerId};
use std::sync::atomic::{AtomicU64, Ordering};

const RECORDS: u64 = 1000;

/// 20 apps of 10 partners over 40 operations: some 800 counters a batch, far more than real traffic touches.
fn batch(from: u64) -> RecordBatch {
    let at = Instant::from_unix_seconds(1_772_352_000);
    let seed = SeededEntropy::new;
    let record = |n: u64| AccessRecord {
        id: format!("gateway-{n:012}"),
        at: Instant::from_unix_micros(at.unix_micros() + n as i64 * 1000),
        trace_id: format!("{n:032x}"),
        client: "192.0.2.1".into(),
        method: "GET".into(),
        route: Some("/current-account/v1/{accountid}/balances".into()),
        api: Some(ApiId::new(at, &seed(n % 4))),
        version: Some("14.0.0".into()),
        operation: Some(format!("operation{}", n % 40)),
        app: Some(AppId::new(at, &seed(n % 20))),
        partner: Some(PartnerId::new(at, &seed(n % 10))),
        subscription: None,
        status: if n.is_multiple_of(50) { 429 } else { 200 },
        code: None,
        accepted: true,
        bytes_in: 100,
        bytes_out: 1000,
        duration_us: 500,
        upstream_us: Some(400),
        attempts: 1,
    };
    RecordBatch {
        gateway: "gateway".into(),
        from,
        to: from + RECORDS,
        records: (from..from + RECORDS).map(record).collect(),
    }
}

fn usage_add(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime starts");
    let folder = tempfile::tempdir().expect("a folder can be made");
    let options = SqlOptions::new(Location::Folder(folder.path().to_owned()));
    let store = runtime.block_on(SqlStore::open(options)).expect("a store opens");
    let position = AtomicU64::new(0);
    criterion.bench_function("usage_add 1000 records, sqlite", |bench| {
        bench.iter(|| {
            let batch = batch(position.fetch_add(RECORDS, Ordering::Relaxed));
            runtime.block_on(async {
                let mut unit = store.begin().await.expect("the writer is free");
                unit.usage_add(&batch, Instant::default()).await.expect("the batch fits");
                unit.save().await.expect("the unit saves");
            });
        });
    });
}

criterion_group! { name = benches; config = Criterion::default().sample_size(20); targets = usage_add }
criterion_main!(benches);
