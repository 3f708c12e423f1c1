//! The regulator's identification code of an interface (接口标识码, JR/T 0185—2020): 24 ASCII bytes.
//!
//! ```text
//! OP  123456  A2  010101  00000042
//! │   │       │   │       └ 8 for the bank to assign
//! │   │       │   └ 6 service category, from a table in configuration
//! │   │       └ 2 level
//! │   └ 6 bank code
//! └ fixed
//! ```

use crate::directory::{self, NodePath};
use pano_types::ApiLevel;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// A well-formed identification code.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IdentificationCode(String);

/// What is wrong with a code or with the table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Not 24 ASCII letters and digits.
    #[error("an identification code is 24 ASCII letters and digits, got {0:?}")]
    Form(String),
    /// Does not begin with `OP`.
    #[error("an identification code begins with OP")]
    Prefix,
    /// Characters 9 and 10 are no level.
    #[error("characters 9 and 10 are the level A1 or A2, got {0:?}")]
    Level(String),
    /// The level is another than the version's.
    #[error("the code says {code}, the version is {version}", code = code.code(), version = version.code())]
    OtherLevel {
        /// Level in the code.
        code: ApiLevel,
        /// Level of the version.
        version: ApiLevel,
    },
    /// The bank code is not ours.
    #[error("the bank code is {got}, ours is {ours}")]
    OtherBank {
        /// Bank code in the code.
        got: String,
        /// Bank code of the table.
        ours: String,
    },
    /// The service category is not in the table for the directory leaf.
    #[error("the service category is {got}, the directory leaf {leaf} has {want}")]
    OtherCategory {
        /// Service category in the code.
        got: String,
        /// Directory leaf.
        leaf: String,
        /// What the table says.
        want: String,
    },
    /// The table has no service category for the leaf.
    #[error("the table has no service category for the directory leaf {0}")]
    NoCategory(String),
    /// A part of the table is not as long as it must be.
    #[error("{what} must be {length} ASCII letters and digits, got {got:?}")]
    Part {
        /// Which part.
        what: &'static str,
        /// Its length.
        length: usize,
        /// What was given.
        got: String,
    },
    /// No serial numbers left.
    #[error("the serial {0} does not fit into 8 digits")]
    Exhausted(u64),
}

impl IdentificationCode {
    /// Checks and takes a code.
    ///
    /// # Errors
    /// When it is not formed as the standard says.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        if text.len() != 24 || !text.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(CodeError::Form(text.chars().take(40).collect()));
        }
        if !text.starts_with("OP") {
            return Err(CodeError::Prefix);
        }
        let code = Self(text.to_owned());
        if code.level().is_none() { Err(CodeError::Level(code.part(8, 10).to_owned())) } else { Ok(code) }
    }
    fn part(&self, from: usize, to: usize) -> &str {
        self.0.get(from..to).unwrap_or_default()
    }
    fn level(&self) -> Option<ApiLevel> {
        [ApiLevel::A1, ApiLevel::A2].into_iter().find(|level| level.code() == self.part(8, 10))
    }
    /// The bank.
    pub fn bank_code(&self) -> &str {
        self.part(2, 8)
    }
    /// The service category.
    pub fn service_category(&self) -> &str {
        self.part(10, 16)
    }
    /// What the bank assigned.
    pub fn serial(&self) -> &str {
        self.part(16, 24)
    }
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IdentificationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl TryFrom<String> for IdentificationCode {
    type Error = CodeError;
    fn try_from(text: String) -> Result<Self, CodeError> {
        Self::parse(&text)
    }
}
impl From<IdentificationCode> for String {
    fn from(code: IdentificationCode) -> Self {
        code.0
    }
}
impl utoipa::PartialSchema for IdentificationCode {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .pattern(Some("^OP[0-9A-Za-z]{6}A[12][0-9A-Za-z]{14}$"))
            .into()
    }
}
impl utoipa::ToSchema for IdentificationCode {}

/// What codes are made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeTable {
    bank_code: String,
    categories: BTreeMap<NodePath, String>,
}

fn part(what: &'static str, length: usize, text: &str) -> Result<(), CodeError> {
    if text.len() == length && text.bytes().all(|b| b.is_ascii_alphanumeric()) {
        Ok(())
    } else {
        Err(CodeError::Part { what, length, got: text.chars().take(40).collect() })
    }
}

impl CodeTable {
    /// A table for `bank_code` with one service category of 6 characters per directory node; nodes below inherit it.
    ///
    /// # Errors
    /// When a part has the wrong length or other characters than ASCII letters and digits.
    pub fn new(bank_code: &str, categories: BTreeMap<NodePath, String>) -> Result<Self, CodeError> {
        part("the bank code", 6, bank_code)?;
        for category in categories.values() {
            part("a service category", 6, category)?;
        }
        Ok(Self { bank_code: bank_code.to_owned(), categories })
    }

    /// The default tree's service categories for `bank_code`.
    ///
    /// # Errors
    /// When the bank code is not 6 ASCII letters and digits.
    pub fn with_bank(bank_code: &str) -> Result<Self, CodeError> {
        let seeds = directory::default_tree().into_iter();
        Self::new(bank_code, seeds.filter_map(|seed| Some((seed.path, seed.service_category?))).collect())
    }

    /// The service category of a leaf: its own, or that of the nearest node above.
    ///
    /// # Errors
    /// When none is in the table.
    pub fn service_category(&self, leaf: &NodePath) -> Result<&str, CodeError> {
        let mut at = Some(leaf.clone());
        while let Some(path) = at {
            if let Some(category) = self.categories.get(&path) {
                return Ok(category);
            }
            at = path.parent();
        }
        Err(CodeError::NoCategory(leaf.as_str().to_owned()))
    }

    /// A code for a version of `level` at `leaf`. The caller keeps serials unique.
    ///
    /// # Errors
    /// When the table has no category for the leaf, or the serial has more than 8 digits.
    pub fn generate(&self, level: ApiLevel, leaf: &NodePath, serial: u64) -> Result<IdentificationCode, CodeError> {
        if serial > 99_999_999 {
            return Err(CodeError::Exhausted(serial));
        }
        let category = self.service_category(leaf)?;
        IdentificationCode::parse(&format!("OP{}{}{category}{serial:08}", self.bank_code, level.code()))
    }

    /// Checks that a code, perhaps typed by hand, fits the version it is for.
    ///
    /// # Errors
    /// The first part that does not fit.
    pub fn check(&self, code: &IdentificationCode, level: ApiLevel, leaf: &NodePath) -> Result<(), CodeError> {
        if code.bank_code() != self.bank_code {
            return Err(CodeError::OtherBank { got: code.bank_code().to_owned(), ours: self.bank_code.clone() });
        }
        match code.level() {
            Some(in_code) if in_code != level => {
                return Err(CodeError::OtherLevel { code: in_code, version: level });
            }
            _ => {}
        }
        let want = self.service_category(leaf)?;
        if code.service_category() != want {
            let got = code.service_category().to_owned();
            return Err(CodeError::OtherCategory { got, leaf: leaf.as_str().to_owned(), want: want.to_owned() });
        }
        Ok(())
    }
}

impl Default for CodeTable {
    /// The default tree with a bank code that no bank has; a deployment sets its own.
    fn default() -> Self {
        Self::with_bank("000000").unwrap_or(Self { bank_code: "000000".to_owned(), categories: BTreeMap::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn leaf(text: &str) -> NodePath {
        NodePath::parse(text).unwrap()
    }

    #[test]
    fn codes_are_made_and_checked() {
        let table = CodeTable::with_bank("313100").unwrap();
        let code = table.generate(ApiLevel::A2, &leaf("api.bank.account"), 42).unwrap();
        assert_eq!(code.as_str(), "OP313100A201010100000042");
        assert_eq!((code.bank_code(), code.service_category(), code.serial()), ("313100", "010101", "00000042"));
        assert_eq!(table.check(&code, ApiLevel::A2, &leaf("api.bank.account.retail")), Ok(()), "below inherits");
        assert!(matches!(
            table.check(&code, ApiLevel::A1, &leaf("api.bank.account")),
            Err(CodeError::OtherLevel { .. })
        ));
        assert!(matches!(
            table.check(&code, ApiLevel::A2, &leaf("api.bank.loan")),
            Err(CodeError::OtherCategory { .. })
        ));
        let other = CodeTable::with_bank("999999").unwrap();
        assert!(matches!(
            other.check(&code, ApiLevel::A2, &leaf("api.bank.account")),
            Err(CodeError::OtherBank { .. })
        ));
    }

    #[test]
    fn bad_codes_and_tables_are_refused() {
        for (text, want) in [
            ("", "24 ASCII"),
            ("OP313100A20101010000042", "24 ASCII"),
            ("OP313100A2010101000000421", "24 ASCII"),
            ("OP313100A2010101０000004", "24 ASCII"),
            ("XX313100A201010100000042", "begins with OP"),
            ("OP313100A301010100000042", "A1 or A2"),
            ("OP313100A2-10101-0000042", "24 ASCII"),
        ] {
            let error = IdentificationCode::parse(text).unwrap_err().to_string();
            assert!(error.contains(want), "{text}: {error}");
        }
        assert!(matches!(CodeTable::with_bank("12345"), Err(CodeError::Part { length: 6, .. })));
        let short = BTreeMap::from([(leaf("api"), "12".to_owned())]);
        assert!(matches!(CodeTable::new("123456", short), Err(CodeError::Part { .. })));
        let table = CodeTable::default();
        assert!(matches!(table.generate(ApiLevel::A1, &leaf("api"), 1), Err(CodeError::NoCategory(_))));
        assert!(matches!(
            table.generate(ApiLevel::A1, &leaf("api.bank.loan"), 100_000_000),
            Err(CodeError::Exhausted(_))
        ));
    }

    proptest! {
        #[test]
        fn generated_codes_are_wellformed_distinct_and_pass_their_own_check(
            bank in "[0-9A-Z]{6}", a in 0u64..100_000_000, b in 0u64..100_000_000, a2: bool, i in 0usize..150,
        ) {
            let seeds: Vec<_> = directory::default_tree().into_iter().filter(|s| s.path.level() == 3).collect();
            let at = &seeds[i % seeds.len()].path;
            let level = if a2 { ApiLevel::A2 } else { ApiLevel::A1 };
            let table = CodeTable::with_bank(&bank).unwrap();
            let first = table.generate(level, at, a).unwrap();
            prop_assert_eq!(first.as_str().len(), 24);
            prop_assert_eq!(table.check(&first, level, at), Ok(()));
            prop_assert_eq!(&IdentificationCode::parse(first.as_str()).unwrap(), &first);
            prop_assert_eq!(first == table.generate(level, at, b).unwrap(), a == b);
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in "\\PC{0,40}") {
            if let Ok(code) = IdentificationCode::parse(&text) {
                prop_assert_eq!(code.as_str(), text);
            }
        }
    }
}
