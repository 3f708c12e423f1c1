//! Classes of accounts, their limits, statements and holds.

use crate::support::{Bank, balances, cny, fen, of_class, refused, transfer, with};
use pano_testkit::{TestStore, on_every_store};
use serde_json::{Value, json};
use std::time::Duration;

const ACCOUNTS: &str = "/current-account/v1/accounts";
const OWN: &str = "/payment-order/v1/own-account-transfers";
const INTERNAL: &str = "/payment-order/v1/internal-transfers";
const DAY: Duration = Duration::from_secs(24 * 3600);

fn own(from: &str, to: &str, amount: &str) -> Value {
    json!({ "debtorAccountId": from, "creditorAccountId": to, "amount": cny(amount) })
}

#[tokio::test]
async fn a_class_three_account_holds_and_moves_what_the_regulator_allows() {
    on_every_store(async |store| {
        let bank = Bank::start(store.store()).await;
        let caller = bank.caller();
        let people = of_class(&caller, "I").await;
        let ((full, owner), (other, _)) = (&people[0], &people[1]);
        let request =
            json!({ "ownerPartyId": owner, "accountClass": "III", "currency": "CNY", "boundAccountId": full });
        let opened = caller.post(ACCOUNTS, "open", &request).await;
        assert_eq!((opened.status, &opened.json["accountClass"]), (201, &json!("III")), "{}", opened.json);
        let purse = opened.json["accountId"].as_str().unwrap();
        assert_eq!(caller.post(ACCOUNTS, "open", &request).await.json, opened.json, "the same key opens one");
        let listed = caller.get(&format!("{ACCOUNTS}?ownerPartyId={owner}")).await;
        assert!(listed.json["items"].as_array().unwrap().iter().any(|account| account["accountId"] == *purse));

        // From the account it is bound to nothing counts but the balance.
        let filled = caller.post(OWN, "fill", &own(full, purse, "2000.00")).await;
        assert_eq!((filled.status, &filled.json["paymentType"]), (201, &json!("OWN_ACCOUNT")), "{}", filled.json);
        let over = caller.post(OWN, "over", &own(full, purse, "0.01")).await;
        assert_eq!((over.code(), &over.json["detail"]), ("bank.limit_exceeded", &json!("balance limit: 2000.00 CNY")));
        let limits = caller.get(&format!("{ACCOUNTS}/{purse}/limits")).await;
        assert_eq!(fen(&limits.json["incoming"]["usedToday"]), 0);
        assert_eq!(fen(&limits.json["balanceMax"]), 200_000);

        // To and from others a day carries 2,000.00.
        assert_eq!(caller.post(INTERNAL, "out", &transfer(purse, other, "1500.00")).await.status, 201);
        let over = caller.post(INTERNAL, "out-2", &transfer(purse, other, "500.01")).await;
        assert_eq!((over.code(), &over.json["detail"]), ("bank.limit_exceeded", &json!("per day limit: 2000.00 CNY")));
        assert_eq!(caller.post(INTERNAL, "in", &transfer(other, purse, "1500.00")).await.status, 201);
        let limits = caller.get(&format!("{ACCOUNTS}/{purse}/limits")).await;
        assert_eq!(fen(&limits.json["outgoing"]["usedToday"]), 150_000);
        assert_eq!(fen(&limits.json["outgoing"]["usedThisYear"]), 150_000);
        assert_eq!(fen(&limits.json["incoming"]["usedToday"]), 150_000);
        assert_eq!(caller.post(OWN, "back", &own(purse, full, "2000.00")).await.status, 201);
        let over = caller.post(INTERNAL, "in-2", &transfer(other, purse, "500.01")).await;
        assert_eq!(over.json["detail"], "incoming per day limit: 2000.00 CNY");
        bank.clock.advance(DAY);
        assert_eq!(caller.post(INTERNAL, "in-2", &transfer(other, purse, "500.01")).await.status, 201);
        bank.assert_books().await;
        bank.handle.stop().await;
    })
    .await;
}

#[tokio::test]
async fn no_room_leads_around_the_limits_of_a_class() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let (full, owner) = of_class(&caller, "I").await.remove(0);
    let open = |class: &str| {
        let request =
            json!({ "ownerPartyId": owner, "accountClass": class, "currency": "CNY", "boundAccountId": full });
        let (caller, key) = (caller.clone(), format!("open-{class}"));
        async move { caller.post(ACCOUNTS, &key, &request).await.json["accountId"].as_str().unwrap().to_owned() }
    };
    let (two, three) = (open("II").await, open("III").await);
    assert_eq!(caller.post(OWN, "fill-two", &own(&full, &two, "30000.00")).await.status, 201);
    assert_eq!(caller.post(OWN, "fill-three", &own(&full, &three, "2000.00")).await.status, 201);
    let deposit = |amount: &str| json!({ "accountId": two, "productCode": "TD-CNY-03M", "amount": cny(amount), "rolloverInstruction": "NONE" });
    let deposits = "/term-deposit/v1/deposits";
    assert_eq!(caller.post(deposits, "much", &deposit("10000.01")).await.code(), "bank.limit_exceeded");
    assert_eq!(caller.post(deposits, "some", &deposit("6000.00")).await.status, 201);
    assert_eq!(caller.post(deposits, "more", &deposit("4000.01")).await.code(), "bank.limit_exceeded", "of the day");

    // A premium is a payment like any other; a purse of class III and savings pay none.
    let cover = json!({
        "productCode": "TRAVEL-WORLD", "policyholderPartyId": owner, "sumInsured": cny("2000000.00"),
        "startDate": "2026-03-10", "termDays": 365,
    });
    let quoted = caller.post("/insurance-agreement/v1/insurance-quotes", "cover", &cover).await.json;
    let savings = caller.get("/savings-account/v1/savings-accounts?currency=CNY").await.json["items"][0].clone();
    let savings = savings["savingsAccountId"].as_str().unwrap();
    let policies = "/insurance-agreement/v1/insurance-policies";
    let pay = |from: &str| json!({ "quoteId": quoted["quoteId"], "debtorAccountId": from });
    assert_eq!(caller.post(policies, "two", &pay(&two)).await.code(), "bank.limit_exceeded", "{quoted}");
    assert_eq!(caller.post(policies, "three", &pay(&three)).await.code(), "request.invalid");
    assert_eq!(caller.post(policies, "savings", &pay(savings)).await.code(), "bank.account_not_found");
    // What an owner puts aside from a full account does not use up what they may pay.
    let spent = |limits: &Value| fen(&limits["outgoing"]["usedToday"]);
    let before = caller.get(&format!("{ACCOUNTS}/{full}/limits")).await.json;
    let whole = with(deposit("5000.00"), "/accountId", json!(full));
    assert_eq!(caller.post(deposits, "full", &whole).await.status, 201);
    assert_eq!(spent(&caller.get(&format!("{ACCOUNTS}/{full}/limits")).await.json), spent(&before));
    bank.assert_books().await;
    bank.handle.stop().await;
}

#[tokio::test]
async fn accounts_are_opened_by_the_rules() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let people = of_class(&caller, "I").await;
    let ((full, owner), (other, _)) = (&people[0], &people[1]);
    let (_, firm) = &of_class(&caller, "BUSINESS").await[0];
    let good = json!({ "ownerPartyId": owner, "accountClass": "II", "currency": "CNY", "boundAccountId": full });
    let first = json!({ "ownerPartyId": owner, "accountClass": "I", "currency": "JPY" });
    let nobody = json!("pty_01KAV3M2N4ZQ8W5T7R9X1Y3C5D");
    refused(
        &caller,
        ACCOUNTS,
        &[
            ("nobody", with(good.clone(), "/ownerPartyId", nobody), 404, "bank.party_not_found"),
            ("a firm", with(good.clone(), "/ownerPartyId", json!(firm)), 422, "request.invalid"),
            ("dollars", with(good.clone(), "/currency", json!("USD")), 422, "bank.currency_mismatch"),
            ("bound to another's", with(good.clone(), "/boundAccountId", json!(other)), 404, "bank.account_not_found"),
            ("bound to none", with(good.clone(), "/boundAccountId", Value::Null), 422, "request.invalid"),
            ("a firm's class", with(good.clone(), "/accountClass", json!("BUSINESS")), 422, "request.invalid"),
            ("unknown class", with(good.clone(), "/accountClass", json!("IV")), 422, "request.invalid"),
            ("a second one", with(first.clone(), "/currency", json!("CNY")), 409, "resource.conflict"),
            ("bound class one", with(first.clone(), "/boundAccountId", json!(full)), 422, "request.invalid"),
        ],
    )
    .await;
    let yen = caller.post(ACCOUNTS, "yen", &first).await;
    assert_eq!((yen.status, &yen.json["currency"]), (201, &json!("JPY")), "{}", yen.json);
    for n in 0..5 {
        assert_eq!(caller.post(ACCOUNTS, &format!("two-{n}"), &good).await.status, 201);
    }
    let sixth = caller.post(ACCOUNTS, "two-6", &good).await;
    assert_eq!((sixth.status, sixth.code()), (422, "bank.limit_exceeded"));

    let limits = format!("{ACCOUNTS}/{full}/limits");
    let changed = caller.put(&limits, "lower", &json!({ "perPayment": cny("100.00") })).await;
    assert_eq!((changed.status, fen(&changed.json["perPayment"])), (200, 10_000), "{}", changed.json);
    let over = caller.post(INTERNAL, "over", &transfer(full, other, "100.01")).await;
    assert_eq!(over.json["detail"], "per payment limit: 100.00 CNY");
    for (name, body, code) in [
        ("nothing", json!({}), "request.invalid"),
        ("too high", json!({ "perDay": cny("1000000.01") }), "bank.limit_exceeded"),
        ("a payment over a day", json!({ "perPayment": cny("300000.00") }), "bank.limit_exceeded"),
        ("zero", json!({ "perPayment": cny("0.00") }), "bank.amount_invalid"),
        ("dollars", json!({ "perPayment": { "amount": "1.00", "currency": "USD" } }), "bank.currency_mismatch"),
    ] {
        let answer = caller.put(&limits, name, &body).await;
        assert_eq!((answer.status, answer.code()), (422, code), "{name}: {}", answer.json);
    }
    assert_eq!(caller.get(&format!("{ACCOUNTS}/x/limits")).await.code(), "bank.account_not_found");
    bank.handle.stop().await;
}

#[tokio::test]
async fn statements_add_up_and_do_not_change() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let people = of_class(&caller, "I").await;
    let ((account, _), (other, _)) = (&people[0], &people[1]);
    let statements = format!("{ACCOUNTS}/{account}/statements");
    let listed = caller.get(&format!("{statements}?limit=200")).await;
    let months = listed.json["items"].as_array().unwrap().clone();
    assert_eq!(months[0]["statementId"], "2026-02", "the newest month that has ended");
    for pair in months.windows(2) {
        assert_eq!(pair[0]["openingBalance"], pair[1]["closingBalance"]);
    }
    let august = format!("{statements}/2025-08");
    let whole = caller.get(&format!("{august}?limit=1")).await;
    assert_eq!(whole.json["items"].as_array().unwrap().len(), 1, "{}", whole.json);
    let next = whole.json["nextCursor"].as_str().unwrap();
    let rest = caller.get(&format!("{august}?limit=1&cursor={next}")).await;
    assert!(rest.json["items"][0]["entryNumber"].as_u64() > whole.json["items"][0]["entryNumber"].as_u64());
    let statement = &whole.json["statement"];
    let moved = fen(&statement["creditTotal"]) - fen(&statement["debitTotal"]);
    assert_eq!(fen(&statement["closingBalance"]) - fen(&statement["openingBalance"]), moved);

    let xml = caller.get(&format!("{august}/camt-053")).await;
    assert_eq!((xml.status, &xml.headers["content-type"]), (200, &"application/xml".parse().unwrap()));
    let text = xml.json.as_str().unwrap();
    let entries = statement["creditCount"].as_u64().unwrap() + statement["debitCount"].as_u64().unwrap();
    assert_eq!(text.matches("<Ntry>").count() as u64, entries);
    assert!(text.contains("<Cd>CLBD</Cd>") && text.contains("<LastPgInd>true</LastPgInd>"));
    for (path, status, code) in [
        (format!("{august}/camt-053?page=2"), 422, "request.invalid"),
        (format!("{statements}/2026-03"), 404, "resource.not_found"),
        (format!("{statements}/2026-13"), 404, "resource.not_found"),
        (format!("{statements}/2001-01/camt-053"), 404, "resource.not_found"),
        (format!("{statements}?cursor=!"), 400, "page.cursor_invalid"),
    ] {
        let answer = caller.get(&path).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{path}: {}", answer.json);
    }

    caller.post(INTERNAL, "march", &transfer(account, other, "12.34")).await;
    assert_eq!(caller.get(&format!("{statements}?limit=200")).await.json["items"][0], months[0]);
    bank.clock.advance(DAY * 31);
    let listed = caller.get(&statements).await;
    assert_eq!(listed.json["items"][0]["statementId"], "2026-03");
    assert_eq!(listed.json["items"][1], months[0]);
    bank.handle.stop().await;
}

#[tokio::test]
async fn an_amount_is_held_until_released_or_over() {
    on_every_store(async |store| {
        let bank = Bank::start(store.store()).await;
        let caller = bank.caller();
        let (account, _) = of_class(&caller, "I").await.remove(0);
        let holds = format!("{ACCOUNTS}/{account}/holds");
        let before = balances(&caller, &account).await;
        let good = json!({ "amount": cny("300.00"), "purpose": "酒店 Hotel", "expiresOn": "2026-03-09" });
        let held = caller.post(&holds, "one", &good).await;
        assert_eq!((held.status, &held.json["state"]), (201, &json!("ACTIVE")), "{}", held.json);
        bank.clock.advance(Duration::from_secs(1));
        let second = caller.post(&holds, "two", &good).await.json["holdId"].as_str().unwrap().to_owned();
        let after = balances(&caller, &account).await;
        let less = |now: &str| {
            before.1.replace('.', "").parse::<i64>().unwrap() - now.replace('.', "").parse::<i64>().unwrap()
        };
        assert_eq!((&after.0, less(&after.1)), (&before.0, 60_000));
        let listed = caller.get(&format!("{holds}?limit=1")).await;
        assert_eq!(listed.json["items"][0]["holdId"], *second, "newest first");
        assert!(listed.json["nextCursor"].is_string());
        let path = format!("{holds}/{}/release", held.json["holdId"].as_str().unwrap());
        assert_eq!(caller.act(&path, "release").await.json["state"], "RELEASED");
        assert_eq!(caller.act(&path, "again").await.code(), "lifecycle.refused");
        refused(
            &caller,
            &holds,
            &[
                (
                    "too much",
                    with(good.clone(), "/amount/amount", json!("99999999.00")),
                    422,
                    "bank.insufficient_funds",
                ),
                ("too long", with(good.clone(), "/expiresOn", json!("2026-04-02")), 422, "request.invalid"),
                ("past", with(good.clone(), "/expiresOn", json!("2026-03-01")), 422, "request.invalid"),
                ("no purpose", with(good.clone(), "/purpose", json!("")), 422, "request.invalid"),
                ("dollars", with(good.clone(), "/amount/currency", json!("USD")), 422, "bank.currency_mismatch"),
            ],
        )
        .await;
        assert_eq!(caller.act(&format!("{holds}/hld_x/release"), "none").await.code(), "resource.not_found");
        // It ends with its last day.
        bank.clock.advance(DAY * 8);
        assert_eq!(balances(&caller, &account).await.1, before.1);
        bank.assert_books().await;
        bank.handle.stop().await;
    })
    .await;
}
