//! Phase 4: may this app call this operation?

use crate::compiled::api::Who;
use crate::context::Context;
use crate::refusal::{Refused, With as _};
use pano_types::{Code, Problem};
use std::sync::Arc;

/// Permits the call, or says why not.
///
/// # Errors
/// When the app is not active, came with another's certificate, is not subscribed, or the token lacks a scope.
pub fn permit(context: &mut Context) -> Result<(), Refused> {
    let Some(Who::App(scopes)) = context.operation().map(|o| &o.access) else { return Ok(()) };
    let Some(claims) = &context.claims else { return Err(Refused::from(Code::TokenMissing).bearer(None)) };
    let missing = (!claims.has_scopes(scopes)).then(|| scopes.join(" "));
    let app = claims.app.and_then(|id| context.compiled.as_ref()?.apps.find(id).map(Arc::clone));
    let Some(app) = app else { return Err(Code::AppUnknown.into()) };
    let api = context.route.as_ref().map(|r| r.api.id);
    let place = app.subscriptions.iter().position(|s| Some(s.api) == api);
    // Who registered certificates comes with one of them or with none; that a token is bound to one is not asked yet (RFC 8705 §3).
    let foreign = |shown| !app.certificates.is_empty() && !app.certificates.contains(shown);
    let foreign = context.conn.certificate.as_ref().is_some_and(foreign);
    context.app = Some((app, place));
    if foreign {
        return Err(Refused::from(Code::CertificateForeign).bearer(Some(("invalid_token", ""))));
    }
    if place.is_none() {
        return Err(Code::NotSubscribed.into());
    }
    let Some(wanted) = missing else { return Ok(()) };
    let more = format!(", scope=\"{wanted}\"");
    Err(Refused::from(Problem::new(Code::ScopeMissing).detail(wanted)).bearer(Some(("insufficient_scope", &more))))
}
