//! What the command line prints: a table for people or JSON for programs, and problems on standard error.

use serde_json::Value;
use std::io::{IsTerminal, Write};
use unicode_width::UnicodeWidthStr;

/// Form of what is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Output {
    /// Aligned columns.
    Table,
    /// One JSON document.
    Json,
}

/// A column: heading and the JSON pointer of its value in each row.
pub type Column = (&'static str, &'static str);

/// Prints rows in the wanted form. An empty table says so.
pub fn rows(output: Output, columns: &[Column], items: &Value) {
    match output {
        Output::Json => json(items),
        Output::Table => {
            let list = items.as_array().map_or(&[] as &[Value], Vec::as_slice);
            line(&table(columns, list));
        }
    }
}

/// Prints one JSON document, indented.
pub fn json(value: &Value) {
    line(&serde_json::to_string_pretty(value).unwrap_or_default());
}

/// Prints one object: members as lines, or JSON.
pub fn object(output: Output, value: &Value) {
    match (output, value.as_object()) {
        (Output::Table, Some(members)) => {
            let width = members.keys().map(|k| k.width()).max().unwrap_or(0);
            for (key, value) in members {
                line(&format!("{key}{}  {}", " ".repeat(width - key.width()), cell(value)));
            }
        }
        _ => json(value),
    }
}

/// Prints a line; a closed pipe ends the program quietly, as people expect of `| head`.
pub fn line(text: &str) {
    let mut out = std::io::stdout().lock();
    if writeln!(out, "{text}").and_then(|()| out.flush()).is_err() {
        quit();
    }
}

#[expect(clippy::disallowed_methods, reason = "nobody reads any more; there is nothing to flush and nothing to say")]
fn quit() -> ! {
    std::process::exit(0)
}

/// Writes bytes as they are.
///
/// # Errors
/// When standard output cannot be written.
pub fn bytes(content: &[u8]) -> anyhow::Result<()> {
    Ok(std::io::stdout().lock().write_all(content)?)
}

/// Prints a line on standard error.
pub fn note(text: &str) {
    // Nothing can be done when even standard error is closed.
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Whether colours and progress bars make sense.
pub fn interactive() -> bool {
    std::io::stderr().is_terminal()
}

fn table(columns: &[Column], rows: &[Value]) -> String {
    if rows.is_empty() {
        return "(none)".to_owned();
    }
    let mut cells: Vec<Vec<String>> = vec![columns.iter().map(|(heading, _)| (*heading).to_owned()).collect()];
    for row in rows {
        cells.push(columns.iter().map(|(_, pointer)| row.pointer(pointer).map_or_else(String::new, cell)).collect());
    }
    let widths: Vec<usize> = (0..columns.len())
        .map(|i| cells.iter().filter_map(|row| row.get(i)).map(|c| c.width()).max().unwrap_or(0))
        .collect();
    let lines = cells.iter().map(|row| {
        let padded = row.iter().zip(&widths).map(|(c, w)| format!("{c}{}", " ".repeat(w - c.width())));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::String(text) => text.replace('\n', " "),
        Value::Array(items) if items.iter().all(|i| !i.is_object() && !i.is_array()) => {
            items.iter().map(cell).collect::<Vec<_>>().join(", ")
        }
        Value::Object(members) if members.len() == 2 && members.contains_key("zh") && members.contains_key("en") => {
            ["zh", "en"]
                .iter()
                .filter_map(|k| members.get(*k)?.as_str())
                .filter(|t| !t.is_empty())
                .collect::<Vec<_>>()
                .join(" / ")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_align_also_with_chinese_text() {
        let rows = [serde_json::json!({"n": "账户", "v": 1}), serde_json::json!({"n": "abc", "v": null})];
        assert_eq!(table(&[("name", "/n"), ("v", "/v")], &rows), "name  v\n账户  1\nabc   –");
        assert_eq!(table(&[("name", "/n")], &[]), "(none)");
    }
}
