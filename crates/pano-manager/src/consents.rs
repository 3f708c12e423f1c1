//! Consents: what customers permit apps. Customers give them at the authorization server; here the bank sees them and takes
//! them back.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use pano_http::cursor::{self, Listed};
use pano_http::{Idempotent, Path, Query};
use pano_oauth::Consent;
use pano_oauth::consent::{Revoker, State as ConsentState};
use pano_store::consent::ConsentFilter;
use pano_types::id::{AppId, ConsentId, PartnerId};
use pano_types::{Code, Instant, Problem};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::call::Call;
use crate::error::{Error, Result};
use crate::partners::Reason;
use crate::state::Manager;
use crate::write::{Change, Reply};

const LIST: &str = "consents";

pub(crate) fn router() -> OpenApiRouter<Manager> {
    OpenApiRouter::default().routes(routes!(list)).routes(routes!(read)).routes(routes!(revoke))
}

/// A consent.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = Consent)]
pub struct ConsentView {
    /// Identifier; access tokens carry it as `consent_id`.
    pub id: ConsentId,
    /// The app that it permits something.
    pub app: AppId,
    /// Its partner.
    pub partner: PartnerId,
    /// What was asked for, and all that can be permitted; scopes parted by spaces.
    pub scopes: String,
    /// Where it stands, with the customer and the accounts once they are known.
    pub lifecycle: ConsentState,
    /// When the app asked.
    pub created_at: Instant,
    /// Grows with every change.
    pub generation: u64,
}

impl From<Consent> for ConsentView {
    fn from(consent: Consent) -> Self {
        let Consent { id, app, partner, scopes, state, created_at, generation } = consent;
        Self { id, app, partner, scopes: scopes.to_string(), lifecycle: state, created_at, generation }
    }
}

/// Which consents.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ConsentQuery {
    /// Given to this app.
    app: Option<AppId>,
    /// Given to an app of this partner.
    partner: Option<PartnerId>,
    /// By this customer.
    customer: Option<String>,
    /// In this state.
    state: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Most items wanted, 1 to 200; 50 when absent.
    limit: Option<u32>,
}

/// Consents, newest first.
#[utoipa::path(get, path = "/admin/v1/consents", operation_id = "consent_list", tag = "consents", params(ConsentQuery),
    responses((status = 200, description = "A page of consents", body = Listed<ConsentView>)))]
async fn list(State(manager): State<Manager>, Query(query): Query<ConsentQuery>) -> Result<Json<Listed<ConsentView>>> {
    let page = cursor::request(LIST, query.cursor.as_deref(), query.limit)?;
    let ConsentQuery { app, partner, customer, state, .. } = query;
    let filter = ConsentFilter { app, partner, customer, state };
    let page = manager.read().await?.consent_list(&filter, &page).await?;
    Ok(Json(Listed::new(LIST, page.map(ConsentView::from))))
}

/// One consent.
#[utoipa::path(get, path = "/admin/v1/consents/{id}", operation_id = "consent_read", tag = "consents",
    params(("id" = ConsentId, Path)), responses((status = 200, description = "The consent", body = ConsentView)))]
async fn read(State(manager): State<Manager>, Path(id): Path<ConsentId>) -> Result<Json<ConsentView>> {
    let consent = manager.read().await?.consent_by_id(id).await?.ok_or_else(Error::not_found)?;
    Ok(Json(consent.into()))
}

/// Takes a consent back: its refresh token and its access tokens are void within a second.
#[utoipa::path(post, path = "/admin/v1/consents/{id}/revoke", operation_id = "consent_revoke", tag = "consents",
    params(("id" = ConsentId, Path)), request_body = Reason,
    responses((status = 200, description = "The consent", body = ConsentView)))]
async fn revoke(
    State(manager): State<Manager>,
    call: Call,
    Path(id): Path<ConsentId>,
    request: Idempotent<Reason>,
) -> Result<Response> {
    manager.post(call, request, move |change, form| Box::pin(revoke_in(change, id, form))).await
}

async fn revoke_in(change: &mut Change, id: ConsentId, form: Reason) -> Result<Reply> {
    let step = change.step(&form.why)?;
    if step.why.trim().is_empty() {
        return Err(Error::invalid("/why", "to revoke a consent, say why"));
    }
    let consent = change.unit.consent_by_id(id).await?.ok_or_else(Error::not_found)?;
    let revoker = Revoker::Operator { operator: step.who };
    let state = consent.state.clone().revoked(revoker, &step.why, step.at);
    let state = state.map_err(|error| Problem::new(Code::LifecycleRefused).detail(error.to_string()))?;
    let consent = Consent { state, ..consent };
    change.unit.consent_update(&consent).await?;
    let detail = json!({ "app": consent.app, "partner": consent.partner, "why": form.why });
    change.note("consent.revoked", "consent", id, detail);
    let consent = Consent { generation: consent.generation + 1, ..consent };
    Reply::ok(&ConsentView::from(consent))
}
