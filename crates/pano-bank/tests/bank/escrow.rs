//! Escrow: paid in, released by conditions, given back.

use crate::support::{Bank, balances, cny, of_class, refused, with};
use pano_testkit::{TestStore, on_every_store};
use serde_json::{Value, json};
use std::time::Duration;

const ESCROWS: &str = "/escrow/v1/escrows";

async fn agreement(bank: &Bank) -> (Value, [String; 4]) {
    let people = of_class(&bank.caller(), "I").await;
    let ((from, buyer), (to, seller)) = (&people[0], &people[1]);
    let body = json!({
        "depositorAccountId": from,
        "beneficiaryAccountId": to,
        "amount": cny("60000.00"),
        "purpose": "HOUSE_PURCHASE",
        "expiresOn": "2026-12-31",
        "conditions": [
            { "conditionType": "DOCUMENT", "description": "过户 Title", "confirmingPartyId": seller, "releaseAmount": cny("50000.00") },
            { "conditionType": "DATE", "description": "交房 Hand-over", "notBefore": "2026-03-10", "releaseAmount": cny("10000.00") },
        ],
    });
    (body, [from.clone(), buyer.clone(), to.clone(), seller.clone()])
}

fn fen(text: &str) -> i64 {
    text.replace('.', "").parse().unwrap()
}

#[tokio::test]
async fn money_lies_apart_until_its_conditions_are_met() {
    on_every_store(async |store| {
        let bank = Bank::start(store.store()).await;
        let caller = bank.caller();
        let (body, [from, buyer, to, seller]) = agreement(&bank).await;
        let made = caller.post(ESCROWS, "make", &body).await;
        assert_eq!((made.status, &made.json["status"]), (201, &json!("OPEN")), "{}", made.json);
        let path = format!("{ESCROWS}/{}", made.json["escrowId"].as_str().unwrap());
        let (payer, payee) = (balances(&caller, &from).await, balances(&caller, &to).await);
        let release = |number: u32| json!({ "conditionNumber": number });
        let early = caller.post(&format!("{path}/releases"), "unfunded", &release(1)).await;
        assert_eq!((early.status, early.code()), (409, "lifecycle.refused"));
        // More than a payment to others may carry: limits of persons do not count for supervised money.
        let funding = format!("{path}/funding");
        assert_eq!(caller.post(&funding, "part", &json!({ "amount": cny("55000.00") })).await.json["status"], "OPEN");
        assert_eq!(
            caller.post(&funding, "over", &json!({ "amount": cny("5000.01") })).await.code(),
            "bank.limit_exceeded"
        );
        let funded = caller.post(&funding, "rest", &json!({ "amount": cny("5000.00") })).await;
        assert_eq!((&funded.json["status"], &funded.json["balance"]), (&json!("FUNDED"), &cny("60000.00")));
        assert_eq!(fen(&payer.0) - fen(&balances(&caller, &from).await.0), 6_000_000);
        assert_eq!(caller.post(&funding, "more", &json!({ "amount": cny("1.00") })).await.code(), "lifecycle.refused");

        let unmet = caller.post(&format!("{path}/releases"), "unmet", &release(1)).await;
        assert_eq!(unmet.code(), "lifecycle.refused");
        let fulfil = format!("{path}/conditions/1/fulfilment");
        let proof = json!({ "partyId": seller, "documentDigest": "a".repeat(64) });
        refused(
            &caller,
            &fulfil,
            &[
                ("not the party", with(proof.clone(), "/partyId", json!(buyer)), 422, "request.invalid"),
                ("no digest", json!({ "partyId": seller }), 422, "request.invalid"),
                ("odd digest", with(proof.clone(), "/documentDigest", json!("A")), 422, "request.invalid"),
            ],
        )
        .await;
        let met = caller.post(&fulfil, "fulfil", &proof).await;
        assert_eq!((met.status, &met.json["conditions"][0]["state"]), (200, &json!("FULFILLED")), "{}", met.json);
        for (number, code) in [(2, "lifecycle.refused"), (3, "resource.not_found")] {
            let path = format!("{path}/conditions/{number}/fulfilment");
            assert_eq!(caller.post(&path, &format!("c{number}"), &proof).await.code(), code);
        }
        let paid = caller.post(&format!("{path}/releases"), "one", &release(1)).await;
        assert_eq!(
            (&paid.json["status"], &paid.json["balance"]),
            (&json!("RELEASING"), &cny("10000.00")),
            "{}",
            paid.json
        );
        assert_eq!(
            caller.post(&format!("{path}/releases"), "one again", &release(1)).await.code(),
            "lifecycle.refused"
        );
        assert_eq!(
            caller.post(&format!("{path}/releases"), "two early", &release(2)).await.code(),
            "lifecycle.refused"
        );
        bank.clock.advance(Duration::from_secs(8 * 86_400));
        assert_eq!(caller.get(&path).await.json["conditions"][1]["state"], "FULFILLED");
        let done = caller.post(&format!("{path}/releases"), "two", &release(2)).await;
        assert_eq!((&done.json["status"], &done.json["balance"]), (&json!("COMPLETED"), &cny("0.00")));
        assert_eq!(fen(&balances(&caller, &to).await.0) - fen(&payee.0), 6_000_000);
        let back = json!({ "reason": "MUTUAL_AGREEMENT", "agreedBy": [buyer, seller] });
        assert_eq!(caller.post(&format!("{path}/returns"), "late", &back).await.code(), "lifecycle.refused");
        bank.assert_books().await;
        bank.handle.stop().await;
    })
    .await;
}

#[tokio::test]
async fn agreements_are_refused_by_the_rules_and_money_goes_back() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let (good, [from, buyer, _, seller]) = agreement(&bank).await;
    refused(
        &caller,
        ESCROWS,
        &[
            ("the same", with(good.clone(), "/beneficiaryAccountId", json!(from)), 422, "bank.same_account"),
            ("does not add up", with(good.clone(), "/amount", cny("60000.01")), 422, "bank.amount_invalid"),
            ("past", with(good.clone(), "/expiresOn", json!("2026-03-01")), 422, "request.invalid"),
            (
                "after the end",
                with(good.clone(), "/conditions/1/notBefore", json!("2027-01-01")),
                422,
                "request.invalid",
            ),
            ("no day", with(good.clone(), "/conditions/1/notBefore", Value::Null), 422, "request.invalid"),
            ("no party", with(good.clone(), "/conditions/0/confirmingPartyId", Value::Null), 422, "request.invalid"),
            ("no conditions", with(good.clone(), "/conditions", json!([])), 422, "request.invalid"),
            ("dollars", with(good.clone(), "/amount/currency", json!("USD")), 422, "bank.currency_mismatch"),
            ("odd purpose", with(good.clone(), "/purpose", json!("FUN")), 422, "request.invalid"),
        ],
    )
    .await;
    // Later than the seeded one: lists begin with the newest.
    bank.clock.advance(Duration::from_secs(1));
    let made = caller.post(ESCROWS, "make", &good).await;
    let path = format!("{ESCROWS}/{}", made.json["escrowId"].as_str().unwrap());
    let before = balances(&caller, &from).await;
    caller.post(&format!("{path}/funding"), "fund", &json!({ "amount": cny("60000.00") })).await;
    let returns = format!("{path}/returns");
    refused(
        &caller,
        &returns,
        &[
            ("too early", json!({ "reason": "EXPIRED" }), 409, "lifecycle.refused"),
            ("one side", json!({ "reason": "MUTUAL_AGREEMENT", "agreedBy": [buyer] }), 422, "request.invalid"),
            ("odd reason", json!({ "reason": "MOOD" }), 422, "request.invalid"),
        ],
    )
    .await;
    let back =
        caller.post(&returns, "back", &json!({ "reason": "MUTUAL_AGREEMENT", "agreedBy": [seller, buyer] })).await;
    assert_eq!(
        (&back.json["status"], &back.json["returnedAmount"]),
        (&json!("RETURNED"), &cny("60000.00")),
        "{}",
        back.json
    );
    assert_eq!(balances(&caller, &from).await, before);
    let listed = caller.get(&format!("{ESCROWS}?accountId={from}")).await.json;
    assert_eq!(listed["items"][0], back.json);
    assert!(listed["items"].as_array().unwrap().len() > 1, "the seeded one is there too");
    let unfunded = caller.post(ESCROWS, "unfunded", &good).await;
    let path = format!("{ESCROWS}/{}", unfunded.json["escrowId"].as_str().unwrap());
    bank.clock.advance(Duration::from_secs(310 * 86_400));
    let cancelled = caller.post(&format!("{path}/returns"), "expired", &json!({ "reason": "EXPIRED" })).await;
    assert_eq!(cancelled.json["status"], "CANCELLED", "{}", cancelled.json);
    assert_eq!(caller.get(&format!("{ESCROWS}/x")).await.code(), "resource.not_found");
    bank.assert_books().await;
    bank.handle.stop().await;
}
