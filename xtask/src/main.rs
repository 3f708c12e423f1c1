//! House rules as a program: checks that the workspace still stands as `docs/ARCHITECTURE.md` says, and writes what is generated.
//!
//! Why it exists: a rule that only a reviewer knows is forgotten. Each rule lives in one file here, looks at plain data (a
//! [`workspace::Workspace`], a manifest, a file's text), and answers with [`Finding`]s that name the place and the way out.
//!
//! Invariants:
//! * Nothing is built or fetched: the checks read `cargo metadata`, manifests and files, so they take about a second.
//! * `check` never writes; `generate` and `graph` do.
//! * A rule is tested with a fixture that it refuses, so that it cannot rot into one that accepts everything.
//!
//! Start at [`check`], then [`layers`]. To add a generated file, add a row to [`generated::FILES`].
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool talks to its caller")]

mod benches;
mod docs;
mod generated;
mod graph;
mod inherit;
mod layers;
mod licences;
mod tidy;
mod unused;
mod workspace;

use anyhow::{Context, Result, bail};
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// One rule that is broken at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    /// A path relative to the repository root, with `:line` where that helps, or the name of a crate.
    place: String,
    /// What is wrong, and what to do about it.
    text: String,
}

impl Finding {
    fn new(place: impl Into<String>, text: impl Into<String>) -> Self {
        Self { place: place.into(), text: text.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.text)
    }
}

const USAGE: &str = "\
usage: cargo run -p xtask -- COMMAND

  check      every house rule: layers, graph, inheritance, unused dependencies, licences, tidiness, docs, generated files
  generate   write the generated files (docs/errors.md and its like)
  graph      write xtask/crate-graph.txt from the manifests
  unused     dependencies that no source file names, and rows of the root manifest that no member takes
  benches    print the last criterion figures as a Markdown table";

fn main() -> ExitCode {
    match run(std::env::args().nth(1).as_deref()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Option<&str>) -> Result<ExitCode> {
    let root = root()?;
    match command {
        Some("check") => check(&root),
        Some("generate") => generated::write(&root).map(|()| ExitCode::SUCCESS),
        Some("graph") => graph::write(&root, &workspace::load(&root)?).map(|()| ExitCode::SUCCESS),
        Some("unused") => Ok(show("unused dependencies", &unused::check(&root, &workspace::load(&root)?)?)),
        Some("benches") => benches::print().map(|()| ExitCode::SUCCESS),
        Some("help" | "--help" | "-h") => {
            println!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        Some(other) => bail!("there is no command {other:?}\n\n{USAGE}"),
        None => bail!("which command?\n\n{USAGE}"),
    }
}

/// Runs every rule and prints what it found, rule by rule.
fn check(root: &Path) -> Result<ExitCode> {
    let codes = findings(root)?.into_iter().map(|(rule, findings)| show(rule, &findings));
    Ok(codes.fold(ExitCode::SUCCESS, |worst, code| if code == ExitCode::SUCCESS { worst } else { code }))
}

/// Prints what a rule found.
fn show(rule: &str, findings: &[Finding]) -> ExitCode {
    println!("{rule}: {}", if findings.is_empty() { "ok".to_owned() } else { format!("{} broken", findings.len()) });
    findings.iter().for_each(|finding| println!("  {finding}"));
    if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What each rule found.
fn findings(root: &Path) -> Result<Vec<(&'static str, Vec<Finding>)>> {
    let workspace = workspace::load(root)?;
    let files = tidy::list(root)?;
    let rules: [(&str, Result<Vec<Finding>>); 8] = [
        ("layers", Ok(layers::check(&workspace))),
        ("crate graph", graph::check(root, &workspace)),
        ("inheritance", inherit::check_all(root, &workspace)),
        ("unused dependencies", unused::check(root, &workspace)),
        ("licences, bans, sources", licences::check(root, &workspace)),
        ("tidiness", tidy::check(root, &files)),
        ("documents", docs::check(root, &workspace, &files)),
        ("generated files", generated::check(root)),
    ];
    let named = rules.into_iter().map(|(rule, findings)| {
        let findings = findings.with_context(|| format!("rule {rule:?} could not be checked"))?;
        Ok((rule, findings))
    });
    named.collect()
}

/// The repository's root: this crate's folder is one level below it.
fn root() -> Result<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().map(Path::to_path_buf).context("xtask has no parent folder")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same as `xtask check`, so that a plain test run enforces the rules.
    #[test]
    fn the_house_stands() {
        let broken: Vec<_> =
            findings(&root().unwrap()).unwrap().into_iter().flat_map(|(_, findings)| findings).collect();
        let lines: Vec<_> = broken.iter().map(|finding| format!("\n  {finding}")).collect();
        assert!(broken.is_empty(), "{} house rules are broken:{}", broken.len(), lines.concat());
    }
}
