//! Tokens from the request to their end.

use crate::world::{
    AUDIENCE, ISSUER, World, add_api, add_app, authenticated, change, named_operator, operator, subscribe,
};
use http::Method;
use http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue};
use pano_crypto::jws::{self, Compact};
use pano_crypto::{KeySet, Signer as _};
use pano_oauth::AccessClaims;
use pano_store::operator::Kind;
use pano_testkit::{TestStore, on_every_store};
use pano_types::{Clock as _, Role};
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn an_app_gets_a_token_that_the_published_keys_verify() {
    on_every_store(async |store| {
        let world = World::on(store).await;
        let answer = world.request(&world.assertion(|_| ()), "").await;
        assert_eq!(answer.status, 200, "{}", answer.json);
        assert_eq!(answer.headers[CACHE_CONTROL], "no-store");
        assert_eq!((&answer.json["token_type"], &answer.json["expires_in"]), (&json!("Bearer"), &json!(300)));
        assert_eq!(answer.json["scope"], "accounts:read payments:write");

        let set = KeySet::parse(&world.get("/jwks.json").await.json).unwrap();
        let token = Compact::parse(answer.json["access_token"].as_str().unwrap()).unwrap();
        assert_eq!(token.header().typ.as_deref(), Some("at+jwt"));
        let key = set.key(token.header().kid.as_deref().unwrap()).unwrap();
        let claims: AccessClaims = token.verify(key).unwrap();
        let id = world.app.id.to_string();
        assert_eq!((claims.iss.as_str(), claims.aud.as_str()), (ISSUER, AUDIENCE));
        assert_eq!((&claims.sub, &claims.client_id), (&id, &id));
        assert_eq!((claims.iat, claims.exp), (world.now(), world.now() + 300));
        world.identity.stop().await;
    })
    .await;
}

#[tokio::test]
async fn scopes_follow_the_subscriptions_at_once() {
    let store = TestStore::sqlite().await.unwrap();
    let world = World::on(&store).await;
    let some = world.request(&world.assertion(|_| ()), "&scope=accounts%3Aread").await;
    assert_eq!(some.json["scope"], "accounts:read");
    let more = world.request(&world.assertion(|_| ()), "&scope=wealth%3Aread").await;
    assert_eq!(more.error(), (400, "invalid_scope"));
    let api = add_api(&world.store, &["wealth:read"]).await;
    let mut subscription = subscribe(&world.store, world.app.id, api).await;
    let more = world.request(&world.assertion(|_| ()), "&scope=wealth%3Aread").await;
    assert_eq!((more.status, &more.json["scope"]), (200, &json!("wealth:read")));
    subscription.state = pano_partner::subscription::State::Ended {
        requested: pano_partner::Step {
            who: pano_types::id::OperatorId::new(world.clock.now(), &pano_types::clock::OsEntropy),
            at: world.clock.now(),
            why: "test".into(),
        },
        ended: pano_partner::Step {
            who: pano_types::id::OperatorId::new(world.clock.now(), &pano_types::clock::OsEntropy),
            at: world.clock.now(),
            why: "test".into(),
        },
    };
    change(&world.store, async |unit| unit.subscription_update(&subscription).await.unwrap()).await;
    let gone = world.request(&world.assertion(|_| ()), "&scope=wealth%3Aread").await;
    assert_eq!(gone.error(), (400, "invalid_scope"));
}

#[tokio::test]
async fn an_app_without_subscriptions_gets_a_token_that_opens_nothing() {
    let store = TestStore::sqlite().await.unwrap();
    let world = World::on(&store).await;
    let other = add_app(&world.store).await;
    let assertion = jws::sign(&other.key, "JWT", &world.claims(&other)).unwrap();
    let answer = world.request(&assertion, "").await;
    assert_eq!((answer.status, answer.json.get("scope")), (200, None));
}

#[tokio::test]
async fn of_many_requests_with_one_assertion_exactly_one_gets_a_token() {
    on_every_store(async |store| {
        let world = World::on(store).await;
        let assertion = world.assertion(|_| ());
        let requests = (0..10).map(|_| world.request(&assertion, ""));
        let mut statuses = futures_util::future::join_all(requests).await;
        statuses.sort_by_key(|answer| answer.status);
        assert_eq!(statuses[0].status, 200);
        for answer in &statuses[1..] {
            assert_eq!(answer.json["error_description"], "the assertion has been used before");
        }
        world.identity.stop().await;
    })
    .await;
}

#[tokio::test]
async fn introspection_tells_apps_about_their_own_tokens_and_roles_about_all() {
    let store = TestStore::sqlite().await.unwrap();
    let world = World::on(&store).await;
    let token = world.token().await;
    let form = |assertion: &str| format!("token={token}&{}", authenticated(assertion));
    let own = world.post("/oauth2/introspect", &form(&world.assertion(|_| ())), None).await;
    assert_eq!((own.status, &own.json["active"], &own.json["iss"]), (200, &json!(true), &json!(ISSUER)));
    let other = add_app(&world.store).await;
    let assertion = jws::sign(&other.key, "JWT", &world.claims(&other)).unwrap();
    let foreign = world.post("/oauth2/introspect", &form(&assertion), None).await;
    assert_eq!((foreign.status, &foreign.json), (200, &json!({ "active": false })));
    assert_eq!(world.introspect(&token).await["client_id"], world.app.id.to_string());
    let (_, role) = named_operator(&world.store, "service:gateway", Kind::Service, &[]).await;
    let (_, pipeline) = operator(&world.store, Kind::Service, &[Role::Provider]).await;
    let (_, person) = operator(&world.store, Kind::Person, &[Role::Admin]).await;
    for (bearer, status) in [(role.expose(), 200), (pipeline.expose(), 401), (person.expose(), 401), ("nobody", 401)] {
        let answer = world.post("/oauth2/introspect", &format!("token={token}"), Some(bearer)).await;
        assert_eq!(answer.status, status);
    }
    let nobody = world.post("/oauth2/introspect", &format!("token={token}"), None).await;
    assert_eq!(nobody.error(), (401, "invalid_client"));

    for other in ["x", "a.b.c", &world.assertion(|_| ())] {
        assert_eq!(world.introspect(other).await, json!({ "active": false }), "{other}");
    }
    world.clock.advance(Duration::from_secs(300));
    assert_eq!(world.introspect(&token).await, json!({ "active": false }), "ended");
}

#[tokio::test]
async fn revocation_is_a_row_and_an_event_and_only_the_owners() {
    on_every_store(async |store| {
        let world = World::on(store).await;
        let (token, kept) = (world.token().await, world.token().await);
        let other = add_app(&world.store).await;
        let revoke = async |token: &str, assertion: String| {
            let answer =
                world.post("/oauth2/revoke", &format!("token={token}&{}", authenticated(&assertion)), None).await;
            (answer.status, answer.json)
        };
        let seq = world.store.change_seq().await.unwrap();
        let foreign = jws::sign(&other.key, "JWT", &world.claims(&other)).unwrap();
        assert_eq!(revoke(&token, foreign).await, (200, Value::Null), "says nothing, does nothing");
        assert_eq!(revoke("unknown", world.assertion(|_| ())).await.0, 200);
        assert_eq!(
            (world.store.change_seq().await.unwrap(), &world.introspect(&token).await["active"]),
            (seq, &json!(true))
        );

        for _ in 0..2 {
            assert_eq!(revoke(&token, world.assertion(|_| ())).await.0, 200);
            assert_eq!(world.store.change_seq().await.unwrap(), seq + 1, "once");
        }
        assert_eq!(world.introspect(&token).await, json!({ "active": false }));
        assert_eq!(world.introspect(&kept).await["active"], true);
        let mut unit = world.store.read().await.unwrap();
        let rows = unit.token_revocations(world.clock.now()).await.unwrap();
        let (_, claims) = World::open(&token);
        assert_eq!((rows.len(), rows[0].app, json!(rows[0].jti)), (1, world.app.id, claims["jti"].clone()));
        let event = unit.outbox_take(seq, 10).await.unwrap().remove(0).event;
        assert_eq!((event.kind.as_str(), event.subject), ("panorama.token.revoked", Some(world.app.id.to_string())));
        drop(unit);
        world.identity.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_cutoff_voids_the_apps_tokens() {
    let store = TestStore::sqlite().await.unwrap();
    let world = World::on(&store).await;
    let token = world.token().await;
    world.clock.advance(Duration::from_secs(1));
    let now = world.clock.now();
    change(&world.store, async |unit| unit.token_cutoff_put(world.app.id, now).await.unwrap()).await;
    assert_eq!(world.introspect(&token).await, json!({ "active": false }));
    assert_eq!(world.introspect(&world.token().await).await["active"], true);
}

#[tokio::test]
async fn a_restart_keeps_keys_and_tokens_and_notes_uses() {
    let store = TestStore::sqlite().await.unwrap();
    let mut world = World::on(&store).await;
    let (token, keys) = (world.token().await, world.get("/jwks.json").await.json);
    let used = world.assertion(|_| ());
    assert_eq!(world.request(&used, "").await.status, 200);
    world.restart().await;
    assert_eq!(world.get("/jwks.json").await.json, keys);
    assert_eq!(world.introspect(&token).await["active"], true);
    assert_eq!(world.request(&used, "").await.json["error_description"], "the assertion has been used before");
    let mut unit = world.store.read().await.unwrap();
    let credential = unit.credential_by_id(world.app.credential).await.unwrap().unwrap();
    assert_eq!(credential.last_used_at.map(|at| at.unix_seconds()), Some(world.now()));
    let file = std::fs::read_to_string(world.folder.path().join("signing.keys")).unwrap();
    assert!(!file.contains(world.app.key.kid()));
}

#[tokio::test]
async fn what_has_ended_is_forgotten_and_uses_are_noted() {
    on_every_store(async |store| {
        let world = World::on(store).await;
        let once = |world: &World| world.assertion(|claims| claims["jti"] = "once-and-again".into());
        assert_eq!(world.request(&once(&world), "").await.status, 200);
        world.identity.tick().await.unwrap();
        let mut unit = world.store.read().await.unwrap();
        let credential = unit.credential_by_id(world.app.credential).await.unwrap().unwrap();
        assert_eq!(credential.last_used_at.map(|at| at.unix_seconds()), Some(world.now()));
        drop(unit);
        assert_eq!(world.request(&once(&world), "").await.status, 401);
        world.clock.advance(Duration::from_secs(61));
        assert_eq!(world.request(&once(&world), "").await.status, 401, "still remembered");
        world.identity.tick().await.unwrap();
        assert_eq!(world.request(&once(&world), "").await.status, 200);
        world.identity.stop().await;
    })
    .await;
}

#[tokio::test]
async fn metadata_names_what_is_there_and_nothing_else() {
    let store = TestStore::sqlite().await.unwrap();
    let world = World::on(&store).await;
    let metadata = world.get("/.well-known/oauth-authorization-server").await;
    assert_eq!((metadata.status, &metadata.json["issuer"]), (200, &json!(ISSUER)));
    for (name, value) in metadata.json.as_object().unwrap() {
        if let Some(path) = value.as_str().filter(|_| name != "issuer").and_then(|url| url.strip_prefix(ISSUER)) {
            let read = ["jwks_uri", "authorization_endpoint"].contains(&name.as_str());
            let method = if read { Method::GET } else { Method::POST };
            let answer = world.send(method, path, HeaderMap::new(), String::new()).await;
            assert!(![404, 405].contains(&answer.status), "{name}");
        }
    }
    assert_eq!(world.get("/.well-known/openid-configuration").await.status, 404);
    assert_eq!((world.get("/livez").await.status, world.get("/readyz").await.status), (200, 200));

    let keys = world.get("/jwks.json").await;
    assert_eq!(keys.headers[CACHE_CONTROL], "public, max-age=30");
    let mut known = HeaderMap::new();
    known.insert(IF_NONE_MATCH, HeaderValue::from_bytes(keys.headers[ETAG].as_bytes()).unwrap());
    assert_eq!(world.send(Method::GET, "/jwks.json", known, String::new()).await.status, 304);
}
