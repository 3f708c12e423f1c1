//! What is refused, with which status, code and sentence. The numbers stand for themselves in a report.

use crate::world::{Answer, ISSUER, World, add_app, authenticated, change};
use http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Method};
use pano_crypto::{Alg, SigningKey, b64, jws};
use pano_partner::credential::{Credential, Error, Registration};
use pano_partner::{Step, app};
use pano_testkit::TestStore;
use pano_types::Clock as _;
use pano_types::clock::OsEntropy;
use pano_types::id::{AppId, CredentialId, OperatorId};
use serde_json::{Value, json};
use std::time::Duration;

const NOT_PROVEN: &str = "the assertion is not signed with a valid key of the client";

fn check(name: &str, answer: &Answer, status: u16, error: &str, description: &str) {
    let seen = (answer.status, answer.json["error"].as_str(), answer.json["error_description"].as_str());
    assert_eq!(seen, (status, Some(error), Some(description)), "{name}");
    assert_eq!(answer.headers[http::header::CACHE_CONTROL], "no-store", "{name}");
}

#[tokio::test]
async fn assertions() {
    let store = TestStore::sqlite().await.unwrap();
    let world = World::on(&store).await;
    let now = world.now();
    let stranger = AppId::new(world.clock.now(), &OsEntropy).to_string();
    let other_key = SigningKey::generate(Alg::Es256).unwrap();
    let mut same_kid = world.claims(&world.app);
    same_kid["jti"] = "another-jti".into();
    let forged = other_key.with_kid(world.app.key.public().kid().unwrap()).unwrap();

    // The public key as the secret of an HMAC: what a careless verifier would accept.
    let header = b64::encode(json!({ "alg": "HS256", "kid": world.app.key.public().kid() }).to_string());
    let hmac = format!("{header}.{}.{}", b64::encode(same_kid.to_string()), b64::encode([7; 32]));
    let header = b64::encode(json!({ "alg": "none" }).to_string());
    let none = format!("{header}.{}.", b64::encode(same_kid.to_string()));
    let oversized = world.assertion(|c| c["padding"] = "x".repeat(16 * 1024).into());
    let wrong_kid = {
        let pem = world.app.key.to_pem().unwrap();
        let key = SigningKey::from_pem(&pem).unwrap().with_kid("another").unwrap();
        jws::sign(&key, "JWT", &world.claims(&world.app)).unwrap()
    };
    let cases = [
        ("expired", world.assertion(|c| c["exp"] = (now - 1).into()), "the assertion has expired"),
        (
            "living too long",
            world.assertion(|c| c["exp"] = (now + 3_600).into()),
            "exp must be at most 5 minutes ahead",
        ),
        ("without exp", world.assertion(|c| c["exp"] = Value::Null), "a claim is missing or of the wrong type: exp"),
        ("from the future", world.assertion(|c| c["iat"] = (now + 61).into()), "iat lies in the future"),
        ("not valid yet", world.assertion(|c| c["nbf"] = (now + 61).into()), "the assertion is not valid yet"),
        (
            "wrong audience",
            world.assertion(|c| c["aud"] = "https://other".into()),
            "aud must be the issuer, as one string",
        ),
        ("audience list", world.assertion(|c| c["aud"] = json!([ISSUER])), "aud must be the issuer, as one string"),
        ("without jti", world.assertion(|c| c["jti"] = Value::Null), "a claim is missing or of the wrong type: jti"),
        ("iss is not sub", world.assertion(|c| c["iss"] = "x".into()), "iss and sub must both be the client_id"),
        (
            "unknown client",
            world.assertion(|c| (c["iss"], c["sub"]) = (stranger.clone().into(), stranger.into())),
            NOT_PROVEN,
        ),
        ("another's key", jws::sign(&forged, "JWT", &same_kid).unwrap(), NOT_PROVEN),
        ("wrong kid", wrong_kid, NOT_PROVEN),
        ("alg none", none, "the assertion must be signed with ES256, PS256 or EdDSA"),
        ("HS256 with the public key", hmac, "the assertion must be signed with ES256, PS256 or EdDSA"),
        ("oversized", oversized, "the assertion is too long"),
        ("no JWT", "what".to_owned(), "the assertion is not an acceptable JWT"),
    ];
    for (name, assertion, description) in cases {
        check(name, &world.request(&assertion, "").await, 401, "invalid_client", description);
    }
    let once = world.assertion(|_| ());
    assert_eq!(world.request(&once, "").await.status, 200);
    let again = world.request(&once, "").await;
    check("replayed", &again, 401, "invalid_client", "the assertion has been used before");
}

#[tokio::test]
async fn requests() {
    let store = TestStore::sqlite().await.unwrap();
    let world = World::on(&store).await;
    let good = || authenticated(&world.assertion(|_| ()));
    let long = format!("grant_type=client_credentials&x={}", "x".repeat(40_000));
    for (name, form, status, error, description) in [
        ("nothing", String::new(), 400, "invalid_request", "a parameter is missing: grant_type"),
        (
            "unsupported grant",
            format!("grant_type=password&{}", good()),
            400,
            "unsupported_grant_type",
            "the grant type is not offered",
        ),
        (
            "duplicate parameter",
            format!("grant_type=client_credentials&scope=a&scope=b&{}", good()),
            400,
            "invalid_request",
            "a parameter is sent twice",
        ),
        (
            "unknown scope",
            format!("grant_type=client_credentials&scope=admin&{}", good()),
            400,
            "invalid_scope",
            "a scope is unknown or not among the client's subscriptions",
        ),
        (
            "malformed scope",
            format!("grant_type=client_credentials&scope=%22&{}", good()),
            400,
            "invalid_scope",
            "scope must be tokens parted by single spaces",
        ),
        (
            "other resource",
            format!("grant_type=client_credentials&resource=https%3A%2F%2Fother&{}", good()),
            400,
            "invalid_target",
            "tokens are not issued for this resource",
        ),
        (
            "no authentication",
            "grant_type=client_credentials".to_owned(),
            401,
            "invalid_client",
            "authenticate with private_key_jwt",
        ),
        (
            "a secret beside the assertion",
            format!("grant_type=client_credentials&client_secret=s&{}", good()),
            401,
            "invalid_client",
            "only private_key_jwt is accepted, and only it",
        ),
        (
            "malformed body",
            "grant_type=%zz".to_owned(),
            400,
            "invalid_request",
            "the body is not a well-formed form in UTF-8",
        ),
        ("too large a body", long, 413, "invalid_request", "the body is too large"),
    ] {
        check(name, &world.post("/oauth2/token", &form, None).await, status, error, description);
    }
    let mut json = HeaderMap::new();
    json.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let answer = world.send(Method::POST, "/oauth2/token", json, "{}".into()).await;
    check("JSON", &answer, 400, "invalid_request", "send application/x-www-form-urlencoded");
    let mut basic = HeaderMap::new();
    basic.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    basic.insert(AUTHORIZATION, HeaderValue::from_static("Basic YTpi"));
    let answer = world.send(Method::POST, "/oauth2/token", basic, "grant_type=client_credentials".into()).await;
    check("Basic", &answer, 401, "invalid_client", "only private_key_jwt is accepted, and only it");
    let get = world.get("/oauth2/token").await;
    assert_eq!(
        (get.status, &get.json["code"]),
        (405, &json!("request.method_not_allowed")),
        "a problem, not OAuth's form"
    );
    // A token that nobody knows is no error, whatever it is said to be (RFC 7009 §2.2).
    let hint = world.post("/oauth2/revoke", &format!("token=x&token_type_hint=refresh_token&{}", good()), None).await;
    assert_eq!(hint.status, 200);
}

#[tokio::test]
async fn keys_whose_time_has_not_come_has_passed_or_was_taken_back() {
    let store = TestStore::sqlite().await.unwrap();
    let world = World::on(&store).await;
    let (begins, ends) = (Duration::from_secs(100), Duration::from_secs(200));
    let key = SigningKey::generate(Alg::EdDsa).unwrap();
    let registration = Registration {
        jwk: Some(key.public().to_json()),
        certificate: None,
        label: "next".into(),
        not_before: Some(world.clock.now().plus(begins)),
        expires_at: Some(world.clock.now().plus(ends)),
    };
    let id = CredentialId::new(world.clock.now(), &OsEntropy);
    let credential = Credential::register(id, world.app.id, registration, world.clock.now()).unwrap();
    change(&world.store, async |unit| unit.credential_add(&credential).await.unwrap()).await;
    let request = async || {
        let assertion = jws::sign(&key, "JWT", &world.claims(&world.app)).unwrap();
        let answer = world.request(&assertion, "").await;
        (answer.status, answer.json["error_description"].as_str().map(str::to_owned))
    };
    let refused = (401, Some(NOT_PROVEN.to_owned()));
    assert_eq!(request().await, refused, "not yet valid");
    world.clock.advance(begins);
    assert_eq!(request().await, (200, None), "valid");
    world.clock.advance(begins);
    assert_eq!(request().await, refused, "expired");

    assert_eq!(world.request(&world.assertion(|_| ()), "").await.status, 200);
    let step = Step { who: OperatorId::new(world.clock.now(), &OsEntropy), at: world.clock.now(), why: "lost".into() };
    change(&world.store, async |unit| {
        assert!(unit.credential_revoke(world.app.credential, &step).await.unwrap());
    })
    .await;
    check("taken back", &world.request(&world.assertion(|_| ()), "").await, 401, "invalid_client", NOT_PROVEN);
}

#[tokio::test]
async fn an_app_that_is_not_active_is_told_so_by_its_own_key_only() {
    let store = TestStore::sqlite().await.unwrap();
    let world = World::on(&store).await;
    let step = Step { who: OperatorId::new(world.clock.now(), &OsEntropy), at: world.clock.now(), why: "stop".into() };
    change(&world.store, async |unit| {
        let mut app = unit.app_by_id(world.app.id).await.unwrap().unwrap();
        app.state = app::State::Suspended { activated: step.clone(), suspended: step.clone() };
        unit.app_update(&app).await.unwrap();
    })
    .await;
    let own = world.request(&world.assertion(|_| ()), "").await;
    check("suspended", &own, 401, "invalid_client", "the client is not active");
    let other = add_app(&world.store).await;
    let forged = jws::sign(&other.key, "JWT", &world.claims(&world.app)).unwrap();
    check("a stranger", &world.request(&forged, "").await, 401, "invalid_client", NOT_PROVEN);
}

#[tokio::test]
async fn a_private_key_cannot_be_registered() {
    let key = SigningKey::generate(Alg::Es256).unwrap();
    let mut jwk = key.public().to_json();
    jwk["d"] = "AAAA".into();
    let now = pano_types::Instant::from_unix_seconds(1_800_000_000);
    let registration =
        Registration { jwk: Some(jwk), certificate: None, label: "x".into(), not_before: None, expires_at: None };
    let (id, app) = (CredentialId::new(now, &OsEntropy), AppId::new(now, &OsEntropy));
    assert!(matches!(Credential::register(id, app, registration, now), Err(Error::Private(_))));
}

#[tokio::test]
async fn who_fails_too_often_is_slowed_down_and_locks_nobody_out() {
    let store = TestStore::sqlite().await.unwrap();
    let world = World::on(&store).await;
    let bad = world.assertion(|c| c["aud"] = "https://other".into());
    for _ in 0..20 {
        assert_eq!(world.request(&bad, "").await.status, 401);
    }
    let slowed = world.request(&bad, "").await;
    check("slowed", &slowed, 429, "temporarily_unavailable", "too many failed attempts; slow down");
    assert!(slowed.headers[RETRY_AFTER].to_str().unwrap().parse::<u64>().unwrap() >= 1);
    // Same address, same client: a good proof passes.
    assert_eq!(world.request(&world.assertion(|_| ()), "").await.status, 200);
    world.clock.advance(Duration::from_secs(3));
    assert_eq!(world.request(&bad, "").await.status, 401, "forgiven one");
}
