//! Providers.

use axum::extract::State;
use axum::response::Response;
use pano_catalog::Provider;
use pano_catalog::wire::{ProviderCreate, ProviderForm, ProviderView};
use pano_http::cursor::{Listed, PageQuery};
use pano_http::{Body, Idempotent, IfMatch, Path, Query, Tagged};
use pano_types::id::ProviderId;
use serde_json::json;

use super::api::check_texts;
use crate::call::Call;
use crate::error::{Error, Result};
use crate::state::Manager;
use crate::write::{Change, Reply};

/// Providers by id.
#[utoipa::path(get, path = "/admin/v1/providers", operation_id = "provider_list", tag = "library", params(PageQuery),
    responses((status = 200, description = "Providers", body = Listed<ProviderView>)))]
pub(crate) async fn list(
    State(manager): State<Manager>,
    Query(query): Query<PageQuery>,
) -> Result<axum::Json<Listed<ProviderView>>> {
    let request = query.request("providers")?;
    let page = manager.read().await?.provider_list(&request).await?;
    Ok(axum::Json(Listed::new("providers", page.map(ProviderView::from))))
}

/// Adds a provider.
#[utoipa::path(post, path = "/admin/v1/providers", operation_id = "provider_create", tag = "library",
    request_body = ProviderCreate, responses((status = 201, description = "The provider", body = ProviderView)))]
pub(crate) async fn add(
    State(manager): State<Manager>,
    call: Call,
    request: Idempotent<ProviderCreate>,
) -> Result<Response> {
    manager.post(call, request, |change, form| Box::pin(create(change, form))).await
}

async fn create(change: &mut Change, form: ProviderCreate) -> Result<Reply> {
    let ProviderCreate { slug, name, internal, contact, managed_by } = form;
    check_texts(&name, &[("/contact", &contact)])?;
    let id = ProviderId::new(change.now, change.manager().entropy());
    let provider = Provider { id, slug, name, internal, contact, managed_by, created_at: change.now, generation: 1 };
    change.unit.provider_add(&provider).await?;
    change.note("provider.added", "provider", id, json!({ "slug": provider.slug }));
    Ok(Reply::created(format!("/admin/v1/providers/{id}"), &ProviderView::from(provider))?.tagged(1))
}

/// One provider.
#[utoipa::path(get, path = "/admin/v1/providers/{id}", operation_id = "provider_read", tag = "library",
    params(("id" = ProviderId, Path)), responses((status = 200, description = "The provider", body = ProviderView)))]
pub(crate) async fn one(State(manager): State<Manager>, Path(id): Path<ProviderId>) -> Result<Tagged<ProviderView>> {
    let provider = manager.read().await?.provider_find(id).await?.ok_or_else(Error::not_found)?;
    Ok(Tagged::ok(provider.generation, provider.into()))
}

/// Changes a provider.
#[utoipa::path(put, path = "/admin/v1/providers/{id}", operation_id = "provider_update", tag = "library",
    params(("id" = ProviderId, Path), ("If-Match" = String, Header)), request_body = ProviderForm,
    responses((status = 200, description = "The provider", body = ProviderView)))]
pub(crate) async fn change(
    State(manager): State<Manager>,
    call: Call,
    Path(id): Path<ProviderId>,
    read: IfMatch,
    Body(form): Body<ProviderForm>,
) -> Result<Response> {
    manager.put(call, form, move |change, form| Box::pin(update(change, id, read, form))).await
}

async fn update(change: &mut Change, id: ProviderId, read: IfMatch, form: ProviderForm) -> Result<Reply> {
    let ProviderForm { name, internal, contact, managed_by } = form;
    check_texts(&name, &[("/contact", &contact)])?;
    let known = change.unit.provider_find(id).await?.ok_or_else(Error::not_found)?;
    read.check(known.generation)?;
    let mut provider = Provider { name, internal, contact, managed_by, ..known };
    provider.generation = change.unit.provider_update(&provider).await?;
    change.note("provider.changed", "provider", id, json!({ "slug": provider.slug }));
    let generation = provider.generation;
    Ok(Reply::ok(&ProviderView::from(provider))?.tagged(generation))
}
