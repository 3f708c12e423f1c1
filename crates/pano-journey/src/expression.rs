//! Expressions in CEL: guards, and what a fact is set to.
//!
//! An expression sees `data` (the event's), `facts` (the journey's), `states` (paths of all states that hold, outer ones too) and
//! `event.name`. It has no clock, no randomness and no macros that walk a list, and its text and nesting are bounded, so that what it
//! costs is bounded by its length and by the values it is given.

mod check;
mod value;

pub use check::{Found, Kind, Scope};

use crate::diagnostic::Code;
use cel::{Context, Program};
use serde_json::{Map, Value};
use std::fmt;
use std::sync::Arc;

/// Nesting of an expression.
const DEPTH_MAX: usize = 32;
/// Operators, names and literals of an expression.
const PARTS_MAX: usize = 200;

/// An expression that was read.
#[derive(Clone)]
pub struct Expression {
    source: String,
    program: Arc<Program>,
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Expression({:?})", self.source)
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

/// Why an expression has no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{source_text}: {reason}")]
pub struct Failed {
    /// The expression.
    pub source_text: String,
    /// What went wrong.
    pub reason: String,
}

/// What an expression sees.
#[derive(Debug, Clone, Copy)]
pub struct Sight<'s> {
    /// Name of the event; empty for a move that waits for none.
    pub event: &'s str,
    /// The event's data.
    pub data: &'s Value,
    /// What is known.
    pub facts: &'s Map<String, Value>,
    /// Paths of the states that hold.
    pub states: &'s [&'s str],
}

impl Expression {
    /// Reads `source`.
    ///
    /// # Errors
    /// [`Code::GuardSyntax`] or [`Code::GuardCost`], with what was wrong.
    pub fn read(source: &str) -> Result<Self, (Code, String)> {
        if nesting(source) > DEPTH_MAX {
            return Err((Code::GuardCost, format!("> {DEPTH_MAX} ( [ {{")));
        }
        let syntax = |reason: String| (Code::GuardSyntax, reason.lines().next().unwrap_or_default().trim().to_owned());
        let program = Program::compile(source).map_err(|error| syntax(error.to_string()))?;
        let parts = check::parts(program.expression());
        if parts > PARTS_MAX {
            return Err((Code::GuardCost, format!("{parts} > {PARTS_MAX}")));
        }
        Ok(Self { source: source.to_owned(), program: Arc::new(program) })
    }

    /// The text that was read.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// What kind of value it has in `scope`, and everything wrong with it there.
    pub fn examine(&self, scope: &Scope<'_>) -> Found {
        check::examine(self.program.expression(), scope)
    }

    /// Its value.
    ///
    /// # Errors
    /// When a name has no value, types do not fit, or the value has no JSON form.
    pub fn value(&self, sight: &Sight<'_>) -> Result<Value, Failed> {
        let mut context = Context::default();
        let data = match sight.data {
            Value::Null => value::from_json(&Value::Object(Map::new())),
            other => value::from_json(other),
        };
        context.add_variable_from_value("data", data);
        context.add_variable_from_value("facts", value::object(sight.facts));
        context.add_variable_from_value("states", value::texts(sight.states));
        context.add_variable_from_value("event", value::named(sight.event));
        let failed = |reason: String| Failed { source_text: self.source.clone(), reason };
        let found = self.program.execute(&context).map_err(|error| failed(error.to_string()))?;
        value::to_json(&found).ok_or_else(|| failed("no JSON value".to_owned()))
    }

    /// Whether it holds.
    ///
    /// # Errors
    /// As [`Self::value`], and when it is neither true nor false.
    pub fn holds(&self, sight: &Sight<'_>) -> Result<bool, Failed> {
        match self.value(sight)? {
            Value::Bool(holds) => Ok(holds),
            other => {
                Err(Failed { source_text: self.source.clone(), reason: format!("{other} is neither true nor false") })
            }
        }
    }
}

/// Brackets open at once, those in texts too: a cheap bound before a recursive reader sees the text.
fn nesting(source: &str) -> usize {
    let mut depth = 0usize;
    let depths = source.chars().map(|letter| {
        match letter {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth
    });
    depths.max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn value(source: &str) -> Result<Value, String> {
        let data = json!({ "amount": 120, "ccy": "USD", "rate": 7.1, "tags": ["a", "b"], "big": 18_446_744_073_709_551_615u64 });
        let facts = json!({ "country": "JP", "limit": 100 });
        let sight = Sight {
            event: "fx.quoted",
            data: &data,
            facts: facts.as_object().unwrap(),
            states: &["trip", "trip.booked"],
        };
        Expression::read(source)
            .map_err(|(code, detail)| format!("{code} {detail}"))?
            .value(&sight)
            .map_err(|e| e.reason)
    }

    #[test]
    fn values() {
        let cases = [
            ("data.amount > facts.limit && data.ccy == 'USD'", json!(true)),
            ("data.amount + 1", json!(121)),
            ("data.rate * 2.0", json!(14.2)),
            ("'trip.booked' in states && !('trip.home' in states)", json!(true)),
            ("event.name.startsWith('fx.')", json!(true)),
            ("has(facts.country) && !has(facts.nothing)", json!(true)),
            ("has(data.nothing) ? 1 : size(data.tags)", json!(2)),
            ("{'a': [1, null, 'x']}", json!({ "a": [1, null, "x"] })),
            ("data.ccy + '/' + facts.country", json!("USD/JP")),
            ("int('7') + int(2.9)", json!(9)),
            ("data.big > 1", json!(true)),
        ];
        for (source, expected) in cases {
            assert_eq!(value(source), Ok(expected), "{source}");
        }
        for source in ["data.nothing == 1", "facts.country > 1", "1 / 0", "nobody"] {
            assert!(value(source).is_err(), "{source}");
        }
    }

    #[test]
    fn texts_that_are_no_expression_are_refused() {
        let deep = format!("{}1{}", "(".repeat(40), ")".repeat(40));
        let wide = format!("[{}]", (0..300).map(|n| n.to_string()).collect::<Vec<_>>().join(","));
        let cases = [
            ("", Code::GuardSyntax),
            ("data.amount >", Code::GuardSyntax),
            ("data.amount = 1", Code::GuardSyntax),
            ("'open", Code::GuardSyntax),
            (&deep, Code::GuardCost),
            (&wide, Code::GuardCost),
        ];
        for (source, code) in cases {
            assert_eq!(Expression::read(source).map(|_| ()).map_err(|(code, _)| code), Err(code), "{source}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(source in "[a-z0-9.\"'()\\[\\]{}<>=!&|?:+*/% -]{0,60}") {
            let _ = Expression::read(&source);
        }
    }
}
