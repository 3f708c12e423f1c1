//! Scopes (RFC 6749 §3.3): what an operation needs and a token carries.

use crate::refusal::Refusal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// Longest scope token, bytes.
pub const SCOPE_BYTES_MAX: usize = 128;
/// Longest `scope` parameter, bytes.
pub const SCOPES_BYTES_MAX: usize = 4 * 1024;

/// One scope: 1 to 128 of the characters that RFC 6749 appendix A.4 allows.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scope(String);

impl Scope {
    /// Reads a scope.
    pub fn parse(text: &str) -> Option<Self> {
        let fine = (1..=SCOPE_BYTES_MAX).contains(&text.len())
            && text.bytes().all(|b| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e));
        fine.then(|| Self(text.to_owned()))
    }
    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A set of scopes. Its text form is sorted, so equal sets have equal texts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ScopeSet(BTreeSet<Scope>);

impl ScopeSet {
    /// Reads a `scope` parameter.
    ///
    /// # Errors
    /// When it is too long, or not scope tokens parted by single spaces.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        if text.len() > SCOPES_BYTES_MAX {
            return Err(Refusal::ScopeMalformed);
        }
        text.split(' ').map(Scope::parse).collect::<Option<_>>().map(Self).ok_or(Refusal::ScopeMalformed)
    }
    /// Whether every one of these is in `other`.
    pub fn is_within(&self, other: &Self) -> bool {
        self.0.is_subset(&other.0)
    }
    /// Those that are in both.
    pub fn both(&self, other: &Self) -> Self {
        Self(self.0.intersection(&other.0).cloned().collect())
    }
    /// Reads the text form, in which no scope at all is the empty text.
    ///
    /// # Errors
    /// As [`ScopeSet::parse`].
    pub fn from_text(text: &str) -> Result<Self, Refusal> {
        if text.is_empty() { Ok(Self::default()) } else { Self::parse(text) }
    }
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// Sorted.
    pub fn iter(&self) -> impl Iterator<Item = &Scope> {
        self.0.iter()
    }
}

impl FromIterator<Scope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().collect())
    }
}

impl TryFrom<String> for ScopeSet {
    type Error = Refusal;
    fn try_from(text: String) -> Result<Self, Refusal> {
        Self::from_text(&text)
    }
}

impl From<ScopeSet> for String {
    fn from(scopes: ScopeSet) -> Self {
        scopes.to_string()
    }
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, scope) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope.as_str())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_sorted_and_compared() {
        let asked = ScopeSet::parse("payments:write accounts:read payments:write").unwrap();
        assert_eq!(asked.to_string(), "accounts:read payments:write");
        assert!(ScopeSet::parse("accounts:read").unwrap().is_within(&asked));
        assert!(!ScopeSet::parse("accounts:write").unwrap().is_within(&asked));
    }

    #[test]
    fn odd_texts_are_refused() {
        let (long, longer) = ("x".repeat(129), "x ".repeat(2_100));
        for text in ["", " ", "a  b", " a", "a ", "a\tb", "a\"b", "a\\b", "读", long.as_str(), longer.as_str()] {
            assert_eq!(ScopeSet::parse(text), Err(Refusal::ScopeMalformed), "{text:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn text_round_trips(text in "[a-z:/._-]{1,8}( [a-z:/._-]{1,8}){0,5}") {
            let set = ScopeSet::parse(&text).unwrap();
            proptest::prop_assert_eq!(ScopeSet::parse(&set.to_string()).unwrap(), set);
        }
    }
}
