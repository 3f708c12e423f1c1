//! A dependency that no line of the crate names costs build time for nothing.
//!
//! The crate's text is searched for the name as Rust writes it; no code is parsed. A dependency taken only for a feature that it
//! switches on in another crate goes into [`FOR_FEATURES`], with the reason.

use crate::Finding;
use crate::workspace::{Member, Workspace};
use anyhow::{Context, Result};
use std::path::Path;

/// `(crate, dependency, why it is there without being named)`.
const FOR_FEATURES: &[(&str, &str, &str)] = &[];

/// Checks every member, and the rows of the root manifest.
pub(crate) fn check(root: &Path, workspace: &Workspace) -> Result<Vec<Finding>> {
    let text = std::fs::read_to_string(root.join("Cargo.toml")).context("Cargo.toml cannot be read")?;
    let mut findings = idle_rows(&text.parse().context("Cargo.toml is not TOML")?, workspace);
    for member in workspace.members.values() {
        let mut source = String::new();
        for folder in ["src", "tests", "benches", "examples"] {
            append(&root.join(&member.folder).join(folder), &mut source)?;
        }
        findings.extend(unnamed(member, &source));
    }
    Ok(findings)
}

/// Rows of `[workspace.dependencies]` that no member takes.
fn idle_rows(manifest: &toml::Table, workspace: &Workspace) -> Vec<Finding> {
    let rows = manifest.get("workspace").and_then(|table| table.get("dependencies")).and_then(toml::Value::as_table);
    let taken = |name: &str| {
        workspace.members.values().any(|member| member.uses.contains(name) || member.test_uses.contains(name))
    };
    let idle = rows.into_iter().flat_map(|rows| rows.keys()).filter(|name| !taken(name));
    idle.map(|name| Finding::new("Cargo.toml", format!("{name} is stated, but no member takes it: remove the row")))
        .collect()
}

fn append(folder: &Path, source: &mut String) -> Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in std::fs::read_dir(folder).with_context(|| format!("{} cannot be listed", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            append(&path, source)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            source.push_str(
                &std::fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?,
            );
        }
    }
    Ok(())
}

fn unnamed(member: &Member, source: &str) -> Vec<Finding> {
    let excused =
        |name: &str| FOR_FEATURES.iter().any(|(owner, dependency, _)| *owner == member.name && *dependency == name);
    let all = member.uses.iter().chain(&member.test_uses);
    let idle = all.filter(|name| !names(source, &name.replace('-', "_")) && !excused(name));
    let place = member.folder.join("Cargo.toml").display().to_string();
    idle.map(|name| {
        Finding::new(&place, format!("{name} is taken, but no source file of the crate names it: remove the row"))
    })
    .collect()
}

/// Whether `word` stands in `source` as a whole identifier.
fn names(source: &str, word: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric() || c == '_';
    source.match_indices(word).any(|(at, _)| {
        let before = source.get(..at).and_then(|text| text.chars().next_back());
        let after = source.get(at + word.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(inside) && !after.is_some_and(inside)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::fixture::workspace;

    #[test]
    fn a_dependency_counts_only_as_a_whole_word() {
        for (source, word, expected) in [
            ("use serde_json::Value;", "serde_json", true),
            ("use serde_json::Value;", "serde", false),
            ("#[tokio::test]", "tokio", true),
            ("let mytokio = 1;", "tokio", false),
            ("", "tokio", false),
        ] {
            assert_eq!(names(source, word), expected, "{word} in {source:?}");
        }
    }

    #[test]
    fn a_row_that_nobody_takes_is_refused() {
        let manifest = "[workspace.dependencies]\nbytes = \"1\"\nhex = \"1\"\n".parse().unwrap();
        let findings = idle_rows(&manifest, &workspace(&[("pano-x", None, &["bytes"], &[])]));
        assert_eq!(findings.len(), 1);
        assert!(findings[0].text.starts_with("hex is stated"), "{findings:?}");
    }

    #[test]
    fn an_idle_dependency_is_refused() {
        let workspace = workspace(&[("pano-x", None, &["tower-http", "bytes"], &["proptest"])]);
        let findings = unnamed(&workspace.members["pano-x"], "use bytes::Bytes; use tower_http::limit;");
        assert_eq!(findings.len(), 1);
        assert!(findings[0].text.starts_with("proptest is taken"), "{findings:?}");
    }
}
