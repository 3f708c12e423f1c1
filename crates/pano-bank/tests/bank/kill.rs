//! A thousand customers order at random while the bank's process is killed again and again. Each repeats what was not
//! answered, with the same key, so in the end it knows what it ordered: that is there, once, and nothing else.

use crate::support::{Answer, Bank, Caller, GATEWAY, balances, domestic, transfer};
use pano_store_sql::{Location, SqlOptions, SqlStore};
use pano_types::Entropy as _;
use pano_types::clock::SeededEntropy;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::watch;
use tokio::task::JoinSet;

const INTERNAL: &str = "/payment-order/v1/internal-transfers";
const DOMESTIC: &str = "/payment-order/v1/domestic-payments";
const FOLDER: &str = "PANO_BANK_TEST_FOLDER";

const CUSTOMERS: u64 = 1_000;
const KILLS: u64 = 3;
/// Answers between two kills.
const ANSWERS: u64 = 700;

pub(crate) async fn open(folder: &Path) -> Arc<SqlStore> {
    Arc::new(SqlStore::open(SqlOptions::new(Location::Folder(folder.to_owned()))).await.unwrap())
}

/// The process that is killed: this test binary, asked for this test alone. Without the variable there is nothing to serve.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn serve_until_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let bank = Bank::start_with(open(Path::new(&folder)).await, |options| options.webhook_loopback = true).await;
    println!("SERVING {}", bank.handle.url());
    std::future::pending::<()>().await;
}

/// The child and where it serves.
pub(crate) fn spawn(folder: &Path) -> (Child, String) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill::serve_until_killed", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let url = lines.map_while(Result::ok).find_map(|line| line.split_once("SERVING ").map(|(_, url)| url.to_owned()));
    (child, url.expect("the child serves"))
}

/// What a customer orders next: where, and what.
fn draw(random: &SeededEntropy, accounts: &[String]) -> (&'static str, Value) {
    let pick = |below: usize| usize::try_from(random.u128() % below as u128).unwrap();
    let from = pick(accounts.len());
    let to = (from + 1 + pick(accounts.len() - 1)) % accounts.len();
    // Now and then more than anyone has or may pay.
    let fen = if pick(20) == 0 { 900_000_000 } else { 100 + pick(40_000) };
    let amount = format!("{}.{:02}", fen / 100, fen % 100);
    match pick(10) {
        0 | 1 => (DOMESTIC, domestic(&accounts[from], &amount, "IBPS")),
        2 | 3 => (DOMESTIC, domestic(&accounts[from], &amount, "BEPS")),
        _ => (INTERNAL, transfer(&accounts[from], &accounts[to], &amount)),
    }
}

/// Asks until there is an answer that says what became of it, of whichever process serves then; `None` when the bank is closed for good.
async fn ask(
    url: &mut watch::Receiver<Option<String>>,
    app: &str,
    key: &str,
    path: &str,
    body: &Value,
) -> Option<Answer> {
    loop {
        let now = url.borrow_and_update().clone()?;
        let caller = Caller::new(&now, GATEWAY, app);
        match caller.send(http::Method::POST, path, &[("idempotency-key", key)], Some(body)).await {
            // Too much at once for a slow machine: it says so, and repeating tells what became of it.
            Ok(answer) if answer.status == 503 => tokio::task::yield_now().await,
            Ok(answer) => return Some(answer),
            // Killed. Whether it was carried out is what repeating it will tell.
            Err(_) => url.changed().await.ok()?,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_customers_lose_nothing_when_the_bank_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let (mut child, url) = spawn(folder.path());
    let caller = Caller::new(&url, GATEWAY, "app_one");
    let accounts = crate::support::accounts(&caller).await;
    let mut before = BTreeMap::new();
    for account in &accounts {
        before.insert(account.clone(), fen(&balances(&caller, account).await.0));
    }
    let (at, url) = watch::channel(Some(url));
    let answers = Arc::new(AtomicU64::new(0));
    let enough = (KILLS + 1) * ANSWERS;
    let mut customers = JoinSet::new();
    for n in 0..CUSTOMERS {
        let (accounts, mut url, answers) = (accounts.clone(), url.clone(), Arc::clone(&answers));
        customers.spawn(async move {
            let (random, app) = (SeededEntropy::new(n), format!("app_{n}"));
            let mut paid = BTreeSet::new();
            for order in 0.. {
                let (path, body) = draw(&random, &accounts);
                let Some(answer) = ask(&mut url, &app, &format!("order-{order}"), path, &body).await else { break };
                match (answer.status, answer.code()) {
                    (201, _) => assert!(paid.insert(answer.json["paymentId"].as_str().unwrap().to_owned())),
                    (422, "bank.insufficient_funds" | "bank.limit_exceeded") => {}
                    _ => panic!("{answer:?}"),
                }
                if answers.fetch_add(1, Ordering::SeqCst) >= enough {
                    break;
                }
            }
            (app, paid)
        });
    }
    for kill in 1..=KILLS {
        while answers.load(Ordering::SeqCst) < kill * ANSWERS {
            tokio::task::yield_now().await;
        }
        // In the midst of it: hundreds of orders are on their way.
        child.kill().unwrap();
        child.wait().unwrap();
        let (next, url) = tokio::task::block_in_place(|| spawn(folder.path()));
        child = next;
        at.send(Some(url)).unwrap();
    }
    let mut ordered = BTreeMap::new();
    while let Some(done) = customers.join_next().await {
        let (app, paid) = done.unwrap();
        ordered.insert(app, paid);
    }
    child.kill().unwrap();
    child.wait().unwrap();

    let bank = Bank::start(open(folder.path()).await).await;
    // Whatever waits for the bulk system's next round is booked.
    let control = bank.caller();
    let sandbox = control.get("/sandbox-control/v1/sandbox").await;
    let time = pano_types::Instant::parse(sandbox.json["time"].as_str().unwrap()).unwrap();
    let time = json!({ "time": time.plus(std::time::Duration::from_secs(60)) });
    let moved = control.send(http::Method::PUT, "/sandbox-control/v1/sandbox/clock", &[], Some(&time)).await.unwrap();
    assert_eq!(moved.status, 200);
    let mut after = before;
    for (app, paid) in &ordered {
        let mut found = BTreeSet::new();
        for payment in payments(&Caller::new(&bank.handle.url(), GATEWAY, app)).await {
            assert_eq!(payment["status"], "ACSC", "{payment}");
            assert!(found.insert(payment["paymentId"].as_str().unwrap().to_owned()));
            let amount = fen(payment["amount"]["amount"].as_str().unwrap());
            *after.get_mut(payment["debtorAccountId"].as_str().unwrap()).unwrap() -= amount;
            if let Some(creditor) = payment["creditorAccountId"].as_str() {
                *after.get_mut(creditor).unwrap() += amount;
            }
        }
        assert_eq!(&found, paid, "{app}: what was answered and what is there");
    }
    for (account, expected) in &after {
        let (booked, available) = balances(&control, account).await;
        assert_eq!(fen(&booked), *expected, "{account}");
        assert!(fen(&available) >= 0, "{account} gave out more than it had");
    }
    let paid: usize = ordered.values().map(BTreeSet::len).sum();
    assert!(paid as u64 > enough / 3, "{paid} of {enough}");
    bank.assert_books().await;
    bank.handle.stop().await;
}

async fn payments(caller: &Caller) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = caller.get(&format!("/payment-order/v1/payments?limit=200{cursor}")).await;
        all.extend(page.json["items"].as_array().unwrap().iter().cloned());
        let Some(next) = page.json["nextCursor"].as_str() else { return all };
        cursor = format!("&cursor={next}");
    }
}

fn fen(amount: &str) -> i64 {
    amount.replace('.', "").parse().unwrap()
}
