//! What the sandbox bank carries: internal transfers through its HTTP door, each answered when it is durable.
//!
//! A program, not a criterion bench: what counts is a rate and the tail of the waiting times. Clients and bank share the
//! machine, so the figures are low rather than high. `PANORAMA_TEST_POSTGRES` names the PostgreSQL to run on; without it
//! that part is left out.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a bench that cannot go on says so by panicking, and talks to its caller"
)]

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use pano_bank::{BankDeps, BankOptions};
use pano_http::Client;
use pano_store_sql::{Location, SqlOptions, SqlStore, testing};
use pano_types::clock::{OsEntropy, SystemClock};
use pano_types::id::PartnerId;
use pano_types::{Clock as _, Entropy as _, Secret};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

const CREDENTIAL: &str = "gateway-credential-of-the-bench";
/// Clients, and sandboxes that they share.
const SIZES: [(usize, usize); 4] = [(1, 1), (64, 1), (256, 1), (64, 64)];
const RUN: Duration = Duration::from_secs(5);

fn main() {
    // `cargo bench -- FILTER`: run when nothing else is meant.
    let filter: Vec<_> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    if !filter.is_empty() && !filter.iter().any(|filter| "payments".contains(filter.as_str())) {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(run());
}

async fn run() {
    println!("\n| sandbox bank | clients | sandboxes | payments/s | p50 ms | p99 ms | CPU µs a payment |");
    println!("|---|---:|---:|---:|---:|---:|---:|");
    for (name, survive_power_loss) in [("SQLite", false), ("SQLite, an fsync a write", true)] {
        for (clients, sandboxes) in SIZES {
            let folder = tempfile::tempdir().unwrap();
            let mut options = SqlOptions::new(Location::Folder(folder.path().to_owned()));
            options.survive_power_loss = survive_power_loss;
            measure(name, Arc::new(SqlStore::open(options).await.unwrap()), clients, sandboxes).await;
        }
    }
    let Ok(url) = std::env::var("PANORAMA_TEST_POSTGRES") else {
        println!("| PostgreSQL | left out: PANORAMA_TEST_POSTGRES names none |");
        return;
    };
    for (clients, sandboxes) in SIZES {
        let name = format!("bench_{:032x}", OsEntropy.u128());
        let schema = testing::schema_create(&url, &name).await.unwrap();
        let store = Arc::new(SqlStore::open(SqlOptions::new(Location::Postgres(schema))).await.unwrap());
        measure("PostgreSQL", Arc::clone(&store), clients, sandboxes).await;
        store.close().await;
        testing::schema_drop(&url, &name).await.unwrap();
    }
}

async fn measure(name: &str, store: Arc<SqlStore>, clients: usize, sandboxes: usize) {
    let options = BankOptions {
        listen: "127.0.0.1:0".parse().unwrap(),
        gateway_credentials: vec![Secret::new(CREDENTIAL.to_owned())],
        sandboxes_in_memory: 128,
        ..BankOptions::default()
    };
    let deps = BankDeps { store, clock: Arc::new(SystemClock), entropy: Arc::new(OsEntropy) };
    let bank = pano_bank::start(options, deps).await.unwrap();
    let partners: Vec<_> = (0..sandboxes).map(|_| PartnerId::new(SystemClock.now(), &OsEntropy)).collect();
    let mut callers = Vec::new();
    for n in 0..clients {
        let client = Client::new(&bank.url()).unwrap().bearer(Secret::new(CREDENTIAL.to_owned()));
        let value = |text: String| HeaderValue::from_str(&text).unwrap();
        let client = client.header(HeaderName::from_static("x-client-id"), value(format!("app_{n}")));
        let partner = partners[n % sandboxes].to_string();
        callers.push(client.header(HeaderName::from_static("x-partner-id"), value(partner)));
    }
    // Sandboxes are made before the clock runs. The two richest accounts have the widest limits.
    let mut pairs = Vec::new();
    for caller in &callers {
        let listed: Value = caller.get("/current-account/v1/accounts?currency=CNY").await.unwrap();
        let mut accounts = listed["items"].as_array().unwrap().clone();
        accounts.retain(|account| account["limits"]["perDay"]["amount"] == "20000000.00");
        pairs.push((accounts[0]["accountId"].clone(), accounts[1]["accountId"].clone()));
    }
    let (begun, cpu) = (Instant::now(), cpu_seconds());
    let mut tasks = JoinSet::new();
    for (n, (caller, (one, two))) in callers.into_iter().zip(pairs).enumerate() {
        let url = format!("{}/payment-order/v1/internal-transfers", bank.url());
        tasks.spawn(async move {
            let mut waits = Vec::new();
            for order in 0.. {
                if begun.elapsed() >= RUN {
                    break;
                }
                // There and back, so that nobody runs out of money.
                let (from, to) = if order % 2 == 0 { (&one, &two) } else { (&two, &one) };
                let amount = json!({ "amount": "0.01", "currency": "CNY" });
                let body = json!({ "debtorAccountId": from, "creditorAccountId": to, "amount": amount }).to_string();
                let mut headers = HeaderMap::new();
                headers.insert("content-type", HeaderValue::from_static("application/json"));
                headers.insert("idempotency-key", HeaderValue::from_str(&format!("{n}-{order}")).unwrap());
                let asked = Instant::now();
                let answer = caller.send(Method::POST, &url, headers, body.into()).await.unwrap();
                assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(&answer.body));
                waits.push(asked.elapsed());
            }
            waits
        });
    }
    let mut waits: Vec<Duration> = tasks.join_all().await.into_iter().flatten().collect();
    let (took, cpu) = (begun.elapsed().as_secs_f64(), cpu_seconds() - cpu);
    waits.sort_unstable();
    let at = |share: f64| waits[((waits.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    let count = waits.len() as f64;
    println!(
        "| {name} | {clients} | {sandboxes} | {:.0} | {:.2} | {:.2} | {:.0} |",
        count / took,
        at(0.5),
        at(0.99),
        cpu * 1e6 / count
    );
    bank.stop().await;
}

/// User and system time of this process, clients included; PostgreSQL's own is not in it.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // proc(5): after the command's closing parenthesis, utime and stime are the 12th and 13th fields, in ticks of 10 ms.
    let fields: Vec<f64> =
        stat.rsplit(')').next().unwrap_or_default().split_whitespace().map(|f| f.parse().unwrap_or(0.0)).collect();
    fields.get(11..13).map_or(0.0, |ticks| ticks.iter().sum::<f64>() / 100.0)
}
