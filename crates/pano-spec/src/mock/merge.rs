//! References and `allOf` folded into one flat schema, to generate from.

use serde_json::{Map, Value, json};
use std::collections::HashSet;

/// A schema with its references and `allOf` folded in.
#[derive(Debug, Default, Clone)]
pub(super) struct Flat {
    /// All keywords but those folded.
    pub(super) keywords: Map<String, Value>,
    /// Definitions entered on the way.
    pub(super) entered: Vec<String>,
    /// Members that every part with `additionalProperties: false` allows.
    pub(super) allowed: Option<HashSet<String>>,
    /// `oneOf` and `anyOf` lists: one of each is to be chosen.
    pub(super) choices: Vec<Vec<Value>>,
}

/// `None` when the schema allows nothing.
pub(super) fn flatten(root: &Value, schema: &Value) -> Option<Flat> {
    let mut flat = Flat::default();
    fold(root, schema, &mut flat, 0)?;
    Some(flat)
}

/// Folds one more schema in, as for a chosen alternative.
pub(super) fn fold(root: &Value, schema: &Value, flat: &mut Flat, depth: usize) -> Option<()> {
    let map = match schema {
        Value::Bool(true) => return Some(()),
        Value::Object(map) if depth < 64 => map,
        _ => return None,
    };
    if let Some(name) = map.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix("#/$defs/"))
    {
        flat.entered.push(name.to_owned());
        fold(root, root.get("$defs")?.get(name)?, flat, depth + 1)?;
    }
    for part in map.get("allOf").and_then(Value::as_array).into_iter().flatten() {
        fold(root, part, flat, depth + 1)?;
    }
    for key in ["oneOf", "anyOf"] {
        if let Some(list) = map.get(key).and_then(Value::as_array) {
            flat.choices.push(list.clone());
        }
    }
    if map.get("additionalProperties") == Some(&Value::Bool(false)) {
        let own: HashSet<String> = map
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .map(|(key, _)| key.clone())
            .collect();
        flat.allowed = Some(match flat.allowed.take() {
            Some(allowed) => allowed.intersection(&own).cloned().collect(),
            None => own,
        });
    }
    for (key, value) in map {
        if !matches!(key.as_str(), "$ref" | "$defs" | "allOf" | "oneOf" | "anyOf") {
            keyword(&mut flat.keywords, key, value)?;
        }
    }
    Some(())
}

fn keyword(into: &mut Map<String, Value>, key: &str, value: &Value) -> Option<()> {
    let Some(old) = into.get(key) else {
        into.insert(key.to_owned(), value.clone());
        return Some(());
    };
    let merged = match key {
        "type" => types(old, value)?,
        "enum" => {
            let both: Vec<Value> = old
                .as_array()?
                .iter()
                .filter(|item| value.as_array().is_some_and(|list| list.contains(item)))
                .cloned()
                .collect();
            if both.is_empty() {
                return None;
            }
            Value::Array(both)
        }
        "required" => {
            let mut names = old.as_array().cloned().unwrap_or_default();
            names.extend(
                value
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter(|name| !old.as_array().is_some_and(|old| old.contains(name)))
                    .cloned(),
            );
            Value::Array(names)
        }
        "properties" => {
            let mut map = old.as_object().cloned().unwrap_or_default();
            for (name, schema) in value.as_object()? {
                let both = match map.get(name) {
                    Some(other) if other != schema => json!({ "allOf": [other, schema] }),
                    _ => schema.clone(),
                };
                map.insert(name.clone(), both);
            }
            Value::Object(map)
        }
        "items" if old != value => json!({ "allOf": [old, value] }),
        "minimum" | "exclusiveMinimum" | "minLength" | "minItems" | "minProperties" => larger(old, value),
        "maximum" | "exclusiveMaximum" | "maxLength" | "maxItems" | "maxProperties" => smaller(old, value),
        _ => value.clone(),
    };
    into.insert(key.to_owned(), merged);
    Some(())
}

fn larger(a: &Value, b: &Value) -> Value {
    if a.as_f64() >= b.as_f64() { a.clone() } else { b.clone() }
}

fn smaller(a: &Value, b: &Value) -> Value {
    if a.as_f64() <= b.as_f64() { a.clone() } else { b.clone() }
}

/// The names of a `type`.
pub(super) fn names(types: &Value) -> Vec<&str> {
    match types {
        Value::String(name) => vec![name],
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn types(a: &Value, b: &Value) -> Option<Value> {
    let (a, b) = (names(a), names(b));
    let mut both: Vec<&str> = a.iter().copied().filter(|name| b.contains(name)).collect();
    if (a.contains(&"number") && b.contains(&"integer")) || (a.contains(&"integer") && b.contains(&"number")) {
        both.push("integer");
    }
    (!both.is_empty()).then(|| json!(both))
}
