//! For tests alone: databases that come and go, and hands on the rows behind the repositories' backs.

use crate::dialect::classify;
use crate::store::Pools;
use crate::{Result, SqlStore};
use pano_types::Secret;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection, Row as _};

/// Creates an empty schema and answers with an address whose connections live in it.
pub async fn schema_create(url: &str, schema: &str) -> Result<Secret> {
    schema_run(url, &format!("CREATE SCHEMA \"{schema}\"")).await?;
    let separator = if url.contains('?') { '&' } else { '?' };
    Ok(Secret::new(format!("{url}{separator}options=-c%20search_path%3D{schema}")))
}

/// Drops a schema and all in it.
pub async fn schema_drop(url: &str, schema: &str) -> Result<()> {
    schema_run(url, &format!("DROP SCHEMA IF EXISTS \"{schema}\" CASCADE")).await
}

async fn schema_run(url: &str, sql: &str) -> Result<()> {
    let failed = |error| classify("testing.schema", error);
    let options = url.parse::<sqlx::postgres::PgConnectOptions>().map_err(failed)?.disable_statement_logging();
    let mut connection = PgConnection::connect_with(&options).await.map_err(failed)?;
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.map_err(failed)?;
    connection.close().await.map_err(failed)
}

/// Executes SQL as it stands; how many rows were touched.
pub async fn execute(store: &SqlStore, sql: &str) -> Result<u64> {
    let sql = AssertSqlSafe(sql.to_owned());
    match store.pools() {
        Pools::Sqlite { writer, .. } => sqlx::raw_sql(sql).execute(writer).await.map(|r| r.rows_affected()),
        Pools::Postgres(pool) => sqlx::raw_sql(sql).execute(pool).await.map(|r| r.rows_affected()),
    }
    .map_err(|error| classify("testing.execute", error))
}

/// The first column of a query's rows, which must be text.
pub async fn texts(store: &SqlStore, sql: &str) -> Result<Vec<String>> {
    let sql = AssertSqlSafe(sql.to_owned());
    let texts: sqlx::Result<Vec<String>> = match store.pools() {
        Pools::Sqlite { writer, .. } => {
            sqlx::query(sql).fetch_all(writer).await.and_then(|rows| rows.iter().map(|r| r.try_get(0)).collect())
        }
        Pools::Postgres(pool) => {
            sqlx::query(sql).fetch_all(pool).await.and_then(|rows| rows.iter().map(|r| r.try_get(0)).collect())
        }
    };
    texts.map_err(|error| classify("testing.texts", error))
}
