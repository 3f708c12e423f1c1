//! Named mistakes and their codes.

use super::world::{World, document, put, raw, refusal};
use crate::text;
use pano_http::ClientError;
use serde_json::{Value, json};

fn code<T: std::fmt::Debug>(outcome: Result<T, ClientError>) -> String {
    refusal(outcome).0
}

#[tokio::test]
async fn documents_and_how_they_are_brought() {
    let world = World::sqlite().await;
    let good = document("Accounts", "1.0.0", "");
    let path = "/admin/v1/imports";
    let yaml = "application/yaml";
    let cases: &[(&str, &'static str, &str, &str, &str)] = &[
        ("nothing at all", yaml, "", "", "document.refused"),
        ("no OpenAPI", yaml, "", "# A page\n\nText.", "document.refused"),
        ("a key twice", yaml, "", "openapi: 3.0.0\nopenapi: 3.0.0\n", "document.refused"),
        ("Swagger 2", yaml, "", "swagger: '2.0'\ninfo: { title: A, version: '1' }\npaths: {}\n", "document.refused"),
        ("torn JSON", "application/json", "", "{\"openapi\": \"3.0.0\"", "document.refused"),
        (
            "a reference to the network",
            yaml,
            "",
            "openapi: 3.0.0\ninfo: {title: A, version: '1'}\npaths: {/a: {$ref: 'http://x/y'}}\n",
            "document.refused",
        ),
        ("another media type", "text/html", "", &good, "request.unsupported_media_type"),
        ("an unknown parameter", yaml, "?sulg=x", &good, "request.invalid"),
        ("a slug that is none", yaml, "?slug=No%20Slug", &good, "request.invalid"),
        ("a provider that is not there", yaml, "?provider=nobody", &good, "request.invalid"),
        ("a leaf that is not there", yaml, "?directory=api.bank.nowhere", &good, "request.invalid"),
        ("a backend that is no address", yaml, "?backend=ftp%3A%2F%2Fx", &good, "request.invalid"),
        ("a credential without a backend", yaml, "?credential=x", &good, "request.invalid"),
        (
            "an envelope without a document",
            "application/vnd.panorama.import+json",
            "",
            "{\"params\":{}}",
            "request.invalid",
        ),
        ("an envelope that is no JSON", "application/vnd.panorama.import+json", "", "{", "request.malformed"),
    ];
    for (name, media, query, body, want) in cases {
        assert_eq!(code(raw(&world.maker, media, &format!("{path}{query}"), body).await), *want, "{name}");
    }
    let chinese = document("账户信息", "1.0.0", "");
    assert_eq!(refusal(raw(&world.maker, yaml, path, &chinese).await), ("request.invalid".into(), vec!["slug".into()]));
    assert_eq!(code(raw(&world.nobody, yaml, path, &good).await), "operator.unauthenticated");
    assert_eq!(code(raw(&world.auditor, yaml, path, &good).await), "operator.forbidden");
    assert_eq!(code(raw(&world.checker, yaml, path, &good).await), "operator.forbidden");

    // What was refused is remembered with its reasons, and nothing of it was kept.
    let reports: Value = world.auditor.get("/admin/v1/imports").await.unwrap();
    let refused = reports["items"].as_array().unwrap();
    assert_eq!(refused.len(), 6);
    assert!(
        refused.iter().all(|r| r["outcome"] == "refused" && !r["report"]["findings"].as_array().unwrap().is_empty())
    );
    let apis: Value = world.auditor.get("/admin/v1/apis").await.unwrap();
    assert_eq!(apis["items"], json!([]));
    world.end().await;
}

#[tokio::test]
async fn moves_that_are_not_possible() {
    let world = World::sqlite().await;
    world.provider("core").await;
    let bare = text(&world.bring(&document("Bare", "1.0.0", ""), "").await, "/version_id");
    let (found, missing) = refusal(world.go(&world.maker, &bare, "submit").await);
    assert_eq!(found, "lifecycle.gate");
    let chinese = world.maker.clone().lang(pano_types::Lang::Zh);
    let Err(ClientError::Problem(problem)) = world.go(&chinese, &bare, "submit").await else { panic!("not refused") };
    let reason = |at: &str| problem.errors.iter().find(|e| e.at == at).map(|e| e.reason.as_str());
    assert_eq!(reason("provider"), Some("请指定能力提供方"));
    let gate: Value = chinese.get(&format!("/admin/v1/versions/{bare}/gates/submit")).await.unwrap();
    assert!(gate.to_string().contains("请指定能力提供方"), "{gate}");
    for check in ["owner", "provider", "backend", "exit_plan"] {
        assert!(missing.iter().any(|at| at == check), "{check} not in {missing:?}");
    }
    let id = world.bring_whole(&document("Accounts", "1.0.0", ""), "").await;
    let (maker, checker) = (&world.maker, &world.checker);
    assert_eq!(code(world.go(checker, &id, "approve").await), "lifecycle.refused");
    assert_eq!(code(world.go(maker, &id, "publish").await), "lifecycle.refused");
    assert_eq!(code(world.go(maker, "ver_01ARZ3NDEKTSV4RRFFQ69G5FAV", "submit").await), "resource.not_found");
    assert_eq!(code(world.go(maker, "api_01ARZ3NDEKTSV4RRFFQ69G5FAV", "submit").await), "resource.not_found");
    let silent = json!({});
    let sunset = json!({ "sunset": "2027-01-01T00:00:00Z" });
    assert_eq!(
        refusal(world.go_with(maker, &id, "submit", sunset).await),
        ("request.invalid".into(), vec!["/sunset".into()])
    );
    assert_eq!(code(world.go_with(maker, &id, "submit", json!({ "wy": "x" })).await), "request.invalid");
    world.go(maker, &id, "submit").await.unwrap();
    assert_eq!(refusal(world.go_with(checker, &id, "reject", silent.clone()).await).1, ["/why"]);
    world.go(checker, &id, "approve").await.unwrap();
    world.go(maker, &id, "publish").await.unwrap();
    assert_eq!(refusal(world.go_with(maker, &id, "retire", silent).await).1, ["/why"]);
    let past = json!({ "sunset": "2020-01-01T00:00:00Z" });
    assert_eq!(refusal(world.go_with(maker, &id, "deprecate", past).await).1, ["/sunset"]);
    let link = json!({ "link": "javascript:alert(1)" });
    assert_eq!(refusal(world.go_with(maker, &id, "deprecate", link).await).1, ["/link"]);
    let bulk = |versions: Value, wanted: &str| json!({ "versions": versions, "move": wanted });
    let path = "/admin/v1/apis:bulk";
    assert_eq!(code(maker.post::<Value>(path, &bulk(json!([]), "submit")).await), "request.invalid");
    assert_eq!(code(maker.post::<Value>(path, &bulk(json!([id, id]), "submit")).await), "request.invalid");
    assert_eq!(code(maker.post::<Value>(path, &bulk(json!([id]), "approve")).await), "operator.forbidden");
    assert_eq!(code(maker.post::<Value>(path, &bulk(json!([id]), "explode")).await), "request.invalid");
    world.end().await;
}

#[tokio::test]
async fn settings_names_and_places() {
    let world = World::sqlite().await;
    world.provider("core").await;
    let id = world.bring_whole(&document("Accounts", "1.0.0", ""), "").await;
    let path = format!("/admin/v1/versions/{id}/settings");
    let maker = &world.maker;
    assert_eq!(code(put(maker, &path, None, &json!({})).await), "resource.precondition_required");
    assert_eq!(code(put(maker, &path, Some(9), &json!({})).await), "resource.changed");
    let wrong = json!({ "operations": { "nothing": {} }, "hosts": ["BAD HOST"] });
    assert_eq!(refusal(put(maker, &path, Some(1), &wrong).await).1, ["/hosts/0", "/operations/nothing"]);
    for (settings, want) in [
        (json!({ "base_path": "no slash" }), "request.invalid"),
        (json!({ "unknown": 1 }), "request.invalid"),
        (json!({ "identification_code": "OP12" }), "request.invalid"),
        (json!({ "identification_code": "OP999999A201010100000001" }), "catalog.identification_code"),
        (json!({ "identification_code": "OP000000A101010100000001" }), "catalog.identification_code"),
    ] {
        assert_eq!(code(put(maker, &path, Some(1), &settings).await), want, "{settings}");
    }
    world.go(maker, &id, "submit").await.unwrap();
    assert_eq!(code(put(maker, &path, Some(2), &json!({})).await), "lifecycle.refused");

    let provider = json!({ "slug": "core", "name": { "en": "Again" } });
    assert_eq!(code(maker.post::<Value>("/admin/v1/providers", &provider).await), "resource.conflict");
    let node = |path: &str| json!({ "path": path, "name": { "en": "x" } });
    let directory = "/admin/v1/directory";
    assert_eq!(refusal(maker.post::<Value>(directory, &node("api.bank.no.where")).await).1, ["/path"]);
    assert_eq!(code(maker.post::<Value>(directory, &node("api.bank")).await), "resource.conflict");
    assert_eq!(code(maker.post::<Value>(directory, &node("Not A Path")).await), "request.invalid");
    let remove = async |path: &str| {
        let path = format!("{directory}/{path}");
        maker.call(http::Method::DELETE, &path, Default::default(), Default::default()).await.map(|a| a.status)
    };
    assert_eq!(code(remove("api.bank.account").await), "resource.conflict", "an API stands there");
    assert_eq!(code(remove("api.bank").await), "resource.conflict", "nodes lie below");
    assert_eq!(code(remove("api.bank.nothing").await), "resource.not_found");
    for (path, want) in [
        ("/admin/v1/search?q=", "request.invalid"),
        ("/admin/v1/search?q=x&cursor=nonsense", "page.cursor_invalid"),
        ("/admin/v1/apis?limit=0", "request.invalid"),
        ("/admin/v1/apis?colour=red", "request.invalid"),
        ("/admin/v1/operations?data_class=C9", "request.invalid"),
    ] {
        assert_eq!(code(maker.get::<Value>(path).await), want, "{path}");
    }
    world.end().await;
}
