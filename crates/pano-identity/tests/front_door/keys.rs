//! Signing keys: published before they sign, as long as their tokens live, and gone at once when disclosed.

use crate::world::{World, operator};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method};
use pano_store::operator::Kind;
use pano_testkit::{TestStore, on_every_store};
use pano_types::{Role, Secret};
use serde_json::{Value, json};
use std::time::Duration;

async fn kids(world: &World) -> Vec<String> {
    let jwks = world.get("/jwks.json").await.json;
    let stored = world.store.read().await.unwrap().issuer_list().await.unwrap().remove(0).jwks;
    assert_eq!(jwks, stored, "the store says what the role says");
    jwks["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

async fn signing(world: &World) -> String {
    World::open(&world.token().await).0["kid"].as_str().unwrap().to_owned()
}

async fn call(world: &World, method: Method, path: &str, token: Option<&Secret>, body: &Value) -> (u16, Value) {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(token) = token {
        headers.insert(AUTHORIZATION, format!("Bearer {}", token.expose()).parse().unwrap());
    }
    let answer = world.send(method, path, headers, body.to_string()).await;
    (answer.status, answer.json)
}

#[tokio::test]
async fn a_new_key_is_published_before_it_signs_and_the_old_until_its_tokens_are_gone() {
    on_every_store(async |store| {
        let world = World::on(store).await;
        let advance = async |seconds| {
            world.clock.advance(Duration::from_secs(seconds));
            world.identity.tick().await.unwrap();
        };
        let old = signing(&world).await;
        assert_eq!(kids(&world).await, std::slice::from_ref(&old));

        let seq = world.store.change_seq().await.unwrap();
        advance(86_400).await;
        let both = kids(&world).await;
        assert_eq!((both.len(), &both[0], signing(&world).await), (2, &old, old.clone()));
        assert!(world.store.change_seq().await.unwrap() > seq, "the manager hears of it");
        advance(59).await;
        assert_eq!(signing(&world).await, old, "not yet");
        let token = world.token().await;
        advance(1).await;
        assert_eq!(signing(&world).await, both[1]);
        assert_eq!(world.introspect(&token).await["active"], true);
        advance(899).await;
        assert_eq!(kids(&world).await, both);
        advance(1).await;
        assert_eq!(kids(&world).await, both[1..]);
        let states: Vec<_> = world.identity.keys().into_iter().map(|key| key.state).collect();
        assert_eq!(states, ["removed", "current"]);
        world.identity.stop().await;
    })
    .await;
}

#[tokio::test]
async fn operators_rotate_by_hand_and_urgently() {
    let store = TestStore::sqlite().await.unwrap();
    let world = World::on(&store).await;
    let (who, token) = operator(&world.store, Kind::Person, &[Role::Security]).await;
    let rotate = async |body: Value| call(&world, Method::POST, "/internal/v1/keys/rotate", Some(&token), &body).await;
    let first = signing(&world).await;

    let (status, rotated) = rotate(json!({})).await;
    assert_eq!((status, signing(&world).await), (200, first.clone()));
    let second = rotated["kid"].as_str().unwrap().to_owned();
    let (status, problem) = rotate(json!({})).await;
    assert_eq!((status, &problem["code"]), (409, &json!("lifecycle.refused")));
    let (status, _) = rotate(json!({ "urgency": true })).await;
    assert_eq!(status, 422);

    let token_of_first = world.token().await;
    let (status, rotated) = rotate(json!({ "urgent": true })).await;
    assert_eq!((status, rotated["kid"].as_str()), (200, Some(second.as_str())));
    assert_eq!((kids(&world).await, signing(&world).await), (vec![second.clone()], second.clone()));
    assert_eq!(world.introspect(&token_of_first).await, json!({ "active": false }));

    let (status, list) = call(&world, Method::GET, "/internal/v1/keys", Some(&token), &json!({})).await;
    let shown: Vec<_> = list["keys"].as_array().unwrap().iter().map(|k| (&k["kid"], &k["state"])).collect();
    assert_eq!((status, shown), (200, vec![(&json!(first), &json!("removed")), (&json!(second), &json!("current"))]));
    let mut unit = world.store.read().await.unwrap();
    let used = unit.operator_tokens(who).await.unwrap()[0].last_used_at;
    assert_eq!(
        used.map(|at| at.unix_seconds()),
        Some(world.now()),
        "the use of an operator's token is noted here, too"
    );
    let filter = pano_store::audit::Filter { subject_kind: Some("signing_key".into()), ..Default::default() };
    let links = unit.audit_page(&filter, &pano_types::PageRequest::default()).await.unwrap().items;
    let by_hand = links.iter().filter(|link| link.act.actor == pano_store::audit::Actor::Operator(who)).count();
    assert_eq!((links.len(), by_hand), (6, 4));
}

#[tokio::test]
async fn keys_are_for_admins_and_security_officers() {
    let store = TestStore::sqlite().await.unwrap();
    let world = World::on(&store).await;
    let before = kids(&world).await;
    for &role in Role::ALL {
        let (_, token) = operator(&world.store, Kind::Person, &[role]).await;
        let expected = if matches!(role, Role::Admin | Role::Security) { 200 } else { 403 };
        assert_eq!(
            call(&world, Method::GET, "/internal/v1/keys", Some(&token), &json!({})).await.0,
            expected,
            "{role}"
        );
        if expected == 403 {
            let (status, problem) =
                call(&world, Method::POST, "/internal/v1/keys/rotate", Some(&token), &json!({})).await;
            assert_eq!((status, &problem["code"]), (403, &json!("operator.forbidden")), "{role}");
        }
    }
    for token in [None, Some(Secret::new("unknown".into()))] {
        for (method, path) in [(Method::GET, "/internal/v1/keys"), (Method::POST, "/internal/v1/keys/rotate")] {
            let (status, problem) = call(&world, method, path, token.as_ref(), &json!({})).await;
            assert_eq!((status, &problem["code"]), (401, &json!("operator.unauthenticated")), "{path}");
        }
    }
    assert_eq!(kids(&world).await, before);
}
