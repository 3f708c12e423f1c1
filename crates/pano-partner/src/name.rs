//! Short names and bounded texts.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Why a text was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Not a slug.
    #[error("a slug is 2 to 63 lower-case letters, digits and single inner hyphens, beginning with a letter")]
    Slug,
    /// Empty or too long, or with control characters.
    #[error("must be 1 to {max} characters without control characters")]
    Text {
        /// Most characters.
        max: usize,
    },
}

/// Short name, unique among its kind, chosen once: `wealth-mate`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slug(String);

impl Slug {
    /// Longest slug.
    pub const MAX: usize = 63;

    /// Checks and takes a slug.
    ///
    /// # Errors
    /// [`NameError::Slug`].
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let good = (2..=Self::MAX).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && !text.ends_with('-')
            && !text.contains("--");
        if good { Ok(Self(text.to_owned())) } else { Err(NameError::Slug) }
    }
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl TryFrom<String> for Slug {
    type Error = NameError;
    fn try_from(text: String) -> Result<Self, NameError> {
        Self::parse(&text)
    }
}
impl From<Slug> for String {
    fn from(slug: Slug) -> Self {
        slug.0
    }
}
impl std::str::FromStr for Slug {
    type Err = NameError;
    fn from_str(text: &str) -> Result<Self, NameError> {
        Self::parse(text)
    }
}
impl utoipa::PartialSchema for Slug {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .pattern(Some("^[a-z][a-z0-9]*(-[a-z0-9]+)*$"))
            .min_length(Some(2))
            .max_length(Some(Self::MAX))
            .into()
    }
}
impl utoipa::ToSchema for Slug {}

/// Checks a text that people read: 1 to `max` characters, no control characters.
///
/// # Errors
/// [`NameError::Text`].
pub fn text(text: &str, max: usize) -> Result<(), NameError> {
    let good = !text.trim().is_empty() && text.chars().count() <= max && !text.chars().any(char::is_control);
    if good { Ok(()) } else { Err(NameError::Text { max }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_and_texts_are_bounded() {
        for good in ["ab", "wealth-mate", "a1-2b"] {
            assert_eq!(Slug::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "a", "A-b", "-ab", "ab-", "a--b", "1ab", "伙伴", "a/b", &"x".repeat(64)] {
            assert_eq!(Slug::parse(bad), Err(NameError::Slug), "{bad}");
        }
        assert!(text("财富伙伴", 4).is_ok());
        for bad in ["", "  ", "a\nb", "12345"] {
            assert!(text(bad, 4).is_err(), "{bad:?}");
        }
    }
}
