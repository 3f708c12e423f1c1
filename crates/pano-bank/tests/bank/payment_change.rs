//! Payments between own accounts, taken back, given back, and the hours of clearing.

use crate::support::{Bank, Caller, balances, cny, domestic, of_class, refused, transfer, with};
use pano_testkit::{TestStore, on_every_store};
use serde_json::{Value, json};
use std::time::Duration;

const INTERNAL: &str = "/payment-order/v1/internal-transfers";
const DOMESTIC: &str = "/payment-order/v1/domestic-payments";
const OWN: &str = "/payment-order/v1/own-account-transfers";
const PAYMENTS: &str = "/payment-order/v1/payments";

fn id(payment: &Value) -> &str {
    payment["paymentId"].as_str().unwrap()
}

async fn systems(caller: &Caller) -> Value {
    caller.get("/payment-order/v1/clearing-systems").await.json["items"].clone()
}

#[tokio::test]
async fn what_waits_can_be_taken_back_and_what_is_settled_cannot() {
    on_every_store(async |store| {
        let bank = Bank::start(store.store()).await;
        let caller = bank.caller();
        let (from, _) = of_class(&caller, "BUSINESS").await.remove(0);
        let before = balances(&caller, &from).await;
        // A quarter past ten in Beijing, a Monday: open. Three in the afternoon later it is closed.
        let now = caller.post(DOMESTIC, "now", &domestic(&from, "1000.00", "HVPS")).await;
        assert_eq!((now.status, &now.json["status"]), (201, &json!("ACSC")), "{}", now.json);
        bank.clock.advance(Duration::from_secs(7 * 3600));
        let hvps = systems(&caller).await[2].clone();
        assert_eq!(
            (&hvps["clearing"], &hvps["open"], &hvps["cutOffAt"]),
            (&json!("HVPS"), &json!(false), &json!("17:15"))
        );
        let late = caller.post(DOMESTIC, "late", &domestic(&from, "2000.00", "HVPS")).await;
        assert_eq!((&late.json["status"], &late.json["bookingDate"]), (&json!("ACSP"), &json!("2026-03-03")));
        assert_eq!(late.json["settlesAt"], hvps["nextSettlementAt"]);
        let held = caller.get(&format!("/current-account/v1/accounts/{from}/holds")).await;
        assert_eq!(held.json["items"][0]["amount"], cny("2000.00"));
        let second = caller.post(DOMESTIC, "second", &domestic(&from, "3000.00", "HVPS")).await;

        let path = format!("{PAYMENTS}/{}/cancellation", id(&late.json));
        let cancelled = caller.post(&path, "cancel", &json!({ "reason": "CUST" })).await;
        assert_eq!((&cancelled.json["status"], &cancelled.json["statusReason"]), (&json!("CANC"), &json!("CUST")));
        assert_eq!(caller.post(&path, "again", &json!({ "reason": "CUST" })).await.code(), "lifecycle.refused");
        assert_eq!(caller.post(&path, "odd", &json!({ "reason": "WHY" })).await.code(), "request.invalid");
        let settled = format!("{PAYMENTS}/{}/cancellation", id(&now.json));
        assert_eq!(caller.post(&settled, "settled", &json!({ "reason": "DUPL" })).await.code(), "lifecycle.refused");
        let limits = caller.get(&format!("/current-account/v1/accounts/{from}/limits")).await.json;
        assert_eq!(limits["outgoing"]["usedToday"], cny("4000.00"));
        bank.clock.advance(Duration::from_secs(16 * 3600));
        let read = caller.get(&format!("{PAYMENTS}/{}", id(&second.json))).await.json;
        assert_eq!((&read["status"], &read["settledAt"]), (&json!("ACSC"), &json!("2026-03-03T00:30:00Z")));
        let after = balances(&caller, &from).await;
        let less = before.0.replace('.', "").parse::<i64>().unwrap() - after.0.replace('.', "").parse::<i64>().unwrap();
        assert_eq!((less, after.0 == after.1 || before.0 != before.1), (400_000, true));
        bank.assert_books().await;
        bank.handle.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_refund_gives_back_at_most_what_was_paid() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let people = of_class(&caller, "I").await;
    let ((from, _), (to, _)) = (&people[0], &people[1]);
    let before = (balances(&caller, from).await, balances(&caller, to).await);
    let paid = caller.post(INTERNAL, "pay", &transfer(from, to, "88.00")).await;
    let path = format!("{PAYMENTS}/{}/refunds", id(&paid.json));
    let refund = json!({ "amount": cny("30.00"), "remittanceInformation": "押金 Deposit" });
    let given = caller.post(&path, "part", &refund).await;
    assert_eq!((given.status, &given.json["paymentType"]), (201, &json!("REFUND")), "{}", given.json);
    assert_eq!(given.json["originalPaymentId"], paid.json["paymentId"]);
    refused(
        &caller,
        &path,
        &[
            ("more than is left", with(refund.clone(), "/amount", cny("58.01")), 422, "bank.limit_exceeded"),
            ("zero", with(refund.clone(), "/amount", cny("0")), 422, "bank.amount_invalid"),
            ("dollars", with(refund.clone(), "/amount/currency", json!("USD")), 422, "bank.currency_mismatch"),
            ("unknown member", with(refund.clone(), "/why", json!("x")), 422, "request.invalid"),
        ],
    )
    .await;
    let again = format!("{PAYMENTS}/{}/refunds", id(&given.json));
    assert_eq!(caller.post(&again, "refund of a refund", &refund).await.code(), "lifecycle.refused");
    assert_eq!(caller.post(&path, "rest", &with(refund.clone(), "/amount", cny("58.00"))).await.status, 201);
    let read = caller.get(&format!("{PAYMENTS}/{}", id(&paid.json))).await.json;
    assert_eq!(read["refundedAmount"], cny("88.00"));
    assert_eq!((balances(&caller, from).await, balances(&caller, to).await), before);
    let other = caller.post(INTERNAL, "other", &transfer(from, to, "1.00")).await;
    bank.clock.advance(Duration::from_secs(181 * 86_400));
    let late = format!("{PAYMENTS}/{}/refunds", id(&other.json));
    assert_eq!(caller.post(&late, "late", &with(refund, "/amount", cny("1.00"))).await.code(), "lifecycle.refused");
    assert_eq!(
        caller.post(&format!("{PAYMENTS}/x/refunds"), "none", &json!({ "amount": cny("1") })).await.code(),
        "bank.payment_not_found"
    );
    bank.assert_books().await;
    bank.handle.stop().await;
}

#[tokio::test]
async fn own_accounts_are_those_of_one_owner() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let savings = caller.get("/savings-account/v1/savings-accounts").await.json["items"][0].clone();
    let (saved, owner) = (savings["savingsAccountId"].as_str().unwrap(), savings["ownerPartyId"].as_str().unwrap());
    let people = of_class(&caller, "I").await;
    let (own, _) = people.iter().find(|(_, of)| of == owner).unwrap();
    let (other, _) = people.iter().find(|(_, of)| of != owner).unwrap();
    let good = json!({ "debtorAccountId": own, "creditorAccountId": saved, "amount": cny("60000.00") });
    // More than a payment may carry to others.
    let moved = caller.post(OWN, "own", &with(good.clone(), "/amount", cny("50000.01"))).await;
    assert_eq!((moved.status, &moved.json["paymentType"]), (201, &json!("OWN_ACCOUNT")), "{}", moved.json);
    refused(
        &caller,
        OWN,
        &[
            ("another's", with(good.clone(), "/creditorAccountId", json!(other)), 404, "bank.account_not_found"),
            ("the same", with(good.clone(), "/creditorAccountId", json!(own)), 422, "bank.same_account"),
            ("too much", with(good.clone(), "/amount", cny("99999999.00")), 422, "bank.insufficient_funds"),
            ("dollars", with(good.clone(), "/amount/currency", json!("USD")), 422, "bank.currency_mismatch"),
            ("unknown member", with(good.clone(), "/fee", json!("1")), 422, "request.invalid"),
        ],
    )
    .await;
    // Savings pay nobody else.
    let pay = caller.post(INTERNAL, "from savings", &transfer(saved, other, "1.00")).await;
    assert_eq!((pay.status, pay.code()), (404, "bank.account_not_found"));
    let listed = systems(&caller).await;
    let codes: Vec<_> = listed.as_array().unwrap().iter().map(|system| system["clearing"].as_str().unwrap()).collect();
    assert_eq!(codes, ["BEPS", "BOOK", "HVPS", "IBPS"]);
    assert_eq!(caller.get("/payment-order/v1/clearing-systems?limit=0").await.code(), "request.invalid");
    bank.assert_books().await;
    bank.handle.stop().await;
}
