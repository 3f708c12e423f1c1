//! Schema objects: keywords that mean something, references that end, no schema that contains itself in place.

use super::fix::Fix;
use super::shape::Kind;
use super::walk::{Step, Walker};
use crate::code::SpecCode;
use crate::contract::pattern_is_linear;
use crate::pointer;
use crate::read::Version;
use crate::report::{Finding, Severity};
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};

const TYPES: [&str; 7] = ["string", "number", "integer", "boolean", "object", "array", "null"];

impl<'v> Walker<'v> {
    /// A schema that something may refer to: its parts in place are followed for cycles.
    pub(super) fn schema_root(&mut self, value: &'v Value) {
        let outer = self.owner.replace(self.pointer());
        self.schema(value);
        self.owner = outer;
    }

    fn schema(&mut self, value: &'v Value) {
        let map = match value {
            Value::Object(map) => map,
            Value::Bool(_) => return,
            other => {
                let detail = crate::report_text(&other.to_string());
                return self.refuse(SpecCode::ShapeType, &format!("a schema belongs here, not {detail}"));
            }
        };
        if map.get("$ref").is_some_and(|reference| !reference.is_object()) {
            if let (Some(target), Some(owner)) = (self.target(Kind::Schema, value), self.owner.clone()) {
                self.edges.entry(owner).or_default().push(target);
            }
            // OpenAPI 3.0 §4.7.23: siblings of $ref are ignored.
            if self.version == Version::V3_0 {
                return;
            }
        }
        for (key, value) in map {
            self.path.push(Step::Key(key));
            self.keyword(map, key, value);
            self.path.pop();
        }
        let is_list = map.get("type").and_then(Value::as_str) == Some("array");
        if is_list && !map.contains_key("items") && self.version == Version::V3_0 {
            self.note(SpecCode::SchemaItems, Severity::Hint, "");
        }
    }

    fn keyword(&mut self, map: &'v Map<String, Value>, key: &'v str, value: &'v Value) {
        let old = self.version == Version::V3_0;
        let fits = match key {
            "type" => return self.types(map, value),
            "enum" => return self.enumeration(map, value),
            "default" => return self.default(map, value),
            "pattern" => return self.pattern(value),
            "properties" | "patternProperties" | "dependentSchemas" | "$defs" | "definitions" => {
                return self.schemas(key, value);
            }
            "items"
            | "additionalProperties"
            | "contains"
            | "propertyNames"
            | "unevaluatedItems"
            | "unevaluatedProperties" => {
                return self.apart(value);
            }
            "not" | "if" | "then" | "else" => {
                if value.is_object() || value.is_boolean() {
                    return self.schema(value);
                }
                false
            }
            "allOf" | "anyOf" | "oneOf" | "prefixItems" => match value.as_array().filter(|list| !list.is_empty()) {
                Some(list) => return self.list(key, list),
                None => false,
            },
            "required" => value.as_array().is_some_and(|names| names.iter().all(Value::is_string)),
            "minimum" | "maximum" => value.is_number(),
            "exclusiveMinimum" | "exclusiveMaximum" => {
                value.is_number() != old && (value.is_number() || value.is_boolean())
            }
            "multipleOf" => value.as_f64().is_some_and(|n| n > 0.0),
            "maxLength" | "minLength" | "maxItems" | "minItems" | "maxProperties" | "minProperties" => value.is_u64(),
            "uniqueItems" | "nullable" | "readOnly" | "writeOnly" | "deprecated" => value.is_boolean(),
            "format" | "title" | "description" => value.is_string(),
            _ => true,
        };
        if !fits {
            self.ignored(key, value);
        }
    }

    fn ignored(&mut self, key: &str, value: &Value) {
        let at = self.pointer();
        self.repair(
            SpecCode::SchemaKeyword,
            &format!("{key}: {}", crate::report_text(&value.to_string())),
            Fix::Remove(at),
        );
    }

    fn types(&mut self, map: &Map<String, Value>, value: &Value) {
        let at = self.pointer();
        let known = |value: &Value| value.as_str().is_some_and(|name| TYPES.contains(&name));
        match value {
            Value::String(name) if TYPES.contains(&name.as_str()) => {}
            Value::String(name) if TYPES.contains(&name.to_ascii_lowercase().as_str()) => {
                let lower = name.to_ascii_lowercase();
                self.repair(
                    SpecCode::SchemaType,
                    &format!("{name} is read as {lower}"),
                    Fix::Set(at, Value::String(lower)),
                );
            }
            Value::Array(names) if self.version == Version::V3_1 && !names.is_empty() && names.iter().all(known) => {}
            // OpenAPI 3.1's way of saying nullable in a 3.0 document.
            Value::Array(names)
                if names.len() == 2 && names.iter().all(known) && names.iter().any(|name| name == "null") =>
            {
                let name = names.iter().find(|name| *name != "null").cloned().unwrap_or_default();
                let holder = at.rsplit_once('/').map(|(holder, _)| holder.to_owned()).unwrap_or_default();
                self.repair(SpecCode::SchemaType, "a list with null is read as nullable", Fix::Set(at, name));
                if !map.contains_key("nullable") {
                    self.fixes.push(Fix::Insert { at: holder, key: "nullable".to_owned(), value: Value::Bool(true) });
                }
            }
            other => self.repair(SpecCode::SchemaType, &crate::report_text(&other.to_string()), Fix::Remove(at)),
        }
    }

    fn enumeration(&mut self, map: &Map<String, Value>, value: &'v Value) {
        let at = self.pointer();
        let Some(values) = value.as_array() else { return self.ignored("enum", value) };
        if values.is_empty() {
            return self.repair(SpecCode::EnumEmpty, "", Fix::Remove(at));
        }
        let of_text = map.get("type").and_then(Value::as_str) == Some("string");
        let mut seen: HashSet<String> = HashSet::new();
        for (i, value) in values.iter().enumerate() {
            let place = pointer::join(&at, &i.to_string());
            if !seen.insert(value.to_string()) {
                self.report(Finding::repaired(
                    SpecCode::EnumDuplicate,
                    place.clone(),
                    &crate::report_text(&value.to_string()),
                ));
                self.fixes.push(Fix::Remove(place));
            } else if of_text && (value.is_number() || value.is_boolean()) {
                self.report(Finding::repaired(
                    SpecCode::DefaultType,
                    place.clone(),
                    &crate::report_text(&value.to_string()),
                ));
                self.fixes.push(Fix::Text(place));
            }
        }
    }

    fn default(&mut self, map: &Map<String, Value>, value: &Value) {
        if map.get("type").and_then(Value::as_str) == Some("string") && (value.is_number() || value.is_boolean()) {
            let at = self.pointer();
            self.repair(SpecCode::DefaultType, &crate::report_text(&value.to_string()), Fix::Text(at));
        }
    }

    fn pattern(&mut self, value: &'v Value) {
        let Some(pattern) = value.as_str() else { return self.ignored("pattern", value) };
        let linear = *self.patterns.entry(pattern).or_insert_with(|| pattern_is_linear(pattern));
        if !linear {
            self.note(SpecCode::PatternUnsupported, Severity::Warning, &crate::report_text(pattern));
        }
    }

    fn schemas(&mut self, key: &str, value: &'v Value) {
        let Some(map) = value.as_object() else { return self.ignored(key, value) };
        let outer = if key == "dependentSchemas" { None } else { Some(self.owner.take()) };
        for (name, value) in map {
            self.path.push(Step::Key(name));
            self.schema(value);
            self.path.pop();
        }
        if let Some(outer) = outer {
            self.owner = outer;
        }
    }

    fn apart(&mut self, value: &'v Value) {
        let outer = self.owner.take();
        self.schema(value);
        self.owner = outer;
    }

    fn list(&mut self, key: &str, list: &'v [Value]) {
        let outer = if key == "prefixItems" { Some(self.owner.take()) } else { None };
        for (i, value) in list.iter().enumerate() {
            self.path.push(Step::Item(i));
            self.schema(value);
            self.path.pop();
        }
        if let Some(outer) = outer {
            self.owner = outer;
        }
    }
}

/// Schemas that reach themselves in place: a validator would never end. Each cycle is named once.
pub(super) fn cycles(edges: &HashMap<String, Vec<String>>) -> Vec<String> {
    let mut done: HashSet<&str> = HashSet::new();
    let mut found = Vec::new();
    let mut starts: Vec<&String> = edges.keys().collect();
    starts.sort();
    for start in starts {
        let mut stack: Vec<(&str, usize)> = vec![(start, 0)];
        let mut open: HashSet<&str> = HashSet::from([start.as_str()]);
        if done.contains(start.as_str()) {
            continue;
        }
        while let Some((node, next)) = stack.last_mut() {
            let child = edges.get(*node).and_then(|children| children.get(*next));
            *next += 1;
            match child {
                None => {
                    done.insert(node);
                    open.remove(*node);
                    stack.pop();
                }
                Some(child) if open.contains(child.as_str()) => found.push(child.clone()),
                Some(child) if done.contains(child.as_str()) => {}
                Some(child) => {
                    open.insert(child);
                    stack.push((child, 0));
                }
            }
        }
    }
    found
}
