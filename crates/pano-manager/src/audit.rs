//! The audit trail: what was done by whom, and whether the chain of it is whole.

use axum::Json;
use axum::extract::State;
use pano_http::Query;
use pano_http::cursor::{self, Listed};
use pano_store::audit::{Actor, Filter, Link};
use pano_types::Instant;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::error::{Error, Result};
use crate::state::Manager;

const LIST: &str = "audit";

pub(crate) fn router() -> OpenApiRouter<Manager> {
    OpenApiRouter::default().routes(routes!(list)).routes(routes!(verify))
}

/// One link of the audit chain.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = AuditLink)]
pub struct LinkView {
    /// Place in the chain, from 1.
    pub seq: u64,
    /// When.
    pub at: Instant,
    /// Who: an operator, an app, or `system`.
    pub actor: String,
    /// Did what: `noun.verb`.
    #[schema(example = "partner.admitted")]
    pub action: String,
    /// Kind of what was acted upon.
    #[schema(example = "partner")]
    pub subject_kind: String,
    /// Its id.
    pub subject_id: String,
    /// Particulars.
    #[schema(value_type = Object)]
    pub detail: Value,
    /// Trace id of the request.
    pub trace_id: String,
    /// Hash of the link before, 64 hex digits.
    pub prev_hash: String,
    /// Hash of this link, 64 hex digits.
    pub hash: String,
}

impl From<Link> for LinkView {
    fn from(link: Link) -> Self {
        let Link { seq, act, prev_hash, hash } = link;
        let pano_store::audit::Act { at, actor, action, subject, detail, trace_id } = act;
        let (subject_kind, subject_id, actor) = (subject.kind, subject.id, actor.to_string());
        Self { seq, at, actor, action, subject_kind, subject_id, detail, trace_id, prev_hash, hash }
    }
}

/// Which links; every part given must match.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// Of this kind of subject.
    subject_kind: Option<String>,
    /// Of this subject.
    subject: Option<String>,
    /// By this operator or app, or `system`.
    actor: Option<String>,
    /// This action, or every action of a noun when it ends in a point (`partner.`).
    action: Option<String>,
    /// At or after.
    from: Option<Instant>,
    /// Before.
    until: Option<Instant>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Most items wanted, 1 to 200; 50 when absent.
    limit: Option<u32>,
}

/// What a walk over the whole chain found.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = AuditVerification)]
pub struct VerificationView {
    /// Whether every link is good.
    pub whole: bool,
    /// Links found good, from the first on.
    pub good: u64,
    /// Place of the last good link.
    pub head_seq: u64,
    /// Its hash.
    pub head_hash: String,
    /// How many earlier ends of the chain, noted outside of the database, it was held against.
    pub noted: u64,
    /// The first thing wrong, if anything is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broken: Option<String>,
}

/// Links of the audit chain, newest first.
#[utoipa::path(get, path = "/admin/v1/audit", operation_id = "audit_list", tag = "audit", params(AuditQuery),
    responses((status = 200, description = "A page of links", body = Listed<LinkView>)))]
async fn list(State(manager): State<Manager>, Query(query): Query<AuditQuery>) -> Result<Json<Listed<LinkView>>> {
    let page = cursor::request(LIST, query.cursor.as_deref(), query.limit)?;
    let actor = query.actor.map(|text| text.parse::<Actor>()).transpose();
    let filter = Filter {
        subject_kind: query.subject_kind,
        subject_id: query.subject,
        actor: actor.map_err(|_| {
            Error::invalid(
                "actor",
                ("must be the id of an operator or app, or `system`", "须为操作员或应用的标识，或 `system`"),
            )
        })?,
        action: query.action,
        from: query.from,
        until: query.until,
    };
    let page = manager.read().await?.audit_page(&filter, &page).await?;
    Ok(Json(Listed::new(LIST, page.map(LinkView::from))))
}

/// Walks the whole chain, holds it against the ends that were noted outside of the database, and names the first link that is
/// not as it was written.
#[utoipa::path(get, path = "/admin/v1/audit/verify", operation_id = "audit_verify", tag = "audit",
    responses((status = 200, description = "What was found", body = VerificationView)))]
async fn verify(State(manager): State<Manager>) -> Result<Json<VerificationView>> {
    // The notes first: whatever they say was in the database before it is read.
    let noted = crate::notes::read(&manager).await.map_err(Error::internal)?;
    let found = manager.read().await?.audit_verify(&noted).await?;
    let broken = found.broken.map(|broken| broken.to_string());
    Ok(Json(VerificationView {
        whole: broken.is_none(),
        good: found.good,
        head_seq: found.head.seq,
        head_hash: hex::encode(found.head.hash),
        noted: noted.len() as u64,
        broken,
    }))
}
