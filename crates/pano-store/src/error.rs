//! What a store can answer instead of data.

use std::path::PathBuf;

/// Shorthand for this crate.
pub type Result<T> = std::result::Result<T, StoreError>;

type Source = Box<dyn std::error::Error + Send + Sync>;

/// Why the store did not do what was asked. `Display` is for operators and logs; what a partner sees is decided above.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Something with this key is there already, or something named does not exist (unique or foreign key).
    #[error("conflicts with what is stored: {what}")]
    Conflict {
        /// The constraint or thing, such as `operator.name`.
        what: String,
    },
    /// The thing to change does not exist.
    #[error("there is no {what}")]
    Missing {
        /// Kind and id.
        what: String,
    },
    /// The thing has changed since it was read (its generation is another).
    #[error("{what} has changed since it was read")]
    Stale {
        /// Kind and id.
        what: String,
    },
    /// A cursor moves on from another place than the caller thought.
    #[error("the cursor stands at {actual}")]
    CursorMismatch {
        /// Where it stands.
        actual: u64,
    },
    /// The page key is not one of this list's.
    #[error("the page key is not one of ours")]
    PageKey,
    /// Another transaction was in the way. Nothing was done; the whole unit may be tried again.
    #[error("the store is busy")]
    Busy,
    /// A stored value is not what it must be.
    #[error("corrupt data in {table}.{column}, row {row}: {reason}")]
    Corrupt {
        /// Table.
        table: String,
        /// Column.
        column: String,
        /// The row's key.
        row: String,
        /// What is wrong with the value. Never the value itself.
        reason: String,
    },
    /// A value cannot be stored, such as a number beyond 63 bits.
    #[error("cannot store {what}")]
    Unstorable {
        /// Which value and why.
        what: String,
    },
    /// A write through a unit for reading.
    #[error("this unit of work is for reading")]
    ReadOnly,
    /// A call on a unit that has failed before.
    #[error("this unit of work has failed and can only be dropped")]
    Spent,
    /// Another process works on the data folder.
    #[error("the data folder {} is in use by {holder}", folder.display())]
    FolderInUse {
        /// The folder.
        folder: PathBuf,
        /// `process 4711`, or `another process` when its id cannot be read.
        holder: String,
    },
    /// The database was migrated by a newer program.
    #[error("the database is at schema {found}, this program knows only up to {known}: start the newer program")]
    DatabaseNewer {
        /// Highest migration applied.
        found: u32,
        /// Highest migration known.
        known: u32,
    },
    /// A migration that has been applied differs from the program's.
    #[error("migration {number:04} differs from the one that was applied: released migrations must never be edited")]
    MigrationEdited {
        /// Its number.
        number: u32,
    },
    /// A migration failed; the database is as before it.
    #[error("migration {number:04} failed")]
    MigrationFailed {
        /// Its number.
        number: u32,
        /// What the database said.
        source: Source,
    },
    /// The database cannot be reached or does not answer.
    #[error("the store is unavailable: {what}")]
    Unavailable {
        /// What was tried.
        what: String,
        /// What went wrong.
        source: Source,
    },
    /// A defect of ours or of the database.
    #[error("statement {statement} failed")]
    Internal {
        /// Name of the statement.
        statement: &'static str,
        /// What the database said.
        source: Source,
    },
}

impl StoreError {
    /// Whether the same unit, run again from its start, may succeed.
    pub const fn retriable(&self) -> bool {
        matches!(self, Self::Busy)
    }

    /// A conflict over `what`.
    pub fn conflict(what: impl Into<String>) -> Self {
        Self::Conflict { what: what.into() }
    }

    /// Nothing called `what`.
    pub fn missing(what: impl Into<String>) -> Self {
        Self::Missing { what: what.into() }
    }

    /// `what` has another generation.
    pub fn stale(what: impl Into<String>) -> Self {
        Self::Stale { what: what.into() }
    }
}
