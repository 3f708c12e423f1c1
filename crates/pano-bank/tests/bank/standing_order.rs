//! Standing orders: made, paid when due, suspended, ended.

use crate::support::{Bank, balances, cny, customer, of_class, refused, with};
use pano_testkit::{TestStore, on_every_store};
use serde_json::{Value, json};
use std::time::Duration;

const ORDERS: &str = "/standing-order/v1/standing-orders";
const DAY: Duration = Duration::from_secs(86_400);

fn monthly(from: &str, to: &str, amount: &str) -> Value {
    json!({
        "debtorAccountId": from,
        "creditorAccountId": to,
        "amount": cny(amount),
        "frequency": "MONTHLY",
        "firstPaymentDate": "2026-03-31",
        "businessDayConvention": "FOLLOWING",
        "remittanceInformation": "房租 Rent",
    })
}

#[tokio::test]
async fn a_standing_order_pays_when_due_and_suspends_after_failures() {
    on_every_store(async |store| {
        let bank = Bank::start(store.store()).await;
        let caller = bank.caller();
        let people = of_class(&caller, "I").await;
        let ((from, _), (to, _)) = (&people[0], &people[1]);
        let before = balances(&caller, to).await.0.replace('.', "").parse::<i64>().unwrap();
        let made = caller.post(ORDERS, "make", &monthly(from, to, "5200.00")).await;
        assert_eq!((made.status, &made.json["nextPaymentDate"]), (201, &json!("2026-03-31")), "{}", made.json);
        let path = format!("{ORDERS}/{}", made.json["standingOrderId"].as_str().unwrap());
        bank.clock.advance(DAY * 28);
        assert_eq!(caller.get(&path).await.json["paymentsMade"], 0, "March 30th");
        bank.clock.advance(DAY);
        let paid = caller.get(&path).await.json;
        assert_eq!((&paid["paymentsMade"], &paid["nextPaymentDate"]), (&json!(1), &json!("2026-04-30")));
        let runs = caller.get(&format!("{path}/payments")).await.json;
        let payment = runs["items"][0]["paymentId"].as_str().unwrap();
        let read = caller.get(&format!("/payment-order/v1/payments/{payment}")).await;
        assert_eq!(
            (read.status, &read.json["settledAt"]),
            (200, &json!("2026-03-30T16:00:00Z")),
            "it is the app's own"
        );

        // The payer lowers the limit: three failures in a row suspend the order.
        let limits = format!("/current-account/v1/accounts/{from}/limits");
        assert_eq!(caller.put(&limits, "lower", &json!({ "perPayment": cny("5000.00") })).await.status, 200);
        bank.clock.advance(DAY * 95);
        let suspended = caller.get(&path).await.json;
        assert_eq!((&suspended["status"], &suspended["paymentsFailed"]), (&json!("SUSPENDED"), &json!(3)));
        assert!(suspended["nextPaymentDate"].is_null());
        let runs = caller.get(&format!("{path}/payments?limit=1")).await.json;
        assert_eq!(runs["items"][0]["reason"], "bank.limit_exceeded");
        assert!(runs["nextCursor"].is_string());
        let resume = json!({ "status": "ACTIVE", "amount": cny("4000.00"), "remittanceInformation": "少付 Less" });
        let resumed = caller.put(&path, "resume", &resume).await;
        assert_eq!((resumed.status, &resumed.json["consecutiveFailures"]), (200, &json!(0)), "{}", resumed.json);
        assert_eq!(resumed.json["nextPaymentDate"], "2026-07-31");
        bank.clock.advance(DAY * 27);
        assert_eq!(caller.get(&path).await.json["paymentsMade"], 2);
        let ended = caller.act(&format!("{path}/termination"), "end").await;
        assert_eq!((ended.status, &ended.json["status"]), (200, &json!("TERMINATED")));
        assert_eq!(caller.act(&format!("{path}/termination"), "end again").await.code(), "lifecycle.refused");
        assert_eq!(caller.put(&path, "late", &resume).await.code(), "lifecycle.refused");
        bank.clock.advance(DAY * 60);
        assert_eq!(caller.get(&path).await.json["paymentsMade"], 2);
        let after = balances(&caller, to).await.0.replace('.', "").parse::<i64>().unwrap();
        assert!(after - before >= 920_000, "interest aside, the payee got two payments");
        bank.assert_books().await;
        bank.handle.stop().await;
    })
    .await;
}

#[tokio::test]
async fn standing_orders_are_refused_by_the_rules() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let people = of_class(&caller, "I").await;
    let ((from, _), (to, _)) = (&people[0], &people[1]);
    let good = monthly(from, to, "100.00");
    let elsewhere =
        json!({ "name": "示例物业服务有限公司", "accountNumber": "6200000099001013", "bankCode": "999100000012" });
    let nobody = json!("acc_01KAV3M2N4ZQ8W5T7R9X1Y3C5D");
    let day = |day: &str| json!(day);
    refused(
        &caller,
        ORDERS,
        &[
            ("past", with(good.clone(), "/firstPaymentDate", day("2026-03-01")), 422, "request.invalid"),
            ("ends first", with(good.clone(), "/lastPaymentDate", day("2026-03-30")), 422, "request.invalid"),
            ("two payees", with(good.clone(), "/creditor", elsewhere.clone()), 422, "request.invalid"),
            ("no payee", with(good.clone(), "/creditorAccountId", Value::Null), 422, "request.invalid"),
            ("the same", with(good.clone(), "/creditorAccountId", json!(from)), 422, "bank.same_account"),
            ("nobody", with(good.clone(), "/debtorAccountId", nobody), 404, "bank.account_not_found"),
            ("too much", with(good.clone(), "/amount", cny("50000.01")), 422, "bank.limit_exceeded"),
            ("dollars", with(good.clone(), "/amount/currency", json!("USD")), 422, "bank.currency_mismatch"),
            ("too often", with(good.clone(), "/frequency", json!("HOURLY")), 422, "request.invalid"),
            ("no payments", with(good.clone(), "/paymentCount", json!(0)), 422, "request.invalid"),
        ],
    )
    .await;
    let mut weekly = with(with(good.clone(), "/creditorAccountId", Value::Null), "/creditor", elsewhere);
    weekly = with(with(weekly, "/frequency", json!("WEEKLY")), "/paymentCount", json!(2));
    let made = caller.post(ORDERS, "weekly", &weekly).await;
    assert_eq!((made.status, &made.json["paymentCount"]), (201, &json!(2)), "{}", made.json);
    let path = format!("{ORDERS}/{}", made.json["standingOrderId"].as_str().unwrap());
    for (name, body, code) in [
        ("nothing", json!({}), "request.invalid"),
        ("a last day", json!({ "lastPaymentDate": "2026-09-01" }), "request.invalid"),
        ("too much", json!({ "amount": cny("50000.01") }), "bank.limit_exceeded"),
        ("odd state", json!({ "status": "COMPLETED" }), "request.invalid"),
    ] {
        assert_eq!(caller.put(&path, name, &body).await.code(), code, "{name}");
    }
    bank.clock.advance(DAY * 40);
    let done = caller.get(&path).await.json;
    assert_eq!((&done["status"], &done["paymentsMade"]), (&json!("COMPLETED"), &json!(2)));
    assert_eq!(caller.get(&format!("{ORDERS}?debtorAccountId={from}")).await.json["items"][0], done);
    // Another app of the partner has none of it.
    let other = crate::support::Caller::new(&bank.handle.url(), crate::support::GATEWAY, "app_two");
    assert_eq!(other.get(ORDERS).await.json["items"], json!([]));
    for path in [path.clone(), format!("{path}/payments"), format!("{ORDERS}/x")] {
        assert_eq!(other.get(&path).await.code(), "resource.not_found");
    }
    bank.assert_books().await;
    bank.handle.stop().await;
}

#[tokio::test]
async fn an_order_ends_when_its_last_day_is_moved_before_its_next_payment() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let people = of_class(&caller, "I").await;
    let ((from, _), (to, _)) = (&people[0], &people[1]);
    let made = caller.post(ORDERS, "make", &monthly(from, to, "100.00")).await;
    let path = format!("{ORDERS}/{}", made.json["standingOrderId"].as_str().unwrap());
    let later = caller.put(&path, "later", &json!({ "lastPaymentDate": "2026-04-29" })).await;
    assert_eq!(
        (later.status, &later.json["status"], &later.json["nextPaymentDate"]),
        (200, &json!("ACTIVE"), &json!("2026-03-31")),
        "{}",
        later.json
    );
    bank.clock.advance(DAY * 29);
    let once = caller.get(&path).await.json;
    assert_eq!((&once["status"], &once["paymentsMade"]), (&json!("COMPLETED"), &json!(1)), "{once}");

    let april = with(monthly(from, to, "100.00"), "/firstPaymentDate", json!("2026-04-30"));
    let made = caller.post(ORDERS, "again", &april).await;
    let path = format!("{ORDERS}/{}", made.json["standingOrderId"].as_str().unwrap());
    let sooner = caller.put(&path, "sooner", &json!({ "lastPaymentDate": "2026-04-15" })).await;
    assert_eq!((sooner.status, &sooner.json["status"]), (200, &json!("COMPLETED")), "{}", sooner.json);
    bank.clock.advance(DAY * 60);
    let never = caller.get(&path).await.json;
    assert_eq!((&never["status"], &never["paymentsMade"]), (&json!("COMPLETED"), &json!(0)), "{never}");
    bank.assert_books().await;
    bank.handle.stop().await;
}

#[tokio::test]
async fn more_than_the_retail_systems_carry_goes_through_the_high_value_system() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let (_, from) = customer(&caller, "Example Precision Manufacturing Co., Ltd.", "CNY").await;
    let creditor =
        json!({ "name": "示例商贸有限公司", "accountNumber": "6200000000000013", "bankCode": "999100000012" });
    let order = with(monthly(&from, &from, "1000000.01"), "/creditorAccountId", Value::Null);
    let made = caller.post(ORDERS, "large", &with(order, "/creditor", creditor)).await;
    assert_eq!(made.status, 201, "{}", made.json);
    bank.clock.advance(DAY * 30);
    let path = format!("{ORDERS}/{}", made.json["standingOrderId"].as_str().unwrap());
    let run = caller.get(&format!("{path}/payments")).await.json["items"][0].clone();
    assert_eq!(run["outcome"], "PAID", "{run}");
    let payment = run["paymentId"].as_str().unwrap();
    let payment = caller.get(&format!("/payment-order/v1/payments/{payment}")).await.json;
    assert_eq!(payment["clearing"], "HVPS", "{payment}");
    bank.assert_books().await;
    bank.handle.stop().await;
}
