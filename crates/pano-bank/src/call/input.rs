//! What was sent with a call. Read when a handler asks for it, and refused with the place of the mistake.

use super::Refusal;
use crate::keys::Keys;
use crate::rooms::certification::Outside;
use axum::body::Bytes;
use http::{HeaderMap, Uri};
use pano_http::{Outbound, cursor};
use pano_types::{Code, PageRequest, Problem};
use serde::de::DeserializeOwned;
use std::str::FromStr;
use std::sync::Arc;

/// Path, query, headers, body.
#[derive(Debug, Clone, Default)]
pub(crate) struct Input {
    pub(crate) path: Vec<(String, String)>,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// The bank's keys.
    pub(crate) keys: Keys,
    /// Which addresses may be called.
    pub(crate) outbound: Outbound,
    /// What others saw of the app, where the operation asks for it.
    pub(crate) outside: Arc<Outside>,
}

impl Input {
    /// A path parameter, decoded; empty when the path has none of this name.
    pub(crate) fn path(&self, name: &str) -> &str {
        self.path.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// A path parameter as an identifier; one of the wrong form names nothing.
    ///
    /// # Errors
    /// `missing`.
    pub(crate) fn id<T: FromStr>(&self, name: &str, missing: Code) -> Result<T, Refusal> {
        self.path(name).parse().map_err(|_| missing.into())
    }

    /// The query. Unknown parameters are refused where `T` says so, as it must.
    ///
    /// # Errors
    /// `request.invalid`, naming the parameter.
    pub(crate) fn query<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        Ok(pano_http::extract::parse_query(&self.uri)?)
    }

    /// The page of `list` that cursor and limit of a query ask for.
    ///
    /// # Errors
    /// `page.cursor_invalid`, `request.invalid`.
    pub(crate) fn page(list: &str, cursor: Option<&str>, limit: Option<u32>) -> Result<PageRequest, Refusal> {
        Ok(cursor::request(list, cursor, limit)?)
    }

    /// The body as JSON. Unknown members are refused where `T` says so, as it must.
    ///
    /// # Errors
    /// `request.unsupported_media_type`, `request.malformed`, `request.invalid` with a JSON pointer.
    pub(crate) fn body<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        pano_http::extract::json_only(&self.headers)?;
        Ok(pano_http::extract::parse_json(&self.body)?)
    }

    /// The body as text in one of these media types.
    ///
    /// # Errors
    /// `request.unsupported_media_type`; `request.malformed` when it is not UTF-8.
    pub(crate) fn text(&self, media: &[&str]) -> Result<&str, Refusal> {
        let sent = self.header("content-type").unwrap_or_default();
        let essence = sent.split(';').next().unwrap_or_default().trim();
        if !media.iter().any(|known| known.eq_ignore_ascii_case(essence)) {
            let wanted = (format!("send {}", media.join(" or ")), format!("请发送 {}", media.join(" 或 ")));
            return Err(Problem::new(Code::UnsupportedMediaType).detail(wanted).into());
        }
        std::str::from_utf8(&self.body).map_err(|_| {
            Problem::new(Code::RequestMalformed).detail(("the body is not UTF-8", "请求体不是 UTF-8 编码")).into()
        })
    }

    /// A header, when it was sent once and is visible ASCII.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next()?.to_str().ok()?;
        values.next().is_none().then_some(value)
    }
}
