//! Requests to pay and mandates.

use crate::support::{Bank, Caller, GATEWAY, cny, of_class, refused, with};
use pano_testkit::{TestStore, on_every_store};
use serde_json::json;
use std::time::Duration;

const REQUESTS: &str = "/request-to-pay/v1/requests-to-pay";
const MANDATES: &str = "/request-to-pay/v1/mandates";

#[tokio::test]
async fn a_request_is_paid_declined_taken_back_or_lapses() {
    on_every_store(async |store| {
        let bank = Bank::start(store.store()).await;
        let (payee, payer) = (bank.caller(), Caller::new(&bank.handle.url(), GATEWAY, "app_payer"));
        let (person, party) = of_class(&payee, "I").await.remove(0);
        let (other, _) = of_class(&payee, "I").await.remove(1);
        let (firm, firms) = of_class(&payee, "BUSINESS").await.remove(0);
        let good = json!({
            "creditorAccountId": firm,
            "debtorPartyId": party,
            "amount": cny("168.00"),
            "reference": "TABLE-12",
            "description": "午餐 Lunch",
            "expiresAt": "2026-03-03T02:15:00Z",
        });
        let mut made = Vec::new();
        for key in ["paid", "declined", "cancelled", "lapsed"] {
            let request = payee.post(REQUESTS, key, &good).await;
            assert_eq!((request.status, &request.json["status"]), (201, &json!("PENDING")), "{}", request.json);
            made.push(format!("{REQUESTS}/{}", request.json["requestToPayId"].as_str().unwrap()));
        }
        let listed = payer.get(&format!("{REQUESTS}?debtorPartyId={party}&status=PENDING&limit=2")).await.json;
        assert_eq!(listed["items"].as_array().unwrap().len(), 2);
        let accept = json!({ "debtorAccountId": person });
        let path = format!("{}/acceptance", made[0]);
        let wrong = payer.post(&path, "wrong", &json!({ "debtorAccountId": other })).await;
        assert_eq!((wrong.status, wrong.code()), (404, "bank.account_not_found"));
        let paid = payer.post(&path, "accept", &accept).await;
        assert_eq!((paid.status, &paid.json["status"]), (200, &json!("PAID")), "{}", paid.json);
        assert_eq!(payer.post(&path, "accept", &accept).await.json, paid.json);
        assert_eq!(payer.post(&path, "twice", &accept).await.code(), "lifecycle.refused");
        let payment =
            payer.get(&format!("/payment-order/v1/payments/{}", paid.json["paymentId"].as_str().unwrap())).await;
        assert_eq!((&payment.json["endToEndId"], &payment.json["amount"]), (&json!("TABLE-12"), &cny("168.00")));

        let decline = format!("{}/rejection", made[1]);
        assert_eq!(payer.post(&decline, "odd", &json!({ "reason": "NO" })).await.code(), "request.invalid");
        let declined = payer.post(&decline, "decline", &json!({ "reason": "ALREADY_PAID" })).await;
        assert_eq!(
            (&declined.json["status"], &declined.json["declineReason"]),
            (&json!("DECLINED"), &json!("ALREADY_PAID"))
        );
        let cancel = format!("{}/cancellation", made[2]);
        assert_eq!(payer.act(&cancel, "not its own").await.code(), "resource.not_found");
        assert_eq!(payee.act(&cancel, "cancel").await.json["status"], "CANCELLED");
        assert_eq!(payee.act(&cancel, "again").await.code(), "lifecycle.refused");
        bank.clock.advance(Duration::from_secs(86_400));
        let lapsed = payee.get(&made[3]).await.json;
        assert_eq!((&lapsed["status"], &lapsed["closedAt"]), (&json!("EXPIRED"), &json!("2026-03-03T02:15:00Z")));
        let good = with(good, "/expiresAt", json!("2026-03-20T00:00:00Z"));
        refused(
            &payee,
            REQUESTS,
            &[
                ("itself", with(good.clone(), "/debtorPartyId", json!(firms)), 422, "request.invalid"),
                ("past", with(good.clone(), "/expiresAt", json!("2026-03-01T00:00:00Z")), 422, "request.invalid"),
                ("too long", with(good.clone(), "/expiresAt", json!("2026-04-03T02:15:01Z")), 422, "request.invalid"),
                ("odd reference", with(good.clone(), "/reference", json!("桌")), 422, "request.invalid"),
                ("zero", with(good.clone(), "/amount", cny("0.00")), 422, "bank.amount_invalid"),
                ("dollars", with(good.clone(), "/amount/currency", json!("USD")), 422, "bank.currency_mismatch"),
                (
                    "nobody",
                    with(good.clone(), "/debtorPartyId", json!("pty_01KAV3M2N4ZQ8W5T7R9X1Y3C5D")),
                    404,
                    "bank.party_not_found",
                ),
            ],
        )
        .await;
        assert_eq!(payee.get(&format!("{REQUESTS}/x")).await.code(), "resource.not_found");
        assert_eq!(payee.get(&format!("{REQUESTS}?status=ODD")).await.code(), "request.invalid");
        bank.assert_books().await;
        bank.handle.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_mandate_collects_within_its_limits() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let (person, _) = of_class(&caller, "I").await.remove(0);
    let (firm, _) = of_class(&caller, "BUSINESS").await.remove(0);
    let good = json!({
        "creditorAccountId": firm,
        "debtorAccountId": person,
        "maxAmount": cny("500.00"),
        "maxPerMonth": cny("800.00"),
        "purpose": "UTILITIES",
        "validUntil": "2026-04-30",
    });
    refused(
        &caller,
        MANDATES,
        &[
            ("the same", with(good.clone(), "/creditorAccountId", json!(person)), 422, "bank.same_account"),
            ("month below one", with(good.clone(), "/maxPerMonth", cny("499.99")), 422, "request.invalid"),
            ("past", with(good.clone(), "/validUntil", json!("2026-03-01")), 422, "request.invalid"),
            ("too long", with(good.clone(), "/validUntil", json!("2031-03-03")), 422, "request.invalid"),
            ("odd purpose", with(good.clone(), "/purpose", json!("FUN")), 422, "request.invalid"),
            ("dollars", with(good.clone(), "/maxPerMonth/currency", json!("USD")), 422, "bank.currency_mismatch"),
        ],
    )
    .await;
    let made = caller.post(MANDATES, "sign", &good).await;
    assert_eq!((made.status, &made.json["status"]), (201, &json!("ACTIVE")), "{}", made.json);
    let path = format!("{MANDATES}/{}", made.json["mandateId"].as_str().unwrap());
    let collections = format!("{path}/collections");
    let bill = json!({ "amount": cny("500.00"), "reference": "BILL-1", "description": "水费 Water" });
    let taken = caller.post(&collections, "one", &bill).await;
    assert_eq!((taken.status, &taken.json["collectedThisMonth"]), (201, &cny("500.00")), "{}", taken.json);
    let payment =
        caller.get(&format!("/payment-order/v1/payments/{}", taken.json["paymentId"].as_str().unwrap())).await;
    assert_eq!(payment.json["paymentType"], "COLLECTION");
    refused(
        &caller,
        &collections,
        &[
            ("over one", with(bill.clone(), "/amount", cny("500.01")), 422, "bank.limit_exceeded"),
            ("over the month", with(bill.clone(), "/amount", cny("300.01")), 422, "bank.limit_exceeded"),
            ("dollars", with(bill.clone(), "/amount/currency", json!("USD")), 422, "bank.currency_mismatch"),
            ("unknown member", with(bill.clone(), "/when", json!("now")), 422, "request.invalid"),
        ],
    )
    .await;
    bank.clock.advance(Duration::from_secs(30 * 86_400));
    assert_eq!(caller.get(&path).await.json["collectedThisMonth"], cny("0.00"), "April");
    assert_eq!(caller.post(&collections, "april", &bill).await.status, 201);
    let ended = caller.act(&format!("{path}/termination"), "end").await;
    assert_eq!((ended.status, &ended.json["status"]), (200, &json!("TERMINATED")));
    assert_eq!(caller.post(&collections, "late", &bill).await.code(), "lifecycle.refused");
    assert_eq!(caller.act(&format!("{path}/termination"), "again").await.code(), "lifecycle.refused");
    assert_eq!(caller.get(&format!("{MANDATES}/x")).await.code(), "resource.not_found");
    bank.assert_books().await;
    bank.handle.stop().await;
}
