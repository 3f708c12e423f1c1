//! Plans: limits and quota that subscriptions are bound to.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use pano_http::cursor::{self, Listed};
use pano_http::{Idempotent, IfMatch, Path, Query, Tagged};
use pano_partner::plan::Limits;
use pano_partner::{Plan, Slug, name};
use pano_store::partner::PlanFilter;
use pano_types::id::PlanId;
use pano_types::{Code, Instant, Localized, Problem};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::call::Call;
use crate::error::{Error, Result, at};
use crate::partners::{Reason, check_name};
use crate::state::Manager;
use crate::write::{Change, Reply};

const LIST: &str = "plans";

pub(crate) fn router() -> OpenApiRouter<Manager> {
    OpenApiRouter::default().routes(routes!(list, create)).routes(routes!(read, update)).routes(routes!(retire))
}

/// A plan.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = Plan)]
pub struct PlanView {
    /// Identifier.
    pub id: PlanId,
    /// Unique short name.
    #[schema(example = "standard")]
    pub slug: Slug,
    /// Name on screens.
    pub name: Localized,
    /// What it allows.
    pub limits: Limits,
    /// No new subscriptions under it.
    pub retired: bool,
    /// The declared folder that owns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub managed_by: Option<String>,
    /// When it was made.
    pub created_at: Instant,
    /// Grows with every change; the `ETag`.
    pub generation: u64,
}

impl From<Plan> for PlanView {
    fn from(plan: Plan) -> Self {
        let Plan { id, slug, name, limits, retired, managed_by, created_at, generation } = plan;
        Self { id, slug, name, limits, retired, managed_by, created_at, generation }
    }
}

/// A new plan.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPlan {
    /// Unique short name; never changed.
    slug: Slug,
    /// Name on screens.
    name: Localized,
    /// What it allows.
    #[serde(default)]
    limits: Limits,
    /// The declared folder that owns it.
    #[serde(default)]
    managed_by: Option<String>,
}

/// What can be changed of a plan. It takes effect on every subscription under it.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanUpdate {
    /// Name on screens.
    name: Localized,
    /// What it allows.
    limits: Limits,
    /// The declared folder that owns it.
    #[serde(default)]
    managed_by: Option<String>,
}

/// Which plans.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PlanQuery {
    /// With this slug.
    slug: Option<String>,
    /// Owned by this declared folder.
    managed_by: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Most items wanted, 1 to 200; 50 when absent.
    limit: Option<u32>,
}

fn check(name: &Localized, limits: &Limits, managed_by: Option<&str>) -> Result<()> {
    check_name(name)?;
    if limits.quota_per_day.is_some_and(|quota| quota == 0 || i64::try_from(quota).is_err()) {
        return Err(Error::invalid(
            "/limits/quota_per_day",
            ("must be at least 1; leave it out for no quota", "须不小于 1；不设配额时请省略"),
        ));
    }
    managed_by.map_or(Ok(()), |folder| name::text(folder, 60).map_err(at("/managed_by")))
}

/// Plans, oldest first.
#[utoipa::path(get, path = "/admin/v1/plans", operation_id = "plan_list", tag = "plans", params(PlanQuery),
    responses((status = 200, description = "A page of plans", body = Listed<PlanView>)))]
async fn list(State(manager): State<Manager>, Query(query): Query<PlanQuery>) -> Result<Json<Listed<PlanView>>> {
    let page = cursor::request(LIST, query.cursor.as_deref(), query.limit)?;
    let filter = PlanFilter { slug: query.slug, managed_by: query.managed_by };
    let page = manager.read().await?.plan_list(&filter, &page).await?;
    Ok(Json(Listed::new(LIST, page.map(PlanView::from))))
}

/// Makes a plan.
#[utoipa::path(post, path = "/admin/v1/plans", operation_id = "plan_create", tag = "plans", request_body = NewPlan,
    responses((status = 201, description = "The plan", body = PlanView)))]
async fn create(State(manager): State<Manager>, call: Call, request: Idempotent<NewPlan>) -> Result<Response> {
    manager.post(call, request, |change, form| Box::pin(create_in(change, form))).await
}

async fn create_in(change: &mut Change, form: NewPlan) -> Result<Reply> {
    check(&form.name, &form.limits, form.managed_by.as_deref())?;
    let NewPlan { slug, name, limits, managed_by } = form;
    let (id, created_at) = (PlanId::new(change.now, change.manager().entropy()), change.now);
    let plan = Plan { id, slug, name, limits, retired: false, managed_by, created_at, generation: 1 };
    change.unit.plan_add(&plan).await?;
    change.note("plan.created", "plan", id, json!({ "slug": plan.slug, "limits": limits }));
    Ok(Reply::created(format!("/admin/v1/plans/{id}"), &PlanView::from(plan))?.tagged(1))
}

/// One plan.
#[utoipa::path(get, path = "/admin/v1/plans/{id}", operation_id = "plan_read", tag = "plans",
    params(("id" = PlanId, Path)), responses((status = 200, description = "The plan", body = PlanView)))]
async fn read(State(manager): State<Manager>, Path(id): Path<PlanId>) -> Result<Tagged<PlanView>> {
    let plan = manager.read().await?.plan_by_id(id).await?.ok_or_else(Error::not_found)?;
    Ok(Tagged::ok(plan.generation, plan.into()))
}

/// Changes a plan, and with it every subscription under it.
#[utoipa::path(put, path = "/admin/v1/plans/{id}", operation_id = "plan_update", tag = "plans",
    params(("id" = PlanId, Path)), request_body = PlanUpdate,
    responses((status = 200, description = "The plan", body = PlanView)))]
async fn update(
    State(manager): State<Manager>,
    call: Call,
    Path(id): Path<PlanId>,
    base: IfMatch,
    pano_http::Body(form): pano_http::Body<PlanUpdate>,
) -> Result<Response> {
    manager.put(call, form, move |change, form| Box::pin(update_in(change, id, base, form))).await
}

async fn update_in(change: &mut Change, id: PlanId, base: IfMatch, form: PlanUpdate) -> Result<Reply> {
    check(&form.name, &form.limits, form.managed_by.as_deref())?;
    let plan = change.unit.plan_by_id(id).await?.ok_or_else(Error::not_found)?;
    base.check(plan.generation)?;
    let PlanUpdate { name, limits, managed_by } = form;
    store(change, Plan { name, limits, managed_by, ..plan }, "plan.updated").await
}

/// Retires a plan: no new subscriptions under it, those that are there stay.
#[utoipa::path(post, path = "/admin/v1/plans/{id}/retire", operation_id = "plan_retire", tag = "plans",
    params(("id" = PlanId, Path)), request_body = Reason,
    responses((status = 200, description = "The plan", body = PlanView)))]
async fn retire(
    State(manager): State<Manager>,
    call: Call,
    Path(id): Path<PlanId>,
    request: Idempotent<Reason>,
) -> Result<Response> {
    manager.post(call, request, move |change, _| Box::pin(retire_in(change, id))).await
}

async fn retire_in(change: &mut Change, id: PlanId) -> Result<Reply> {
    let plan = change.unit.plan_by_id(id).await?.ok_or_else(Error::not_found)?;
    if plan.retired {
        return Err(Problem::new(Code::LifecycleRefused)
            .detail(("the plan has been retired already", "该套餐已停用"))
            .into());
    }
    store(change, Plan { retired: true, ..plan }, "plan.retired").await
}

async fn store(change: &mut Change, plan: Plan, action: &str) -> Result<Reply> {
    change.unit.plan_update(&plan).await?;
    change.note(action, "plan", plan.id, json!({ "limits": plan.limits }));
    let plan = Plan { generation: plan.generation + 1, ..plan };
    let generation = plan.generation;
    Ok(Reply::ok(&PlanView::from(plan))?.tagged(generation))
}
