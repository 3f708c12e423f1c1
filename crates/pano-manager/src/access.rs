//! Who may call what: the one table. A route that is not here answers nobody, and the matrix test walks the OpenAPI document
//! against it, so that neither a route nor a row can be forgotten.

use pano_types::Role::{self, Admin, Auditor, Operator, Reviewer, Security};

/// Who may call an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anyone, without a token.
    Open,
    /// An operator with one of these roles.
    Roles(&'static [Role]),
    /// The service account of this role of Panorama, by its name after [`SERVICE`].
    Service(&'static str),
}

/// What the names of service accounts of Panorama's own roles begin with; no one else may be called so.
pub const SERVICE: &str = "service:";

const ALL: Access = Access::Roles(Role::ALL);
const OPS: Access = Access::Roles(&[Operator]);
const GUARD: Access = Access::Roles(&[Operator, Security]);
const CHECK: Access = Access::Roles(&[Reviewer]);
const ADMIN: Access = Access::Roles(&[Admin]);
const WATCH: Access = Access::Roles(&[Admin, Auditor, Security]);
const TRAIL: Access = Access::Roles(&[Admin, Auditor, Security, Operator, Reviewer]);
const GATEWAY: Access = Access::Service("gateway");

/// Method, path template, who. Sections belong to who owns the routes.
pub const RULES: &[(&str, &str, Access)] = &[
    // The document and the first start.
    ("GET", "/admin/v1/openapi.json", Access::Open),
    ("POST", "/admin/v1/bootstrap", Access::Open),
    // Operators.
    ("GET", "/admin/v1/me", ALL),
    ("GET", "/admin/v1/operators", WATCH),
    ("POST", "/admin/v1/operators", ADMIN),
    ("GET", "/admin/v1/operators/{id}", WATCH),
    ("PUT", "/admin/v1/operators/{id}", ADMIN),
    ("GET", "/admin/v1/operators/{id}/tokens", WATCH),
    ("POST", "/admin/v1/operators/{id}/tokens", ADMIN),
    ("POST", "/admin/v1/operators/{id}/tokens/{token}/revoke", ADMIN),
    // Partners.
    ("GET", "/admin/v1/partners", ALL),
    ("POST", "/admin/v1/partners", OPS),
    ("GET", "/admin/v1/partners/{id}", ALL),
    ("PUT", "/admin/v1/partners/{id}", OPS),
    ("POST", "/admin/v1/partners/{id}/submit", OPS),
    ("POST", "/admin/v1/partners/{id}/reject", CHECK),
    ("POST", "/admin/v1/partners/{id}/admit", CHECK),
    ("POST", "/admin/v1/partners/{id}/suspend", GUARD),
    ("POST", "/admin/v1/partners/{id}/resume", GUARD),
    ("POST", "/admin/v1/partners/{id}/exit", OPS),
    ("POST", "/admin/v1/partners/{id}/close", OPS),
    // Apps and their credentials.
    ("GET", "/admin/v1/apps", ALL),
    ("POST", "/admin/v1/apps", OPS),
    ("GET", "/admin/v1/apps/{id}", ALL),
    ("PUT", "/admin/v1/apps/{id}", OPS),
    ("POST", "/admin/v1/apps/{id}/activate", OPS),
    ("POST", "/admin/v1/apps/{id}/suspend", GUARD),
    ("POST", "/admin/v1/apps/{id}/resume", GUARD),
    ("POST", "/admin/v1/apps/{id}/end", OPS),
    ("POST", "/admin/v1/apps/{id}/revoke-tokens", GUARD),
    ("GET", "/admin/v1/apps/{id}/credentials", ALL),
    ("POST", "/admin/v1/apps/{id}/credentials", OPS),
    ("GET", "/admin/v1/apps/{id}/credentials/{credential}", ALL),
    ("POST", "/admin/v1/apps/{id}/credentials/{credential}/revoke", GUARD),
    ("GET", "/admin/v1/apps/{id}/certificates", ALL),
    ("GET", "/admin/v1/apps/{id}/certificates/{certificate}", ALL),
    // Plans and subscriptions.
    ("GET", "/admin/v1/plans", ALL),
    ("POST", "/admin/v1/plans", OPS),
    ("GET", "/admin/v1/plans/{id}", ALL),
    ("PUT", "/admin/v1/plans/{id}", OPS),
    ("POST", "/admin/v1/plans/{id}/retire", OPS),
    ("GET", "/admin/v1/subscriptions", ALL),
    ("POST", "/admin/v1/subscriptions", OPS),
    ("GET", "/admin/v1/subscriptions/{id}", ALL),
    ("POST", "/admin/v1/subscriptions/{id}/approve", CHECK),
    ("POST", "/admin/v1/subscriptions/{id}/reject", CHECK),
    ("POST", "/admin/v1/subscriptions/{id}/suspend", GUARD),
    ("POST", "/admin/v1/subscriptions/{id}/resume", GUARD),
    ("POST", "/admin/v1/subscriptions/{id}/end", OPS),
    // Customers' consents.
    ("GET", "/admin/v1/consents", TRAIL),
    ("GET", "/admin/v1/consents/{id}", TRAIL),
    ("POST", "/admin/v1/consents/{id}/revoke", GUARD),
    // What happened.
    ("GET", "/admin/v1/audit", TRAIL),
    ("GET", "/admin/v1/audit/verify", TRAIL),
    ("GET", "/admin/v1/usage", ALL),
    ("GET", "/admin/v1/access-records", Access::Roles(&[Admin, Auditor, Operator, Security])),
    ("GET", "/admin/v1/gateways", ALL),
    // Between roles.
    ("GET", "/internal/v1/snapshot", GATEWAY),
    ("GET", "/internal/v1/contracts/{digest}", GATEWAY),
    ("POST", "/internal/v1/gateways/report", GATEWAY),
    ("POST", "/internal/v1/access-records", GATEWAY),
];

/// Who may call `method` on the route with this template; `None` when the table does not know it.
pub fn rule(method: &str, template: &str) -> Option<Access> {
    let method = if method == "HEAD" { "GET" } else { method };
    let known = RULES.iter().chain(crate::catalog::RULES);
    known.filter(|(m, t, _)| *m == method && *t == template).map(|(.., access)| *access).next()
}

/// The whole table.
pub fn rules() -> impl Iterator<Item = &'static (&'static str, &'static str, Access)> {
    RULES.iter().chain(crate::catalog::RULES)
}
