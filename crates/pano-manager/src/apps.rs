//! Apps: a partner's registered clients.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use pano_http::cursor::{self, Listed};
use pano_http::{Idempotent, IfMatch, Path, Query, Tagged};
use pano_partner::app::{Move, State as AppState, Surroundings};
use pano_partner::{App, RedirectUri, Slug, name};
use pano_store::partner::{AppFilter, SubscriptionFilter};
use pano_types::id::{AppId, PartnerId};
use pano_types::{Code, Instant, Localized, PageRequest, Problem};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::call::Call;
use crate::error::{Error, Result, at};
use crate::moves::moves;
use crate::partners::{Reason, check_name};
use crate::state::Manager;
use crate::write::{Change, Reply};
use crate::{subscriptions, tokens};

const LIST: &str = "apps";

pub(crate) fn router() -> OpenApiRouter<Manager> {
    OpenApiRouter::default()
        .routes(routes!(list, create))
        .routes(routes!(read, update))
        .routes(routes!(activate))
        .routes(routes!(suspend))
        .routes(routes!(resume))
        .routes(routes!(end_app))
        .routes(routes!(revoke_tokens))
}

/// An app.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = App)]
pub struct AppView {
    /// Identifier; also the OAuth `client_id`.
    pub id: AppId,
    /// Of this partner.
    pub partner: PartnerId,
    /// Short name, unique among the partner's apps.
    pub slug: Slug,
    /// Name on screens and consent pages.
    pub name: Localized,
    /// What it does.
    pub description: String,
    /// Where customers' browsers may be sent back to; none: the app cannot ask customers.
    #[serde(default)]
    pub redirect_uris: Vec<RedirectUri>,
    /// Where it stands.
    pub lifecycle: AppState,
    /// Moves that are possible now.
    pub moves: Vec<String>,
    /// The declared folder that owns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub managed_by: Option<String>,
    /// When it was registered.
    pub created_at: Instant,
    /// Grows with every change; the `ETag`.
    pub generation: u64,
}

impl From<App> for AppView {
    fn from(app: App) -> Self {
        let App { id, partner, slug, name, description, redirect_uris, state, managed_by, created_at, generation } =
            app;
        let moves = state.allowed().into_iter().map(str::to_owned).collect();
        Self {
            id,
            partner,
            slug,
            name,
            description,
            redirect_uris,
            lifecycle: state,
            moves,
            managed_by,
            created_at,
            generation,
        }
    }
}

/// A new app.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewApp {
    /// Of this partner.
    partner: PartnerId,
    /// Short name, unique among the partner's apps; never changed.
    slug: Slug,
    /// Name on screens and consent pages.
    name: Localized,
    /// What it does.
    #[serde(default)]
    description: String,
    /// Where customers' browsers may be sent back to, at most 20 addresses. Compared as text (FAPI 2.0).
    #[serde(default)]
    redirect_uris: Vec<RedirectUri>,
    /// The declared folder that owns it.
    #[serde(default)]
    managed_by: Option<String>,
}

/// What can be changed of an app.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AppUpdate {
    /// Name on screens and consent pages.
    name: Localized,
    /// What it does.
    #[serde(default)]
    description: String,
    /// Where customers' browsers may be sent back to, at most 20 addresses. Compared as text (FAPI 2.0).
    #[serde(default)]
    redirect_uris: Vec<RedirectUri>,
    /// The declared folder that owns it.
    #[serde(default)]
    managed_by: Option<String>,
}

/// Which apps.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AppQuery {
    /// Of this partner.
    partner: Option<PartnerId>,
    /// In this state.
    state: Option<String>,
    /// With this slug.
    slug: Option<String>,
    /// Owned by this declared folder.
    managed_by: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Most items wanted, 1 to 200; 50 when absent.
    limit: Option<u32>,
}

fn check(name: &Localized, description: &str, uris: &[RedirectUri], managed_by: Option<&str>) -> Result<()> {
    check_name(name)?;
    if description.chars().count() > 1_000 {
        return Err(Error::invalid("/description", "must be at most 1000 characters"));
    }
    if uris.len() > RedirectUri::PER_APP {
        return Err(Error::invalid("/redirect_uris", format!("must be at most {}", RedirectUri::PER_APP)));
    }
    managed_by.map_or(Ok(()), |folder| name::text(folder, 60).map_err(at("/managed_by")))
}

/// Apps, oldest first.
#[utoipa::path(get, path = "/admin/v1/apps", operation_id = "app_list", tag = "apps", params(AppQuery),
    responses((status = 200, description = "A page of apps", body = Listed<AppView>)))]
async fn list(State(manager): State<Manager>, Query(query): Query<AppQuery>) -> Result<Json<Listed<AppView>>> {
    let page = cursor::request(LIST, query.cursor.as_deref(), query.limit)?;
    let AppQuery { partner, state, slug, managed_by, .. } = query;
    let page = manager.read().await?.app_list(&AppFilter { partner, state, slug, managed_by }, &page).await?;
    Ok(Json(Listed::new(LIST, page.map(AppView::from))))
}

/// Registers an app. It gets tokens once it has a credential and is activated.
#[utoipa::path(post, path = "/admin/v1/apps", operation_id = "app_create", tag = "apps", request_body = NewApp,
    responses((status = 201, description = "The app", body = AppView)))]
async fn create(State(manager): State<Manager>, call: Call, request: Idempotent<NewApp>) -> Result<Response> {
    manager.post(call, request, |change, form| Box::pin(create_in(change, form))).await
}

async fn create_in(change: &mut Change, form: NewApp) -> Result<Reply> {
    check(&form.name, &form.description, &form.redirect_uris, form.managed_by.as_deref())?;
    let NewApp { partner, slug, name, description, redirect_uris, managed_by } = form;
    let owner = change.unit.partner_by_id(partner).await?;
    let owner = owner.ok_or_else(|| Error::invalid("/partner", "there is no such partner"))?;
    if matches!(owner.state.name(), "exiting" | "exited") {
        return Err(Problem::new(Code::LifecycleRefused).detail("the partner is leaving").into());
    }
    let (id, created_at) = (AppId::new(change.now, change.manager().entropy()), change.now);
    let state = AppState::Registered;
    let app = App { id, partner, slug, name, description, redirect_uris, state, managed_by, created_at, generation: 1 };
    change.unit.app_add(&app).await?;
    change.note("app.registered", "app", id, json!({ "partner": partner, "slug": app.slug }));
    Ok(Reply::created(format!("/admin/v1/apps/{id}"), &AppView::from(app))?.tagged(1))
}

/// One app.
#[utoipa::path(get, path = "/admin/v1/apps/{id}", operation_id = "app_read", tag = "apps",
    params(("id" = AppId, Path)), responses((status = 200, description = "The app", body = AppView)))]
async fn read(State(manager): State<Manager>, Path(id): Path<AppId>) -> Result<Tagged<AppView>> {
    let app = manager.read().await?.app_by_id(id).await?.ok_or_else(Error::not_found)?;
    Ok(Tagged::ok(app.generation, app.into()))
}

/// Changes what is known of an app; not where it stands.
#[utoipa::path(put, path = "/admin/v1/apps/{id}", operation_id = "app_update", tag = "apps",
    params(("id" = AppId, Path)), request_body = AppUpdate,
    responses((status = 200, description = "The app", body = AppView)))]
async fn update(
    State(manager): State<Manager>,
    call: Call,
    Path(id): Path<AppId>,
    base: IfMatch,
    pano_http::Body(form): pano_http::Body<AppUpdate>,
) -> Result<Response> {
    manager.put(call, form, move |change, form| Box::pin(update_in(change, id, base, form))).await
}

async fn update_in(change: &mut Change, id: AppId, base: IfMatch, form: AppUpdate) -> Result<Reply> {
    check(&form.name, &form.description, &form.redirect_uris, form.managed_by.as_deref())?;
    let app = change.unit.app_by_id(id).await?.ok_or_else(Error::not_found)?;
    base.check(app.generation)?;
    let AppUpdate { name, description, redirect_uris, managed_by } = form;
    store(change, App { name, description, redirect_uris, managed_by, ..app }, "app.updated", "").await
}

async fn store(change: &mut Change, app: App, action: &str, why: &str) -> Result<Reply> {
    change.unit.app_update(&app).await?;
    change.note(action, "app", app.id, json!({ "partner": app.partner, "why": why }));
    let app = App { generation: app.generation + 1, ..app };
    let generation = app.generation;
    Ok(Reply::ok(&AppView::from(app))?.tagged(generation))
}

/// Ends an app: its subscriptions end, its credentials and tokens are revoked.
pub(crate) async fn end(change: &mut Change, app: App, why: &str) -> Result<Reply> {
    let (id, step) = (app.id, change.step(why)?);
    let around = Surroundings { partner_admitted: false, live_credentials: 0 };
    let app = App { state: app.state.clone().moved(Move::End, step.clone(), around)?, ..app };
    for credential in change.unit.credential_list(id).await? {
        if change.unit.credential_revoke(credential.id, &step).await? {
            let detail = json!({ "app": id, "why": why });
            change.note("credential.revoked", "credential", credential.id, detail);
        }
    }
    let filter = SubscriptionFilter { app: Some(id), ..SubscriptionFilter::default() };
    let mut request = PageRequest::new(None, Some(PageRequest::MAX));
    loop {
        let page = change.unit.subscription_list(&filter, &request).await?;
        for subscription in page.items {
            if !subscription.state.is_over() {
                subscriptions::end(change, subscription, why).await?;
            }
        }
        match page.next {
            Some(next) => request = PageRequest::new(Some(next), Some(PageRequest::MAX)),
            None => break,
        }
    }
    tokens::revoke_all(change, id).await?;
    store(change, app, Move::End.event(), why).await
}

async fn moved(change: &mut Change, id: AppId, wanted: Move, why: &str) -> Result<Reply> {
    let app = change.unit.app_by_id(id).await?.ok_or_else(Error::not_found)?;
    if wanted == Move::End {
        return end(change, app, why).await;
    }
    let partner = change.unit.partner_by_id(app.partner).await?;
    let now = change.now;
    let live_credentials = change.unit.credential_list(id).await?.iter().filter(|c| c.is_live(now)).count();
    let partner_admitted = partner.is_some_and(|partner| partner.state.is_admitted());
    let around = Surroundings { partner_admitted, live_credentials };
    let app = App { state: app.state.clone().moved(wanted, change.step(why)?, around)?, ..app };
    if wanted.revokes_tokens() {
        tokens::revoke_all(change, id).await?;
    }
    store(change, app, wanted.event(), why).await
}

moves! {
    "apps", "The app", AppId, AppView, moved;
    /// Lets an app get tokens: its partner is admitted and it has a credential.
    activate "/admin/v1/apps/{id}/activate" "app_activate" Move::Activate;
    /// Stops an app for a while; its tokens are revoked.
    suspend "/admin/v1/apps/{id}/suspend" "app_suspend" Move::Suspend;
    /// Lets a suspended app work again.
    resume "/admin/v1/apps/{id}/resume" "app_resume" Move::Resume;
    /// Ends an app: its subscriptions end, its credentials and tokens are revoked.
    end_app "/admin/v1/apps/{id}/end" "app_end" Move::End;
}

/// Revokes every token that the app holds; it may get new ones.
#[utoipa::path(post, path = "/admin/v1/apps/{id}/revoke-tokens", operation_id = "app_revoke_tokens", tag = "apps",
    params(("id" = AppId, Path)), request_body = Reason,
    responses((status = 200, description = "The app", body = AppView)))]
async fn revoke_tokens(
    State(manager): State<Manager>,
    call: Call,
    Path(id): Path<AppId>,
    request: Idempotent<Reason>,
) -> Result<Response> {
    manager.post(call, request, move |change, form| Box::pin(revoke_in(change, id, form))).await
}

async fn revoke_in(change: &mut Change, id: AppId, form: Reason) -> Result<Reply> {
    let app = change.unit.app_by_id(id).await?.ok_or_else(Error::not_found)?;
    let step = change.step(&form.why)?;
    if step.why.trim().is_empty() {
        return Err(Error::invalid("/why", "to revoke tokens, say why"));
    }
    tokens::revoke_all(change, id).await?;
    change.note("app.tokens_revoked", "app", id, json!({ "partner": app.partner, "why": form.why }));
    let generation = app.generation;
    Ok(Reply::ok(&AppView::from(app))?.tagged(generation))
}
