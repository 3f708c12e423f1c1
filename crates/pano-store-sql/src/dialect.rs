//! Where SQLite and PostgreSQL differ. Nothing else in this crate asks which one it talks to.

use crate::StoreError;
use sea_query::{Expr, ExprTrait as _, Func, IntoColumnRef, PostgresQueryBuilder, SqliteQueryBuilder};
use sea_query_sqlx::{SqlxBinder, SqlxValues};

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dialect {
    /// SQLite 3, in WAL mode.
    Sqlite,
    /// PostgreSQL 14 or later.
    Postgres,
}

impl Dialect {
    /// Renders a statement and the values to bind.
    pub(crate) fn render(self, statement: &impl SqlxBinder) -> (String, SqlxValues) {
        match self {
            Self::Sqlite => statement.build_sqlx(SqliteQueryBuilder),
            Self::Postgres => statement.build_sqlx(PostgresQueryBuilder),
        }
    }

    /// The word that opens this dialect's blocks in a migration.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// The sum of a BIGINT column as a BIGINT: PostgreSQL would answer NUMERIC.
pub(crate) fn sum(column: impl IntoColumnRef) -> Expr {
    Expr::expr(Func::coalesce([Func::sum(Expr::col(column)).into(), Expr::val(0i64)])).cast_as("bigint")
}

/// The value that an upsert meant to insert.
pub(crate) fn excluded(column: &'static str) -> Expr {
    Expr::col(("excluded", column))
}

/// What a driver's error means to us.
pub(crate) fn classify(statement: &'static str, error: sqlx::Error) -> StoreError {
    match &error {
        sqlx::Error::Database(database) => match classify_database(database.as_ref()) {
            Some(known) => known,
            None => StoreError::Internal { statement, source: Box::new(error) },
        },
        sqlx::Error::PoolTimedOut => StoreError::Busy,
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
            StoreError::Unavailable { what: statement.to_owned(), source: Box::new(error) }
        }
        _ => StoreError::Internal { statement, source: Box::new(error) },
    }
}

fn classify_database(error: &dyn sqlx::error::DatabaseError) -> Option<StoreError> {
    use sqlx::error::ErrorKind;
    if matches!(error.kind(), ErrorKind::UniqueViolation | ErrorKind::ForeignKeyViolation) {
        // SQLite names the columns in its message, PostgreSQL the constraint; neither message carries values.
        let what = match error.constraint() {
            Some(constraint) => constraint.to_owned(),
            None => error.message().rsplit(": ").next().unwrap_or_default().to_owned(),
        };
        return Some(StoreError::Conflict { what });
    }
    let code = error.code()?;
    if let Ok(number) = code.parse::<u32>()
        && error.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some()
    {
        return sqlite_code(number);
    }
    postgres_state(&code)
}

/// SQLite result codes <https://sqlite.org/rescode.html>; the low byte is the primary code.
fn sqlite_code(number: u32) -> Option<StoreError> {
    match number & 0xff {
        5 | 6 => Some(StoreError::Busy),
        8 => Some(StoreError::ReadOnly),
        _ => None,
    }
}

/// SQLSTATE, PostgreSQL appendix A.
fn postgres_state(code: &str) -> Option<StoreError> {
    match code {
        // serialization failure, deadlock, lock not available, too many connections
        "40001" | "40P01" | "55P03" | "53300" => Some(StoreError::Busy),
        "25006" => Some(StoreError::ReadOnly),
        _ => None,
    }
}
