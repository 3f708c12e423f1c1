//! The admin API's own document.

use pano_testkit::TestManager;
use serde_json::Value;
use std::collections::BTreeSet;

#[tokio::test]
async fn the_document_is_served_as_it_is_generated() {
    let manager = TestManager::start().await.unwrap();
    let served: Value = manager.nobody().unwrap().get("/admin/v1/openapi.json").await.unwrap();
    assert_eq!(served, pano_manager::openapi());
    manager.remove().await.unwrap();
}

#[test]
fn the_committed_document_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi/admin.json");
    let fresh = format!("{}\n", serde_json::to_string_pretty(&pano_manager::openapi()).unwrap());
    if std::env::var_os("PANORAMA_WRITE_DOCS").is_some() {
        std::fs::create_dir_all(concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi")).unwrap();
        std::fs::write(path, &fresh).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(committed == fresh, "openapi/admin.json is stale: run the test with PANORAMA_WRITE_DOCS=1 and commit it");
}

/// What the admin API is about; the first word of every operation's name, so that all on a resource stand together.
const NOUNS: [&str; 19] = [
    "access",
    "api",
    "app",
    "audit",
    "category",
    "certificate",
    "credential",
    "directory",
    "gateway",
    "import",
    "library",
    "operation",
    "operator",
    "partner",
    "plan",
    "provider",
    "subscription",
    "usage",
    "version",
];

#[test]
fn every_operation_is_described_secured_and_named_once() {
    let document = pano_manager::openapi();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut names = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let what = format!("{method} {path}");
            let name = operation["operationId"].as_str().unwrap_or_else(|| panic!("{what} has no operationId"));
            assert!(names.insert(name.to_owned()), "{name} stands twice");
            let noun = name.split('_').next().unwrap();
            assert!(NOUNS.contains(&noun) && name.len() > noun.len(), "{name}: noun first, then what is done");
            assert!(operation["summary"].as_str().is_some_and(|s| !s.is_empty()), "{what} has no summary");
            assert!(operation["responses"]["default"].is_object(), "{what} does not describe its refusals");
            let secured = operation["security"].as_array().is_some_and(|s| !s.is_empty());
            assert_eq!(secured, path != "/admin/v1/bootstrap", "{what}");
        }
    }
    // Every reference leads somewhere.
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1) {
        let pointer = reference.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer} leads nowhere");
    }
}
