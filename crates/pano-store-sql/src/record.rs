//! What was executed, in both dialects' words: for the committed list of every statement (`tests/expected/`).

use crate::Dialect;
use sea_query_sqlx::SqlxBinder;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

/// Statements by name, each with the distinct texts seen per dialect. Costs a second rendering per statement, so only tests
/// turn it on.
#[derive(Debug, Default)]
pub struct StatementLog(Mutex<BTreeMap<&'static str, BTreeSet<(Dialect, String)>>>);

impl StatementLog {
    pub(crate) fn add(&self, name: &'static str, statement: &impl SqlxBinder) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for dialect in [Dialect::Sqlite, Dialect::Postgres] {
            seen.entry(name).or_default().insert((dialect, collapse(&dialect.render(statement).0)));
        }
    }

    /// Everything seen, one text a line, sorted.
    pub fn print(&self) -> String {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
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
