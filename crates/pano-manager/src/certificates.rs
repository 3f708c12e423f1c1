//! Certificates of apps: evidence that an app's own software passed a certification run in the sandbox.
//!
//! The sandbox bank writes them, nobody edits them. Here operators read them, and a production subscription asks for one.

use axum::Json;
use axum::extract::State;
use pano_catalog::lifecycle::Stage;
use pano_http::cursor::{self, Listed};
use pano_http::{Path, Query};
use pano_partner::certification::{Met, Profile};
use pano_partner::{Certificate, Environment, subscription};
use pano_store::UnitOfWork;
use pano_store::catalog::{OperationFilter, OperationRow};
use pano_types::id::{ApiId, AppId, CertificationId};
use pano_types::{Instant, PageRequest};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::error::{Error, Result};
use crate::state::Manager;
use crate::write::Change;

pub(crate) fn router() -> OpenApiRouter<Manager> {
    OpenApiRouter::default().routes(routes!(list)).routes(routes!(read))
}

/// A certificate.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = Certificate)]
pub struct CertificateView {
    /// Identifier, that of the run.
    pub id: CertificationId,
    /// The app.
    pub app: AppId,
    /// What it certifies the app for.
    pub profile: Profile,
    /// Version of the script that the app passed.
    pub script_version: u32,
    /// When the run began.
    pub started_at: Instant,
    /// When its last step was met.
    pub passed_at: Instant,
    /// Until when it counts.
    pub valid_until: Instant,
    /// Whether it counts now: it has not ended, and its script still suffices.
    pub valid: bool,
    /// Every step with what showed it.
    pub steps: Vec<Met>,
}

impl CertificateView {
    fn new(certificate: Certificate, now: Instant) -> Self {
        let valid = certificate.held().counts(now);
        let Certificate { id, app, profile, script_version, started_at, passed_at, valid_until, steps } = certificate;
        Self { id, app, profile, script_version, started_at, passed_at, valid_until, valid, steps }
    }
}

/// Which page.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CertificateQuery {
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Most items wanted, 1 to 200; 50 when absent.
    limit: Option<u32>,
}

/// Certificates of an app, oldest first.
#[utoipa::path(get, path = "/admin/v1/apps/{id}/certificates", operation_id = "certificate_list", tag = "apps",
    params(("id" = AppId, Path), CertificateQuery),
    responses((status = 200, description = "A page of certificates", body = Listed<CertificateView>)))]
async fn list(
    State(manager): State<Manager>,
    Path(app): Path<AppId>,
    Query(query): Query<CertificateQuery>,
) -> Result<Json<Listed<CertificateView>>> {
    let name = format!("certificates/{app}");
    let page = cursor::request(&name, query.cursor.as_deref(), query.limit)?;
    let mut unit = manager.read().await?;
    unit.app_by_id(app).await?.ok_or_else(Error::not_found)?;
    let (page, now) = (unit.certificate_list(app, &page).await?, manager.now());
    Ok(Json(Listed::new(&name, page.map(|certificate| CertificateView::new(certificate, now)))))
}

/// One certificate with the evidence of every step.
#[utoipa::path(get, path = "/admin/v1/apps/{id}/certificates/{certificate}", operation_id = "certificate_read",
    tag = "apps", params(("id" = AppId, Path), ("certificate" = CertificationId, Path)),
    responses((status = 200, description = "The certificate", body = CertificateView)))]
async fn read(
    State(manager): State<Manager>,
    Path((app, id)): Path<(AppId, CertificationId)>,
) -> Result<Json<CertificateView>> {
    let found = manager.read().await?.certificate_by_id(id).await?;
    let found = found.filter(|certificate| certificate.app == app).ok_or_else(Error::not_found)?;
    Ok(Json(CertificateView::new(found, manager.now())))
}

/// Refuses a production subscription to an app without the certificate that the API asks for.
///
/// # Errors
/// `subscription.certification_required`.
pub(crate) async fn gate(change: &mut Change, app: AppId, api: ApiId, environment: Environment) -> Result<()> {
    if environment == Environment::Sandbox {
        return Ok(());
    }
    let manager = change.manager().clone();
    let needed = needed(&mut *change.unit, &manager, api, None).await?;
    let held = change.unit.certificate_valid(app, change.now).await?;
    let held: Vec<_> = held.iter().map(Certificate::held).collect();
    Ok(subscription::gate(environment, needed, &held, change.now)?)
}

/// What the API asks for: whether any operation of its versions (at `stage`, or all of them) is in a category that moves money.
pub(crate) async fn needed(
    unit: &mut dyn UnitOfWork,
    manager: &Manager,
    api: ApiId,
    stage: Option<Stage>,
) -> Result<Profile> {
    let table = &manager.options().catalog.categories;
    let moves = |row: &OperationRow| table.category(&row.category).is_some_and(|category| category.funds);
    let filter = OperationFilter { api: Some(api), stage, ..OperationFilter::default() };
    let mut request = PageRequest::new(None, Some(PageRequest::MAX));
    loop {
        let page = unit.operation_list(&filter, &request).await?;
        if page.items.iter().any(moves) {
            return Ok(Profile::needed(true));
        }
        match page.next {
            Some(next) => request = PageRequest::new(Some(next), Some(PageRequest::MAX)),
            None => return Ok(Profile::needed(false)),
        }
    }
}
