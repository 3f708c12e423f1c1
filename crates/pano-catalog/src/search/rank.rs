//! Matching and ranking.

use super::{Entry, Places, WHOLE, terms, words};
use std::collections::{BTreeMap, BTreeSet};

/// Most terms of a query.
const TERMS_MAX: usize = 12;
/// Longest query, in characters.
const QUERY_MAX: usize = 200;

/// A query: every term must match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    terms: Vec<Term>,
}

/// A term of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// The token asked for.
    pub token: String,
    /// Whether tokens that begin with it match too: the last English word may still be being typed.
    pub prefix: bool,
}

/// Why a query cannot be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// No term in it.
    #[error("the query holds no word to search for")]
    Empty,
    /// Too long.
    #[error("the query is longer than 200 characters")]
    TooLong,
}

impl Query {
    /// Reads a query.
    ///
    /// # Errors
    /// When it is longer than 200 characters or holds nothing to search for. Terms beyond the twelfth are left out.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        if text.chars().count() > QUERY_MAX {
            return Err(QueryError::TooLong);
        }
        let mut tokens = terms(text);
        tokens.truncate(TERMS_MAX);
        if tokens.is_empty() {
            return Err(QueryError::Empty);
        }
        let typing =
            words(text).last().is_some_and(|w| w.len() >= 3 && w.is_ascii()) && text.ends_with(char::is_alphanumeric);
        let last = tokens.len() - 1;
        let terms = tokens.into_iter().enumerate().map(|(i, token)| Term { token, prefix: typing && i == last });
        Ok(Self { terms: terms.collect() })
    }

    /// The terms.
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }
}

impl Term {
    /// Whether a token is what is asked for.
    pub fn matches(&self, token: &str) -> bool {
        if self.prefix { token.starts_with(&self.token) } else { token == self.token }
    }
    /// The least text that is greater than every token with this prefix, for a range query.
    pub fn prefix_end(&self) -> String {
        format!("{}\u{10ffff}", self.token)
    }
}

/// A version that matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found<K> {
    /// The version.
    pub version: K,
    /// Higher is better.
    pub score: u32,
    /// Positions of the operations that match, best first, with their scores. Empty when only the version as a whole matches.
    pub operations: Vec<(i32, u32)>,
}

/// Ranks what the store found for the query's terms: rows of version and entry. Best first; equal scores in the order of the key.
pub fn rank<K: Ord + Clone>(query: &Query, rows: impl IntoIterator<Item = (K, Entry)>) -> Vec<Found<K>> {
    let mut versions: BTreeMap<K, Vec<BTreeMap<i32, u32>>> = BTreeMap::new();
    for (version, Entry { token, places: Places(places) }) in rows {
        for (i, term) in query.terms.iter().enumerate().filter(|(_, term)| term.matches(&token)) {
            let by_term = versions.entry(version.clone()).or_insert_with(|| vec![BTreeMap::new(); query.terms.len()]);
            let Some(best) = by_term.get_mut(i) else { continue };
            // A whole word counts double against a word that merely begins so.
            let factor = if token == term.token { 2 } else { 1 };
            for (place, weight) in &places {
                let slot = best.entry(*place).or_default();
                *slot = (*slot).max(weight * factor);
            }
        }
    }
    let mut found: Vec<Found<K>> =
        versions.into_iter().filter_map(|(version, by_term)| score(version, &by_term)).collect();
    found.sort_by(|a, b| b.score.cmp(&a.score).then_with(|| a.version.cmp(&b.version)));
    found
}

fn score<K>(version: K, by_term: &[BTreeMap<i32, u32>]) -> Option<Found<K>> {
    let whole: Option<u32> = by_term.iter().map(|term| term.get(&WHOLE).copied()).sum();
    let places: BTreeSet<i32> = by_term.iter().flat_map(|term| term.keys().copied()).filter(|p| *p != WHOLE).collect();
    // An operation matches when each term stands in it or in its version; what stands in the version counts half there.
    let of_operation = |place: i32| -> Option<u32> {
        let term = |t: &BTreeMap<i32, u32>| t.get(&place).copied().max(t.get(&WHOLE).map(|weight| weight / 2));
        by_term.iter().map(term).sum()
    };
    let mut operations: Vec<(i32, u32)> = places.into_iter().filter_map(|p| Some((p, of_operation(p)?))).collect();
    operations.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    let best = whole.max(operations.first().map(|(_, score)| *score))?;
    Some(Found { version, score: best, operations })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::{Field, Index};

    fn library() -> Vec<(&'static str, Entry)> {
        let mut rows = Vec::new();
        let mut add = |version: &'static str, name: &str, operations: &[(&str, &str)]| {
            let mut index = Index::default();
            index.add(WHOLE, Field::Name, name);
            for (i, (path, summary)) in operations.iter().enumerate() {
                index.add(i as i32, Field::Path, path);
                index.add(i as i32, Field::Summary, summary);
            }
            rows.extend(index.entries().into_iter().map(|e| (version, e)));
        };
        add(
            "accounts",
            "Sandbox accounts 账户",
            &[("/accounts", "List accounts"), ("/accounts/{id}/balances", "查询账户余额")],
        );
        add(
            "payments",
            "Payments 支付",
            &[("/payments", "Pay from an account"), ("/payments/{id}", "Status of a payment")],
        );
        add("loans", "Consumer loan 贷款", &[("/loans", "List loans")]);
        rows
    }

    fn ask(text: &str) -> Vec<(&'static str, Vec<i32>)> {
        let query = Query::parse(text).unwrap();
        let found = rank(&query, library());
        found.into_iter().map(|f| (f.version, f.operations.into_iter().map(|(p, _)| p).collect())).collect()
    }

    #[test]
    fn all_terms_must_match_and_names_count_most() {
        assert_eq!(ask("account"), [("accounts", vec![0, 1]), ("payments", vec![0])]);
        assert_eq!(ask("account balance"), [("accounts", vec![1])]);
        assert_eq!(ask("余额"), [("accounts", vec![1])]);
        assert_eq!(ask("账户余额"), [("accounts", vec![1])], "户余 stands in the operation's summary");
        assert_eq!(ask("贷款"), [("loans", vec![])]);
        assert_eq!(ask("loan payment"), []);
        assert_eq!(ask("pay"), [("payments", vec![1, 0])], "the last word may be half typed");
        assert_eq!(ask("pay "), [("payments", vec![0])], "a blank ends it");
        assert_eq!(ask("zzz"), []);
    }

    #[test]
    fn queries_without_words_are_refused() {
        for (text, want) in [("", QueryError::Empty), ("  /-", QueryError::Empty), ("the of", QueryError::Empty)] {
            assert_eq!(Query::parse(text), Err(want), "{text}");
        }
        assert_eq!(Query::parse(&"x".repeat(201)), Err(QueryError::TooLong));
        assert_eq!(Query::parse("a1 b2 c3 d4 e5 f6 g7 h8 i9 j10 k11 l12 m13").unwrap().terms().len(), 12);
    }
}
