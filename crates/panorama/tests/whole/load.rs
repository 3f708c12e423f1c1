//! Partners that never tire: reads and payments through the gateway, and a book of what came of each.

use pano_http::Client;
use pano_http::client::Answer;
use panorama::demo::onboard::App;
use panorama::demo::{Site, Transcript, calls};
use serde_json::json;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// What came of what was sent.
#[derive(Debug, Default)]
pub(crate) struct Book {
    /// Requests sent.
    pub(crate) sent: u64,
    /// Answers that arrived whole, by `X-Request-Id`.
    pub(crate) answered: HashMap<String, u16>,
    /// Requests that visibly failed: no answer, or one cut off.
    pub(crate) failed: u64,
    /// Idempotency keys of payments that were answered with success.
    pub(crate) paid: HashSet<String>,
}

impl Book {
    fn merge(&mut self, other: Self) {
        self.sent += other.sent;
        self.failed += other.failed;
        for (id, status) in other.answered {
            assert!(self.answered.insert(id.clone(), status).is_none(), "request id {id} was given twice");
        }
        self.paid.extend(other.paid);
    }
}

/// A load that runs until it is told to stop.
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    sent: Arc<AtomicU64>,
    tasks: Vec<tokio::task::JoinHandle<Book>>,
}

impl Load {
    pub(crate) fn start(site: &Site, token: String, debtor: String, creditor: String, workers: usize) -> Self {
        let (stop, sent) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let tasks = (0..workers).map(|worker| {
            let partner = Partner {
                client: Client::new(&site.gateway).unwrap().timeout(Duration::from_secs(10)),
                gateway: site.gateway.clone(),
                token: token.clone(),
                debtor: debtor.clone(),
                creditor: creditor.clone(),
                book: Book::default(),
                sent: Arc::clone(&sent),
            };
            #[expect(clippy::disallowed_methods, reason = "the test joins every task that it starts")]
            tokio::spawn(partner.run(worker, Arc::clone(&stop)))
        });
        let tasks = tasks.collect();
        Self { stop, sent, tasks }
    }
    pub(crate) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }
    /// Stops, once every payment under way has its answer.
    pub(crate) async fn stop(self) -> Book {
        self.stop.store(true, Ordering::Relaxed);
        let mut book = Book::default();
        for task in self.tasks {
            book.merge(task.await.unwrap());
        }
        book
    }
}

struct Partner {
    client: Client,
    gateway: String,
    token: String,
    debtor: String,
    creditor: String,
    book: Book,
    sent: Arc<AtomicU64>,
}

impl Partner {
    async fn run(mut self, worker: usize, stop: Arc<AtomicBool>) -> Book {
        for n in 0.. {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            if n % 4 == 0 {
                self.pay(&format!("kill-{worker}-{n}")).await;
            } else {
                let url = format!("{}/current-account/v1/accounts/{}/balances", self.gateway, self.debtor);
                self.send(http::Method::GET, &url, None, bytes::Bytes::new()).await;
            }
        }
        self.book
    }
    /// Sends the same order with the same key until it is answered with success, as a partner must.
    async fn pay(&mut self, key: &str) {
        let url = format!("{}/payment-order/v1/internal-transfers", self.gateway);
        let order = json!({ "debtorAccountId": self.debtor, "creditorAccountId": self.creditor, "amount": { "amount": "0.01", "currency": "CNY" } });
        for _ in 0..2_000 {
            let answer = self.send(http::Method::POST, &url, Some(key), order.to_string().into()).await;
            if answer.is_some_and(|answer| answer.status == 201) {
                self.book.paid.insert(key.to_owned());
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the payment {key} was never answered with success");
    }
    async fn send(&mut self, method: http::Method, url: &str, key: Option<&str>, body: bytes::Bytes) -> Option<Answer> {
        let mut headers = http::HeaderMap::new();
        headers.insert("authorization", format!("Bearer {}", self.token).parse().unwrap());
        if let Some(key) = key {
            headers.insert("idempotency-key", key.parse().unwrap());
            headers.insert("content-type", "application/json".parse().unwrap());
        }
        self.book.sent += 1;
        self.sent.fetch_add(1, Ordering::Relaxed);
        let answer = self.client.send(method, url, headers, body).await;
        let Ok(answer) = answer else {
            self.book.failed += 1;
            // Nobody there: let the process come back before asking again.
            tokio::time::sleep(Duration::from_millis(5)).await;
            return None;
        };
        let id =
            answer.headers.get("x-request-id").expect("every answer names its request").to_str().unwrap().to_owned();
        assert!(
            self.book.answered.insert(id.clone(), answer.status.as_u16()).is_none(),
            "request id {id} was given twice"
        );
        Some(answer)
    }
}

/// A token of `app` with every scope.
pub(crate) async fn token(site: &Site, app: &App) -> String {
    calls::token(&mut Transcript::quiet(), site, app, None).await.unwrap()
}
