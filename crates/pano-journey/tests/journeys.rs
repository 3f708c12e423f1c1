//! Journeys as files: each diagnostic in a file that has just that mistake, and what the repository's documents say of them.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "journeys/documents.rs"]
mod documents;
#[path = "journeys/mistakes.rs"]
mod mistakes;
