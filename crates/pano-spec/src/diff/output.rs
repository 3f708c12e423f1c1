//! The report as Markdown and JSON.

use super::{Class, Comparison};
use pano_types::Lang;
use serde_json::{Value, json};
use std::fmt::Write;

/// Operations named per change in Markdown; the rest is counted.
const NAMED: usize = 3;

impl Comparison {
    /// For people.
    pub fn to_markdown(&self, lang: Lang) -> String {
        let zh = lang == Lang::Zh;
        let mut out = String::new();
        // Writing to a String cannot fail.
        let _ = writeln!(out, "# {} {} → {} {}\n", self.old.0, self.old.1, self.new.0, self.new.1);
        for (class, en, name) in [
            (Class::Breaking, "Breaking", "破坏性变更"),
            (Class::Unclassified, "To be judged", "待判定变更"),
            (Class::NonBreaking, "Non-breaking", "兼容变更"),
        ] {
            let count = self.of(class).count();
            let _ = writeln!(out, "## {} ({count})\n", if zh { name } else { en });
            for change in self.of(class) {
                let place = change.new.as_deref().or(change.old.as_deref()).unwrap_or_default();
                let _ = write!(out, "- `{}` {}", change.kind.text(), change.kind.title().get(lang));
                if !change.detail.is_empty() {
                    let _ = write!(out, ": {}", change.detail);
                }
                let _ = write!(out, " — `{place}`");
                if let Some(direction) = change.direction {
                    let _ = write!(out, " ({direction:?})");
                }
                let shown: Vec<&str> = change.operations.iter().take(NAMED).map(String::as_str).collect();
                if !shown.is_empty() {
                    let _ = write!(out, " [{}", shown.join("; "));
                    let rest = change.operations.len().saturating_sub(NAMED);
                    if rest > 0 {
                        let _ = write!(out, "; +{rest}");
                    }
                    out.push(']');
                }
                out.push('\n');
            }
            out.push('\n');
        }
        out
    }

    /// For machines.
    pub fn to_json(&self) -> Value {
        let count = |class: Class| self.of(class).count();
        let changes: Vec<Value> = self
            .changes
            .iter()
            .map(|change| {
                json!({
                    "class": change.class,
                    "kind": change.kind.text(),
                    "title": change.kind.title(),
                    "direction": change.direction,
                    "old": change.old,
                    "new": change.new,
                    "detail": change.detail,
                    "operations": change.operations,
                })
            })
            .collect();
        json!({
            "old": { "title": self.old.0, "version": self.old.1 },
            "new": { "title": self.new.0, "version": self.new.1 },
            "breaking": count(Class::Breaking),
            "unclassified": count(Class::Unclassified),
            "nonBreaking": count(Class::NonBreaking),
            "changes": changes,
        })
    }
}
