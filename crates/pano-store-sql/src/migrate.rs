//! Migrations: forward only, numbered, small, never edited after release.

use crate::dialect::Dialect;
use crate::{Result, StoreError};
use pano_crypto::digest::sha256_hex;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _, SqliteConnection};

/// One step of the schema. Its text serves both dialects: the same statements, and where they cannot be the same, blocks
/// opened by a line `--@sqlite` or `--@postgres` and ended by `--@both`.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Its place in the order, from 1 without gaps.
    pub number: u32,
    /// What it is about.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
}

/// All migrations, in order. A vertical appends; numbers are handed out here.
pub const MIGRATIONS: &[Migration] = &[
    Migration { number: 1, name: "base", text: include_str!("../migrations/0001_base.sql") },
    Migration { number: 2, name: "catalog", text: include_str!("../migrations/0002_catalog.sql") },
    Migration { number: 3, name: "partner", text: include_str!("../migrations/0003_partner.sql") },
    Migration { number: 4, name: "token", text: include_str!("../migrations/0004_token.sql") },
    Migration { number: 5, name: "bank", text: include_str!("../migrations/0005_bank.sql") },
    Migration { number: 6, name: "sandbox", text: include_str!("../migrations/0006_sandbox.sql") },
    Migration { number: 7, name: "contract", text: include_str!("../migrations/0007_contract.sql") },
    Migration { number: 8, name: "certificate", text: include_str!("../migrations/0008_certificate.sql") },
    Migration { number: 9, name: "consent", text: include_str!("../migrations/0009_consent.sql") },
];

/// Key of the advisory lock that migrating processes queue up at (PostgreSQL, section 13.3.5): "panorama" in ASCII.
const LOCK_KEY: i64 = 0x7061_6e6f_7261_6d61;

const TABLE: &str = "CREATE TABLE IF NOT EXISTS migration (
    number BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL)";
const APPLIED: &str = "SELECT number, checksum FROM migration ORDER BY number";

impl Migration {
    /// The statements for one dialect. Texts are compared and sorted by their bytes in both: SQLite does so by itself, for
    /// PostgreSQL every TEXT column outside a block of its own gets the collation "C".
    pub fn render(&self, dialect: Dialect) -> String {
        let mut out = String::with_capacity(self.text.len());
        let (mut ours, mut shared) = (true, true);
        for line in self.text.lines() {
            match line.trim().strip_prefix("--@") {
                Some(word) => {
                    shared = word == "both";
                    ours = shared || word == dialect.word();
                }
                None if ours && shared && dialect == Dialect::Postgres => {
                    out.push_str(&line.replace(" TEXT", " TEXT COLLATE \"C\""));
                    out.push('\n');
                }
                None if ours => {
                    out.push_str(line);
                    out.push('\n');
                }
                None => {}
            }
        }
        out
    }

    /// SHA-256 of the text, both dialects' parts.
    pub fn checksum(&self) -> String {
        sha256_hex(self.text.as_bytes())
    }
}

/// Brings a SQLite database up to date. The folder lock keeps other processes away; `BEGIN IMMEDIATE` does so for
/// databases opened without a folder.
pub(crate) async fn sqlite(connection: &mut SqliteConnection, migrations: &[Migration]) -> Result<()> {
    let failed = |error| crate::dialect::classify("migration.check", error);
    let mut tx = connection.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?;
    sqlx::raw_sql(TABLE).execute(&mut *tx).await.map_err(failed)?;
    let rows = sqlx::query(APPLIED).fetch_all(&mut *tx).await.map_err(failed)?;
    let applied: sqlx::Result<Vec<_>> = rows.iter().map(|r| Ok((r.try_get(0)?, r.try_get(1)?))).collect();
    for migration in pending(migrations, &applied.map_err(failed)?)? {
        let failed = migration.failed();
        sqlx::raw_sql(AssertSqlSafe(migration.render(Dialect::Sqlite))).execute(&mut *tx).await.map_err(&failed)?;
        sqlx::query("INSERT INTO migration (number, name, checksum) VALUES (?, ?, ?)")
            .bind(i64::from(migration.number))
            .bind(migration.name)
            .bind(migration.checksum())
            .execute(&mut *tx)
            .await
            .map_err(&failed)?;
        tracing::info!(number = migration.number, name = migration.name, "schema migrated");
    }
    tx.commit().await.map_err(failed)
}

/// Brings a PostgreSQL database up to date. An advisory lock makes starting processes take turns.
pub(crate) async fn postgres(connection: &mut PgConnection, migrations: &[Migration]) -> Result<()> {
    let failed = |error| crate::dialect::classify("migration.check", error);
    let mut tx = connection.begin().await.map_err(failed)?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(LOCK_KEY).execute(&mut *tx).await.map_err(failed)?;
    sqlx::raw_sql(TABLE).execute(&mut *tx).await.map_err(failed)?;
    let rows = sqlx::query(APPLIED).fetch_all(&mut *tx).await.map_err(failed)?;
    let applied: sqlx::Result<Vec<_>> = rows.iter().map(|r| Ok((r.try_get(0)?, r.try_get(1)?))).collect();
    for migration in pending(migrations, &applied.map_err(failed)?)? {
        let failed = migration.failed();
        sqlx::raw_sql(AssertSqlSafe(migration.render(Dialect::Postgres))).execute(&mut *tx).await.map_err(&failed)?;
        sqlx::query("INSERT INTO migration (number, name, checksum) VALUES ($1, $2, $3)")
            .bind(i64::from(migration.number))
            .bind(migration.name)
            .bind(migration.checksum())
            .execute(&mut *tx)
            .await
            .map_err(&failed)?;
        tracing::info!(number = migration.number, name = migration.name, "schema migrated");
    }
    tx.commit().await.map_err(failed)
}

/// How many migrations a SQLite database lacks. Changes nothing.
pub(crate) async fn sqlite_pending(connection: &mut SqliteConnection, migrations: &[Migration]) -> Result<usize> {
    let failed = |error| crate::dialect::classify("migration.inspect", error);
    let there = sqlx::query("SELECT name FROM sqlite_master WHERE name = 'migration'");
    if there.fetch_optional(&mut *connection).await.map_err(failed)?.is_none() {
        return Ok(migrations.len());
    }
    let rows = sqlx::query(APPLIED).fetch_all(connection).await.map_err(failed)?;
    let applied: sqlx::Result<Vec<_>> = rows.iter().map(|r| Ok((r.try_get(0)?, r.try_get(1)?))).collect();
    Ok(pending(migrations, &applied.map_err(failed)?)?.len())
}

/// How many migrations a PostgreSQL database lacks. Changes nothing.
pub(crate) async fn postgres_pending(connection: &mut PgConnection, migrations: &[Migration]) -> Result<usize> {
    let failed = |error| crate::dialect::classify("migration.inspect", error);
    let there = sqlx::query("SELECT 1 WHERE to_regclass('migration') IS NOT NULL");
    if there.fetch_optional(&mut *connection).await.map_err(failed)?.is_none() {
        return Ok(migrations.len());
    }
    let rows = sqlx::query(APPLIED).fetch_all(connection).await.map_err(failed)?;
    let applied: sqlx::Result<Vec<_>> = rows.iter().map(|r| Ok((r.try_get(0)?, r.try_get(1)?))).collect();
    Ok(pending(migrations, &applied.map_err(failed)?)?.len())
}

impl Migration {
    fn failed(&self) -> impl Fn(sqlx::Error) -> StoreError + use<> {
        let number = self.number;
        move |error| StoreError::MigrationFailed { number, source: Box::new(error) }
    }
}

/// What is still to do, after checking that what was done is what we know.
fn pending<'m>(migrations: &'m [Migration], applied: &[(i64, String)]) -> Result<&'m [Migration]> {
    let known = migrations.last().map_or(0, |m| m.number);
    for (number, checksum) in applied {
        let number = u32::try_from(*number).unwrap_or(u32::MAX);
        match migrations.iter().find(|m| m.number == number) {
            None => return Err(StoreError::DatabaseNewer { found: number, known }),
            Some(migration) if migration.checksum() != *checksum => return Err(StoreError::MigrationEdited { number }),
            Some(_) => {}
        }
    }
    Ok(migrations.get(applied.len()..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &[Migration] = &[
        Migration { number: 1, name: "a", text: "a TEXT;\n--@sqlite\ns TEXT;\n--@postgres\np TEXT;\n--@both\nB;" },
        Migration { number: 2, name: "b", text: "B;" },
    ];

    #[test]
    fn numbers_run_from_one_without_gaps() {
        for (index, migration) in MIGRATIONS.iter().enumerate() {
            assert_eq!(migration.number as usize, index + 1);
        }
    }

    #[test]
    fn blocks_belong_to_one_dialect() {
        assert_eq!(TWO[0].render(Dialect::Sqlite), "a TEXT;\ns TEXT;\nB;\n");
        assert_eq!(TWO[0].render(Dialect::Postgres), "a TEXT COLLATE \"C\";\np TEXT;\nB;\n");
    }

    #[test]
    fn only_what_is_missing_is_pending() {
        let done = |m: &Migration| (i64::from(m.number), m.checksum());
        let numbers = |applied: &[_]| pending(TWO, applied).map(|p| p.iter().map(|m| m.number).collect::<Vec<_>>());
        assert_eq!(numbers(&[]).unwrap(), [1, 2]);
        assert_eq!(numbers(&[done(&TWO[0])]).unwrap(), [2]);
        assert!(numbers(&[done(&TWO[0]), done(&TWO[1])]).unwrap().is_empty());
        assert!(matches!(numbers(&[(1, "other".into())]), Err(StoreError::MigrationEdited { number: 1 })));
        let newer = numbers(&[done(&TWO[0]), done(&TWO[1]), (3, "x".into())]);
        assert!(matches!(newer, Err(StoreError::DatabaseNewer { found: 3, known: 2 })));
    }
}
