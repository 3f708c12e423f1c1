//! The crate graph as a file, so that a new edge between our crates shows in review.

use crate::Finding;
use crate::workspace::Workspace;
use anyhow::{Context, Result};
use std::fmt::Write as _;
use std::path::Path;

const FILE: &str = "xtask/crate-graph.txt";
const HEAD: &str = "\
# Which of our crates uses which, lowest layer first; `(tests)` marks what only tests use.
# Written by `cargo run -p xtask -- graph`; a new line here is a design decision.
";

/// Writes the file.
pub(crate) fn write(root: &Path, workspace: &Workspace) -> Result<()> {
    std::fs::write(root.join(FILE), render(workspace)).with_context(|| format!("{FILE} could not be written"))
}

/// Compares the file with the manifests, line by line.
pub(crate) fn check(root: &Path, workspace: &Workspace) -> Result<Vec<Finding>> {
    let stands = std::fs::read_to_string(root.join(FILE)).unwrap_or_default();
    Ok(compare(&stands, &render(workspace)))
}

fn compare(stands: &str, wanted: &str) -> Vec<Finding> {
    let missing =
        wanted.lines().filter(|line| !stands.lines().any(|other| other == *line)).map(|line| format!("+ {line}"));
    let stale =
        stands.lines().filter(|line| !wanted.lines().any(|other| other == *line)).map(|line| format!("- {line}"));
    let advice = "if the edge is meant, run `cargo run -p xtask -- graph` and say why in the commit";
    let mut findings: Vec<_> =
        missing.chain(stale).map(|line| Finding::new(FILE, format!("{line}   ({advice})"))).collect();
    if findings.is_empty() && stands != wanted {
        findings.push(Finding::new(FILE, "has the right lines in another order: run `cargo run -p xtask -- graph`"));
    }
    findings
}

fn render(workspace: &Workspace) -> String {
    let mut members: Vec<_> = workspace.members.values().collect();
    members.sort_by_key(|member| (member.layer, &member.name));
    let mut text = HEAD.to_owned();
    let mut layer = None;
    for member in members {
        if layer != Some(member.layer) {
            layer = Some(member.layer);
            let word = member.layer.map_or("no layer", crate::workspace::Layer::word);
            let _infallible = write!(text, "\n[{word}]\n");
        }
        let ours = |name: &&String| workspace.members.contains_key(*name);
        let running = member.uses.iter().filter(ours).cloned();
        let testing = member.test_uses.iter().filter(ours).filter(|name| !member.uses.contains(*name));
        let edges: Vec<_> = running.chain(testing.map(|name| format!("{name} (tests)"))).collect();
        let _infallible =
            writeln!(text, "{} -> {}", member.name, if edges.is_empty() { "-".into() } else { edges.join(", ") });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::{Layer, fixture::workspace};

    fn example() -> Workspace {
        workspace(&[
            ("pano-bank", Some(Layer::Applications), &["pano-types", "axum"], &["pano-kit", "pano-types"]),
            ("pano-kit", Some(Layer::Assembly), &[], &[]),
            ("pano-types", Some(Layer::Ground), &["serde"], &[]),
        ])
    }

    #[test]
    fn the_graph_is_drawn_from_the_ground_up() {
        let drawn = render(&example());
        let body = drawn.strip_prefix(HEAD).unwrap();
        assert_eq!(
            body,
            "\n[ground]\npano-types -> -\n\n[applications]\npano-bank -> pano-types, pano-kit (tests)\n\n[assembly]\npano-kit -> -\n"
        );
    }

    #[test]
    fn a_new_edge_and_a_stale_one_are_shown() {
        let wanted = render(&example());
        assert_eq!(compare(&wanted, &wanted), []);
        let stands = wanted.replace("pano-types, pano-kit (tests)", "pano-types");
        let texts: Vec<_> = compare(&stands, &wanted).into_iter().map(|finding| finding.text).collect();
        assert!(texts[0].starts_with("+ pano-bank -> pano-types, pano-kit (tests)"), "{texts:?}");
        assert!(texts[1].starts_with("- pano-bank -> pano-types "), "{texts:?}");
        assert_eq!(compare("", &wanted).len(), wanted.lines().count());
    }
}
