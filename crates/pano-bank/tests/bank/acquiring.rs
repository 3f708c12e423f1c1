//! Merchants: orders, refunds, settlement, the file to reconcile with.

use crate::support::{Bank, balances, cny, fen, of_class, refused, with};
use pano_testkit::{TestStore, on_every_store};
use serde_json::{Value, json};
use std::time::Duration;

const ORDERS: &str = "/merchant-acquiring/v1/orders";
const SETTLEMENTS: &str = "/merchant-acquiring/v1/settlements";

fn order(merchant: &Value, number: &str, amount: &str) -> Value {
    json!({
        "merchantId": merchant["merchantId"],
        "merchantOrderNumber": number,
        "amount": cny(amount),
        "subject": "牛肉面 Noodles",
    })
}

#[tokio::test]
async fn takings_are_settled_on_the_next_business_day_and_reconcile() {
    on_every_store(async |store| {
        let bank = Bank::start(store.store()).await;
        let caller = bank.caller();
        let merchant = caller.get("/merchant-acquiring/v1/merchants").await.json["items"][0].clone();
        let account = merchant["settlementAccountId"].as_str().unwrap();
        let (payer, _) = of_class(&caller, "I").await.remove(0);
        let pay = json!({ "payerAccountId": payer });
        // Friday, March 6th.
        bank.clock.advance(Duration::from_secs(4 * 86_400));
        let before = (balances(&caller, &payer).await.0, balances(&caller, account).await.0);
        let mut paths = Vec::new();
        for (number, amount) in [("N-1", "100.00"), ("N-2", "68.00")] {
            let made = caller.post(ORDERS, number, &order(&merchant, number, amount)).await;
            assert_eq!((made.status, &made.json["status"]), (201, &json!("CREATED")), "{}", made.json);
            let path = format!("{ORDERS}/{}", made.json["orderId"].as_str().unwrap());
            let paid = caller.post(&format!("{path}/payment"), &format!("pay-{number}"), &pay).await;
            assert_eq!((paid.status, &paid.json["status"]), (200, &json!("PAID")), "{}", paid.json);
            assert_eq!(
                caller.post(&format!("{path}/payment"), &format!("twice-{number}"), &pay).await.code(),
                "lifecycle.refused"
            );
            paths.push(path);
        }
        assert_eq!(caller.get(&paths[1]).await.json["fee"], cny("0.26"));
        let refund = json!({ "merchantRefundNumber": "R-1", "amount": cny("20.00"), "reason": "少一份 One missing" });
        let given = caller.post(&format!("{}/refunds", paths[1]), "refund", &refund).await;
        assert_eq!((given.status, &given.json["feeReturned"]), (201, &cny("0.08")), "{}", given.json);
        assert_eq!(balances(&caller, account).await.0, before.1, "nothing is settled on the day itself");
        // Saturday and Sunday settle nothing; Monday does.
        bank.clock.advance(Duration::from_secs(2 * 86_400));
        assert_eq!(balances(&caller, account).await.0, before.1);
        bank.clock.advance(Duration::from_secs(86_400));
        let settled = caller.get(&format!("{SETTLEMENTS}?limit=1")).await.json["items"][0].clone();
        assert_eq!((&settled["tradingDate"], &settled["settlementDate"]), (&json!("2026-03-06"), &json!("2026-03-09")));
        assert_eq!((&settled["orderAmount"], &settled["refundAmount"]), (&cny("168.00"), &cny("20.00")));
        assert_eq!((&settled["fee"], &settled["netAmount"]), (&cny("0.56"), &cny("147.44")));
        let got = |text: &str| text.replace('.', "").parse::<i64>().unwrap();
        assert_eq!(got(&balances(&caller, account).await.0) - got(&before.1), 14_744);
        let path = format!("{SETTLEMENTS}/{}/reconcile-file", settled["settlementId"].as_str().unwrap());
        let file = caller.get(&path).await;
        assert_eq!(file.headers["content-type"], "text/csv");
        let lines: Vec<Vec<&str>> = file.json.as_str().unwrap().lines().map(|line| line.split(',').collect()).collect();
        let mut kinds: Vec<_> = lines[1..4].iter().map(|line| line[0]).collect();
        kinds.sort_unstable();
        assert_eq!((kinds, lines[0][0], lines[4][0]), (vec!["ORDER", "ORDER", "REFUND"], "record", "TOTAL"));
        for column in [5, 6, 7] {
            let sum: i64 = lines[1..4].iter().map(|line| got(line[column])).sum();
            assert_eq!(sum, got(lines[4][column]), "column {column}");
        }
        assert_eq!((lines[4][1], got(lines[4][7])), ("3", fen(&settled["netAmount"])));

        // After settlement the merchant pays, and the fee comes back.
        let rest = json!({ "merchantRefundNumber": "R-2", "amount": cny("48.00") });
        let given = caller.post(&format!("{}/refunds", paths[1]), "rest", &rest).await;
        assert_eq!((given.status, &given.json["order"]["status"]), (201, &json!("REFUNDED")), "{}", given.json);
        assert_eq!(got(&balances(&caller, account).await.0) - got(&before.1), 14_744 - 4_800 + 18);
        assert_eq!(got(&before.0) - got(&balances(&caller, &payer).await.0), 10_000);
        assert_eq!(caller.get(&path).await.json, file.json, "what was settled does not change");
        bank.assert_books().await;
        bank.handle.stop().await;
    })
    .await;
}

#[tokio::test]
async fn orders_are_refused_by_the_rules() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let merchant = caller.get("/merchant-acquiring/v1/merchants?limit=1").await.json["items"][0].clone();
    let (payer, _) = of_class(&caller, "I").await.remove(0);
    let good = order(&merchant, "N-1", "10.00");
    let made = caller.post(ORDERS, "make", &with(good.clone(), "/expiresInMinutes", json!(5))).await;
    assert_eq!((made.status, &made.json["expiresAt"]), (201, &json!("2026-03-02T02:20:00Z")), "{}", made.json);
    refused(
        &caller,
        ORDERS,
        &[
            ("twice", good.clone(), 409, "resource.conflict"),
            (
                "nobody",
                with(good.clone(), "/merchantId", json!("mch_01KAV3M2N4ZQ8W5T7R9X1Y3C5D")),
                404,
                "resource.not_found",
            ),
            ("odd number", with(good.clone(), "/merchantOrderNumber", json!("a b")), 422, "request.invalid"),
            ("no subject", with(good.clone(), "/subject", json!("")), 422, "request.invalid"),
            ("too long", with(good.clone(), "/expiresInMinutes", json!(1441)), 422, "request.invalid"),
            ("dollars", with(good.clone(), "/amount/currency", json!("USD")), 422, "bank.currency_mismatch"),
            ("zero", with(good.clone(), "/amount", cny("0.00")), 422, "bank.amount_invalid"),
        ],
    )
    .await;
    let path = format!("{ORDERS}/{}", made.json["orderId"].as_str().unwrap());
    let nobody = json!({ "payerAccountId": "acc_01KAV3M2N4ZQ8W5T7R9X1Y3C5D" });
    let itself = json!({ "payerAccountId": merchant["settlementAccountId"] });
    refused(
        &caller,
        &format!("{path}/payment"),
        &[
            ("payer unknown", nobody, 404, "bank.account_not_found"),
            ("merchant itself", itself, 422, "bank.same_account"),
            ("payer missing", json!({}), 422, "request.invalid"),
        ],
    )
    .await;
    let refund = json!({ "merchantRefundNumber": "R-1", "amount": cny("1.00") });
    assert_eq!(caller.post(&format!("{path}/refunds"), "unpaid", &refund).await.code(), "lifecycle.refused");
    let closed = caller.post(ORDERS, "close me", &order(&merchant, "N-2", "10.00")).await;
    let close = format!("{ORDERS}/{}/closure", closed.json["orderId"].as_str().unwrap());
    assert_eq!(caller.act(&close, "close").await.json["status"], "CLOSED");
    assert_eq!(caller.act(&close, "again").await.code(), "lifecycle.refused");
    bank.clock.advance(Duration::from_secs(300));
    assert_eq!(caller.get(&path).await.json["status"], "CLOSED", "it lapsed");
    let pay = json!({ "payerAccountId": payer });
    assert_eq!(caller.post(&format!("{path}/payment"), "late", &pay).await.code(), "lifecycle.refused");

    let paid = caller.post(ORDERS, "third", &order(&merchant, "N-3", "10.00")).await;
    let path = format!("{ORDERS}/{}", paid.json["orderId"].as_str().unwrap());
    assert_eq!(caller.post(&format!("{path}/payment"), "pay", &pay).await.status, 200);
    let refunds = format!("{path}/refunds");
    assert_eq!(caller.post(&refunds, "one", &refund).await.status, 201);
    refused(
        &caller,
        &refunds,
        &[
            ("same number", refund.clone(), 409, "resource.conflict"),
            (
                "more than is left",
                with(with(refund.clone(), "/amount", cny("9.01")), "/merchantRefundNumber", json!("R-2")),
                422,
                "bank.limit_exceeded",
            ),
            (
                "refund in dollars",
                with(refund.clone(), "/amount/currency", json!("USD")),
                422,
                "bank.currency_mismatch",
            ),
            ("refund of nothing", with(refund.clone(), "/amount", cny("0.00")), 422, "bank.amount_invalid"),
        ],
    )
    .await;
    let listed = caller.get(&format!("{ORDERS}?tradingDate=2026-03-02&limit=200")).await.json;
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    let id = merchant["merchantId"].as_str().unwrap();
    assert!(caller.get(&format!("{ORDERS}?merchantId={id}&limit=1")).await.json["nextCursor"].is_string());
    let mut seeded = Vec::new();
    for merchant in caller.get("/merchant-acquiring/v1/merchants?limit=200").await.json["items"].as_array().unwrap() {
        let id = merchant["merchantId"].as_str().unwrap();
        let settled = caller.get(&format!("{SETTLEMENTS}?merchantId={id}")).await.json;
        seeded.extend(settled["items"].as_array().unwrap().clone());
    }
    assert_eq!(seeded.len(), 1, "the seed sold something yesterday, at one merchant");
    assert_eq!(seeded[0]["tradingDate"], "2026-03-01");
    for path in [format!("{ORDERS}/x"), format!("{SETTLEMENTS}/x/reconcile-file")] {
        assert_eq!(caller.get(&path).await.code(), "resource.not_found");
    }
    bank.assert_books().await;
    bank.handle.stop().await;
}
