//! Investment: exchange, remittance abroad, term deposits, funds. Each operation with what it takes and what it refuses.

use crate::support::{Answer, Bank, Caller, balances, customer};
use http::Method;
use pano_testkit::TestStore;
use serde_json::{Value, json};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(86_400);
const NOBODY: &str = "01KAV3M2N4ZQ8W5T7R9X1Y3C5D";

fn minor(amount: &Value) -> i64 {
    amount["amount"].as_str().unwrap().replace('.', "").parse().unwrap()
}

async fn available(caller: &Caller, account: &str) -> i64 {
    balances(caller, account).await.1.replace('.', "").parse().unwrap()
}

#[track_caller]
fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status, answer.code()), (status, code), "{}", answer.json);
}

#[track_caller]
fn done(answer: &Answer, status: u16) -> Value {
    assert_eq!(answer.status, status, "{}", answer.json);
    answer.json.clone()
}

const FX: &str = "/currency-exchange/v1";

fn quote(sell: &str, buy: &str, amount: &str, currency: &str) -> Value {
    json!({ "sellCurrency": sell, "buyCurrency": buy, "amount": { "amount": amount, "currency": currency } })
}

fn exchange(quote: &Value, from: &str, to: &str) -> Value {
    json!({ "quoteId": quote["quoteId"], "debtorAccountId": from, "creditorAccountId": to, "purpose": "STUDY" })
}

#[tokio::test]
async fn rates_are_shown_and_currencies_exchanged() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let rates = done(&caller.get(&format!("{FX}/rates")).await, 200);
    assert_eq!(rates["items"].as_array().unwrap().len(), 5);
    let usd = done(&caller.get(&format!("{FX}/rates?currency=USD")).await, 200)["items"][0].clone();
    assert!(usd["bid"].as_str() < usd["mid"].as_str() && usd["mid"].as_str() < usd["ask"].as_str(), "{usd}");
    refused(&caller.get(&format!("{FX}/rates?currency=THB")).await, 422, "request.invalid");
    let history = done(&caller.get(&format!("{FX}/rates/USD/history?fromDate=2026-01-01&limit=200")).await, 200);
    assert_eq!(history["items"].as_array().unwrap().len(), 61);
    assert_eq!(history["items"][0]["date"], "2026-03-02");
    refused(&caller.get(&format!("{FX}/rates/THB/history")).await, 404, "resource.not_found");
    let backwards = format!("{FX}/rates/USD/history?fromDate=2026-02-02&toDate=2026-02-01");
    refused(&caller.get(&backwards).await, 422, "request.invalid");

    let (party, cny, dollars) = (
        customer(&caller, "Lin Xiaoyu", "CNY").await.0,
        customer(&caller, "Lin Xiaoyu", "CNY").await.1,
        customer(&caller, "Lin Xiaoyu", "USD").await.1,
    );
    let before = (available(&caller, &cny).await, available(&caller, &dollars).await);
    let open = done(&caller.post(&format!("{FX}/quotes"), "q1", &quote("CNY", "USD", "1000.00", "USD")).await, 201);
    assert_eq!((&open["status"], &open["direction"], &open["rate"]), (&json!("OPEN"), &json!("PURCHASE"), &usd["ask"]));
    let id = open["quoteId"].as_str().unwrap().to_owned();
    let made = done(&caller.post(&format!("{FX}/exchanges"), "e1", &exchange(&open, &cny, &dollars)).await, 201);
    assert_eq!(made["quotaUsed"], json!({ "amount": "1000.00", "currency": "USD" }));
    let after = (available(&caller, &cny).await, available(&caller, &dollars).await);
    assert_eq!((before.0 - after.0, after.1 - before.1), (minor(&open["sell"]), 100_000));
    assert_eq!(done(&caller.get(&format!("{FX}/quotes/{id}")).await, 200)["status"], "USED");
    let again = caller.post(&format!("{FX}/exchanges"), "e2", &exchange(&open, &cny, &dollars)).await;
    refused(&again, 409, "lifecycle.refused");
    refused(&caller.get(&format!("{FX}/quotes/fxq_{NOBODY}")).await, 404, "resource.not_found");

    let read = done(&caller.get(&format!("{FX}/exchanges/{}", made["exchangeId"].as_str().unwrap())).await, 200);
    assert_eq!(read, made);
    refused(&caller.get(&format!("{FX}/exchanges/x")).await, 404, "resource.not_found");
    let list = done(&caller.get(&format!("{FX}/exchanges?partyId={party}")).await, 200);
    assert_eq!(list["items"], json!([made]));
    refused(&caller.get(&format!("{FX}/exchanges?partyId=1")).await, 422, "request.invalid");
    let quota = done(&caller.get(&format!("{FX}/annual-quotas/{party}")).await, 200);
    assert_eq!((&quota["purchase"]["remaining"]["amount"], &quota["year"]), (&json!("49000.00"), &json!(2026)));
    let company = customer(&caller, "Lao Zhou Noodle House", "CNY").await.0;
    refused(&caller.get(&format!("{FX}/annual-quotas/{company}")).await, 404, "resource.not_found");
    refused(&caller.get(&format!("{FX}/annual-quotas/pty_{NOBODY}")).await, 404, "bank.party_not_found");
    refused(&caller.get(&format!("{FX}/annual-quotas/{party}?year=1")).await, 422, "request.invalid");
    bank.assert_books().await;
    bank.handle.stop().await;
}

#[tokio::test]
async fn exchanges_that_break_a_rule_are_refused() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    for (name, body, code) in [
        ("cross", quote("USD", "EUR", "1.00", "USD"), "bank.currency_mismatch"),
        ("third currency", quote("CNY", "EUR", "1.00", "USD"), "bank.currency_mismatch"),
        ("no rate", quote("CNY", "THB", "1.00", "THB"), "bank.currency_mismatch"),
        ("nothing", quote("CNY", "USD", "0.00", "CNY"), "bank.amount_invalid"),
        ("buys nothing", quote("CNY", "USD", "0.01", "CNY"), "bank.amount_invalid"),
        ("no currency", quote("CNY", "XXX", "1.00", "CNY"), "request.invalid"),
    ] {
        refused(&caller.post(&format!("{FX}/quotes"), &name.replace(' ', "-"), &body).await, 422, code);
    }
    let (_, cny) = customer(&caller, "Chen Meiling", "CNY").await;
    let (_, euros) = customer(&caller, "Chen Meiling", "EUR").await;
    let (_, others) = customer(&caller, "Example Ocean Trading Co., Ltd.", "EUR").await;
    let (_, frozen) = customer(&caller, "Liu Siyuan", "CNY").await;
    let small = done(&caller.post(&format!("{FX}/quotes"), "q1", &quote("CNY", "EUR", "10.00", "EUR")).await, 201);
    let large = done(&caller.post(&format!("{FX}/quotes"), "q2", &quote("CNY", "EUR", "90000.00", "EUR")).await, 201);
    let unpaid = done(&caller.post(&format!("{FX}/quotes"), "q3", &quote("EUR", "CNY", "9000.00", "EUR")).await, 201);
    for (name, body, status, code) in [
        ("over the quota", exchange(&large, &cny, &euros), 422, "bank.limit_exceeded"),
        ("too little money", exchange(&unpaid, &euros, &cny), 422, "bank.insufficient_funds"),
        ("another customer", exchange(&small, &cny, &others), 422, "request.invalid"),
        ("the wrong way", exchange(&small, &euros, &cny), 422, "bank.currency_mismatch"),
        ("frozen", exchange(&small, &frozen, &euros), 422, "bank.account_frozen"),
        ("no account", exchange(&small, &format!("acc_{NOBODY}"), &euros), 404, "bank.account_not_found"),
        ("no quote", exchange(&json!({ "quoteId": format!("fxq_{NOBODY}") }), &cny, &euros), 404, "resource.not_found"),
        ("no purpose", json!({ "quoteId": small["quoteId"] }), 422, "request.invalid"),
    ] {
        refused(&caller.post(&format!("{FX}/exchanges"), &name.replace(' ', "-"), &body).await, status, code);
    }
    bank.clock.advance(Duration::from_secs(120));
    let late = caller.post(&format!("{FX}/exchanges"), "late", &exchange(&small, &cny, &euros)).await;
    refused(&late, 409, "lifecycle.refused");
    let id = small["quoteId"].as_str().unwrap();
    assert_eq!(done(&caller.get(&format!("{FX}/quotes/{id}")).await, 200)["status"], "EXPIRED");
    bank.clock.advance(2 * DAY);
    refused(&caller.get(&format!("{FX}/quotes/{id}")).await, 404, "resource.not_found");
    bank.assert_books().await;
    bank.handle.stop().await;
}

const ABROAD: &str = "/overseas-remittance/v1";

fn remittance(account: &str, amount: &str, purpose: &str) -> Value {
    json!({
        "debtorAccountId": account,
        "amount": { "amount": amount, "currency": "USD" },
        "chargeBearer": "SHAR",
        "creditor": { "name": "Example University", "accountNumber": "GB33BUKB20201555555555", "country": "GB" },
        "creditorAgent": { "bic": "EXMPGB2LXXX" },
        "purposeCode": purpose,
        "remittanceInformation": "Tuition 2026",
    })
}

#[tokio::test]
async fn money_leaves_for_abroad_at_the_end_of_its_day_unless_cancelled() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let purposes = done(&caller.get(&format!("{ABROAD}/purpose-codes?partyType=PERSON")).await, 200);
    assert!(purposes["items"].as_array().unwrap().iter().all(|row| row["code"] != "GDDS"));
    refused(&caller.get(&format!("{ABROAD}/purpose-codes?partyType=DOG")).await, 422, "request.invalid");
    let (party, cny) = customer(&caller, "Lin Xiaoyu", "CNY").await;
    let (_, dollars) = customer(&caller, "Lin Xiaoyu", "USD").await;

    let asked =
        json!({ "debtorAccountId": cny, "amount": { "amount": "1000.00", "currency": "USD" }, "chargeBearer": "DEBT" });
    let estimate = done(&caller.post(&format!("{ABROAD}/remittance-estimates"), "x", &asked).await, 200);
    assert_eq!((minor(&estimate["correspondentFee"]), &estimate["valueDate"]), (15_000, &json!("2026-03-02")));
    let wrong =
        json!({ "debtorAccountId": cny, "amount": { "amount": "1.00", "currency": "CNY" }, "chargeBearer": "SHAR" });
    refused(&caller.post(&format!("{ABROAD}/remittance-estimates"), "x", &wrong).await, 422, "bank.currency_mismatch");

    let path = format!("{ABROAD}/remittances");
    let before = available(&caller, &cny).await;
    let sent = done(&caller.post(&path, "r1", &remittance(&cny, "1000.00", "STDY")).await, 201);
    assert_eq!((&sent["status"], &sent["quotaUsed"]["amount"]), (&json!("ACSP"), &json!("1000.00")));
    assert_eq!(before - available(&caller, &cny).await, minor(&sent["totalDebit"]));
    let id = sent["remittanceId"].as_str().unwrap().to_owned();
    assert_eq!(done(&caller.get(&format!("{path}/{id}")).await, 200), sent);
    let why = json!({ "reason": "CUSTOMER_REQUEST" });
    refused(&caller.post(&format!("{path}/{id}/cancellation"), "c0", &json!({})).await, 422, "request.invalid");
    let cancelled = done(&caller.post(&format!("{path}/{id}/cancellation"), "c1", &why).await, 200);
    assert_eq!(cancelled["status"], "CANC");
    assert_eq!(available(&caller, &cny).await, before, "fees come back too");
    let quota = done(&caller.get(&format!("{FX}/annual-quotas/{party}")).await, 200);
    assert_eq!(quota["purchase"]["used"]["amount"], "0.00");
    refused(&caller.post(&format!("{path}/{id}/cancellation"), "c2", &why).await, 409, "lifecycle.refused");

    let own = done(&caller.post(&path, "r2", &remittance(&dollars, "500.00", "GIFT")).await, 201);
    assert!(own.get("rate").is_none() && own.get("quotaUsed").is_none(), "{own}");
    bank.clock.advance(DAY);
    let id = own["remittanceId"].as_str().unwrap();
    let left = done(&caller.get(&format!("{path}/{id}")).await, 200);
    assert_eq!((&left["status"], left["settledAt"].is_string()), (&json!("ACSC"), true));
    refused(&caller.post(&format!("{path}/{id}/cancellation"), "c3", &why).await, 409, "lifecycle.refused");
    let listed = done(&caller.get(&format!("{path}?status=ACSC")).await, 200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    refused(&caller.get(&format!("{path}?status=GONE")).await, 422, "request.invalid");
    refused(&caller.get(&format!("{path}/rem_{NOBODY}")).await, 404, "resource.not_found");

    let with = |pointer: &str, value: Value| {
        let mut body = remittance(&dollars, "500.00", "GIFT");
        *body.pointer_mut(pointer).unwrap() = value;
        body
    };
    for (name, body, status, code) in [
        ("a company's purpose", remittance(&dollars, "1.00", "GDDS"), 422, "request.invalid"),
        ("no document", remittance(&dollars, "1.00", "SCVE"), 422, "request.invalid"),
        ("too much", remittance(&dollars, "4000.00", "GIFT"), 422, "bank.insufficient_funds"),
        ("over the limit", remittance(&dollars, "50000.01", "GIFT"), 422, "bank.limit_exceeded"),
        ("at home", with("/creditor/country", json!("CN")), 422, "request.invalid"),
        ("no bank", with("/creditorAgent/bic", json!("EXMP")), 422, "request.invalid"),
        ("another currency", with("/amount/currency", json!("EUR")), 422, "bank.currency_mismatch"),
        ("nobody", remittance(&format!("acc_{NOBODY}"), "1.00", "GIFT"), 404, "bank.account_not_found"),
    ] {
        refused(&caller.post(&path, &name.replace(' ', "-"), &body).await, status, code);
    }
    bank.assert_books().await;
    bank.handle.stop().await;
}

const TERM: &str = "/term-deposit/v1";

fn deposit(account: &str, product: &str, amount: &str, rollover: &str) -> Value {
    json!({
        "accountId": account,
        "productCode": product,
        "amount": { "amount": amount, "currency": "CNY" },
        "rolloverInstruction": rollover,
    })
}

#[tokio::test]
async fn deposits_bear_interest_and_end_as_agreed() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let products = done(&caller.get(&format!("{TERM}/products?currency=CNY")).await, 200);
    assert_eq!(products["items"].as_array().unwrap().len(), 6);
    refused(&caller.get(&format!("{TERM}/products?currency=BRL")).await, 422, "request.invalid");
    let (party, account) = customer(&caller, "Lin Xiaoyu", "CNY").await;
    let path = format!("{TERM}/deposits");
    let before = available(&caller, &account).await;
    let mut opened = Vec::new();
    for (key, rollover) in [("none", "NONE"), ("principal", "PRINCIPAL"), ("all", "PRINCIPAL_AND_INTEREST")] {
        let made = done(&caller.post(&path, key, &deposit(&account, "TD-CNY-03M", "10000.00", rollover)).await, 201);
        assert_eq!((&made["maturityDate"], &made["status"]), (&json!("2026-06-02"), &json!("OPEN")));
        opened.push(made["depositId"].as_str().unwrap().to_owned());
    }
    let year = done(&caller.post(&path, "year", &deposit(&account, "TD-CNY-12M", "20000.00", "NONE")).await, 201);
    let year = year["depositId"].as_str().unwrap();
    assert_eq!(before - available(&caller, &account).await, 5_000_000);
    for (name, body, status, code) in [
        ("too little", deposit(&account, "TD-CNY-03M", "49.99", "NONE"), 422, "bank.amount_invalid"),
        ("too much", deposit(&account, "TD-CNY-03M", "9000000.00", "NONE"), 422, "bank.insufficient_funds"),
        ("no product", deposit(&account, "TD-CNY-07M", "100.00", "NONE"), 404, "resource.not_found"),
        ("another currency", deposit(&account, "TD-USD-03M", "100.00", "NONE"), 422, "bank.currency_mismatch"),
        ("no instruction", deposit(&account, "TD-CNY-03M", "100.00", "BURN"), 422, "request.invalid"),
    ] {
        refused(&caller.post(&path, &name.replace(' ', "-"), &body).await, status, code);
    }
    let changed = json!({ "rolloverInstruction": "PRINCIPAL" });
    let put = |id: String, body: Value| {
        let caller = caller.clone();
        async move {
            caller.send(Method::PUT, &format!("{TERM}/deposits/{id}/rollover-instruction"), &[], Some(&body)).await
        }
    };
    assert_eq!(done(&put(year.to_owned(), changed.clone()).await.unwrap(), 200)["rolloverInstruction"], "PRINCIPAL");
    refused(&put(year.to_owned(), json!({})).await.unwrap(), 422, "request.invalid");

    bank.clock.advance(92 * DAY);
    let after = available(&caller, &account).await;
    // 10,000.00 and three months' interest, and interest alone.
    assert_eq!(after - (before - 5_000_000), 1_000_000 + 2_375 + 2_375);
    let none = done(&caller.get(&format!("{path}/{}", opened[0])).await, 200);
    assert_eq!((&none["status"], minor(&none["interestPaid"])), (&json!("MATURED"), 2_375));
    let all = done(&caller.get(&format!("{path}/{}", opened[2])).await, 200);
    let next = done(&caller.get(&format!("{path}/{}", all["rolledInto"].as_str().unwrap())).await, 200);
    assert_eq!((minor(&next["principal"]), &next["valueDate"]), (1_002_375, &json!("2026-06-02")));
    refused(&put(opened[0].clone(), changed).await.unwrap(), 409, "lifecycle.refused");

    let interest = done(&caller.get(&format!("{path}/{year}/interest")).await, 200);
    assert_eq!((&interest["daysElapsed"], minor(&interest["accrued"])), (&json!(92), 6_750));
    assert_eq!((minor(&interest["atMaturity"]), minor(&interest["ifWithdrawnToday"])), (27_000, 256));
    refused(&caller.get(&format!("{path}/tdp_{NOBODY}/interest")).await, 404, "resource.not_found");
    refused(&caller.get(&format!("{path}/x")).await, 404, "resource.not_found");
    let take = |amount: &str| json!({ "amount": { "amount": amount, "currency": "CNY" } });
    let early = format!("{path}/{year}/withdrawals");
    refused(&caller.post(&early, "w0", &take("19990.00")).await, 422, "bank.amount_invalid");
    refused(&caller.post(&early, "w0", &take("20000.01")).await, 422, "bank.insufficient_funds");
    let part = done(&caller.post(&early, "w1", &take("5000.00")).await, 201);
    assert_eq!((minor(&part["interest"]), minor(&part["remaining"])), (64, 1_500_000));
    refused(&caller.post(&early, "w2", &take("5000.00")).await, 409, "lifecycle.refused");
    assert_eq!(done(&caller.post(&early, "w3", &take("15000.00")).await, 201)["remaining"]["amount"], "0.00");
    refused(&caller.post(&early, "w4", &take("1.00")).await, 409, "lifecycle.refused");
    let listed = done(&caller.get(&format!("{path}?partyId={party}&status=OPEN")).await, 200);
    assert!(
        listed["items"].as_array().unwrap().iter().all(|item| item["status"] == "OPEN" && item["partyId"] == party)
    );
    refused(&caller.get(&format!("{path}?status=GONE")).await, 422, "request.invalid");
    bank.assert_books().await;
    bank.handle.stop().await;
}

const FUND: &str = "/consumer-investments/v1";

fn answers(party: &str, letters: [&str; 6]) -> Value {
    let lines: Vec<_> =
        (1..=6).zip(letters).map(|(n, letter)| json!({ "questionId": format!("Q{n}"), "optionId": letter })).collect();
    json!({ "partyId": party, "questionnaireId": "RQ-2026-01", "answers": lines })
}

fn subscription(account: &str, product: &str, amount: &str) -> Value {
    json!({
        "accountId": account,
        "productCode": product,
        "amount": { "amount": amount, "currency": "CNY" },
        "riskDisclosureAcknowledged": true,
    })
}

#[tokio::test]
async fn products_are_shown_and_customers_assessed() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let products = done(&caller.get(&format!("{FUND}/products")).await, 200);
    assert_eq!(
        (products["items"].as_array().unwrap().len(), &products["items"][0]["netAssetValueDate"]),
        (6, &json!("2026-02-27"))
    );
    let wealth = done(&caller.get(&format!("{FUND}/products?productType=WEALTH&riskLevel=R2")).await, 200);
    assert_eq!(wealth["items"].as_array().unwrap().len(), 1);
    refused(&caller.get(&format!("{FUND}/products?riskLevel=R9")).await, 422, "request.invalid");
    done(&caller.get(&format!("{FUND}/products/PF0003")).await, 200);
    refused(&caller.get(&format!("{FUND}/products/PF9999")).await, 404, "resource.not_found");
    let values = done(
        &caller.get(&format!("{FUND}/products/PF0003/nav-history?fromDate=2026-02-01&toDate=2026-02-28")).await,
        200,
    );
    let days: Vec<_> = values["items"].as_array().unwrap().iter().map(|line| line["date"].as_str().unwrap()).collect();
    assert_eq!((days.len(), days[0], days[4]), (14, "2026-02-27", "2026-02-13"), "Spring Festival has none");
    refused(&caller.get(&format!("{FUND}/products/PF0003/nav-history?limit=0")).await, 422, "request.invalid");
    let questions = done(&caller.get(&format!("{FUND}/risk-questionnaire")).await, 200);
    assert_eq!(questions["questions"].as_array().unwrap().len(), 6);

    let (party, account) = customer(&caller, "Zhao Yiming", "CNY").await;
    let latest = format!("{FUND}/parties/{party}/risk-assessment");
    refused(&caller.get(&latest).await, 404, "resource.not_found");
    refused(&caller.get(&format!("{FUND}/parties/pty_{NOBODY}/risk-assessment")).await, 404, "bank.party_not_found");
    let order = format!("{FUND}/subscriptions");
    refused(&caller.post(&order, "s0", &subscription(&account, "PF0001", "100.00")).await, 422, "bank.unsuitable");
    let assess = format!("{FUND}/risk-assessments");
    let bad = caller.post(&assess, "a0", &answers(&party, ["E", "A", "A", "A", "A", "A"])).await;
    refused(&bad, 422, "request.invalid");
    assert_eq!(bad.json["errors"][0]["at"], "/answers/0");
    let made = done(&caller.post(&assess, "a1", &answers(&party, ["D", "D", "E", "D", "D", "A"])).await, 201);
    assert_eq!(made["investorLevel"], "C1", "who can bear no loss");
    refused(&caller.post(&order, "s1", &subscription(&account, "PF0002", "100.00")).await, 422, "bank.unsuitable");
    let made = done(&caller.post(&assess, "a2", &answers(&party, ["C", "C", "C", "C", "C", "C"])).await, 201);
    assert_eq!((&made["investorLevel"], &made["validUntil"]), (&json!("C3"), &json!("2027-03-02")));
    refused(&caller.post(&assess, "a3", &answers(&party, ["C"; 6])).await, 422, "bank.limit_exceeded");
    assert_eq!(done(&caller.get(&latest).await, 200), made);
    done(&caller.post(&order, "s2", &subscription(&account, "PF0003", "100.00")).await, 201);
    bank.clock.advance(365 * DAY);
    // By then the student's document has ended too.
    refused(&caller.post(&order, "s3", &subscription(&account, "PF0003", "100.00")).await, 422, "bank.kyc_required");
    let parties = format!("/party-reference-data-directory/v1/parties/{party}");
    let review = json!({
        "identificationNumber": done(&caller.get(&parties).await, 200)["identification"]["number"],
        "identificationExpiresOn": "2036-03-01",
        "sourceOfFunds": "FAMILY",
        "taxResidences": ["CN"],
        "politicallyExposed": false,
    });
    done(&caller.post(&format!("{parties}/kyc-reviews"), "review", &review).await, 201);
    refused(&caller.post(&order, "s3", &subscription(&account, "PF0003", "100.00")).await, 422, "bank.unsuitable");
    bank.assert_books().await;
    bank.handle.stop().await;
}

#[tokio::test]
async fn orders_are_confirmed_by_the_value_of_their_day() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let (party, account) = customer(&caller, "Lin Xiaoyu", "CNY").await;
    let before = available(&caller, &account).await;
    let (order, why) = (format!("{FUND}/subscriptions"), json!({ "reason": "CUSTOMER_REQUEST" }));
    let cancelled = done(&caller.post(&order, "s1", &subscription(&account, "PF0002", "3000.00")).await, 201);
    let kept = done(&caller.post(&order, "s2", &subscription(&account, "PF0002", "10000.00")).await, 201);
    let path = |order: &Value| format!("{FUND}/orders/{}", order["orderId"].as_str().unwrap());
    refused(
        &caller.post(&format!("{}/cancellation", path(&cancelled)), "c0", &json!({ "why": 1 })).await,
        422,
        "request.invalid",
    );
    let cancelled = done(&caller.post(&format!("{}/cancellation", path(&cancelled)), "c1", &why).await, 200);
    assert_eq!(cancelled["status"], "CANCELLED");
    assert_eq!(available(&caller, &account).await, before - 1_000_000);
    // After three o'clock of the trading day.
    bank.clock.advance(Duration::from_secs(5 * 3600));
    refused(&caller.post(&format!("{}/cancellation", path(&kept)), "c2", &why).await, 409, "lifecycle.refused");
    bank.clock.advance(2 * DAY);
    let confirmed = done(&caller.get(&path(&kept)).await, 200);
    assert_eq!((&confirmed["status"], &confirmed["confirmedOn"]), (&json!("CONFIRMED"), &json!("2026-03-03")));
    let value = done(
        &caller.get(&format!("{FUND}/products/PF0002/nav-history?fromDate=2026-03-02&toDate=2026-03-02")).await,
        200,
    );
    assert_eq!(confirmed["netAssetValue"], value["items"][0]["netAssetValue"], "the value of T");
    assert_eq!(minor(&confirmed["confirmedAmount"]) + minor(&confirmed["fee"]), 1_000_000);
    let holdings = done(&caller.get(&format!("{FUND}/holdings?partyId={party}")).await, 200);
    let held = holdings["items"].as_array().unwrap().iter().find(|holding| holding["productCode"] == "PF0002").unwrap();
    assert_eq!(held["units"], confirmed["units"]);
    refused(&caller.get(&format!("{FUND}/holdings?partyId=x")).await, 422, "request.invalid");

    let back = |units: &str| json!({ "accountId": account, "productCode": "PF0002", "units": units });
    let out = format!("{FUND}/redemptions");
    refused(&caller.post(&out, "r0", &back("999999.00")).await, 422, "bank.insufficient_funds");
    refused(&caller.post(&out, "r0", &back("0.00")).await, 422, "bank.amount_invalid");
    let before = available(&caller, &account).await;
    let redeemed = done(&caller.post(&out, "r1", &back("1000.00")).await, 201);
    bank.clock.advance(3 * DAY);
    let redeemed = done(&caller.get(&path(&redeemed)).await, 200);
    assert_eq!(redeemed["status"], "CONFIRMED");
    assert_eq!(available(&caller, &account).await - before, minor(&redeemed["confirmedAmount"]));
    assert!(minor(&redeemed["fee"]) > 0, "held for less than a week: {redeemed}");
    let listed = done(&caller.get(&format!("{FUND}/orders?status=CONFIRMED&partyId={party}")).await, 200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
    refused(&caller.get(&format!("{FUND}/orders?status=GONE")).await, 422, "request.invalid");
    refused(&caller.get(&format!("{FUND}/orders/ivo_{NOBODY}")).await, 404, "resource.not_found");
    let unread = json!({ "accountId": account, "productCode": "PF0002", "amount": { "amount": "10.00", "currency": "CNY" }, "riskDisclosureAcknowledged": false });
    refused(&caller.post(&order, "s3", &unread).await, 422, "request.invalid");
    refused(&caller.post(&order, "s4", &subscription(&account, "PF0002", "1.00")).await, 422, "bank.amount_invalid");
    refused(&caller.post(&order, "s5", &subscription(&account, "PF9999", "1.00")).await, 404, "resource.not_found");
    bank.assert_books().await;
    bank.handle.stop().await;
}

#[tokio::test]
async fn a_private_product_can_be_thought_over() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let (party, account) = customer(&caller, "Example Precision Manufacturing Co., Ltd.", "CNY").await;
    done(
        &caller.post(&format!("{FUND}/risk-assessments"), "a", &answers(&party, ["D", "D", "E", "D", "D", "E"])).await,
        201,
    );
    let before = available(&caller, &account).await;
    let order = format!("{FUND}/subscriptions");
    let first = done(&caller.post(&order, "s1", &subscription(&account, "PF0005", "1000000.00")).await, 201);
    assert_eq!((&first["status"], &first["tradeDate"]), (&json!("COOLING_OFF"), &json!("2026-03-03")));
    bank.clock.advance(Duration::from_secs(23 * 3600));
    let path = |order: &Value| format!("{FUND}/orders/{}", order["orderId"].as_str().unwrap());
    let why = json!({ "reason": "CUSTOMER_REQUEST" });
    done(&caller.post(&format!("{}/cancellation", path(&first)), "c", &why).await, 200);
    assert_eq!(available(&caller, &account).await, before);
    let second = done(&caller.post(&order, "s2", &subscription(&account, "PF0005", "1000000.00")).await, 201);
    bank.clock.advance(DAY);
    assert_eq!(done(&caller.get(&path(&second)).await, 200)["status"], "ACCEPTED");
    bank.clock.advance(5 * DAY);
    assert_eq!(done(&caller.get(&path(&second)).await, 200)["status"], "CONFIRMED");
    let locked = json!({ "accountId": account, "productCode": "PF0005", "units": "1.00" });
    refused(&caller.post(&format!("{FUND}/redemptions"), "r", &locked).await, 422, "bank.insufficient_funds");
    bank.assert_books().await;
    bank.handle.stop().await;
}

#[tokio::test]
async fn test_numbers_hold_and_return_a_remittance() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let (_, account) = customer(&caller, "Lin Xiaoyu", "CNY").await;
    let before = available(&caller, &account).await;
    let mut paths = Vec::new();
    for (number, status) in [("TESTREVIEWREJECTED", "PDNG"), ("TESTREVIEWPASSED", "PDNG"), ("TESTRETURNED", "ACSP")] {
        let mut order = remittance(&account, "100.00", "STDY");
        order["creditor"]["accountNumber"] = json!(number);
        let made = done(&caller.post(&format!("{ABROAD}/remittances"), number, &order).await, 201);
        assert_eq!(made["status"], status, "{number}");
        paths.push((
            format!("{ABROAD}/remittances/{}", made["remittanceId"].as_str().unwrap()),
            minor(&made["totalDebit"]),
        ));
    }
    let status = async |place: usize| done(&caller.get(&paths[place].0).await, 200)["status"].clone();
    bank.clock.advance(Duration::from_secs(3_600));
    assert_eq!([status(0).await, status(1).await, status(2).await], [json!("CANC"), json!("ACSP"), json!("ACSP")]);
    bank.clock.advance(DAY);
    assert_eq!([status(0).await, status(1).await, status(2).await], [json!("CANC"), json!("ACSC"), json!("CANC")]);
    assert_eq!(before - available(&caller, &account).await, paths[1].1, "what came back came back whole");
    bank.assert_books().await;
    bank.handle.stop().await;
}
