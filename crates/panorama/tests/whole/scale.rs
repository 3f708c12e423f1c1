//! Panorama with many APIs, as its users run it: how much memory it takes, how soon it is there, how soon a publish is.
//!
//! One code for two uses: `./dev bench --scale` measures the full size in a release build, a test goes the same way small.

use crate::process::Deployment;
use pano_http::Client;
use pano_http::client::Answer;
use panorama::demo::{Site, Team, Transcript, calls, library, onboard, team};
use panorama::remote::escape;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Documents that are brought side by side.
const AT_ONCE: usize = 4;
/// Longest wait for anything to come true.
const PATIENCE: Duration = Duration::from_secs(120);
/// Operations of a generated API, one more of which answers a plain `GET /ping`.
const OPERATIONS_EACH: usize = 40;

/// A Panorama that is being filled, with the people who may.
pub(crate) struct Scene {
    pub(crate) deployment: Deployment,
    pub(crate) site: Site,
    pub(crate) team: Team,
    generated: usize,
    apis: usize,
}

/// A description to bring.
struct Document {
    slug: String,
    text: String,
}

/// What requests met.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Sent.
    pub(crate) sent: u64,
    /// Answered with 200.
    pub(crate) good: u64,
    /// Everything else, by what it was.
    pub(crate) failed: BTreeMap<String, u64>,
    /// Time of each answer.
    pub(crate) times: Vec<Duration>,
}

impl Scene {
    /// Starts one on SQLite and publishes what the bank itself offers.
    pub(crate) async fn new() -> Self {
        let deployment = Deployment::embedded().await;
        let site = deployment.site.clone();
        let mut quiet = Transcript::quiet();
        let team = team::gather(&mut quiet, &site).await.unwrap();
        let shelf = library::fill(&mut quiet, &site, &team, None).await.unwrap();
        onboard::admit(&mut quiet, &site, &team, &shelf).await.unwrap();
        let apis = shelf.keys().filter(|slug| !slug.ends_with("-old")).count();
        Self { deployment, site, team, generated: 0, apis }
    }

    /// Number of published APIs.
    pub(crate) const fn apis(&self) -> usize {
        self.apis
    }

    /// Brings APIs up to `count`: real ones from `specs` as far as they go, then generated ones.
    pub(crate) async fn apis_up_to(&mut self, count: usize, specs: Option<&Path>) {
        let missing = count.saturating_sub(self.apis);
        let mut documents: Vec<Document> = specs.map(real).unwrap_or_default();
        documents.truncate(missing);
        documents.extend((documents.len()..missing).map(|_| self.generate()));
        let versions = self.import(documents).await;
        self.publish(&versions).await;
        // What is refused, or has nothing to publish, is made up for.
        if self.apis < count {
            let documents = (self.apis..count).map(|_| self.generate()).collect();
            let versions = self.import(documents).await;
            self.publish(&versions).await;
        }
        assert_eq!(self.apis, count);
    }

    /// Brings generated APIs until at least `count` operations are served.
    pub(crate) async fn operations_up_to(&mut self, count: usize) -> usize {
        let served = self.operations().await;
        let missing = count.saturating_sub(served).div_ceil(OPERATIONS_EACH);
        let documents = (0..missing).map(|_| self.generate()).collect();
        let versions = self.import(documents).await;
        self.publish(&versions).await;
        self.operations().await
    }

    /// Operations served, counted page by page.
    pub(crate) async fn operations(&self) -> usize {
        let (mut count, mut cursor) = (0, String::new());
        loop {
            let path = format!("/admin/v1/operations?stage=published&limit=200{cursor}");
            let page: Value = self.team.maker.get(&path).await.unwrap();
            count += page["items"].as_array().unwrap().len();
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={}", escape(next)),
                None => return count,
            }
        }
    }

    /// Versions that are approved and wait for their publish, with the path that each will answer.
    pub(crate) async fn approved(&mut self, count: usize) -> Vec<(String, String)> {
        let documents: Vec<Document> = (0..count).map(|_| self.generate()).collect();
        let paths: Vec<String> = documents.iter().map(|d| format!("/{}/v1/ping", d.slug)).collect();
        let versions = self.import(documents).await;
        assert_eq!(versions.len(), count);
        self.bulk(&self.team.maker, &versions, "submit").await;
        self.bulk(&self.team.checker, &versions, "approve").await;
        versions.into_iter().zip(paths).collect()
    }

    /// Publishes one version and waits until the gateway knows its route, which it then asks a token for.
    pub(crate) async fn publish_one(&mut self, version: &str, path: &str) -> Times {
        let gateway = Client::new(&self.site.gateway).unwrap();
        assert_eq!(status(&gateway, path).await, 404, "{path} is there before it was published");
        let begun = Instant::now();
        let form = json!({ "why": "one more" });
        let _: Value = self.team.maker.post(&format!("/admin/v1/versions/{version}/publish"), &form).await.unwrap();
        let answered = begun.elapsed();
        while status(&gateway, path).await != 401 {
            assert!(begun.elapsed() < PATIENCE, "{path} is not there");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        self.apis += 1;
        Times { answered, live: begun.elapsed() }
    }

    /// Waits until the gateway runs what the manager published last.
    pub(crate) async fn in_step(&self) {
        let begun = Instant::now();
        loop {
            let seen: Result<Value, _> = self.team.maker.get("/admin/v1/gateways").await;
            let states = seen.ok().and_then(|seen| seen["items"].as_array().cloned()).unwrap_or_default();
            if !states.is_empty() && states.iter().all(|item| item["state"] == "in_step") {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "the gateway drifts: {states:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Kills the process and starts it again: how long until gateway and manager say that they are ready, and until both
    /// run the same snapshot.
    pub(crate) async fn restart(&mut self) -> Restart {
        let begun = Instant::now();
        let process = &mut self.deployment.processes[0];
        process.kill();
        let killed = begun.elapsed();
        process.start();
        for url in [&self.site.manager, &self.site.metrics] {
            let client = Client::new(url).unwrap().timeout(Duration::from_secs(2));
            while status(&client, "/readyz").await != 200 {
                assert!(begun.elapsed() < PATIENCE, "not ready");
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        }
        let ready = begun.elapsed().saturating_sub(killed);
        self.in_step().await;
        Restart { ready, in_step: begun.elapsed().saturating_sub(killed) }
    }

    /// Resident memory of the process now, and the highest there was, MB.
    pub(crate) fn memory(&self) -> Memory {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.deployment.processes[0].pid())).unwrap();
        let megabytes = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.trim().trim_end_matches(" kB").trim().parse::<f64>().unwrap() / 1000.0 * 1.024
        };
        Memory { now: megabytes("VmRSS:"), peak: megabytes("VmHWM:") }
    }

    /// A load of `workers` partners, each with so many requests a second, on the bank's accounts and on a mock.
    pub(crate) async fn load(&mut self, workers: usize, each_per_second: u32) -> Load {
        let mut quiet = Transcript::quiet();
        let mock = self.approved(1).await.remove(0);
        self.publish_one(&mock.0, &mock.1).await;
        let view: Value = self.team.maker.get(&format!("/admin/v1/versions/{}", mock.0)).await.unwrap();
        let partners: Value = self.team.maker.get("/admin/v1/partners").await.unwrap();
        let partner = partners.pointer("/items/0/id").and_then(Value::as_str).unwrap().to_owned();
        let app = onboard::app(&mut quiet, &self.site, &self.team, &partner, "load").await.unwrap();
        let form = json!({ "slug": "unlimited", "name": { "zh": "不限", "en": "Unlimited" }, "limits": {} });
        let plan: Value = self.team.maker.post("/admin/v1/plans", &form).await.unwrap();
        let plan = plan["id"].as_str().unwrap();
        let apis: Value = self.team.maker.get("/admin/v1/apis?limit=200").await.unwrap();
        let accounts = apis["items"].as_array().unwrap().iter().find(|api| api["slug"] == "current-account").unwrap();
        for api in [view["api"].as_str().unwrap(), accounts["id"].as_str().unwrap()] {
            onboard::subscribe(&mut quiet, &self.site, &self.team, &app.id, api, plan).await.unwrap();
        }
        let token = calls::token(&mut quiet, &self.site, &app, None).await.unwrap();
        let paths = [mock.1, "/current-account/v1/accounts?limit=1".to_owned()];
        let client = Client::new(&self.site.gateway).unwrap().timeout(Duration::from_secs(10));
        let client = client.bearer(pano_types::Secret::new(token));
        for path in &paths {
            // The subscription is on its way to the gateway.
            let begun = Instant::now();
            while status(&client, path).await != 200 {
                assert!(begun.elapsed() < PATIENCE, "{path} does not answer");
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        Load::start(&client, &paths, workers, each_per_second)
    }

    fn generate(&mut self) -> Document {
        self.generated += 1;
        generated(self.generated)
    }

    /// Imports as drafts; a document that is refused or has no operations is left out.
    async fn import(&self, documents: Vec<Document>) -> Vec<String> {
        let mut versions = Vec::new();
        for batch in documents.chunks(AT_ONCE) {
            let sent = futures_util::future::join_all(batch.iter().map(|d| self.import_one(d))).await;
            versions.extend(sent.into_iter().flatten());
        }
        versions
    }

    async fn import_one(&self, document: &Document) -> Option<String> {
        let extra = "backend=mock&owner=open-banking&provider=sandbox-bank&directory=api.bank.account\
            &exit_plan=90%20days&waive_lint=as%20published&confirm_grades=true";
        let path = format!("/admin/v1/imports?slug={}&{extra}", document.slug);
        let mut headers = http::HeaderMap::new();
        let json = document.text.trim_start().starts_with('{');
        let media = if json { "application/json" } else { "application/yaml" };
        headers.insert("content-type", media.parse().unwrap());
        let body = bytes::Bytes::from(document.text.clone());
        let answer = self.team.maker.call(http::Method::POST, &path, headers, body).await.ok()?;
        let report: Value = answer.json().unwrap();
        let version = report["version_id"].as_str()?.to_owned();
        let view: Value = self.team.maker.get(&format!("/admin/v1/versions/{version}")).await.unwrap();
        if view["document"]["operations"].as_u64() == Some(0) {
            return None;
        }
        let path = format!("/admin/v1/versions/{version}/identification-code");
        let _: Value = self.team.maker.post(&path, &json!({})).await.unwrap();
        Some(version)
    }

    async fn publish(&mut self, versions: &[String]) {
        self.bulk(&self.team.maker, versions, "submit").await;
        self.bulk(&self.team.checker, versions, "approve").await;
        self.apis += self.bulk(&self.team.maker, versions, "publish").await;
        self.in_step().await;
    }

    /// Takes a move with all of them, in as many calls as the server asks for; the number that moved.
    async fn bulk(&self, who: &Client, versions: &[String], wanted: &str) -> usize {
        let (mut left, mut done) = (versions.to_vec(), 0);
        while !left.is_empty() {
            let now: Vec<String> = left.drain(..left.len().min(100)).collect();
            let form = json!({ "versions": now, "move": wanted, "form": { "why": "opening day" } });
            let outcome: Value = who.post("/admin/v1/apis:bulk", &form).await.unwrap();
            done += usize::try_from(outcome["done"].as_u64().unwrap()).unwrap();
            for item in outcome["items"].as_array().unwrap().iter().filter(|item| item["done"] == false) {
                assert_eq!(item["code"], "unavailable", "{item}");
                left.push(item["version"].as_str().unwrap().to_owned());
            }
        }
        done
    }
}

/// How long one publish took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Times {
    /// Until the admin API answered.
    pub(crate) answered: Duration,
    /// Until the gateway answered for the new route.
    pub(crate) live: Duration,
}

/// How long a start took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Restart {
    /// Until `/readyz` of manager and gateway answered 200.
    pub(crate) ready: Duration,
    /// Until the gateway ran what the manager had compiled anew.
    pub(crate) in_step: Duration,
}

/// Resident memory, MB.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Memory {
    pub(crate) now: f64,
    pub(crate) peak: f64,
}

/// Partners that call until they are told to stop.
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    tasks: Vec<tokio::task::JoinHandle<Tally>>,
    begun: Instant,
}

impl Load {
    fn start(client: &Client, paths: &[String], workers: usize, each_per_second: u32) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let tasks = (0..workers).map(|worker| {
            let (client, path, stop) = (client.clone(), paths[worker % paths.len()].clone(), Arc::clone(&stop));
            #[expect(clippy::disallowed_methods, reason = "every task is joined")]
            tokio::spawn(async move {
                let mut pace = tokio::time::interval(Duration::from_secs(1) / each_per_second);
                pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
                let mut tally = Tally::default();
                while !stop.load(Ordering::Relaxed) {
                    pace.tick().await;
                    tally.sent += 1;
                    let begun = Instant::now();
                    match send(&client, &path).await {
                        Ok(answer) if answer.status == 200 => tally.good += 1,
                        Ok(answer) => *tally.failed.entry(answer.status.to_string()).or_default() += 1,
                        Err(error) => *tally.failed.entry(error.to_string()).or_default() += 1,
                    }
                    tally.times.push(begun.elapsed());
                }
                tally
            })
        });
        Self { tasks: tasks.collect(), stop, begun: Instant::now() }
    }

    /// Stops, once every request has its answer; with the time it ran.
    pub(crate) async fn stop(self) -> (Tally, Duration) {
        self.stop.store(true, Ordering::Relaxed);
        let mut all = Tally::default();
        for task in self.tasks {
            let tally = task.await.unwrap();
            all.sent += tally.sent;
            all.good += tally.good;
            all.times.extend(tally.times);
            for (what, count) in tally.failed {
                *all.failed.entry(what).or_default() += count;
            }
        }
        all.times.sort();
        (all, self.begun.elapsed())
    }
}

async fn send(client: &Client, path: &str) -> Result<Answer, pano_http::client::ClientError> {
    client
        .send(http::Method::GET, &format!("{}{path}", client.base()), http::HeaderMap::new(), bytes::Bytes::new())
        .await
}

/// The status of a `GET`, 0 when nobody answers.
async fn status(client: &Client, path: &str) -> u16 {
    send(client, path).await.map_or(0, |answer| answer.status.as_u16())
}

/// Real descriptions, each as an API of its own: two releases of BIAN are two APIs for each service domain.
fn real(specs: &Path) -> Vec<Document> {
    let folders = [
        ("", "bian/release-14.0.0"),
        ("r13-", "bian/release-13.0.0"),
        ("uk-", "uk-openbanking-4.0"),
        ("br-", "br-openfinance"),
        ("br-old-", "br-openfinance/previous"),
        ("au-", "au-cdr-1.36.0"),
        ("eu-", "berlin-group"),
        ("adyen-", "adyen"),
    ];
    let mut documents = Vec::new();
    for (prefix, folder) in folders {
        let Ok(entries) = std::fs::read_dir(specs.join(folder)) else { continue };
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        for file in files {
            if !file.extension().is_some_and(|e| e == "yaml" || e == "yml" || e == "json") {
                continue;
            }
            let name = file.file_stem().unwrap().to_str().unwrap().to_ascii_lowercase();
            let name: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
            let text = std::fs::read_to_string(&file).unwrap();
            documents.push(Document { slug: format!("real-{prefix}{name}"), text });
        }
    }
    documents
}

/// A description such as banks write them: a control record with behaviour qualifiers, shared schemas, parameters, bodies.
fn generated(n: usize) -> Document {
    let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let text = |pattern: &str| json!({ "type": "string", "pattern": pattern, "maxLength": 70 });
    let answer = |name: &str| json!({ "description": "as asked", "content": { "application/json": { "schema": reference(name) } } });
    let mut paths = serde_json::Map::new();
    for o in 0..(OPERATIONS_EACH - 2) / 2 {
        let get = json!({
            "operationId": format!("record{o}Retrieve"), "summary": format!("Retrieve step {o} of record {n}"), "tags": ["records"],
            "parameters": [{ "name": "limit", "in": "query", "schema": { "type": "integer", "minimum": 1, "maximum": 100 } }],
            "responses": { "200": answer("Record") },
        });
        let put = json!({
            "operationId": format!("record{o}Update"), "summary": format!("Update step {o} of record {n}"), "tags": ["records"],
            "requestBody": { "required": true, "content": { "application/json": { "schema": reference("Record") } } },
            "responses": { "200": answer("Record") },
        });
        let id =
            json!([{ "name": "recordId", "in": "path", "required": true, "schema": text("^[A-Za-z0-9-]{1,40}$") }]);
        paths.insert(
            format!("/domain{n}/{{recordId}}/step{o}/view"),
            json!({ "parameters": id, "get": get, "put": put }),
        );
    }
    for (path, name) in [("/ping", "ping"), ("/version", "version")] {
        let plain = json!({ "operationId": name, "summary": "Is it there?", "tags": ["records"], "responses": { "200": answer("Pong") } });
        paths.insert(path.to_owned(), json!({ "get": plain }));
    }
    let mut schemas = json!({
        "Pong": { "type": "object", "required": ["status"], "properties": { "status": { "enum": ["here"] } } },
        "Amount": { "type": "object", "required": ["amount", "currency"], "properties": {
            "amount": text("^[0-9]{1,13}(\\.[0-9]{1,2})?$"), "currency": text("^[A-Z]{3}$") } },
        "Party": { "type": "object", "required": ["name"], "properties": {
            "name": { "type": "string", "maxLength": 140 }, "identification": text("^[A-Z0-9]{2,35}$"), "born": { "type": "string", "format": "date" } } },
        "Record": { "type": "object", "required": ["party", "amounts"], "properties": {
            "party": reference("Party"), "amounts": { "type": "array", "maxItems": 20, "items": reference("Amount") },
            "notes": { "type": "array", "items": reference("Part0") }, "at": { "type": "string", "format": "date-time" } } },
    });
    for part in 0..20 {
        let next = if part < 19 { reference(&format!("Part{}", part + 1)) } else { reference("Amount") };
        schemas[format!("Part{part}")] = json!({ "type": "object", "properties": {
            "title": { "type": "string", "maxLength": 70 }, "code": text("^[A-Z]{2}[0-9]{0,6}$"), "owner": reference("Party"), "next": next } });
    }
    let document = json!({
        "openapi": "3.1.0",
        "info": { "title": format!("Generated domain {n}"), "version": "1.0.0", "description": "Made for measuring." },
        "paths": paths, "components": { "schemas": schemas },
    });
    Document { slug: format!("generated-{n}"), text: document.to_string() }
}
