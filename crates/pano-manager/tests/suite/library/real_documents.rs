//! Real documents, when they are there: all of BIAN 14 imported, reviewed and published together.

use super::world::{World, raw};
use crate::text;
use pano_http::Client;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Instant;

#[expect(clippy::print_stderr, reason = "tests say what they leave out")]
fn specs() -> Option<PathBuf> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let folder =
        std::env::var("PANORAMA_SPECS").map_or_else(|_| PathBuf::from(root).join("../shared/specs"), PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "CI must have the specs at {}", folder.display());
    eprintln!("left out: real documents ({} is not there)", folder.display());
    None
}

const FORM: &str =
    "owner=BIAN&provider=core&backend=mock&exit_plan=none&waive_lint=as%20published%20by%20BIAN&confirm_grades=true";

/// Takes a move with all of them, in as many calls as the server asks for.
async fn bulk(who: &Client, versions: &[String], wanted: &str) -> Vec<Value> {
    let (mut left, mut items) = (versions.to_vec(), Vec::new());
    while !left.is_empty() {
        let form = json!({ "versions": left, "move": wanted, "form": { "why": "release 14" } });
        let outcome: Value = who.post("/admin/v1/apis:bulk", &form).await.unwrap();
        let (later, now): (Vec<Value>, Vec<Value>) =
            outcome["items"].as_array().unwrap().iter().cloned().partition(|item| item["code"] == "unavailable");
        assert!(!now.is_empty(), "a call gets nowhere");
        items.extend(now);
        left = later.iter().map(|item| text(item, "/version")).collect();
    }
    items
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_of_bian_14_is_imported_reviewed_and_published() {
    let Some(specs) = specs() else { return };
    let world = World::sqlite().await;
    world.provider("core").await;
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(specs.join("bian/release-14.0.0")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let (mut versions, mut refused) = (Vec::new(), Vec::new());
    let begun = Instant::now();
    let bring = async |file: &PathBuf| {
        let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
        let body = std::fs::read_to_string(file).unwrap();
        let query = format!("{FORM}&source={name}.yaml");
        (name, raw(&world.maker, "application/yaml", &format!("/admin/v1/imports?{query}"), &body).await)
    };
    let mut empty = BTreeSet::new();
    for chunk in files.chunks(4) {
        for (name, outcome) in futures_util::future::join_all(chunk.iter().map(&bring)).await {
            match outcome {
                Ok(answer) => {
                    let report: Value = answer.json().unwrap();
                    let version = text(&report, "/version_id");
                    if report["report"]["operations"] == 0 {
                        empty.insert(version.clone());
                    }
                    versions.push(version);
                }
                Err(error) => refused.push((name, error.code().unwrap_or_default().to_owned())),
            }
        }
    }
    println!("{} imported in {:?}, refused {refused:?}", versions.len(), begun.elapsed());
    assert!(refused.iter().all(|(name, code)| name == "InteractiveHelp" && code == "document.refused"), "{refused:?}");
    assert_eq!(versions.len() + refused.len(), files.len());

    let begun = Instant::now();
    let submitted = bulk(&world.maker, &versions, "submit").await;
    let failed: BTreeSet<String> =
        submitted.iter().filter(|i| i["done"] == false).map(|i| text(i, "/version")).collect();
    assert_eq!(failed, empty, "only documents without operations stay drafts: {submitted:?}");
    versions.retain(|id| !empty.contains(id));
    for (who, wanted) in [(&world.checker, "approve"), (&world.maker, "publish")] {
        let outcome = bulk(who, &versions, wanted).await;
        let failed: Vec<&Value> = outcome.iter().filter(|i| i["done"] == false).collect();
        assert!(failed.is_empty(), "{wanted}: {failed:?}");
    }
    println!("reviewed and published in {:?}", begun.elapsed());
    let units = world.units(|units| units.len() == versions.len()).await;
    let operations: usize = units.iter().map(|u| u.operations.len()).sum();
    let bytes: usize = units.iter().map(|unit| serde_json::to_vec(unit).unwrap().len()).sum();
    let mut contracts = 0;
    for unit in &units {
        let path = format!("/internal/v1/contracts/{}", unit.contract.as_ref().expect("BIAN describes bodies"));
        let answer =
            world.gateway.call(http::Method::GET, &path, http::HeaderMap::new(), Default::default()).await.unwrap();
        assert_eq!(pano_snapshot::contract::digest(&answer.body), *unit.contract.as_ref().unwrap());
        contracts += answer.body.len();
    }
    println!("{} units with {operations} operations, {bytes} bytes, contracts {contracts} bytes", units.len());
    assert!(operations > 1_000);

    let found: Value = world.auditor.get("/admin/v1/search?q=current%20account%20interest").await.unwrap();
    assert_eq!(text(&found, "/items/0/slug"), "current-account");
    let path = "/admin/v1/operations?service_domain=CurrentAccount&behaviour_qualifier=Interest&action=Retrieve";
    let operations: Value = world.auditor.get(path).await.unwrap();
    assert_eq!(operations["items"].as_array().unwrap().len(), 1, "{operations}");
    world.end().await;
}

/// What other standards publish: taken or refused for the right reason, and their newer versions compared with the older.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_standards_are_imported_and_compared() {
    let Some(specs) = specs() else { return };
    let world = World::sqlite().await;
    world.provider("core").await;
    let list = |folder: &str| -> Vec<PathBuf> {
        let all = std::fs::read_dir(specs.join(folder)).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<PathBuf> =
            all.filter(|p| p.extension().is_some_and(|e| e == "yml" || e == "yaml" || e == "json")).collect();
        files.sort();
        files
    };
    let bring = async |file: &PathBuf| {
        let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
        let body = std::fs::read_to_string(file).unwrap();
        let media = if body.trim_start().starts_with('{') { "application/json" } else { "application/yaml" };
        let query = format!("{FORM}&source={name}");
        (name, raw(&world.maker, media, &format!("/admin/v1/imports?{query}"), &body).await)
    };
    for file in list("br-openfinance/previous") {
        let (name, outcome) = bring(&file).await;
        let version = text(&outcome.unwrap_or_else(|e| panic!("{name}: {e}")).json().unwrap(), "/version_id");
        world.publish(&version).await;
    }
    let mut compared = 0;
    for file in ["br-openfinance", "uk-openbanking-4.0", "berlin-group", "adyen"].into_iter().flat_map(list) {
        let (name, outcome) = bring(&file).await;
        let report: Value = outcome.unwrap_or_else(|e| panic!("{name}: {e:?}")).json().unwrap();
        let id = text(&report, "/version_id");
        let version: Value = world.maker.get(&format!("/admin/v1/versions/{id}")).await.unwrap();
        let operations = version["document"]["operations"].as_u64().unwrap();
        println!("{name}: {} {operations} operations, changes {}", report["outcome"], version["document"]["changes"]);
        compared += usize::from(version["document"]["changes"].is_object());
        if operations > 0 {
            let form = json!({ "why": "real" });
            let checked = world.go_with(&world.maker, &id, "submit", form).await;
            assert!(checked.is_ok(), "{name}: {checked:?}");
        }
    }
    assert!(compared >= 1, "Brazil's newer versions have an older one beside them");
    world.end().await;
}
