//! Reading API descriptions without a server: what an import would take, repair or refuse, and what lint finds.

use crate::cli::{Diff, Validate};
use crate::output::{self, Output};
use crate::progress;
use anyhow::{Context, bail};
use pano_spec::diff::compare;
use pano_spec::folder::Imported;
use pano_spec::{Document, Limits, Outcome, folder};
use pano_types::Lang;
use serde_json::{Value, json};
use std::path::Path;

/// Columns of a comparison's changes.
pub(super) const CHANGES: &[output::Column] =
    &[("CLASS", "/class"), ("KIND", "/kind"), ("OLD", "/old"), ("NEW", "/new"), ("WHAT", "/detail")];

/// Reads files and folders as an import would, with a bar for long work.
///
/// # Errors
/// When a path cannot be read.
pub fn read(paths: &[impl AsRef<Path>]) -> anyhow::Result<Vec<Imported>> {
    let mut all = Vec::new();
    for path in paths.iter().map(AsRef::as_ref) {
        if path.is_dir() {
            let bar = progress::bar("reading");
            let read = folder::import(path, &Limits::default(), &|at, _| {
                bar.set_length(at.total as u64);
                bar.set_position(at.done as u64);
            });
            bar.finish_and_clear();
            all.extend(read.with_context(|| format!("cannot read the folder {}", path.display()))?);
        } else {
            let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
            let name = path.file_name().and_then(|n| n.to_str()).context("not a file name")?;
            if !path.is_file() {
                bail!("{} is neither a file nor a folder", path.display());
            }
            all.push(folder::import_file(parent, name, &Limits::default()));
        }
    }
    Ok(all)
}

/// Reports on API descriptions. Exit code 1 when one is refused.
///
/// # Errors
/// When a path cannot be read, or a document is refused.
pub fn validate(out: Output, command: &Validate) -> anyhow::Result<()> {
    let all = read(&command.paths)?;
    let mut refused = 0;
    let mut reports = Vec::new();
    for imported in &all {
        refused += usize::from(imported.report.outcome == Outcome::Refused);
        let mut report = serde_json::to_value(&imported.report)?;
        if let (true, Some(document)) = (command.lint, &imported.document) {
            report["lint"] =
                serde_json::to_value(pano_spec::lint::lint(document, &pano_spec::lint::LintConfig::default()))?;
        }
        reports.push(report);
    }
    match out {
        Output::Json => output::json(&Value::Array(reports)),
        Output::Table => reports.iter().for_each(show),
    }
    output::note(&format!("{} read, {refused} refused", all.len()));
    if refused > 0 { bail!("{refused} document(s) refused") } else { Ok(()) }
}

/// Compares two API descriptions. Exit code 1 when something breaks.
///
/// # Errors
/// When one cannot be read, or something breaks.
pub fn diff(out: Output, command: &Diff) -> anyhow::Result<()> {
    let new = command.new.as_deref().context("two descriptions to compare")?;
    let comparison = compare(&document(&command.old)?, &document(new)?);
    match (out, command.markdown) {
        (Output::Json, _) => output::json(&comparison.to_json()),
        (Output::Table, true) => output::line(&comparison.to_markdown(Lang::En)),
        (Output::Table, false) => {
            let json = comparison.to_json();
            output::rows(out, CHANGES, json.get("changes").unwrap_or(&Value::Null));
        }
    }
    if comparison.is_breaking() {
        bail!("{} breaks those who use {}", new.display(), command.old.display())
    } else {
        Ok(())
    }
}

fn document(path: &Path) -> anyhow::Result<Document> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    Document::read(&bytes).with_context(|| format!("{} is refused", path.display()))
}

fn show(report: &Value) {
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    output::line(&format!("{:<9} {}", text(report, "outcome"), text(report, "file")));
    let none = json!([]);
    for list in ["findings", "lint"] {
        for finding in report.get(list).unwrap_or(&none).as_array().into_iter().flatten() {
            let line = finding.get("line").and_then(Value::as_u64).map_or_else(String::new, |l| format!(":{l}"));
            let reason = finding.pointer("/reason/en").or_else(|| finding.get("detail")).and_then(Value::as_str);
            let code = if list == "lint" { text(finding, "rule") } else { text(finding, "code") };
            output::line(&format!(
                "          {} {}{line} {}: {}",
                text(finding, "severity"),
                text(finding, "pointer"),
                code,
                reason.unwrap_or_default(),
            ));
        }
    }
}
