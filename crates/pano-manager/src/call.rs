//! Who is calling, and whether they may: one guard before every route of the admin and internal API.

use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::WWW_AUTHENTICATE;
use http::request::Parts;
use pano_http::{Context, Failure};
use pano_store::audit::Actor;
use pano_store::operator::{Kind, Operator, authenticate};
use pano_types::{Code, Problem, Role};

use crate::access::{self, Access, SERVICE};
use crate::error::{Error, Result, takes_one_of};
use crate::state::Manager;

/// An authenticated, authorised call. As an extractor it is what only [`guard`] can have put there.
#[derive(Debug, Clone)]
pub struct Call {
    /// Who calls.
    pub operator: Operator,
    /// The request's context.
    pub context: Context,
}

impl Call {
    /// The caller, as the audit trail names it.
    pub const fn actor(&self) -> Actor {
        Actor::Operator(self.operator.id)
    }
    /// Refuses programs where two people must decide.
    ///
    /// # Errors
    /// `operator.forbidden`.
    pub fn person(&self) -> Result<()> {
        match self.operator.kind {
            Kind::Person => Ok(()),
            Kind::Service => {
                Err(Problem::new(Code::OperatorForbidden).detail(("this takes a person", "该操作须由人员执行")).into())
            }
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Call {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Code::OperatorUnauthenticated.into())
    }
}

/// Authenticates and authorises. Refuses what the access table does not know.
pub(crate) async fn guard(State(manager): State<Manager>, request: Request, next: Next) -> Response {
    // The request itself cannot be shared across an await: its body is not `Sync`.
    let (mut parts, body) = request.into_parts();
    match admit(&manager, &parts).await {
        Ok(Some(call)) => drop(parts.extensions.insert(call)),
        Ok(None) => {}
        Err(error) => return error.into_response(),
    }
    next.run(Request::from_parts(parts, body)).await
}

async fn admit(manager: &Manager, parts: &Parts) -> Result<Option<Call>> {
    let template = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let Some(rule) = access::rule(parts.method.as_str(), template) else {
        // Either a method that the route does not offer, or a route that nobody allowed: closed in both cases.
        tracing::debug!(template, "no access rule");
        return Err(Code::MethodNotAllowed.into());
    };
    if rule == Access::Open {
        return Ok(None);
    }
    let context = parts.extensions.get::<Context>().cloned().ok_or(Code::Internal)?;
    let secret = pano_http::bearer(&parts.headers).map_err(|_| unauthenticated())?.ok_or_else(unauthenticated)?;
    let operator = authenticate(manager.store(), &secret, manager.now()).await?.ok_or_else(unauthenticated)?;
    permit(rule, &operator)?;
    Ok(Some(Call { operator, context }))
}

fn unauthenticated() -> Error {
    Failure::from(Code::OperatorUnauthenticated).header(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")).into()
}

fn permit(rule: Access, operator: &Operator) -> Result<()> {
    let service = operator.name.strip_prefix(SERVICE);
    let (allowed, wanted) = match rule {
        Access::Open => (true, String::new()),
        Access::Roles(roles) => {
            let names: Vec<_> = roles.iter().copied().map(Role::text).collect();
            (service.is_none() && operator.roles.iter().any(|r| roles.contains(r)), names.join(", "))
        }
        Access::Service(name) => (service == Some(name), format!("{SERVICE}{name}")),
    };
    if allowed {
        return Ok(());
    }
    Err(Problem::new(Code::OperatorForbidden).detail(takes_one_of(&wanted)).into())
}
