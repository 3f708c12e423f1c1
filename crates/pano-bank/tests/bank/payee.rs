//! Payees and names.

use crate::support::{Bank, of_class, refused, with};
use pano_testkit::TestStore;
use serde_json::json;

const PAYEES: &str = "/payee-directory/v1/payees";
const CHECKS: &str = "/payee-directory/v1/payee-checks";
const OURS: &str = "999999900001";

#[tokio::test]
async fn a_payee_is_checked_registered_and_removed() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let people = of_class(&caller, "I").await;
    let ((_, owner), (paid, payee)) = (&people[0], &people[1]);
    let party = caller.get(&format!("/party-reference-data-directory/v1/parties/{payee}")).await.json;
    let account = caller.get(&format!("/current-account/v1/accounts/{paid}")).await.json;
    let (name, number) = (party["name"]["zh"].as_str().unwrap(), &account["accountNumber"]);
    let short: String = name.chars().filter(|c| *c != name.chars().nth(1).unwrap()).collect();
    let check = json!({ "name": name, "accountNumber": number, "bankCode": OURS });
    for (name, number, bank, outcome) in [
        (name, number.as_str().unwrap(), OURS, "MATCH"),
        (&short, number.as_str().unwrap(), OURS, "CLOSE_MATCH"),
        ("示例商贸有限公司", "6200000000000013", "999100000012", "MATCH"),
        ("完全不同的名字", number.as_str().unwrap(), OURS, "NO_MATCH"),
        (name, "6200000000999999", OURS, "ACCOUNT_UNKNOWN"),
        (name, "6200000000999999", "999100000012", "ACCOUNT_UNKNOWN"),
        (name, "6200000000999999", "102100000012", "UNAVAILABLE"),
    ] {
        let body = json!({ "name": name, "accountNumber": number, "bankCode": bank });
        let found = caller.send(http::Method::POST, CHECKS, &[], Some(&body)).await.unwrap();
        assert_eq!((found.status, &found.json["nameCheck"]), (200, &json!(outcome)), "{body}");
        assert_eq!(found.json["maskedName"].is_string(), outcome == "CLOSE_MATCH");
    }
    let odd = with(check.clone(), "/bankCode", json!("12"));
    assert_eq!(caller.send(http::Method::POST, CHECKS, &[], Some(&odd)).await.unwrap().code(), "request.invalid");

    let good =
        json!({ "ownerPartyId": owner, "alias": "房东", "name": name, "accountNumber": number, "bankCode": OURS });
    let made = caller.post(PAYEES, "one", &good).await;
    assert_eq!((made.status, &made.json["creditorAccountId"]), (201, &json!(paid)), "{}", made.json);
    let nobody = json!("pty_01KAV3M2N4ZQ8W5T7R9X1Y3C5D");
    refused(
        &caller,
        PAYEES,
        &[
            ("twice", good.clone(), 409, "resource.conflict"),
            ("nobody", with(good.clone(), "/ownerPartyId", nobody), 404, "bank.party_not_found"),
            ("no account", with(good.clone(), "/accountNumber", json!("6200000000999999")), 422, "request.invalid"),
            ("another's name", with(good.clone(), "/name", json!("完全不同的名字")), 422, "resource.conflict"),
            ("long alias", with(good.clone(), "/alias", json!("x".repeat(41))), 422, "request.invalid"),
            ("no name", with(good.clone(), "/name", json!("")), 422, "request.invalid"),
        ]
        .map(|(name, body, status, code)| match name {
            // The account is registered: that is said before the name is asked.
            "another's name" => (name, body, 409, code),
            _ => (name, body, status, code),
        }),
    )
    .await;
    let path = format!("{PAYEES}/{}", made.json["payeeId"].as_str().unwrap());
    assert_eq!(caller.get(&path).await.json, made.json);
    let listed = caller.get(&format!("{PAYEES}?ownerPartyId={owner}")).await.json;
    assert!(listed["items"].as_array().unwrap().contains(&made.json));
    assert!(caller.get(&format!("{PAYEES}?limit=1")).await.json["nextCursor"].is_string());
    assert_eq!(caller.delete(&path).await.status, 204);
    assert_eq!(
        (caller.delete(&path).await.code(), caller.get(&path).await.code()),
        ("resource.not_found", "resource.not_found")
    );
    bank.handle.stop().await;
}
