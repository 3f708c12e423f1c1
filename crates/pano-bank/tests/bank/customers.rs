//! What the authorization server asks about customers.

use crate::support::{Bank, PARTNER};
use pano_testkit::TestStore;
use serde_json::{Value, json};

#[tokio::test]
async fn a_customer_is_known_by_name_and_password_and_its_accounts_can_be_chosen() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let role = bank.role();
    let customers = format!("/internal/v1/partners/{PARTNER}/customers");
    let sign_in = async |login: &str, password: &str| {
        let form = json!({ "login": login, "password": password });
        let answer = role.post(&format!("{customers}/sign-in"), "", &form).await;
        (answer.status, answer.json)
    };
    let (status, customer) = sign_in("lin.xiaoyu", "sandbox-2026").await;
    assert_eq!((status, &customer["name"]["en"]), (200, &json!("Lin Xiaoyu")));
    for (login, password) in [("lin.xiaoyu", "sandbox-2025"), ("nobody", "sandbox-2026"), ("", ""), ("lin.xiaoyu", "")]
    {
        assert_eq!(sign_in(login, password).await, (200, Value::Null), "{login} {password}");
    }
    assert_eq!(sign_in(&"x".repeat(129), "x").await.0, 422);

    let id = customer["id"].as_str().unwrap();
    let accounts = role.get(&format!("{customers}/{id}/accounts")).await;
    let accounts = accounts.json.as_array().unwrap();
    let currencies: Vec<_> = accounts.iter().map(|account| account["currency"].as_str().unwrap()).collect();
    assert!(currencies.contains(&"CNY") && currencies.contains(&"USD"), "{currencies:?}");
    assert!(accounts.iter().all(|account| account["number"].as_str().unwrap().contains("******")));
    let nobody = role.get(&format!("{customers}/pty_01ARZ3NDEKTSV4RRFFQ69G5FAV/accounts")).await;
    assert_eq!((nobody.status, nobody.json), (200, json!([])));

    // Gateways, and with them partners, have no business here.
    let gateway = bank.caller();
    assert_eq!(gateway.get(&format!("{customers}/{id}/accounts")).await.code(), "bank.caller_unknown");
    bank.handle.stop().await;
}
