//! Journeys as files: each diagnostic in a file that has just that mistake, and what the repository's documents say of them.

#![allow(clippy::indexing_slicing, reason = "answers are read as serde_json values")]

mod documents;
mod mistakes;
