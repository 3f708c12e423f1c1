//! Cases of `pano_store::gateway`.

use crate::words::at;
use pano_snapshot::protocol::GatewayReport;
use pano_store::StoreError;
use pano_store::gateway::Gateway;
use pano_testkit::TestStore;

cases! { the_last_report_counts, a_gone_gateway_is_forgotten, numbers_beyond_63_bits_are_refused }

fn report(name: &str, revision: u64) -> GatewayReport {
    GatewayReport {
        gateway: name.into(),
        version: "0.1.0".into(),
        started_at: at(0),
        digest: (revision > 0).then(|| format!("{revision:064x}")),
        revision,
        last_error: (revision == 2).then(|| "digest mismatch".into()),
    }
}

async fn the_last_report_counts(store: &TestStore) {
    let mut unit = store.store().begin().await.unwrap();
    for (name, revision, seconds) in [("b", 0, 1), ("a", 1, 2), ("b", 2, 3)] {
        unit.gateway_report(&report(name, revision), at(seconds)).await.unwrap();
    }
    unit.save().await.unwrap();
    let listed = store.store().read().await.unwrap().gateway_list().await.unwrap();
    let a = Gateway { report: report("a", 1), first_seen_at: at(2), last_seen_at: at(2) };
    let b = Gateway { report: report("b", 2), first_seen_at: at(1), last_seen_at: at(3) };
    assert_eq!(listed, [a, b]);
}

async fn a_gone_gateway_is_forgotten(store: &TestStore) {
    let mut unit = store.store().begin().await.unwrap();
    unit.gateway_report(&report("a", 1), at(0)).await.unwrap();
    assert!(unit.gateway_forget("a").await.unwrap());
    assert!(!unit.gateway_forget("a").await.unwrap());
    assert_eq!(unit.gateway_list().await.unwrap(), []);
}

async fn numbers_beyond_63_bits_are_refused(store: &TestStore) {
    let mut unit = store.store().begin().await.unwrap();
    assert!(matches!(unit.gateway_report(&report("a", u64::MAX), at(0)).await, Err(StoreError::Unstorable { .. })));
}
