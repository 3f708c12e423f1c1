//! Many tasks over one store: no update lost, no deadlock left to the caller.

use crate::words::{act, at, event};
use pano_store::{Store, StoreError, transact};
use pano_testkit::{TestStore, on_every_store};
use std::sync::Arc;
use tokio::task::JoinSet;

const TASKS: u64 = 8;
const ROUNDS: u64 = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_update_is_lost() {
    on_every_store(no_update_is_lost_on).await;
}

async fn no_update_is_lost_on(store: &TestStore) {
    let mut tasks = JoinSet::new();
    for task in 0..TASKS {
        tasks.spawn(work(store.store(), task));
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap().unwrap();
    }
    let all = TASKS * ROUNDS;
    let mut unit = store.store().begin().await.unwrap();
    assert_eq!(unit.counter_next("left").await.unwrap(), all + 1);
    assert_eq!(unit.counter_next("right").await.unwrap(), all + 1);
    drop(unit);
    let mut unit = store.store().read().await.unwrap();
    let verified = unit.audit_verify(&[]).await.unwrap();
    assert_eq!((verified.good, verified.broken), (all, None));
    let events = unit.outbox_take(0, 1000).await.unwrap();
    assert!(events.iter().map(|q| q.seq).eq(1..=all), "no event lost, no gap");
}

/// Each round takes two locks and then everything that has a sequence. In the first round one task takes the locks in
/// the other order, so that PostgreSQL has deadlocks to break up (after its `deadlock_timeout` of a second each: one round is
/// enough).
async fn work(store: Arc<dyn Store>, task: u64) -> Result<(), StoreError> {
    for round in 0..ROUNDS {
        let counters = if round > 0 || task > 0 { ["left", "right"] } else { ["right", "left"] };
        transact::<_, StoreError, _>(store.as_ref(), |mut work| {
            Box::pin(async move {
                for counter in counters {
                    work.counter_next(counter).await?;
                }
                work.audit_append(act("a.b", "c", 0)).await?;
                work.outbox_add(event(task * ROUNDS + round)).await
            })
        })
        .await?;
    }
    Ok(())
}

/// A reader that follows the outbox must never find that something appeared behind it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn events_never_appear_behind_a_reader() {
    on_every_store(events_never_appear_behind_a_reader_on).await;
}

async fn events_never_appear_behind_a_reader_on(store: &TestStore) {
    let mut tasks = JoinSet::new();
    for task in 0..TASKS {
        let store = store.store();
        tasks.spawn(async move {
            for round in 0..ROUNDS {
                transact::<_, StoreError, _>(store.as_ref(), |mut work| {
                    Box::pin(async move { work.outbox_add(event(task * ROUNDS + round)).await })
                })
                .await?;
            }
            Ok::<_, StoreError>(())
        });
    }
    let mut after = 0;
    while after < TASKS * ROUNDS {
        let seq = store.store().change_seq().await.unwrap();
        for queued in store.store().read().await.unwrap().outbox_take(after, 7).await.unwrap() {
            assert_eq!(queued.seq, after + 1);
            after = queued.seq;
        }
        assert!(seq <= TASKS * ROUNDS);
        tokio::task::yield_now().await;
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap().unwrap();
    }
}

/// Two managers, or one that shipped twice: of two units with the same stretch of a log, one is counted.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_with_the_same_cursor_one_moves_it() {
    on_every_store(async |store| {
        let mut tasks = JoinSet::new();
        for _ in 0..TASKS {
            let store = store.store();
            tasks.spawn(async move {
                let mut unit = store.begin().await?;
                unit.consumer_cursor_move("relay", 0, 10, at(0)).await?;
                unit.save().await
            });
        }
        let mut moved = 0;
        while let Some(done) = tasks.join_next().await {
            match done.unwrap() {
                Ok(()) => moved += 1,
                Err(StoreError::CursorMismatch { actual: 10 }) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
        assert_eq!(moved, 1);
    })
    .await;
}
