//! Due diligence: what stands, what runs out, what a review does.

use crate::support::{Bank, cny, customer, of_class, refused, transfer, with};
use pano_testkit::TestStore;
use serde_json::json;
use std::time::Duration;

const PARTIES: &str = "/party-reference-data-directory/v1/parties";

#[tokio::test]
async fn who_is_not_verified_any_more_pays_nothing_until_reviewed() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    // The student's document ends in summer.
    let (account, student) = of_class(&caller, "II").await.remove(0);
    let (to, _) = of_class(&caller, "I").await.remove(0);
    let path = format!("{PARTIES}/{student}/kyc");
    let before = caller.get(&path).await;
    assert_eq!((before.status, &before.json["status"]), (200, &json!("VERIFIED")), "{}", before.json);
    bank.clock.advance(Duration::from_secs(130 * 86_400));
    assert_eq!(caller.get(&path).await.json["status"], "EXPIRED");
    let pay = |key: &'static str| {
        let (caller, order) = (caller.clone(), transfer(&account, &to, "1.00"));
        async move { caller.post("/payment-order/v1/internal-transfers", key, &order).await }
    };
    let refusal = pay("early").await;
    assert_eq!((refusal.status, refusal.code()), (422, "bank.kyc_required"));

    let party = caller.get(&format!("{PARTIES}/{student}")).await;
    let number = &party.json["identification"]["number"];
    let review = json!({
        "identificationNumber": number,
        "identificationExpiresOn": "2036-03-01",
        "sourceOfFunds": "FAMILY",
        "taxResidences": ["CN"],
        "politicallyExposed": false,
    });
    let reviews = format!("{PARTIES}/{student}/kyc-reviews");
    let other = json!("990101199203151234");
    refused(
        &caller,
        &reviews,
        &[
            ("another number", with(review.clone(), "/identificationNumber", other), 422, "request.invalid"),
            ("ended", with(review.clone(), "/identificationExpiresOn", json!("2026-03-01")), 422, "request.invalid"),
            ("no country", with(review.clone(), "/taxResidences", json!([])), 422, "request.invalid"),
            ("odd country", with(review.clone(), "/taxResidences", json!(["cn"])), 422, "request.invalid"),
            ("odd source", with(review.clone(), "/sourceOfFunds", json!("LUCK")), 422, "request.invalid"),
        ],
    )
    .await;
    let reviewed = caller.post(&reviews, "review", &review).await;
    assert_eq!((reviewed.status, &reviewed.json["outcome"]), (201, &json!("APPROVED")), "{}", reviewed.json);
    assert_eq!(
        (&reviewed.json["kyc"]["riskGrade"], &reviewed.json["kyc"]["status"]),
        (&json!("LOW"), &json!("VERIFIED"))
    );
    assert_eq!(pay("late").await.status, 201);
    let exposed = caller.post(&reviews, "exposed", &with(review, "/politicallyExposed", json!(true))).await;
    assert_eq!((&exposed.json["outcome"], &exposed.json["kyc"]["riskGrade"]), (&json!("REFERRED"), &json!("HIGH")));
    assert_eq!(pay("referred").await.code(), "bank.kyc_required");
    for path in [format!("{PARTIES}/x/kyc"), format!("{PARTIES}/pty_01KAV3M2N4ZQ8W5T7R9X1Y3C5D/kyc")] {
        assert_eq!(caller.get(&path).await.code(), "bank.party_not_found");
    }
    bank.handle.stop().await;
}

#[tokio::test]
async fn who_is_not_verified_neither_invests_nor_borrows_nor_buys() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let (party, account) = customer(&caller, "Lin Xiaoyu", "CNY").await;
    let dollars = customer(&caller, "Lin Xiaoyu", "USD").await.1;
    let fx = json!({ "sellCurrency": "CNY", "buyCurrency": "USD", "amount": { "amount": "10.00", "currency": "USD" } });
    let fx = caller.post("/currency-exchange/v1/quotes", "fx", &fx).await.json["quoteId"].clone();
    let cover = json!({
        "productCode": "HOME-BASIC", "policyholderPartyId": party, "sumInsured": cny("100000.00"),
        "startDate": "2026-03-10", "termDays": 365,
    });
    let cover = caller.post("/insurance-agreement/v1/insurance-quotes", "cover", &cover).await.json["quoteId"].clone();
    let cards = caller.get(&format!("/credit-card/v1/cards?ownerPartyId={party}")).await.json["items"].clone();
    let card = |kind: &str| {
        let found = cards.as_array().unwrap().iter().find(|card| card["cardType"] == kind).unwrap();
        format!("/credit-card/v1/cards/{}", found["cardId"].as_str().unwrap())
    };
    let merchant = json!({ "name": "示例电器商城", "categoryCode": "5732", "channel": "ONLINE", "country": "CN" });
    let purchase = json!({ "amount": cny("10.00"), "merchant": merchant });
    let bought = caller.post(&format!("{}/purchases", card("CREDIT")), "before", &purchase).await;
    assert_eq!(bought.status, 201, "{}", bought.json);

    let number = caller.get(&format!("{PARTIES}/{party}")).await.json["identification"]["number"].clone();
    let review = json!({
        "identificationNumber": number,
        "identificationExpiresOn": "2036-03-01",
        "sourceOfFunds": "SALARY",
        "taxResidences": ["CN"],
        "politicallyExposed": true,
    });
    let referred = caller.post(&format!("{PARTIES}/{party}/kyc-reviews"), "refer", &review).await;
    assert_eq!(referred.json["outcome"], "REFERRED", "{}", referred.json);
    let deposit = json!({
        "accountId": account, "productCode": "TD-CNY-12M", "amount": cny("1000.00"), "rolloverInstruction": "NONE",
    });
    let units = json!({
        "accountId": account, "productCode": "PF0001", "amount": cny("1000.00"), "riskDisclosureAcknowledged": true,
    });
    let loan = json!({
        "partyId": party, "accountId": account, "productCode": "CL-GENERAL", "amount": cny("6000.00"), "termMonths": 12,
        "repaymentMethod": "EQUAL_INSTALMENT", "purpose": "RENOVATION", "monthlyIncome": cny("28500.00"),
        "monthlyDebtPayments": cny("0.00"),
    });
    let exchange = json!({
        "quoteId": fx, "debtorAccountId": account, "creditorAccountId": dollars, "purpose": "STUDY",
    });
    for (path, body) in [
        ("/term-deposit/v1/deposits".to_owned(), deposit),
        ("/consumer-investments/v1/subscriptions".to_owned(), units),
        ("/consumer-loan/v1/applications".to_owned(), loan),
        ("/currency-exchange/v1/exchanges".to_owned(), exchange),
        (
            "/insurance-agreement/v1/insurance-policies".to_owned(),
            json!({ "quoteId": cover, "debtorAccountId": account }),
        ),
        (format!("{}/purchases", card("DEBIT")), purchase.clone()),
        (format!("{}/purchases", card("CREDIT")), purchase),
        (format!("{}/repayments", card("CREDIT")), json!({ "debtorAccountId": account, "amount": cny("1.00") })),
    ] {
        let answer = caller.post(&path, "after", &body).await;
        assert_eq!((answer.status, answer.code()), (422, "bank.kyc_required"), "{path}: {}", answer.json);
    }
    bank.assert_books().await;
    bank.handle.stop().await;
}
