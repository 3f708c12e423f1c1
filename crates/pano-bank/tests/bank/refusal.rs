//! What is refused, and with which code.

use crate::support::{Bank, Caller, GATEWAY, ROLE, accounts, balances, domestic, transfer};
use http::Method;
use pano_testkit::TestStore;
use serde_json::{Value, json};

const INTERNAL: &str = "/payment-order/v1/internal-transfers";
const DOMESTIC: &str = "/payment-order/v1/domestic-payments";

fn with(mut body: Value, pointer: &str, value: Value) -> Value {
    match body.pointer_mut(pointer) {
        Some(place) => *place = value,
        None => body[pointer.trim_start_matches('/')] = value,
    }
    body
}

#[tokio::test]
async fn orders_that_break_a_rule_leave_nothing() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let open = accounts(&caller).await;
    let (from, to) = (open[0].clone(), open[1].clone());
    let all = caller.get("/current-account/v1/accounts?limit=200").await.json["items"].clone();
    let find = |name: &str, value: &str| {
        let found = all.as_array().unwrap().iter().find(|account| account[name] == value);
        found.unwrap()["accountId"].as_str().unwrap().to_owned()
    };
    let (frozen, dollars) = (find("status", "FROZEN"), find("currency", "USD"));
    let small = all.as_array().unwrap().iter().find(|a| a["limits"]["perPayment"]["amount"] == "1000.00").unwrap();
    let small = small["accountId"].as_str().unwrap();
    let of_dollars = |limit: &str| {
        let mut accounts = all.as_array().unwrap().iter().filter(|account| account["currency"] == "USD");
        let found = accounts.find(|account| account["limits"]["perPayment"]["amount"] == limit);
        found.unwrap()["accountId"].as_str().unwrap().to_owned()
    };
    let too_much =
        with(transfer(&of_dollars("50000.00"), &of_dollars("5000000.00"), "3200.01"), "/amount/currency", json!("USD"));
    let nobody = "acc_01KAV3M2N4ZQ8W5T7R9X1Y3C5D";
    let before = balances(&caller, &from).await;
    let good = transfer(&from, &to, "1.00");
    for (name, path, body, status, code) in [
        ("unknown payer", INTERNAL, transfer(nobody, &to, "1.00"), 422, "bank.account_not_found"),
        ("unknown payee", INTERNAL, transfer(&from, nobody, "1.00"), 422, "bank.account_not_found"),
        ("same account", INTERNAL, transfer(&from, &from, "1.00"), 422, "bank.same_account"),
        ("frozen payer", INTERNAL, transfer(&frozen, &to, "1.00"), 422, "bank.account_frozen"),
        ("other currency", INTERNAL, transfer(&from, &dollars, "1.00"), 422, "bank.currency_mismatch"),
        ("zero", INTERNAL, transfer(&from, &to, "0.00"), 422, "bank.amount_invalid"),
        ("negative", INTERNAL, transfer(&from, &to, "-1.00"), 422, "bank.amount_invalid"),
        ("three digits", INTERNAL, transfer(&from, &to, "1.001"), 422, "bank.amount_invalid"),
        ("no currency", INTERNAL, with(good.clone(), "/amount/currency", json!("XXX")), 422, "bank.amount_invalid"),
        ("over the payment limit", INTERNAL, transfer(small, &to, "1000.01"), 422, "bank.limit_exceeded"),
        ("too little money", INTERNAL, too_much, 422, "bank.insufficient_funds"),
        ("over the account of another", INTERNAL, transfer(small, &dollars, "1.00"), 422, "bank.currency_mismatch"),
        ("unknown member", INTERNAL, with(good.clone(), "/fee", json!("1")), 422, "request.invalid"),
        ("number for text", INTERNAL, with(good.clone(), "/amount/amount", json!(1)), 422, "request.invalid"),
        ("long reference", INTERNAL, with(good.clone(), "/endToEndId", json!("x".repeat(36))), 422, "request.invalid"),
        (
            "control character",
            INTERNAL,
            with(good.clone(), "/remittanceInformation", json!("a\u{7}")),
            422,
            "request.invalid",
        ),
        ("other kind of id", INTERNAL, with(good.clone(), "/debtorAccountId", json!("pty_1")), 422, "request.invalid"),
        ("clearing of its own", DOMESTIC, domestic(&from, "1.00", "BOOK"), 422, "request.invalid"),
        (
            "bank code",
            DOMESTIC,
            with(domestic(&from, "1.00", "IBPS"), "/creditor/bankCode", json!("12")),
            422,
            "request.invalid",
        ),
        ("over clearing's limit", DOMESTIC, domestic(&from, "1000000.01", "BEPS"), 422, "bank.limit_exceeded"),
        (
            "not in dollars",
            DOMESTIC,
            with(domestic(&dollars, "1.00", "BEPS"), "/amount/currency", json!("USD")),
            422,
            "bank.currency_mismatch",
        ),
    ] {
        let key = name.replace(' ', "-");
        let answer = caller.post(path, &key, &body).await;
        // An account that an order names and that is not there: the address exists, so 404 is what the table says.
        let status = if code == "bank.account_not_found" { 404 } else { status };
        assert_eq!((answer.status, answer.code()), (status, code), "{name}: {}", answer.json);
        // The key was not used up: another order may take it, and is refused for its own reason.
        let again = caller.post(INTERNAL, &key, &transfer(&from, &from, "1.00")).await;
        assert_eq!(again.code(), "bank.same_account", "{name}");
    }
    assert_eq!(balances(&caller, &from).await, before);
    bank.assert_books().await;
    bank.handle.stop().await;
}

#[tokio::test]
async fn the_day_has_a_limit_that_ends_with_it() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let open = accounts(&caller).await;
    let page = caller.get("/current-account/v1/accounts?currency=CNY").await;
    let rich = page.json["items"].as_array().unwrap().iter();
    let mut rich = rich.filter(|a| a["limits"]["perDay"]["amount"] == "200000.00" && a["status"] == "OPEN");
    let mut from = None;
    for account in rich.by_ref() {
        let id = account["accountId"].as_str().unwrap();
        if balances(&caller, id).await.1.replace('.', "").parse::<i64>().unwrap() > 25_000_000 {
            from = Some(id.to_owned());
        }
    }
    let from = from.unwrap();
    let to = open.iter().find(|id| **id != from).unwrap();
    for n in 0..4 {
        let paid = caller.post(INTERNAL, &format!("day-{n}"), &transfer(&from, to, "50000.00")).await;
        assert_eq!(paid.status, 201, "{}", paid.json);
    }
    let over = caller.post(INTERNAL, "day-5", &transfer(&from, to, "0.01")).await;
    assert_eq!((over.status, over.code()), (422, "bank.limit_exceeded"));
    assert_eq!(over.json["detail"], "per day limit: 200000.00 CNY");
    bank.clock.advance(std::time::Duration::from_secs(24 * 3600));
    assert_eq!(caller.post(INTERNAL, "day-5", &transfer(&from, to, "0.01")).await.status, 201);
    bank.handle.stop().await;
}

#[tokio::test]
async fn reading_what_is_not_there_or_asked_wrongly() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let account = accounts(&caller).await.remove(0);
    let entries = format!("/current-account/v1/accounts/{account}/transactions");
    let foreign =
        caller.get("/current-account/v1/accounts?limit=1").await.json["nextCursor"].as_str().unwrap().to_owned();
    for (path, status, code) in [
        ("/current-account/v1/accounts/acc_01KAV3M2N4ZQ8W5T7R9X1Y3C5D".to_owned(), 404, "bank.account_not_found"),
        ("/current-account/v1/accounts/1".to_owned(), 404, "bank.account_not_found"),
        ("/current-account/v1/accounts/1/balances".to_owned(), 404, "bank.account_not_found"),
        ("/party-reference-data-directory/v1/parties/x".to_owned(), 404, "bank.party_not_found"),
        ("/payment-order/v1/payments/x".to_owned(), 404, "bank.payment_not_found"),
        (format!("{entries}/999999"), 404, "resource.not_found"),
        (format!("{entries}/x"), 404, "resource.not_found"),
        (format!("{entries}?cursor=!"), 400, "page.cursor_invalid"),
        (format!("{entries}?cursor={foreign}"), 400, "page.cursor_invalid"),
        (format!("{entries}?limit=0"), 422, "request.invalid"),
        (format!("{entries}?fromDate=2026-02-30"), 422, "request.invalid"),
        (format!("{entries}?fromDate=2026-03-02&toDate=2026-03-01"), 422, "request.invalid"),
        (format!("{entries}?minAmount=1.001"), 422, "bank.amount_invalid"),
        (format!("{entries}?colour=red"), 422, "request.invalid"),
        ("/current-account/v1/accounts?currency=XXX".to_owned(), 422, "request.invalid"),
        ("/current-account/v1/cards".to_owned(), 404, "resource.not_found"),
    ] {
        let answer = caller.get(&path).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{path}: {}", answer.json);
    }
    bank.handle.stop().await;
}

#[tokio::test]
async fn only_the_gateway_is_heard() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let url = bank.handle.url();
    let list = "/current-account/v1/accounts";
    for (name, caller, path, status, code) in [
        ("wrong credential", Caller::new(&url, "wrong", "app"), list, 401, "bank.caller_unknown"),
        ("role for gateway", Caller::new(&url, ROLE, "app"), list, 401, "bank.caller_unknown"),
        (
            "gateway for role",
            Caller::new(&url, GATEWAY, "app"),
            "/internal/v1/trial-balance",
            401,
            "bank.caller_unknown",
        ),
        ("no app", Caller::new(&url, GATEWAY, ""), list, 400, "bank.client_id_required"),
        ("no partner", Caller::of(&url, GATEWAY, "app", ""), list, 400, "bank.client_id_required"),
        ("another kind of id", Caller::of(&url, GATEWAY, "app", "app_1"), list, 400, "bank.client_id_required"),
        ("role", Caller::new(&url, ROLE, "app"), "/internal/v1/trial-balance", 200, "none"),
    ] {
        let answer = caller.get(path).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{name}: {}", answer.json);
    }
    let nobody = pano_http::Client::new(&url).unwrap();
    for document in pano_bank::DOCUMENTS {
        for path in [format!("{}/x", document.base_path()), format!("{}/accounts", document.base_path())] {
            let code = nobody.get::<Value>(&path).await.unwrap_err().code().map(str::to_owned);
            assert!(matches!(code.as_deref(), Some("bank.caller_unknown" | "resource.not_found")), "{path}: {code:?}");
        }
        let address = format!("{url}/openapi/{}.yaml", document.slug);
        let yaml = nobody.send(Method::GET, &address, Default::default(), Default::default()).await.unwrap();
        assert_eq!(yaml.body, document.text.as_bytes());
    }
    let open = accounts(&bank.caller()).await;
    for body in [transfer("a", "b", "1"), transfer(&open[0], &open[1], "1")] {
        let unkeyed = bank.caller().send(Method::POST, INTERNAL, &[], Some(&body)).await.unwrap();
        assert_eq!((unkeyed.status, unkeyed.code()), (400, "idempotency.key_required"), "before the body is read");
    }
    bank.handle.stop().await;
}

#[tokio::test]
async fn particulars_are_in_the_readers_language() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let open = accounts(&caller).await;
    let good = transfer(&open[0], &open[1], "1.00");
    let zh = [("accept-language", "zh"), ("idempotency-key", "k")];
    for (path, body) in [
        (INTERNAL, transfer("acc_01KAV3M2N4ZQ8W5T7R9X1Y3C5D", &open[1], "1.00")),
        (INTERNAL, with(good.clone(), "/amount/amount", json!("0.00"))),
        (INTERNAL, with(good.clone(), "/amount/amount", json!("1.001"))),
        (INTERNAL, with(good.clone(), "/amount/amount", json!(1))),
        (INTERNAL, with(good.clone(), "/endToEndId", json!("x".repeat(36)))),
        (INTERNAL, with(good.clone(), "/fee", json!("1"))),
    ] {
        let answer = caller.send(Method::POST, path, &zh, Some(&body)).await.unwrap();
        let problem = &answer.json;
        let mut said: Vec<&str> = problem["detail"].as_str().into_iter().collect();
        said.extend(problem["errors"].as_array().into_iter().flatten().filter_map(|error| error["reason"].as_str()));
        let chinese = |text: &&str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        assert!(!said.is_empty() && said.iter().all(chinese), "{problem}");
    }
    bank.handle.stop().await;
}
