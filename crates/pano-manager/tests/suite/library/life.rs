//! The life of a version from its document to its end.

use super::world::{World, document, put, refusal};
use crate::text;
use http::{HeaderMap, Method};
use pano_snapshot::unit::{Access, ServingState};
use serde_json::{Value, json};

const EXTRA: &str = "  /transfers:\n    post:\n      operationId: transfer\n      summary: 转账 Transfer\n\
    \x20     requestBody: { content: { application/json: { schema: { type: object } } } }\n\
    \x20     responses: { '200': { description: ok } }\n";

#[tokio::test]
async fn a_document_is_imported_reviewed_by_another_published_and_served() {
    let world = World::sqlite().await;
    world.provider("core").await;
    let source = format!("\u{feff}{}", document("Sandbox accounts", "1.2.0", EXTRA));
    let report =
        world.bring(&source, "owner=Team&provider=core&backend=mock&exit_plan=x&waive_lint=ok&source=a.yaml").await;
    assert_eq!((text(&report, "/outcome").as_str(), text(&report, "/slug").as_str()), ("repaired", "sandbox-accounts"));
    let id = text(&report, "/version_id");

    let version: Value = world.auditor.get(&format!("/admin/v1/versions/{id}")).await.unwrap();
    assert_eq!(
        (&version["stage"], &version["level"], &version["base_path"]),
        (&json!("draft"), &json!("A2"), &json!("/sandbox-accounts/v1"))
    );
    let code = text(&version, "/settings/identification_code");
    assert_eq!((code.len(), &code[..16]), (24, "OP000000A2010101"), "account leaf, level A2");
    let path = format!("/admin/v1/versions/{id}/document");
    let kept = world.auditor.call(Method::GET, &path, HeaderMap::new(), Default::default()).await.unwrap();
    assert_eq!(kept.body, source.as_bytes(), "byte for byte, mark included");
    let operations: Value =
        world.auditor.get(&format!("/admin/v1/versions/{id}/operations?category=free_fund_flow")).await.unwrap();
    assert_eq!(text(&operations, "/items/0/name"), "transfer");
    assert_eq!(operations["items"].as_array().unwrap().len(), 1);

    // Whoever holds every role still cannot do it alone.
    assert_eq!(world.go(&world.both, &id, "submit").await.unwrap()["stage"], "in_review");
    assert_eq!(refusal(world.go(&world.both, &id, "approve").await).0, "review.same_person");
    assert_eq!(refusal(world.go(&world.maker, &id, "approve").await).0, "operator.forbidden");
    assert_eq!(world.go(&world.checker, &id, "approve").await.unwrap()["stage"], "approved");
    assert_eq!(world.go(&world.maker, &id, "publish").await.unwrap()["stage"], "published");

    let units = world.units(|units| units.len() == 1).await;
    assert_eq!((units[0].base_path.as_str(), units[0].operations.len()), ("/sandbox-accounts/v1", 2));
    assert_eq!(units[0].operations[1].access, Access::App { scopes: vec!["sandbox-accounts:write".into()] });
    assert_eq!(units[0].upstream.targets, [format!("http://127.0.0.1:7003/mock/{id}")]);

    let audit: Value = world.auditor.get(&format!("/admin/v1/audit?subject_kind=version&subject={id}")).await.unwrap();
    let mut actions: Vec<String> = audit["items"].as_array().unwrap().iter().map(|a| text(a, "/action")).collect();
    actions.reverse();
    assert_eq!(actions, ["version.imported", "version.submitted", "version.approved", "version.published"]);
    world.end().await;
}

#[tokio::test]
async fn an_operation_declared_open_asks_for_a_scope_and_the_report_says_so() {
    let world = World::sqlite().await;
    let extra = "  /rates:\n    get: { operationId: rates, security: [], responses: { '200': { description: ok } } }\n\
        \x20 /news:\n    get: { operationId: news, security: [{}, { o: [n] }], responses: { '200': { description: ok } } }\n";
    let report = world.bring(&document("Rates", "1.0.0", extra), "").await;
    let findings: Vec<&Value> = report["report"]["findings"].as_array().unwrap().iter().collect();
    let said = |key: &str| {
        let of = findings.iter().find(|f| f["code"] == "spec.security.none" && text(f, "/reason/en").contains(key));
        of.unwrap_or_else(|| panic!("nothing about {key} in {findings:?}"))
    };
    let rates = said("GET /rates → rates:read");
    assert_eq!((&rates["pointer"], &rates["line"]), (&json!("/paths/~1rates/get"), &json!(12)));
    assert!(text(rates, "/reason/zh").contains("权限范围：GET /rates → rates:read"), "{rates}");
    said("GET /news → rates:read");
    assert_eq!(findings.iter().filter(|f| f["code"] == "spec.security.none").count(), 2, "{findings:?}");
    let path = format!("/admin/v1/versions/{}/lint", text(&report, "/version_id"));
    let lint: Value = world.auditor.get(&path).await.unwrap();
    let warned = lint["findings"].as_array().unwrap().iter().filter(|f| f["rule"] == "security-not-empty").count();
    assert_eq!(warned, 2, "{lint}");
    world.end().await;
}

#[tokio::test]
async fn a_category_that_is_only_a_guess_is_confirmed_by_somebody() {
    let world = World::sqlite().await;
    world.provider("core").await;
    let extra = "  /widgets:\n    get: { operationId: widgets, responses: { '200': { description: ok } } }\n";
    let query = "owner=Team&provider=core&backend=mock&exit_plan=x&waive_lint=ok";
    let id = text(&world.bring(&document("Widgets", "1.0.0", extra), query).await, "/version_id");
    let refused = refusal(world.go(&world.maker, &id, "submit").await);
    assert_eq!(refused, ("lifecycle.gate".into(), vec!["grading".into()]));
    let path = format!("/admin/v1/versions/{id}");
    let version: Value = world.maker.get(&path).await.unwrap();
    let mut settings = version["settings"].clone();
    settings["operations"] = json!({ "widgets": { "category": "business_support" } });
    put(&world.maker, &format!("{path}/settings"), Some(1), &settings).await.unwrap();
    world.go(&world.maker, &id, "submit").await.unwrap();
    // Or, for many documents, as they are brought; later versions keep it.
    let id = world.bring_whole(&document("Gadgets", "1.0.0", extra), "").await;
    world.go(&world.maker, &id, "submit").await.unwrap();
    world.end().await;
}

#[tokio::test]
async fn the_same_bytes_change_nothing_and_other_bytes_make_a_draft_with_the_settings_of_the_last() {
    let world = World::sqlite().await;
    world.provider("core").await;
    let first = world.bring_whole(&document("Accounts", "1.0.0", EXTRA), "").await;
    world.publish(&first).await;
    let again = world.bring(&document("Accounts", "1.0.0", EXTRA), "").await;
    assert_eq!((text(&again, "/outcome"), text(&again, "/version_id")), ("unchanged".into(), first.clone()));

    // The transfer is gone: a breaking change, and the report says so.
    let second = text(&world.bring(&document("Accounts", "1.1.0", ""), "").await, "/version_id");
    let version: Value = world.maker.get(&format!("/admin/v1/versions/{second}")).await.unwrap();
    assert_eq!(version["settings"]["exit_plan"], "notice", "settings go on");
    assert_eq!(version["document"]["changes"]["from"], json!(first));
    assert!(version["document"]["changes"]["breaking"].as_u64().unwrap() >= 1);
    let report: Value = world.maker.get(&format!("/admin/v1/versions/{second}/changes")).await.unwrap();
    assert!(report.to_string().contains("/transfers"), "{report}");
    let path = format!("/admin/v1/versions/{second}/changes?format=markdown&against={first}");
    let markdown = world.maker.call(Method::GET, &path, HeaderMap::new(), Default::default()).await.unwrap();
    assert!(String::from_utf8_lossy(&markdown.body).contains("transfers"));

    // Both answer at /accounts/v1: only one can, and it says which to replace.
    world.go(&world.maker, &second, "submit").await.unwrap();
    world.go(&world.checker, &second, "approve").await.unwrap();
    assert_eq!(
        refusal(world.go(&world.maker, &second, "publish").await),
        ("lifecycle.gate".into(), vec!["routes".into()])
    );
    world.go_with(&world.maker, &second, "publish", json!({ "replace": true })).await.unwrap();
    let old: Value = world.maker.get(&format!("/admin/v1/versions/{first}")).await.unwrap();
    assert_eq!(old["stage"], "retired");
    let units = world.units(|units| units.len() == 1 && units[0].version == "1.1.0").await;
    assert_eq!(units[0].state, ServingState::Published, "the replaced one does not answer 410 in its place");
    world.end().await;
}

#[tokio::test]
async fn notice_and_end_reach_the_gateways() {
    let world = World::sqlite().await;
    world.provider("core").await;
    let id = world.bring_whole(&document("Accounts", "1.0.0", ""), "").await;
    world.publish(&id).await;
    let notice = json!({ "why": "v2 is here", "sunset": "2027-01-01T00:00:00Z", "link": "/accounts/v2" });
    world.go_with(&world.maker, &id, "deprecate", notice).await.unwrap();
    let deprecated =
        |u: &[pano_snapshot::ApiUnit]| matches!(u, [one] if matches!(one.state, ServingState::Deprecated { .. }));
    let units = world.units(deprecated).await;
    let ServingState::Deprecated { sunset, link, .. } = &units[0].state else { panic!() };
    assert_eq!((sunset.unwrap().to_string().as_str(), link.as_deref()), ("2027-01-01T00:00:00Z", Some("/accounts/v2")));
    let gate: Value = world.maker.get(&format!("/admin/v1/versions/{id}/gates/retire")).await.unwrap();
    assert_eq!((&gate["possible"], &gate["checks"][0]["met"]), (&json!(true), &json!(true)));
    world.go(&world.maker, &id, "retire").await.unwrap();
    let units = world.units(|u| matches!(u, [one] if matches!(one.state, ServingState::Retired { .. }))).await;
    assert!(units[0].operations.is_empty());
    // The same bytes may come again after the end.
    let again = world.bring(&document("Accounts", "1.0.0", ""), "").await;
    assert_eq!(text(&again, "/outcome"), "taken");
    world.end().await;
}

#[tokio::test]
async fn settings_change_level_code_and_place_of_a_draft() {
    let world = World::sqlite().await;
    let id = text(&world.bring(&document("Accounts", "1.0.0", ""), "").await, "/version_id");
    let path = format!("/admin/v1/versions/{id}/settings");
    let before: Value = world.maker.get(&format!("/admin/v1/versions/{id}")).await.unwrap();
    let own = json!({ "category": "public_information", "data_class": "C1", "public": true });
    let settings = json!({ "base_path": "/open/accounts", "operations": { "getBalances": own } });
    let after = put(&world.maker, &path, Some(1), &settings).await.unwrap();
    assert_eq!(
        (&after["level"], &after["base_path"], &after["generation"]),
        (&json!("A1"), &json!("/open/accounts"), &json!(2))
    );
    let (old, new) = (text(&before, "/settings/identification_code"), text(&after, "/settings/identification_code"));
    assert_eq!((&old[8..10], &new[8..10]), ("A2", "A1"), "a code that no longer fits is replaced");
    let operations: Value = world.maker.get("/admin/v1/operations?data_class=C1").await.unwrap();
    assert_eq!(text(&operations, "/items/0/category"), "public_information");
    let raised = put(&world.maker, &path, Some(2), &json!({ "level": "A2" })).await.unwrap();
    assert_eq!((&raised["level"], &raised["proposed_level"]), (&json!("A2"), &json!("A2")));
    assert_eq!(refusal(put(&world.maker, &path, Some(2), &json!({})).await).0, "resource.changed");
    world.end().await;
}

#[tokio::test]
async fn apis_are_found_in_both_languages_and_by_their_place() {
    let world = World::sqlite().await;
    world.provider("core").await;
    world.bring_whole(&document("Accounts", "1.0.0", EXTRA), "").await;
    world.bring_whole(&document("Loans", "1.0.0", ""), "&slug=loans").await;
    let find = async |q: &str| -> Vec<String> {
        let encoded: String = q.bytes().map(|b| format!("%{b:02X}")).collect();
        let found: Value = world.auditor.get(&format!("/admin/v1/search?q={encoded}")).await.unwrap();
        found["items"].as_array().unwrap().iter().map(|i| text(i, "/slug")).collect()
    };
    assert_eq!(find("转账").await, ["accounts"]);
    assert_eq!(find("账户余额").await.len(), 2);
    assert_eq!(find("loan").await, ["loans"]);
    assert_eq!(find("核心 transfer").await, ["accounts"], "by its provider and an operation");
    assert!(find("nothing such").await.is_empty());
    let listed: Value = world.auditor.get("/admin/v1/apis?directory=api.bank.loan").await.unwrap();
    assert_eq!(text(&listed, "/items/0/slug"), "loans");
    let listed: Value = world.auditor.get("/admin/v1/apis?limit=1").await.unwrap();
    let next: Value =
        world.auditor.get(&format!("/admin/v1/apis?limit=1&cursor={}", text(&listed, "/next_cursor"))).await.unwrap();
    assert_ne!(text(&listed, "/items/0/slug"), text(&next, "/items/0/slug"));
    let path = format!("/admin/v1/apis/{}", text(&listed, "/items/0/id"));
    let form = json!({ "name": { "zh": "独角兽", "en": "Unicorn" }, "owner": "Team" });
    let changed = put(&world.maker, &path, Some(1), &form).await.unwrap();
    let slug = text(&changed, "/slug");
    assert_eq!(find("独角兽").await, [slug], "a new name is found at once");
    world.end().await;
}

#[tokio::test]
async fn many_versions_move_together_and_each_answers_for_itself() {
    let world = World::sqlite().await;
    world.provider("core").await;
    let whole = world.bring_whole(&document("One", "1.0.0", ""), "").await;
    let bare = text(&world.bring(&document("Two", "1.0.0", ""), "").await, "/version_id");
    let bulk = json!({ "versions": [whole, bare], "move": "submit", "form": { "why": "all" } });
    let outcome: Value = world.maker.post("/admin/v1/apis:bulk", &bulk).await.unwrap();
    assert_eq!(outcome["done"], 1);
    assert_eq!((&outcome["items"][0]["done"], &outcome["items"][1]["code"]), (&json!(true), &json!("lifecycle.gate")));
    let missing = outcome["items"][1]["errors"].to_string();
    assert!(missing.contains("owner") && missing.contains("exit_plan"), "{missing}");
    world.end().await;
}

#[tokio::test]
async fn the_library_works_on_postgres_too() {
    let Some(store) = pano_testkit::TestStore::postgres().await.unwrap() else { return };
    let now = pano_types::Instant::parse("2026-03-01T00:00:00Z").unwrap();
    let clock = std::sync::Arc::new(pano_types::clock::FakeClock::at(now));
    let world = World::on(pano_testkit::TestManager::start_on(store, clock, |_| {}).await.unwrap()).await;
    world.provider("core").await;
    let id = world.bring_whole(&document("Accounts", "1.0.0", EXTRA), "").await;
    world.publish(&id).await;
    world.units(|units| units.len() == 1).await;
    let found: Value = world.auditor.get("/admin/v1/search?q=balan").await.unwrap();
    assert_eq!(text(&found, "/items/0/operations/0/name"), "getBalances");
    world.end().await;
}
