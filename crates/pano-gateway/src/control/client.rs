//! A small HTTP client towards the manager: JSON in, JSON out, the role's own credential.

use crate::options::ManagerOptions;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use std::time::Duration;

/// Largest answer taken: a whole snapshot.
const ANSWER_BYTES_MAX: usize = 1 << 30;

/// The manager, seen from the gateway.
pub struct Manager {
    client: Client<HttpConnector, Full<Bytes>>,
    /// As configured.
    pub options: ManagerOptions,
}

/// Why there is no usable answer.
#[derive(Debug, thiserror::Error)]
pub enum ManagerError {
    /// The address is none.
    #[error("the manager's address cannot be used")]
    Address(#[from] http::Error),
    /// It cannot be reached or broke off.
    #[error("the manager cannot be reached: {0}")]
    Unreachable(String),
    /// It took too long.
    #[error("the manager did not answer in time")]
    Timeout,
    /// It refused.
    #[error("the manager answered {0}")]
    Status(StatusCode),
    /// Its answer is not what was agreed.
    #[error("the manager's answer makes no sense: {0}")]
    Answer(#[from] serde_json::Error),
}

impl Manager {
    /// For these options.
    pub fn new(options: &ManagerOptions) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(Duration::from_secs(2)));
        let client = Client::builder(TokioExecutor::new()).pool_idle_timeout(Duration::from_secs(30)).build(connector);
        Self { client, options: options.clone() }
    }

    /// Sends a request and reads the whole answer.
    ///
    /// # Errors
    /// When there is no answer in time.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        body: Bytes,
        timeout: Duration,
    ) -> Result<(StatusCode, Bytes), ManagerError> {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.options.url.trim_end_matches('/')))
            // Exposed because the manager knows us by it.
            .header(AUTHORIZATION, format!("Bearer {}", self.options.credential.expose()))
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(body))?;
        let exchange = async {
            let response = self.client.request(request).await.map_err(|e| ManagerError::Unreachable(e.to_string()))?;
            let status = response.status();
            let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await;
            Ok((status, body.map_err(|e| ManagerError::Unreachable(e.to_string()))?.to_bytes()))
        };
        tokio::time::timeout(timeout, exchange).await.map_err(|_| ManagerError::Timeout)?
    }
}
