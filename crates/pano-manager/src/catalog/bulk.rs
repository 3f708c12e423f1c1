//! One move for many versions: each in its own transaction, each with its own outcome.

use axum::extract::State;
use pano_catalog::lifecycle::Move;
use pano_catalog::wire::{BulkForm, BulkItem, BulkView};
use pano_http::{Body, Failure};
use pano_types::id::ApiVersionId;
use pano_types::{Code, Problem, Role};
use std::collections::HashSet;

use super::moves::{contract_faults, go};
use crate::call::Call;
use crate::error::{Error, Result};
use crate::state::Manager;

/// Most versions at once.
const MAX: usize = 500;

/// Takes one move with every version named. What one version lacks does not hold back the others; the answer says what
/// became of each. Safe to repeat: a version that has moved already is reported as refused by its state.
#[utoipa::path(post, path = "/admin/v1/apis:bulk", operation_id = "bulk_move", tag = "library", request_body = BulkForm,
    responses((status = 200, description = "What became of each", body = BulkView)))]
pub(crate) async fn bulk(
    State(manager): State<Manager>,
    call: Call,
    Body(form): Body<BulkForm>,
) -> Result<axum::Json<BulkView>> {
    check(&form)?;
    permit(&call, form.wanted)?;
    let mut items = Vec::with_capacity(form.versions.len());
    for version in &form.versions {
        let outcome = one(&manager, call.clone(), *version, &form).await;
        items.push(item(*version, outcome));
    }
    let done = items.iter().filter(|item| item.done).count();
    Ok(axum::Json(BulkView { items, done }))
}

fn check(form: &BulkForm) -> Result<()> {
    if form.versions.is_empty() || form.versions.len() > MAX {
        return Err(Error::invalid("/versions", format!("name 1 to {MAX} versions")));
    }
    let distinct: HashSet<_> = form.versions.iter().collect();
    if distinct.len() != form.versions.len() {
        return Err(Error::invalid("/versions", "names a version twice"));
    }
    Ok(())
}

/// Each move alone has a row in the access table; here one route stands for all, so the row is looked up by the move.
fn permit(call: &Call, wanted: Move) -> Result<()> {
    let template = format!("/admin/v1/versions/{{id}}/{wanted}");
    let roles = match crate::access::rule("POST", &template) {
        Some(crate::access::Access::Roles(roles)) => roles,
        _ => &[],
    };
    if call.operator.roles.iter().any(|role| roles.contains(role)) {
        return Ok(());
    }
    let names: Vec<_> = roles.iter().copied().map(Role::text).collect();
    Err(Problem::new(Code::OperatorForbidden).detail(format!("this takes one of: {}", names.join(", "))).into())
}

async fn one(manager: &Manager, call: Call, id: ApiVersionId, form: &BulkForm) -> Result<()> {
    let wanted = form.wanted;
    let faults = contract_faults(manager, id, wanted).await?;
    manager
        .put(call, form.form.clone(), move |change, form| Box::pin(go(change, id, wanted, form, faults.clone())))
        .await?;
    Ok(())
}

fn item(version: ApiVersionId, outcome: Result<()>) -> BulkItem {
    match outcome {
        Ok(()) => BulkItem { version, done: true, code: None, errors: Vec::new() },
        Err(error) => {
            let failure = Failure::from(error);
            let problem = failure.problem();
            let mut errors: Vec<String> = problem.errors.iter().map(|e| format!("{}: {}", e.at, e.reason)).collect();
            errors.extend(problem.detail.clone());
            BulkItem { version, done: false, code: Some(problem.code.text().to_owned()), errors }
        }
    }
}
