//! `/metrics`, `/livez` and `/readyz`, on their own address. The first asks for a credential, on loopback as anywhere.

use crate::metrics;
use crate::shared::Shared;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use pano_crypto::compare;
use std::convert::Infallible;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Serves until `stop`.
pub async fn serve(shared: Arc<Shared>, listener: TcpListener, stop: CancellationToken) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    let tasks = TaskTracker::new();
    loop {
        let stream = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(_) => {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    continue;
                }
            },
        };
        let (shared, stop) = (Arc::clone(&shared), stop.clone());
        tasks.spawn(async move {
            let service = service_fn(|request: Request<hyper::body::Incoming>| {
                let response = answer(&shared, &request);
                async move { Ok::<_, Infallible>(response) }
            });
            let connection = http1::Builder::new()
                .timer(hyper_util::rt::TokioTimer::new())
                .header_read_timeout(Duration::from_secs(30))
                .serve_connection(hyper_util::rt::TokioIo::new(stream), service);
            tokio::select! {
                () = stop.cancelled() => {}
                _ = connection => {}
            }
        });
    }
}

fn answer<B>(shared: &Shared, request: &Request<B>) -> Response<Full<Bytes>> {
    let (status, text) = match (request.method(), request.uri().path()) {
        (&Method::GET, "/metrics") if !may_read(shared, request) => return challenge(),
        (&Method::GET, "/metrics") => (StatusCode::OK, metrics::text(shared)),
        (&Method::GET, "/livez") => (StatusCode::OK, "alive\n".to_owned()),
        (&Method::GET, "/readyz") => match shared.compiled.load().as_ref() {
            Some(compiled) => (StatusCode::OK, format!("ready, revision {}\n", compiled.revision)),
            None => (StatusCode::SERVICE_UNAVAILABLE, "no snapshot yet\n".to_owned()),
        },
        (&Method::GET, _) => (StatusCode::NOT_FOUND, "unknown\n".to_owned()),
        _ => (StatusCode::METHOD_NOT_ALLOWED, "GET only\n".to_owned()),
    };
    reply(status, text)
}

/// Whether the request shows the credential of metrics (RFC 6750 §2.1).
fn may_read<B>(shared: &Shared, request: &Request<B>) -> bool {
    let Some(metrics) = &shared.options.metrics else { return false };
    let shown = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let shown =
        shown.and_then(|value| value.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    // Exposed to be compared.
    shown.is_some_and(|(_, token)| compare::equal(token.trim().as_bytes(), metrics.credential.expose().as_bytes()))
}

fn challenge() -> Response<Full<Bytes>> {
    let mut response =
        reply(StatusCode::UNAUTHORIZED, "metrics ask for their credential as a bearer token\n".to_owned());
    response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"metrics\""));
    response
}

fn reply(status: StatusCode, text: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8"));
    response
}
