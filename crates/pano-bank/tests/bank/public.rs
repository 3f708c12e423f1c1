//! Public information: branches, products, rates, calendars.

use crate::support::Bank;
use pano_testkit::TestStore;
use serde_json::json;

#[tokio::test]
async fn what_everyone_may_know() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    for (path, count) in [
        // Monday 2026-03-02, 10:15 in Beijing.
        ("/branch-location-management/v1/branches", 4),
        ("/branch-location-management/v1/branches?openNow=true", 4),
        ("/branch-location-management/v1/branches?openNow=false", 0),
        ("/branch-location-management/v1/branches?service=SAFE_BOX", 1),
        ("/product-directory/v1/products", 33),
        ("/product-directory/v1/products?productClass=CARD", 2),
        ("/product-directory/v1/products?customerType=ORGANISATION", 28),
        ("/public-reference-data/v1/interest-rates", 34),
        ("/public-reference-data/v1/interest-rates?kind=LPR", 2),
        ("/public-reference-data/v1/interest-rates?currency=USD", 4),
        ("/public-reference-data/v1/calendars", 1),
        ("/public-reference-data/v1/calendars/CN/days", 31),
        ("/public-reference-data/v1/calendars/CN/days?fromDate=2026-05-01&toDate=2026-05-05", 5),
        ("/public-reference-data/v1/calendars/CN/days?fromDate=2026-01-01&toDate=2027-01-01&limit=200", 200),
    ] {
        let answer = caller.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        assert_eq!(answer.json["items"].as_array().unwrap().len(), count, "{path}");
    }
    let calendar = caller.get("/public-reference-data/v1/calendars").await.json["items"][0].clone();
    assert_eq!((&calendar["today"], &calendar["nextBusinessDay"]), (&json!("2026-03-02"), &json!("2026-03-03")));
    let product = caller.get("/product-directory/v1/products/CARD-CREDIT").await;
    assert_eq!(product.json["fees"][1]["rate"], "0.006000");
    // What is published is what is sold.
    let sold = caller.get("/term-deposit/v1/products?limit=200").await.json["items"].clone();
    for product in sold.as_array().unwrap() {
        let code = product["productCode"].as_str().unwrap();
        assert_eq!(caller.get(&format!("/product-directory/v1/products/{code}")).await.status, 200, "{code}");
    }
    assert_eq!(caller.get("/branch-location-management/v1/branches/990100001").await.json["accessible"], true);
    for (path, code) in [
        ("/branch-location-management/v1/branches/1", "resource.not_found"),
        ("/branch-location-management/v1/branches?service=TEA", "request.invalid"),
        ("/product-directory/v1/products/NONE", "resource.not_found"),
        ("/product-directory/v1/products?productClass=TEA", "request.invalid"),
        ("/public-reference-data/v1/interest-rates?kind=TEA", "request.invalid"),
        ("/public-reference-data/v1/calendars/XX/days", "resource.not_found"),
        ("/public-reference-data/v1/calendars/CN/days?fromDate=2026-05-02&toDate=2026-05-01", "request.invalid"),
        ("/public-reference-data/v1/calendars/CN/days?fromDate=2026-01-01&toDate=2027-01-02", "request.invalid"),
        ("/public-reference-data/v1/calendars/CN/days?fromDate=tomorrow", "request.invalid"),
    ] {
        assert_eq!(caller.get(path).await.code(), code, "{path}");
    }
    bank.handle.stop().await;
}
