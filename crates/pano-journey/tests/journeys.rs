//! Journeys as files: each diagnostic in a file that has just that mistake, and what the repository's documents say of them.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it left out"
)]

#[path = "journeys/documents.rs"]
mod documents;
#[path = "journeys/mistakes.rs"]
mod mistakes;
