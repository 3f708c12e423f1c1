//! How sandboxes are kept: images that come and go, two banks on one store, what is due while nobody calls, failing writes.

use crate::support::{Bank, Caller, GATEWAY, accounts, balances, domestic, transfer};
use http::Method;
use pano_testkit::{TestStore, on_every_store};
use pano_types::Instant;
use pano_types::clock::SeededEntropy;
use pano_types::id::PartnerId;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::task::JoinSet;

const INTERNAL: &str = "/payment-order/v1/internal-transfers";
const DOMESTIC: &str = "/payment-order/v1/domestic-payments";

fn partner(n: u64) -> String {
    PartnerId::new(Instant::from_unix_micros(0), &SeededEntropy::new(n)).to_string()
}

fn fen(amount: &str) -> i64 {
    amount.replace('.', "").parse().unwrap()
}

/// More partners than images, all at once: each finds its sandbox as it left it, however often it was sent away.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn images_leave_and_come_back() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start_with(store.store(), |options| options.sandboxes_in_memory = 2).await;
    let open = accounts(&bank.caller()).await;
    let mut tasks = JoinSet::new();
    for n in 0..6 {
        let caller = Caller::of(&bank.handle.url(), GATEWAY, "app", &partner(n));
        let (from, to) = (open[0].clone(), open[1].clone());
        tasks.spawn(async move {
            let before = fen(&balances(&caller, &from).await.0);
            for round in 0..8i64 {
                let paid = caller.post(INTERNAL, &format!("k-{round}"), &transfer(&from, &to, "1.00")).await;
                assert_eq!(paid.status, 201);
                assert_eq!(before - fen(&balances(&caller, &from).await.0), (round + 1) * 100);
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    bank.assert_books().await;
    bank.handle.stop().await;
}

/// Two banks on one database, called for the same partner at the same time: neither loses or repeats what the other did.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_banks_share_a_database() {
    let Some(store) = TestStore::postgres().await.unwrap() else { return };
    let banks = [Bank::start(store.store()).await, Bank::start(store.store()).await];
    let open = accounts(&banks[0].caller()).await;
    assert_eq!(accounts(&banks[1].caller()).await, open);
    let before = fen(&balances(&banks[1].caller(), &open[0]).await.0);
    let mut tasks = JoinSet::new();
    for n in 0..24usize {
        // The same key through both banks: a client that tried elsewhere.
        let (one, two) = (banks[n % 2].caller(), banks[(n + 1) % 2].caller());
        let order = transfer(&open[0], &open[1], "1.00");
        tasks.spawn(async move {
            let key = format!("k-{n}");
            let (one, two) = tokio::join!(one.post(INTERNAL, &key, &order), two.post(INTERNAL, &key, &order));
            for answer in [&one, &two] {
                assert!(answer.status == 201 || answer.status == 503, "{answer:?}");
            }
            if one.status == 201 && two.status == 201 {
                assert_eq!(one.json["paymentId"], two.json["paymentId"]);
            }
            usize::from(one.status == 201 || two.status == 201)
        });
    }
    let paid = tasks.join_all().await.into_iter().sum::<usize>();
    assert!(paid > 0);
    let page = banks[0].caller().get("/payment-order/v1/payments?limit=200").await;
    let kept = page.json["items"].as_array().unwrap().len();
    assert!(kept >= paid, "{kept} kept, {paid} answered");
    for bank in &banks {
        let after = fen(&balances(&bank.caller(), &open[0]).await.0);
        assert_eq!(before - after, i64::try_from(kept).unwrap() * 100, "both see all of it");
        bank.assert_books().await;
    }
    for bank in banks {
        bank.handle.stop().await;
    }
}

#[tokio::test]
async fn what_is_due_is_done_although_nobody_calls() {
    on_every_store(async |store| {
        let bank = Bank::start_with(store.store(), |options| options.due_interval = Duration::from_millis(20)).await;
        let caller = bank.caller();
        let from = accounts(&caller).await.remove(0);
        assert_eq!(caller.post(DOMESTIC, "bulk", &domestic(&from, "12.00", "BEPS")).await.json["status"], "ACSP");
        let sandbox = async || {
            let mut unit = store.store().read().await.unwrap();
            unit.bank_sandbox_list(&pano_types::PageRequest::default()).await.unwrap().items.remove(0)
        };
        let before = sandbox().await;
        bank.clock.advance(Duration::from_secs(30));
        let begun = std::time::Instant::now();
        while sandbox().await.version == before.version {
            assert!(begun.elapsed() < Duration::from_secs(30), "nobody woke it");
            tokio::task::yield_now().await;
        }
        let after = sandbox().await;
        assert_eq!(after.transactions, before.transactions + 1);
        assert_eq!(after.events, 2, "accepted and settled");
        bank.handle.stop().await;
    })
    .await;
}

/// A write that fails is told, leaves nothing, and the next one goes through.
#[tokio::test]
async fn a_failed_write_leaves_nothing() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let open = accounts(&caller).await;
    let before = balances(&caller, &open[0]).await;
    let mut failed = 0;
    let paid = loop {
        // The write breaks off after so many of its statements.
        store.log().fail_after(failed);
        let answer = caller.post(INTERNAL, "key", &transfer(&open[0], &open[1], "5.00")).await;
        store.log().fail_after(u64::MAX);
        if answer.status == 201 {
            break answer;
        }
        assert_eq!((answer.status, answer.code()), (503, "unavailable"), "after {failed} statements");
        assert_eq!(balances(&caller, &open[0]).await, before, "after {failed} statements");
        failed += 1;
    };
    assert!(failed >= 4, "{failed}");
    assert!(!paid.headers.contains_key("idempotency-replayed"));
    bank.assert_books().await;
    bank.handle.stop().await;
}

/// A restoration that breaks off leaves the sandbox as it was, with its clock.
#[tokio::test]
async fn a_restoration_is_done_as_a_whole_or_not_at_all() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let open = accounts(&caller).await;
    let then = balances(&caller, &open[0]).await;
    let snapshot = "/sandbox-control/v1/snapshots/then";
    let put = async |path: &str, body: Option<&Value>| caller.send(Method::PUT, path, &[], body).await.unwrap();
    assert_eq!(put(snapshot, None).await.status, 200);
    assert_eq!(caller.post(INTERNAL, "key", &transfer(&open[0], &open[1], "5.00")).await.status, 201);
    let later = json!({ "time": "2026-03-05T00:00:00Z" });
    assert_eq!(put("/sandbox-control/v1/sandbox/clock", Some(&later)).await.status, 200);
    let stands = async || caller.get("/sandbox-control/v1/sandbox").await.json;
    let (before, now) = (stands().await, balances(&caller, &open[0]).await);
    let mut failed = 0;
    loop {
        // It breaks off after so many of its statements.
        store.log().fail_after(failed);
        let answer = put(&format!("{snapshot}/restoration"), None).await;
        store.log().fail_after(u64::MAX);
        if answer.status == 200 {
            break;
        }
        assert_eq!((stands().await, balances(&caller, &open[0]).await), (before.clone(), now.clone()), "{failed}");
        failed += 1;
    }
    assert!(failed >= 8, "{failed}");
    assert_eq!(stands().await["time"], "2026-03-02T02:15:00Z");
    assert_eq!(balances(&caller, &open[0]).await, then);
    bank.assert_books().await;
    bank.handle.stop().await;
}
