//! What operators do to sandboxes, through the manager: list them, and all that a partner can do to its own.

use crate::door;
use crate::door::caller::{Caller, Role};
use crate::failure::Error;
use crate::role::Bank;
use crate::rooms::Operation;
use crate::rooms::sandbox_control;
use axum::extract::{FromRequestParts as _, RawPathParams, Request, State};
use axum::response::Response;
use axum::routing::{get, on};
use axum::{Json, Router};
use pano_http::cursor::PageQuery;
use pano_http::{Failure, Query};
use pano_store::bank::Sandbox;
use pano_types::id::{PartnerId, SandboxId};
use pano_types::{Code, Instant};
use serde::Serialize;

const LIST: &str = "sandboxes";

/// `GET /internal/v1/sandboxes`, and the operations of the sandbox-control document below `/internal/v1/sandboxes/{sandboxId}`.
pub(crate) fn router() -> Router<Bank> {
    let mut router = Router::new().route("/internal/v1/sandboxes", get(list));
    for operation in sandbox_control::operations() {
        let path = format!("/internal/v1/sandboxes/{{sandboxId}}{}", operation.path);
        let serve = move |State(bank): State<Bank>, request: Request| serve(operation, bank, request);
        router = router.route(&path, on(operation.method.filter(), serve));
    }
    router
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    items: Vec<Item>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// A sandbox as the store has it, without waking it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    sandbox_id: SandboxId,
    partner_id: PartnerId,
    scenario: String,
    version: u64,
    transactions: u64,
    events: u64,
    created_at: Instant,
    changed_at: Instant,
}

impl From<Sandbox> for Item {
    fn from(row: Sandbox) -> Self {
        let Sandbox { id, partner, scenario, version, transactions, events, created_at, changed_at, .. } = row;
        Self { sandbox_id: id, partner_id: partner, scenario, version, transactions, events, created_at, changed_at }
    }
}

async fn list(_: Role, State(bank): State<Bank>, Query(query): Query<PageQuery>) -> Result<Json<Listed>, Failure> {
    let page = query.request(LIST)?;
    let mut unit = bank.store().read().await.map_err(Error::from)?;
    let page = unit.bank_sandbox_list(&page).await.map_err(Error::from)?.map(Item::from);
    let next_cursor = page.next.map(|key| pano_http::cursor::encode(LIST, &key));
    Ok(Json(Listed { items: page.items, next_cursor }))
}

async fn serve(operation: &'static Operation, bank: Bank, request: Request) -> Result<Response, Failure> {
    let (mut parts, body) = request.into_parts();
    Role::from_request_parts(&mut parts, &bank).await?;
    let params = RawPathParams::from_request_parts(&mut parts, &bank).await.map_err(|_| Code::NotFound)?;
    let id = params.iter().find(|(name, _)| *name == "sandboxId").and_then(|(_, id)| id.parse::<SandboxId>().ok());
    let id = id.ok_or(Code::NotFound)?;
    let mut unit = bank.store().read().await.map_err(Error::from)?;
    let sandbox = unit.bank_sandbox(id).await.map_err(Error::from)?.ok_or(Code::NotFound)?;
    drop(unit);
    let caller = Caller { app: String::new(), partner: sandbox.partner };
    door::answer(operation, bank, caller, Request::from_parts(parts, body)).await
}
