//! Cases of `pano_store::operator`.

use crate::words::{at, seed};
use pano_store::StoreError;
use pano_store::meta::SecretHash;
use pano_store::operator::{Kind, Operator, Token};
use pano_store_sql::testing;
use pano_testkit::TestStore;
use pano_types::id::{OperatorId, TokenId};
use pano_types::{PageRequest, Role, Secret};

cases! { operators_are_kept, names_are_unique, updates_need_the_generation, tokens_are_found_by_hash, corrupt_rows_are_named }

fn operator(n: u64) -> Operator {
    Operator {
        id: OperatorId::new(at(n as i64), &seed(n)),
        name: format!("操作员 {n}"),
        kind: if n.is_multiple_of(2) { Kind::Person } else { Kind::Service },
        roles: vec![Role::Reviewer, Role::Auditor],
        created_at: at(0),
        disabled_at: None,
        generation: 1,
    }
}

async fn operators_are_kept(store: &TestStore) {
    let mut unit = store.store().begin().await.unwrap();
    for n in 1..=3 {
        unit.operator_add(&operator(n)).await.unwrap();
    }
    unit.save().await.unwrap();
    let mut unit = store.store().read().await.unwrap();
    assert_eq!(unit.operator_lookup(operator(2).id).await.unwrap(), Some(operator(2)));
    assert_eq!(unit.operator_lookup(operator(9).id).await.unwrap(), None);
    assert_eq!(unit.operator_by_name("操作员 3").await.unwrap(), Some(operator(3)));
    let first = unit.operator_page(&PageRequest::new(None, Some(2))).await.unwrap();
    assert_eq!(first.items, [operator(1), operator(2)]);
    let second = unit.operator_page(&PageRequest::new(first.next, Some(2))).await.unwrap();
    assert_eq!((second.items, second.next), (vec![operator(3)], None));
}

async fn names_are_unique(store: &TestStore) {
    let mut unit = store.store().begin().await.unwrap();
    unit.operator_add(&operator(1)).await.unwrap();
    let twin = Operator { name: operator(1).name, ..operator(2) };
    let error = unit.operator_add(&twin).await.unwrap_err();
    assert!(matches!(&error, StoreError::Conflict { what } if what.contains("operator")), "{error:?}");
    assert!(!error.to_string().contains("操作员"), "constraints are named, values are not");
}

async fn updates_need_the_generation(store: &TestStore) {
    let mut unit = store.store().begin().await.unwrap();
    unit.operator_add(&operator(1)).await.unwrap();
    let changed = Operator { roles: vec![], disabled_at: Some(at(5)), name: "new".into(), ..operator(1) };
    assert_eq!(unit.operator_update(&changed).await.unwrap(), 2);
    let found = unit.operator_lookup(changed.id).await.unwrap().unwrap();
    assert_eq!(found, Operator { generation: 2, ..changed.clone() });
    unit.save().await.unwrap();

    let mut unit = store.store().begin().await.unwrap();
    assert!(matches!(unit.operator_update(&changed).await, Err(StoreError::Stale { .. })));
    drop(unit);
    let mut unit = store.store().begin().await.unwrap();
    assert!(matches!(unit.operator_update(&operator(7)).await, Err(StoreError::Missing { .. })));
}

async fn tokens_are_found_by_hash(store: &TestStore) {
    let hash = |text: &str| SecretHash::of(&Secret::new(text.to_owned()));
    let token = Token {
        id: TokenId::new(at(0), &seed(1)),
        operator: operator(1).id,
        label: "laptop".into(),
        created_at: at(0),
        expires_at: Some(at(100)),
        last_used_at: None,
        revoked_at: None,
    };
    let mut unit = store.store().begin().await.unwrap();
    unit.operator_add(&operator(1)).await.unwrap();
    unit.operator_token_add(&token, &hash("secret")).await.unwrap();
    assert_eq!(unit.operator_token_find(&hash("guess")).await.unwrap(), None);
    assert_eq!(unit.operator_token_find(&hash("secret")).await.unwrap(), Some((token.clone(), operator(1))));

    for (now, noted) in [(at(10), at(10)), (at(69), at(10)), (at(70), at(70))] {
        unit.operator_token_touch(token.id, now).await.unwrap();
        assert_eq!(unit.operator_tokens(token.operator).await.unwrap()[0].last_used_at, Some(noted));
    }
    assert!(token.is_live(at(99)) && !token.is_live(at(100)));
    unit.operator_token_revoke(token.id, at(80)).await.unwrap();
    unit.operator_token_revoke(token.id, at(90)).await.unwrap();
    let revoked = unit.operator_tokens(token.operator).await.unwrap().remove(0);
    assert_eq!(revoked.revoked_at, Some(at(80)));
    assert!(!revoked.is_live(at(81)));
    unit.save().await.unwrap();

    let nobodys = Token { operator: operator(2).id, ..token };
    let mut unit = store.store().begin().await.unwrap();
    assert!(matches!(unit.operator_token_add(&nobodys, &hash("other")).await, Err(StoreError::Conflict { .. })));
    drop(unit);
    let mut unit = store.store().begin().await.unwrap();
    let missing = unit.operator_token_revoke(TokenId::new(at(0), &seed(2)), at(0)).await;
    assert!(matches!(missing, Err(StoreError::Missing { .. })));
}

async fn corrupt_rows_are_named(store: &TestStore) {
    let mut unit = store.store().begin().await.unwrap();
    unit.operator_add(&operator(1)).await.unwrap();
    unit.save().await.unwrap();
    for (column, value) in [("roles", "[\"root\"]"), ("roles", "{"), ("kind", "robot")] {
        let update = format!("UPDATE operator SET {column} = '{value}'");
        assert_eq!(testing::execute(store.sql(), &update).await.unwrap(), 1);
        let error = store.store().read().await.unwrap().operator_lookup(operator(1).id).await.unwrap_err();
        match &error {
            StoreError::Corrupt { table, column: named, row, .. } => {
                assert_eq!((table.as_str(), named.as_str()), ("operator", column));
                assert_eq!(*row, operator(1).id.to_string());
            }
            other => panic!("{other:?}"),
        }
        testing::execute(store.sql(), "UPDATE operator SET roles = '[]', kind = 'person'").await.unwrap();
    }
    testing::execute(store.sql(), "UPDATE operator SET id = 'api_01ARZ3NDEKTSV4RRFFQ69G5FAV'").await.unwrap();
    let error = store.store().read().await.unwrap().operator_by_name(&operator(1).name).await.unwrap_err();
    assert!(matches!(&error, StoreError::Corrupt { column, .. } if column == "id"), "{error:?}");
}
