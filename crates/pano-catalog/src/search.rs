//! Full-text search over APIs and operations, Chinese and English, the same on every database.
//!
//! The store keeps, per version and token, where the token occurs and how much that counts ([`Entry`]); matching and ranking
//! happen here. English words are lower-cased, split at case changes and lightly stemmed; Chinese runs become single
//! characters and pairs when indexed, pairs when asked for. All terms of a query must match.

mod rank;
mod text;

pub use rank::{Found, Query, QueryError, Term, rank};
pub use text::{terms, tokens, words};

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Position of the version itself among the places where a token can occur; operations follow from 0.
pub const WHOLE: i32 = -1;

/// Where a token occurs in one version: place ([`WHOLE`] or the operation's position) and weight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Places(pub Vec<(i32, u32)>);

/// A token of a version with its places. One row in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The token.
    pub token: String,
    /// Where.
    pub places: Places,
}

/// How much an occurrence counts, by where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// Slug and names of an API.
    Name,
    /// Operation name, BIAN terms.
    Operation,
    /// Path and tags.
    Path,
    /// Summary.
    Summary,
    /// Owner, provider, directory, description.
    Rest,
}

impl Field {
    const fn weight(self) -> u32 {
        match self {
            Self::Name => 12,
            Self::Operation => 8,
            Self::Path => 5,
            Self::Summary => 3,
            Self::Rest => 1,
        }
    }
}

/// Collects what a version is found by.
#[derive(Debug, Clone, Default)]
pub struct Index(BTreeMap<String, BTreeMap<i32, u32>>);

/// Longest text of a field that is indexed, in characters; documents may carry chapters as descriptions.
const TEXT_MAX: usize = 2_000;

impl Index {
    /// Adds a text. A token counts once per text, however often it stands in it.
    pub fn add(&mut self, place: i32, field: Field, text: &str) {
        let cut: String = text.chars().take(TEXT_MAX).collect();
        for token in tokens(&cut) {
            let weight = self.0.entry(token).or_default().entry(place).or_default();
            *weight = weight.saturating_add(field.weight()).min(100);
        }
    }

    /// What the store keeps.
    pub fn entries(self) -> Vec<Entry> {
        self.0
            .into_iter()
            .map(|(token, places)| Entry { token, places: Places(places.into_iter().collect()) })
            .collect()
    }
}
