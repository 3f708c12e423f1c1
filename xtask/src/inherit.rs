//! Versions, edition, lints and dependencies are stated once, in the root manifest; members inherit them.

use crate::Finding;
use crate::workspace::Workspace;
use anyhow::{Context, Result};
use std::path::Path;
use toml::{Table, Value};

/// Keys of `[package]` that members take from the root.
const INHERITED: &[&str] = &["version", "edition", "rust-version", "license", "publish"];
const TABLES: &[&str] = &["dependencies", "dev-dependencies", "build-dependencies"];

/// Reads and checks every manifest.
pub(crate) fn check_all(root: &Path, workspace: &Workspace) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for member in workspace.members.values() {
        let place = member.folder.join("Cargo.toml");
        let manifest = read(&root.join(&place))?;
        findings.extend(check(&place.display().to_string(), &member.folder, &manifest));
    }
    Ok(findings)
}

fn read(path: &Path) -> Result<Table> {
    let text = std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    text.parse().with_context(|| format!("{} is not TOML", path.display()))
}

/// Checks one manifest; `folder` is relative to the root.
fn check(place: &str, folder: &Path, manifest: &Table) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut refuse = |text: String| findings.push(Finding::new(place, text));
    let package = manifest.get("package").and_then(Value::as_table).cloned().unwrap_or_default();
    for key in INHERITED.iter().filter(|key| !package.get(**key).is_some_and(inherits)) {
        refuse(format!("package.{key} is not inherited: write `{key}.workspace = true`"));
    }
    let name = package.get("name").and_then(Value::as_str).unwrap_or_default();
    if folder.file_name().and_then(|folder| folder.to_str()) != Some(name) {
        refuse(format!("the folder is not called {name:?} like the crate"));
    }
    if package.get("description").and_then(Value::as_str).is_none_or(|text| text.trim().is_empty()) {
        refuse("package.description is missing: say in one line what the crate's one job is".into());
    }
    if !manifest.get("lints").is_some_and(inherits) {
        refuse("the lints are not inherited: write `[lints]` with `workspace = true`".into());
    }
    for (table, dependencies) in tables(manifest) {
        for (name, value) in dependencies.iter().filter(|(_, value)| !inherits(value)) {
            let state = if value.is_str() { "a version" } else { "its own source" };
            refuse(format!(
                "{table}.{name} states {state}: move it to the root's [workspace.dependencies] and write `{name}.workspace = true`"
            ));
        }
    }
    findings
}

fn inherits(value: &Value) -> bool {
    value.get("workspace").and_then(Value::as_bool) == Some(true)
}

/// Every table of dependencies, those under `[target.…]` too.
fn tables(manifest: &Table) -> impl Iterator<Item = (&'static str, &Table)> {
    let targets = manifest.get("target").and_then(Value::as_table);
    let targets = targets.into_iter().flat_map(|table| table.values()).filter_map(Value::as_table);
    std::iter::once(manifest)
        .chain(targets)
        .flat_map(|owner| TABLES.iter().filter_map(|name| Some((*name, owner.get(*name)?.as_table()?))))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        [package]
        name = "pano-x"
        description = "Does x."
        version.workspace = true
        edition.workspace = true
        rust-version.workspace = true
        license.workspace = true
        publish.workspace = true
        [dependencies]
        serde.workspace = true
        tokio = { workspace = true, features = ["net"] }
        [lints]
        workspace = true
    "#;

    fn texts(manifest: &str) -> Vec<String> {
        let manifest: Table = manifest.parse().unwrap();
        check("m", Path::new("crates/pano-x"), &manifest).into_iter().map(|finding| finding.text).collect()
    }

    #[test]
    fn a_member_that_inherits_all_passes() {
        assert_eq!(texts(GOOD), Vec::<String>::new());
    }

    #[test]
    fn what_is_not_inherited_is_refused() {
        let cases = [
            ("\n        version.workspace = true", "\nversion = \"1.0.0\"", "package.version is not inherited"),
            ("edition.workspace = true", "", "package.edition is not inherited"),
            ("name = \"pano-x\"", "name = \"pano-y\"", "the folder is not called"),
            ("description = \"Does x.\"", "description = \" \"", "package.description is missing"),
            ("[lints]\n        workspace = true", "", "the lints are not inherited"),
            ("serde.workspace = true", "serde = \"1\"", "dependencies.serde states a version"),
            ("serde.workspace = true", "serde = { path = \"../serde\" }", "dependencies.serde states its own source"),
            (
                "[lints]",
                "[target.'cfg(unix)'.dev-dependencies]\nx = \"1\"\n[lints]",
                "dev-dependencies.x states a version",
            ),
        ];
        for (from, to, expected) in cases {
            assert!(GOOD.contains(from));
            let texts = texts(&GOOD.replace(from, to));
            assert!(texts.len() == 1 && texts[0].starts_with(expected), "{expected:?}: {texts:?}");
        }
    }
}
