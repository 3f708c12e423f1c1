//! The import report of one document: what happened to it and why, finding by finding.

use crate::code::SpecCode;
use pano_types::Localized;
use serde::Serialize;
use std::fmt;

/// What became of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Taken as it is.
    Taken,
    /// Taken after mending; each mend is a finding.
    Repaired,
    /// Not taken.
    Refused,
}

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Hint,
    /// Should be mended at the source.
    Warning,
    /// Stands in the way.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hint => "hint",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// What a finding did to the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// Nothing; the document stays as written.
    Noted,
    /// The tree was mended (the exported bytes stay as they came).
    Repaired,
    /// The document was refused.
    Refused,
}

/// One thing seen in a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Path below the imported folder, when there is one.
    pub file: Option<String>,
    /// RFC 6901 pointer into the document; empty for the whole of it.
    pub pointer: String,
    /// Line, from 1.
    pub line: Option<u32>,
    /// Column in characters, from 1.
    pub column: Option<u32>,
    /// Stable code.
    pub code: SpecCode,
    /// How much it matters.
    pub severity: Severity,
    /// What was done about it.
    pub effect: Effect,
    /// Why, for people.
    pub reason: Localized,
}

impl Finding {
    fn new(code: SpecCode, severity: Severity, effect: Effect, pointer: impl Into<String>, detail: &str) -> Self {
        Self {
            file: None,
            pointer: pointer.into(),
            line: None,
            column: None,
            code,
            severity,
            effect,
            reason: code.reason(detail),
        }
    }
    /// A finding for which the document is refused.
    pub fn refused(code: SpecCode, pointer: impl Into<String>, detail: &str) -> Self {
        Self::new(code, Severity::Error, Effect::Refused, pointer, detail)
    }
    /// A finding that was mended.
    pub fn repaired(code: SpecCode, pointer: impl Into<String>, detail: &str) -> Self {
        Self::new(code, Severity::Warning, Effect::Repaired, pointer, detail)
    }
    /// A finding that is left as it is.
    pub fn noted(code: SpecCode, severity: Severity, pointer: impl Into<String>, detail: &str) -> Self {
        Self::new(code, severity, Effect::Noted, pointer, detail)
    }
    /// The same finding at a line and column, both from 1.
    #[must_use]
    pub fn at(mut self, line: usize, column: usize) -> Self {
        self.line = u32::try_from(line).ok();
        self.column = u32::try_from(column).ok();
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{file}")?;
        }
        match (self.line, self.column) {
            (Some(line), Some(column)) => write!(f, ":{line}:{column} ")?,
            (Some(line), None) => write!(f, ":{line} ")?,
            _ if self.file.is_some() => f.write_str(" ")?,
            _ => {}
        }
        write!(f, "{} {}", self.severity, self.code)?;
        if !self.pointer.is_empty() {
            write!(f, " at {}", self.pointer)?;
        }
        write!(f, ": {}", self.reason.en)
    }
}

/// The import report of one document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Path below the imported folder, when there is one.
    pub file: Option<String>,
    /// What became of the document.
    pub outcome: Outcome,
    /// `info.title`, when it was read.
    pub title: Option<String>,
    /// `info.version`, when it was read.
    pub version: Option<String>,
    /// Number of operations.
    pub operations: usize,
    /// Everything seen, refusals first.
    pub findings: Vec<Finding>,
}

impl Report {
    /// A report whose outcome follows from its findings.
    pub fn new(file: Option<String>, mut findings: Vec<Finding>) -> Self {
        for finding in &mut findings {
            finding.file.clone_from(&file);
        }
        findings.sort_by_key(|finding| (rank(finding.effect), finding.line.unwrap_or(u32::MAX)));
        let outcome = match findings.first().map(|finding| finding.effect) {
            Some(Effect::Refused) => Outcome::Refused,
            Some(Effect::Repaired) => Outcome::Repaired,
            Some(Effect::Noted) | None => Outcome::Taken,
        };
        Self { file, outcome, title: None, version: None, operations: 0, findings }
    }
    /// With one more finding that leaves the document as it is.
    pub fn note(&mut self, mut finding: Finding) {
        finding.file.clone_from(&self.file);
        self.findings.push(finding);
    }
}

fn rank(effect: Effect) -> u8 {
    match effect {
        Effect::Refused => 0,
        Effect::Repaired => 1,
        Effect::Noted => 2,
    }
}
