//! Nobody gets in without a token, nobody with the wrong role, and no route can be forgotten: the OpenAPI document is walked.

use crate::send;
use pano_manager::access::{Access, rule, rules};
use pano_testkit::TestManager;
use pano_types::Role;
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};

/// Every operation of the admin API's document, and those between roles, which are in no public document.
fn operations() -> Vec<(String, String)> {
    let document = pano_manager::openapi();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            all.push((method.to_uppercase(), path.clone()));
        }
    }
    for (method, path, access) in rules() {
        if matches!(access, Access::Service(_)) {
            all.push(((*method).to_owned(), (*path).to_owned()));
        }
    }
    all
}

/// An address of this template that names nothing there is.
fn address(template: &str) -> String {
    let id = |prefix: &str| format!("{prefix}_01ARZ3NDEKTSV4RRFFQ69G5FAV");
    let own = match template.split('/').nth(3).unwrap_or_default() {
        "operators" => id("opr"),
        "partners" => id("ptn"),
        "apps" => id("app"),
        "plans" => id("pln"),
        "subscriptions" => id("sub"),
        "apis" => id("api"),
        "versions" => id("ver"),
        "providers" => id("prv"),
        _ => id("imp"),
    };
    template
        .replace("{id}", &own)
        .replace("{token}", &id("tok"))
        .replace("{credential}", &id("crd"))
        .replace("{path}", "api")
        .replace("{move}", "publish")
}

#[test]
fn the_table_and_the_document_name_the_same_operations() {
    let documented: BTreeSet<_> = operations().into_iter().collect();
    let table: BTreeSet<_> = rules()
        .map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned()))
        .filter(|(_, path)| path != "/admin/v1/openapi.json")
        .collect();
    assert_eq!(documented, table, "left: openapi(), right: the access table");
    let mut seen = BTreeSet::new();
    assert!(rules().all(|(method, path, _)| seen.insert((method, path))), "a row stands twice");
    let open: Vec<_> = rules().filter(|(.., access)| *access == Access::Open).map(|(_, path, _)| *path).collect();
    assert_eq!(open, ["/admin/v1/openapi.json", "/admin/v1/bootstrap"], "this list may only shrink");
}

#[tokio::test]
async fn every_operation_refuses_strangers_and_wrong_roles() {
    let manager = TestManager::start().await.unwrap();
    let nobody = manager.nobody().unwrap();
    let mut people = HashMap::new();
    for &role in Role::ALL {
        people.insert(role, manager.person(&format!("only-{role}"), &[role]).await.unwrap());
    }
    let powerless = manager.person("no-role", &[]).await.unwrap();
    let all = manager.person("every-role", Role::ALL).await.unwrap();
    for (method, path) in operations() {
        let rule = rule(&method, &path).unwrap_or_else(|| panic!("{method} {path} is not in the table"));
        let address = address(&path);
        let what = format!("{method} {address}");
        let refused = |answer: &pano_http::client::Answer| {
            answer.json::<Value>().ok().and_then(|body| body["code"].as_str().map(str::to_owned)).unwrap_or_default()
        };
        if rule == Access::Open {
            continue;
        }
        let answer = send(&nobody, &method, &address, &[], &json!({})).await;
        assert_eq!((answer.status.as_u16(), &*refused(&answer)), (401, "operator.unauthenticated"), "{what}");
        let answer = send(&nobody, &method, &address, &[("authorization", "Bearer pano_0000")], &json!({})).await;
        assert_eq!((answer.status.as_u16(), &*refused(&answer)), (401, "operator.unauthenticated"), "{what}");
        let answer = send(&powerless, &method, &address, &[], &json!({})).await;
        assert_eq!((answer.status.as_u16(), &*refused(&answer)), (403, "operator.forbidden"), "{what}");
        for service in ["gateway", "identity", "bank"] {
            let answer = send(&manager.role(service).unwrap(), &method, &address, &[], &json!({})).await;
            let allowed = rule == Access::Service(service);
            assert_eq!(refused(&answer) != "operator.forbidden", allowed, "{what} as {service}");
        }
        match rule {
            Access::Open => {}
            Access::Service(_) => {
                let answer = send(&all, &method, &address, &[], &json!({})).await;
                assert_eq!(refused(&answer), "operator.forbidden", "{what} as a person with every role");
            }
            Access::Roles(roles) => {
                for (role, client) in &people {
                    let answer = send(client, &method, &address, &[], &json!({})).await;
                    assert_eq!(refused(&answer) != "operator.forbidden", roles.contains(role), "{what} as {role}");
                }
            }
        }
    }
    manager.remove().await.unwrap();
}
