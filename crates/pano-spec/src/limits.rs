//! What a document may cost to read. The defaults leave room for the largest open-banking documents (about 0.6 MB, 40,000 nodes).

/// Bounds on one document, external files included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Length of each file in bytes.
    pub bytes: usize,
    /// Nesting of maps and lists. Values over 120 are treated as 120: the JSON reader stops at 127 levels.
    pub depth: usize,
    /// Scalars, maps and lists together, after alias expansion.
    pub nodes: usize,
    /// Nodes that YAML aliases may add by being copied.
    pub alias_nodes: usize,
    /// Operations (a method on a path).
    pub operations: usize,
    /// `$ref` members.
    pub refs: usize,
    /// Files that external references may pull in.
    pub files: usize,
    /// Findings kept per document; the rest is counted, not kept.
    pub findings: usize,
}

impl Limits {
    /// The nesting really applied.
    pub(crate) fn depth_max(&self) -> usize {
        self.depth.min(120)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 16 * 1024 * 1024,
            depth: 100,
            nodes: 1_000_000,
            alias_nodes: 200_000,
            operations: 5_000,
            refs: 200_000,
            files: 64,
            findings: 500,
        }
    }
}
