//! kill -9 at any moment: sent = answered and counted + visibly failed; nothing twice, nothing lost; the books balance.

use crate::load::{Book, Load, token};
use crate::process::Deployment;
use pano_bus::CloudEvent;
use pano_http::Client;
use pano_snapshot::AccessRecord;
use pano_types::Secret;
use panorama::demo::{Site, Team, Transcript, calls, library, onboard, team};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashSet};
use std::time::{Duration, Instant};

/// How long each deployment is under fire.
const FIRE: Duration = Duration::from_secs(12);
/// Longest wait for the manager to have counted everything.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite_in_one_process_nothing_is_lost_or_counted_twice() {
    under_fire(Deployment::embedded().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgresql_with_a_process_a_role_nothing_is_lost_or_counted_twice() {
    let Ok(server) = std::env::var(pano_testkit::store::POSTGRES) else {
        assert!(std::env::var("CI").is_err(), "CI must name a PostgreSQL server");
        println!("left out: {} names no server", pano_testkit::store::POSTGRES);
        return;
    };
    let schema = format!("kill_{}", std::process::id());
    let url = pano_store_sql::testing::schema_create(&server, &schema).await.unwrap();
    // The address goes into a file of mode 0600 that only this test's processes read.
    under_fire(Deployment::grown(url.expose()).await).await;
    pano_store_sql::testing::schema_drop(&server, &schema).await.unwrap();
}

async fn under_fire(mut deployment: Deployment) {
    let site = deployment.site.clone();
    let mut quiet = Transcript::quiet();
    let team = team::gather(&mut quiet, &site).await.unwrap();
    let shelf = library::fill(&mut quiet, &site, &team, None).await.unwrap();
    let partner = onboard::admit(&mut quiet, &site, &team, &shelf).await.unwrap();
    let made = calls::make(&mut quiet, &site, &partner).await.unwrap();
    let before = counts(&team, &partner.app.id).await;
    let paid_before = balance(&site, &made).await;

    let load = Load::start(&site, token(&site, &partner.app).await, made.debtor.clone(), made.creditor.clone(), 6);
    let (begun, mut kills) = (Instant::now(), 0);
    let mut registered = Vec::new();
    while begun.elapsed() < FIRE {
        // A different moment each time: after so many more requests, not after so much time.
        let mark = load.sent() + 50 + (kills * 37) % 180;
        while load.sent() < mark && begun.elapsed() < FIRE {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        // A change that was answered is told, although whoever would tell it is about to die.
        registered.extend(register(&team, kills).await);
        let count = deployment.processes.len();
        let process = &mut deployment.processes[kills as usize % count];
        process.kill();
        process.start();
        process.ready().await;
        kills += 1;
    }
    let book = load.stop().await;
    settle(&site, &team, &partner.app.id, &before, &book, kills).await;
    books(&site).await;
    told(&site, &registered).await;
    let moved = paid_before - balance(&site, &made).await;
    assert_eq!(moved, i64::try_from(book.paid.len()).unwrap(), "each payment moves one fen, once");
    println!(
        "{kills} kills: {} sent = {} answered and counted + {} visibly failed; {} payments moved once",
        book.sent,
        book.answered.len(),
        book.failed,
        book.paid.len()
    );
}

/// Registers a partner; its id, if the manager was there to answer.
async fn register(team: &Team, n: u64) -> Option<String> {
    let form = json!({
        "slug": format!("under-fire-{n}"), "name": { "zh": "伙伴", "en": "Partner" }, "contact": "api@partner.example",
        "registration": "91310000MA1FL00000", "scenario": {}
    });
    let made: Value = team.maker.post("/admin/v1/partners", &form).await.ok()?;
    made["id"].as_str().map(str::to_owned)
}

/// Every change that was answered is on the event log, every event at its place, repetitions with the same id.
async fn told(site: &Site, registered: &[String]) {
    assert!(!registered.is_empty(), "no change was made under fire");
    let begun = Instant::now();
    loop {
        let (mut events, mut last) = (BTreeMap::new(), 0);
        for line in
            std::fs::read_to_string(site.data.join("events/00000000000000000000.log")).unwrap().split_inclusive('\n')
        {
            // The last line may be on its way.
            let Ok(event) = serde_json::from_str::<CloudEvent>(line) else { continue };
            assert!(event.sequence <= last + 1, "{} overtook those before it", event.sequence);
            last = last.max(event.sequence);
            let (id, _) = events.entry(event.sequence).or_insert((event.id, event.subject.clone()));
            assert_eq!(*id, event.id, "event {} was told with two ids", event.sequence);
        }
        let subjects: HashSet<_> = events.values().filter_map(|(_, subject)| subject.clone()).collect();
        if registered.iter().all(|id| subjects.contains(id)) {
            assert_eq!(events.len() as u64, last, "from 1 on without a gap");
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "some changes were not told: {registered:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Accepted requests counted for an app.
async fn counts(team: &Team, app: &str) -> u64 {
    let usage: Value = team.maker.get(&format!("/admin/v1/usage?app={app}")).await.unwrap();
    usage.pointer("/totals/accepted").and_then(Value::as_u64).unwrap()
}

/// What the gateway wrote, what the manager counted and what the partner saw are one story.
async fn settle(site: &Site, team: &Team, app: &str, before: &u64, book: &Book, kills: u64) {
    assert!(kills >= 3, "only {kills} kills");
    assert!(book.answered.len() > 200, "only {} answers", book.answered.len());
    assert_eq!(book.sent, book.answered.len() as u64 + book.failed);
    let records = records(site);
    let mut ids = HashSet::new();
    for record in &records {
        assert!(ids.insert(record.id.as_str()), "{} is recorded twice", record.id);
    }
    for (id, status) in &book.answered {
        assert!(ids.contains(id.as_str()), "{id} was answered with {status} and not recorded");
    }
    let accepted = records.iter().filter(|r| r.accepted && r.app.is_some_and(|a| a.to_string() == app)).count() as u64;
    let begun = Instant::now();
    let counted = loop {
        let counted = counts(team, app).await;
        if counted >= accepted || begun.elapsed() > PATIENCE {
            break counted;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(counted, accepted, "the manager counted what the gateway recorded, once");
    let answered = records.iter().filter(|r| book.answered.contains_key(&r.id) && r.accepted).count() as u64;
    let unseen = accepted - before - answered;
    assert!(unseen <= book.failed, "{unseen} counted requests were neither answered nor visibly failed");
}

/// Every access record in the gateway's own log.
fn records(site: &Site) -> Vec<AccessRecord> {
    let mut files = Vec::new();
    walk(&site.data, &mut files);
    files.sort();
    let mut all = Vec::new();
    for file in files {
        for line in std::fs::read_to_string(file).unwrap().lines().filter(|line| !line.is_empty()) {
            all.push(serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")));
        }
    }
    all
}

fn walk(folder: &std::path::Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, files);
        } else if path.extension().is_some_and(|e| e == "jsonl" || e == "log")
            && path.to_string_lossy().contains("access")
        {
            files.push(path);
        }
    }
}

async fn books(site: &Site) {
    let credential = std::fs::read_to_string(site.data.join("credentials/bank.token")).unwrap();
    let bank = Client::new(&site.bank).unwrap().bearer(Secret::new(credential.trim().to_owned()));
    let books: Value = bank.get("/internal/v1/trial-balance").await.unwrap();
    assert_eq!(books["balanced"], true, "{books}");
}

async fn balance(site: &Site, made: &calls::Calls) -> i64 {
    let client = Client::new(&site.gateway).unwrap().bearer(Secret::new(made.token.clone()));
    let view: Value = client.get(&format!("/current-account/v1/accounts/{}/balances", made.debtor)).await.unwrap();
    let text = view.pointer("/balances/0/amount/amount").and_then(Value::as_str).unwrap();
    pano_types::Money::parse(text, pano_types::Currency::CNY).unwrap().minor()
}
