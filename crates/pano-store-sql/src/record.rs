//! What was executed, in both dialects' words, for the reviewed lists of statements (`tests/expected/`); and faults on purpose.

use crate::{Dialect, Result, StoreError};
use sea_query_sqlx::SqlxBinder;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Statements by name, each with the distinct texts seen per dialect. Costs a second rendering per statement, so only tests
/// turn it on.
#[derive(Debug)]
pub struct StatementLog {
    seen: Mutex<BTreeMap<&'static str, BTreeSet<(Dialect, String)>>>,
    /// Statements that may still be executed.
    left: AtomicU64,
}

impl Default for StatementLog {
    fn default() -> Self {
        Self { seen: Mutex::default(), left: AtomicU64::new(u64::MAX) }
    }
}

impl StatementLog {
    /// Lets this many statements through; every one after them fails as if the database had gone away. [`u64::MAX`]: all.
    pub fn fail_after(&self, statements: u64) {
        self.left.store(statements, Ordering::SeqCst);
    }

    pub(crate) fn add(&self, name: &'static str, statement: &impl SqlxBinder) -> Result<()> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        for dialect in [Dialect::Sqlite, Dialect::Postgres] {
            seen.entry(name).or_default().insert((dialect, collapse(&dialect.render(statement).0)));
        }
        let one_less = |left: u64| if left == u64::MAX { Some(left) } else { left.checked_sub(1) };
        match self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less) {
            Ok(_) => Ok(()),
            Err(_) => Err(StoreError::Unavailable { what: name.to_owned(), source: "a fault on purpose".into() }),
        }
    }

    /// Everything seen, one text a line, sorted.
    pub fn print(&self) -> String {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let mut out = String::new();
        for (name, texts) in seen.iter() {
            out.push_str(&format!("-- {name}\n"));
            for (dialect, text) in texts {
                out.push_str(&format!("{}: {text}\n", dialect.word()));
            }
            out.push('\n');
        }
        out
    }
}

/// `VALUES (?, ?), (?, ?), …` to its first row, so that the list does not depend on how much a test inserts.
fn collapse(sql: &str) -> String {
    let Some((head, rest)) = sql.split_once(" VALUES (") else { return sql.to_owned() };
    let (first, tail) = rest.split_once(')').unwrap_or((rest, ""));
    let mut tail = tail;
    let mut more = false;
    while let Some(next) = tail.strip_prefix(", (") {
        tail = next.split_once(')').map_or("", |(_, after)| after);
        more = true;
    }
    format!("{head} VALUES ({first}){}{tail}", if more { ", …" } else { "" })
}
