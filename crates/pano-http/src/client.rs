//! A small JSON client for calls between roles and from the command line.

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use pano_types::{Lang, Secret};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

use crate::connect::{self, Connector};
use crate::failure::ProblemBody;

/// Largest answer read, bytes.
const ANSWER_MAX: usize = 256 * 1024 * 1024;

/// Why a call did not bring what was asked for.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The address is not one, or not `http`; `https` needs [`Client::trusting`].
    #[error("{0:?} is not an http address")]
    Address(String),
    /// The certificates of the authorities to trust cannot be read.
    #[error("the certificates to trust cannot be read")]
    Authorities(#[source] std::io::Error),
    /// Nobody there, or the connection broke off.
    #[error("{url} cannot be reached")]
    Unreachable {
        /// What was called.
        url: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// No whole answer in time.
    #[error("{url} did not answer in time")]
    Timeout {
        /// What was called.
        url: String,
    },
    /// The other side answered with a problem.
    #[error("{} ({})", .0.title, .0.code)]
    Problem(Box<ProblemBody>),
    /// The other side answered with a failure that is no problem of ours.
    #[error("{url} answered {status}")]
    Status {
        /// What was called.
        url: String,
        /// With what.
        status: StatusCode,
        /// The body's beginning.
        body: String,
    },
    /// The answer is not what was expected.
    #[error("the answer of {url} cannot be read")]
    Answer {
        /// What was called.
        url: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl ClientError {
    /// The stable problem code, when the other side answered with a problem.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Problem(problem) => Some(&problem.code),
            _ => None,
        }
    }
    /// The status, when the other side answered.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Problem(problem) => Some(problem.status),
            Self::Status { status, .. } => Some(status.as_u16()),
            _ => None,
        }
    }
}

/// An answer as it came.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
}

impl Answer {
    /// The generation in `ETag`, for the `If-Match` of a later change.
    pub fn etag(&self) -> Option<&str> {
        self.headers.get(http::header::ETAG)?.to_str().ok()
    }
    /// The body as JSON.
    ///
    /// # Errors
    /// When it is none, or of another shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.body)
    }
}

/// Calls one base address with one credential. Cheap to clone; clones share their connections.
#[derive(Debug, Clone)]
pub struct Client {
    base: String,
    pool: Pool<Connector, Full<Bytes>>,
    bearer: Option<Secret>,
    lang: Lang,
    timeout: Duration,
    headers: HeaderMap,
}

impl Client {
    /// Calls `base` (`http://host:port`, maybe with a path) without a credential; 30 s for a call.
    ///
    /// # Errors
    /// [`ClientError::Address`].
    pub fn new(base: &str) -> Result<Self, ClientError> {
        Self::connecting(base, None)
    }
    /// Calls `base`, `https` included, trusting servers that these authorities (certificates in PEM) vouch for.
    ///
    /// # Errors
    /// [`ClientError::Address`], [`ClientError::Authorities`].
    pub fn trusting(base: &str, authorities: &[u8]) -> Result<Self, ClientError> {
        Self::connecting(base, Some(connect::trusting(authorities).map_err(ClientError::Authorities)?))
    }

    fn connecting(base: &str, tls: Option<tokio_rustls::TlsConnector>) -> Result<Self, ClientError> {
        let base = base.trim_end_matches('/').to_owned();
        let address: Uri = base.parse().map_err(|_| ClientError::Address(base.clone()))?;
        let known = match address.scheme_str() {
            Some("http") => true,
            Some("https") => tls.is_some(),
            _ => false,
        };
        if !known || address.host().is_none() {
            return Err(ClientError::Address(base));
        }
        let mut tcp = HttpConnector::new();
        tcp.set_connect_timeout(Some(Duration::from_secs(5)));
        tcp.set_nodelay(true);
        tcp.enforce_http(false);
        let pool = Pool::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(20))
            .build(Connector::new(tcp, tls));
        let (bearer, lang, timeout, headers) = (None, Lang::En, Duration::from_secs(30), HeaderMap::new());
        Ok(Self { base, pool, bearer, lang, timeout, headers })
    }
    /// With this bearer token.
    pub fn bearer(mut self, token: Secret) -> Self {
        self.bearer = Some(token);
        self
    }
    /// Asking for problems in this language.
    pub const fn lang(mut self, lang: Lang) -> Self {
        self.lang = lang;
        self
    }
    /// With this time for a whole call.
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }
    /// With a header on every call, in place of one of the same name.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }
    /// The base address.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// `GET path`.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        self.json(Method::GET, path, None::<&()>).await
    }
    /// `POST path` with a JSON body.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, ClientError> {
        self.json(Method::POST, path, Some(body)).await
    }
    /// `method path` with a JSON body, its answer read as JSON. An empty answer reads as `null`.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub async fn json<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<T, ClientError> {
        let url = format!("{}{path}", self.base);
        let unreadable = |source| ClientError::Answer { url: url.clone(), source: Box::new(source) };
        let bytes = body.map(serde_json::to_vec).transpose().map_err(unreadable)?;
        let mut headers = HeaderMap::new();
        if bytes.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let answer = self.call(method, path, headers, bytes.unwrap_or_default().into()).await?;
        let text: &[u8] = if answer.body.is_empty() { b"null" } else { &answer.body };
        serde_json::from_slice(text).map_err(unreadable)
    }
    /// Any call. Answers below 400 are returned as they came.
    ///
    /// # Errors
    /// [`ClientError`]: unreachable, too late, or answered with 400 and more.
    pub async fn call(
        &self,
        method: Method,
        path: &str,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Answer, ClientError> {
        let url = format!("{}{path}", self.base);
        let answer = self.send(method, &url, headers, body).await?;
        if answer.status.as_u16() < 400 {
            return Ok(answer);
        }
        match serde_json::from_slice::<ProblemBody>(&answer.body) {
            Ok(problem) => Err(ClientError::Problem(Box::new(problem))),
            Err(_) => {
                let body = String::from_utf8_lossy(&answer.body).chars().take(500).collect();
                Err(ClientError::Status { url, status: answer.status, body })
            }
        }
    }
    /// Any call, every answer returned as it came.
    ///
    /// # Errors
    /// [`ClientError`]: not an address, unreachable, too late, cut off.
    pub async fn send(
        &self,
        method: Method,
        url: &str,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Answer, ClientError> {
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.uri_mut() = url.parse().map_err(|_| ClientError::Address(url.to_owned()))?;
        *request.headers_mut() = self.headers_for(headers);
        tokio::time::timeout(self.timeout, self.exchange(url, request))
            .await
            .map_err(|_| ClientError::Timeout { url: url.to_owned() })?
    }

    fn headers_for(&self, headers: HeaderMap) -> HeaderMap {
        let mut all = self.headers.clone();
        all.insert(ACCEPT, HeaderValue::from_static("application/json, application/problem+json;q=0.9, */*;q=0.1"));
        let lang = if self.lang == Lang::Zh { "zh" } else { "en" };
        all.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(lang));
        // The one place where the credential leaves its mask: the wire needs it.
        let bearer = self.bearer.as_ref().and_then(|b| HeaderValue::try_from(format!("Bearer {}", b.expose())).ok());
        if let Some(mut value) = bearer {
            value.set_sensitive(true);
            all.insert(AUTHORIZATION, value);
        }
        all.extend(headers);
        all
    }

    async fn exchange(&self, url: &str, request: Request<Full<Bytes>>) -> Result<Answer, ClientError> {
        let response = self
            .pool
            .request(request)
            .await
            .map_err(|source| ClientError::Unreachable { url: url.to_owned(), source: Box::new(source) })?;
        let (parts, body) = response.into_parts();
        let body = Limited::new(body, ANSWER_MAX)
            .collect()
            .await
            .map_err(|source| ClientError::Answer { url: url.to_owned(), source })?
            .to_bytes();
        Ok(Answer { status: parts.status, headers: parts.headers, body })
    }
}
