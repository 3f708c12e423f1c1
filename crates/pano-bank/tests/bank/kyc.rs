//! Due diligence: what stands, what runs out, what a review does.

use crate::support::{Bank, of_class, refused, transfer, with};
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
