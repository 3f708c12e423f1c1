//! Parties, accounts, balances, entries.

use crate::support::{Bank, accounts, transfer};
use pano_testkit::TestStore;
use serde_json::Value;
use std::collections::HashSet;

#[tokio::test]
async fn customers_and_their_accounts_are_shown() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let people = caller.get("/party-reference-data-directory/v1/parties?partyType=PERSON").await;
    let people = people.json["items"].as_array().unwrap().clone();
    assert!(people.len() >= 5);
    for person in &people {
        let id = person["partyId"].as_str().unwrap();
        let party = caller.get(&format!("/party-reference-data-directory/v1/parties/{id}")).await;
        let number = party.json["identification"]["number"].as_str().unwrap();
        assert!(number.starts_with("9901"), "{number} must come from a region that was never issued");
        let check = pano_bank::seed::number::resident_check(&number[..17]);
        assert_eq!(number.chars().last(), Some(check));
        let held = caller.get(&format!("/current-account/v1/accounts?ownerPartyId={id}")).await;
        assert!(!held.json["items"].as_array().unwrap().is_empty());
    }
    let all = caller.get("/current-account/v1/accounts?limit=200").await;
    let currencies: HashSet<_> =
        all.json["items"].as_array().unwrap().iter().map(|a| a["currency"].as_str().unwrap().to_owned()).collect();
    assert_eq!(currencies.len(), 4, "{currencies:?}");
    let first = all.json["items"][0]["accountId"].as_str().unwrap();
    let one = caller.get(&format!("/current-account/v1/accounts/{first}")).await;
    assert_eq!(one.json, all.json["items"][0]);
    bank.assert_books().await;
    bank.handle.stop().await;
}

#[tokio::test]
async fn entries_are_paged_filtered_and_add_up() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let account = accounts(&caller).await.remove(0);
    let base = format!("/current-account/v1/accounts/{account}/transactions");
    let (mut entries, mut cursor) = (Vec::<Value>::new(), String::new());
    loop {
        let page = caller.get(&format!("{base}?limit=4{cursor}")).await;
        entries.extend(page.json["items"].as_array().unwrap().iter().cloned());
        let Some(next) = page.json["nextCursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert!(entries.len() > 8, "{}", entries.len());
    let numbers: Vec<_> = entries.iter().map(|e| e["entryNumber"].as_u64().unwrap()).collect();
    let count = u64::try_from(entries.len()).unwrap();
    assert_eq!(numbers, (1..=count).rev().collect::<Vec<_>>());
    let fen = |money: &Value| money["amount"].as_str().unwrap().replace('.', "").parse::<i64>().unwrap();
    for pair in entries.windows(2) {
        let sign = if pair[0]["creditDebitIndicator"] == "CRDT" { 1 } else { -1 };
        let after = fen(&pair[1]["balanceAfter"]) + sign * fen(&pair[0]["amount"]);
        assert_eq!(after, fen(&pair[0]["balanceAfter"]));
    }
    let day = entries[0]["valueDate"].as_str().unwrap();
    let that_day = caller.get(&format!("{base}?fromDate={day}&toDate={day}")).await;
    assert!(that_day.json["items"].as_array().unwrap().iter().all(|e| e["valueDate"] == day));
    assert_eq!(that_day.json["items"][0], entries[0]);
    let debits = caller.get(&format!("{base}?creditDebitIndicator=DBIT&minAmount=1000&maxAmount=999999")).await;
    let debits = debits.json["items"].as_array().unwrap();
    assert!(!debits.is_empty());
    assert!(debits.iter().all(|e| e["creditDebitIndicator"] == "DBIT" && fen(&e["amount"]) >= 100_000));
    let one = caller.get(&format!("{base}/{count}")).await;
    assert_eq!(one.json, entries[0]);
    bank.handle.stop().await;
}

#[tokio::test]
async fn a_second_start_finds_the_bank_as_it_was() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let open = accounts(&bank.caller()).await;
    let paid =
        bank.caller().post("/payment-order/v1/internal-transfers", "k", &transfer(&open[0], &open[1], "1")).await;
    assert_eq!(paid.status, 201);
    let before = crate::support::balances(&bank.caller(), &open[0]).await;
    bank.handle.stop().await;
    let bank = Bank::start(store.store()).await;
    assert_eq!(accounts(&bank.caller()).await, open);
    assert_eq!(crate::support::balances(&bank.caller(), &open[0]).await, before);
    bank.handle.stop().await;
}
