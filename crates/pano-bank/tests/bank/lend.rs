//! Financing: loans of both lines, receivables. Each operation with what it takes and what it refuses.

use crate::support::{Answer, Bank, Caller, balances, customer};
use http::Method;
use pano_testkit::TestStore;
use serde_json::{Value, json};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(86_400);
const NOBODY: &str = "01KAV3M2N4ZQ8W5T7R9X1Y3C5D";
const PERSONAL: &str = "/consumer-loan/v1";
const BUSINESS: &str = "/corporate-loan/v1";

fn minor(amount: &Value) -> i64 {
    amount["amount"].as_str().unwrap().replace('.', "").parse().unwrap()
}

fn cny(minor: i64) -> Value {
    json!({ "amount": format!("{}.{:02}", minor / 100, minor % 100), "currency": "CNY" })
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

fn with(mut body: Value, name: &str, value: Value) -> Value {
    body[name] = value;
    body
}

/// An application of the customer for 60,000.00 over a year (persons), or 600,000.00 (businesses).
fn application(base: &str, (party, account): &(String, String), method: &str) -> Value {
    let common = json!({ "partyId": party, "accountId": account, "termMonths": 12, "repaymentMethod": method });
    let mut own = if base == PERSONAL {
        json!({
            "productCode": "CL-GENERAL",
            "amount": cny(6_000_000),
            "purpose": "RENOVATION",
            "monthlyIncome": cny(2_850_000),
            "monthlyDebtPayments": cny(100_000),
        })
    } else {
        json!({
            "productCode": "KL-WORKING",
            "amount": cny(60_000_000),
            "purpose": "INVENTORY",
            "annualRevenue": cny(816_000_000),
            "existingDebt": cny(10_000_000),
            "taxpayerGrade": "A",
        })
    };
    own.as_object_mut().unwrap().extend(common.as_object().unwrap().clone());
    own
}

async fn signed(caller: &Caller, base: &str, who: &(String, String), name: &str, method: &str, key: &str) -> Value {
    let asked = done(&caller.post(&format!("{base}/applications"), key, &application(base, who, method)).await, 201);
    assert_eq!(asked["status"], "OFFERED", "{asked}");
    let id = asked["applicationId"].as_str().unwrap();
    let accept = json!({ "agreementHash": asked["offer"]["agreementHash"], "signerName": name });
    done(&caller.post(&format!("{base}/applications/{id}/acceptance"), &format!("{key}-signed"), &accept).await, 201)
}

/// Everything that can be done with a loan, on either line.
async fn from_application_to_settlement(base: &str, name: &str, method: &str) {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let who = customer(&caller, name, "CNY").await;
    let products = done(&caller.get(&format!("{base}/products")).await, 200);
    assert_eq!(products["items"].as_array().unwrap().len(), 2);
    refused(&caller.get(&format!("{base}/products?limit=0")).await, 422, "request.invalid");

    let apply = format!("{base}/applications");
    let good = application(base, &who, method);
    let asked = done(&caller.post(&apply, "a1", &good).await, 201);
    assert_eq!(asked["status"], "OFFERED", "{asked}");
    let id = asked["applicationId"].as_str().unwrap().to_owned();
    assert_eq!(done(&caller.get(&format!("{apply}/{id}")).await, 200), asked);
    refused(&caller.get(&format!("{apply}/lap_{NOBODY}")).await, 404, "resource.not_found");
    let offer = &asked["offer"];
    let hash = pano_crypto::digest::sha256_hex(offer["agreement"].as_str().unwrap().as_bytes());
    assert_eq!(offer["agreementHash"], hash, "the text is what is signed");
    let accept = format!("{apply}/{id}/acceptance");
    let signature = json!({ "agreementHash": hash, "signerName": name });
    refused(
        &caller.post(&accept, "s0", &with(signature.clone(), "agreementHash", json!("0".repeat(64)))).await,
        422,
        "request.invalid",
    );
    refused(
        &caller.post(&accept, "s0", &with(signature.clone(), "signerName", json!("Somebody"))).await,
        422,
        "request.invalid",
    );
    let loan = done(&caller.post(&accept, "s1", &signature).await, 201);
    assert_eq!(loan["status"], "AGREED");
    refused(&caller.post(&accept, "s2", &signature).await, 409, "lifecycle.refused");

    let path = format!("{base}/loans/{}", loan["loanId"].as_str().unwrap());
    let amount = minor(&loan["agreedAmount"]);
    refused(&caller.get(&format!("{path}/settlement-quote")).await, 409, "lifecycle.refused");
    let draw = format!("{path}/drawdowns");
    refused(&caller.post(&draw, "d0", &json!({ "amount": cny(amount + 1) })).await, 422, "bank.limit_exceeded");
    refused(
        &caller.post(&draw, "d0", &json!({ "amount": { "amount": "1.00", "currency": "USD" } })).await,
        422,
        "bank.currency_mismatch",
    );
    let before = available(&caller, &who.1).await;
    let drawn = done(&caller.post(&draw, "d1", &json!({ "amount": cny(amount) })).await, 201);
    assert_eq!((&drawn["status"], &drawn["nextDueDate"]), (&json!("ACTIVE"), &json!("2026-04-02")));
    assert_eq!(available(&caller, &who.1).await - before, amount);
    refused(&caller.post(&draw, "d2", &json!({ "amount": cny(1) })).await, 409, "lifecycle.refused");

    let schedule = done(&caller.get(&format!("{path}/schedule?limit=200")).await, 200);
    let lines = schedule["items"].as_array().unwrap();
    assert_eq!(lines.iter().map(|line| minor(&line["principal"])).sum::<i64>(), amount);
    assert_eq!((lines.len(), minor(&lines[11]["balanceAfter"])), (12, 0));
    refused(&caller.get(&format!("{base}/loans/lon_{NOBODY}/schedule")).await, 404, "resource.not_found");

    let repay = format!("{path}/repayments");
    let first = minor(&lines[0]["principal"]) + minor(&lines[0]["interest"]);
    refused(&caller.post(&repay, "r0", &json!({ "amount": cny(amount * 2) })).await, 422, "bank.amount_invalid");
    refused(&caller.post(&repay, "r0", &json!({ "amount": cny(0) })).await, 422, "bank.amount_invalid");
    let repaid = done(&caller.post(&repay, "r1", &json!({ "amount": cny(first) })).await, 201);
    assert_eq!(minor(&repaid["principal"]) + minor(&repaid["interest"]), first);
    bank.clock.advance(41 * DAY);
    let quote = done(&caller.get(&format!("{path}/settlement-quote")).await, 200);
    let parts = ["outstandingPrincipal", "interest", "penalty", "fee"].map(|part| minor(&quote[part]));
    assert_eq!(parts.iter().sum::<i64>(), minor(&quote["total"]));
    assert!(parts[1] > 0 && parts[2] == 0 && parts[3] > 0, "ten days, nothing overdue, a fee: {quote}");
    let settle = format!("{path}/settlement");
    refused(
        &caller.post(&settle, "e0", &json!({ "total": cny(minor(&quote["total"]) - 1) })).await,
        409,
        "lifecycle.refused",
    );
    let before = available(&caller, &who.1).await;
    let settled = done(&caller.post(&settle, "e1", &json!({ "total": quote["total"] })).await, 201);
    assert_eq!(before - available(&caller, &who.1).await, minor(&settled["total"]));
    let ended = done(&caller.get(&path).await, 200);
    assert_eq!((&ended["status"], &ended["settledOn"]), (&json!("SETTLED"), &json!("2026-04-12")));
    refused(&caller.post(&repay, "r2", &json!({ "amount": cny(1) })).await, 409, "lifecycle.refused");
    refused(&caller.get(&format!("{base}/loans/x")).await, 404, "resource.not_found");
    let listed = done(&caller.get(&format!("{base}/loans?partyId={}&status=SETTLED", who.0)).await, 200);
    assert_eq!(listed["items"], json!([ended]));
    refused(&caller.get(&format!("{base}/loans?status=GONE")).await, 422, "request.invalid");

    // What is bounded by the product, and who may ask.
    let other = if base == PERSONAL { "Lao Zhou Noodle House" } else { "Lin Xiaoyu" };
    let other = customer(&caller, other, "CNY").await;
    for (key, body, status, code) in [
        (
            "kind",
            with(with(good.clone(), "partyId", json!(other.0)), "accountId", json!(other.1)),
            422,
            "bank.unsuitable",
        ),
        ("account", with(good.clone(), "accountId", json!(other.1)), 422, "request.invalid"),
        ("little", with(good.clone(), "amount", cny(100)), 422, "bank.amount_invalid"),
        ("months", with(good.clone(), "termMonths", json!(120)), 422, "request.invalid"),
        ("product", with(good.clone(), "productCode", json!("XX-NONE")), 404, "resource.not_found"),
        ("party", with(good.clone(), "partyId", json!(format!("pty_{NOBODY}"))), 404, "bank.party_not_found"),
        ("member", with(good.clone(), "collateral", json!("house")), 422, "request.invalid"),
    ] {
        refused(&caller.post(&apply, key, &body).await, status, code);
    }
    bank.assert_books().await;
    bank.handle.stop().await;
}

#[tokio::test]
async fn a_person_borrows_and_settles_early() {
    from_application_to_settlement(PERSONAL, "Lin Xiaoyu", "EQUAL_INSTALMENT").await;
}

#[tokio::test]
async fn a_business_borrows_and_settles_early() {
    from_application_to_settlement(BUSINESS, "Example Precision Manufacturing Co., Ltd.", "INTEREST_ONLY").await;
}

#[tokio::test]
async fn decisions_follow_the_scorecard_and_offers_expire() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let who = customer(&caller, "Lin Xiaoyu", "CNY").await;
    let apply = format!("{PERSONAL}/applications");
    let good = application(PERSONAL, &who, "EQUAL_PRINCIPAL");
    let poor = with(good.clone(), "monthlyIncome", cny(200_000));
    let declined = done(&caller.post(&apply, "poor", &poor).await, 201);
    assert_eq!((&declined["status"], &declined["grade"]), (&json!("DECLINED"), &json!("D")));
    assert!(declined["reasons"].as_array().unwrap().contains(&json!("DEBT_TO_INCOME")), "{declined}");
    let sign = json!({ "agreementHash": "0".repeat(64), "signerName": "Lin Xiaoyu" });
    let accept = |id: &Value| format!("{apply}/{}/acceptance", id.as_str().unwrap());
    refused(&caller.post(&accept(&declined["applicationId"]), "s", &sign).await, 409, "lifecycle.refused");
    let much = with(with(good.clone(), "amount", cny(20_000_000)), "monthlyIncome", cny(2_000_000));
    let cut = done(&caller.post(&apply, "much", &much).await, 201);
    assert!(cut["reasons"].as_array().unwrap().contains(&json!("AMOUNT_REDUCED")), "{cut}");
    assert!(minor(&cut["offer"]["amount"]) < 20_000_000);
    let old = customer(&caller, "Wang Jianguo", "CNY").await;
    let old = done(&caller.post(&apply, "old", &application(PERSONAL, &old, "EQUAL_PRINCIPAL")).await, 201);
    assert!(old["reasons"].as_array().unwrap().contains(&json!("AGE_OUT_OF_RANGE")), "{old}");
    bank.clock.advance(7 * DAY);
    let sign = json!({ "agreementHash": cut["offer"]["agreementHash"], "signerName": "Lin Xiaoyu" });
    refused(&caller.post(&accept(&cut["applicationId"]), "late", &sign).await, 409, "lifecycle.refused");
    let read = done(&caller.get(&format!("{apply}/{}", cut["applicationId"].as_str().unwrap())).await, 200);
    assert_eq!(read["status"], "EXPIRED");
    // Signed and never drawn.
    let loan = signed(&caller, PERSONAL, &who, "林晓雨", "EQUAL_PRINCIPAL", "lapse").await;
    bank.clock.advance(31 * DAY);
    let path = format!("{PERSONAL}/loans/{}", loan["loanId"].as_str().unwrap());
    assert_eq!(done(&caller.get(&path).await, 200)["status"], "LAPSED");
    refused(
        &caller.post(&format!("{path}/drawdowns"), "d", &json!({ "amount": cny(100) })).await,
        409,
        "lifecycle.refused",
    );
    bank.handle.stop().await;
}

#[tokio::test]
async fn what_is_not_paid_is_overdue_bears_penalty_and_is_collected() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let who = customer(&caller, "Lin Xiaoyu", "CNY").await;
    let friend = customer(&caller, "Wang Jianguo", "CNY").await.1;
    let loan = signed(&caller, PERSONAL, &who, "Lin Xiaoyu", "EQUAL_PRINCIPAL", "l").await;
    let path = format!("{PERSONAL}/loans/{}", loan["loanId"].as_str().unwrap());
    done(&caller.post(&format!("{path}/drawdowns"), "d", &json!({ "amount": cny(1_200_000) })).await, 201);
    // Everything leaves the account.
    let mut moved = Vec::new();
    for n in 0..9 {
        let part = available(&caller, &who.1).await.min(5_000_000);
        if part == 0 {
            break;
        }
        let order = json!({ "debtorAccountId": who.1, "creditorAccountId": friend, "amount": cny(part) });
        let key = format!("out-{n}");
        if caller.post("/payment-order/v1/internal-transfers", &key, &order).await.code() == "bank.limit_exceeded" {
            bank.clock.advance(DAY);
        } else {
            moved.push(part);
        }
    }
    assert_eq!(available(&caller, &who.1).await, 0);
    bank.clock.advance(41 * DAY);
    let late = done(&caller.get(&path).await, 200);
    assert_eq!((&late["status"], &late["classification"]), (&json!("OVERDUE"), &json!("SPECIAL_MENTION")), "{late}");
    assert!(late["daysPastDue"].as_i64().unwrap() >= 10 && minor(&late["overdueAmount"]) > 100_000);
    let lines = done(&caller.get(&format!("{path}/schedule")).await, 200);
    assert!(lines["items"][0]["status"] == "OVERDUE" && minor(&lines["items"][0]["penalty"]) > 0, "{lines}");
    let again = done(
        &caller
            .post(&format!("{PERSONAL}/applications"), "again", &application(PERSONAL, &who, "EQUAL_PRINCIPAL"))
            .await,
        201,
    );
    assert!(again["reasons"].as_array().unwrap().contains(&json!("EXISTING_OVERDUE")), "{again}");
    refused(
        &caller.post(&format!("{path}/repayments"), "r", &json!({ "amount": cny(100) })).await,
        422,
        "bank.insufficient_funds",
    );
    // Half of it comes in and is collected the same evening, penalty first.
    let order = json!({ "debtorAccountId": friend, "creditorAccountId": who.1, "amount": cny(50_000) });
    done(&caller.post("/payment-order/v1/internal-transfers", "in-1", &order).await, 201);
    bank.clock.advance(DAY);
    assert_eq!(available(&caller, &who.1).await, 0);
    let order = json!({ "debtorAccountId": friend, "creditorAccountId": who.1, "amount": cny(2_000_000) });
    done(&caller.post("/payment-order/v1/internal-transfers", "in-2", &order).await, 201);
    bank.clock.advance(DAY);
    let caught_up = done(&caller.get(&path).await, 200);
    assert_eq!((&caught_up["status"], minor(&caught_up["overdueAmount"])), (&json!("ACTIVE"), 0), "{caught_up}");
    bank.assert_books().await;
    bank.handle.stop().await;
}

#[tokio::test]
async fn what_is_offered_and_signed_counts_before_it_is_drawn() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let who = customer(&caller, "Chen Meiling", "CNY").await;
    let apply = format!("{PERSONAL}/applications");
    let large = with(application(PERSONAL, &who, "EQUAL_INSTALMENT"), "amount", cny(12_000_000));
    let first = done(&caller.post(&apply, "a1", &large).await, 201);
    assert_eq!(minor(&first["offer"]["amount"]), 12_000_000, "{first}");
    // Half of the income is room for one of them.
    let second = done(&caller.post(&apply, "a2", &large).await, 201);
    let cut = if second["offer"].is_null() { 0 } else { minor(&second["offer"]["amount"]) };
    assert!(cut < 4_000_000, "{second}");
    assert!(second["reasons"].as_array().unwrap().contains(&json!("DEBT_TO_INCOME")), "{second}");
    let sign = json!({ "agreementHash": first["offer"]["agreementHash"], "signerName": "Chen Meiling" });
    let accept = format!("{apply}/{}/acceptance", first["applicationId"].as_str().unwrap());
    done(&caller.post(&accept, "s1", &sign).await, 201);
    let third = done(&caller.post(&apply, "a3", &large).await, 201);
    let cut = if third["offer"].is_null() { 0 } else { minor(&third["offer"]["amount"]) };
    assert!(cut < 4_000_000, "signed and not drawn: {third}");
    bank.handle.stop().await;
}

#[tokio::test]
async fn who_is_overdue_neither_signs_nor_draws_what_was_offered_before() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let who = customer(&caller, "Lin Xiaoyu", "CNY").await;
    let friend = customer(&caller, "Wang Jianguo", "CNY").await.1;
    let drawn = signed(&caller, PERSONAL, &who, "Lin Xiaoyu", "EQUAL_PRINCIPAL", "l1").await;
    let draw = |loan: &Value| format!("{PERSONAL}/loans/{}/drawdowns", loan["loanId"].as_str().unwrap());
    done(&caller.post(&draw(&drawn), "d1", &json!({ "amount": cny(1_200_000) })).await, 201);
    bank.clock.advance(26 * DAY);
    let agreed = signed(&caller, PERSONAL, &who, "Lin Xiaoyu", "EQUAL_PRINCIPAL", "l2").await;
    let apply = format!("{PERSONAL}/applications");
    let small = with(application(PERSONAL, &who, "EQUAL_PRINCIPAL"), "amount", cny(1_000_000));
    let offered = done(&caller.post(&apply, "a3", &small).await, 201);
    assert_eq!(offered["status"], "OFFERED", "{offered}");
    for n in 0..9 {
        let part = available(&caller, &who.1).await.min(5_000_000);
        if part == 0 {
            break;
        }
        let order = json!({ "debtorAccountId": who.1, "creditorAccountId": friend, "amount": cny(part) });
        done(&caller.post("/payment-order/v1/internal-transfers", &format!("out-{n}"), &order).await, 201);
    }
    bank.clock.advance(6 * DAY);
    let listed = done(&caller.get(&format!("{PERSONAL}/loans?partyId={}&status=OVERDUE", who.0)).await, 200);
    assert!(!listed["items"].as_array().unwrap().is_empty(), "{listed}");
    let answer = caller.post(&draw(&agreed), "d2", &json!({ "amount": cny(6_000_000) })).await;
    refused(&answer, 422, "bank.unsuitable");
    let sign = json!({ "agreementHash": offered["offer"]["agreementHash"], "signerName": "Lin Xiaoyu" });
    let accept = format!("{apply}/{}/acceptance", offered["applicationId"].as_str().unwrap());
    refused(&caller.post(&accept, "s3", &sign).await, 422, "bank.unsuitable");
    bank.assert_books().await;
    bank.handle.stop().await;
}

#[tokio::test]
async fn test_numbers_decline_and_refer_an_application() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let who = customer(&caller, "Lin Xiaoyu", "CNY").await;
    let apply = format!("{PERSONAL}/applications");
    let of = |minor: i64| with(application(PERSONAL, &who, "EQUAL_INSTALMENT"), "amount", cny(minor));
    let declined = done(&caller.post(&apply, "declined", &of(1_200_001)).await, 201);
    assert_eq!((&declined["status"], &declined["grade"]), (&json!("DECLINED"), &json!("D")), "{declined}");
    let referred = done(&caller.post(&apply, "referred", &of(1_200_002)).await, 201);
    assert_eq!(referred["status"], "REFERRED", "{referred}");
    assert!(referred["offer"].is_null() && referred["decidedAt"].is_null(), "{referred}");
    let path = format!("{apply}/{}", referred["applicationId"].as_str().unwrap());
    let sign = json!({ "agreementHash": "0".repeat(64), "signerName": "Lin Xiaoyu" });
    refused(&caller.post(&format!("{path}/acceptance"), "early", &sign).await, 409, "lifecycle.refused");
    bank.clock.advance(Duration::from_secs(3_600));
    let decided = done(&caller.get(&path).await, 200);
    assert_eq!((&decided["status"], &decided["decidedAt"]), (&json!("OFFERED"), &json!("2026-03-02T03:15:00Z")));
    bank.handle.stop().await;
}

const CHAIN: &str = "/factoring/v1/receivables";

fn receivable(account: &str, obligor: &str, invoice: &str) -> Value {
    json!({
        "supplierAccountId": account,
        "obligorPartyId": obligor,
        "invoiceNumber": invoice,
        "contractNumber": "HT-2026-017",
        "amount": cny(50_000_000),
        "issuedOn": "2026-02-25",
        "dueDate": "2026-05-26",
    })
}

#[tokio::test]
async fn a_receivable_is_confirmed_financed_and_repaid() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let supplier = customer(&caller, "Lao Zhou Noodle House", "CNY").await;
    let core = customer(&caller, "Example Precision Manufacturing Co., Ltd.", "CNY").await;
    let person = customer(&caller, "Lin Xiaoyu", "CNY").await;
    let good = receivable(&supplier.1, &core.0, "26442000000012345678");
    let made = done(&caller.post(CHAIN, "r1", &good).await, 201);
    assert_eq!(made["status"], "REGISTERED");
    for (key, body, status, code) in [
        ("again", good.clone(), 409, "resource.conflict"),
        ("invoice", with(good.clone(), "invoiceNumber", json!("12")), 422, "request.invalid"),
        ("due", with(good.clone(), "dueDate", json!("2026-03-02")), 422, "request.invalid"),
        ("person", receivable(&supplier.1, &person.0, "12345678"), 422, "bank.unsuitable"),
        ("self", receivable(&supplier.1, &supplier.0, "12345678"), 422, "request.invalid"),
        (
            "huge",
            with(receivable(&supplier.1, &core.0, "12345678"), "amount", cny(50_000_000_001)),
            422,
            "bank.limit_exceeded",
        ),
        ("nobody", receivable(&supplier.1, &format!("pty_{NOBODY}"), "12345678"), 404, "bank.party_not_found"),
        (
            "dollars",
            with(good.clone(), "amount", json!({ "amount": "1.00", "currency": "USD" })),
            422,
            "bank.currency_mismatch",
        ),
    ] {
        refused(&caller.post(CHAIN, key, &body).await, status, code);
    }
    let path = format!("{CHAIN}/{}", made["receivableId"].as_str().unwrap());
    assert_eq!(done(&caller.get(&path).await, 200), made);
    refused(&caller.get(&format!("{CHAIN}/rcv_{NOBODY}")).await, 404, "resource.not_found");
    refused(&caller.get(&format!("{path}/financing-quote")).await, 409, "lifecycle.refused");
    let put = async |path: &str, body: Value| {
        caller.send(Method::PUT, &format!("{path}/confirmation"), &[], Some(&body)).await.unwrap()
    };
    refused(&put(&path, json!({ "decision": "CONFIRM" })).await, 422, "request.invalid");
    refused(
        &put(&path, json!({ "decision": "CONFIRM", "obligorAccountId": supplier.1 })).await,
        422,
        "request.invalid",
    );
    let confirmed = done(&put(&path, json!({ "decision": "CONFIRM", "obligorAccountId": core.1 })).await, 200);
    assert_eq!(confirmed["status"], "CONFIRMED");
    refused(&put(&path, json!({ "decision": "REJECT", "reason": "too late" })).await, 409, "lifecycle.refused");

    let quote = done(&caller.get(&format!("{path}/financing-quote")).await, 200);
    assert_eq!(
        (minor(&quote["principal"]), minor(&quote["discount"]), minor(&quote["proceeds"])),
        (45_000_000, 446_250, 44_531_250)
    );
    let finance = format!("{path}/financings");
    refused(&caller.post(&finance, "f0", &json!({ "principal": cny(45_000_001) })).await, 422, "bank.limit_exceeded");
    let before = available(&caller, &supplier.1).await;
    let financed = done(&caller.post(&finance, "f1", &json!({ "principal": cny(45_000_000) })).await, 201);
    assert_eq!((&financed["status"], available(&caller, &supplier.1).await - before), (&json!("FINANCED"), 44_531_250));
    refused(&caller.post(&finance, "f2", &json!({ "principal": cny(1_000) })).await, 409, "lifecycle.refused");

    let repay = format!("{path}/repayments");
    refused(&caller.post(&repay, "p0", &json!({ "amount": cny(50_000_001) })).await, 422, "bank.amount_invalid");
    let part = done(&caller.post(&repay, "p1", &json!({ "amount": cny(10_000_000) })).await, 201);
    assert_eq!((minor(&part["toBank"]), minor(&part["toSupplier"])), (10_000_000, 0));
    let before = available(&caller, &supplier.1).await;
    bank.clock.advance(86 * DAY);
    let settled = done(&caller.get(&path).await, 200);
    assert_eq!((&settled["status"], &settled["settledOn"]), (&json!("SETTLED"), &json!("2026-05-26")), "{settled}");
    let debits = format!("/current-account/v1/accounts/{}/transactions?creditDebitIndicator=DBIT&limit=1", core.1);
    let debit = done(&caller.get(&debits).await, 200)["items"][0].clone();
    assert_eq!((minor(&debit["amount"]), &debit["valueDate"]), (40_000_000, &json!("2026-05-26")));
    // What the evening booked counts for the day that ended, in lists as on statements.
    for (day, count) in [("2026-05-26", 1), ("2026-05-27", 0)] {
        let of_day = format!("{debits}&fromDate={day}&toDate={day}");
        let items = done(&caller.get(&of_day).await, 200)["items"].clone();
        assert_eq!(items.as_array().unwrap().len(), count, "{day}: {items}");
    }
    assert!(available(&caller, &supplier.1).await - before >= 5_000_000, "the rest is the supplier's");
    refused(&caller.post(&repay, "p2", &json!({ "amount": cny(1) })).await, 409, "lifecycle.refused");
    let listed = done(&caller.get(&format!("{CHAIN}?supplierPartyId={}&status=SETTLED", supplier.0)).await, 200);
    assert!(listed["items"].as_array().unwrap().contains(&settled), "{listed}");
    refused(&caller.get(&format!("{CHAIN}?status=GONE")).await, 422, "request.invalid");

    // One that the core enterprise does not owe; its invoice may come again.
    let due = |body: Value| with(with(body, "dueDate", json!("2026-07-01")), "issuedOn", json!("2026-05-01"));
    let wrong = done(&caller.post(CHAIN, "r2", &due(receivable(&supplier.1, &core.0, "87654321"))).await, 201);
    let path = format!("{CHAIN}/{}", wrong["receivableId"].as_str().unwrap());
    refused(&put(&path, json!({ "decision": "REJECT" })).await, 422, "request.invalid");
    let rejected = done(&put(&path, json!({ "decision": "REJECT", "reason": "未收到货 Not delivered" })).await, 200);
    assert_eq!(rejected["status"], "REJECTED");
    done(&caller.post(CHAIN, "r3", &due(receivable(&supplier.1, &core.0, "87654321"))).await, 201);
    bank.assert_books().await;
    bank.handle.stop().await;
}

#[tokio::test]
async fn a_core_enterprise_promises_so_much_and_no_more() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let supplier = customer(&caller, "Lao Zhou Noodle House", "CNY").await;
    let core = customer(&caller, "Example Precision Manufacturing Co., Ltd.", "CNY").await;
    let confirm = json!({ "decision": "CONFIRM", "obligorAccountId": core.1 });
    let mut answers = Vec::new();
    for n in 0..5 {
        let large = with(receivable(&supplier.1, &core.0, &format!("1234567{n}")), "amount", cny(50_000_000_000));
        let made = done(&caller.post(CHAIN, &format!("r{n}"), &large).await, 201);
        let path = format!("{CHAIN}/{}/confirmation", made["receivableId"].as_str().unwrap());
        answers.push(caller.send(Method::PUT, &path, &[], Some(&confirm)).await.unwrap());
    }
    assert!(answers.iter().take(3).all(|answer| answer.status == 200), "{answers:?}");
    refused(&answers[4], 422, "bank.limit_exceeded");
    bank.assert_books().await;
    bank.handle.stop().await;
}
