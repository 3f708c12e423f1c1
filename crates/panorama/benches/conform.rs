//! `./dev conform`: schemathesis, which makes requests from a document and holds the answers against it, over every document of
//! the sandbox bank, through the gateway. Bounded in time and in requests; ends with an exit code.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    dead_code,
    reason = "a program that checks ends by panicking when it cannot, and says what it saw; tests use more of the shared code"
)]

#[path = "../tests/whole/process.rs"]
mod process;

use pano_bank::{DOCUMENTS, Document};
use pano_http::Client;
use panorama::demo::onboard::App;
use panorama::demo::{Call, Site, Transcript, calls, library, onboard, team};
use process::Deployment;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

/// What an answer is held against. That what was made is there (`ensure_resource_availability`) cannot be asked: the hooks put
/// other identifiers into a sequence, some of them of what was deleted since.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,\
    response_schema_conformance,negative_data_rejection,missing_required_header,unsupported_method,allow_header_conformance,\
    ignored_auth,use_after_free";
/// Those that change how the sandbox answers, so they come last: switches for faults, drills.
const LAST: [&str; 2] = ["sandbox-control", "product-quality-assurance"];

/// From the environment, else as usual.
struct Settings {
    schemathesis: PathBuf,
    /// Where reports go.
    reports: PathBuf,
    /// Requests for an operation at most, in each phase that makes them up.
    examples: u32,
    /// For a document at most.
    seconds: u32,
    /// Where randomness begins.
    seed: u32,
    /// Only this document.
    only: Option<String>,
}

impl Settings {
    /// Answers from which the hooks learn which identifiers there are.
    fn known(&self) -> PathBuf {
        self.reports.join("known.json")
    }
}

fn main() -> ExitCode {
    // `cargo bench FILTER` offers every bench the same arguments.
    if !std::env::args().skip(1).any(|argument| argument == "--conform") {
        return ExitCode::SUCCESS;
    }
    let number = |name: &str, usual: u32| std::env::var(name).map_or(usual, |text| text.parse().unwrap());
    let folder = |name: &str| PathBuf::from(std::env::var_os(name).unwrap_or_else(|| panic!("{name} is not set")));
    let settings = Settings {
        schemathesis: folder("PANORAMA_CONFORM_PROGRAM"),
        reports: folder("PANORAMA_CONFORM_REPORTS"),
        examples: number("PANORAMA_CONFORM_EXAMPLES", 100),
        seconds: number("PANORAMA_CONFORM_SECONDS", 30),
        seed: number("PANORAMA_CONFORM_SEED", 1),
        only: std::env::var("PANORAMA_CONFORM_ONLY").ok(),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    if runtime.block_on(run(&settings)) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn run(settings: &Settings) -> bool {
    let deployment = Deployment::embedded().await;
    let site = &deployment.site;
    let mut quiet = Transcript::quiet();
    let team = team::gather(&mut quiet, site).await.unwrap();
    let library = library::fill(&mut quiet, site, &team, None).await.unwrap();
    let app = onboard::admit(&mut quiet, site, &team, &library).await.unwrap().app;
    std::fs::create_dir_all(&settings.reports).unwrap();
    let mut documents: Vec<_> = DOCUMENTS.iter().collect();
    documents.sort_by_key(|document| (LAST.contains(&document.slug), document.slug));
    documents.retain(|document| settings.only.as_ref().is_none_or(|only| only == document.slug));
    println!("{:<34}{:>11}{:>9}{:>9}{:>9}{:>9}  found", "document", "operations", "2xx", "4xx", "other", "seconds");
    let mut total = [0; 5];
    for document in documents {
        let token = fresh(settings, site, &app).await;
        let begun = Instant::now();
        let found = check(settings, site, document, &token);
        let sum: u64 = found.statuses.values().sum();
        let row = [found.operations, found.of(2), found.of(4), sum - found.of(2) - found.of(4), found.failures];
        let failures = format!("{} failures: {}", found.failures, found.log.display());
        let said = if found.failures == 0 { "nothing" } else { &failures };
        say(document.slug, row, &begun.elapsed().as_secs().to_string(), said);
        for (sum, one) in total.iter_mut().zip(row) {
            *sum += one;
        }
    }
    let [.., failures] = total;
    say("all", total, "", &format!("{failures} failures"));
    failures == 0
}

fn say(name: &str, [operations, good, refused, other, _]: [u64; 5], seconds: &str, found: &str) {
    println!("{name:<34}{operations:>11}{good:>9}{refused:>9}{other:>9}{seconds:>9}  {found}");
}

/// What tells the identifiers that are there from the beginning.
const KNOWN: [&str; 3] = [
    "/party-reference-data-directory/v1/parties?limit=200",
    "/current-account/v1/accounts?limit=200",
    "/merchant-acquiring/v1/merchants?limit=200",
];

/// A token, and a sandbox with everyone in it, in which no fault is switched on.
async fn fresh(settings: &Settings, site: &Site, app: &App) -> String {
    let mut quiet = Transcript::quiet();
    let token = calls::token(&mut quiet, site, app, None).await.unwrap();
    let client = Client::new(&site.gateway).unwrap();
    let url = format!("{}/sandbox-control/v1/sandbox/scenario", site.gateway);
    let get = |path: &str| Call::new("", http::Method::GET, format!("{}{path}", site.gateway)).token(&token);
    let reset =
        Call::new("a fresh sandbox", http::Method::PUT, url).token(&token).json(json!({ "scenario": "everyone" }));
    // The subscription that was approved last.
    quiet.until(&client, &get(&format!("/{}/v1/payments", onboard::LAST)), 200).await.unwrap();
    quiet.call(&client, reset, 200).await.unwrap();
    let mut known = Vec::new();
    for path in KNOWN {
        known.push(quiet.call(&client, get(path), 200).await.unwrap().json);
    }
    std::fs::write(settings.known(), Value::from(known).to_string()).unwrap();
    token
}

/// What schemathesis found.
struct Found {
    operations: u64,
    /// Answers by the first digit of their status; 0 is no answer.
    statuses: BTreeMap<u64, u64>,
    failures: u64,
    log: PathBuf,
}

fn check(settings: &Settings, site: &Site, document: &Document, token: &str) -> Found {
    let file = |ending: &str| settings.reports.join(format!("{}.{ending}", document.slug));
    let (source, report, log) = (file("yaml"), file("ndjson"), file("log"));
    std::fs::write(&source, document.text).unwrap();
    let out = std::fs::File::create(&log).unwrap();
    let status = Command::new(&settings.schemathesis)
        .arg("run")
        .arg(&source)
        .args(["--url", &format!("{}{}", site.gateway, document.base_path())])
        .args(["--header", &format!("Authorization: Bearer {token}")])
        .args(["--checks", CHECKS, "--continue-on-failure", "--no-color", "--warnings", "off"])
        .args(["--max-examples", &settings.examples.to_string(), "--max-time", &settings.seconds.to_string()])
        .args(["--seed", &settings.seed.to_string(), "--generation-database", "none", "--request-timeout", "20"])
        .args(["--report", "ndjson", "--report-ndjson-path"])
        .arg(&report)
        .env("PYTHONPATH", concat!(env!("CARGO_MANIFEST_DIR"), "/../../bench"))
        .env("SCHEMATHESIS_HOOKS", "conform")
        .env("PANORAMA_CONFORM_KNOWN", settings.known())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .current_dir(&settings.reports)
        .stdin(Stdio::null())
        .stdout(out.try_clone().unwrap())
        .stderr(out)
        .status()
        .unwrap();
    let mut found = Found { operations: 0, statuses: BTreeMap::new(), failures: 0, log };
    for line in std::fs::read_to_string(&report).unwrap_or_default().lines() {
        found.note(&serde_json::from_str(line).unwrap());
    }
    // It says so, too, when it could not do its work.
    found.failures = found.failures.max(u64::from(!status.success()));
    found
}

impl Found {
    /// One event of the report.
    fn note(&mut self, event: &Value) {
        if let Some(count) = event.pointer("/LoadingFinished/statistic/operations/selected") {
            self.operations = count.as_u64().unwrap();
        }
        let Some(recorder) = event.pointer("/ScenarioFinished/recorder") else { return };
        let members = |name: &str| recorder[name].as_object().into_iter().flatten().map(|(_, value)| value);
        for call in members("interactions") {
            let class = call.pointer("/response/status_code").and_then(Value::as_u64).map_or(0, |status| status / 100);
            *self.statuses.entry(class).or_default() += 1;
        }
        let checks = members("checks").filter_map(Value::as_array).flatten();
        self.failures += checks.filter(|check| check["status"] == "failure").count() as u64;
    }

    fn of(&self, class: u64) -> u64 {
        self.statuses.get(&class).copied().unwrap_or(0)
    }
}
