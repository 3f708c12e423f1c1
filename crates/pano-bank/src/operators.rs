//! What operators do to sandboxes, with their API tokens: list them, and all that a partner can do to its own. What they
//! change is a link of the audit trail.

use crate::door;
use crate::door::caller::Caller;
use crate::failure::Error;
use crate::role::Bank;
use crate::rooms::{Method, Operation, sandbox_control};
use axum::extract::{FromRequestParts as _, RawPathParams, Request, State};
use axum::response::Response;
use axum::routing::{get, on};
use axum::{Json, Router};
use http::HeaderMap;
use pano_http::cursor::{Listed, PageQuery};
use pano_http::{Context, Failure, Query};
use pano_store::audit::{Act, Actor, Subject};
use pano_store::bank::Sandbox;
use pano_store::operator::{Operator, authenticate};
use pano_store::transact;
use pano_types::id::{PartnerId, SandboxId};
use pano_types::{Code, Instant, Problem, Role};
use serde::Serialize;
use serde_json::json;

const LIST: &str = "sandboxes";
/// Who may change a sandbox; every operator may look.
const CHANGERS: [Role; 2] = [Role::Operator, Role::Security];

/// `GET /internal/v1/sandboxes`, and the operations of the sandbox-control document below `/internal/v1/sandboxes/{sandboxId}`.
pub(crate) fn router() -> Router<Bank> {
    let mut router = Router::new().route("/internal/v1/sandboxes", get(list));
    for operation in sandbox_control::operations() {
        let path = format!("/internal/v1/sandboxes/{{sandboxId}}{}", operation.path);
        let serve = move |State(bank): State<Bank>, context: Context, request: Request| {
            serve(operation, bank, context, request)
        };
        router = router.route(&path, on(operation.method.filter(), serve));
    }
    router
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

async fn list(
    State(bank): State<Bank>,
    context: Context,
    headers: HeaderMap,
    Query(query): Query<PageQuery>,
) -> Result<Json<Listed<Item>>, Failure> {
    permit(&bank, &context, &headers, Role::ALL).await?;
    let page = query.request(LIST)?;
    let mut unit = bank.store().read().await.map_err(Error::from)?;
    let page = unit.bank_sandbox_list(&page).await.map_err(Error::from)?.map(Item::from);
    Ok(Json(Listed::new(LIST, page)))
}

async fn serve(
    operation: &'static Operation,
    bank: Bank,
    context: Context,
    request: Request,
) -> Result<Response, Failure> {
    let looks = operation.method == Method::Get;
    let operator = permit(&bank, &context, request.headers(), if looks { Role::ALL } else { &CHANGERS }).await?;
    let (mut parts, body) = request.into_parts();
    let params = RawPathParams::from_request_parts(&mut parts, &bank).await.map_err(|_| Code::NotFound)?;
    let id = params.iter().find(|(name, _)| *name == "sandboxId").and_then(|(_, id)| id.parse::<SandboxId>().ok());
    let id = id.ok_or(Code::NotFound)?;
    let mut unit = bank.store().read().await.map_err(Error::from)?;
    let sandbox = unit.bank_sandbox(id).await.map_err(Error::from)?.ok_or(Code::NotFound)?;
    drop(unit);
    if !looks {
        // Before it is done: what an operator was about to do is worth knowing even if it fails half-way.
        note(&bank, &context, &operator, operation, &sandbox).await?;
    }
    let caller = Caller { app: String::new(), partner: sandbox.partner };
    door::answer(operation, bank, caller, Request::from_parts(parts, body)).await
}

/// The operator behind the token, if one of these roles is theirs.
async fn permit(bank: &Bank, context: &Context, headers: &HeaderMap, roles: &[Role]) -> Result<Operator, Failure> {
    let token = pano_http::bearer(headers)?.ok_or(Code::OperatorUnauthenticated)?;
    let found = authenticate(bank.store(), &token, context.now).await.map_err(Error::from)?;
    let operator = found.ok_or(Code::OperatorUnauthenticated)?;
    if operator.roles.iter().any(|role| roles.contains(role)) {
        return Ok(operator);
    }
    let wanted = roles.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let detail = (format!("needs one of: {wanted}"), format!("须具备以下角色之一：{wanted}"));
    Err(Problem::new(Code::OperatorForbidden).detail(detail).into())
}

async fn note(
    bank: &Bank,
    context: &Context,
    operator: &Operator,
    operation: &Operation,
    sandbox: &Sandbox,
) -> Result<(), Failure> {
    let act = Act {
        at: context.now,
        actor: Actor::Operator(operator.id),
        action: "sandbox.control".to_owned(),
        subject: Subject::new("sandbox", sandbox.id),
        detail: json!({ "operation": operation.id, "partner": sandbox.partner }),
        trace_id: context.trace_id.clone(),
    };
    let act = &act;
    let noted =
        transact(bank.store(), move |mut work| Box::pin(async move { work.audit_append(act.clone()).await.map(drop) }));
    noted.await.map_err(Error::Store)?;
    Ok(())
}
