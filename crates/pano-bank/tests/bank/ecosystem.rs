//! What partners of the bank offer: insurance and points.

use crate::support::{Bank, Caller, GATEWAY, accounts, balances};
use pano_testkit::TestStore;
use serde_json::{Value, json};
use std::time::Duration;

const INSURANCE: &str = "/insurance-agreement/v1";
const POINTS: &str = "/incentive-account/v1";

async fn person(caller: &Caller) -> String {
    let page = caller.get("/party-reference-data-directory/v1/parties?partyType=PERSON&limit=1").await;
    page.json["items"][0]["partyId"].as_str().unwrap().to_owned()
}

fn quote(party: &str, sum: &str, start: &str, days: i32) -> Value {
    json!({
        "productCode": "HOME-BASIC", "policyholderPartyId": party, "sumInsured": { "amount": sum, "currency": "CNY" },
        "startDate": start, "termDays": days
    })
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value}")).to_owned()
}

#[tokio::test]
async fn a_policy_is_quoted_paid_and_cancelled() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let (caller, other) = (bank.caller(), Caller::new(&bank.handle.url(), GATEWAY, "app_two"));
    let (party, account) = (person(&caller).await, accounts(&caller).await[0].clone());
    let products = caller.get(&format!("{INSURANCE}/insurance-products?limit=2")).await;
    assert_eq!((products.json["items"].as_array().unwrap().len(), products.json["nextCursor"].is_string()), (2, true));

    let quoted = caller
        .post(&format!("{INSURANCE}/insurance-quotes"), "q", &quote(&party, "100000.00", "2026-03-10", 365))
        .await;
    assert_eq!((quoted.status, &quoted.json["premium"]["amount"]), (201, &json!("80.00")), "{quoted:?}");
    let at = format!("{INSURANCE}/insurance-quotes/{}", text(&quoted.json["quoteId"]));
    assert_eq!(caller.get(&at).await.json, quoted.json);
    assert_eq!(other.get(&at).await.code(), "resource.not_found");

    let (before, _) = balances(&caller, &account).await;
    let order = json!({ "quoteId": quoted.json["quoteId"], "debtorAccountId": account });
    let policies = format!("{INSURANCE}/insurance-policies");
    let policy = caller.post(&policies, "p", &order).await;
    assert_eq!((policy.status, &policy.json["status"]), (201, &json!("ACTIVE")), "{policy:?}");
    assert_eq!(caller.post(&policies, "p2", &order).await.code(), "lifecycle.refused");
    assert_eq!(caller.get(&at).await.json["status"], "ACCEPTED");
    let (paid, _) = balances(&caller, &account).await;
    assert_ne!(before, paid);
    let one = format!("{policies}/{}", text(&policy.json["policyId"]));
    assert_eq!(caller.get(&one).await.json, policy.json);
    assert_eq!(other.get(&one).await.code(), "resource.not_found");
    assert_eq!(
        caller.get(&format!("{policies}?policyholderPartyId={party}")).await.json["items"],
        json!([policy.json])
    );
    assert_eq!(other.get(&policies).await.json["items"], json!([]));

    let cancel = format!("{one}/cancellations");
    assert_eq!(caller.post(&cancel, "c", &json!({ "reason": "" })).await.code(), "request.invalid");
    let cancelled = caller.post(&cancel, "c", &json!({ "reason": "不再需要 No longer needed" })).await;
    assert_eq!((cancelled.status, &cancelled.json["status"]), (201, &json!("CANCELLED")), "{cancelled:?}");
    assert_eq!(balances(&caller, &account).await.0, before);
    assert_eq!(caller.post(&cancel, "c2", &json!({ "reason": "again" })).await.code(), "lifecycle.refused");
    bank.assert_books().await;
    bank.handle.stop().await;
}

#[tokio::test]
async fn quotes_expire_and_cooling_off_ends() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let (party, account) = (person(&caller).await, accounts(&caller).await[0].clone());
    let (quotes, policies) = (format!("{INSURANCE}/insurance-quotes"), format!("{INSURANCE}/insurance-policies"));
    for (why, body, code) in [
        ("today", quote(&party, "100000.00", "2026-03-02", 30), "request.invalid"),
        ("too late", quote(&party, "100000.00", "2026-06-30", 30), "request.invalid"),
        ("too short", quote(&party, "100000.00", "2026-03-10", 6), "request.invalid"),
        ("a test number", quote(&party, "66666.01", "2026-03-10", 30), "bank.unsuitable"),
        ("too little", quote(&party, "9999.99", "2026-03-10", 30), "bank.limit_exceeded"),
        ("nobody", quote("pty_01KAV3M2N4ZQ8W5T7R9X1Y3C5D", "100000.00", "2026-03-10", 30), "bank.party_not_found"),
        (
            "no product",
            json!({ "productCode": "NONE", "policyholderPartyId": party, "sumInsured": { "amount": "1.00", "currency": "CNY" }, "startDate": "2026-03-10", "termDays": 30 }),
            "request.invalid",
        ),
    ] {
        let answer = caller.post(&quotes, &why.replace(' ', "-"), &body).await;
        assert_eq!(answer.code(), code, "{why}: {answer:?}");
    }
    let quoted = caller.post(&quotes, "q", &quote(&party, "100000.00", "2026-03-20", 30)).await;
    let order = json!({ "quoteId": quoted.json["quoteId"], "debtorAccountId": account });
    let nobody = json!({ "quoteId": quoted.json["quoteId"], "debtorAccountId": "acc_01KAV3M2N4ZQ8W5T7R9X1Y3C5D" });
    assert_eq!(caller.post(&policies, "n", &nobody).await.code(), "bank.account_not_found");
    let policy = caller.post(&policies, "p", &order).await;
    let stale = caller.post(&quotes, "q2", &quote(&party, "100000.00", "2026-03-20", 30)).await;
    bank.clock.advance(Duration::from_secs(86_400));
    let order = json!({ "quoteId": stale.json["quoteId"], "debtorAccountId": account });
    assert_eq!(caller.post(&policies, "s", &order).await.code(), "lifecycle.refused");
    assert_eq!(caller.get(&format!("{quotes}/{}", text(&stale.json["quoteId"]))).await.json["status"], "EXPIRED");
    bank.clock.advance(Duration::from_secs(15 * 86_400));
    let cancel = format!("{policies}/{}/cancellations", text(&policy.json["policyId"]));
    assert_eq!(caller.post(&cancel, "c", &json!({ "reason": "late" })).await.code(), "lifecycle.refused");
    bank.handle.stop().await;
}

#[tokio::test]
async fn a_policy_that_has_ended_is_not_refunded_although_the_cooling_off_period_runs() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let (party, account) = (person(&caller).await, accounts(&caller).await[0].clone());
    let (quotes, policies) = (format!("{INSURANCE}/insurance-quotes"), format!("{INSURANCE}/insurance-policies"));
    let quoted = caller.post(&quotes, "q", &quote(&party, "100000.00", "2026-03-03", 7)).await;
    let order = json!({ "quoteId": quoted.json["quoteId"], "debtorAccountId": account });
    let policy = caller.post(&policies, "p", &order).await;
    assert_eq!(policy.json["coolingOffUntil"], "2026-03-17", "{policy:?}");
    bank.clock.advance(Duration::from_secs(8 * 86_400));
    let one = format!("{policies}/{}", text(&policy.json["policyId"]));
    assert_eq!(caller.get(&one).await.json["status"], "ENDED");
    let before = balances(&caller, &account).await;
    let cancel = caller.post(&format!("{one}/cancellations"), "c", &json!({ "reason": "all over" })).await;
    assert_eq!((cancel.status, cancel.code()), (409, "lifecycle.refused"), "{cancel:?}");
    assert_eq!(balances(&caller, &account).await, before);
    bank.handle.stop().await;
}

#[tokio::test]
async fn points_are_earned_redeemed_and_lapse() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let at = format!("{POINTS}/points-accounts/{}", person(&caller).await);
    let begun = caller.get(&at).await;
    assert_eq!((&begun.json["points"], &begun.json["lapsingSoon"]), (&json!(1200), &json!(0)), "{begun:?}");
    let earn = |points: i64| json!({ "points": points, "reference": "ORDER-1007" });
    let earned = caller.post(&format!("{at}/accruals"), "e", &earn(120)).await;
    assert_eq!((earned.status, &earned.json["balanceAfter"]), (201, &json!(1320)), "{earned:?}");
    assert_eq!(caller.post(&format!("{at}/accruals"), "e", &earn(120)).await.json, earned.json, "once");
    assert_eq!(caller.post(&format!("{at}/accruals"), "f", &earn(100_000)).await.status, 201);
    for (points, code) in [(99_881, "bank.limit_exceeded"), (100_001, "request.invalid"), (0, "request.invalid")] {
        assert_eq!(caller.post(&format!("{at}/accruals"), "g", &earn(points)).await.code(), code, "{points}");
    }
    let redeem = |code: &str, quantity: i64| json!({ "rewardCode": code, "quantity": quantity });
    let redeemed = caller.post(&format!("{at}/redemptions"), "r", &redeem("COFFEE-30", 4)).await;
    assert_eq!((redeemed.status, &redeemed.json["points"]), (201, &json!(1200)), "{redeemed:?}");
    assert_eq!(redeemed.json["balanceAfter"], 100_120);
    for (body, code) in [
        (redeem("AIRPORT-LOUNGE", 20), "bank.insufficient_funds"),
        (redeem("NONE", 1), "request.invalid"),
        (redeem("COFFEE-30", 21), "request.invalid"),
    ] {
        assert_eq!(caller.post(&format!("{at}/redemptions"), "s", &body).await.code(), code, "{body}");
    }
    let rewards = caller.get(&format!("{POINTS}/rewards")).await;
    assert_eq!(rewards.json["items"].as_array().unwrap().len(), 5);
    // What was there first was used first; the rest lapses two years after it was earned.
    bank.clock.advance(Duration::from_secs(732 * 86_400));
    assert_eq!(caller.get(&at).await.json["points"], 0);
    let entries = caller.get(&format!("{at}/entries?limit=1")).await;
    assert_eq!(
        (&entries.json["items"][0]["kind"], &entries.json["items"][0]["points"]),
        (&json!("LAPSED"), &json!(100_120))
    );
    for path in [
        format!("{POINTS}/points-accounts/x"),
        format!("{POINTS}/points-accounts/pty_01KAV3M2N4ZQ8W5T7R9X1Y3C5D/entries"),
    ] {
        assert_eq!(caller.get(&path).await.code(), "bank.party_not_found");
    }
    bank.handle.stop().await;
}
