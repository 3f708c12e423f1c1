//! The one place where statements meet a database: rendered, timed, traced, and their errors understood.

use crate::dialect::{Dialect, classify};
use crate::record::StatementLog;
use crate::row::{Inner, Row};
use crate::{Result, StoreError};
use pano_store::UnitOfWork;
use sea_query_sqlx::{SqlxBinder, SqlxValues};
use sqlx::{AssertSqlSafe, Postgres, Sqlite, Transaction};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Statements slower than this are worth a warning.
const SLOW: Duration = Duration::from_millis(250);

/// One transaction; every repository is implemented on it.
pub(crate) struct Unit {
    transaction: Tx,
    spent: bool,
    log: Option<Arc<StatementLog>>,
}

pub(crate) enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Unit {
    pub(crate) fn new(transaction: Tx, log: Option<Arc<StatementLog>>) -> Self {
        Self { transaction, spent: false, log }
    }

    /// Which database this unit runs on. For [`crate::dialect`] and for what has no common form (full-text search).
    pub(crate) fn dialect(&self) -> Dialect {
        match self.transaction {
            Tx::Sqlite(_) => Dialect::Sqlite,
            Tx::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Executes; how many rows were touched. `name` is `table.what`.
    pub(crate) async fn run<S: SqlxBinder + Sync>(&mut self, name: &'static str, statement: &S) -> Result<u64> {
        let (sql, values) = self.render(name, statement)?;
        let begun = Instant::now();
        let outcome = match &mut self.transaction {
            Tx::Sqlite(tx) => sqlx::query_with::<Sqlite, _>(AssertSqlSafe(sql), values)
                .execute(&mut **tx)
                .await
                .map(|r| r.rows_affected()),
            Tx::Postgres(tx) => sqlx::query_with::<Postgres, _>(AssertSqlSafe(sql), values)
                .execute(&mut **tx)
                .await
                .map(|r| r.rows_affected()),
        };
        self.note(name, begun, outcome, |rows| *rows)
    }

    /// All rows of an answer, each read by `read`. Bound the statement: nothing here does.
    pub(crate) async fn all<S: SqlxBinder + Sync, T>(
        &mut self,
        name: &'static str,
        statement: &S,
        read: impl Fn(&Row) -> Result<T>,
    ) -> Result<Vec<T>> {
        let rows = self.rows(name, statement).await?;
        let read: Result<Vec<T>> = rows.iter().map(read).collect();
        self.keep(read)
    }

    /// The one row of an answer, or none.
    pub(crate) async fn one<S: SqlxBinder + Sync, T>(
        &mut self,
        name: &'static str,
        statement: &S,
        read: impl Fn(&Row) -> Result<T>,
    ) -> Result<Option<T>> {
        let rows = self.rows(name, statement).await?;
        let read = rows.first().map(read).transpose();
        self.keep(read)
    }

    /// Executes, and fails with `otherwise` unless exactly one row was touched: updates that name what they expect.
    pub(crate) async fn run_one<S: SqlxBinder + Sync>(
        &mut self,
        name: &'static str,
        statement: &S,
        otherwise: impl FnOnce() -> StoreError,
    ) -> Result<()> {
        let touched = self.run(name, statement).await?;
        let outcome = if touched == 1 { Ok(()) } else { Err(otherwise()) };
        self.keep(outcome)
    }

    /// Passes an outcome on; an error spends the unit.
    pub(crate) fn keep<T>(&mut self, outcome: Result<T>) -> Result<T> {
        self.spent |= outcome.is_err();
        outcome
    }

    async fn rows<S: SqlxBinder + Sync>(&mut self, name: &'static str, statement: &S) -> Result<Vec<Row>> {
        let (sql, values) = self.render(name, statement)?;
        let begun = Instant::now();
        let outcome = match &mut self.transaction {
            Tx::Sqlite(tx) => sqlx::query_with::<Sqlite, _>(AssertSqlSafe(sql), values)
                .fetch_all(&mut **tx)
                .await
                .map(|rows| rows.into_iter().map(Inner::Sqlite).collect::<Vec<_>>()),
            Tx::Postgres(tx) => sqlx::query_with::<Postgres, _>(AssertSqlSafe(sql), values)
                .fetch_all(&mut **tx)
                .await
                .map(|rows| rows.into_iter().map(Inner::Postgres).collect::<Vec<_>>()),
        };
        let rows = self.note(name, begun, outcome, |rows| rows.len() as u64)?;
        let table = name.split('.').next().unwrap_or(name);
        Ok(rows.into_iter().map(|inner| Row { table, inner }).collect())
    }

    fn render(&mut self, name: &'static str, statement: &impl SqlxBinder) -> Result<(String, SqlxValues)> {
        if self.spent {
            return Err(StoreError::Spent);
        }
        if let Some(log) = &self.log {
            let outcome = log.add(name, statement);
            self.keep(outcome)?;
        }
        Ok(self.dialect().render(statement))
    }

    fn note<T>(
        &mut self,
        name: &'static str,
        begun: Instant,
        outcome: sqlx::Result<T>,
        rows: impl FnOnce(&T) -> u64,
    ) -> Result<T> {
        let took = begun.elapsed();
        let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        match &outcome {
            Ok(value) if took < SLOW => tracing::trace!(statement = name, took_us, rows = rows(value), "db statement"),
            Ok(value) => tracing::warn!(statement = name, took_us, rows = rows(value), "slow db statement"),
            Err(_) => tracing::debug!(statement = name, took_us, "db statement failed"),
        }
        let outcome = outcome.map_err(|error| classify(name, error));
        self.keep(outcome)
    }
}

#[async_trait::async_trait]
impl UnitOfWork for Unit {
    async fn save(self: Box<Self>) -> Result<()> {
        if self.spent {
            return Err(StoreError::Spent);
        }
        match self.transaction {
            Tx::Sqlite(tx) => tx.commit().await,
            Tx::Postgres(tx) => tx.commit().await,
        }
        .map_err(|error| classify("unit.save", error))
    }
}
