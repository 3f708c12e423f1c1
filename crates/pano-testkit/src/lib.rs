//! Starts real servers for tests: private stores, port 0, fake clock, seeded randomness.
//!
//! Start reading at [`store`]: [`on_every_store`] runs one test body on SQLite and, where the environment names one, on
//! PostgreSQL.

pub mod store;

pub use store::{TestStore, on_every_store};
