//! What can be said about a journey's file: one table of codes, and a finding of one of them at a place.
//!
//! A code never changes its meaning and is never reused. `docs/journey-diagnostics.md` is generated from the table ([`document`]).

mod table;

pub use table::Code;

use crate::place::Place;
use pano_types::{Lang, Localized};
use serde::{Serialize, Serializer};
use std::fmt::{self, Write as _};

/// How much a diagnostic matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Stands in the way of compiling the journey.
    Error,
    /// Worth a second look.
    Warning,
}

impl Severity {
    /// The word for it.
    pub const fn word(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Self::Error, Lang::En) => "error",
            (Self::Error, Lang::Zh) => "错误",
            (Self::Warning, Lang::En) => "warning",
            (Self::Warning, Lang::Zh) => "警告",
        }
    }
}

/// What part of a journey a code is about; the areas of the generated page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "a variant is explained by its texts")]
pub enum Area {
    File,
    Activities,
    Contexts,
    Events,
    Chart,
    Guards,
    Tasks,
    Interfaces,
    Steering,
}

impl Area {
    /// All, in the order of the steps.
    pub const ALL: [Self; 9] = [
        Self::File,
        Self::Activities,
        Self::Contexts,
        Self::Events,
        Self::Chart,
        Self::Guards,
        Self::Tasks,
        Self::Interfaces,
        Self::Steering,
    ];

    const fn title(self) -> &'static str {
        match self {
            Self::File => "The file（文件）",
            Self::Activities => "Step 1: parties and activities（参与方与活动）",
            Self::Contexts => "Step 2: contexts（情境）",
            Self::Events => "Step 3: events（事件）",
            Self::Chart => "Step 3: states（状态）",
            Self::Guards => "Guards（条件）",
            Self::Tasks => "Steps 4 and 5: tasks and operations（任务与服务操作）",
            Self::Interfaces => "Step 6: interfaces（接口）",
            Self::Steering => "Steering, variants, measures（导引、变体与度量）",
        }
    }
}

/// A finding at a place of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// What.
    pub code: Code,
    /// Where.
    pub place: Place,
    /// What was seen there, the same in every language: names, values, `written → meant`. May be empty.
    pub detail: String,
}

impl Diagnostic {
    /// A finding.
    pub fn new(code: Code, place: Place, detail: impl Into<String>) -> Self {
        let mut detail: String = detail.into();
        if detail.chars().count() > DETAIL_MAX {
            detail = detail.chars().take(DETAIL_MAX).chain(['…']).collect();
        }
        Self { code, place, detail }
    }

    /// Title and detail, in both languages.
    pub fn reason(&self) -> Localized {
        let join = |lang: Lang, colon: &str| match self.detail.as_str() {
            "" => self.code.title(lang).to_owned(),
            detail => format!("{}{colon}{detail}", self.code.title(lang)),
        };
        Localized::new(join(Lang::Zh, "："), join(Lang::En, ": "))
    }
}

/// Longest detail, characters: it may quote the file.
const DETAIL_MAX: usize = 160;

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { line, column, .. } = self.place;
        write!(f, "{line}:{column} {} {}: {}", self.code.severity().word(Lang::En), self.code, self.reason().en)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text())
    }
}

/// Of `known`, the one that `written` was probably meant to be, as ` → known`; nothing when none is near.
pub(crate) fn meant<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let far = 1 + written.chars().count() / 4;
    let near = known.into_iter().map(|word| (distance(written, word), word)).filter(|(steps, _)| *steps <= far);
    near.min().map_or_else(String::new, |(_, word)| format!(" → {word}"))
}

/// Letters to add, drop or change; words are short, so a full table is cheap enough.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.chars().enumerate() {
        let mut corner = i;
        let mut left = i + 1;
        for (other, cell) in b.iter().zip(row.iter_mut().skip(1)) {
            let steps = (corner + usize::from(letter != *other)).min(*cell + 1).min(left + 1);
            corner = *cell;
            *cell = steps;
            left = steps;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

/// The page `docs/journey-diagnostics.md`.
pub fn document() -> String {
    let mut out = format!(
        "# Diagnostics of journeys\n\nGenerated from the table in `pano-journey`: {} codes that `panorama journey check` can report. An error \
         keeps a journey\nfrom being compiled, a warning does not.\n",
        Code::ALL.len()
    );
    for area in Area::ALL {
        // Writing to a String cannot fail.
        let _ = write!(out, "\n## {}\n\n| code | severity | what | remedy |\n|---|---|---|---|\n", area.title());
        for code in Code::ALL.iter().filter(|code| code.area() == area) {
            let cell = |zh_en: fn(Code, Lang) -> &'static str| {
                format!("{}<br>{}", zh_en(*code, Lang::En), zh_en(*code, Lang::Zh)).replace('|', "\\|")
            };
            let severity = code.severity().word(Lang::En);
            let _ = writeln!(out, "| `{code}` | {severity} | {} | {} |", cell(Code::title), cell(Code::remedy));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn codes_are_unique_and_fully_told() {
        let texts: HashSet<_> = Code::ALL.iter().map(|code| code.text()).collect();
        assert_eq!(texts.len(), Code::ALL.len());
        for code in Code::ALL {
            assert!(code.text().starts_with("journey."), "{code}");
            for lang in [Lang::En, Lang::Zh] {
                assert!(!code.title(lang).is_empty() && !code.remedy(lang).is_empty(), "{code}");
            }
            assert!(code.title(Lang::Zh).chars().any(|c| c > '\u{2fff}'), "{code} has no Chinese title");
            assert!(code.remedy(Lang::Zh).chars().any(|c| c > '\u{2fff}'), "{code} has no Chinese remedy");
        }
    }

    #[test]
    fn a_misspelt_word_is_guessed() {
        assert_eq!(meant("airlin", ["airline", "bank"]), " → airline");
        assert_eq!(meant("partys", ["party", "parties"]), " → party");
        assert_eq!(meant("x", ["airline"]), "");
        assert_eq!([distance("", "ab"), distance("abc", "acb"), distance("kitten", "sitting")], [2, 2, 3]);
    }
}
