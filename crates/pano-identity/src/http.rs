//! Addresses, bodies and answers.

use crate::keys::{KeyError, KeyView, Rotated};
use crate::state::State;
use crate::tokens::{Refused, Sender};
use crate::web;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request, State as Shared};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, PRAGMA, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use pano_crypto::digest::sha256_hex;
use pano_crypto::ring::KeyStoreError;
use pano_http::{Body, Context, Failure, bearer};
use pano_oauth::metadata::{INTROSPECT_PATH, JWKS_PATH, PAR_PATH, REVOKE_PATH, TOKEN_PATH};
use pano_oauth::{Form, Refusal, form};
use pano_store::StoreError;
use pano_store::audit::Actor;
use pano_store::operator::Operator;
use pano_types::{Code, Problem, Role};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

type App = Shared<Arc<State>>;

/// All routes. An issuer with a path is served below that path.
pub(crate) fn router(state: Arc<State>) -> Router {
    let below = Router::new()
        .route(JWKS_PATH, get(jwks))
        .route(PAR_PATH, post(push))
        .route(TOKEN_PATH, post(token))
        .route(INTROSPECT_PATH, post(introspect))
        .route(REVOKE_PATH, post(revoke))
        .merge(web::router())
        .layer(axum::extract::DefaultBodyLimit::max(form::BODY_BYTES_MAX));
    let below = match state.issuer.path() {
        "" => below,
        path => Router::new().nest(path, below),
    };
    let well_known = state.issuer.well_known_path();
    below
        .route(&well_known, get(metadata))
        .route("/internal/v1/keys", get(keys))
        .route("/internal/v1/keys/rotate", post(rotate))
        .with_state(state)
}

async fn metadata(Shared(state): App) -> Response {
    ([(CACHE_CONTROL, "public, max-age=300")], Json(state.issuer.metadata(&state.issuing.audience))).into_response()
}

async fn jwks(Shared(state): App, headers: HeaderMap) -> Response {
    let body = state.keys.published().jwks.to_string();
    let etag = format!("\"{}\"", sha256_hex(body.as_bytes()));
    let known = headers.get_all(IF_NONE_MATCH).iter().any(|value| value.as_bytes() == etag.as_bytes());
    let cache = format!("public, max-age={}", state.keys.cache_seconds());
    let headers = [(CACHE_CONTROL, cache), (ETAG, etag), (CONTENT_TYPE, "application/jwk-set+json".to_owned())];
    if known {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, body).into_response()
}

async fn token(Shared(state): App, context: Context, request: Request) -> Response {
    let answer = async {
        let (sender, form) = read(context, request).await?;
        // A bearer credential proves nothing here, and sending one is a misunderstanding worth telling.
        if sender.bearer.is_some() {
            return Err(Refusal::OtherClientAuthentication.into());
        }
        state.issue(&form, &sender).await
    };
    respond(answer.await.map(|json| Json(json).into_response()))
}

async fn push(Shared(state): App, context: Context, request: Request) -> Response {
    let answer = async {
        let (sender, form) = read(context, request).await?;
        if sender.bearer.is_some() {
            return Err(Refusal::OtherClientAuthentication.into());
        }
        state.push(&form, &sender).await
    };
    respond(answer.await.map(|json| (StatusCode::CREATED, Json(json)).into_response()))
}

async fn introspect(Shared(state): App, context: Context, request: Request) -> Response {
    let answer = async {
        let (sender, form) = read(context, request).await?;
        state.introspect(&form, &sender).await
    };
    respond(answer.await.map(|json| Json(json).into_response()))
}

async fn revoke(Shared(state): App, context: Context, request: Request) -> Response {
    let answer = async {
        let (sender, form) = read(context, request).await?;
        state.revoke(&form, &sender).await
    };
    respond(answer.await.map(|()| StatusCode::OK.into_response()))
}

/// The form and its sender. Parameters in the query are not looked at (RFC 6749 §2.3.1 forbids them).
async fn read(context: Context, request: Request) -> Result<(Sender, Form), Refused> {
    let bearer = bearer(request.headers()).map_err(|_| Refusal::OtherClientAuthentication)?;
    let media = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = media.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(Refusal::NotForm.into());
    }
    let body = Bytes::from_request(request, &()).await.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::BodyTooLarge,
        _ => Refusal::BodyMalformed,
    })?;
    let sender = Sender {
        address: context.peer.map(|peer| peer.ip()),
        now: context.now,
        traceparent: context.traceparent(),
        trace_id: context.trace_id,
        bearer,
    };
    Ok((sender, Form::parse(&body)?))
}

/// Answers of OAuth endpoints are never kept (RFC 6749 §5.1), and errors have OAuth's own form.
fn respond(answer: Result<Response, Refused>) -> Response {
    let mut response = answer.unwrap_or_else(refused);
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

fn refused(refused: Refused) -> Response {
    let status = StatusCode::from_u16(refused.refusal.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let mut response = (status, Json(refused.refusal.to_json())).into_response();
    let headers = response.headers_mut();
    if refused.refusal == Refusal::CallerNotProven {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    let wait = match refused.retry_after {
        Some(wait) => Some(wait.as_secs() + 1),
        None if status == StatusCode::SERVICE_UNAVAILABLE => Some(1),
        None => None,
    };
    if let Some(seconds) = wait {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// Signing keys, oldest first.
#[derive(Debug, Serialize)]
struct KeyList {
    keys: Vec<KeyView>,
}

/// How to rotate.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RotateBody {
    /// The current key is disclosed: void its tokens at once.
    #[serde(default)]
    urgent: bool,
}

async fn keys(Shared(state): App, context: Context, headers: HeaderMap) -> Result<Json<KeyList>, Failure> {
    permit(&state, &context, &headers).await?;
    Ok(Json(KeyList { keys: state.keys.views() }))
}

async fn rotate(
    Shared(state): App,
    context: Context,
    headers: HeaderMap,
    Body(body): Body<RotateBody>,
) -> Result<Json<Rotated>, Failure> {
    let operator = permit(&state, &context, &headers).await?;
    let actor = Actor::Operator(operator.id);
    let rotated = if body.urgent {
        state.keys.rotate_urgently(context.now, actor, &context.trace_id).await
    } else {
        state.keys.rotate(context.now, actor, &context.trace_id).await
    };
    rotated.map(Json).map_err(key_failure)
}

fn key_failure(error: KeyError) -> Failure {
    match error {
        KeyError::Keys(KeyStoreError::Refused(refusal)) => {
            Problem::new(Code::LifecycleRefused).detail(refusal.to_string()).into()
        }
        KeyError::Store(StoreError::Busy) => Code::Unavailable.into(),
        other => Failure::internal(other),
    }
}

/// Keys are for admins and security officers.
async fn permit(state: &State, context: &Context, headers: &HeaderMap) -> Result<Operator, Failure> {
    const ROLES: [Role; 2] = [Role::Admin, Role::Security];
    let Some(token) = bearer(headers)? else { return Err(Code::OperatorUnauthenticated.into()) };
    let operator = state.operator(&token, context.now).await.map_err(Failure::internal)?;
    let Some(operator) = operator else { return Err(Code::OperatorUnauthenticated.into()) };
    if operator.roles.iter().any(|role| ROLES.contains(role)) {
        return Ok(operator);
    }
    Err(Problem::new(Code::OperatorForbidden).detail("needs one of: admin, security").into())
}
