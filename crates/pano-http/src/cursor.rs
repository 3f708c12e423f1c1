//! Opaque page cursors: the key of the last item and the list it belongs to, so that a cursor of another list is refused.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pano_types::{Code, Localized, Page, PageRequest, Problem};
use serde::{Deserialize, Serialize};

/// The cursor that callers send back for the page after `key` of `list`.
pub fn encode(list: &str, key: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{list}\n{key}"))
}

/// The key inside a cursor of `list`.
///
/// # Errors
/// `page.cursor_invalid` for anything that [`encode`] did not make for this list.
pub fn decode(list: &str, cursor: &str) -> Result<String, Problem> {
    (cursor.len() <= 1024)
        .then(|| URL_SAFE_NO_PAD.decode(cursor).ok())
        .flatten()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .and_then(|text| text.split_once('\n').filter(|(of, _)| *of == list).map(|(_, key)| key.to_owned()))
        .ok_or_else(|| Code::CursorInvalid.into())
}

/// The two parameters of every list. Lists with filters have the same two members among their own.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Most items wanted, 1 to 200; 50 when absent.
    pub limit: Option<u32>,
}

impl PageQuery {
    /// The request for a page of `list`.
    ///
    /// # Errors
    /// As [`request`].
    pub fn request(&self, list: &str) -> Result<PageRequest, Problem> {
        request(list, self.cursor.as_deref(), self.limit)
    }
}

/// The request for a page of `list` from what the caller sent.
///
/// # Errors
/// `page.cursor_invalid`; `request.invalid` when the limit is out of range.
pub fn request(list: &str, cursor: Option<&str>, limit: Option<u32>) -> Result<PageRequest, Problem> {
    if limit.is_some_and(|limit| limit == 0 || limit > PageRequest::MAX) {
        return Err(Problem::new(Code::RequestInvalid).error("limit", Localized::between(1, PageRequest::MAX)));
    }
    let after = cursor.map(|cursor| decode(list, cursor)).transpose()?;
    Ok(PageRequest::new(after, limit))
}

/// A page on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Listed<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// Send it as `cursor` for the next page; absent on the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

impl<T> Listed<T> {
    /// `page` of `list`, its key made opaque.
    pub fn new(list: &str, page: Page<T>) -> Self {
        Self { items: page.items, next_cursor: page.next.map(|key| encode(list, &key)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_serves_its_own_list_only() {
        let cursor = encode("partners", "2026\nptn_1");
        assert_eq!(decode("partners", &cursor).unwrap(), "2026\nptn_1");
        for (list, bad) in [("apps", &*cursor), ("partners", "!"), ("partners", ""), ("partners", "AAAA")] {
            assert_eq!(decode(list, bad).unwrap_err().code, Code::CursorInvalid);
        }
        assert_eq!(request("x", None, Some(0)).unwrap_err().code, Code::RequestInvalid);
        assert_eq!(request("x", None, Some(201)).unwrap_err().code, Code::RequestInvalid);
    }
}
