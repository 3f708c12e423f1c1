//! Starts real servers for tests: private stores, port 0, fake clock, seeded randomness.
//!
//! Start reading at [`store`]: [`on_every_store`] runs one test body on SQLite and, where the environment names one, on
//! PostgreSQL. With the feature `manager`, `TestManager` starts a manager with three people in one line.

#[cfg(feature = "manager")]
pub mod manager;
pub mod store;

#[cfg(feature = "manager")]
pub use manager::TestManager;
pub use store::{TestStore, on_every_store};
