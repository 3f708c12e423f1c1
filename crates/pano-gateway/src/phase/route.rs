//! Phase 2: host, path and method to an operation.

use crate::compiled::{Found, Mounts, Serving};
use crate::context::{Context, Route};
use crate::path;
use crate::refusal::{Refused, With as _};
use crate::router::Captures;
use http::header::{ALLOW, HOST, LINK};
use http::request::Parts;
use pano_types::{Code, Problem};
use std::borrow::Cow;
use std::sync::Arc;

/// Finds the operation.
///
/// # Errors
/// When there is none at this address, or not with this method, or no snapshot.
pub fn find(context: &mut Context, parts: &Parts) -> Result<(), Refused> {
    let Some(compiled) = &context.compiled else {
        return Err(Refused::from(Code::NoSnapshot).retry_after(1));
    };
    let path = path::normalise(parts.uri.path()).map_err(|e| Problem::new(Code::RequestMalformed).detail(e.told()))?;
    let mounts = Arc::clone(&compiled.mounts);
    let host = host(parts)?;
    let host =
        host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit())).map_or(host, |(h, _)| h);
    look_up(context, parts, &mounts, host, path)
}

fn look_up(
    context: &mut Context,
    parts: &Parts,
    mounts: &Mounts,
    host: &str,
    path: Cow<'_, str>,
) -> Result<(), Refused> {
    let host = if host.bytes().any(|b| b.is_ascii_uppercase()) {
        Cow::Owned(host.to_ascii_lowercase())
    } else {
        Cow::Borrowed(host)
    };
    match mounts.find(&host, &path) {
        Found::Nothing => Err(Code::RouteUnknown.into()),
        Found::Retired(api) => {
            let mut refused = Refused::from(Code::VersionRetired);
            if let Serving::Retired(Some(link)) = &api.serving {
                refused = refused.header(LINK, link.clone());
            }
            context.route = Some(Route {
                api: Arc::clone(api),
                operation: None,
                captures: Captures::default(),
                normal: None,
                base: 0,
            });
            Err(refused)
        }
        Found::Leaf { api, leaf, captures, base } => {
            let operation = leaf.method(&parts.method).map(|(place, _)| *place);
            let allow = operation.is_none().then(|| leaf.allow());
            let normal = match path {
                Cow::Borrowed(_) => None,
                Cow::Owned(normal) => Some(normal),
            };
            context.route = Some(Route { api: Arc::clone(api), operation, captures, normal, base });
            match allow {
                None => Ok(()),
                Some(allow) => Err(Refused::from(Code::MethodNotAllowed).header(ALLOW, allow)),
            }
        }
    }
}

/// The host asked for; refused when the request names two.
fn host(parts: &Parts) -> Result<&str, Refused> {
    let header = match parts.headers.get(HOST) {
        Some(value) => Some(value.to_str().map_err(|_| Refused::from(Code::RequestMalformed))?),
        None => None,
    };
    match (parts.uri.authority(), header) {
        (Some(authority), Some(host)) if !authority.as_str().eq_ignore_ascii_case(host) => {
            Err(Problem::new(Code::RequestMalformed)
                .detail(("the target and the Host header name different hosts", "请求目标与 Host 头的主机不一致"))
                .into())
        }
        (Some(authority), _) => Ok(authority.as_str()),
        (None, Some(host)) => Ok(host),
        (None, None) => Ok(""),
    }
}
