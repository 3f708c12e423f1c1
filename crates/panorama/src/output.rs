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

/// Prints one object: members as lines, those of members under dotted names; or JSON.
pub fn object(output: Output, value: &Value) {
    match (output, value.is_object()) {
        (Output::Table, true) => {
            let mut members = Vec::new();
            flatten(String::new(), value, &mut members);
            let width = members.iter().map(|(name, _)| name.width()).max().unwrap_or(0);
            for (name, text) in members {
                line(format!("{name}{}  {text}", " ".repeat(width - name.width())).trim_end());
            }
        }
        _ => json(value),
    }
}

/// Prints an object without its list `member`, and that list as a table below; or JSON.
pub fn object_with(output: Output, value: &Value, member: &str, columns: &[Column]) {
    let (Output::Table, Some(mut members)) = (output, value.as_object().cloned()) else { return json(value) };
    let list = members.remove(member).unwrap_or_default();
    object(output, &Value::Object(members));
    line("");
    rows(output, columns, &list);
}

fn flatten(name: String, value: &Value, out: &mut Vec<(String, String)>) {
    let below = |key: &str| if name.is_empty() { key.to_owned() } else { format!("{name}.{key}") };
    match value {
        Value::Object(members) if !members.is_empty() && !is_localized(members) => {
            members.iter().for_each(|(key, value)| flatten(below(key), value, out));
        }
        Value::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => {
            items.iter().enumerate().for_each(|(at, value)| flatten(below(&at.to_string()), value, out));
        }
        other => out.push((name, cell(other))),
    }
}

fn is_localized(members: &serde_json::Map<String, Value>) -> bool {
    members.len() == 2 && members.contains_key("zh") && members.contains_key("en")
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

/// Writes bytes as they are; a closed pipe ends the program quietly.
pub fn bytes(content: &[u8]) {
    let mut out = std::io::stdout().lock();
    if out.write_all(content).and_then(|()| out.flush()).is_err() {
        quit();
    }
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
        Value::Object(members) if is_localized(members) => ["zh", "en"]
            .iter()
            .filter_map(|k| members.get(*k)?.as_str())
            .filter(|t| !t.is_empty())
            .collect::<Vec<_>>()
            .join(" / "),
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

    #[test]
    fn members_of_members_have_dotted_names() {
        let value = serde_json::json!({
            "id": "x", "name": { "zh": "账户", "en": "Account" }, "roles": ["a", "b"], "limits": {},
            "lifecycle": { "state": "admitted", "by": { "who": "opr_1" } }, "checks": [{ "met": true }, { "met": false }]
        });
        let mut members = Vec::new();
        flatten(String::new(), &value, &mut members);
        let lines: Vec<_> = members.iter().map(|(name, text)| format!("{name}={text}")).collect();
        let expected = "id=x name=账户 / Account roles=a, b limits={} lifecycle.state=admitted lifecycle.by.who=opr_1 \
                        checks.0.met=true checks.1.met=false";
        assert_eq!(lines.join(" "), expected);
    }
}
