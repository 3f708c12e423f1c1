//! The bank's process is killed while it takes payments. What was answered is there, once; the books balance.

use crate::support::{Bank, Caller, GATEWAY, accounts, transfer};
use pano_store_sql::{Location, SqlOptions, SqlStore};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use tokio::task::JoinSet;

const INTERNAL: &str = "/payment-order/v1/internal-transfers";
const FOLDER: &str = "PANO_BANK_TEST_FOLDER";

pub(crate) async fn open(folder: &Path) -> Arc<SqlStore> {
    Arc::new(SqlStore::open(SqlOptions::new(Location::Folder(folder.to_owned()))).await.unwrap())
}

/// The process that is killed: this test binary, asked for this test alone. Without the variable there is nothing to serve.
#[tokio::test]
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_survives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let (mut answered, mut asked) = (Vec::new(), 0usize);
    let mut open_accounts = Vec::new();
    for round in 0..3 {
        let (mut child, url) = spawn(folder.path());
        let caller = Caller::new(&url, GATEWAY, "app_one");
        open_accounts = accounts(&caller).await;
        let (done, mut counted) = tokio::sync::mpsc::channel(1_000);
        let mut tasks = JoinSet::new();
        for task in 0..8 {
            let (caller, from, to, done) =
                (caller.clone(), open_accounts[task % 3].clone(), open_accounts[3 + task % 2].clone(), done.clone());
            tasks.spawn(async move {
                for n in 0.. {
                    let (key, order) = (format!("{round}-{task}-{n}"), transfer(&from, &to, "0.01"));
                    let headers = [("idempotency-key", key.as_str())];
                    match caller.send(http::Method::POST, INTERNAL, &headers, Some(&order)).await {
                        Ok(answer) if answer.status == 201 => {
                            done.send((key, order, answer.json["paymentId"].clone())).await.unwrap();
                        }
                        Ok(answer) => panic!("{answer:?}"),
                        // Killed: whether this one was carried out is what repeating it will tell.
                        Err(_) => return n + 1,
                    }
                }
                0
            });
        }
        drop(done);
        // Kill in the midst of it: after some answers, while the tasks keep asking.
        for _ in 0..60 {
            answered.push(counted.recv().await.unwrap());
        }
        child.kill().unwrap();
        child.wait().unwrap();
        while let Some(more) = counted.recv().await {
            answered.push(more);
        }
        asked += tasks.join_all().await.into_iter().sum::<usize>();
    }
    let store = open(folder.path()).await;
    let bank = Bank::start(store).await;
    bank.assert_books().await;
    let caller = bank.caller();
    for (key, order, payment) in answered.iter().take(100) {
        let again = caller.post(INTERNAL, key, order).await;
        assert_eq!((again.status, &again.json["paymentId"]), (201, payment), "{key} was forgotten");
        assert_eq!(again.headers["idempotency-replayed"], "true");
    }
    let mut kept = 0;
    let mut cursor = String::new();
    loop {
        let page = caller.get(&format!("/payment-order/v1/payments?limit=200{cursor}")).await;
        kept += page.json["items"].as_array().unwrap().len();
        let Some(next) = page.json["nextCursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert!(answered.len() <= kept && kept <= asked, "{} answered, {kept} kept, {asked} asked", answered.len());
    assert!(!open_accounts.is_empty());
    bank.handle.stop().await;
}
