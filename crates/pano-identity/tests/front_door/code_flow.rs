//! The authorization code flow with a customer, and what must not be possible in it.

use crate::world::{CUSTOMER, ISSUER, PASSWORD, Partnered, REDIRECT, World, add_app, authenticated, subscribe};
use http::header::{
    ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE,
};
use http::{HeaderMap, HeaderValue, Method};
use pano_crypto::{b64, digest, jws};
use pano_oauth::authorize::escape;
use pano_store::audit::Filter;
use pano_testkit::{TestStore, on_every_store};
use pano_types::PageRequest;
use serde_json::{Value, json};
use std::time::Duration;

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

fn encoded(members: &[(&str, &str)]) -> String {
    let pairs: Vec<_> = members
        .iter()
        .map(|(name, value)| {
            let mut pair = String::new();
            escape(name, &mut pair);
            pair.push('=');
            escape(value, &mut pair);
            pair
        })
        .collect();
    pairs.join("&")
}

/// What a page's form holds: hidden fields by name.
fn field(html: &str, name: &str) -> String {
    let start = html.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap_or_default();
    start.split('"').next().unwrap_or_default().to_owned()
}

/// The parameters of an answer at the redirect URI.
fn answered(location: &str) -> Vec<(String, String)> {
    let query = location.split_once('?').unwrap().1;
    query
        .split('&')
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap();
            let value = value.replace("%3A", ":").replace("%2F", "/").replace("%20", " ");
            (name.to_owned(), value)
        })
        .collect()
}

fn value(answer: &[(String, String)], name: &str) -> Option<String> {
    answer.iter().find(|(own, _)| own == name).map(|(_, value)| value.clone())
}

/// A browser with its cookie.
#[derive(Default)]
struct Surfer {
    cookie: Option<String>,
    lang: Option<&'static str>,
}

impl Surfer {
    async fn go(&mut self, world: &World, method: Method, path: &str, body: String) -> crate::world::Answer {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        if let Some(cookie) = &self.cookie {
            headers.insert(COOKIE, cookie.parse().unwrap());
        }
        if let Some(lang) = self.lang {
            headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(lang));
        }
        let answer = world.send(method, path, headers, body).await;
        if let Some(set) = answer.headers.get(SET_COOKIE) {
            self.cookie = Some(set.to_str().unwrap().split(';').next().unwrap().to_owned());
        }
        answer
    }

    async fn get(&mut self, world: &World, path: &str) -> crate::world::Answer {
        self.go(world, Method::GET, path, String::new()).await
    }

    async fn post(&mut self, world: &World, path: &str, members: &[(&str, &str)]) -> crate::world::Answer {
        self.go(world, Method::POST, path, encoded(members)).await
    }

    /// Opens a request and signs in; the consent page.
    async fn sign_in(&mut self, world: &World, uri: &str) -> crate::world::Answer {
        let path = authorize_path(world, uri);
        let page = self.get(world, &path).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let csrf = field(&page.text, "csrf");
        let client = world.app.id.to_string();
        let form = [
            ("csrf", csrf.as_str()),
            ("client_id", &client),
            ("request_uri", uri),
            ("login", "lin.xiaoyu"),
            ("password", PASSWORD),
        ];
        let sent_on = self.post(world, "/sign-in", &form).await;
        assert_eq!((sent_on.status, sent_on.headers[LOCATION].to_str().unwrap()), (303, path.as_str()));
        self.get(world, &path).await
    }

    /// Decides on the page's request.
    async fn decide(&mut self, world: &World, uri: &str, csrf: &str, more: &[(&str, &str)]) -> crate::world::Answer {
        let client = world.app.id.to_string();
        let mut form = vec![("csrf", csrf), ("client_id", &client), ("request_uri", uri)];
        form.extend(more);
        self.post(world, "/oauth2/decision", &form).await
    }

    /// The whole way to a code.
    async fn code(&mut self, world: &World) -> String {
        let uri = pushed(world).await;
        let page = self.sign_in(world, &uri).await;
        let csrf = field(&page.text, "csrf");
        let more = [("decision", "approve"), ("account:acc_1", "1")];
        let back = self.decide(world, &uri, &csrf, &more).await;
        assert_eq!(back.status, 303, "{}", back.text);
        value(&answered(back.headers[LOCATION].to_str().unwrap()), "code").unwrap()
    }
}

fn authorize_path(world: &World, uri: &str) -> String {
    format!("/oauth2/authorize?{}", encoded(&[("client_id", &world.app.id.to_string()), ("request_uri", uri)]))
}

fn challenge() -> String {
    b64::encode(digest::sha256(VERIFIER.as_bytes()))
}

/// A pushed request with members replaced; an empty value leaves one out.
async fn push(world: &World, edits: &[(&str, &str)]) -> crate::world::Answer {
    let challenge = challenge();
    let mut members = vec![
        ("response_type", "code"),
        ("redirect_uri", REDIRECT),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
        ("scope", "accounts:read"),
        ("state", "st a/te"),
    ];
    members.retain(|(name, _)| !edits.iter().any(|(edited, _)| edited == name));
    members.extend(edits);
    let form = format!("{}&{}", encoded(&members), authenticated(&world.assertion(|_| ())));
    world.post("/oauth2/par", &form, None).await
}

async fn pushed(world: &World) -> String {
    let answer = push(world, &[]).await;
    assert_eq!((answer.status, &answer.json["expires_in"]), (201, &json!(90)), "{}", answer.text);
    assert_eq!(answer.headers[CACHE_CONTROL], "no-store");
    answer.json["request_uri"].as_str().unwrap().to_owned()
}

async fn redeem_as(world: &World, app: &Partnered, code: &str, edits: &[(&str, &str)]) -> crate::world::Answer {
    let mut members = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
    ];
    members.retain(|(name, _)| !edits.iter().any(|(edited, _)| edited == name));
    members.extend(edits);
    let assertion = jws::sign(&app.key, "JWT", &world.claims(app)).unwrap();
    world.post("/oauth2/token", &format!("{}&{}", encoded(&members), authenticated(&assertion)), None).await
}

async fn redeem(world: &World, code: &str) -> crate::world::Answer {
    redeem_as(world, &world.app, code, &[]).await
}

async fn refresh(world: &World, token: &str) -> crate::world::Answer {
    let form = encoded(&[("grant_type", "refresh_token"), ("refresh_token", token)]);
    world.post("/oauth2/token", &format!("{form}&{}", authenticated(&world.assertion(|_| ()))), None).await
}

async fn acts(world: &World) -> Vec<String> {
    let mut unit = world.store.read().await.unwrap();
    let filter = Filter { action: Some("consent.".into()), ..Filter::default() };
    let page = unit.audit_page(&filter, &PageRequest::new(None, None)).await.unwrap();
    page.items.into_iter().map(|link| link.act.action).collect()
}

#[tokio::test]
async fn a_customer_consents_and_the_app_acts_for_it_until_it_is_taken_back() {
    on_every_store(async |store| {
        let world = World::on(store).await;
        let mut surfer = Surfer::default();
        let uri = pushed(&world).await;
        let page = surfer.sign_in(&world, &uri).await;
        for shown in ["Lin Xiaoyu", "App", "Partner", "accounts:read", "**** acc_1", "**** acc_2"] {
            assert!(page.text.contains(shown), "{shown}: {}", page.text);
        }
        let csrf = field(&page.text, "csrf");
        let nothing = surfer.decide(&world, &uri, &csrf, &[("decision", "approve")]).await;
        assert_eq!(nothing.status, 422, "no account was chosen");
        let more = [("decision", "approve"), ("account:acc_2", "1"), ("account:acc_of_another", "1")];
        let back = surfer.decide(&world, &uri, &csrf, &more).await;
        assert_eq!((back.status, back.text.as_str()), (303, ""));
        let location = back.headers[LOCATION].to_str().unwrap();
        assert!(location.starts_with(&format!("{REDIRECT}?code=")), "{location}");
        let answer = answered(location);
        assert_eq!(
            (value(&answer, "state").unwrap(), value(&answer, "iss").unwrap()),
            ("st a/te".into(), ISSUER.into())
        );

        let tokens = redeem(&world, &value(&answer, "code").unwrap()).await;
        assert_eq!((tokens.status, &tokens.json["scope"]), (200, &json!("accounts:read")), "{}", tokens.text);
        let access = tokens.json["access_token"].as_str().unwrap();
        let (_, claims) = World::open(access);
        assert_eq!((&claims["sub"], &claims["client_id"]), (&json!(CUSTOMER), &json!(world.app.id.to_string())));
        let id = claims["consent_id"].as_str().unwrap().parse().unwrap();
        let consent = world.store.read().await.unwrap().consent_by_id(id).await.unwrap().unwrap();
        assert_eq!(
            consent.state.given().unwrap().accounts,
            ["acc_2"],
            "what the form named besides is not the customer's"
        );

        let token = tokens.json["refresh_token"].as_str().unwrap();
        for _ in 0..2 {
            let again = refresh(&world, token).await;
            assert_eq!((again.status, again.json.get("refresh_token")), (200, None), "no rotation");
            assert_eq!(World::open(again.json["access_token"].as_str().unwrap()).1["consent_id"], claims["consent_id"]);
        }
        assert_eq!(world.introspect(access).await["active"], true);

        let list = surfer.get(&world, "/consents").await;
        let csrf = field(&list.text, "csrf");
        let taken = surfer.post(&world, "/consents/revoke", &[("csrf", &csrf), ("consent", &id.to_string())]).await;
        assert_eq!((taken.status, taken.headers[LOCATION].to_str().unwrap()), (303, "/consents"));
        assert_eq!(world.introspect(access).await, json!({ "active": false }));
        assert_eq!(refresh(&world, token).await.error(), (400, "invalid_grant"));
        let ended = world.store.read().await.unwrap().consent_ended(crate::world::START).await.unwrap();
        assert_eq!(ended.len(), 1, "gateways hear of it");
        assert_eq!(acts(&world).await, ["consent.revoked", "consent.authorised"]);
        let list = surfer.get(&world, "/consents").await;
        assert!(!list.text.contains(&id.to_string()));
        world.identity.stop().await;
    })
    .await;
}

#[tokio::test]
async fn refusing_leads_back_with_access_denied_and_once() {
    on_every_store(async |store| {
        let world = World::on(store).await;
        let mut surfer = Surfer::default();
        let uri = pushed(&world).await;
        let page = surfer.sign_in(&world, &uri).await;
        let csrf = field(&page.text, "csrf");
        let back = surfer.decide(&world, &uri, &csrf, &[("decision", "refuse")]).await;
        let answer = answered(back.headers[LOCATION].to_str().unwrap());
        assert_eq!((back.status, value(&answer, "error").unwrap()), (303, "access_denied".into()));
        assert_eq!((value(&answer, "code"), value(&answer, "iss").unwrap()), (None, ISSUER.into()));
        let again = surfer.decide(&world, &uri, &csrf, &[("decision", "approve"), ("account:acc_1", "1")]).await;
        assert_eq!((again.status, again.headers.get(LOCATION)), (409, None));
        assert_eq!(acts(&world).await, ["consent.rejected"]);
        world.identity.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_code_is_good_once_and_its_second_use_takes_everything_back() {
    on_every_store(async |store| {
        let world = World::on(store).await;
        let code = Surfer::default().code(&world).await;
        let tokens = redeem(&world, &code).await.json;
        let thief = add_app(&world.store).await;
        assert_eq!(redeem_as(&world, &thief, &code, &[]).await.error(), (400, "invalid_grant"));
        assert_eq!(
            world.introspect(tokens["access_token"].as_str().unwrap()).await["active"],
            true,
            "a stranger's try"
        );
        assert_eq!(redeem(&world, &code).await.error(), (400, "invalid_grant"));
        assert_eq!(world.introspect(tokens["access_token"].as_str().unwrap()).await, json!({ "active": false }));
        assert_eq!(refresh(&world, tokens["refresh_token"].as_str().unwrap()).await.error(), (400, "invalid_grant"));
        assert_eq!(acts(&world).await.first().unwrap(), "consent.revoked");
        world.identity.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_code_needs_its_client_its_verifier_its_address_and_its_minute() {
    let store = TestStore::sqlite().await.unwrap();
    let world = World::on(&store).await;
    let code = Surfer::default().code(&world).await;
    let other = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    for edits in [
        &[("code_verifier", other)][..],
        &[("code_verifier", "short")],
        &[("redirect_uri", "https://partner.example/other")],
        &[("code", "unknown")],
    ] {
        assert_eq!(redeem_as(&world, &world.app, &code, edits).await.error(), (400, "invalid_grant"), "{edits:?}");
    }
    for missing in ["code_verifier", "redirect_uri", "code"] {
        let answer = redeem_as(&world, &world.app, &code, &[(missing, "")]).await;
        assert_eq!(answer.error(), (400, "invalid_request"), "{missing}");
    }
    let late = Surfer::default().code(&world).await;
    assert_eq!(redeem(&world, &code).await.status, 200, "still good");
    world.clock.advance(Duration::from_secs(60));
    assert_eq!(redeem(&world, &late).await.error(), (400, "invalid_grant"));
}

#[tokio::test]
async fn only_good_requests_are_pushed() {
    let store = TestStore::sqlite().await.unwrap();
    let world = World::on(&store).await;
    for (edits, error) in [
        (&[("request_uri", "urn:ietf:params:oauth:request_uri:x")][..], "invalid_request"),
        (&[("request", "a.b.c")], "request_not_supported"),
        (&[("response_type", "token")], "unsupported_response_type"),
        (&[("response_mode", "fragment")], "invalid_request"),
        (&[("redirect_uri", "https://partner.example/back/")], "invalid_request"),
        (&[("redirect_uri", "")], "invalid_request"),
        (&[("code_challenge_method", "plain")], "invalid_request"),
        (&[("code_challenge", "")], "invalid_request"),
        (&[("scope", "wealth:read")], "invalid_scope"),
        (&[("resource", "https://elsewhere.example")], "invalid_target"),
        (&[("client_id", "app_01ARZ3NDEKTSV4RRFFQ69G5FAV")], "invalid_client"),
    ] {
        let answer = push(&world, edits).await;
        assert_eq!(answer.json["error"], error, "{edits:?}");
    }
    let nobody = world.post("/oauth2/par", "response_type=code", None).await;
    assert_eq!(nobody.error(), (401, "invalid_client"));
    let audience = |aud: Value| world.assertion(|claims| claims["aud"] = aud);
    for aud in [json!([ISSUER]), json!(format!("{ISSUER}/oauth2/par")), json!(format!("{ISSUER}/oauth2/token"))] {
        let form = format!("response_type=code&{}", authenticated(&audience(aud.clone())));
        assert_eq!(world.post("/oauth2/par", &form, None).await.error(), (401, "invalid_client"), "{aud}");
    }
}

#[tokio::test]
async fn whatever_was_not_pushed_by_the_client_ends_on_a_page_of_ours() {
    let store = TestStore::sqlite().await.unwrap();
    let world = World::on(&store).await;
    let stopped = async |path: String| {
        let page = Surfer::default().get(&world, &path).await;
        assert_eq!((page.status, page.headers.get(LOCATION)), (400, None), "{path}");
        assert!(page.headers[CONTENT_TYPE].to_str().unwrap().starts_with("text/html"), "{path}");
    };
    let client = world.app.id.to_string();
    let direct = encoded(&[("client_id", &client), ("response_type", "code"), ("redirect_uri", REDIRECT)]);
    stopped(format!("/oauth2/authorize?{direct}")).await;
    stopped("/oauth2/authorize".to_owned()).await;
    let uri = pushed(&world).await;
    let foreign = add_app(&world.store).await.id.to_string();
    stopped(format!("/oauth2/authorize?{}", encoded(&[("client_id", &foreign), ("request_uri", &uri)]))).await;
    stopped(format!("{}&request_uri=x", authorize_path(&world, &uri))).await;
    stopped(authorize_path(&world, &format!("{uri}x"))).await;
    // The first browser to come has it, and may load it again; another may not.
    let mut first = Surfer::default();
    for _ in 0..2 {
        assert_eq!(first.get(&world, &authorize_path(&world, &uri)).await.status, 200);
    }
    stopped(authorize_path(&world, &uri)).await;
    let late = pushed(&world).await;
    world.clock.advance(Duration::from_secs(90));
    stopped(authorize_path(&world, &late)).await;
}

#[tokio::test]
async fn pages_cannot_be_framed_scripted_or_forged() {
    let store = TestStore::sqlite().await.unwrap();
    let world = World::on(&store).await;
    let uri = pushed(&world).await;
    let mut surfer = Surfer::default();
    let page = surfer.get(&world, &authorize_path(&world, &uri)).await;
    let policy = page.headers[CONTENT_SECURITY_POLICY].to_str().unwrap();
    for directive in ["default-src 'none'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"] {
        assert!(policy.contains(directive), "{policy}");
    }
    assert_eq!(page.headers["x-frame-options"], "DENY");
    assert_eq!(page.headers[CACHE_CONTROL], "no-store");
    assert_eq!(page.headers["referrer-policy"], "no-referrer");
    let cookie = page.headers[SET_COOKIE].to_str().unwrap();
    assert!(cookie.starts_with("__Host-panorama=") && cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax; Secure"));
    assert!(!page.text.contains("<script"));

    // Another site's form carries no token of this browser, or one of its own.
    let csrf = field(&page.text, "csrf");
    let other =
        field(&Surfer::default().get(&world, &authorize_path(&world, &pushed(&world).await)).await.text, "csrf");
    let client = world.app.id.to_string();
    for forged in ["", other.as_str()] {
        let form = [
            ("csrf", forged),
            ("client_id", &client),
            ("request_uri", &uri),
            ("login", "lin.xiaoyu"),
            ("password", PASSWORD),
        ];
        assert_eq!(surfer.post(&world, "/sign-in", &form).await.status, 403);
    }
    // The cookie from before the sign-in is worth nothing after it.
    let before = surfer.cookie.clone();
    let consent = surfer.sign_in(&world, &uri).await;
    assert!(
        consent.headers[CONTENT_SECURITY_POLICY]
            .to_str()
            .unwrap()
            .contains("form-action 'self' https://partner.example;")
    );
    assert_ne!(before, surfer.cookie);
    let mut fixed = Surfer { cookie: before, ..Surfer::default() };
    assert_eq!(fixed.get(&world, &authorize_path(&world, &uri)).await.status, 400);
    let decided = fixed.decide(&world, &uri, &csrf, &[("decision", "approve"), ("account:acc_1", "1")]).await;
    assert_eq!(decided.status, 400);
    let unsigned =
        fixed.post(&world, "/consents/revoke", &[("csrf", &csrf), ("consent", "cns_01ARZ3NDEKTSV4RRFFQ69G5FAV")]).await;
    assert_eq!(unsigned.status, 403);
}

#[tokio::test]
async fn guessing_passwords_gets_slow_and_tells_nothing() {
    let store = TestStore::sqlite().await.unwrap();
    let world = World::on(&store).await;
    let uri = pushed(&world).await;
    let mut surfer = Surfer { lang: Some("zh-CN"), ..Surfer::default() };
    let page = surfer.get(&world, &authorize_path(&world, &uri)).await;
    assert!(page.text.contains("<html lang=\"zh\">") && page.text.contains("登录"));
    let csrf = field(&page.text, "csrf");
    let client = world.app.id.to_string();
    let mut texts = Vec::new();
    let mut guess = async |login: &str, password: &str| {
        let form = [
            ("csrf", csrf.as_str()),
            ("client_id", &client),
            ("request_uri", &uri),
            ("login", login),
            ("password", password),
        ];
        let answer = surfer.post(&world, "/sign-in", &form).await;
        texts.push(answer.text);
        answer.status
    };
    assert_eq!(guess("lin.xiaoyu", "wrong").await, 403);
    assert_eq!(guess("nobody", "wrong").await, 403);
    assert_eq!(guess("lin.xiaoyu", &"x".repeat(5_000)).await, 403);
    for _ in 3..10 {
        assert_eq!(guess("lin.xiaoyu", "wrong").await, 403);
    }
    assert_eq!(guess("lin.xiaoyu", PASSWORD).await, 429, "a right guess waits too");
    world.clock.advance(Duration::from_secs(30));
    assert_eq!(guess("lin.xiaoyu", PASSWORD).await, 303);
    assert_eq!(texts[0], texts[1], "whether there is such a customer does not show");
}

#[tokio::test]
async fn the_app_gives_a_consent_back_and_time_ends_it() {
    on_every_store(async |store| {
        let world = World::on(store).await;
        let code = Surfer::default().code(&world).await;
        let tokens = redeem(&world, &code).await.json;
        let token = tokens["refresh_token"].as_str().unwrap().to_owned();
        let revoke = async |assertion: String| {
            let form = format!("token={token}&token_type_hint=refresh_token&{}", authenticated(&assertion));
            world.post("/oauth2/revoke", &form, None).await.status
        };
        let stranger = add_app(&world.store).await;
        assert_eq!(revoke(jws::sign(&stranger.key, "JWT", &world.claims(&stranger)).unwrap()).await, 200);
        assert_eq!(refresh(&world, &token).await.status, 200, "a stranger takes nothing back");
        assert_eq!(revoke(world.assertion(|_| ())).await, 200);
        assert_eq!(refresh(&world, &token).await.error(), (400, "invalid_grant"));
        assert_eq!(world.introspect(tokens["access_token"].as_str().unwrap()).await, json!({ "active": false }));

        let code = Surfer::default().code(&world).await;
        let token = redeem(&world, &code).await.json["refresh_token"].as_str().unwrap().to_owned();
        let long = Duration::from_secs(90 * 86_400);
        world.clock.advance(long - Duration::from_secs(60));
        let last = refresh(&world, &token).await;
        assert!(last.json["expires_in"].as_i64().unwrap() <= 60, "a token does not outlive its consent: {}", last.text);
        world.clock.advance(Duration::from_secs(60));
        assert_eq!(refresh(&world, &token).await.error(), (400, "invalid_grant"));
        world.identity.tick().await.unwrap();
        assert_eq!(acts(&world).await.first().unwrap(), "consent.expired");
        world.identity.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_second_subscription_does_not_widen_what_was_permitted() {
    let store = TestStore::sqlite().await.unwrap();
    let world = World::on(&store).await;
    let code = Surfer::default().code(&world).await;
    let tokens = redeem(&world, &code).await.json;
    let api = crate::world::add_api(&world.store, &["wealth:read"]).await;
    subscribe(&world.store, world.app.id, api).await;
    let form = encoded(&[
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
        ("scope", "wealth:read"),
    ]);
    let form = format!("{form}&{}", authenticated(&world.assertion(|_| ())));
    assert_eq!(world.post("/oauth2/token", &form, None).await.error(), (400, "invalid_scope"));
}
