//! Licences, banned crates and sources of everything we build on, read from `deny.toml`.
//!
//! `cargo deny` says the same and more (duplicates, advisories), but takes minutes to build on a small machine. These three
//! must hold on every machine, so they are checked from the lock file here, against the same lists.

use crate::Finding;
use crate::workspace::{External, Workspace};
use anyhow::{Context, Result};
use std::path::Path;
use toml::{Table, Value};

/// The lists of `deny.toml`.
struct Lists {
    licences: Vec<String>,
    bans: Vec<(String, String)>,
    registries: Vec<String>,
}

/// Checks every package of the lock file.
pub(crate) fn check(root: &Path, workspace: &Workspace) -> Result<Vec<Finding>> {
    let text = std::fs::read_to_string(root.join("deny.toml")).context("deny.toml cannot be read")?;
    let lists = lists(&text.parse().context("deny.toml is not TOML")?);
    Ok(workspace.externals.iter().flat_map(|package| look(package, &lists)).collect())
}

fn lists(deny: &Table) -> Lists {
    let rows = |section: &str, key: &str| {
        let rows = deny.get(section).and_then(|table| table.get(key)).and_then(Value::as_array);
        rows.cloned().unwrap_or_default()
    };
    let texts = |section, key| rows(section, key).iter().filter_map(Value::as_str).map(str::to_owned).collect();
    let word = |row: &Value, key: &str| row.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    Lists {
        licences: texts("licenses", "allow"),
        bans: rows("bans", "deny").iter().map(|row| (word(row, "crate"), word(row, "reason"))).collect(),
        registries: texts("sources", "allow-registry"),
    }
}

fn look(package: &External, lists: &Lists) -> Vec<Finding> {
    let place = format!("{} {}", package.name, package.version);
    let mut findings = Vec::new();
    match &package.licence {
        None => findings.push(Finding::new(&place, "states no licence")),
        Some(expression) => match permitted(expression, &lists.licences) {
            Ok(true) => {}
            Ok(false) => {
                findings.push(Finding::new(&place, format!("{expression:?} is not covered by deny.toml's licences")))
            }
            Err(reason) => findings.push(Finding::new(&place, format!("{expression:?} cannot be read: {reason}"))),
        },
    }
    for (_, reason) in lists.bans.iter().filter(|(name, _)| *name == package.name) {
        findings.push(Finding::new(&place, format!("is banned: {reason}")));
    }
    let source = package.source.strip_prefix("registry+");
    if !source.is_some_and(|source| lists.registries.iter().any(|allowed| allowed == source)) {
        findings.push(Finding::new(&place, format!("comes from {}, which deny.toml does not allow", package.source)));
    }
    findings
}

/// Whether an SPDX expression (SPDX 2.3, annex D; with `/` as the old spelling of `OR`) can be met with the allowed licences.
fn permitted(expression: &str, allowed: &[String]) -> Result<bool, &'static str> {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Reader { words: &words, allowed };
    let answer = reader.either()?;
    if reader.words.is_empty() { Ok(answer) } else { Err("words are left over") }
}

struct Reader<'a> {
    words: &'a [&'a str],
    allowed: &'a [String],
}

impl<'a> Reader<'a> {
    fn take(&mut self) -> Option<&'a str> {
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        Some(first)
    }

    fn accept(&mut self, word: &str) -> bool {
        let found = self.words.first() == Some(&word);
        if found {
            self.take();
        }
        found
    }

    fn either(&mut self) -> Result<bool, &'static str> {
        let mut answer = self.both()?;
        while self.accept("OR") {
            answer |= self.both()?;
        }
        Ok(answer)
    }

    fn both(&mut self) -> Result<bool, &'static str> {
        let mut answer = self.one()?;
        while self.accept("AND") {
            answer &= self.one()?;
        }
        Ok(answer)
    }

    fn one(&mut self) -> Result<bool, &'static str> {
        match self.take().ok_or("it ends too early")? {
            "(" => {
                let answer = self.either()?;
                if self.accept(")") { Ok(answer) } else { Err("a bracket is not closed") }
            }
            ")" | "OR" | "AND" | "WITH" => Err("a licence is missing"),
            name if self.accept("WITH") => {
                let exception = self.take().ok_or("WITH names no exception")?;
                Ok(self.allows(&format!("{name} WITH {exception}")))
            }
            name => Ok(self.allows(name)),
        }
    }

    fn allows(&self, name: &str) -> bool {
        self.allowed.iter().any(|allowed| allowed == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_read_as_spdx_says() {
        let allowed = ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"].map(String::from);
        for (expression, expected) in [
            ("MIT", Ok(true)),
            ("GPL-3.0-only", Ok(false)),
            ("GPL-3.0-only OR MIT", Ok(true)),
            ("GPL-2.0/MIT", Ok(true)),
            ("MIT AND GPL-3.0-only", Ok(false)),
            ("MIT AND (GPL-3.0-only OR ISC)", Ok(true)),
            ("GPL-3.0-only OR MIT AND ISC", Ok(true)),
            ("(GPL-3.0-only OR MIT) AND LGPL-3.0-only", Ok(false)),
            ("Apache-2.0 WITH LLVM-exception", Ok(true)),
            ("Apache-2.0", Ok(false)),
            ("(MIT", Err("a bracket is not closed")),
            ("MIT OR", Err("it ends too early")),
            ("MIT ISC", Err("words are left over")),
            ("", Err("it ends too early")),
        ] {
            assert_eq!(permitted(expression, &allowed), expected, "{expression:?}");
        }
    }

    #[test]
    fn a_bad_licence_a_ban_and_a_strange_source_are_refused() {
        let deny = r#"
            [licenses]
            allow = ["MIT"]
            [bans]
            deny = [{ crate = "openssl", reason = "use rustls" }]
            [sources]
            allow-registry = ["https://registry"]
        "#;
        let lists = lists(&deny.parse().unwrap());
        let package = |name: &str, licence: Option<&str>, source: &str| External {
            name: name.into(),
            version: "1.0.0".into(),
            licence: licence.map(str::to_owned),
            source: source.into(),
        };
        let texts = |package| look(&package, &lists).into_iter().map(|finding| finding.to_string()).collect::<Vec<_>>();
        assert_eq!(texts(package("serde", Some("MIT"), "registry+https://registry")), Vec::<String>::new());
        assert_eq!(
            texts(package("openssl", Some("MIT"), "registry+https://registry")),
            ["openssl 1.0.0: is banned: use rustls"]
        );
        assert_eq!(texts(package("x", None, "registry+https://registry")), ["x 1.0.0: states no licence"]);
        assert!(texts(package("x", Some("GPL-3.0-only"), "registry+https://registry"))[0].contains("not covered"));
        assert!(texts(package("x", Some("MIT"), "git+https://elsewhere"))[0].contains("does not allow"));
    }
}
