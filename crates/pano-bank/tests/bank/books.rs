//! The trial balance of all sandboxes.

use crate::support::{Bank, Caller, GATEWAY, accounts};
use pano_store::bank::EntityRow;
use pano_testkit::TestStore;
use pano_types::Instant;
use pano_types::clock::SeededEntropy;
use pano_types::id::PartnerId;

/// One sandbox that cannot be read does not hide the others' books; it is told among what differs.
#[tokio::test]
async fn the_trial_balance_of_all_survives_a_sandbox_that_does_not() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let other = PartnerId::new(Instant::from_unix_micros(0), &SeededEntropy::new(7));
    let (whole, broken) = (bank.caller(), Caller::of(&bank.handle.url(), GATEWAY, "app", &other.to_string()));
    for caller in [&whole, &broken] {
        assert!(!accounts(caller).await.is_empty());
    }
    bank.assert_books().await;
    bank.handle.stop().await;
    let mut unit = store.store().begin().await.unwrap();
    let row = unit.bank_sandbox_of(other).await.unwrap().unwrap();
    let odd = EntityRow { kind: "what no room knows".to_owned(), id: "x".to_owned(), body: "{}".to_owned() };
    unit.bank_entity_put(row.image, &[odd]).await.unwrap();
    unit.save().await.unwrap();

    let bank = Bank::start(store.store()).await;
    let books = bank.role().get("/internal/v1/trial-balance").await;
    assert_eq!((books.status, &books.json["balanced"]), (200, &serde_json::json!(false)), "{books:?}");
    let told = books.json["discrepancies"].as_array().unwrap();
    assert!(told.len() == 1 && told[0].as_str().unwrap().starts_with(&row.id.to_string()), "{books:?}");
    assert!(!books.json["currencies"].as_array().unwrap().is_empty(), "the other one's are summed");
    bank.handle.stop().await;
}
