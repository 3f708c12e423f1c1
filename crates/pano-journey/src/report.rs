//! What was found, for people (with the lines it is about), for programs (JSON) and for tools that show findings in an editor or a
//! review (SARIF 2.1.0).

use crate::diagnostic::{Code, Diagnostic, Severity};
use pano_types::Lang;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// The diagnostics of one file, which is called `name` and holds `text`.
#[derive(Debug, Clone, Copy)]
pub struct Report<'r> {
    /// Path or other name of the file.
    pub name: &'r str,
    /// What it holds; empty when it could not be read as text.
    pub text: &'r str,
    /// What was found in it.
    pub diagnostics: &'r [Diagnostic],
}

impl Report<'_> {
    /// Each finding with its line, marked, and its remedy; nothing when there is none.
    pub fn pretty(&self, lang: Lang) -> String {
        let mut out = String::new();
        for found in self.diagnostics {
            let place = &found.place;
            let (word, reason) = (found.code.severity().word(lang), found.reason());
            // Writing to a String cannot fail.
            let _ = writeln!(out, "{word}[{}]: {}", found.code, reason.get(lang));
            let number = place.line.to_string();
            let margin = " ".repeat(number.len());
            let _ = writeln!(out, "{margin}--> {}:{}:{}", self.name, place.line, place.column);
            if let Some(line) = self.text.lines().nth(place.line.saturating_sub(1) as usize) {
                let (line, before, marks) = excerpt(line, found);
                let _ = writeln!(out, "{margin} |\n{number} | {line}\n{margin} | {before}{marks}");
            }
            let remedy = if lang == Lang::Zh { "建议" } else { "help" };
            let _ = writeln!(out, "{margin} = {remedy}: {}\n", found.code.remedy(lang));
        }
        out
    }

    /// The same as data.
    pub fn json(&self) -> Value {
        let one = |found: &Diagnostic| {
            let remedy = pano_types::Localized::new(found.code.remedy(Lang::Zh), found.code.remedy(Lang::En));
            json!({
                "file": self.name,
                "code": found.code,
                "severity": found.code.severity(),
                "line": found.place.line,
                "column": found.place.column,
                "end_line": found.place.end_line,
                "end_column": found.place.end_column,
                "path": found.place.path.as_ref(),
                "detail": found.detail,
                "reason": found.reason(),
                "remedy": remedy,
            })
        };
        self.diagnostics.iter().map(one).collect()
    }
}

/// The line as far as it fits, blanks up to the finding, and marks below it; all as wide as they are shown.
fn excerpt(line: &str, found: &Diagnostic) -> (String, String, String) {
    const SHOWN: usize = 140;
    let place = &found.place;
    let start = place.column.saturating_sub(1) as usize;
    // A long line is shown from a little before the finding.
    let skipped = if start > SHOWN - 40 { start - 40 } else { 0 };
    let letters: Vec<char> = line.chars().skip(skipped).take(SHOWN).collect();
    let end = if place.end_line == place.line { place.end_column.saturating_sub(1) as usize } else { usize::MAX };
    let end = end.saturating_sub(skipped).min(letters.len());
    let start = (start - skipped).min(letters.len());
    // East Asian letters are two columns wide.
    let wide = |letters: &[char]| letters.iter().map(|letter| if is_wide(*letter) { 2 } else { 1 }).sum::<usize>();
    let before = wide(letters.get(..start).unwrap_or_default());
    let marks = wide(letters.get(start..end).unwrap_or_default()).max(1);
    let tab = |letter: char| if letter == '\t' { ' ' } else { letter };
    (letters.iter().copied().map(tab).collect(), " ".repeat(before), "^".repeat(marks))
}

fn is_wide(letter: char) -> bool {
    matches!(letter, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}' | '\u{20000}'..='\u{3fffd}')
}

/// All files as one SARIF 2.1.0 log, with the rules that were broken.
pub fn sarif(reports: &[Report<'_>], lang: Lang) -> Value {
    let mut codes: Vec<Code> = reports.iter().flat_map(|report| report.diagnostics).map(|found| found.code).collect();
    codes.sort_unstable();
    codes.dedup();
    let level = |code: Code| match code.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let rules: Vec<Value> = codes
        .iter()
        .map(|code| {
            json!({
                "id": code.text(),
                "shortDescription": { "text": code.title(lang) },
                "help": { "text": code.remedy(lang) },
                "defaultConfiguration": { "level": level(*code) },
            })
        })
        .collect();
    let result = |report: &Report<'_>, found: &Diagnostic| {
        let place = &found.place;
        json!({
            "ruleId": found.code.text(),
            "ruleIndex": codes.binary_search(&found.code).unwrap_or_default(),
            "level": level(found.code),
            "message": { "text": found.reason().get(lang) },
            "locations": [{
                "physicalLocation": {
                    "artifactLocation": { "uri": uri(report.name) },
                    "region": {
                        "startLine": place.line,
                        "startColumn": place.column,
                        "endLine": place.end_line,
                        "endColumn": place.end_column,
                    },
                },
                "logicalLocations": [{ "fullyQualifiedName": place.path.as_ref() }],
            }],
        })
    };
    let results: Vec<Value> = reports
        .iter()
        .flat_map(|report| report.diagnostics.iter().map(move |found| (report, found)))
        .map(|(report, found)| result(report, found))
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "panorama journey check", "semanticVersion": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

/// The path as a relative reference (RFC 3986).
fn uri(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(char::from(byte)),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::{Limits, Tree};

    fn found(text: &str) -> Vec<Diagnostic> {
        crate::grammar::conform(&Tree::read(text, &Limits::default()).unwrap().root)
            .into_iter()
            .filter(|found| found.code == Code::KeyUnknown)
            .collect()
    }

    #[test]
    fn people_see_the_line_and_what_to_do() {
        let text = "title: {zh: 出境旅行, en: x, fr: y}\n";
        let diagnostics = found(text);
        let report = Report { name: "a.yaml", text, diagnostics: &diagnostics };
        let expected = "error[journey.key_unknown]: There is no such key here: fr\n --> a.yaml:1:26\n  |\n1 | title: {zh: 出境旅行, en: x, fr: y}\n  | ";
        let shown = report.pretty(Lang::En);
        assert!(shown.starts_with(expected), "{shown}");
        assert!(shown.contains(&format!("{}^^\n", " ".repeat(29))), "{shown}");
        assert!(report.pretty(Lang::Zh).contains("建议"));
    }

    #[test]
    fn programs_get_the_same() {
        let text = "owners: x\n";
        let diagnostics = found(text);
        let report = Report { name: "my file.yaml", text, diagnostics: &diagnostics };
        assert_eq!(report.json()[0]["code"], "journey.key_unknown");
        assert_eq!(report.json()[0]["detail"], "owners → owner");
        let sarif = sarif(&[report], Lang::En);
        let result = &sarif["runs"][0]["results"][0];
        assert_eq!(result["ruleId"], "journey.key_unknown");
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "my%20file.yaml");
        assert_eq!(place["region"]["endColumn"], 7);
    }
}
