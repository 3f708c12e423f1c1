//! Savings: opened, moved, grown.

use crate::support::{Bank, balances, cny, fen, of_class, refused, with};
use pano_testkit::{TestStore, on_every_store};
use serde_json::json;
use std::time::Duration;

const SAVINGS: &str = "/savings-account/v1/savings-accounts";

#[tokio::test]
async fn money_goes_to_savings_and_back_and_grows() {
    on_every_store(async |store| {
        let bank = Bank::start(store.store()).await;
        let caller = bank.caller();
        let seeded = caller.get(SAVINGS).await;
        let savings = &seeded.json["items"][0];
        let id = savings["savingsAccountId"].as_str().unwrap();
        let owner = savings["ownerPartyId"].as_str().unwrap();
        let (current, _) = of_class(&caller, "I").await.into_iter().find(|(_, of)| of == owner).unwrap();
        let body = |amount: &str| json!({ "currentAccountId": current, "amount": cny(amount) });
        let before = balances(&caller, &current).await;
        let put = caller.post(&format!("{SAVINGS}/{id}/deposits"), "in", &body("5000.00")).await;
        assert_eq!(
            (put.status, fen(&put.json["balanceAfter"])),
            (201, fen(&savings["balance"]) + 500_000),
            "{}",
            put.json
        );
        let again = caller.post(&format!("{SAVINGS}/{id}/deposits"), "in", &body("5000.00")).await;
        assert_eq!(again.json, put.json);
        let taken = caller.post(&format!("{SAVINGS}/{id}/withdrawals"), "out", &body("5000.00")).await;
        assert_eq!((taken.status, &taken.json["direction"]), (201, &json!("WITHDRAWAL")));
        assert_eq!(balances(&caller, &current).await, before);
        let entries = caller.get(&format!("{SAVINGS}/{id}/transactions?limit=1")).await;
        assert_eq!(entries.json["items"][0]["transactionId"], taken.json["transactionId"]);
        assert!(entries.json["nextCursor"].is_string());
        // Savings are no current account.
        assert_eq!(caller.get(&format!("/current-account/v1/accounts/{id}")).await.code(), "bank.account_not_found");

        // 20,000.00 from March 2nd to 20th, 19 days at 0.05 % over 360: 0.527…, cut.
        bank.clock.advance(Duration::from_secs(19 * 86_400));
        let interest = caller.get(&format!("{SAVINGS}/{id}/interest")).await.json;
        assert_eq!((&interest["annualRate"], &interest["dayCount"]), (&json!("0.0500"), &json!("ACT_360")));
        assert_eq!((fen(&interest["paidThisYear"]), fen(&interest["accrued"])), (52, 0), "{interest}");
        assert_eq!(
            (&interest["lastCapitalisedOn"], &interest["nextCapitalisationOn"]),
            (&json!("2026-03-21"), &json!("2026-06-21"))
        );
        let read = caller.get(&format!("{SAVINGS}/{id}")).await;
        assert_eq!(fen(&read.json["balance"]), fen(&savings["balance"]) + 52);
        let entries = caller.get(&format!("{SAVINGS}/{id}/transactions?fromDate=2026-03-21")).await;
        assert_eq!(entries.json["items"][0]["valueDate"], "2026-03-21");
        bank.assert_books().await;
        bank.handle.stop().await;
    })
    .await;
}

#[tokio::test]
async fn savings_are_refused_by_the_rules() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let people = of_class(&caller, "I").await;
    let seeded = caller.get(SAVINGS).await;
    let savings = &seeded.json["items"][0];
    let (id, owner) = (savings["savingsAccountId"].as_str().unwrap(), savings["ownerPartyId"].as_str().unwrap());
    let (own, _) = people.iter().find(|(_, of)| of == owner).unwrap();
    let (other, _) = people.iter().find(|(_, of)| of != owner).unwrap();
    let (_, firm) = &of_class(&caller, "BUSINESS").await[0];
    let good = json!({ "ownerPartyId": owner, "currency": "EUR" });
    let deposit = json!({ "currentAccountId": own, "amount": cny("1.00") });
    refused(
        &caller,
        SAVINGS,
        &[
            ("a second one", with(good.clone(), "/currency", json!("CNY")), 409, "resource.conflict"),
            ("no rate", with(good.clone(), "/currency", json!("KWD")), 422, "bank.currency_mismatch"),
            ("a firm", with(good.clone(), "/ownerPartyId", json!(firm)), 422, "request.invalid"),
            ("other currency", with(good.clone(), "/openingDeposit", deposit.clone()), 422, "bank.currency_mismatch"),
            ("unknown member", with(good.clone(), "/rate", json!("9")), 422, "request.invalid"),
        ],
    )
    .await;
    let opened = caller.post(SAVINGS, "open", &good).await;
    assert_eq!((opened.status, fen(&opened.json["balance"])), (201, 0), "{}", opened.json);
    let nobody = json!("acc_01KAV3M2N4ZQ8W5T7R9X1Y3C5D");
    let dollars = json!({ "amount": "1.00", "currency": "USD" });
    for path in [format!("{SAVINGS}/{id}/deposits"), format!("{SAVINGS}/{id}/withdrawals")] {
        refused(
            &caller,
            &path,
            &[
                ("another's", with(deposit.clone(), "/currentAccountId", json!(other)), 404, "bank.account_not_found"),
                ("nobody's", with(deposit.clone(), "/currentAccountId", nobody.clone()), 404, "bank.account_not_found"),
                ("savings", with(deposit.clone(), "/currentAccountId", json!(id)), 404, "bank.account_not_found"),
                ("dollars", with(deposit.clone(), "/amount", dollars.clone()), 422, "bank.currency_mismatch"),
                ("too much", with(deposit.clone(), "/amount", cny("99999999.00")), 422, "bank.insufficient_funds"),
                ("zero", with(deposit.clone(), "/amount", cny("0.00")), 422, "bank.amount_invalid"),
            ],
        )
        .await;
    }
    for (path, code) in [
        (format!("{SAVINGS}/{own}"), "bank.account_not_found"),
        (format!("{SAVINGS}/x/interest"), "bank.account_not_found"),
        (format!("{SAVINGS}/x/transactions"), "bank.account_not_found"),
        (format!("{SAVINGS}/{id}/transactions?fromDate=2026-03-02&toDate=2026-03-01"), "request.invalid"),
        (format!("{SAVINGS}?currency=XXX"), "request.invalid"),
    ] {
        assert_eq!(caller.get(&path).await.code(), code, "{path}");
    }
    bank.assert_books().await;
    bank.handle.stop().await;
}
