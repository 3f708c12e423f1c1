//! The one crate that knows SQL: SQLite and PostgreSQL through one query layer, migrations, outbox.
