//! Subscriptions: an app's rights to APIs.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use pano_http::cursor::{self, Listed};
use pano_http::{Idempotent, Path, Query, Tagged};
use pano_partner::subscription::{Move, State as SubscriptionState};
use pano_partner::{Environment, Subscription, name};
use pano_store::partner::SubscriptionFilter;
use pano_types::id::{ApiId, AppId, PlanId, SubscriptionId};
use pano_types::{Code, Instant, Problem};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::call::Call;
use crate::certificates;
use crate::error::{Error, Result, at};
use crate::moves::moves;
use crate::partners::Reason;
use crate::state::Manager;
use crate::write::{Change, Reply};

const LIST: &str = "subscriptions";

pub(crate) fn router() -> OpenApiRouter<Manager> {
    OpenApiRouter::default()
        .routes(routes!(list, create))
        .routes(routes!(read))
        .routes(routes!(approve))
        .routes(routes!(reject))
        .routes(routes!(suspend))
        .routes(routes!(resume))
        .routes(routes!(end_subscription))
}

/// A subscription.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = Subscription)]
pub struct SubscriptionView {
    /// Identifier.
    pub id: SubscriptionId,
    /// The app.
    pub app: AppId,
    /// To this API, in all its served versions.
    pub api: ApiId,
    /// Under this plan.
    pub plan: PlanId,
    /// For trying out, or for going live.
    pub environment: Environment,
    /// Where it stands.
    pub lifecycle: SubscriptionState,
    /// Moves that are possible now.
    pub moves: Vec<String>,
    /// The declared folder that owns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub managed_by: Option<String>,
    /// When it was asked for.
    pub created_at: Instant,
    /// Grows with every change; the `ETag`.
    pub generation: u64,
}

impl From<Subscription> for SubscriptionView {
    fn from(subscription: Subscription) -> Self {
        let Subscription { id, app, api, plan, environment, state, managed_by, created_at, generation } = subscription;
        let moves = state.allowed().into_iter().map(str::to_owned).collect();
        Self { id, app, api, plan, environment, lifecycle: state, moves, managed_by, created_at, generation }
    }
}

/// A subscription asked for.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSubscription {
    /// The app.
    app: AppId,
    /// To this API.
    api: ApiId,
    /// Under this plan.
    plan: PlanId,
    /// For trying out, or for going live: then the app needs a certificate that covers the API.
    #[serde(default)]
    environment: Environment,
    /// What for, in the operator's own words.
    #[serde(default)]
    why: String,
    /// The declared folder that owns it.
    #[serde(default)]
    managed_by: Option<String>,
}

/// Which subscriptions.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SubscriptionQuery {
    /// Of this app.
    app: Option<AppId>,
    /// To this API.
    api: Option<ApiId>,
    /// Under this plan.
    plan: Option<PlanId>,
    /// In this environment: `sandbox` or `production`.
    environment: Option<Environment>,
    /// In this state.
    state: Option<String>,
    /// Owned by this declared folder.
    managed_by: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Most items wanted, 1 to 200; 50 when absent.
    limit: Option<u32>,
}

/// Subscriptions, oldest first.
#[utoipa::path(get, path = "/admin/v1/subscriptions", operation_id = "subscription_list", tag = "subscriptions",
    params(SubscriptionQuery),
    responses((status = 200, description = "A page of subscriptions", body = Listed<SubscriptionView>)))]
async fn list(
    State(manager): State<Manager>,
    Query(query): Query<SubscriptionQuery>,
) -> Result<Json<Listed<SubscriptionView>>> {
    let page = cursor::request(LIST, query.cursor.as_deref(), query.limit)?;
    let SubscriptionQuery { app, api, plan, environment, state, managed_by, .. } = query;
    let filter = SubscriptionFilter { app, api, plan, environment, state, managed_by };
    let page = manager.read().await?.subscription_list(&filter, &page).await?;
    Ok(Json(Listed::new(LIST, page.map(SubscriptionView::from))))
}

/// Asks for a subscription.
#[utoipa::path(post, path = "/admin/v1/subscriptions", operation_id = "subscription_create", tag = "subscriptions",
    request_body = NewSubscription,
    responses((status = 201, description = "The subscription", body = SubscriptionView)))]
async fn create(State(manager): State<Manager>, call: Call, request: Idempotent<NewSubscription>) -> Result<Response> {
    manager.post(call, request, |change, form| Box::pin(create_in(change, form))).await
}

async fn create_in(change: &mut Change, form: NewSubscription) -> Result<Reply> {
    let NewSubscription { app, api, plan, environment, why, managed_by } = form;
    if let Some(folder) = &managed_by {
        name::text(folder, 60).map_err(at("/managed_by"))?;
    }
    let none = |at: &'static str, what: &str| {
        Error::invalid(at, (format!("there is no such {what}"), format!("没有该 {what}")))
    };
    let owner = change.unit.app_by_id(app).await?.ok_or_else(|| none("/app", "app"))?;
    if owner.state.name() == "ended" {
        return Err(Problem::new(Code::LifecycleRefused).detail(("the app has ended", "该应用已终止")).into());
    }
    let limits = change.unit.plan_by_id(plan).await?.ok_or_else(|| none("/plan", "plan"))?;
    if limits.retired {
        return Err(Error::invalid("/plan", ("the plan takes no new subscriptions", "该套餐不再接受新订阅")));
    }
    change.unit.api_find(api).await?.ok_or_else(|| none("/api", "API"))?;
    certificates::gate(change, app, api, environment).await?;
    let (id, created_at) = (SubscriptionId::new(change.now, change.manager().entropy()), change.now);
    let state = SubscriptionState::Requested { requested: change.step(&why)? };
    let subscription = Subscription { id, app, api, plan, environment, state, managed_by, created_at, generation: 1 };
    change.unit.subscription_add(&subscription).await?;
    let detail = json!({ "app": app, "api": api, "plan": plan, "environment": environment.text() });
    change.note("subscription.requested", "subscription", id, detail);
    let location = format!("/admin/v1/subscriptions/{id}");
    Ok(Reply::created(location, &SubscriptionView::from(subscription))?.tagged(1))
}

/// One subscription.
#[utoipa::path(get, path = "/admin/v1/subscriptions/{id}", operation_id = "subscription_read", tag = "subscriptions",
    params(("id" = SubscriptionId, Path)),
    responses((status = 200, description = "The subscription", body = SubscriptionView)))]
async fn read(State(manager): State<Manager>, Path(id): Path<SubscriptionId>) -> Result<Tagged<SubscriptionView>> {
    let subscription = manager.read().await?.subscription_by_id(id).await?.ok_or_else(Error::not_found)?;
    Ok(Tagged::ok(subscription.generation, subscription.into()))
}

/// Ends a subscription.
pub(crate) async fn end(change: &mut Change, subscription: Subscription, why: &str) -> Result<Reply> {
    moved(change, subscription, Move::End, why).await
}

async fn moved(change: &mut Change, subscription: Subscription, wanted: Move, why: &str) -> Result<Reply> {
    if matches!(wanted, Move::Approve | Move::Reject) {
        change.call().map_or(Ok(()), Call::person)?;
    }
    if matches!(wanted, Move::Approve | Move::Resume) {
        // The certificate may have run out since it was asked for.
        certificates::gate(change, subscription.app, subscription.api, subscription.environment).await?;
    }
    let state = subscription.state.clone().moved(wanted, change.step(why)?)?;
    let mut subscription = Subscription { state, ..subscription };
    change.unit.subscription_update(&subscription).await?;
    let detail = json!({ "app": subscription.app, "api": subscription.api, "why": why });
    change.note(wanted.event(), "subscription", subscription.id, detail);
    subscription.generation += 1;
    let generation = subscription.generation;
    Ok(Reply::ok(&SubscriptionView::from(subscription))?.tagged(generation))
}

async fn moved_by_id(change: &mut Change, id: SubscriptionId, wanted: Move, why: &str) -> Result<Reply> {
    let subscription = change.unit.subscription_by_id(id).await?.ok_or_else(Error::not_found)?;
    moved(change, subscription, wanted, why).await
}

moves! {
    "subscriptions", "The subscription", SubscriptionId, SubscriptionView, moved_by_id;
    /// Puts a subscription in force; another person than who asked for it.
    approve "/admin/v1/subscriptions/{id}/approve" "subscription_approve" Move::Approve;
    /// Refuses a subscription, saying why.
    reject "/admin/v1/subscriptions/{id}/reject" "subscription_reject" Move::Reject;
    /// Stops a subscription for a while.
    suspend "/admin/v1/subscriptions/{id}/suspend" "subscription_suspend" Move::Suspend;
    /// Lets a suspended subscription work again.
    resume "/admin/v1/subscriptions/{id}/resume" "subscription_resume" Move::Resume;
    /// Ends a subscription.
    end_subscription "/admin/v1/subscriptions/{id}/end" "subscription_end" Move::End;
}
