//! Is the tree an OpenAPI document? What is wrong is refused, mended or noted, each with its pointer.
//!
//! Mended is what has one evident meaning (a number where text belongs, a value twice in an enumeration, a path parameter that only the
//! template names); refused is what would leave an operation undefined or a validator without end; everything else is noted.

mod fix;
mod paths;
mod schema;
mod shape;
mod walk;

use crate::code::SpecCode;
use crate::limits::Limits;
use crate::locate::Spot;
use crate::read::Version;
use crate::report::{Effect, Finding, Severity};
use fix::Fix;
use serde_json::Value;
use std::collections::HashMap;
use walk::Walker;

/// Checks and mends `root`. `locate` finds pointers in the source; it is called once, and only when something was found.
pub(crate) fn check(
    root: &mut Value,
    version: Version,
    limits: &Limits,
    locate: impl Fn(&[&str]) -> HashMap<String, Spot>,
) -> Vec<Finding> {
    let mut walker = Walker::new(root, version, limits);
    walker.walk();
    for target in schema::cycles(&walker.edges) {
        walker.report(Finding::refused(SpecCode::SchemaCycle, target, ""));
    }
    let Walker { mut findings, fixes, unkept, .. } = walker;
    if unkept > 0 {
        findings.push(Finding::noted(SpecCode::TooManyFindings, Severity::Hint, "", &format!("{unkept} more")));
    }
    if findings.is_empty() && fixes.is_empty() {
        return findings;
    }
    let written = fixes.iter().filter_map(|fix| if let Fix::Text(at) = fix { Some(at.as_str()) } else { None });
    let wanted: Vec<&str> = findings.iter().map(|finding| finding.pointer.as_str()).chain(written).collect();
    let spots = locate(&wanted);
    for finding in &mut findings {
        if let Some(spot) = spots.get(&finding.pointer) {
            finding.line = u32::try_from(spot.line).ok();
            finding.column = u32::try_from(spot.column).ok();
            // What is taken as text is told as it was written: the number 1.10 has lost its last digit.
            let as_text = matches!(finding.code, SpecCode::TextFromScalar | SpecCode::DefaultType);
            if let Some(raw) = spot.raw.as_ref().filter(|_| as_text) {
                finding.reason = finding.code.reason(&crate::report_text(raw));
            }
        }
    }
    if !findings.iter().any(|finding| finding.effect == Effect::Refused) {
        fix::apply(root, fixes, &spots);
    }
    findings
}
