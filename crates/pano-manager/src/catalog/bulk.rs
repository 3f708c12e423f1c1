//! One move for many versions: each in its own transaction, each with its own outcome, as many as fit into one call.

use axum::extract::State;
use pano_catalog::lifecycle::Move;
use pano_catalog::wire::{BulkForm, BulkItem, BulkView};
use pano_http::{Body, Failure};
use pano_types::id::ApiVersionId;
use pano_types::{Code, Lang, Problem, Role};
use std::collections::HashSet;
use std::time::Duration;
use tokio::time::Instant;

use super::moves::{contract_faults, go};
use crate::call::Call;
use crate::error::{Error, Result};
use crate::state::Manager;

/// Most versions at once.
const MAX: usize = 500;
/// Contracts that are compiled side by side before their versions move.
const AHEAD: usize = 8;
/// After this long no further version is begun: the call must be answered within the server's limit of 30 s.
const BUDGET: Duration = Duration::from_secs(15);

/// Takes one move with every version named. What one version lacks does not hold back the others; the answer says what
/// became of each. A version that was not reached in time is answered with `unavailable`: name it in the next call. Safe to
/// repeat: a version that has moved already is reported as refused by its state.
#[utoipa::path(post, path = "/admin/v1/apis:bulk", operation_id = "api_bulk_move", tag = "library", request_body = BulkForm,
    responses((status = 200, description = "What became of each", body = BulkView)))]
pub(crate) async fn bulk(
    State(manager): State<Manager>,
    call: Call,
    Body(form): Body<BulkForm>,
) -> Result<axum::Json<BulkView>> {
    check(&form)?;
    permit(&call, form.wanted)?;
    let (begun, lang) = (Instant::now(), call.context.lang);
    let mut items = Vec::with_capacity(form.versions.len());
    for batch in form.versions.chunks(AHEAD) {
        if begun.elapsed() > BUDGET {
            items.extend(batch.iter().map(|version| item(*version, Err(Code::Unavailable.into()), lang)));
            continue;
        }
        let faults = batch.iter().map(|version| contract_faults(&manager, *version, form.wanted));
        let faults = futures_util::future::join_all(faults).await;
        for (version, faults) in batch.iter().zip(faults) {
            let outcome = match faults {
                Ok(faults) => one(&manager, call.clone(), *version, &form, faults).await,
                Err(error) => Err(error),
            };
            items.push(item(*version, outcome, lang));
        }
    }
    let done = items.iter().filter(|item| item.done).count();
    Ok(axum::Json(BulkView { items, done }))
}

fn check(form: &BulkForm) -> Result<()> {
    if form.versions.is_empty() || form.versions.len() > MAX {
        return Err(Error::invalid(
            "/versions",
            (format!("name 1 to {MAX} versions"), format!("须列出 1 至 {MAX} 个版本")),
        ));
    }
    let distinct: HashSet<_> = form.versions.iter().collect();
    if distinct.len() != form.versions.len() {
        return Err(Error::invalid("/versions", ("names a version twice", "同一版本出现两次")));
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
    Err(Problem::new(Code::OperatorForbidden).detail(crate::error::takes_one_of(&names.join(", "))).into())
}

async fn one(manager: &Manager, call: Call, id: ApiVersionId, form: &BulkForm, faults: Vec<String>) -> Result<()> {
    let wanted = form.wanted;
    manager
        .put(call, form.form.clone(), move |change, form| Box::pin(go(change, id, wanted, form, faults.clone())))
        .await?;
    Ok(())
}

fn item(version: ApiVersionId, outcome: Result<()>, lang: Lang) -> BulkItem {
    match outcome {
        Ok(()) => BulkItem { version, done: true, code: None, errors: Vec::new() },
        Err(error) => {
            let failure = Failure::from(error);
            let problem = failure.problem();
            let mut errors: Vec<String> =
                problem.errors.iter().map(|e| format!("{}: {}", e.at, e.reason.get(lang))).collect();
            errors.extend(problem.detail.iter().map(|detail| detail.get(lang).to_owned()));
            BulkItem { version, done: false, code: Some(problem.code.text().to_owned()), errors }
        }
    }
}
