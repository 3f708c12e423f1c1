//! Batches: pain.001 in, pain.002 out.

use crate::support::{Bank, Caller, GATEWAY, balances, of_class};
use pano_testkit::{TestStore, on_every_store};
use serde_json::json;
use std::time::Duration;

const BATCHES: &str = "/payment-batch/v1/batches";
const SAMPLE: &str = include_str!("pain001.xml");
const XML: &str = "application/xml";

/// The sample with the accounts of this sandbox.
async fn message(caller: &Caller) -> (String, String) {
    let number = |id: String| async move {
        let account = caller.get(&format!("/current-account/v1/accounts/{id}")).await;
        account.json["accountNumber"].as_str().unwrap().to_owned()
    };
    let (from, _) = of_class(caller, "BUSINESS").await.remove(0);
    let (to, _) = of_class(caller, "I").await.remove(0);
    let text = SAMPLE.replace("6200000000007000", &number(from.clone()).await);
    (text.replace("6200000000001003", &number(to).await), from)
}

#[tokio::test]
async fn a_batch_is_paid_and_reported() {
    on_every_store(async |store| {
        let bank = Bank::start(store.store()).await;
        let caller = bank.caller();
        let (text, from) = message(&caller).await;
        let before = balances(&caller, &from).await.0.replace('.', "").parse::<i64>().unwrap();
        let sent = caller.post_text(BATCHES, "send", XML, &text).await;
        assert_eq!((sent.status, &sent.json["status"]), (201, &json!("ACSP")), "{}", sent.json);
        assert_eq!((&sent.json["settledCount"], &sent.json["settledSum"]), (&json!(1), &json!("8800.00")));
        assert_eq!(caller.post_text(BATCHES, "send", XML, &text).await.json, sent.json, "repeated");
        let again = caller.post_text(BATCHES, "another key", XML, &text).await;
        assert_eq!((again.status, again.code()), (409, "resource.conflict"));
        let path = format!("{BATCHES}/{}", sent.json["batchId"].as_str().unwrap());
        let waiting = caller.get(&format!("{path}/transactions?status=ACSP")).await.json;
        assert_eq!(waiting["items"][0]["endToEndId"], "SALARY-0002");
        bank.clock.advance(Duration::from_secs(60));
        let done = caller.get(&path).await.json;
        assert_eq!((&done["status"], &done["completedAt"]), (&json!("ACSC"), &json!("2026-03-02T02:15:10Z")));
        let after = balances(&caller, &from).await.0.replace('.', "").parse::<i64>().unwrap();
        assert_eq!(before - after, 1_630_000);
        let report = caller.get(&format!("{path}/status-report")).await;
        assert_eq!(report.headers["content-type"], "application/xml");
        let text = report.json.as_str().unwrap();
        assert!(text.contains("<GrpSts>ACSC</GrpSts>") && text.matches("<TxSts>ACSC</TxSts>").count() == 2, "{text}");
        assert_eq!(caller.get(BATCHES).await.json["items"][0], done);
        let other = Caller::new(&bank.handle.url(), GATEWAY, "app_two");
        for path in [path.clone(), format!("{path}/transactions"), format!("{path}/status-report")] {
            assert_eq!(other.get(&path).await.code(), "resource.not_found");
        }
        assert_eq!(caller.act(&format!("{path}/cancellation"), "late").await.code(), "lifecycle.refused");
        bank.assert_books().await;
        bank.handle.stop().await;
    })
    .await;
}

#[tokio::test]
async fn one_transfer_that_is_refused_does_not_stop_the_others() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let (text, _) = message(&caller).await;
    // No such payee here, and more than IBPS carries.
    let unknown = text.replace("<EndToEndId>SALARY-0001", "<EndToEndId>SALARY-0009").replacen(
        "<CdtrAcct><Id><Othr><Id>62",
        "<CdtrAcct><Id><Othr><Id>99",
        1,
    );
    let over = unknown.replace("BEPS", "IBPS").replace("7500.00", "1000000.01").replace("16300.00", "1008800.01");
    let sent = caller.post_text(BATCHES, "refused", XML, &over).await;
    assert_eq!((&sent.json["status"], &sent.json["rejectedCount"]), (&json!("RJCT"), &json!(2)), "{}", sent.json);
    let path = format!("{BATCHES}/{}", sent.json["batchId"].as_str().unwrap());
    let items = caller.get(&format!("{path}/transactions?limit=1")).await.json;
    assert_eq!(
        (&items["items"][0]["reasonCode"], &items["items"][0]["statusReason"]),
        (&json!("AC01"), &json!("bank.account_not_found"))
    );
    let next = items["nextCursor"].as_str().unwrap();
    let items = caller.get(&format!("{path}/transactions?limit=1&cursor={next}")).await.json;
    assert_eq!(items["items"][0]["reasonCode"], "AM02");
    let report = caller.get(&format!("{path}/status-report")).await;
    assert!(report.json.as_str().unwrap().contains("<Cd>AC01</Cd>"));
    let partly = unknown.replace("PAYROLL-2026-03</MsgId>", "PAYROLL-2</MsgId>");
    let sent = caller.post_text(BATCHES, "partly", XML, &partly).await;
    bank.clock.advance(Duration::from_secs(10));
    let path = format!("{BATCHES}/{}", sent.json["batchId"].as_str().unwrap());
    assert_eq!(caller.get(&path).await.json["status"], "PART");

    for (name, body, status, code) in [
        ("no xml", "{}".to_owned(), 400, "request.malformed"),
        ("count", text.replace("<NbOfTxs>2", "<NbOfTxs>3"), 400, "request.malformed"),
        ("sum", text.replace("16300.00", "16300.01"), 400, "request.malformed"),
        ("past", text.replace("<Dt>2026-03-02", "<Dt>2026-03-01"), 422, "request.invalid"),
        ("far", text.replace("<Dt>2026-03-02", "<Dt>2026-06-01"), 422, "request.invalid"),
        ("another bank's payer", text.replacen("999999900001", "999999900002", 1), 422, "request.invalid"),
        ("dollars", text.replace("Ccy=\"CNY\"", "Ccy=\"USD\""), 422, "bank.currency_mismatch"),
        ("large", format!("{text}{}", " ".repeat(1 << 20)), 413, "request.too_large"),
    ] {
        let answer =
            caller.post_text(BATCHES, name, XML, &body.replace("PAYROLL-2026-03</MsgId>", "OTHER</MsgId>")).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{name}: {}", answer.json);
    }
    let json = caller.post(BATCHES, "json", &json!({})).await;
    assert_eq!((json.status, json.code()), (415, "request.unsupported_media_type"));

    // One for later waits, and can be taken back.
    let later = |id: &str| {
        text.replace("<Dt>2026-03-02", "<Dt>2026-03-05").replace("PAYROLL-2026-03</MsgId>", &format!("{id}</MsgId>"))
    };
    let first = caller.post_text(BATCHES, "later", XML, &later("L-1")).await;
    bank.clock.advance(Duration::from_secs(1));
    let second = caller.post_text(BATCHES, "later too", XML, &later("L-2")).await;
    assert_eq!(first.json["status"], "PDNG", "{}", first.json);
    let cancel = format!("{BATCHES}/{}/cancellation", first.json["batchId"].as_str().unwrap());
    assert_eq!(caller.act(&cancel, "cancel").await.json["status"], "CANC");
    bank.clock.advance(Duration::from_secs(3 * 86_400));
    let paid = caller.get(&format!("{BATCHES}/{}", second.json["batchId"].as_str().unwrap())).await;
    assert_eq!(paid.json["status"], "ACSC");
    assert_eq!(caller.get(&format!("{BATCHES}?limit=1")).await.json["items"][0]["messageId"], "L-2");
    assert_eq!(caller.get(&format!("{BATCHES}/x")).await.code(), "resource.not_found");
    bank.assert_books().await;
    bank.handle.stop().await;
}
