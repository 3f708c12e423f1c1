//! Cases of `pano_store::outbox`.

use crate::words::{at, event};
use pano_store::{Store as _, StoreError};
use pano_testkit::TestStore;

cases! { events_are_taken_in_order, a_dropped_event_leaves_no_gap, consumers_move_on_by_compare_and_set, pruning_spares_the_slowest }

async fn add(store: &TestStore, numbers: std::ops::RangeInclusive<u64>) {
    let mut unit = store.store().begin().await.unwrap();
    for n in numbers {
        unit.outbox_add(event(n)).await.unwrap();
    }
    unit.save().await.unwrap();
}

async fn events_are_taken_in_order(store: &TestStore) {
    assert_eq!(store.sql().change_seq().await.unwrap(), 0);
    add(store, 1..=5).await;
    assert_eq!(store.sql().change_seq().await.unwrap(), 5);
    let mut unit = store.store().read().await.unwrap();
    let taken = unit.outbox_take(1, 3).await.unwrap();
    assert_eq!(taken.iter().map(|q| q.seq).collect::<Vec<_>>(), [2, 3, 4]);
    assert_eq!(taken[0].event, event(2));
    assert_eq!(unit.outbox_take(5, 3).await.unwrap(), []);
}

async fn a_dropped_event_leaves_no_gap(store: &TestStore) {
    let mut unit = store.store().begin().await.unwrap();
    unit.outbox_add(event(1)).await.unwrap();
    drop(unit);
    add(store, 2..=2).await;
    let taken = store.store().read().await.unwrap().outbox_take(0, 10).await.unwrap();
    assert_eq!(taken.iter().map(|q| (q.seq, q.event.id)).collect::<Vec<_>>(), [(1, event(2).id)]);
}

async fn consumers_move_on_by_compare_and_set(store: &TestStore) {
    for (from, to, outcome) in [(0, 3, Ok(3)), (0, 4, Err(3)), (3, 3, Ok(3)), (3, 9, Ok(9)), (12, 13, Err(9))] {
        let mut unit = store.store().begin().await.unwrap();
        let moved = unit.consumer_cursor_move("relay", from, to, at(0)).await;
        match (moved, outcome) {
            (Ok(()), Ok(_)) => unit.save().await.unwrap(),
            (Err(StoreError::CursorMismatch { actual }), Err(expected)) => assert_eq!(actual, expected),
            other => panic!("{from} to {to}: {other:?}"),
        }
        let expected = outcome.unwrap_or_else(|actual| actual);
        assert_eq!(store.store().read().await.unwrap().consumer_cursor("relay").await.unwrap(), expected);
    }
    let mut unit = store.store().begin().await.unwrap();
    assert!(matches!(unit.consumer_cursor_move("relay", 9, 8, at(0)).await, Err(StoreError::Unstorable { .. })));
    assert_eq!(store.store().read().await.unwrap().consumer_cursor("new").await.unwrap(), 0);
}

async fn pruning_spares_the_slowest(store: &TestStore) {
    add(store, 1..=6).await;
    let mut unit = store.store().begin().await.unwrap();
    assert_eq!(unit.outbox_prune(6, 10).await.unwrap(), 0, "nobody has read anything");
    unit.consumer_cursor_move("fast", 0, 6, at(0)).await.unwrap();
    unit.consumer_cursor_move("slow", 0, 4, at(0)).await.unwrap();
    assert_eq!(unit.outbox_prune(6, 3).await.unwrap(), 3);
    assert_eq!(unit.outbox_prune(6, 3).await.unwrap(), 1);
    assert_eq!(unit.outbox_prune(6, 3).await.unwrap(), 0);
    unit.save().await.unwrap();
    let left = store.store().read().await.unwrap().outbox_take(0, 10).await.unwrap();
    assert_eq!(left.iter().map(|q| q.seq).collect::<Vec<_>>(), [5, 6]);
    assert_eq!(store.sql().change_seq().await.unwrap(), 6, "the sequence goes on");
}
