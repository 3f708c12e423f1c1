//! Following a manager: deltas, refusals, cold start, shipping.

use super::*;
use crate::control::client::Manager;
use crate::options::ManagerOptions;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::service::service_fn;
use pano_snapshot::Delta;
use pano_snapshot::protocol::{
    CONTRACTS_PATH, GatewayReport, RECORDS_PATH, REPORT_PATH, RecordBatch, RecordCursor, SNAPSHOT_PATH,
};
use std::collections::HashMap;
use std::convert::Infallible;
use std::path::Path;
use tokio::sync::Notify;

/// A manager that tests command.
#[derive(Default)]
struct State {
    snapshots: Mutex<Vec<Snapshot>>,
    /// Handed out instead, once.
    poisoned: Mutex<Option<Delta>>,
    published: Notify,
    reports: Mutex<Vec<GatewayReport>>,
    cursor: Mutex<u64>,
    counted: Mutex<HashMap<String, usize>>,
    /// Batches to fail after counting them, and before.
    lose_answers: AtomicUsize,
    refuse: AtomicUsize,
    polls: AtomicUsize,
    /// Contracts asked for; the next one is answered with another.
    fetched: AtomicUsize,
    garble: AtomicBool,
}

struct Boss {
    state: Arc<State>,
    url: String,
    _runtime: tokio::runtime::Runtime,
}

impl Boss {
    fn start() -> Self {
        let state = Arc::new(State::default());
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::clone(&state);
        let tasks = tokio_util::task::TaskTracker::new();
        let all = tasks.clone();
        tasks.spawn_on(
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    let state = Arc::clone(&shared);
                    let service = service_fn(move |request| answer(Arc::clone(&state), request));
                    all.spawn(
                        hyper::server::conn::http1::Builder::new()
                            .serve_connection(hyper_util::rt::TokioIo::new(stream), service),
                    );
                }
            },
            runtime.handle(),
        );
        Self { state, url, _runtime: runtime }
    }

    fn publish(&self, snapshot: Snapshot) {
        self.state.snapshots.lock().unwrap().push(snapshot);
        self.state.published.notify_waiters();
    }

    fn options(&self) -> ManagerOptions {
        let wait = Duration::from_secs(2);
        ManagerOptions { wait, ..ManagerOptions::new(&self.url, Secret::new("role-secret".into())) }
    }
}

fn next_delta(state: &State, held: Option<&str>) -> Option<Delta> {
    if let Some(delta) = state.poisoned.lock().unwrap().take() {
        return Some(delta);
    }
    let snapshots = state.snapshots.lock().unwrap();
    let last = snapshots.last()?;
    if held == Some(last.digest().as_str()) {
        return None;
    }
    let base = snapshots.iter().rev().find(|s| Some(s.digest().as_str()) == held);
    Some(last.delta_from(base))
}

async fn answer(
    state: Arc<State>,
    request: Request<hyper::body::Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let reply = |status: StatusCode, json: Vec<u8>| {
        let mut response = Response::new(Full::new(Bytes::from(json)));
        *response.status_mut() = status;
        Ok(response)
    };
    if request.headers().get("authorization").is_none_or(|a| a != "Bearer role-secret") {
        return reply(StatusCode::UNAUTHORIZED, Vec::new());
    }
    let path = request.uri().path().to_owned();
    let query = request.uri().query().unwrap_or_default().to_owned();
    let body = request.into_body().collect().await.unwrap().to_bytes();
    match path.as_str() {
        SNAPSHOT_PATH => {
            state.polls.fetch_add(1, Ordering::SeqCst);
            let held = query.split('&').find_map(|p| p.strip_prefix("digest=")).map(str::to_owned);
            let published = state.published.notified();
            if let Some(delta) = next_delta(&state, held.as_deref()) {
                return reply(StatusCode::OK, serde_json::to_vec(&delta).unwrap());
            }
            let _ = tokio::time::timeout(Duration::from_secs(2), published).await;
            match next_delta(&state, held.as_deref()) {
                Some(delta) => reply(StatusCode::OK, serde_json::to_vec(&delta).unwrap()),
                None => reply(StatusCode::NO_CONTENT, Vec::new()),
            }
        }
        path if path.starts_with(CONTRACTS_PATH) => {
            state.fetched.fetch_add(1, Ordering::SeqCst);
            let text = bank_contract().text();
            let asked = path.strip_prefix(CONTRACTS_PATH).unwrap().trim_start_matches('/');
            match asked == digest_of(&bank_contract()) {
                true if state.garble.swap(false, Ordering::SeqCst) => reply(StatusCode::OK, b"{}".to_vec()),
                true => reply(StatusCode::OK, text.into_bytes()),
                false => reply(StatusCode::NOT_FOUND, Vec::new()),
            }
        }
        REPORT_PATH => {
            state.reports.lock().unwrap().push(serde_json::from_slice(&body).unwrap());
            reply(StatusCode::NO_CONTENT, Vec::new())
        }
        RECORDS_PATH => {
            let batch: RecordBatch = serde_json::from_slice(&body).unwrap();
            if state.refuse.load(Ordering::SeqCst) > 0 {
                state.refuse.fetch_sub(1, Ordering::SeqCst);
                return reply(StatusCode::SERVICE_UNAVAILABLE, Vec::new());
            }
            let mut cursor = state.cursor.lock().unwrap();
            if batch.from != *cursor {
                return reply(StatusCode::CONFLICT, serde_json::to_vec(&RecordCursor { cursor: *cursor }).unwrap());
            }
            for record in batch.records {
                *state.counted.lock().unwrap().entry(record.id).or_default() += 1;
            }
            *cursor = batch.to;
            if state.lose_answers.load(Ordering::SeqCst) > 0 {
                state.lose_answers.fetch_sub(1, Ordering::SeqCst);
                return reply(StatusCode::BAD_GATEWAY, Vec::new());
            }
            reply(StatusCode::OK, serde_json::to_vec(&RecordCursor { cursor: *cursor }).unwrap())
        }
        _ => reply(StatusCode::NOT_FOUND, Vec::new()),
    }
}

fn follow(boss: &Boss, folder: &Path) -> House {
    let mut options = GatewayOptions::new("gateway-1");
    options.workers = 2;
    options.manager = Some(boss.options());
    options.snapshot_folder = Some(folder.to_owned());
    options.metrics = Some(metrics());
    House::run(options, Issuer::new("https://issuer.test"))
}

fn echo_at(slug: &str, target: &str) -> Unit {
    let mut unit = api(slug, target);
    unit.operations = vec![operation("echo", "GET", "/echo")];
    Unit::Api(unit)
}

#[test]
fn a_publish_arrives_and_a_bad_one_is_refused_and_reported() {
    let (provider, boss, folder) = (Provider::echo(), Boss::start(), tempfile::tempdir().unwrap());
    let house = follow(&boss, folder.path());
    let metrics = house.gateway.metrics().unwrap();
    assert_eq!(get(metrics, "/readyz", "").status, 503);
    boss.publish(Snapshot::new(1, [echo_at("a", &provider.url())]));
    wait_until(|| house.gateway.revision() == Some(1));
    assert_eq!(get(metrics, "/readyz", "").status, 200);
    assert_eq!(get(house.address, "/a/echo", "").status, 200);
    // One that does not lead where it says.
    let mut delta = Snapshot::new(2, [echo_at("b", &provider.url())]).delta_from(None);
    delta.digest = "0".repeat(64);
    *boss.state.poisoned.lock().unwrap() = Some(delta);
    boss.state.published.notify_waiters();
    wait_until(|| boss.state.reports.lock().unwrap().iter().any(|r| r.last_error.is_some()));
    // One that cannot be served: two templates for the same paths.
    let mut bad = api("c", &provider.url());
    bad.operations = vec![operation("x", "GET", "/{a}"), operation("y", "GET", "/{b}")];
    boss.publish(Snapshot::new(3, [echo_at("a", &provider.url()), Unit::Api(bad)]));
    let conflict = |r: &GatewayReport| r.last_error.as_ref().is_some_and(|e| e.contains("answers the same paths"));
    wait_until(|| boss.state.reports.lock().unwrap().iter().any(conflict));
    assert_eq!((house.gateway.revision(), get(house.address, "/a/echo", "").status), (Some(1), 200));
    boss.publish(Snapshot::new(4, [echo_at("b", &provider.url())]));
    wait_until(|| house.gateway.revision() == Some(4));
    assert_eq!((get(house.address, "/a/echo", "").status, get(house.address, "/b/echo", "").status), (404, 200));
    let digest = boss.state.snapshots.lock().unwrap().last().unwrap().digest();
    wait_until(|| boss.state.reports.lock().unwrap().last().is_some_and(|r| r.digest.as_ref() == Some(&digest)));
    let text = measured(metrics);
    assert!(text.contains("panorama_gateway_snapshot_revision 4"), "{text}");
}

#[test]
fn a_gateway_starts_from_disk_when_the_manager_is_away() {
    let (provider, folder) = (Provider::echo(), tempfile::tempdir().unwrap());
    let unit = bank(&provider.url());
    {
        let boss = Boss::start();
        let house = follow(&boss, folder.path());
        let caller = app("good", &[&unit]);
        boss.publish(Snapshot::new(7, [Unit::Api(unit), Unit::App(caller), Unit::Issuer(house.issuer.unit())]));
        wait_until(|| house.gateway.revision() == Some(7));
    }
    let mut options = GatewayOptions::new("gateway-1");
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    options.manager = Some(ManagerOptions::new(format!("http://{nobody}"), Secret::new("x".into())));
    options.snapshot_folder = Some(folder.path().to_owned());
    let house = House::run(options, Issuer::new("https://issuer.test"));
    assert_eq!(house.gateway.revision(), Some(7));
    assert_eq!(get(house.address, "/bank/echo", "").status, 200);
    assert_eq!(get(house.address, "/bank/accounts/1", "").status, 401);
}

#[test]
fn a_contract_travels_once_and_a_damaged_one_is_mended() {
    let (provider, boss, folder) = (Provider::echo(), Boss::start(), tempfile::tempdir().unwrap());
    let bank = bank(&provider.url());
    let pay = |house: &House, body: &str| {
        let headers = format!("{}content-type: application/json\r\n", house.bearer("good", "payments:write"));
        post(house.address, "/bank/payments", &headers, body).status
    };
    let publish = |revision, bank: &ApiUnit, house: &House| {
        let units = [Unit::Api(bank.clone()), Unit::App(app("good", &[bank])), Unit::Issuer(house.issuer.unit())];
        boss.publish(Snapshot::new(revision, units));
        wait_until(|| house.gateway.revision() == Some(revision));
    };
    let house = follow(&boss, folder.path());
    // What comes under a digest and is something else is refused; the next try brings the right one.
    boss.state.garble.store(true, Ordering::SeqCst);
    publish(1, &bank, &house);
    assert!(boss.state.reports.lock().unwrap().iter().any(|r| r.last_error.is_some()));
    assert_eq!(boss.state.fetched.load(Ordering::SeqCst), 2);
    assert_eq!((pay(&house, "{\"amount\":\"1\"}"), pay(&house, "{}")), (200, 400));
    // Other routes of the same document: the contract is there.
    let mut slower = bank.clone();
    slower.upstream.deadline_ms = 1_000;
    publish(2, &slower, &house);
    assert_eq!(boss.state.fetched.load(Ordering::SeqCst), 2);
    assert_eq!(pay(&house, "{}"), 400);
    drop(house);
    let file = folder.path().join("contracts").join(format!("{}.json", digest_of(&bank_contract())));
    std::fs::write(&file, b"{}").unwrap();
    let house = follow(&boss, folder.path());
    wait_until(|| boss.state.fetched.load(Ordering::SeqCst) == 3);
    publish(3, &bank, &house);
    assert_eq!(pay(&house, "{}"), 400);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), bank_contract().text());
}

#[test]
fn every_record_is_counted_once_whatever_goes_wrong_between() {
    let (provider, boss, folder) = (Provider::echo(), Boss::start(), tempfile::tempdir().unwrap());
    boss.publish(Snapshot::new(1, [echo_at("a", &provider.url())]));
    let house = follow(&boss, folder.path());
    wait_until(|| house.gateway.revision() == Some(1));
    boss.state.lose_answers.store(3, Ordering::SeqCst);
    boss.state.refuse.store(2, Ordering::SeqCst);
    for _ in 0..200 {
        assert_eq!(get(house.address, "/a/echo", "").status, 200);
    }
    wait_until(|| *boss.state.cursor.lock().unwrap() == house.log.end());
    let ids: Vec<String> = house.records().into_iter().map(|r| r.id).collect();
    let counted = boss.state.counted.lock().unwrap();
    assert_eq!(counted.len(), 200);
    assert!(ids.iter().all(|id| counted.get(id) == Some(&1)));
}

#[test]
fn publishes_under_load_fail_no_request_and_are_live_at_once() {
    let (provider, boss, folder) = (Provider::echo(), Boss::start(), tempfile::tempdir().unwrap());
    // 10,000 operations over 200 APIs; `a` gets another base path with every publish.
    let mut units: Vec<Unit> = (0..200)
        .map(|n| {
            let mut unit = api(&format!("api{n}"), &provider.url());
            unit.operations =
                (0..50).map(|o| operation(&format!("op{o}"), "GET", &format!("/r{o}/{{id}}/x"))).collect();
            Unit::Api(unit)
        })
        .collect();
    units.push(echo_at("stable", &provider.url()));
    let versions: Vec<Snapshot> = (0..=20)
        .map(|n| Snapshot::new(n + 1, units.iter().cloned().chain([echo_at(&format!("v{n}"), &provider.url())])))
        .collect();
    boss.publish(versions[0].clone());
    let house = follow(&boss, folder.path());
    wait_until(|| house.gateway.revision() == Some(1));
    let stop = AtomicBool::new(false);
    let (slowest, answered) = std::thread::scope(|scope| {
        let load = || {
            let mut stream = dial(house.address);
            let mut answered = 0;
            while !stop.load(Ordering::SeqCst) {
                for path in ["/stable/echo", "/api7/r3/1/x"] {
                    let request = format!("GET {path} HTTP/1.1\r\nhost: a\r\n\r\n");
                    stream.get_mut().write_all(request.as_bytes()).unwrap();
                    assert_eq!(read_reply(&mut stream).unwrap().status, 200);
                    answered += 1;
                }
            }
            answered
        };
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(load)).collect();
        let mut slowest = Duration::ZERO;
        for (n, version) in versions.iter().enumerate().skip(1) {
            let at = std::time::Instant::now();
            boss.publish(version.clone());
            wait_until(|| get(house.address, &format!("/v{n}/echo"), "").status == 200);
            slowest = slowest.max(at.elapsed());
        }
        stop.store(true, Ordering::SeqCst);
        (slowest, threads.into_iter().map(|t| t.join().unwrap()).sum::<usize>())
    });
    assert!(answered > 100, "{answered}");
    println!("slowest publish {slowest:?}, {answered} requests meanwhile");
    // A second is the promise; a debug build on a busy machine is given more.
    assert!(slowest < Duration::from_secs(if cfg!(debug_assertions) { 10 } else { 1 }), "{slowest:?}");
}

#[tokio::test]
async fn an_unknown_manager_is_an_error() {
    let manager = Manager::new(&ManagerOptions::new("http://127.0.0.1:1", Secret::new("x".into())));
    let outcome = manager.send(http::Method::GET, "/", Bytes::new(), Duration::from_secs(5)).await;
    assert!(outcome.is_err());
}
