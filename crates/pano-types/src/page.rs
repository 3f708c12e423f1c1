//! Bounded pages with opaque cursors.

use serde::{Deserialize, Serialize};

/// What a caller asks of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    after: Option<String>,
    limit: u32,
}

impl PageRequest {
    /// Most items on a page.
    pub const MAX: u32 = 200;
    /// Items on a page when the caller does not say.
    pub const DEFAULT: u32 = 50;

    /// `after` is the cursor of the page before; `limit` is cut to 1..=[`Self::MAX`].
    pub fn new(after: Option<String>, limit: Option<u32>) -> Self {
        Self { after, limit: limit.unwrap_or(Self::DEFAULT).clamp(1, Self::MAX) }
    }
    /// Key of the last item of the page before (decoded by `pano-http`, opaque outside).
    pub fn after(&self) -> Option<&str> {
        self.after.as_deref()
    }
    /// Most items wanted.
    pub const fn limit(&self) -> u32 {
        self.limit
    }
}

impl Default for PageRequest {
    fn default() -> Self {
        Self::new(None, None)
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// Key of the last item, when there are more after it.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// Makes a page from up to `limit + 1` rows; the surplus row only tells that there is more.
    pub fn from_rows(mut rows: Vec<T>, request: &PageRequest, key: impl Fn(&T) -> String) -> Self {
        let more = rows.len() > request.limit as usize;
        rows.truncate(request.limit as usize);
        let next = if more { rows.last().map(key) } else { None };
        Self { items: rows, next }
    }
    /// Converts every item.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(f).collect(), next: self.next }
    }
}
