//! Operators: people and programs that may use the admin API, their roles and API tokens.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use pano_http::cursor::{Listed, PageQuery};
use pano_http::{Idempotent, IfMatch, Path, Query, Tagged};
use pano_partner::name;
use pano_store::meta::SecretHash;
use pano_store::operator::{Kind, Operator, Token};
use pano_types::id::{OperatorId, TokenId};
use pano_types::{Code, Instant, Localized, PageRequest, Problem, Role};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::Duration;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::access::SERVICE;
use crate::bootstrap::new_secret;
use crate::call::Call;
use crate::error::{Error, Result, at};
use crate::state::Manager;
use crate::write::{Change, Reply};

const LIST: &str = "operators";
const DAY: Duration = Duration::from_secs(86_400);
/// How long a token lives when nobody says, and at most.
const TOKEN_DAYS: u32 = 90;
const TOKEN_DAYS_MAX: u32 = 366;

pub(crate) fn router() -> OpenApiRouter<Manager> {
    OpenApiRouter::default()
        .routes(routes!(crate::bootstrap::bootstrap))
        .routes(routes!(me))
        .routes(routes!(list, create))
        .routes(routes!(read, update))
        .routes(routes!(tokens, issue_token))
        .routes(routes!(revoke_token))
}

/// Person or program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = OperatorKind)]
pub enum KindView {
    /// A human being. Maker and checker are two of these.
    Person,
    /// A program: a pipeline, another role of Panorama.
    Service,
}

/// An operator.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = Operator)]
pub struct OperatorView {
    /// Identifier.
    pub id: OperatorId,
    /// Unique name.
    #[schema(example = "li.lei")]
    pub name: String,
    /// Person or program.
    pub kind: KindView,
    /// What they may do.
    pub roles: Vec<Role>,
    /// Since when they exist.
    pub created_at: Instant,
    /// Since when they may do nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled_at: Option<Instant>,
}

impl From<Operator> for OperatorView {
    fn from(operator: Operator) -> Self {
        let Operator { id, name, kind, roles, created_at, disabled_at, generation: _ } = operator;
        let kind = match kind {
            Kind::Person => KindView::Person,
            Kind::Service => KindView::Service,
        };
        Self { id, name, kind, roles, created_at, disabled_at }
    }
}

/// A new operator.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOperator {
    /// Unique name: 2 to 60 lower-case letters, digits, `.`, `_`, `-`.
    #[schema(example = "han.meimei")]
    name: String,
    /// Person or program.
    #[serde(default = "person")]
    kind: KindView,
    /// What they may do.
    roles: Vec<Role>,
}

const fn person() -> KindView {
    KindView::Person
}

/// What can be changed of an operator.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OperatorUpdate {
    /// What they may do.
    roles: Vec<Role>,
    /// Whether they may do nothing.
    #[serde(default)]
    disabled: bool,
}

/// A new API token.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// What its owner calls it.
    #[schema(example = "laptop")]
    label: String,
    /// Days until it ends, 1 to 366; 90 when absent.
    #[serde(default)]
    days: Option<u32>,
}

/// An API token, without the token.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = Token)]
pub struct TokenView {
    /// Identifier.
    pub id: TokenId,
    /// What its owner calls it.
    pub label: String,
    /// Since when it exists.
    pub created_at: Instant,
    /// From when it is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Instant>,
    /// When it was last used, to the minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<Instant>,
    /// Since when it is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Instant>,
}

impl From<Token> for TokenView {
    fn from(token: Token) -> Self {
        let Token { id, operator: _, label, created_at, expires_at, last_used_at, revoked_at } = token;
        Self { id, label, created_at, expires_at, last_used_at, revoked_at }
    }
}

/// An API token just made.
#[derive(Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TokenIssued {
    /// Identifier.
    pub id: TokenId,
    /// The token: shown this once, kept only as a hash. `null` in a replayed answer.
    pub token: Option<String>,
    /// From when it is refused.
    pub expires_at: Option<Instant>,
}

impl std::fmt::Debug for TokenIssued {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TokenIssued({}, ***)", self.id)
    }
}

/// Names stand in the audit trail for ever; no name may look like that of one of Panorama's own roles.
pub(crate) fn check_name(name: &str) -> Result<()> {
    let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b);
    let good = (2..=60).contains(&name.len()) && name.bytes().all(legal);
    if good {
        return Ok(());
    }
    Err(Error::invalid(
        "/name",
        (
            "must be 2 to 60 lower-case letters, digits, dots, underscores and hyphens",
            "须为 2 至 60 个小写字母、数字、点、下划线或连字符",
        ),
    ))
}

/// Adds an operator.
pub(crate) async fn add(change: &mut Change, name: String, kind: Kind, roles: Vec<Role>) -> Result<Operator> {
    let id = OperatorId::new(change.now, change.manager().entropy());
    let operator = Operator { id, name, kind, roles, created_at: change.now, disabled_at: None, generation: 1 };
    change.unit.operator_add(&operator).await?;
    Ok(operator)
}

/// Makes a token for `operator` that lives for `life`.
pub(crate) async fn issue(
    change: &mut Change,
    operator: &Operator,
    label: &str,
    life: Duration,
) -> Result<TokenIssued> {
    let entropy = change.manager().entropy();
    let (id, secret) = (TokenId::new(change.now, entropy), new_secret("pano", entropy));
    let expires_at = Some(change.now.plus(life));
    let (created_at, last_used_at, revoked_at) = (change.now, None, None);
    let label = label.to_owned();
    let token = Token { id, operator: operator.id, label, created_at, expires_at, last_used_at, revoked_at };
    change.unit.operator_token_add(&token, &SecretHash::of(&secret)).await?;
    // The one answer in which the token is shown.
    Ok(TokenIssued { id, token: Some(secret.expose().to_owned()), expires_at })
}

/// The caller.
#[utoipa::path(get, path = "/admin/v1/me", operation_id = "operator_me", tag = "operators",
    responses((status = 200, description = "Who the token belongs to", body = OperatorView)))]
async fn me(call: Call) -> Tagged<OperatorView> {
    Tagged::ok(call.operator.generation, call.operator.into())
}

/// Operators, oldest first.
#[utoipa::path(get, path = "/admin/v1/operators", operation_id = "operator_list", tag = "operators", params(PageQuery),
    responses((status = 200, description = "A page of operators", body = Listed<OperatorView>)))]
async fn list(State(manager): State<Manager>, Query(query): Query<PageQuery>) -> Result<Json<Listed<OperatorView>>> {
    let page = manager.read().await?.operator_page(&query.request(LIST)?).await?;
    Ok(Json(Listed::new(LIST, page.map(OperatorView::from))))
}

/// Adds an operator. They have no token yet.
#[utoipa::path(post, path = "/admin/v1/operators", operation_id = "operator_create", tag = "operators",
    request_body = NewOperator, responses((status = 201, description = "The operator", body = OperatorView)))]
async fn create(State(manager): State<Manager>, call: Call, request: Idempotent<NewOperator>) -> Result<Response> {
    manager.post(call, request, |change, form| Box::pin(create_in(change, form))).await
}

async fn create_in(change: &mut Change, form: NewOperator) -> Result<Reply> {
    check_name(&form.name)?;
    let kind = match form.kind {
        KindView::Person => Kind::Person,
        KindView::Service => Kind::Service,
    };
    let operator = add(change, form.name, kind, distinct(form.roles)).await?;
    let roles: Vec<_> = operator.roles.iter().map(|role| role.text()).collect();
    let detail = json!({ "name": operator.name, "kind": kind.text(), "roles": roles });
    change.note("operator.created", "operator", operator.id, detail);
    let location = format!("/admin/v1/operators/{}", operator.id);
    Ok(Reply::created(location, &OperatorView::from(operator))?.tagged(1))
}

fn distinct(mut roles: Vec<Role>) -> Vec<Role> {
    roles.sort_unstable();
    roles.dedup();
    roles
}

/// One operator.
#[utoipa::path(get, path = "/admin/v1/operators/{id}", operation_id = "operator_read", tag = "operators",
    params(("id" = OperatorId, Path)), responses((status = 200, description = "The operator", body = OperatorView)))]
async fn read(State(manager): State<Manager>, Path(id): Path<OperatorId>) -> Result<Tagged<OperatorView>> {
    let operator = manager.read().await?.operator_lookup(id).await?.ok_or_else(Error::not_found)?;
    Ok(Tagged::ok(operator.generation, operator.into()))
}

/// Changes an operator's roles, or switches them off and on.
#[utoipa::path(put, path = "/admin/v1/operators/{id}", operation_id = "operator_update", tag = "operators",
    params(("id" = OperatorId, Path)), request_body = OperatorUpdate,
    responses((status = 200, description = "The operator", body = OperatorView)))]
async fn update(
    State(manager): State<Manager>,
    call: Call,
    Path(id): Path<OperatorId>,
    base: IfMatch,
    pano_http::Body(form): pano_http::Body<OperatorUpdate>,
) -> Result<Response> {
    manager.put(call, (id, base, form), |change, (id, base, form)| Box::pin(update_in(change, id, base, form))).await
}

async fn update_in(change: &mut Change, id: OperatorId, base: IfMatch, form: OperatorUpdate) -> Result<Reply> {
    let mut operator = change.unit.operator_lookup(id).await?.ok_or_else(Error::not_found)?;
    base.check(operator.generation)?;
    refuse_service(&operator)?;
    operator.roles = distinct(form.roles);
    operator.disabled_at = form.disabled.then(|| operator.disabled_at.unwrap_or(change.now));
    if operator.disabled_at.is_some() || !operator.roles.contains(&Role::Admin) {
        another_admin(change, id).await?;
    }
    operator.generation = change.unit.operator_update(&operator).await?;
    let roles: Vec<_> = operator.roles.iter().map(|role| role.text()).collect();
    let detail = json!({ "roles": roles, "disabled": form.disabled });
    change.note("operator.updated", "operator", id, detail);
    let generation = operator.generation;
    Ok(Reply::ok(&OperatorView::from(operator))?.tagged(generation))
}

/// Panorama's own roles are not people's to change; their credentials are files.
fn refuse_service(operator: &Operator) -> Result<()> {
    if operator.name.starts_with(SERVICE) {
        return Err(Problem::new(Code::Conflict)
            .detail(("this is a role of Panorama itself", "这是平台自身的角色"))
            .into());
    }
    Ok(())
}

/// Without an administrator nobody could name another.
async fn another_admin(change: &mut Change, except: OperatorId) -> Result<()> {
    let mut request = PageRequest::new(None, Some(PageRequest::MAX));
    loop {
        let page = change.unit.operator_page(&request).await?;
        let admin = |o: &Operator| {
            o.id != except && o.disabled_at.is_none() && o.kind == Kind::Person && o.roles.contains(&Role::Admin)
        };
        if page.items.iter().any(admin) {
            return Ok(());
        }
        match page.next {
            Some(next) => request = PageRequest::new(Some(next), Some(PageRequest::MAX)),
            None => {
                return Err(Problem::new(Code::Conflict)
                    .detail(("this is the last administrator", "这是最后一名管理员"))
                    .into());
            }
        }
    }
}

/// An operator's API tokens, without the tokens.
#[utoipa::path(get, path = "/admin/v1/operators/{id}/tokens", operation_id = "operator_token_list", tag = "operators",
    params(("id" = OperatorId, Path)), responses((status = 200, description = "The tokens", body = Listed<TokenView>)))]
async fn tokens(State(manager): State<Manager>, Path(id): Path<OperatorId>) -> Result<Json<Listed<TokenView>>> {
    let mut unit = manager.read().await?;
    unit.operator_lookup(id).await?.ok_or_else(Error::not_found)?;
    let items = unit.operator_tokens(id).await?.into_iter().map(TokenView::from).collect();
    Ok(Json(Listed { items, next_cursor: None }))
}

/// Makes an API token. It is shown in this answer and never again.
#[utoipa::path(post, path = "/admin/v1/operators/{id}/tokens", operation_id = "operator_token_create", tag = "operators",
    params(("id" = OperatorId, Path)), request_body = NewToken,
    responses((status = 201, description = "The token", body = TokenIssued)))]
async fn issue_token(
    State(manager): State<Manager>,
    call: Call,
    Path(id): Path<OperatorId>,
    request: Idempotent<NewToken>,
) -> Result<Response> {
    manager.post(call, request, move |change, form| Box::pin(issue_in(change, id, form))).await
}

async fn issue_in(change: &mut Change, id: OperatorId, form: NewToken) -> Result<Reply> {
    let operator = change.unit.operator_lookup(id).await?.ok_or_else(Error::not_found)?;
    refuse_service(&operator)?;
    name::text(&form.label, 60).map_err(at("/label"))?;
    let days = form.days.unwrap_or(TOKEN_DAYS);
    if !(1..=TOKEN_DAYS_MAX).contains(&days) {
        return Err(Error::invalid("/days", Localized::between(1, TOKEN_DAYS_MAX)));
    }
    let live = change.unit.operator_tokens(id).await?.iter().filter(|token| token.is_live(change.now)).count();
    if live >= 20 {
        return Err(Problem::new(Code::Conflict)
            .detail(("20 tokens are live: revoke one first", "已有 20 个有效令牌，请先撤销一个"))
            .into());
    }
    let issued = issue(change, &operator, &form.label, DAY * days).await?;
    change.note("operator.token_created", "operator", id, json!({ "token": issued.id, "label": form.label }));
    let location = format!("/admin/v1/operators/{id}/tokens/{}", issued.id);
    Ok(Reply::created(location, &issued)?.once("token"))
}

/// Ends an API token.
#[utoipa::path(post, path = "/admin/v1/operators/{id}/tokens/{token}/revoke", operation_id = "operator_token_revoke",
    tag = "operators", params(("id" = OperatorId, Path), ("token" = TokenId, Path)),
    responses((status = 200, description = "The token", body = TokenView)))]
async fn revoke_token(
    State(manager): State<Manager>,
    call: Call,
    Path((id, token)): Path<(OperatorId, TokenId)>,
    request: Idempotent<()>,
) -> Result<Response> {
    manager.post(call, request, move |change, ()| Box::pin(revoke_in(change, id, token))).await
}

async fn revoke_in(change: &mut Change, id: OperatorId, token: TokenId) -> Result<Reply> {
    let operator = change.unit.operator_lookup(id).await?.ok_or_else(Error::not_found)?;
    refuse_service(&operator)?;
    let find = |tokens: Vec<Token>| tokens.into_iter().find(|t| t.id == token).ok_or_else(Error::not_found);
    find(change.unit.operator_tokens(id).await?)?;
    change.unit.operator_token_revoke(token, change.now).await?;
    change.note("operator.token_revoked", "operator", id, json!({ "token": token }));
    let revoked = find(change.unit.operator_tokens(id).await?)?;
    Reply::ok(&TokenView::from(revoked))
}
