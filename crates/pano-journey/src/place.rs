//! Where something stands in a journey's file.

use serde::Serialize;
use std::sync::Arc;

/// A stretch of the file, and the path that leads there.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// Line of the first character, from 1.
    pub line: u32,
    /// Column of the first character, in characters, from 1.
    pub column: u32,
    /// Line after whose end column nothing of it stands, from 1.
    pub end_line: u32,
    /// Column after the last character, from 1.
    pub end_column: u32,
    /// RFC 6901 pointer; empty for the whole file.
    pub path: Arc<str>,
}

impl Place {
    /// The head of the file.
    pub fn start() -> Self {
        Self { line: 1, column: 1, end_line: 1, end_column: 1, path: Arc::from("") }
    }

    /// The path that leads to `member` of what stands here.
    pub(crate) fn below(path: &str, member: &str) -> Arc<str> {
        Arc::from(format!("{path}/{}", member.replace('~', "~0").replace('/', "~1")))
    }
}
