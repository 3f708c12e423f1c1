//! The way of a partner: registered, admitted by two people, an app with a key, a subscription; and out again.

use crate::{code, jwk, partner, post_with, send, text};
use pano_http::{Client, ClientError};
use pano_oauth::{AuthorizationRequest, Consent, Form, Pushed, ScopeSet, consent};
use pano_partner::Certificate;
use pano_partner::certification::{Profile, VALID_FOR};
use pano_store::meta::SecretHash;
use pano_testkit::{TestManager, TestStore};
use pano_types::clock::SeededEntropy;
use pano_types::id::{ApiId, CertificationId, ConsentId};
use pano_types::{Instant, Localized, Secret};
use serde_json::{Value, json};
use std::sync::Arc;

async fn post(client: &Client, path: &str, body: Value) -> Value {
    client.post(path, &body).await.unwrap_or_else(|error| panic!("{path}: {error:?}"))
}

/// An API that can be subscribed to.
pub(crate) async fn an_api(manager: &TestManager) -> String {
    let now = Instant::from_unix_seconds(1);
    let api = pano_catalog::Api {
        id: ApiId::new(now, &SeededEntropy::new(5)),
        slug: "sandbox-accounts".parse().unwrap(),
        name: Localized::new("账户", "Accounts"),
        summary: Localized::default(),
        owner: "team".into(),
        provider: None,
        directory: None,
        managed_by: None,
        created_at: now,
        generation: 1,
    };
    let mut unit = manager.store.store().begin().await.unwrap();
    unit.api_add(&api).await.unwrap();
    unit.save().await.unwrap();
    api.id.to_string()
}

/// A partner admitted, an app active with a key, a subscription approved: ids of partner, app, subscription, plan.
pub(crate) async fn admitted(manager: &TestManager, api: &str) -> [String; 4] {
    let (maker, checker) = (&manager.maker, &manager.checker);
    let partner = text(&post(maker, "/admin/v1/partners", partner("wealth-mate")).await, "/id");
    let at = |what: &str| format!("/admin/v1/partners/{partner}/{what}");
    post(maker, &at("submit"), json!({})).await;
    post(checker, &at("admit"), json!({ "tier": "tier2" })).await;
    let app = json!({ "partner": partner, "slug": "robo", "name": { "zh": "智投" } });
    let app = text(&post(maker, "/admin/v1/apps", app).await, "/id");
    post(maker, &format!("/admin/v1/apps/{app}/credentials"), json!({ "jwk": jwk(), "label": "first" })).await;
    post(maker, &format!("/admin/v1/apps/{app}/activate"), json!({})).await;
    let limits = json!({ "app_rate": { "requests": 10 }, "operation_rate": { "requests": 5 }, "quota_per_day": 1000 });
    let plan = json!({ "slug": "standard", "name": { "zh": "标准" }, "limits": limits });
    let plan = text(&post(maker, "/admin/v1/plans", plan).await, "/id");
    let subscription = json!({ "app": app, "api": api, "plan": plan });
    let subscription = text(&post(maker, "/admin/v1/subscriptions", subscription).await, "/id");
    post(checker, &format!("/admin/v1/subscriptions/{subscription}/approve"), json!({})).await;
    [partner, app, subscription, plan]
}

async fn the_way_in_and_out(manager: &TestManager) {
    let api = an_api(manager).await;
    let [partner, app, subscription, _] = admitted(manager, &api).await;
    let read = async |path: String| manager.maker.get::<Value>(&path).await.unwrap();
    assert_eq!(text(&read(format!("/admin/v1/partners/{partner}")).await, "/lifecycle/state"), "admitted");
    let why = json!({ "why": "contract ended" });
    post(&manager.maker, &format!("/admin/v1/partners/{partner}/exit"), why).await;
    assert_eq!(text(&read(format!("/admin/v1/apps/{app}")).await, "/lifecycle/state"), "ended");
    let path = format!("/admin/v1/subscriptions/{subscription}");
    assert_eq!(text(&read(path).await, "/lifecycle/state"), "ended");
    let credentials = read(format!("/admin/v1/apps/{app}/credentials")).await;
    assert_eq!(text(&credentials, "/items/0/revoked/why"), "contract ended");
    let cutoff = manager.store.store().read().await.unwrap().token_cutoff(app.parse().unwrap()).await.unwrap();
    assert_eq!(cutoff, Some(manager.clock.now()));
    let closed = post(&manager.maker, &format!("/admin/v1/partners/{partner}/close"), json!({})).await;
    assert_eq!(text(&closed, "/lifecycle/state"), "exited");

    let audit: Value = manager.checker.get("/admin/v1/audit?limit=200").await.unwrap();
    let actions: Vec<_> = audit["items"].as_array().unwrap().iter().map(|link| text(link, "/action")).collect();
    for action in [
        "partner.registered",
        "partner.submitted",
        "partner.admitted",
        "app.registered",
        "credential.registered",
        "app.activated",
        "plan.created",
        "subscription.requested",
        "subscription.approved",
        "partner.exiting",
        "app.ended",
        "credential.revoked",
        "subscription.ended",
        "partner.exited",
    ] {
        assert_eq!(actions.iter().filter(|a| *a == action).count(), 1, "{action} in {actions:?}");
    }
    let verified: Value = manager.checker.get("/admin/v1/audit/verify").await.unwrap();
    assert_eq!((&verified["whole"], &verified["good"]), (&json!(true), &json!(actions.len())));
    let mut unit = manager.store.store().read().await.unwrap();
    let events = unit.outbox_take(0, 1_000).await.unwrap();
    assert_eq!(events.len(), actions.len(), "one event for each act");
}

#[tokio::test]
async fn the_way_in_and_out_on_sqlite() {
    let manager = TestManager::start().await.unwrap();
    the_way_in_and_out(&manager).await;
    manager.remove().await.unwrap();
}

#[tokio::test]
async fn the_way_in_and_out_on_postgres() {
    let Some(store) = TestStore::postgres().await.unwrap() else { return };
    let clock = Arc::new(pano_types::clock::FakeClock::at(Instant::from_unix_seconds(1_800_000_000)));
    let manager = TestManager::start_on(store, clock, |_| {}).await.unwrap();
    the_way_in_and_out(&manager).await;
    manager.remove().await.unwrap();
}

#[tokio::test]
async fn who_makes_does_not_check_and_programs_do_neither() {
    let manager = TestManager::start().await.unwrap();
    let both = manager.person("both", &[pano_types::Role::Operator, pano_types::Role::Reviewer]).await.unwrap();
    let id = text(&post(&both, "/admin/v1/partners", partner("solo")).await, "/id");
    post(&both, &format!("/admin/v1/partners/{id}/submit"), json!({})).await;
    let admit = format!("/admin/v1/partners/{id}/admit");
    assert_eq!(code(both.post::<Value>(&admit, &json!({ "tier": "tier2" })).await), "review.same_person");
    let low = manager.checker.post::<Value>(&admit, &json!({ "tier": "tier1" })).await;
    assert_eq!(code(low), "lifecycle.gate");
    let robot = json!({ "name": "robot", "kind": "service", "roles": ["reviewer"] });
    let robot = text(&post(&manager.admin, "/admin/v1/operators", robot).await, "/id");
    let token = post(&manager.admin, &format!("/admin/v1/operators/{robot}/tokens"), json!({ "label": "x" })).await;
    let robot = manager.nobody().unwrap().bearer(Secret::new(text(&token, "/token")));
    assert_eq!(code(robot.post::<Value>(&admit, &json!({ "tier": "tier2" })).await), "operator.forbidden");
    manager.remove().await.unwrap();
}

#[tokio::test]
async fn keys_rotate_without_a_gap_and_end_when_taken_back() {
    let manager = TestManager::start().await.unwrap();
    let api = an_api(&manager).await;
    let [_, app, ..] = admitted(&manager, &api).await;
    let path = format!("/admin/v1/apps/{app}/credentials");
    let later = manager.clock.now().plus(std::time::Duration::from_secs(3_600));
    let second = json!({ "jwk": jwk(), "label": "next", "not_before": later });
    let second = post(&manager.maker, &path, second).await;
    assert_eq!(second["not_before"], json!(later));
    let listed: Value = manager.maker.get(&path).await.unwrap();
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
    let revoke = format!("{path}/{}/revoke", text(&second, "/id"));
    assert_eq!(code(manager.maker.post::<Value>(&revoke, &json!({})).await), "request.invalid");
    post(&manager.maker, &revoke, json!({ "why": "lost laptop" })).await;
    assert_eq!(code(manager.maker.post::<Value>(&revoke, &json!({ "why": "x" })).await), "lifecycle.refused");
    manager.remove().await.unwrap();
}

#[tokio::test]
async fn updates_name_what_they_are_based_on() {
    let manager = TestManager::start().await.unwrap();
    let id = text(&post(&manager.maker, "/admin/v1/partners", partner("wealth-mate")).await, "/id");
    let path = format!("/admin/v1/partners/{id}");
    let form = json!({ "name": { "en": "Renamed" }, "registration": "1", "contact": "c" });
    let put = async |headers: &[(&str, &str)]| {
        let answer = send(&manager.maker, "PUT", &path, headers, &form).await;
        (answer.status.as_u16(), answer.etag().unwrap_or_default().to_owned())
    };
    assert_eq!(put(&[]).await.0, 428);
    assert_eq!(put(&[("if-match", "\"7\"")]).await.0, 412);
    assert_eq!(put(&[("if-match", "\"1\"")]).await, (200, "\"2\"".to_owned()));
    assert_eq!(put(&[("if-match", "\"1\"")]).await.0, 412);
    let read = send(&manager.maker, "GET", &path, &[], &json!(null)).await;
    assert_eq!(read.etag(), Some("\"2\""));
    assert_eq!(text(&read.json().unwrap(), "/name/en"), "Renamed");
    let created = post_with(&manager.maker, "/admin/v1/partners", &[], &partner("second")).await;
    assert_eq!((created.status.as_u16(), created.etag()), (201, Some("\"1\"")));
    assert!(created.headers["location"].to_str().unwrap().starts_with("/admin/v1/partners/ptn_"));
    manager.remove().await.unwrap();
}

#[tokio::test]
async fn lists_are_paged_and_filtered() {
    let manager = TestManager::start().await.unwrap();
    for n in 0..5 {
        post(&manager.maker, "/admin/v1/partners", partner(&format!("partner-{n}"))).await;
    }
    let (mut seen, mut path) = (Vec::new(), "/admin/v1/partners?limit=2".to_owned());
    loop {
        let page: Value = manager.maker.get(&path).await.unwrap();
        seen.extend(page["items"].as_array().unwrap().iter().map(|item| text(item, "/slug")));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/admin/v1/partners?limit=2&cursor={cursor}");
    }
    // Made in one millisecond of a clock that stands still, their order is that of random bits.
    seen.sort_unstable();
    assert_eq!(seen, ["partner-0", "partner-1", "partner-2", "partner-3", "partner-4"]);
    let one: Value = manager.maker.get("/admin/v1/partners?slug=partner-3&state=registered").await.unwrap();
    assert_eq!(one["items"].as_array().unwrap().len(), 1);
    let foreign = path.replace("partners?", "apps?");
    assert_eq!(code(manager.maker.get::<Value>(&foreign).await), "page.cursor_invalid");
    manager.remove().await.unwrap();
}

/// A passed run, as the sandbox bank keeps it.
async fn certify(manager: &TestManager, app: &str, profile: Profile) -> Certificate {
    let now = manager.clock.now();
    let certificate = Certificate {
        id: CertificationId::new(now, &SeededEntropy::new(7)),
        app: app.parse().unwrap(),
        profile,
        script_version: 1,
        started_at: now,
        passed_at: now,
        valid_until: now.plus(VALID_FOR),
        steps: Vec::new(),
    };
    let mut unit = manager.store.store().begin().await.unwrap();
    assert!(unit.certificate_add(&certificate).await.unwrap());
    unit.save().await.unwrap();
    certificate
}

#[tokio::test]
async fn going_live_takes_a_certificate_that_still_counts() {
    let clock = Arc::new(pano_types::clock::FakeClock::at(Instant::from_unix_seconds(1_800_000_000)));
    let store = TestStore::sqlite().await.unwrap();
    let manager = TestManager::start_on(store, Arc::clone(&clock) as _, |_| {}).await.unwrap();
    let api = an_api(&manager).await;
    let [_, app, _, plan] = admitted(&manager, &api).await;
    let path = "/admin/v1/subscriptions";
    let wanted = json!({ "app": app, "api": api, "plan": plan, "environment": "production" });
    let refused = manager.maker.post::<Value>(path, &wanted).await;
    assert_eq!(code(refused), "subscription.certification_required");
    assert_eq!(
        manager.maker.get::<Value>(&format!("/admin/v1/apps/{app}/certificates")).await.unwrap()["items"],
        json!([])
    );

    let certificate = certify(&manager, &app, Profile::AccountInformation).await;
    let one = format!("/admin/v1/apps/{app}/certificates/{}", certificate.id);
    let shown: Value = manager.maker.get(&one).await.unwrap();
    assert_eq!((&shown["profile"], &shown["valid"]), (&json!("ACCOUNT_INFORMATION"), &json!(true)));
    let listed: Value = manager.checker.get(&format!("/admin/v1/apps/{app}/certificates")).await.unwrap();
    assert_eq!(listed["items"], json!([shown]));

    // Beside the one for trying out; another one for going live would be one too many.
    let live = post(&manager.maker, path, wanted.clone()).await;
    assert_eq!(
        (text(&live, "/environment"), text(&live, "/lifecycle/state")),
        ("production".into(), "requested".into())
    );
    assert_eq!(code(manager.maker.post::<Value>(path, &wanted).await), "resource.conflict");
    let found: Value = manager.maker.get(&format!("{path}?app={app}&environment=production")).await.unwrap();
    assert_eq!(found["items"], json!([live]));

    let approve = format!("{path}/{}/approve", text(&live, "/id"));
    clock.advance(VALID_FOR);
    assert_eq!(code(manager.checker.post::<Value>(&approve, &json!({})).await), "subscription.certification_required");
    manager.remove().await.unwrap();
}

#[tokio::test]
async fn an_api_that_moves_money_takes_the_larger_certificate() {
    let manager = TestManager::start().await.unwrap();
    let document = json!({
        "openapi": "3.0.3", "info": { "title": "Pay", "version": "1.0.0", "description": "Pays." },
        "paths": { "/payments": { "post": { "operationId": "pay", "responses": { "201": { "description": "Paid." } } } } }
    });
    let imported: Value = post_with(&manager.maker, "/admin/v1/imports?slug=pay", &[], &document).await.json().unwrap();
    let api = text(&imported, "/api_id");
    let [_, app, _, plan] = admitted(&manager, &api).await;
    let wanted = json!({ "app": app, "api": api, "plan": plan, "environment": "production" });
    certify(&manager, &app, Profile::AccountInformation).await;
    let refused = manager.maker.post::<Value>("/admin/v1/subscriptions", &wanted).await;
    let Err(ClientError::Problem(problem)) = refused else { panic!("{refused:?}") };
    assert_eq!((&*problem.code, problem.detail.as_deref()), ("subscription.certification_required", Some("PAYMENT")));
    manager.remove().await.unwrap();
}

#[tokio::test]
async fn an_app_says_where_customers_return_to_and_nothing_unsafe_is_taken() {
    let manager = TestManager::start().await.unwrap();
    let partner = text(&post(&manager.maker, "/admin/v1/partners", partner("wealth-mate")).await, "/id");
    let app =
        |uris: Value| json!({ "partner": partner, "slug": "robo", "name": { "en": "Robo" }, "redirect_uris": uris });
    let many: Vec<_> = (0..21).map(|n| format!("https://partner.example/{n}")).collect();
    for bad in [json!(["http://partner.example/x"]), json!(["https://partner.example/#x"]), json!(many)] {
        assert_eq!(code(manager.maker.post::<Value>("/admin/v1/apps", &app(bad)).await), "request.invalid");
    }
    let made = post(&manager.maker, "/admin/v1/apps", app(json!(["https://partner.example/back?x=1"]))).await;
    let read: Value = manager.maker.get(&format!("/admin/v1/apps/{}", text(&made, "/id"))).await.unwrap();
    assert_eq!(read["redirect_uris"], json!(["https://partner.example/back?x=1"]));
    manager.remove().await.unwrap();
}

/// A consent that a customer gave to this app, as identity writes it.
async fn consented(manager: &TestManager, app: &str) -> String {
    let (store, now) = (manager.store.store(), manager.clock.now());
    let app = store.read().await.unwrap().app_by_id(app.parse().unwrap()).await.unwrap().unwrap();
    let client = pano_oauth::Client {
        id: app.id,
        active: true,
        keys: Vec::new(),
        scopes: ScopeSet::parse("accounts:read").unwrap(),
        redirect_uris: vec!["https://p.example/back".into()],
    };
    let body = "response_type=code&redirect_uri=https://p.example/back&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256&scope=accounts:read";
    let form = Form::parse(body.as_bytes()).unwrap();
    let request = AuthorizationRequest::read(&form, &client, "https://api").unwrap();
    let asked = Consent {
        id: ConsentId::new(now, &SeededEntropy::new(3)),
        app: app.id,
        partner: app.partner,
        scopes: request.scopes().clone(),
        state: consent::State::AwaitingAuthorisation,
        created_at: now,
        generation: 1,
    };
    let given = consent::Given {
        customer: "pty_1".into(),
        accounts: vec!["acc_1".into()],
        at: now,
        ends_at: now.plus(VALID_FOR),
    };
    let authorised = Consent { state: asked.state.clone().authorised(given).unwrap(), ..asked.clone() };
    let uri = SecretHash::of(&Secret::new("uri".into()));
    let mut unit = store.begin().await.unwrap();
    let pushed = Pushed { request, expires_at: now, browser: None, code: None };
    unit.consent_add(&asked, &uri, &pushed).await.unwrap();
    unit.consent_update(&authorised).await.unwrap();
    unit.save().await.unwrap();
    asked.id.to_string()
}

#[tokio::test]
async fn the_bank_sees_consents_and_takes_them_back_with_effect_at_gateways() {
    let manager = TestManager::start().await.unwrap();
    let api = an_api(&manager).await;
    let [_, app, ..] = admitted(&manager, &api).await;
    let id = consented(&manager, &app).await;
    let listed: Value = manager.checker.get(&format!("/admin/v1/consents?app={app}&state=authorised")).await.unwrap();
    assert_eq!(
        (text(&listed, "/items/0/id"), text(&listed, "/items/0/lifecycle/given/customer")),
        (id.clone(), "pty_1".into())
    );
    let revoke = format!("/admin/v1/consents/{id}/revoke");
    assert_eq!(code(manager.checker.post::<Value>(&revoke, &json!({})).await), "request.invalid");
    let why = json!({ "why": "the customer called" });
    let revoked = post(&manager.checker, &revoke, why.clone()).await;
    assert_eq!(
        (text(&revoked, "/lifecycle/state"), text(&revoked, "/lifecycle/revoker/by")),
        ("revoked".into(), "operator".into())
    );
    assert_eq!(code(manager.checker.post::<Value>(&revoke, &why).await), "lifecycle.refused");
    let gateway = manager.role("gateway").unwrap();
    let begun = std::time::Instant::now();
    loop {
        let delta: Value = gateway.get("/internal/v1/snapshot").await.unwrap();
        if delta.to_string().contains(&id) {
            break;
        }
        assert!(begun.elapsed() < std::time::Duration::from_secs(1), "{delta}");
        tokio::task::yield_now().await;
    }
    manager.remove().await.unwrap();
}
