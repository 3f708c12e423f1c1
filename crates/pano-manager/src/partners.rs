//! Partners: registered, reviewed, admitted, suspended, gone.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use pano_http::cursor::{self, Listed};
use pano_http::{Idempotent, IfMatch, Path, Query, Tagged};
use pano_partner::name;
use pano_partner::partner::{Evidence, Move, Scenario, State as PartnerState};
use pano_partner::{Partner, Rate, Refused, Slug, Tier, Unmet};
use pano_store::partner::{AppFilter, PartnerFilter};
use pano_types::id::PartnerId;
use pano_types::{Instant, Localized, PageRequest};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::apps;
use crate::call::Call;
use crate::error::{Error, Result, at};
use crate::moves::moves;
use crate::state::Manager;
use crate::write::{Change, Reply};

const LIST: &str = "partners";

pub(crate) fn router() -> OpenApiRouter<Manager> {
    OpenApiRouter::default()
        .routes(routes!(list, create))
        .routes(routes!(read, update))
        .routes(routes!(submit))
        .routes(routes!(reject))
        .routes(routes!(admit))
        .routes(routes!(suspend))
        .routes(routes!(resume))
        .routes(routes!(exit))
        .routes(routes!(close))
}

/// A partner.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = Partner)]
pub struct PartnerView {
    /// Identifier.
    pub id: PartnerId,
    /// Unique short name.
    #[schema(example = "wealth-mate")]
    pub slug: Slug,
    /// Name on screens.
    pub name: Localized,
    /// Number in the register of companies.
    pub registration: String,
    /// Who answers for it.
    pub contact: String,
    /// What its scenario does.
    pub scenario: Scenario,
    /// The lowest tier that the scenario asks for.
    pub lowest_tier: Tier,
    /// What it has shown.
    pub evidence: Vec<Evidence>,
    /// Limit over all of its apps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
    /// Where it stands.
    pub lifecycle: PartnerState,
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

impl From<Partner> for PartnerView {
    fn from(partner: Partner) -> Self {
        let Partner {
            id,
            slug,
            name,
            registration,
            contact,
            scenario,
            evidence,
            rate,
            state,
            managed_by,
            created_at,
            generation,
        } = partner;
        let moves = state.allowed().into_iter().map(str::to_owned).collect();
        let (lowest_tier, lifecycle) = (scenario.tier(), state);
        Self {
            id,
            slug,
            name,
            registration,
            contact,
            scenario,
            lowest_tier,
            evidence,
            rate,
            lifecycle,
            moves,
            managed_by,
            created_at,
            generation,
        }
    }
}

/// A new partner.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPartner {
    /// Unique short name; never changed.
    #[schema(example = "wealth-mate")]
    slug: Slug,
    /// Name on screens.
    name: Localized,
    /// Number in the register of companies (in China: unified social credit code).
    #[serde(default)]
    registration: String,
    /// Who answers for it: a mailbox, a team.
    #[serde(default)]
    contact: String,
    /// What its scenario does.
    #[serde(default)]
    scenario: Scenario,
    /// What it has shown.
    #[serde(default)]
    evidence: Vec<Evidence>,
    /// Limit over all of its apps.
    #[serde(default)]
    rate: Option<Rate>,
    /// The declared folder that owns it.
    #[serde(default)]
    managed_by: Option<String>,
}

/// What can be changed of a partner.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PartnerUpdate)]
pub struct Facts {
    /// Name on screens.
    name: Localized,
    /// Number in the register of companies.
    #[serde(default)]
    registration: String,
    /// Who answers for it: a mailbox, a team.
    #[serde(default)]
    contact: String,
    /// What its scenario does.
    #[serde(default)]
    scenario: Scenario,
    /// What it has shown.
    #[serde(default)]
    evidence: Vec<Evidence>,
    /// Limit over all of its apps.
    #[serde(default)]
    rate: Option<Rate>,
    /// The declared folder that owns it.
    #[serde(default)]
    managed_by: Option<String>,
}

/// Why a step is taken.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// In the operator's own words; asked for where a move takes something away.
    #[serde(default)]
    pub(crate) why: String,
}

/// Admission.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Admission {
    /// In this tier, not below the scenario's.
    tier: Tier,
    /// In the operator's own words.
    #[serde(default)]
    why: String,
}

/// Which partners.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PartnerQuery {
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

/// Checks a name in two languages: at least one of them is there.
pub(crate) fn check_name(name: &Localized) -> Result<()> {
    for (text, at_) in [(&name.zh, "/name/zh"), (&name.en, "/name/en")] {
        if !text.is_empty() {
            name::text(text, 120).map_err(at(at_))?;
        }
    }
    if name.zh.is_empty() && name.en.is_empty() {
        return Err(Error::invalid("/name", ("needs a text in Chinese or English", "须提供中文或英文文本")));
    }
    Ok(())
}

fn check(facts: &Facts) -> Result<()> {
    check_name(&facts.name)?;
    let texts = [(&facts.registration, "/registration", 40), (&facts.contact, "/contact", 120)];
    for (text, at_, max) in texts {
        if !text.is_empty() {
            name::text(text, max).map_err(at(at_))?;
        }
    }
    if let Some(folder) = &facts.managed_by {
        name::text(folder, 60).map_err(at("/managed_by"))?;
    }
    if facts.evidence.len() > 100 {
        return Err(Error::invalid("/evidence", ("must have at most 100 entries", "至多 100 项")));
    }
    facts.evidence.iter().try_for_each(|e| name::text(&e.reference, 300).map_err(at("/evidence")))
}

/// Partners, oldest first.
#[utoipa::path(get, path = "/admin/v1/partners", operation_id = "partner_list", tag = "partners", params(PartnerQuery),
    responses((status = 200, description = "A page of partners", body = Listed<PartnerView>)))]
async fn list(State(manager): State<Manager>, Query(query): Query<PartnerQuery>) -> Result<Json<Listed<PartnerView>>> {
    let page = cursor::request(LIST, query.cursor.as_deref(), query.limit)?;
    let filter = PartnerFilter { state: query.state, slug: query.slug, managed_by: query.managed_by };
    let page = manager.read().await?.partner_list(&filter, &page).await?;
    Ok(Json(Listed::new(LIST, page.map(PartnerView::from))))
}

/// Registers a partner.
#[utoipa::path(post, path = "/admin/v1/partners", operation_id = "partner_create", tag = "partners",
    request_body = NewPartner, responses((status = 201, description = "The partner", body = PartnerView)))]
async fn create(State(manager): State<Manager>, call: Call, request: Idempotent<NewPartner>) -> Result<Response> {
    manager.post(call, request, |change, form| Box::pin(create_in(change, form))).await
}

async fn create_in(change: &mut Change, form: NewPartner) -> Result<Reply> {
    let NewPartner { slug, name, registration, contact, scenario, evidence, rate, managed_by } = form;
    let facts = Facts { name, registration, contact, scenario, evidence, rate, managed_by };
    check(&facts)?;
    let Facts { name, registration, contact, scenario, evidence, rate, managed_by } = facts;
    let partner = Partner {
        id: PartnerId::new(change.now, change.manager().entropy()),
        slug,
        name,
        registration,
        contact,
        scenario,
        evidence,
        rate,
        state: PartnerState::Registered { returned: None },
        managed_by,
        created_at: change.now,
        generation: 1,
    };
    change.unit.partner_add(&partner).await?;
    change.note("partner.registered", "partner", partner.id, json!({ "slug": partner.slug }));
    let location = format!("/admin/v1/partners/{}", partner.id);
    Ok(Reply::created(location, &PartnerView::from(partner))?.tagged(1))
}

/// One partner.
#[utoipa::path(get, path = "/admin/v1/partners/{id}", operation_id = "partner_read", tag = "partners",
    params(("id" = PartnerId, Path)), responses((status = 200, description = "The partner", body = PartnerView)))]
async fn read(State(manager): State<Manager>, Path(id): Path<PartnerId>) -> Result<Tagged<PartnerView>> {
    let partner = manager.read().await?.partner_by_id(id).await?.ok_or_else(Error::not_found)?;
    Ok(Tagged::ok(partner.generation, partner.into()))
}

/// Changes what is known of a partner; not where it stands.
#[utoipa::path(put, path = "/admin/v1/partners/{id}", operation_id = "partner_update", tag = "partners",
    params(("id" = PartnerId, Path)), request_body = Facts,
    responses((status = 200, description = "The partner", body = PartnerView)))]
async fn update(
    State(manager): State<Manager>,
    call: Call,
    Path(id): Path<PartnerId>,
    base: IfMatch,
    pano_http::Body(facts): pano_http::Body<Facts>,
) -> Result<Response> {
    manager.put(call, facts, move |change, facts| Box::pin(update_in(change, id, base, facts))).await
}

async fn update_in(change: &mut Change, id: PartnerId, base: IfMatch, facts: Facts) -> Result<Reply> {
    check(&facts)?;
    let mut partner = change.unit.partner_by_id(id).await?.ok_or_else(Error::not_found)?;
    base.check(partner.generation)?;
    if partner.tier().is_some_and(|tier| tier < facts.scenario.tier()) {
        let en = "the new scenario needs a higher tier than the partner was admitted in";
        let reason = (en, "新场景所需的准入等级高于合作方现有等级").into();
        return Err(Refused::Gate(vec![Unmet { check: "tier", reason }]).into());
    }
    let Facts { name, registration, contact, scenario, evidence, rate, managed_by } = facts;
    partner = Partner { name, registration, contact, scenario, evidence, rate, managed_by, ..partner };
    store(change, partner, "partner.updated", json!({})).await
}

async fn store(change: &mut Change, partner: Partner, action: &str, detail: serde_json::Value) -> Result<Reply> {
    change.unit.partner_update(&partner).await?;
    change.note(action, "partner", partner.id, detail);
    let partner = Partner { generation: partner.generation + 1, ..partner };
    let generation = partner.generation;
    Ok(Reply::ok(&PartnerView::from(partner))?.tagged(generation))
}

async fn moved(change: &mut Change, id: PartnerId, wanted: Move, why: &str) -> Result<Reply> {
    let partner = change.unit.partner_by_id(id).await?.ok_or_else(Error::not_found)?;
    if matches!(wanted, Move::Admit(_) | Move::Reject) {
        change.call().map_or(Ok(()), Call::person)?;
    }
    let partner = partner.moved(wanted, change.step(why)?)?;
    if wanted == Move::Exit {
        end_apps(change, id, why).await?;
    }
    store(change, partner, wanted.event(), json!({ "why": why })).await
}

/// An exit ends every app of the partner, and with it subscriptions, credentials and tokens.
async fn end_apps(change: &mut Change, partner: PartnerId, why: &str) -> Result<()> {
    let filter = AppFilter { partner: Some(partner), ..AppFilter::default() };
    let mut request = PageRequest::new(None, Some(PageRequest::MAX));
    loop {
        let page = change.unit.app_list(&filter, &request).await?;
        for app in page.items {
            if app.state.name() != "ended" {
                apps::end(change, app, why).await?;
            }
        }
        match page.next {
            Some(next) => request = PageRequest::new(Some(next), Some(PageRequest::MAX)),
            None => return Ok(()),
        }
    }
}

moves! {
    "partners", "The partner", PartnerId, PartnerView, moved;
    /// Asks for admission.
    submit "/admin/v1/partners/{id}/submit" "partner_submit" Move::Submit;
    /// Sends a partner back from review, saying why.
    reject "/admin/v1/partners/{id}/reject" "partner_reject" Move::Reject;
    /// Stops a partner for a while: its apps cannot call.
    suspend "/admin/v1/partners/{id}/suspend" "partner_suspend" Move::Suspend;
    /// Lets a suspended partner work again.
    resume "/admin/v1/partners/{id}/resume" "partner_resume" Move::Resume;
    /// Begins a partner's exit: apps and subscriptions end, credentials and tokens are revoked.
    exit "/admin/v1/partners/{id}/exit" "partner_exit" Move::Exit;
    /// Ends a partner's exit.
    close "/admin/v1/partners/{id}/close" "partner_close" Move::Close;
}

/// Admits a partner in a tier; another person than who submitted it.
#[utoipa::path(post, path = "/admin/v1/partners/{id}/admit", operation_id = "partner_admit", tag = "partners",
    params(("id" = PartnerId, Path)), request_body = Admission,
    responses((status = 200, description = "The partner", body = PartnerView)))]
async fn admit(
    State(manager): State<Manager>,
    call: Call,
    Path(id): Path<PartnerId>,
    request: Idempotent<Admission>,
) -> Result<Response> {
    manager.post(call, request, move |change, form| Box::pin(admit_in(change, id, form))).await
}

async fn admit_in(change: &mut Change, id: PartnerId, form: Admission) -> Result<Reply> {
    moved(change, id, Move::Admit(form.tier), &form.why).await
}
