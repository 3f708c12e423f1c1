//! Reading rows, checked.

use crate::{Result, StoreError};
use pano_types::Instant;
use serde::de::DeserializeOwned;
use sqlx::{ColumnIndex, Database, Decode, Type, postgres::PgRow, sqlite::SqliteRow};
use std::fmt::Display;
use std::str::FromStr;

/// One row of an answer. The first column selected should be the row's key: errors name the row by it.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) table: &'static str,
    pub(crate) inner: Inner,
}

#[derive(Debug)]
pub(crate) enum Inner {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Row {
    /// A column that is never null.
    fn value<T>(&self, column: &str) -> Result<T>
    where
        T: for<'r> Decode<'r, sqlx::Sqlite> + Type<sqlx::Sqlite>,
        T: for<'r> Decode<'r, sqlx::Postgres> + Type<sqlx::Postgres>,
    {
        match &self.inner {
            Inner::Sqlite(row) => decode(row, column),
            Inner::Postgres(row) => decode(row, column),
        }
        .map_err(|reason| self.corrupt(column, reason))
    }

    /// TEXT.
    pub(crate) fn text(&self, column: &str) -> Result<String> {
        self.value(column)
    }

    /// TEXT, or null.
    pub(crate) fn text_opt(&self, column: &str) -> Result<Option<String>> {
        self.value(column)
    }

    /// BIGINT.
    pub(crate) fn i64(&self, column: &str) -> Result<i64> {
        self.value(column)
    }

    /// BIGINT, or null.
    pub(crate) fn i64_opt(&self, column: &str) -> Result<Option<i64>> {
        self.value(column)
    }

    /// BIGINT that fits the wanted type, such as `u64`, `u16`, `u8`.
    pub(crate) fn number<N: TryFrom<i64>>(&self, column: &str) -> Result<N> {
        N::try_from(self.i64(column)?).map_err(|_| self.corrupt(column, "out of range"))
    }

    /// The same, or null.
    pub(crate) fn number_opt<N: TryFrom<i64>>(&self, column: &str) -> Result<Option<N>> {
        let value = self.i64_opt(column)?;
        value.map(|n| N::try_from(n).map_err(|_| self.corrupt(column, "out of range"))).transpose()
    }

    /// BOOLEAN.
    pub(crate) fn bool(&self, column: &str) -> Result<bool> {
        self.value(column)
    }

    /// BIGINT microseconds.
    pub(crate) fn instant(&self, column: &str) -> Result<Instant> {
        self.i64(column).map(Instant::from_unix_micros)
    }

    /// BIGINT microseconds, or null.
    pub(crate) fn instant_opt(&self, column: &str) -> Result<Option<Instant>> {
        Ok(self.i64_opt(column)?.map(Instant::from_unix_micros))
    }

    /// TEXT that parses: ids, currencies, and whatever else has a text form.
    pub(crate) fn parse<T: FromStr<Err: Display>>(&self, column: &str) -> Result<T> {
        self.text(column)?.parse().map_err(|e: T::Err| self.corrupt(column, e))
    }

    /// The same, or null.
    pub(crate) fn parse_opt<T: FromStr<Err: Display>>(&self, column: &str) -> Result<Option<T>> {
        let text = self.text_opt(column)?;
        text.map(|text| text.parse().map_err(|e: T::Err| self.corrupt(column, e))).transpose()
    }

    /// TEXT that parses, where the empty text stands for "not known" (key columns cannot be null).
    pub(crate) fn known<T: FromStr<Err: Display>>(&self, column: &str) -> Result<Option<T>> {
        if self.text(column)?.is_empty() { Ok(None) } else { self.parse(column).map(Some) }
    }

    /// TEXT that `read` knows, for enums: `row.word("state", State::from_text)`.
    pub(crate) fn word<T>(&self, column: &str, read: impl FnOnce(&str) -> Option<T>) -> Result<T> {
        read(&self.text(column)?).ok_or_else(|| self.corrupt(column, "not a word of this column"))
    }

    /// TEXT holding JSON of a known shape.
    pub(crate) fn json<T: DeserializeOwned>(&self, column: &str) -> Result<T> {
        serde_json::from_str(&self.text(column)?).map_err(|e| self.corrupt(column, e))
    }

    /// The same, or null.
    pub(crate) fn json_opt<T: DeserializeOwned>(&self, column: &str) -> Result<Option<T>> {
        let text = self.text_opt(column)?;
        text.map(|text| serde_json::from_str(&text).map_err(|e| self.corrupt(column, e))).transpose()
    }

    /// The error for a value of this row that cannot be.
    pub(crate) fn corrupt(&self, column: &str, reason: impl Display) -> StoreError {
        let row = match &self.inner {
            Inner::Sqlite(row) => key(row),
            Inner::Postgres(row) => key(row),
        };
        StoreError::Corrupt { table: self.table.to_owned(), column: column.to_owned(), row, reason: reason.to_string() }
    }
}

fn decode<'r, R, T>(row: &'r R, column: &str) -> std::result::Result<T, String>
where
    R: sqlx::Row,
    T: Decode<'r, R::Database> + Type<R::Database>,
    for<'c> &'c str: ColumnIndex<R>,
{
    row.try_get(column).map_err(|error| match error {
        sqlx::Error::ColumnDecode { source, .. } => source.to_string(),
        other => other.to_string(),
    })
}

/// The first column as text.
fn key<R>(row: &R) -> String
where
    R: sqlx::Row,
    usize: ColumnIndex<R>,
    String: for<'r> Decode<'r, R::Database> + Type<R::Database>,
    i64: for<'r> Decode<'r, R::Database> + Type<R::Database>,
    R::Database: Database,
{
    row.try_get::<String, _>(0)
        .or_else(|_| row.try_get::<i64, _>(0).map(|n| n.to_string()))
        .unwrap_or_else(|_| "?".to_owned())
}

/// An unsigned number as a BIGINT.
pub(crate) fn number(value: u64) -> Result<i64> {
    i64::try_from(value).map_err(|_| StoreError::Unstorable { what: "a number beyond 63 bits".to_owned() })
}
