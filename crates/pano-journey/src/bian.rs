//! What of BIAN a journey can be checked against: service domains and the operations of each.
//!
//! The lists come from the caller, who read them from a release; a domain that the caller does not have is unknown, not wrong.

use pano_spec::Document;
use std::collections::{BTreeMap, BTreeSet};

/// Service domains with their operations.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Landscape {
    domains: BTreeMap<String, BTreeSet<String>>,
    /// Whether a domain that is not listed does not exist.
    whole: bool,
}

impl Landscape {
    /// An empty one that has not every domain.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same, said to have every domain of the release.
    #[must_use]
    pub fn whole(mut self) -> Self {
        self.whole = true;
        self
    }

    /// Adds a domain's operations, which may come in several documents.
    pub fn add<'o>(&mut self, domain: &str, operations: impl IntoIterator<Item = &'o str>) {
        let known = self.domains.entry(domain.to_owned()).or_default();
        known.extend(operations.into_iter().map(str::to_owned));
    }

    /// Adds the domain that a BIAN Semantic API describes: the first segment of its paths, and its operationIds.
    pub fn add_document(&mut self, document: &Document) {
        for operation in document.operations() {
            let domain = operation.path.trim_start_matches('/').split('/').next().unwrap_or_default();
            if let Some(id) = operation.operation_id() {
                self.add(domain, [id]);
            }
        }
    }

    /// Whether nothing can be checked.
    pub fn is_empty(&self) -> bool {
        self.domains.is_empty()
    }

    pub(crate) fn is_whole(&self) -> bool {
        self.whole
    }

    pub(crate) fn domains(&self) -> impl Iterator<Item = &str> {
        self.domains.keys().map(String::as_str)
    }

    pub(crate) fn operations(&self, domain: &str) -> Option<impl Iterator<Item = &str>> {
        Some(self.domains.get(domain)?.iter().map(String::as_str))
    }
}
