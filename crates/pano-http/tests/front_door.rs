//! The kit through a real server: every answer that is no success is a problem, and a stop is graceful.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do: at once, at the place")]

use axum::Router;
use axum::routing::{get, post};
use http::{HeaderMap, Method};
use pano_http::cursor::PageQuery;
use pano_http::{Body, Client, Idempotent, IfMatch, Kit, Path, ProblemBody, Query, Readiness, ServeOptions, Server};
use pano_types::clock::{FakeClock, SeededEntropy};
use pano_types::id::ApiId;
use pano_types::{Code, Instant};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only read by serde")]
struct Thing {
    size: u8,
}

fn router(slow: Arc<tokio::sync::Notify>, entered: Arc<tokio::sync::Notify>) -> Router {
    Router::new()
        .route("/things", post(async |_: Body<Thing>| "made").get(async |_: Query<PageQuery>| "[]"))
        .route("/things/{id}", get(async |_: Path<ApiId>| "one").put(async |_: IfMatch| "changed"))
        .route("/once", post(async |i: Idempotent<()>| i.key.map_or_else(String::new, |k| k.as_str().to_owned())))
        .route("/panic", get(async || -> &'static str { panic!("boom with a secret") }))
        .route(
            "/slow",
            get(move || {
                let (slow, entered) = (Arc::clone(&slow), Arc::clone(&entered));
                async move {
                    entered.notify_one();
                    slow.notified().await;
                    "done"
                }
            }),
        )
}

struct Setup {
    server: Server,
    client: Client,
    slow: Arc<tokio::sync::Notify>,
    entered: Arc<tokio::sync::Notify>,
}

async fn setup(timeout: Duration, grace: Duration) -> Setup {
    let (slow, entered) = (Arc::default(), Arc::default());
    let clock = Arc::new(FakeClock::at(Instant::from_unix_seconds(1_700_000_000)));
    let kit = Kit { timeout, body_limit: 1000, ..Kit::new(clock, Arc::new(SeededEntropy::new(1))) };
    let routes = router(Arc::clone(&slow), Arc::clone(&entered)).merge(pano_http::health::router(Readiness::default()));
    let options = ServeOptions { grace, ..ServeOptions::default() };
    let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
    let token = CancellationToken::new();
    let server = Server::start(any, pano_http::app::finish(routes, kit), options, &token).await.unwrap();
    let client = Client::new(&server.url()).unwrap();
    Setup { server, client, slow, entered }
}

#[tokio::test]
async fn every_refusal_is_a_problem() {
    let setup = setup(Duration::from_secs(30), Duration::from_secs(1)).await;
    let big = format!("{{\"size\": 1{}}}", " ".repeat(1000));
    let json = "application/json";
    for (method, path, media, body, headers, code) in [
        ("POST", "/things", json, "{", "", Code::RequestMalformed),
        ("POST", "/things", json, r#"{"size":256}"#, "", Code::RequestInvalid),
        ("POST", "/things", json, r#"{"size":1,"x":1}"#, "", Code::RequestInvalid),
        ("POST", "/things", "text/plain", r#"{"size":1}"#, "", Code::UnsupportedMediaType),
        ("POST", "/things", json, &*big, "", Code::RequestTooLarge),
        ("DELETE", "/things", json, "", "", Code::MethodNotAllowed),
        ("GET", "/things?limit=x", json, "", "", Code::RequestInvalid),
        ("GET", "/things?limit=1&limit=2", json, "", "", Code::RequestInvalid),
        ("GET", "/things?what=1", json, "", "", Code::RequestInvalid),
        ("GET", "/things/app_01ARZ3NDEKTSV4RRFFQ69G5FAV", json, "", "", Code::NotFound),
        ("GET", "/nowhere", json, "", "", Code::NotFound),
        ("PUT", "/things/1", json, "", "", Code::PreconditionRequired),
        ("PUT", "/things/1", json, "", "if-match: W/\"1\"", Code::PreconditionFailed),
        ("PUT", "/things/1", json, "", "if-match: *", Code::PreconditionFailed),
        ("POST", "/once", json, "", "idempotency-key: a b", Code::IdempotencyKeyRequired),
        ("GET", "/panic", json, "", "", Code::Internal),
        ("GET", "/readyz", json, "", "", Code::Unavailable),
    ] {
        let mut all = HeaderMap::new();
        all.insert("content-type", media.parse().unwrap());
        all.insert("accept-language", "zh-CN".parse().unwrap());
        all.insert("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".parse().unwrap());
        if let Some((name, value)) = headers.split_once(": ") {
            all.insert(http::HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
        }
        let method: Method = method.parse().unwrap();
        let url = format!("{}{path}", setup.client.base());
        let answer = setup.client.send(method.clone(), &url, all, body.to_owned().into()).await.unwrap();
        let problem: ProblemBody = answer.json().unwrap_or_else(|e| panic!("{method} {path}: {e} {answer:?}"));
        assert_eq!(problem.code, code.text(), "{method} {path}: {problem:?}");
        assert_eq!(answer.status.as_u16(), code.status(), "{method} {path}");
        assert_eq!(problem.trace_id, "0af7651916cd43dd8448eb211c80319c");
        assert_eq!(problem.title, code.title(pano_types::Lang::Zh));
        assert!(!String::from_utf8_lossy(&answer.body).contains("secret"));
        for (name, value) in [
            ("content-type", "application/problem+json"),
            ("content-language", "zh"),
            ("x-content-type-options", "nosniff"),
            ("cache-control", "no-store"),
            ("x-trace-id", "0af7651916cd43dd8448eb211c80319c"),
        ] {
            assert_eq!(answer.headers.get(name).unwrap(), value, "{method} {path}");
        }
        if code == Code::MethodNotAllowed {
            assert_eq!(answer.headers.get("allow").unwrap(), "POST,GET,HEAD");
        }
    }
    assert_eq!(
        setup.client.call(Method::GET, "/livez", HeaderMap::new(), Default::default()).await.unwrap().body,
        "alive\n"
    );
    setup.server.stop().await;
}

#[tokio::test]
async fn what_takes_too_long_is_a_problem() {
    let setup = setup(Duration::from_millis(20), Duration::from_secs(1)).await;
    let error = setup.client.get::<()>("/slow").await.unwrap_err();
    assert_eq!((error.code(), error.status()), (Some("unavailable"), Some(503)));
    setup.server.stop().await;
}

#[tokio::test]
async fn a_stop_lets_running_requests_end_and_refuses_new_ones() {
    let setup = Arc::new(setup(Duration::from_secs(30), Duration::from_secs(20)).await);
    let running = Arc::clone(&setup);
    let tasks = tokio_util::task::TaskTracker::new();
    let answer = tasks.spawn(async move {
        running.client.call(Method::GET, "/slow", HeaderMap::new(), Default::default()).await.unwrap().body
    });
    setup.entered.notified().await;
    let stopping = Arc::clone(&setup);
    let stopped = tasks.spawn(async move { stopping.server.stop().await });
    // The listener is gone before the running request is let go.
    while tokio::net::TcpStream::connect(setup.server.addr()).await.is_ok() {
        tokio::task::yield_now().await;
    }
    setup.slow.notify_one();
    assert_eq!(answer.await.unwrap(), "done");
    stopped.await.unwrap();
}

#[tokio::test]
async fn a_stop_cuts_what_outlasts_the_grace_time() {
    let setup = Arc::new(setup(Duration::from_secs(30), Duration::from_millis(20)).await);
    let running = Arc::clone(&setup);
    let tasks = tokio_util::task::TaskTracker::new();
    let answer = tasks.spawn(async move { running.client.get::<()>("/slow").await });
    setup.entered.notified().await;
    setup.server.stop().await;
    assert!(answer.await.unwrap().is_err());
}

#[tokio::test]
async fn https_is_called_when_its_authority_is_trusted() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key).unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let server = async {
        loop {
            let Ok(mut stream) = acceptor.accept(listener.accept().await.unwrap().0).await else { continue };
            let mut head = [0; 1024];
            assert!(stream.read(&mut head).await.unwrap() > 0);
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ntrue").await.unwrap();
            stream.flush().await.unwrap();
        }
    };
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let calls = async {
        let stranger = Client::trusting(&base, other.cert.pem().as_bytes()).unwrap();
        assert!(stranger.get::<bool>("/").await.is_err(), "an authority that we do not trust");
        assert!(Client::trusting(&base, made.cert.pem().as_bytes()).unwrap().get::<bool>("/").await.unwrap());
    };
    tokio::select! { () = server => {}, () = calls => {} }
    assert!(Client::trusting(&base, b"nothing").is_err());
}

#[test]
fn only_http_addresses_are_called() {
    for bad in ["", "localhost", "https://localhost:1", "ftp://x", "http://"] {
        assert!(Client::new(bad).is_err(), "{bad}");
    }
}
