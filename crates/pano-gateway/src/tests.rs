//! Through the front door: a real listening gateway, real sockets on both sides.

mod forwarding;
mod http1;
mod manager;
mod refusals;
mod secured;
mod streaming;
mod upstream_tls;

use crate::gateway::{Deps, Gateway, Handle};
use crate::options::{GatewayOptions, Listener, MetricsOptions};
use crate::testing::{Issuer, api, entropy, operation};
use pano_bus::file::Options as LogOptions;
use pano_bus::{FileLog, Log};
use pano_snapshot::unit::{Access, ApiUnit, AppUnit, Rate, SubscriptionUnit};
use pano_snapshot::{AccessRecord, ApiContract, Snapshot, Unit};
use pano_types::clock::{OsEntropy, SystemClock};
use pano_types::id::{AppId, PartnerId, SubscriptionId};
use pano_types::{Clock, Instant, Secret};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub(super) const START: Instant = Instant::from_unix_seconds(1_770_000_000);

/// An answer as it came over the wire.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) body: Vec<u8>,
}

impl Reply {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        lines.find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v)
    }
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&self.body)))
    }
    pub(super) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// Reads one answer. A body without a length goes on until the connection closes.
pub(super) fn read_reply(stream: &mut BufReader<TcpStream>) -> Option<Reply> {
    let mut head = String::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line == "\r\n" {
            break;
        }
        head.push_str(line.trim_end());
        head.push('\n');
    }
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let mut reply = Reply { status, head, body: Vec::new() };
    if let Some(size) = reply.header("content-length") {
        reply.body = vec![0; size.parse().ok()?];
        stream.read_exact(&mut reply.body).ok()?;
    } else if reply.header("transfer-encoding").is_some() {
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).ok()?;
            let size = usize::from_str_radix(line.trim_end(), 16).ok()?;
            let mut piece = vec![0; size + 2];
            stream.read_exact(&mut piece).ok()?;
            if size == 0 {
                break;
            }
            reply.body.extend_from_slice(&piece[..size]);
        }
    }
    Some(reply)
}

pub(super) fn dial(address: SocketAddr) -> BufReader<TcpStream> {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    BufReader::new(stream)
}

/// Sends `bytes` on a connection of their own; the answer, if there is one.
pub(super) fn send(address: SocketAddr, bytes: &[u8]) -> Option<Reply> {
    let mut stream = dial(address);
    stream.get_mut().write_all(bytes).unwrap();
    read_reply(&mut stream)
}

pub(super) fn get(address: SocketAddr, path: &str, headers: &str) -> Reply {
    send(address, format!("GET {path} HTTP/1.1\r\nhost: gateway.test\r\n{headers}\r\n").as_bytes()).unwrap()
}

/// An address for metrics, and the credential that [`measured`] shows.
pub(super) fn metrics() -> MetricsOptions {
    MetricsOptions { address: "127.0.0.1:0".parse().unwrap(), credential: Secret::new("monitor".to_owned()) }
}

/// The text at `/metrics`.
pub(super) fn measured(address: SocketAddr) -> String {
    String::from_utf8(get(address, "/metrics", "authorization: Bearer monitor\r\n").body).unwrap()
}

pub(super) fn post(address: SocketAddr, path: &str, headers: &str, body: &str) -> Reply {
    let length = body.len();
    let head = format!("POST {path} HTTP/1.1\r\nhost: gateway.test\r\ncontent-length: {length}\r\n{headers}\r\n{body}");
    send(address, head.as_bytes()).unwrap()
}

/// An upstream: answers each request by a function of its head and body. `None` closes the connection.
pub(super) struct Provider {
    pub(super) address: SocketAddr,
    pub(super) connections: Arc<AtomicUsize>,
    pub(super) heads: Arc<Mutex<Vec<String>>>,
}

impl Provider {
    pub(super) fn start(answer: impl Fn(&str, &[u8]) -> Option<Vec<u8>> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (connections, heads) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
        let (counted, kept, answer) = (Arc::clone(&connections), Arc::clone(&heads), Arc::new(answer));
        // Ends with the test's process; each connection ends when the gateway closes it.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                counted.fetch_add(1, Ordering::SeqCst);
                let (answer, kept) = (Arc::clone(&answer), Arc::clone(&kept));
                std::thread::spawn(move || {
                    let mut stream = BufReader::new(stream);
                    while let Some((head, body)) = read_request(&mut stream) {
                        kept.lock().unwrap().push(head.clone());
                        let Some(bytes) = answer(&head, &body) else { return };
                        if stream.get_mut().write_all(&bytes).is_err() {
                            return;
                        }
                    }
                });
            }
        });
        Self { address, connections, heads }
    }

    /// Answers 200 with the head it got, as text.
    pub(super) fn echo() -> Self {
        Self::start(|head, body| {
            let text = format!("{head}\n{}", String::from_utf8_lossy(body));
            Some(format!("HTTP/1.1 200 OK\r\nserver: nosy\r\nx-powered-by: nosy\r\ncontent-type: text/plain\r\ncontent-length: {}\r\n\r\n{text}", text.len()).into_bytes())
        })
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

fn read_request(stream: &mut BufReader<impl Read>) -> Option<(String, Vec<u8>)> {
    let mut head = String::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line == "\r\n" {
            break;
        }
        head.push_str(line.trim_end());
        head.push('\n');
    }
    let find = |name: &str| head.lines().find_map(|l| l.strip_prefix(name)).map(str::to_owned);
    let mut body = Vec::new();
    if let Some(size) = find("content-length: ") {
        body = vec![0; size.parse().ok()?];
        stream.read_exact(&mut body).ok()?;
    } else if find("transfer-encoding: ").is_some() {
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).ok()?;
            let size = usize::from_str_radix(line.trim_end(), 16).ok()?;
            let mut piece = vec![0; size + 2];
            stream.read_exact(&mut piece).ok()?;
            if size == 0 {
                break;
            }
            body.extend_from_slice(&piece[..size]);
        }
    }
    Some((head, body))
}

/// A gateway with its log, and what it serves.
pub(super) struct House {
    pub(super) gateway: Handle,
    pub(super) address: SocketAddr,
    pub(super) log: Arc<FileLog>,
    pub(super) issuer: Issuer,
    _folder: tempfile::TempDir,
}

pub(super) fn app_id(name: &str) -> AppId {
    AppId::new(START, &entropy(name))
}

pub(super) fn app(name: &str, apis: &[&ApiUnit]) -> AppUnit {
    let subscription = |api: &&ApiUnit| SubscriptionUnit {
        id: SubscriptionId::new(START, &entropy(&format!("{name}-{}", api.slug))),
        api: api.api,
        rate: None,
        quota_per_day: None,
    };
    AppUnit {
        id: app_id(name),
        partner: PartnerId::new(START, &entropy(&format!("partner of {name}"))),
        rate: None,
        partner_rate: None,
        subscriptions: apis.iter().map(subscription).collect(),
        certificates: Vec::new(),
    }
}

/// `/bank` with a public echo, an account behind `accounts:read`, and a payment with a contract.
pub(super) fn bank(target: &str) -> ApiUnit {
    let mut bank = api("bank", target);
    let secured = |name: &str, method: &str, path: &str, scope: &str| {
        let mut operation = operation(name, method, path);
        operation.access = Access::App { scopes: vec![scope.into()] };
        operation
    };
    let mut pay = secured("pay", "POST", "/payments", "payments:write");
    pay.max_body_bytes = 1000;
    pay.contract = Some(0);
    bank.contract = Some(digest_of(&bank_contract()));
    bank.operations = vec![
        operation("echo", "GET", "/echo"),
        operation("echo-all", "GET", "/echo/{+rest}"),
        operation("put", "PUT", "/echo"),
        operation("send", "POST", "/echo"),
        secured("account", "GET", "/accounts/{id}", "accounts:read"),
        pay,
    ];
    bank
}

/// What a payment of [`bank`] must look like, and at 1 what an account's id.
pub(super) fn bank_contract() -> ApiContract {
    let amount = serde_json::json!({ "type": "object", "required": ["amount"], "properties": { "amount": { "type": "string" } } });
    let id = serde_json::json!({ "type": "string", "maxLength": 8 });
    crate::testing::contract(&[(&[], Some(amount)), (&[("id", "path", true, "simple", false, id)], None)])
}

pub(super) fn digest_of(contract: &ApiContract) -> String {
    pano_snapshot::contract::digest(contract.text().as_bytes())
}

impl House {
    pub(super) fn start(units: impl IntoIterator<Item = Unit>) -> Self {
        Self::with(units, |_| {})
    }

    pub(super) fn with(units: impl IntoIterator<Item = Unit>, change: impl FnOnce(&mut GatewayOptions)) -> Self {
        let issuer = Issuer::new("https://issuer.test");
        let mut units: Vec<Unit> = units.into_iter().collect();
        units.push(Unit::Issuer(issuer.unit()));
        let mut options = GatewayOptions::new("test");
        options.workers = 2;
        options.snapshot = Some(Snapshot::new(1, units));
        options.contracts = vec![bank_contract()];
        change(&mut options);
        Self::run(options, issuer)
    }

    pub(super) fn run(mut options: GatewayOptions, issuer: Issuer) -> Self {
        let folder = tempfile::tempdir().unwrap();
        if options.listeners.is_empty() {
            options.listeners.push(Listener { address: "127.0.0.1:0".parse().unwrap(), tls: None });
        }
        let log = Arc::new(FileLog::open(LogOptions::new(folder.path())).unwrap());
        let deps = Deps {
            clock: Arc::new(SystemClock),
            entropy: Arc::new(OsEntropy),
            log: Some(Arc::clone(&log) as Arc<dyn Log>),
        };
        let gateway = Gateway::start(options, deps).unwrap();
        let address = gateway.addresses()[0];
        Self { gateway, address, log, issuer, _folder: folder }
    }

    /// `Authorization` header of `app` with these scopes.
    pub(super) fn bearer(&self, app: &str, scope: &str) -> String {
        let token = self.issuer.token(&app_id(app).to_string(), scope, SystemClock.now());
        format!("authorization: Bearer {token}\r\n")
    }

    pub(super) fn records(&self) -> Vec<AccessRecord> {
        let chunk = self.log.read(0, 10 << 20).unwrap();
        chunk
            .lines
            .split(|b| *b == b'\n')
            .filter(|l| !l.is_empty())
            .map(|l| serde_json::from_slice(l).unwrap())
            .collect()
    }

    /// Waits until the log holds `count` records.
    pub(super) fn records_when(&self, count: usize) -> Vec<AccessRecord> {
        wait_until(|| self.records().len() >= count);
        self.records()
    }
}

pub(super) fn wait_until(condition: impl Fn() -> bool) {
    let end = std::time::Instant::now() + Duration::from_secs(30);
    while !condition() {
        assert!(std::time::Instant::now() < end, "the condition did not come true");
        std::thread::yield_now();
    }
}

pub(super) const fn rate(requests: u32, per_seconds: u32, burst: u32) -> Option<Rate> {
    Some(Rate { requests, per_seconds, burst })
}
