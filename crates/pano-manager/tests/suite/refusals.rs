//! What is refused, by name.

use crate::partners::{admitted, an_api};
use crate::{jwk, partner, send, text};
use pano_testkit::TestManager;
use serde_json::{Value, json};

#[tokio::test]
async fn bad_input_has_a_stable_code() {
    let manager = TestManager::start().await.unwrap();
    let api = an_api(&manager).await;
    let [partner_id, app, subscription, plan] = admitted(&manager, &api).await;
    let mut private = jwk();
    private["d"] = "AAAA".into();
    let pem = "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n";
    let mut weak = jwk();
    weak["crv"] = "P-521".into();
    let credentials = format!("/admin/v1/apps/{app}/credentials");
    let nothing = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
    let long = "x".repeat(501);
    let cases: Vec<(&str, &str, String, Value, &str)> = vec![
        ("a slug with capitals", "POST", "/admin/v1/partners".into(), partner("Wealth"), "request.invalid"),
        ("a slug taken", "POST", "/admin/v1/partners".into(), partner("wealth-mate"), "resource.conflict"),
        (
            "a member we do not know",
            "POST",
            "/admin/v1/partners".into(),
            json!({ "slug": "x", "nme": {} }),
            "request.invalid",
        ),
        ("no name at all", "POST", "/admin/v1/partners".into(), json!({ "slug": "ab", "name": {} }), "request.invalid"),
        (
            "a control character",
            "POST",
            "/admin/v1/partners".into(),
            json!({ "slug": "ab", "name": { "en": "a\u{7}" } }),
            "request.invalid",
        ),
        ("no such partner", "GET", format!("/admin/v1/partners/ptn_{nothing}"), json!(null), "resource.not_found"),
        ("an id of another kind", "GET", format!("/admin/v1/partners/{app}"), json!(null), "resource.not_found"),
        (
            "an impossible move",
            "POST",
            format!("/admin/v1/partners/{partner_id}/submit"),
            json!({}),
            "lifecycle.refused",
        ),
        (
            "an exit without a reason",
            "POST",
            format!("/admin/v1/partners/{partner_id}/exit"),
            json!({}),
            "request.invalid",
        ),
        (
            "an endless reason",
            "POST",
            format!("/admin/v1/partners/{partner_id}/exit"),
            json!({ "why": long }),
            "request.invalid",
        ),
        (
            "an app of nobody",
            "POST",
            "/admin/v1/apps".into(),
            json!({ "partner": format!("ptn_{nothing}"), "slug": "ab", "name": { "en": "x" } }),
            "request.invalid",
        ),
        ("a private JWK", "POST", credentials.clone(), json!({ "jwk": private }), "credential.private_key"),
        ("a private PEM", "POST", credentials.clone(), json!({ "certificate": pem }), "credential.private_key"),
        (
            "a private key in the label",
            "POST",
            credentials.clone(),
            json!({ "jwk": jwk(), "label": pem }),
            "credential.private_key",
        ),
        ("a curve we do not take", "POST", credentials.clone(), json!({ "jwk": weak }), "credential.key_refused"),
        ("no certificate", "POST", credentials.clone(), json!({ "certificate": "hello" }), "credential.key_refused"),
        ("neither key nor certificate", "POST", credentials.clone(), json!({}), "request.invalid"),
        (
            "a key that has ended",
            "POST",
            credentials.clone(),
            json!({ "jwk": jwk(), "expires_at": "2020-01-01T00:00:00Z" }),
            "request.invalid",
        ),
        (
            "a date that is none",
            "POST",
            credentials.clone(),
            json!({ "jwk": jwk(), "expires_at": "tomorrow" }),
            "request.invalid",
        ),
        (
            "a rate of nothing",
            "POST",
            "/admin/v1/plans".into(),
            json!({ "slug": "ab", "name": { "en": "x" }, "limits": { "app_rate": { "requests": 0 } } }),
            "request.invalid",
        ),
        (
            "a quota of nothing",
            "POST",
            "/admin/v1/plans".into(),
            json!({ "slug": "ab", "name": { "en": "x" }, "limits": { "quota_per_day": 0 } }),
            "request.invalid",
        ),
        (
            "a second subscription",
            "POST",
            "/admin/v1/subscriptions".into(),
            json!({ "app": app, "api": api, "plan": plan }),
            "resource.conflict",
        ),
        (
            "a subscription to nothing",
            "POST",
            "/admin/v1/subscriptions".into(),
            json!({ "app": app, "api": format!("api_{nothing}"), "plan": plan }),
            "request.invalid",
        ),
        (
            "approved again",
            "POST",
            format!("/admin/v1/subscriptions/{subscription}/approve"),
            json!({}),
            "operator.forbidden",
        ),
        ("a cursor of nobody", "GET", "/admin/v1/apps?cursor=zzz".into(), json!(null), "page.cursor_invalid"),
        ("a page too long", "GET", "/admin/v1/apps?limit=201".into(), json!(null), "request.invalid"),
        ("a filter we do not know", "GET", "/admin/v1/apps?colour=red".into(), json!(null), "request.invalid"),
        ("a breakdown we do not know", "GET", "/admin/v1/usage?by=colour".into(), json!(null), "request.invalid"),
        (
            "a method not offered",
            "DELETE",
            format!("/admin/v1/partners/{partner_id}"),
            json!(null),
            "request.method_not_allowed",
        ),
    ];
    for (what, method, path, body, expected) in cases {
        let answer = send(&manager.maker, method, &path, &[], &body).await;
        let problem: Value = answer.json().unwrap_or_else(|_| panic!("{what}: {answer:?}"));
        assert_eq!(text(&problem, "/code"), expected, "{what}: {problem}");
        let shown = String::from_utf8_lossy(&answer.body);
        assert!(!shown.contains("PRIVATE KEY") && !shown.contains("\"AAAA\""), "{what} repeats a secret: {shown}");
    }
    let chinese =
        send(&manager.maker, "GET", "/admin/v1/apps?limit=0", &[("accept-language", "zh")], &json!(null)).await;
    assert!(text(&chinese.json().unwrap(), "/title").contains('请'), "{chinese:?}");
    manager.remove().await.unwrap();
}

#[tokio::test]
async fn a_key_belongs_to_one_app() {
    let manager = TestManager::start().await.unwrap();
    let api = an_api(&manager).await;
    let [partner_id, app, ..] = admitted(&manager, &api).await;
    let key = jwk();
    let path = |app: &str| format!("/admin/v1/apps/{app}/credentials");
    let first = send(&manager.maker, "POST", &path(&app), &[], &json!({ "jwk": key })).await;
    assert_eq!(first.status, 201);
    let other = json!({ "partner": partner_id, "slug": "other", "name": { "en": "Other" } });
    let other: Value = manager.maker.post("/admin/v1/apps", &other).await.unwrap();
    for app in [app, text(&other, "/id")] {
        let again = send(&manager.maker, "POST", &path(&app), &[], &json!({ "jwk": key })).await;
        assert_eq!(text(&again.json().unwrap(), "/code"), "resource.conflict");
    }
    let activate = format!("/admin/v1/apps/{}/activate", text(&other, "/id"));
    let early = send(&manager.maker, "POST", &activate, &[], &json!({})).await;
    assert_eq!(text(&early.json().unwrap(), "/code"), "lifecycle.gate");
    manager.remove().await.unwrap();
}
