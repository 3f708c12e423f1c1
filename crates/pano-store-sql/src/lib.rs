//! The one crate that knows SQL: SQLite and PostgreSQL through one query layer, migrations, outbox.
//!
//! Why it exists: `pano-store` says what is kept, this says how, once for both databases. Only assembly and tests name it.
//!
//! Invariants:
//! * Statements are sea-query trees, written once and rendered per dialect by [`executor`]; what differs between dialects
//!   stands in [`dialect`] alone. Every statement has a name, `table.what`, and is timed and traced where no caller can forget.
//! * Encodings: ids TEXT, instants BIGINT (UTC microseconds), other numbers BIGINT, amounts BIGINT minor units, bodies TEXT
//!   holding JSON, truth BOOLEAN. Unsigned numbers beyond 63 bits are refused, not wrapped.
//! * What is read is checked: [`row::Row`] turns an impossible value into [`StoreError::Corrupt`] with table, column and row.
//! * **SQLite**: WAL, foreign keys on, one writer connection whose transactions begin with `BEGIN IMMEDIATE` (so a transaction
//!   never fails half-way because another wrote), and a pool of connections that can only read. The folder is locked by one
//!   process ([`lock`]).
//! * **PostgreSQL**: write units run at READ COMMITTED. So "read, decide, write" needs one of: a row lock taken by the read
//!   (`.lock_exclusive()`, which SQLite leaves out, its writer being alone), a generation in the `WHERE` of the update, or a
//!   unique constraint. Sequences are rows of `counter`, locked until commit: their order is the order of commits.
//!   Read units are REPEATABLE READ READ ONLY: one moment.
//!
//! Adding to a vertical: its trait is in `pano-store`, its statements in the file of the same name here, its tables in its
//! numbered migration under `migrations/`, its cases in `tests/suite/`.
//!
//! Start reading at [`store`], then [`executor`], then `operator.rs` as an example of a vertical.

pub(crate) mod dialect;
pub(crate) mod executor;
pub(crate) mod lock;
mod migrate;
mod record;
pub(crate) mod row;
mod store;
pub mod testing;

mod audit;
mod bank;
mod catalog;
mod consent;
mod gateway;
mod meta;
mod operator;
mod outbox;
mod page;
mod partner;
mod snapshot;
mod token;
mod usage;

pub use dialect::Dialect;
pub use migrate::{MIGRATIONS, Migration};
pub use record::StatementLog;
pub use store::{Location, SqlOptions, SqlStore};

use pano_store::{Result, StoreError};
