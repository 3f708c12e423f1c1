//! The documents stay true where a machine can tell: links lead somewhere, every crate is on the map, decisions are numbered.

use crate::Finding;
use crate::workspace::Workspace;
use anyhow::{Context, Result};
use std::path::{Component, Path, PathBuf};

const MAP: &str = "docs/ARCHITECTURE.md";
const DECISIONS: &str = "docs/adr/";

/// Checks every Markdown file.
pub(crate) fn check(root: &Path, workspace: &Workspace, files: &[String]) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| file.ends_with(".md")) {
        let text = std::fs::read_to_string(root.join(file)).with_context(|| format!("{file} cannot be read"))?;
        findings.extend(dead_links(file, &text, |path| root.join(path).exists()));
    }
    let map = std::fs::read_to_string(root.join(MAP)).unwrap_or_default();
    findings.extend(unmapped(&map, workspace.members.keys()));
    findings.extend(misnumbered(files));
    Ok(findings)
}

/// Relative links that lead nowhere; addresses and anchors within a page are not followed.
fn dead_links(file: &str, text: &str, exists: impl Fn(&Path) -> bool) -> Vec<Finding> {
    let folder = Path::new(file).parent().unwrap_or(Path::new(""));
    let mut findings = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let markdown = line.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next());
        let pictures = line.split("src=\"").skip(1).filter_map(|rest| rest.split('"').next());
        for link in markdown.chain(pictures) {
            let target = link.split('#').next().unwrap_or_default();
            let elsewhere = target.is_empty() || target.contains("://") || target.starts_with("mailto:");
            if !elsewhere && !exists(&plain(&folder.join(target))) {
                findings.push(Finding::new(
                    format!("{file}:{}", number + 1),
                    format!("links to {link}, which is not there"),
                ));
            }
        }
    }
    findings
}

/// The path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            other => plain.push(other),
        }
    }
    plain
}

fn unmapped<'a>(map: &str, crates: impl Iterator<Item = &'a String>) -> Vec<Finding> {
    let missing = crates.filter(|name| !map.contains(&format!("`{name}`")));
    missing
        .map(|name| Finding::new(MAP, format!("does not mention `{name}`: every crate has its line in the code map")))
        .collect()
}

/// Decision records are `0001-words.md` and follow one another without a gap.
fn misnumbered(files: &[String]) -> Vec<Finding> {
    let names = files.iter().filter_map(|file| file.strip_prefix(DECISIONS)).filter(|name| *name != "README.md");
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    let wrong = names.iter().enumerate().filter(|(index, name)| !name.starts_with(&format!("{:04}-", index + 1)));
    wrong
        .map(|(index, name)| {
            Finding::new(
                format!("{DECISIONS}{name}"),
                format!("should be number {:04}: no gap, no number twice", index + 1),
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_links_that_lead_nowhere_are_refused() {
        let exists =
            |path: &Path| [Path::new("docs/a.md"), Path::new("README.md"), Path::new("docs/img/x.svg")].contains(&path);
        let good = "[a](a.md#x) [r](../README.md) [w](https://example.org/y) [h](#here) ![i](./img/x.svg \"title\") <img src=\"img/x.svg\">\n";
        assert_eq!(dead_links("docs/b.md", good, exists), []);
        let findings = dead_links("docs/b.md", "x\n[c](c.md) <img src=\"y.svg\">\n", exists);
        let places: Vec<_> = findings.iter().map(ToString::to_string).collect();
        assert_eq!(
            places,
            ["docs/b.md:2: links to c.md, which is not there", "docs/b.md:2: links to y.svg, which is not there"]
        );
    }

    #[test]
    fn a_crate_that_is_not_on_the_map_is_refused() {
        let crates = ["pano-store".to_owned(), "pano-store-sql".to_owned()];
        let findings = unmapped("| `pano-store-sql` | SQL |", crates.iter());
        assert_eq!(findings.len(), 1);
        assert!(findings[0].text.contains("`pano-store`"));
    }

    #[test]
    fn a_gap_between_decisions_is_refused() {
        let files = |names: &[&str]| names.iter().map(|name| format!("{DECISIONS}{name}")).collect::<Vec<_>>();
        assert_eq!(misnumbered(&files(&["0001-a.md", "0002-b.md", "README.md"])), []);
        assert_eq!(misnumbered(&files(&["0001-a.md", "0003-b.md"])).len(), 1);
        assert_eq!(misnumbered(&files(&["0001-a.md", "0001-b.md"])).len(), 1);
    }
}
