//! Credentials: an app's public keys and certificates.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use pano_http::cursor::Listed;
use pano_http::{Idempotent, Path};
use pano_partner::credential::{Credential, LIVE_MAX, Material, Registration};
use pano_partner::{Step, name};
use pano_types::id::{AppId, CredentialId};
use pano_types::{Code, Instant, Problem};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::call::Call;
use crate::error::{Error, Result, at};
use crate::partners::Reason;
use crate::state::Manager;
use crate::write::{Change, Reply};

pub(crate) fn router() -> OpenApiRouter<Manager> {
    OpenApiRouter::default().routes(routes!(list, create)).routes(routes!(read)).routes(routes!(revoke))
}

/// A registered public key or certificate.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = Credential)]
pub struct CredentialView {
    /// Identifier.
    pub id: CredentialId,
    /// Of this app.
    pub app: AppId,
    /// Key id, as assertions name it.
    pub kid: String,
    /// For people.
    pub label: String,
    /// The public key (RFC 7517).
    #[schema(value_type = Object)]
    pub jwk: Value,
    /// Its thumbprint (RFC 7638).
    pub thumbprint: String,
    /// The certificate in PEM, when it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
    /// Its subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Not taken before.
    pub not_before: Instant,
    /// Not taken at or after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Instant>,
    /// When a token was last got with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<Instant>,
    /// Who took it back, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Step>,
    /// When it was registered.
    pub created_at: Instant,
}

impl From<Credential> for CredentialView {
    fn from(credential: Credential) -> Self {
        let jwk = credential.key().to_json();
        let Credential {
            id,
            app,
            kid,
            label,
            material,
            thumbprint,
            not_before,
            expires_at,
            last_used_at,
            revoked,
            created_at,
        } = credential;
        let (certificate, subject) = match material {
            Material::Jwk { .. } => (None, None),
            Material::Certificate { pem, subject, .. } => (Some(pem), Some(subject)),
        };
        Self {
            id,
            app,
            kid,
            label,
            jwk,
            thumbprint,
            certificate,
            subject,
            not_before,
            expires_at,
            last_used_at,
            revoked,
            created_at,
        }
    }
}

/// A public key or certificate to register. Send public halves only.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCredential {
    /// For people.
    #[serde(default)]
    #[schema(example = "2026 spring")]
    label: String,
    /// A public key (RFC 7517): EC P-256, OKP Ed25519, or RSA of at least 2048 bits.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    jwk: Option<Value>,
    /// Or a certificate in PEM.
    #[serde(default)]
    certificate: Option<String>,
    /// Not taken before; now, when absent.
    #[serde(default)]
    not_before: Option<Instant>,
    /// Not taken at or after; a certificate's own end, when absent or later.
    #[serde(default)]
    expires_at: Option<Instant>,
}

/// An app's credentials, oldest first, revoked ones included.
#[utoipa::path(get, path = "/admin/v1/apps/{id}/credentials", operation_id = "credential_list", tag = "apps",
    params(("id" = AppId, Path)),
    responses((status = 200, description = "The credentials", body = Listed<CredentialView>)))]
async fn list(State(manager): State<Manager>, Path(id): Path<AppId>) -> Result<Json<Listed<CredentialView>>> {
    let mut unit = manager.read().await?;
    unit.app_by_id(id).await?.ok_or_else(Error::not_found)?;
    let items = unit.credential_list(id).await?.into_iter().map(CredentialView::from).collect();
    Ok(Json(Listed { items, next_cursor: None }))
}

/// Registers a public key or certificate.
#[utoipa::path(post, path = "/admin/v1/apps/{id}/credentials", operation_id = "credential_create", tag = "apps",
    params(("id" = AppId, Path)), request_body = NewCredential,
    responses((status = 201, description = "The credential", body = CredentialView)))]
async fn create(
    State(manager): State<Manager>,
    call: Call,
    Path(id): Path<AppId>,
    request: Idempotent<NewCredential>,
) -> Result<Response> {
    manager.post(call, request, move |change, form| Box::pin(create_in(change, id, form))).await
}

async fn create_in(change: &mut Change, app: AppId, form: NewCredential) -> Result<Reply> {
    let owner = change.unit.app_by_id(app).await?.ok_or_else(Error::not_found)?;
    let NewCredential { label, jwk, certificate, not_before, expires_at } = form;
    let id = CredentialId::new(change.now, change.manager().entropy());
    let short = if label.is_empty() { Ok(()) } else { name::text(&label, 60).map_err(at("/label")) };
    let registration = Registration { jwk, certificate, label, not_before, expires_at };
    // A private key is told apart before anything else about the request is judged.
    let credential = Credential::register(id, app, registration, change.now)?;
    short?;
    if owner.state.name() == "ended" {
        return Err(Problem::new(Code::LifecycleRefused).detail(("the app has ended", "该应用已终止")).into());
    }
    let now = change.now;
    let there = change.unit.credential_list(app).await?;
    if there.iter().filter(|c| c.is_live(now)).count() >= LIVE_MAX {
        let detail = (
            format!("an app has at most {LIVE_MAX} live credentials: revoke one first"),
            format!("每个应用至多 {LIVE_MAX} 个有效凭据，请先撤销一个"),
        );
        return Err(Problem::new(Code::Conflict).detail(detail).into());
    }
    if there.iter().any(|c| c.kid == credential.kid) {
        return Err(Problem::new(Code::Conflict)
            .detail(("the app has a credential with this `kid`", "该应用已有相同 `kid` 的凭据"))
            .into());
    }
    change.unit.credential_add(&credential).await?;
    let detail = json!({ "app": app, "kid": credential.kid, "thumbprint": credential.thumbprint });
    change.note("credential.registered", "credential", id, detail);
    Reply::created(format!("/admin/v1/apps/{app}/credentials/{id}"), &CredentialView::from(credential))
}

/// One credential.
#[utoipa::path(get, path = "/admin/v1/apps/{id}/credentials/{credential}", operation_id = "credential_read",
    tag = "apps", params(("id" = AppId, Path), ("credential" = CredentialId, Path)),
    responses((status = 200, description = "The credential", body = CredentialView)))]
async fn read(
    State(manager): State<Manager>,
    Path((app, id)): Path<(AppId, CredentialId)>,
) -> Result<Json<CredentialView>> {
    let found = manager.read().await?.credential_by_id(id).await?;
    let credential = found.filter(|c| c.app == app).ok_or_else(Error::not_found)?;
    Ok(Json(credential.into()))
}

/// Takes a credential back: no new token is given for it. Tokens already given live on; see `revoke-tokens` of the app.
#[utoipa::path(post, path = "/admin/v1/apps/{id}/credentials/{credential}/revoke", operation_id = "credential_revoke",
    tag = "apps", params(("id" = AppId, Path), ("credential" = CredentialId, Path)), request_body = Reason,
    responses((status = 200, description = "The credential", body = CredentialView)))]
async fn revoke(
    State(manager): State<Manager>,
    call: Call,
    Path((app, id)): Path<(AppId, CredentialId)>,
    request: Idempotent<Reason>,
) -> Result<Response> {
    manager.post(call, request, move |change, form| Box::pin(revoke_in(change, app, id, form))).await
}

async fn revoke_in(change: &mut Change, app: AppId, id: CredentialId, form: Reason) -> Result<Reply> {
    let found = change.unit.credential_by_id(id).await?;
    found.filter(|c| c.app == app).ok_or_else(Error::not_found)?;
    let step = change.step(&form.why)?;
    if step.why.trim().is_empty() {
        return Err(Error::invalid("/why", ("to revoke a credential, say why", "撤销凭据须说明原因")));
    }
    if !change.unit.credential_revoke(id, &step).await? {
        return Err(Problem::new(Code::LifecycleRefused)
            .detail(("the credential has been revoked already", "该凭据已被撤销"))
            .into());
    }
    change.note("credential.revoked", "credential", id, json!({ "app": app, "why": form.why }));
    let credential = change.unit.credential_by_id(id).await?.ok_or_else(Error::not_found)?;
    Reply::ok(&CredentialView::from(credential))
}
