//! Cards: what is bought, owed, repaid, and paid by instalments.

use crate::support::{Bank, Caller, accounts, balances};
use http::Method;
use pano_testkit::{TestStore, on_every_store};
use serde_json::{Value, json};
use std::time::Duration;

const CARDS: &str = "/credit-card/v1/cards";

async fn card(caller: &Caller, kind: &str) -> Value {
    let page = caller.get(&format!("{CARDS}?cardType={kind}&limit=1")).await;
    page.json["items"][0].clone()
}

fn at(card: &Value, what: &str) -> String {
    format!("{CARDS}/{}/{what}", card["cardId"].as_str().unwrap())
}

fn purchase(amount: &str) -> Value {
    let merchant = json!({ "name": "示例电器商城", "categoryCode": "5732", "channel": "ONLINE", "country": "CN" });
    json!({ "amount": { "amount": amount, "currency": "CNY" }, "merchant": merchant })
}

async fn put(caller: &Caller, path: &str, body: &Value) -> crate::support::Answer {
    caller.send(Method::PUT, path, &[], Some(body)).await.unwrap()
}

#[tokio::test]
async fn a_credit_card_through_its_life() {
    on_every_store(async |store: &TestStore| {
        let bank = Bank::start(store.store()).await;
        let caller = bank.caller();
        let credit = card(&caller, "CREDIT").await;
        let read = at(&credit, "").trim_end_matches('/').to_owned();
        let bought = caller.post(&at(&credit, "purchases"), "p-1", &purchase("1200.00")).await;
        assert_eq!((bought.status, &bought.json["kind"]), (201, &json!("PURCHASE")), "{bought:?}");
        let again = caller.post(&at(&credit, "purchases"), "p-1", &purchase("1200.00")).await;
        assert_eq!(
            (again.json, &again.headers["idempotency-replayed"]),
            (bought.json.clone(), &"true".parse().unwrap())
        );
        let owed = caller.get(&read).await;
        assert_eq!(owed.json["credit"]["owed"]["amount"], "1200.00");
        assert_eq!(owed.json["credit"]["available"]["amount"], "28800.00");

        let plan = json!({ "cardTransactionId": bought.json["cardTransactionId"], "instalments": 3 });
        let begun = caller.post(&at(&credit, "instalment-plans"), "i-1", &plan).await;
        assert_eq!((begun.status, &begun.json["status"]), (201, &json!("RUNNING")), "{begun:?}");
        assert_eq!(begun.json["instalments"][2]["principal"]["amount"], "400.00");
        let credit_now = caller.get(&read).await.json["credit"].clone();
        assert_eq!(
            (&credit_now["owed"]["amount"], &credit_now["available"]["amount"]),
            (&json!("0.00"), &json!("28800.00"))
        );
        let twice = caller.post(&at(&credit, "instalment-plans"), "i-2", &plan).await;
        assert_eq!(twice.code(), "resource.conflict");
        // A month on, one part and its fee of 7.20 are owed, and a repayment pays them; four months on, all of them fell due.
        bank.clock.advance(Duration::from_secs(31 * 86_400));
        let credit_now = caller.get(&read).await.json["credit"].clone();
        assert_eq!(
            (&credit_now["owed"]["amount"], &credit_now["available"]["amount"]),
            (&json!("407.20"), &json!("28792.80"))
        );
        assert_eq!(adds_up(&caller, &credit).await, 120_720);
        bank.clock.advance(Duration::from_secs(94 * 86_400));
        let one = at(&credit, &format!("instalment-plans/{}", begun.json["planId"].as_str().unwrap()));
        let done = caller.get(&one).await;
        assert_eq!((done.status, &done.json["status"]), (200, &json!("COMPLETED")), "{done:?}");
        assert_eq!(caller.get(&at(&credit, "instalment-plans")).await.json["items"], json!([done.json]));
        let owed = caller.get(&read).await.json["credit"]["owed"].clone();
        assert_eq!(owed["amount"], "1221.60");

        let from = &accounts(&caller).await[0];
        let (before, _) = balances(&caller, from).await;
        let repay =
            |amount: &str| json!({ "debtorAccountId": from, "amount": { "amount": amount, "currency": "CNY" } });
        let more = caller.post(&at(&credit, "repayments"), "r-1", &repay("1221.61")).await;
        assert_eq!(more.code(), "bank.limit_exceeded");
        let repaid = caller.post(&at(&credit, "repayments"), "r-1", &repay("1221.60")).await;
        assert_eq!((repaid.status, &repaid.json["kind"]), (201, &json!("REPAYMENT")), "{repaid:?}");
        let (after, _) = balances(&caller, from).await;
        let cents = |text: &str| text.replace('.', "").parse::<i64>().unwrap();
        assert_eq!(cents(&before) - cents(&after), 122_160);
        assert_eq!(caller.get(&read).await.json["credit"]["owed"]["amount"], "0.00");
        let listed = caller.get(&format!("{}?limit=2", at(&credit, "transactions"))).await;
        assert_eq!(listed.json["items"][0]["kind"], "REPAYMENT");
        assert_eq!(adds_up(&caller, &credit).await, 0);
        let late = caller.post(&at(&credit, "instalment-plans"), "i-3", &plan).await;
        assert_eq!(late.code(), "resource.conflict");
        assert!(listed.json["nextCursor"].is_string());
        bank.assert_books().await;
        bank.handle.stop().await;
    })
    .await;
}

/// Whatever happened to a card: what is owed and what has not fallen due are what was bought, with fees and less what was
/// repaid. Returns their sum, fen.
async fn adds_up(caller: &Caller, card: &Value) -> i64 {
    let fen = |money: &Value| money["amount"].as_str().unwrap().replace('.', "").parse::<i64>().unwrap();
    let all = caller.get(&format!("{}?limit=200", at(card, "transactions"))).await.json["items"].clone();
    let booked = all.as_array().unwrap().iter().map(|one| match one["kind"].as_str().unwrap() {
        "PURCHASE" | "INSTALMENT_FEE" => fen(&one["amount"]),
        "REPAYMENT" => -fen(&one["amount"]),
        _ => 0,
    });
    let statement = all.as_array().unwrap().iter().map(|one| match one["kind"].as_str().unwrap() {
        "PURCHASE" | "INSTALMENT_FEE" | "INSTALMENT" => fen(&one["amount"]),
        _ => -fen(&one["amount"]),
    });
    let read = caller.get(at(card, "").trim_end_matches('/')).await.json;
    let plans = caller.get(&at(card, "instalment-plans")).await.json["items"].clone();
    let not_due: i64 = plans.as_array().unwrap().iter().map(|plan| fen(&plan["notDue"])).sum();
    let owed = fen(&read["credit"]["owed"]);
    assert_eq!(statement.sum::<i64>(), owed, "the transactions are the statement: {all}");
    assert_eq!(fen(&read["credit"]["available"]), 3_000_000 - owed - not_due, "{read}");
    assert_eq!(booked.sum::<i64>(), owed + not_due);
    owed + not_due
}

#[tokio::test]
async fn a_plan_is_settled_early_and_only_what_is_owed_can_be_turned_into_one() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let credit = card(&caller, "CREDIT").await;
    let from = &accounts(&caller).await[0];
    let repay = |amount: &str| json!({ "debtorAccountId": from, "amount": { "amount": amount, "currency": "CNY" } });
    let plan = |bought: &Value, n: u32| json!({ "cardTransactionId": bought["cardTransactionId"], "instalments": n });
    let paid = caller.post(&at(&credit, "purchases"), "p-1", &purchase("100.00")).await.json;
    assert_eq!(caller.post(&at(&credit, "repayments"), "r-1", &repay("100.00")).await.status, 201);
    let gone = caller.post(&at(&credit, "instalment-plans"), "i-1", &plan(&paid, 3)).await;
    assert_eq!((gone.status, gone.code()), (409, "lifecycle.refused"), "{gone:?}");

    let bought = caller.post(&at(&credit, "purchases"), "p-2", &purchase("1000.00")).await.json;
    let begun = caller.post(&at(&credit, "instalment-plans"), "i-2", &plan(&bought, 12)).await.json;
    assert_eq!(begun["instalments"][0]["principal"]["amount"], "83.37", "the remainder comes first");
    let nothing = caller.post(&at(&credit, "repayments"), "r-2", &repay("0.01")).await;
    assert_eq!(nothing.code(), "bank.limit_exceeded", "nothing is owed yet");
    bank.clock.advance(Duration::from_secs(62 * 86_400));
    assert_eq!(adds_up(&caller, &credit).await, 101_200);
    let one = at(&credit, &format!("instalment-plans/{}", begun["planId"].as_str().unwrap()));
    let settled = caller.act(&format!("{one}/settlement"), "s-1").await;
    assert_eq!((settled.status, &settled.json["status"]), (200, &json!("COMPLETED")), "{settled:?}");
    assert_eq!((&settled.json["notDue"]["amount"], &settled.json["fee"]["amount"]), (&json!("0.00"), &json!("12.00")));
    assert_eq!(adds_up(&caller, &credit).await, 101_200, "no further fees");
    assert_eq!(caller.act(&format!("{one}/settlement"), "s-2").await.code(), "lifecycle.refused");
    assert_eq!(caller.post(&at(&credit, "repayments"), "r-3", &repay("1012.00")).await.status, 201);
    bank.clock.advance(Duration::from_secs(400 * 86_400));
    assert_eq!(adds_up(&caller, &credit).await, 0, "nothing falls due any more");
    bank.assert_books().await;
    bank.handle.stop().await;
}

#[tokio::test]
async fn a_debit_card_draws_on_its_account() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let debit = card(&caller, "DEBIT").await;
    let account = debit["accountId"].as_str().unwrap();
    let (before, _) = balances(&caller, account).await;
    let bought = caller.post(&at(&debit, "purchases"), "p-1", &purchase("10.50")).await;
    assert_eq!(bought.status, 201, "{bought:?}");
    let (after, _) = balances(&caller, account).await;
    assert_ne!(before, after);
    let repay = json!({ "debtorAccountId": account, "amount": { "amount": "1.00", "currency": "CNY" } });
    assert_eq!(caller.post(&at(&debit, "repayments"), "r-1", &repay).await.code(), "lifecycle.refused");
    let plan = json!({ "cardTransactionId": bought.json["cardTransactionId"], "instalments": 3 });
    assert_eq!(caller.post(&at(&debit, "instalment-plans"), "i-1", &plan).await.code(), "lifecycle.refused");
    bank.assert_books().await;
    bank.handle.stop().await;
}

#[tokio::test]
async fn what_a_card_does_not_pay_for() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let credit = card(&caller, "CREDIT").await;
    let limits = |purchase: &str, day: &str, online: bool| {
        let money = |amount: &str| json!({ "amount": amount, "currency": "CNY" });
        json!({ "perPurchase": money(purchase), "perDay": money(day), "online": online, "abroad": false })
    };
    let mut abroad = purchase("1.00");
    abroad["merchant"]["country"] = json!("FR");
    let mut euro = purchase("1.00");
    euro["amount"]["currency"] = json!("EUR");
    for (why, body, code) in [
        ("over the limit of one", purchase("5000.01"), "bank.limit_exceeded"),
        ("abroad", abroad, "bank.limit_exceeded"),
        ("another currency", euro, "bank.currency_mismatch"),
        ("nothing", purchase("0"), "bank.amount_invalid"),
        ("a test number: poor", purchase("4.01"), "bank.insufficient_funds"),
        ("a test number: limit", purchase("4.02"), "bank.limit_exceeded"),
        ("a test number: fraud", purchase("4.03"), "bank.fraud_suspected"),
        ("no merchant", json!({ "amount": { "amount": "1.00", "currency": "CNY" } }), "request.invalid"),
    ] {
        let answer = caller.post(&at(&credit, "purchases"), &why.replace(' ', "-"), &body).await;
        assert_eq!(answer.code(), code, "{why}: {answer:?}");
    }
    for key in ["d-1", "d-2", "d-3", "d-4"] {
        assert_eq!(caller.post(&at(&credit, "purchases"), key, &purchase("5000.00")).await.status, 201);
    }
    assert_eq!(caller.post(&at(&credit, "purchases"), "d", &purchase("0.01")).await.code(), "bank.limit_exceeded");
    for (body, code) in [
        (limits("5000.00", "20000.00", false), "none"),
        (limits("5000.00", "200000.01", true), "bank.limit_exceeded"),
        (limits("5000.00", "4999.99", true), "request.invalid"),
        (limits("0.00", "1.00", true), "bank.amount_invalid"),
        (json!({ "online": true }), "request.invalid"),
    ] {
        assert_eq!(put(&caller, &at(&credit, "limits"), &body).await.code(), code, "{body}");
    }
    assert_eq!(caller.post(&at(&credit, "purchases"), "o", &purchase("1.00")).await.code(), "bank.limit_exceeded");

    let frozen = put(&caller, &at(&credit, "status"), &json!({ "status": "FROZEN", "reason": "LOST" })).await;
    assert_eq!((frozen.status, &frozen.json["status"]), (200, &json!("FROZEN")), "{frozen:?}");
    assert_eq!(caller.post(&at(&credit, "purchases"), "f", &purchase("1.00")).await.code(), "bank.card_not_active");
    assert_eq!(
        put(&caller, &at(&credit, "status"), &json!({ "status": "CLOSED", "reason": "LOST" })).await.code(),
        "request.invalid"
    );
    let found = put(&caller, &at(&credit, "status"), &json!({ "status": "ACTIVE", "reason": "FOUND" })).await;
    assert_eq!(found.json["status"], "ACTIVE");
    let nobody = format!("{CARDS}/card_01KAV3M2N4ZQ8W5T7R9X1Y3C5D");
    for path in
        [nobody.clone(), format!("{CARDS}/x"), format!("{nobody}/transactions"), format!("{nobody}/instalment-plans")]
    {
        assert_eq!(caller.get(&path).await.code(), "resource.not_found", "{path}");
    }
    for path in [
        format!("{CARDS}?cardType=GOLD"),
        format!("{CARDS}?colour=red"),
        at(&credit, "transactions?fromDate=2026-03-02&toDate=2026-03-01"),
    ] {
        assert_eq!(caller.get(&path).await.code(), "request.invalid", "{path}");
    }
    bank.assert_books().await;
    bank.handle.stop().await;
}
