//! Phase 3: who calls. The access token is verified once; what can change meanwhile is asked each time.

use crate::compiled::api::Who;
use crate::context::Context;
use crate::refusal::{Refused, With as _};
use crate::token::{self, Claims, Rules, TokenError};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use pano_types::{Code, Problem};
use std::rc::Rc;

/// Verifies the access token, where the operation wants one. Whether that took a signature's verification, which is the one step
/// of a request that takes long.
///
/// # Errors
/// When it is missing, invalid, expired or revoked (RFC 6750 §3.1).
pub fn caller(context: &mut Context, headers: &HeaderMap) -> Result<bool, Refused> {
    if matches!(context.operation().map(|o| &o.access), None | Some(Who::Public)) {
        return Ok(false);
    }
    let token = bearer(headers)?;
    let Some(compiled) = context.compiled.clone() else { return Err(Code::NoSnapshot.into()) };
    let (claims, is_new) = claims(context, &compiled.keys, token)?;
    let revoked = &compiled.revoked;
    if revoked.holds(claims.jti.as_deref(), claims.app, claims.issued) || revoked.has_ended(claims.consent.as_deref()) {
        return Err(Refused::from(Code::TokenRevoked).bearer(Some(("invalid_token", ""))));
    }
    context.claims = Some(claims);
    Ok(is_new)
}

/// The token of the one `Authorization: Bearer` header.
fn bearer(headers: &HeaderMap) -> Result<&[u8], Refused> {
    let mut all = headers.get_all(AUTHORIZATION).iter();
    let value = match (all.next(), all.next()) {
        (None, _) => return Err(Refused::from(Code::TokenMissing).bearer(None)),
        (Some(value), None) => value.as_bytes(),
        (Some(_), Some(_)) => {
            let problem = Problem::new(Code::TokenInvalid).detail("more than one Authorization header");
            return Err(Refused::from(problem).bearer(Some(("invalid_request", ""))));
        }
    };
    match value.split_at_checked(7) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case(b"bearer ") && !token.is_empty() => Ok(token),
        _ => Err(Refused::from(Code::TokenMissing).bearer(None)),
    }
}

/// The token's claims, and whether they had to be verified.
fn claims(context: &Context, keys: &token::Keys, bytes: &[u8]) -> Result<(Rc<Claims>, bool), Refused> {
    let worker = &context.worker;
    let mut memory = worker.tokens.borrow_mut();
    let remembering = worker.shared.options.tokens.remembered > 0;
    let tag = if remembering { memory.tag(bytes) } else { Default::default() };
    if remembering && let Some(claims) = memory.recall(&tag) {
        if claims.expired(context.at) {
            memory.forget(&tag);
            return Err(refuse(TokenError::Expired));
        }
        if claims.epoch == keys.epoch {
            return Ok((claims, false));
        }
    }
    let rules = Rules { any_jwt: worker.shared.options.tokens.any_jwt };
    let claims = Rc::new(token::verify(bytes, keys, rules, context.at).map_err(refuse)?);
    memory.remember(tag, Rc::clone(&claims));
    Ok((claims, true))
}

fn refuse(error: TokenError) -> Refused {
    let code = if error == TokenError::Expired { Code::TokenExpired } else { Code::TokenInvalid };
    Refused::from(Problem::new(code).detail(error.to_string())).bearer(Some(("invalid_token", "")))
}
