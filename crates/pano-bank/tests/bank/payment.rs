//! Payments that go through.

use crate::support::{Bank, accounts, balances, domestic, transfer};
use pano_testkit::on_every_store;
use serde_json::json;
use std::time::Duration;

const INTERNAL: &str = "/payment-order/v1/internal-transfers";
const DOMESTIC: &str = "/payment-order/v1/domestic-payments";

fn fen(amount: &str) -> i64 {
    amount.replace('.', "").parse().unwrap()
}

#[tokio::test]
async fn a_transfer_moves_money_once() {
    on_every_store(async |store| {
        let bank = Bank::start(store.store()).await;
        let caller = bank.caller();
        let open = accounts(&caller).await;
        let (from, to) = (&open[0], &open[1]);
        let (before_from, before_to) = (balances(&caller, from).await, balances(&caller, to).await);
        let order = transfer(from, to, "88.00");
        let made = caller.post(INTERNAL, "key-1", &order).await;
        assert_eq!((made.status, &made.json["status"]), (201, &json!("ACSC")), "{made:?}");
        assert!(!made.headers.contains_key("idempotency-replayed"));
        let id = made.json["paymentId"].as_str().unwrap();
        assert_eq!(made.headers["location"], format!("payments/{id}"));

        let again = caller.post(INTERNAL, "key-1", &order).await;
        assert_eq!((again.status, &again.json), (201, &made.json));
        assert_eq!(again.headers["idempotency-replayed"], "true");
        let reused = caller.post(INTERNAL, "key-1", &transfer(from, to, "88.01")).await;
        assert_eq!((reused.status, reused.code()), (422, "idempotency.key_reused"));
        let elsewhere = caller.post(DOMESTIC, "key-1", &domestic(from, "1.00", "IBPS")).await;
        assert_eq!(elsewhere.code(), "idempotency.key_reused");

        let (after_from, after_to) = (balances(&caller, from).await, balances(&caller, to).await);
        assert_eq!(fen(&before_from.0) - fen(&after_from.0), 8_800);
        assert_eq!(fen(&after_to.1) - fen(&before_to.1), 8_800);
        let newest = caller.get(&format!("/current-account/v1/accounts/{from}/transactions?limit=1")).await;
        assert_eq!(newest.json["items"][0]["transactionId"], made.json["transactionId"]);
        assert_eq!(newest.json["items"][0]["narrative"], "转账 Transfer: 房租 Rent");
        let read = caller.get(&format!("/payment-order/v1/payments/{id}")).await;
        assert_eq!(read.json, made.json);
        let status = caller.get(&format!("/payment-order/v1/payments/{id}/status")).await;
        assert_eq!(status.json, json!({ "paymentId": id, "status": "ACSC" }));

        // What one app ordered does not exist for another, nor do its keys.
        let other = crate::support::Caller::new(&bank.handle.url(), crate::support::GATEWAY, "app_two");
        let hidden = other.get(&format!("/payment-order/v1/payments/{id}")).await;
        assert_eq!((hidden.status, hidden.code()), (404, "bank.payment_not_found"));
        assert_eq!(other.get("/payment-order/v1/payments").await.json["items"], json!([]));
        assert_eq!(other.post(INTERNAL, "key-1", &transfer(from, to, "1.00")).await.status, 201);
        bank.assert_books().await;
        bank.handle.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_bulk_payment_is_held_until_the_next_round() {
    on_every_store(async |store| {
        let bank = Bank::start(store.store()).await;
        let caller = bank.caller();
        let from = accounts(&caller).await.remove(0);
        let before = balances(&caller, &from).await;
        let made = caller.post(DOMESTIC, "bulk", &domestic(&from, "1200.00", "BEPS")).await;
        assert_eq!((made.status, &made.json["status"]), (201, &json!("ACSP")), "{made:?}");
        let held = balances(&caller, &from).await;
        assert_eq!(held.0, before.0, "nothing is booked yet");
        assert_eq!(fen(&before.1) - fen(&held.1), 120_000);
        bank.assert_books().await;

        // The rounds of the bulk system come every ten seconds; this one is booked at its time, whenever that is noticed.
        bank.clock.advance(Duration::from_secs(60));
        let after = balances(&caller, &from).await;
        assert_eq!((fen(&before.0) - fen(&after.0), &after.1), (120_000, &held.1));
        let id = made.json["paymentId"].as_str().unwrap();
        let read = caller.get(&format!("/payment-order/v1/payments/{id}")).await;
        assert_eq!(read.json["status"], "ACSC");
        assert_eq!(read.json["settledAt"], "2026-03-02T02:15:10Z");
        bank.assert_books().await;

        let at_once = caller.post(DOMESTIC, "real-time", &domestic(&from, "10.00", "IBPS")).await;
        assert_eq!((at_once.status, &at_once.json["status"]), (201, &json!("ACSC")));
        let page = caller.get("/payment-order/v1/payments?limit=1").await;
        assert_eq!(page.json["items"][0], at_once.json);
        let next = page.json["nextCursor"].as_str().unwrap();
        let page = caller.get(&format!("/payment-order/v1/payments?limit=1&cursor={next}")).await;
        assert_eq!(page.json["items"][0]["paymentId"], id);
        bank.assert_books().await;
        bank.handle.stop().await;
    })
    .await;
}
