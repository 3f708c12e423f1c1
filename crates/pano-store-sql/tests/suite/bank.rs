//! Cases of `pano_store::bank`.

use pano_store::bank::{EntityRow, Sandbox, SandboxEvent, Snapshot, Step};
use pano_store::{Store, StoreError};
use pano_testkit::TestStore;
use pano_types::clock::SeededEntropy;
use pano_types::id::{EventId, ImageId, PartnerId, SandboxId};
use pano_types::{Instant, PageRequest};
use std::time::Duration;

cases! {
    a_partner_has_one_sandbox,
    of_two_writers_one_finds_it_moved,
    what_an_image_holds_comes_back_in_order,
    an_image_is_copied_and_dropped_apart,
    what_is_due_is_found,
    events_are_read_in_their_order,
    snapshots_have_names,
    two_processes_write_one_after_the_other,
}

const AT: Instant = Instant::from_unix_micros(1_770_000_000_000_000);

fn sandbox(n: u64) -> Sandbox {
    Sandbox {
        id: SandboxId::new(AT.plus(Duration::from_secs(n)), &SeededEntropy::new(n)),
        partner: PartnerId::new(AT, &SeededEntropy::new(n)),
        scenario: "everyone".to_owned(),
        version: 1,
        image: image(n),
        transactions: 0,
        events: 0,
        due_at: None,
        created_at: AT,
        changed_at: AT,
    }
}

fn image(n: u64) -> ImageId {
    ImageId::new(AT, &SeededEntropy::new(n))
}

fn step(sandbox: &Sandbox) -> Step {
    Step {
        id: sandbox.id,
        from: sandbox.version,
        scenario: "family".to_owned(),
        image: sandbox.image,
        transactions: 7,
        events: 3,
        due_at: Some(AT.plus(Duration::from_secs(60))),
        changed_at: AT.plus(Duration::from_secs(1)),
    }
}

fn entity(kind: &str, n: u32, body: &str) -> EntityRow {
    EntityRow { kind: kind.to_owned(), id: format!("{n:04}"), body: format!("{{\"全景\":\"{body}\"}}") }
}

async fn add(store: &dyn Store, n: u64) -> Sandbox {
    let sandbox = sandbox(n);
    let mut unit = store.begin().await.unwrap();
    unit.bank_sandbox_add(&sandbox).await.unwrap();
    unit.save().await.unwrap();
    sandbox
}

async fn entities(store: &dyn Store, image: ImageId) -> Vec<EntityRow> {
    store.read().await.unwrap().bank_entity_load(image, None, 1_000).await.unwrap()
}

async fn a_partner_has_one_sandbox(test: &TestStore) {
    let store = &*test.store();
    let (one, two) = (add(store, 1).await, add(store, 2).await);
    let mut unit = store.begin().await.unwrap();
    let second = Sandbox { id: sandbox(9).id, ..one.clone() };
    let refused = unit.bank_sandbox_add(&second).await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })), "{refused:?}");
    drop(unit);
    let mut unit = store.read().await.unwrap();
    assert_eq!(unit.bank_sandbox(one.id).await.unwrap(), Some(one.clone()));
    assert_eq!(unit.bank_sandbox_of(two.partner).await.unwrap(), Some(two.clone()));
    assert_eq!(unit.bank_sandbox(sandbox(9).id).await.unwrap(), None);
    assert_eq!(unit.bank_sandbox_of(sandbox(9).partner).await.unwrap(), None);
    let page = unit.bank_sandbox_list(&PageRequest::new(None, Some(1))).await.unwrap();
    assert_eq!(page.items, [one]);
    let page = unit.bank_sandbox_list(&PageRequest::new(page.next, Some(1))).await.unwrap();
    assert_eq!((page.items, page.next), (vec![two], None));
}

async fn of_two_writers_one_finds_it_moved(test: &TestStore) {
    let store = &*test.store();
    let one = add(store, 1).await;
    let mut unit = store.begin().await.unwrap();
    assert!(unit.bank_sandbox_step(&step(&one)).await.unwrap());
    unit.save().await.unwrap();
    let mut unit = store.begin().await.unwrap();
    assert!(!unit.bank_sandbox_step(&step(&one)).await.unwrap(), "it stands at 2");
    let gone = Step { id: sandbox(2).id, ..step(&one) };
    assert!(!unit.bank_sandbox_step(&gone).await.unwrap());
    unit.save().await.unwrap();
    let Step { scenario, image, transactions, events, due_at, changed_at, .. } = step(&one);
    let moved = Sandbox { version: 2, scenario, image, transactions, events, due_at, changed_at, ..one };
    assert_eq!(store.read().await.unwrap().bank_sandbox(moved.id).await.unwrap(), Some(moved));
}

async fn what_an_image_holds_comes_back_in_order(test: &TestStore) {
    let store = &*test.store();
    let mut unit = store.begin().await.unwrap();
    // More than one statement's rows, in no order.
    let many: Vec<_> = (0..100).rev().map(|n| entity("thing", n, "first")).collect();
    unit.bank_entity_put(image(1), &many).await.unwrap();
    unit.bank_entity_put(image(1), &[entity("other", 5, "x"), entity("thing", 7, "second")]).await.unwrap();
    unit.bank_entity_put(image(2), &[entity("thing", 7, "elsewhere")]).await.unwrap();
    let gone = [("thing".to_owned(), "0008".to_owned()), ("thing".to_owned(), "none".to_owned())];
    unit.bank_entity_remove(image(1), &gone).await.unwrap();
    let bodies: Vec<_> = (1..=100).map(|n| format!("[{n}]")).collect();
    unit.bank_transaction_append(image(1), 1, &bodies[..30]).await.unwrap();
    unit.bank_transaction_append(image(1), 31, &bodies[30..]).await.unwrap();
    unit.bank_transaction_append(image(2), 1, &bodies[..1]).await.unwrap();
    unit.save().await.unwrap();

    let (mut unit, mut seen) = (store.read().await.unwrap(), Vec::<EntityRow>::new());
    loop {
        let after = seen.last().cloned();
        let after = after.as_ref().map(|row| (row.kind.as_str(), row.id.as_str()));
        let rows = unit.bank_entity_load(image(1), after, 33).await.unwrap();
        if rows.is_empty() {
            break;
        }
        seen.extend(rows);
    }
    let mut want: Vec<_> = (0..100).filter(|n| *n != 8).map(|n| entity("thing", n, "first")).collect();
    want[7] = entity("thing", 7, "second");
    want.insert(0, entity("other", 5, "x"));
    assert_eq!(seen, want);
    let rows = unit.bank_transaction_load(image(1), 98, 10).await.unwrap();
    assert_eq!(rows, [(98, "[98]".to_owned()), (99, "[99]".to_owned()), (100, "[100]".to_owned())]);
    assert_eq!(unit.bank_transaction_load(image(1), 1, 2).await.unwrap().len(), 2);
    drop(unit);
    // A number that is taken is a defect, and is not overwritten.
    let mut unit = store.begin().await.unwrap();
    let taken = unit.bank_transaction_append(image(1), 100, &bodies[..1]).await;
    assert!(matches!(taken, Err(StoreError::Conflict { .. })), "{taken:?}");
}

async fn an_image_is_copied_and_dropped_apart(test: &TestStore) {
    let store = &*test.store();
    let mut unit = store.begin().await.unwrap();
    unit.bank_entity_put(image(1), &[entity("thing", 1, "a"), entity("thing", 2, "b")]).await.unwrap();
    unit.bank_transaction_append(image(1), 1, &["[1]".to_owned()]).await.unwrap();
    unit.bank_image_copy(image(1), image(2)).await.unwrap();
    unit.bank_entity_put(image(1), &[entity("thing", 1, "changed")]).await.unwrap();
    unit.save().await.unwrap();
    assert_eq!(entities(store, image(2)).await, [entity("thing", 1, "a"), entity("thing", 2, "b")]);
    let mut unit = store.begin().await.unwrap();
    unit.bank_image_drop(image(1)).await.unwrap();
    unit.save().await.unwrap();
    assert_eq!(entities(store, image(1)).await, []);
    let mut unit = store.read().await.unwrap();
    assert_eq!(unit.bank_transaction_load(image(1), 1, 9).await.unwrap(), []);
    assert_eq!(unit.bank_transaction_load(image(2), 1, 9).await.unwrap(), [(1, "[1]".to_owned())]);
}

async fn what_is_due_is_found(test: &TestStore) {
    let store = &*test.store();
    let all = [add(store, 1).await, add(store, 2).await, add(store, 3).await, add(store, 4).await];
    let mut unit = store.begin().await.unwrap();
    for (sandbox, seconds) in all.iter().zip([30u64, 10, 20]) {
        let due_at = Some(AT.plus(Duration::from_secs(seconds)));
        assert!(unit.bank_sandbox_step(&Step { due_at, ..step(sandbox) }).await.unwrap());
    }
    unit.save().await.unwrap();
    let mut unit = store.read().await.unwrap();
    for (seconds, limit, want) in [(5, 9, vec![]), (20, 9, vec![1, 2]), (60, 2, vec![1, 2]), (60, 9, vec![1, 2, 0])] {
        let due = unit.bank_sandbox_due(AT.plus(Duration::from_secs(seconds)), limit).await.unwrap();
        let want: Vec<_> = want.into_iter().map(|place: usize| all[place].id).collect();
        assert_eq!(due.into_iter().map(|sandbox| sandbox.id).collect::<Vec<_>>(), want, "{seconds} {limit}");
    }
}

async fn events_are_read_in_their_order(test: &TestStore) {
    let store = &*test.store();
    let (one, two) = (add(store, 1).await, add(store, 2).await);
    let event = |seq: u64| SandboxEvent {
        seq,
        id: EventId::new(AT, &SeededEntropy::new(seq)),
        kind: "bank.payment.settled".to_owned(),
        subject: format!("pay_{seq}"),
        at: AT.plus(Duration::from_secs(seq)),
        data: serde_json::json!({ "n": seq }),
    };
    let mut unit = store.begin().await.unwrap();
    unit.bank_event_append(one.id, &(1..=9).map(event).collect::<Vec<_>>()).await.unwrap();
    unit.bank_event_append(two.id, &[event(1)]).await.unwrap();
    unit.save().await.unwrap();
    let mut unit = store.begin().await.unwrap();
    assert_eq!(unit.bank_event_list(one.id, 3, 2).await.unwrap(), [event(4), event(5)]);
    unit.bank_event_prune(one.id, 4).await.unwrap();
    assert_eq!(unit.bank_event_list(one.id, 0, 1).await.unwrap(), [event(5)]);
    assert_eq!(unit.bank_event_list(two.id, 0, 9).await.unwrap(), [event(1)]);
}

async fn snapshots_have_names(test: &TestStore) {
    let store = &*test.store();
    let one = add(store, 1).await;
    let snapshot = |name: &str, n: u64| Snapshot {
        sandbox: one.id,
        name: name.to_owned(),
        image: image(n),
        scenario: "family".to_owned(),
        transactions: n,
        created_at: AT,
        sandbox_time: AT.plus(Duration::from_secs(n)),
    };
    let mut unit = store.begin().await.unwrap();
    unit.bank_snapshot_add(&snapshot("开户后", 2)).await.unwrap();
    unit.bank_snapshot_add(&snapshot("before", 1)).await.unwrap();
    unit.save().await.unwrap();
    let mut unit = store.begin().await.unwrap();
    let again = unit.bank_snapshot_add(&snapshot("before", 3)).await;
    assert!(matches!(again, Err(StoreError::Conflict { .. })), "{again:?}");
    drop(unit);
    let mut unit = store.begin().await.unwrap();
    assert_eq!(unit.bank_snapshot_list(one.id).await.unwrap(), [snapshot("before", 1), snapshot("开户后", 2)]);
    assert_eq!(unit.bank_snapshot(one.id, "开户后").await.unwrap(), Some(snapshot("开户后", 2)));
    assert!(unit.bank_snapshot_remove(one.id, "before").await.unwrap());
    assert!(!unit.bank_snapshot_remove(one.id, "before").await.unwrap());
    assert_eq!(unit.bank_snapshot(one.id, "before").await.unwrap(), None);
}

/// Two units step the same sandbox at the same time: the second waits for the first and finds that it was late.
async fn two_processes_write_one_after_the_other(test: &TestStore) {
    let store = test.store();
    let one = add(&*store, 1).await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (store, step) = (std::sync::Arc::clone(&store), step(&one));
        tasks.spawn(async move {
            let step = &step;
            let moved = pano_store::transact(&*store, move |mut work| {
                Box::pin(async move { work.bank_sandbox_step(step).await })
            });
            moved.await.unwrap()
        });
    }
    let moved = tasks.join_all().await;
    assert_eq!(moved.into_iter().filter(|moved| *moved).count(), 1);
}
