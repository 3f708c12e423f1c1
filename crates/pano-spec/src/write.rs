//! The tree as YAML text: block style, keys in their order, every value read back as the same value.

use crate::scalar;
use serde_json::{Map, Value};
use std::fmt::Write;

/// `value` as a YAML 1.2 document.
pub(crate) fn yaml(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Object(map) if !map.is_empty() => entries(&mut out, map, 0, false),
        Value::Array(list) if !list.is_empty() => items(&mut out, list, 0, false),
        other => {
            leaf(&mut out, other);
            out.push('\n');
        }
    }
    out
}

/// `inline_first`: the first entry continues the line that a `- ` began.
fn entries(out: &mut String, map: &Map<String, Value>, indent: usize, inline_first: bool) {
    for (i, (key, value)) in map.iter().enumerate() {
        if i > 0 || !inline_first {
            pad(out, indent);
        }
        let start = out.len();
        text(out, key);
        // YAML 1.2.2 §7.4: an implicit key is at most 1024 characters.
        if out.len() - start > 1000 {
            out.insert_str(start, "? ");
            out.push('\n');
            pad(out, indent);
        }
        out.push(':');
        match value {
            Value::Object(inner) if !inner.is_empty() => {
                out.push('\n');
                entries(out, inner, indent + 2, false);
            }
            Value::Array(list) if !list.is_empty() => {
                out.push('\n');
                items(out, list, indent + 2, false);
            }
            other => {
                out.push(' ');
                leaf(out, other);
                out.push('\n');
            }
        }
    }
}

fn items(out: &mut String, list: &[Value], indent: usize, inline_first: bool) {
    for (i, item) in list.iter().enumerate() {
        if i > 0 || !inline_first {
            pad(out, indent);
        }
        out.push_str("- ");
        match item {
            Value::Object(map) if !map.is_empty() => entries(out, map, indent + 2, true),
            Value::Array(inner) if !inner.is_empty() => items(out, inner, indent + 2, true),
            other => {
                leaf(out, other);
                out.push('\n');
            }
        }
    }
}

fn pad(out: &mut String, indent: usize) {
    out.extend(std::iter::repeat_n(' ', indent));
}

fn leaf(out: &mut String, value: &Value) {
    match value {
        Value::String(s) => text(out, s),
        Value::Object(_) => out.push_str("{}"),
        Value::Array(_) => out.push_str("[]"),
        // Writing to a String cannot fail.
        other => {
            let _ = write!(out, "{other}");
        }
    }
}

fn text(out: &mut String, text: &str) {
    if is_plain(text) {
        out.push_str(text);
        return;
    }
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}') => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// A narrow idea of what needs no quotes: words, paths, dotted versions, sentences without YAML's punctuation.
fn is_plain(text: &str) -> bool {
    let first_fits = text.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '/' | '$' | '_'));
    let all_fit =
        text.chars().all(|c| c.is_alphanumeric() || matches!(c, '/' | '$' | '_' | '-' | '.' | ' ' | '(' | ')'));
    first_fits && all_fit && !text.ends_with(' ') && !scalar::is_special(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Limits, json as json_reader, yaml as yaml_reader};
    use proptest::prelude::*;

    fn tree() -> impl Strategy<Value = Value> {
        let text = prop_oneof![
            any::<String>(),
            "[ -~\\n\\t]{0,12}",
            prop::sample::select(vec![
                "null", "~", "1", "+61", "1e3", ".5", "0x1f", "true", "yes", "-", "- a", "a: b", "#c", "{", "*a", "&a",
                "!t", "|", "", " a ", "---", "...", "%x", "@", "\u{feff}", "<<", "=", "a #b", ".inf"
            ])
            .prop_map(str::to_owned),
        ];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_filter_map("finite", |n| serde_json::Number::from_f64(n).map(Value::Number)),
            text.clone().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::vec((text.clone(), inner), 0..6)
                    .prop_map(|list| Value::Object(list.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(value in tree()) {
            let limits = Limits::default();
            let written = yaml(&value);
            let read = yaml_reader::parse(&written, &limits).map_err(|e| TestCaseError::fail(format!("{e}\n{written}")))?;
            prop_assert_eq!(read.to_string(), value.to_string(), "{}", written);
            let read = json_reader::parse(&format!("{value:#}"), &limits).map_err(|e| TestCaseError::fail(e.to_string()))?;
            prop_assert_eq!(read.to_string(), value.to_string());
        }
    }

    #[test]
    fn long_keys_are_read_back() {
        let value = serde_json::json!({ "k".repeat(3000): { "é".repeat(1500): [[1, [2]], {"a": [{}], "b": []}] } });
        assert_eq!(yaml_reader::parse(&yaml(&value), &Limits::default()).unwrap(), value);
    }
}
