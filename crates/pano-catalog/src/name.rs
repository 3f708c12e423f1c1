//! Names that stand in addresses: slugs, base paths, and the major number in a version text.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Why a name was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Not a slug.
    #[error("a slug is 2 to 63 lower-case letters, digits and single hyphens, beginning with a letter; got {0:?}")]
    Slug(String),
    /// Not a base path.
    #[error(
        "a base path is empty or /segments of letters, digits, '-', '_', '.', '~' without a trailing slash; got {0:?}"
    )]
    BasePath(String),
    /// Not a host.
    #[error("a host is a DNS name in lower case without a port; got {0:?}")]
    Host(String),
}

/// Short name of an API or provider, unique, part of addresses and scopes: `sandbox-accounts`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slug(String);

impl Slug {
    /// Longest slug.
    pub const MAX: usize = 63;

    /// Checks and takes a slug.
    ///
    /// # Errors
    /// When the text is not 2 to 63 lower-case ASCII letters, digits and single inner hyphens beginning with a letter.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let ok = (2..=Self::MAX).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && text.bytes().next().is_some_and(|b| b.is_ascii_lowercase())
            && !text.ends_with('-')
            && !text.contains("--");
        if ok { Ok(Self(text.to_owned())) } else { Err(NameError::Slug(text.chars().take(80).collect())) }
    }

    /// A slug made of a title: `Current Account` and `CurrentAccount` give `current-account`. `None` when nothing of it can be
    /// used (a purely Chinese title, say).
    pub fn from_title(title: &str) -> Option<Self> {
        let mut out = String::new();
        for word in crate::search::words(title) {
            if !word.is_ascii() || out.len() + word.len() >= Self::MAX {
                continue;
            }
            if out.is_empty() && !word.starts_with(|c: char| c.is_ascii_alphabetic()) {
                continue;
            }
            if !out.is_empty() {
                out.push('-');
            }
            out.push_str(&word);
        }
        Self::parse(&out).ok()
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Path before every template of a version, without a trailing slash; may be empty.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BasePath(String);

impl BasePath {
    /// Checks and takes a base path.
    ///
    /// # Errors
    /// When a segment is empty, `.` or `..`, or holds anything but unreserved characters (RFC 3986 §2.3), or it is longer than 200.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let segment_ok = |s: &str| {
            !s.is_empty()
                && s != "."
                && s != ".."
                && s.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~'))
        };
        let ok = text.is_empty()
            || (text.len() <= 200 && text.strip_prefix('/').is_some_and(|rest| rest.split('/').all(segment_ok)));
        if ok { Ok(Self(text.to_owned())) } else { Err(NameError::BasePath(text.chars().take(80).collect())) }
    }

    /// `/{slug}/v{major}`, where a version answers unless it is set otherwise.
    pub fn of(slug: &Slug, version: &str) -> Self {
        Self(format!("/{slug}/v{}", major(version)))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Checks a host name that a version answers to.
///
/// # Errors
/// When it is no lower-case DNS name.
pub fn host(text: &str) -> Result<(), NameError> {
    let label_ok = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    if text.len() <= 253 && text.split('.').all(label_ok) {
        Ok(())
    } else {
        Err(NameError::Host(text.chars().take(80).collect()))
    }
}

/// The first number in a version text: 14 of `14.0.0`, 2 of `v2.4.2`, 4 of `4.0`; 0 when there is none.
pub fn major(version: &str) -> u32 {
    let digits: String =
        version.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).take(6).collect();
    digits.parse().unwrap_or(0)
}

macro_rules! text_form {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl TryFrom<String> for $name {
            type Error = NameError;
            fn try_from(text: String) -> Result<Self, NameError> {
                Self::parse(&text)
            }
        }
        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }
        impl std::str::FromStr for $name {
            type Err = NameError;
            fn from_str(text: &str) -> Result<Self, NameError> {
                Self::parse(text)
            }
        }
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new().schema_type(utoipa::openapi::schema::Type::String).into()
            }
        }
        impl utoipa::ToSchema for $name {}
    };
}
text_form!(Slug);
text_form!(BasePath);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_parsed_and_made() {
        for good in ["ab", "sandbox-accounts", "a1-2b"] {
            assert_eq!(Slug::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "a", "A-b", "-ab", "ab-", "a--b", "1ab", "能力", "a/b", &"x".repeat(64)] {
            assert!(Slug::parse(bad).is_err(), "{bad}");
        }
        for (title, slug) in [
            ("Current Account", Some("current-account")),
            ("CurrentAccount", Some("current-account")),
            ("CDR Banking API", Some("cdr-banking-api")),
            ("Payment Initiation API 4.0", Some("payment-initiation-api-4-0")),
            ("123 go", Some("go")),
            ("账户信息", None),
            ("", None),
        ] {
            assert_eq!(Slug::from_title(title).as_ref().map(Slug::as_str), slug, "{title}");
        }
        assert!(Slug::from_title(&"word ".repeat(100)).is_some());
    }

    #[test]
    fn base_paths_and_hosts_are_checked() {
        for good in ["", "/a", "/open-banking/v2.1/x_y~z"] {
            assert!(BasePath::parse(good).is_ok(), "{good}");
        }
        for bad in ["a", "/", "/a/", "//a", "/a//b", "/../x", "/a/./b", "/a b", "/{id}", "/a?b", "/%2e"] {
            assert!(BasePath::parse(bad).is_err(), "{bad}");
        }
        assert!(host("api.bank.example").is_ok());
        for bad in ["", "API.bank", "a..b", "-a.b", "a:80", "a_b"] {
            assert!(host(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_major_number_is_found() {
        for (text, want) in [("14.0.0", 14), ("v2.4.2", 2), ("4.0", 4), ("2024-01", 2024), ("beta", 0), ("", 0)] {
            assert_eq!(major(text), want, "{text}");
        }
        assert_eq!(BasePath::of(&Slug::parse("pay").unwrap(), "2.1.0").as_str(), "/pay/v2");
    }
}
