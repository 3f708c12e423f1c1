//! One schema of OpenAPI's dialects into JSON Schema 2020-12.

use super::{Direction, pattern_finding, pattern_is_linear};
use crate::code::SpecCode;
use crate::pointer;
use crate::read::{Document, Version};
use crate::refs;
use crate::report::{Finding, Severity};
use serde_json::{Map, Value, json};
use std::collections::{HashMap, HashSet};

/// Formats that JSON Schema 2020-12 asserts; every other word after `format` is a label.
pub(super) const FORMATS: [&str; 18] = [
    "date",
    "date-time",
    "time",
    "duration",
    "email",
    "idn-email",
    "hostname",
    "idn-hostname",
    "ipv4",
    "ipv6",
    "uri",
    "uri-reference",
    "iri",
    "iri-reference",
    "uuid",
    "uri-template",
    "json-pointer",
    "relative-json-pointer",
];

pub(super) struct Converter<'d> {
    document: &'d Document,
    direction: Direction,
    examples: bool,
    /// Name under `$defs` by the target's pointer.
    names: HashMap<String, String>,
    taken: HashSet<String>,
    /// Translated targets by name.
    definitions: HashMap<String, Definition>,
    patterns: HashMap<&'d str, bool>,
    findings: Vec<Finding>,
    /// What the schemas given out refer to, when their definitions are to be given out apart.
    wanted: Option<Vec<String>>,
}

struct Definition {
    json: String,
    needs: Vec<String>,
}

impl<'d> Converter<'d> {
    pub(super) fn new(document: &'d Document, direction: Direction, examples: bool) -> Self {
        Self {
            document,
            direction,
            examples,
            names: HashMap::new(),
            taken: HashSet::new(),
            definitions: HashMap::new(),
            patterns: HashMap::new(),
            findings: Vec::new(),
            wanted: None,
        }
    }

    /// Schemas are given out without the definitions that they refer to; [`Converter::definitions`] gives those, each once.
    pub(super) fn apart(mut self) -> Self {
        self.wanted = Some(Vec::new());
        self
    }

    /// Every definition that the schemas given out so far lead to, by name.
    pub(super) fn definitions(&mut self) -> Vec<(String, String)> {
        let wanted = self.wanted.clone().unwrap_or_default();
        let names = self.reachable(wanted);
        let text = |name: String| {
            let json = self.definitions.get(&name).map_or_else(|| "true".to_owned(), |found| found.json.clone());
            (name, json)
        };
        names.into_iter().map(text).collect()
    }

    pub(super) fn take_findings(&mut self) -> Vec<Finding> {
        std::mem::take(&mut self.findings)
    }

    /// A schema text, self-contained unless definitions are given out apart.
    pub(super) fn schema(&mut self, schema: &'d Value, at: &str) -> String {
        let mut needs = Vec::new();
        let root = self.convert(schema, at, &mut needs);
        if let Some(wanted) = &mut self.wanted {
            wanted.extend(needs);
            return root.to_string();
        }
        let definitions = self.reachable(needs);
        let Value::Object(root) = root else { return root.to_string() };
        let mut out = Value::Object(root).to_string();
        if !definitions.is_empty() {
            // The text ends with `}`: the definitions go before it.
            out.pop();
            out.push_str(if out.len() > 1 { ",\"$defs\":{" } else { "\"$defs\":{" });
            for (i, name) in definitions.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                out.push('"');
                out.push_str(name);
                out.push_str("\":");
                out.push_str(self.definitions.get(name).map_or("true", |definition| &definition.json));
            }
            out.push_str("}}");
        }
        out
    }

    /// Names of all definitions that `needs` lead to, each once, nearest first.
    fn reachable(&mut self, needs: Vec<String>) -> Vec<String> {
        let mut seen: HashSet<String> = HashSet::new();
        let mut order = Vec::new();
        let mut queue = std::collections::VecDeque::from(needs);
        while let Some(target) = queue.pop_front() {
            if !seen.insert(target.clone()) {
                continue;
            }
            let name = self.name(&target);
            if !self.definitions.contains_key(&name) {
                let definition = self.define(&target);
                self.definitions.insert(name.clone(), definition);
            }
            if let Some(definition) = self.definitions.get(&name) {
                queue.extend(definition.needs.iter().cloned());
            }
            order.push(name);
        }
        order
    }

    fn define(&mut self, target: &str) -> Definition {
        let document = self.document;
        let Some(schema) = document.at(target) else {
            self.findings.push(Finding::noted(SpecCode::RefUnresolved, Severity::Error, target, ""));
            return Definition { json: "true".to_owned(), needs: Vec::new() };
        };
        let mut needs = Vec::new();
        let json = self.convert(schema, target, &mut needs).to_string();
        Definition { json, needs }
    }

    /// A name of safe characters, so that it needs no escaping as key, pointer or fragment.
    fn name(&mut self, target: &str) -> String {
        if let Some(name) = self.names.get(target) {
            return name.clone();
        }
        let last = pointer::last(target);
        let safe: String = last
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.') { c } else { '_' })
            .collect();
        let mut name = safe.clone();
        let mut number = 1;
        while !self.taken.insert(name.clone()) {
            number += 1;
            name = format!("{safe}_{number}");
        }
        self.names.insert(target.to_owned(), name.clone());
        name
    }

    fn convert(&mut self, schema: &'d Value, at: &str, needs: &mut Vec<String>) -> Value {
        let node = match schema {
            Value::Bool(any) => return Value::Bool(*any),
            Value::Object(node) => node,
            _ => return Value::Bool(true),
        };
        let mut out = Map::new();
        if let Some(reference) = node.get("$ref").and_then(Value::as_str) {
            match refs::local(reference) {
                Some(target) => {
                    let name = self.name(&target);
                    out.insert("$ref".to_owned(), Value::String(format!("#/$defs/{name}")));
                    needs.push(target);
                }
                None => self.findings.push(Finding::noted(SpecCode::RefMalformed, Severity::Error, at, reference)),
            }
            // OpenAPI 3.0 §4.7.23: siblings of $ref are ignored.
            if self.document.version() == Version::V3_0 {
                return Value::Object(out);
            }
        }
        for (key, value) in node {
            self.keyword(node, key, value, at, needs, &mut out);
        }
        self.int32(node, &mut out);
        if self.document.version() == Version::V3_0 && node.get("nullable").and_then(Value::as_bool) == Some(true) {
            return nullable(out);
        }
        Value::Object(out)
    }

    fn keyword(
        &mut self,
        node: &'d Map<String, Value>,
        key: &'d str,
        value: &'d Value,
        at: &str,
        needs: &mut Vec<String>,
        out: &mut Map<String, Value>,
    ) {
        let old = self.document.version() == Version::V3_0;
        let kept = match key {
            "type" => self.types(value, at),
            "enum" => value.as_array().filter(|list| !list.is_empty()).map(|list| Value::Array(distinct(list))),
            "const" if !old => Some(value.clone()),
            "minimum" | "maximum" => {
                let strict = if key == "minimum" { "exclusiveMinimum" } else { "exclusiveMaximum" };
                if old && node.get(strict).and_then(Value::as_bool) == Some(true) && value.is_number() {
                    out.insert(strict.to_owned(), value.clone());
                    return;
                }
                value.is_number().then(|| value.clone())
            }
            "exclusiveMinimum" | "exclusiveMaximum" if old => return,
            "exclusiveMinimum" | "exclusiveMaximum" => value.is_number().then(|| value.clone()),
            "multipleOf" => value.as_f64().filter(|n| *n > 0.0).map(|_| value.clone()),
            "maxLength" | "minLength" | "maxItems" | "minItems" | "maxProperties" | "minProperties" => {
                value.as_u64().map(Value::from)
            }
            "maxContains" | "minContains" if !old => value.as_u64().map(Value::from),
            "uniqueItems" => value.as_bool().map(Value::Bool),
            "readOnly" if self.direction == Direction::Request => {
                (value == &Value::Bool(true)).then_some(Value::Bool(true))
            }
            "writeOnly" if self.direction == Direction::Response => {
                (value == &Value::Bool(true)).then_some(Value::Bool(true))
            }
            "pattern" => self.pattern(value, at),
            "format" => value.as_str().filter(|format| FORMATS.contains(format)).map(Value::from),
            "required" => self.required(node, value, at),
            "properties" => self.schemas(value, key, at, needs),
            "patternProperties" if !old => self.pattern_properties(value, at, needs),
            "dependentSchemas" if !old => self.schemas(value, key, at, needs),
            "items" | "not" | "additionalProperties" => self.child(value, key, at, needs),
            "if" | "then" | "else" | "contains" | "propertyNames" | "unevaluatedItems" | "unevaluatedProperties"
                if !old =>
            {
                self.child(value, key, at, needs)
            }
            "allOf" | "anyOf" | "oneOf" => self.list(value, key, at, needs),
            "prefixItems" if !old => self.list(value, key, at, needs),
            "dependentRequired" if !old => value.as_object().map(|_| value.clone()),
            "example" if self.examples => {
                out.insert("examples".to_owned(), json!([value]));
                return;
            }
            "examples" | "default" if self.examples => Some(value.clone()),
            // Annotations and extensions say nothing about validity.
            _ => return,
        };
        match kept {
            Some(kept) => drop(out.insert(key.to_owned(), kept)),
            // A label in `format` and a pattern have their own say.
            None if matches!(key, "format" | "pattern" | "readOnly" | "writeOnly" | "required") => {}
            None => self.findings.push(Finding::noted(
                SpecCode::SchemaKeyword,
                Severity::Warning,
                pointer::join(at, key),
                key,
            )),
        }
    }

    fn types(&mut self, value: &Value, at: &str) -> Option<Value> {
        let known = |name: &Value| {
            matches!(name.as_str(), Some("string" | "number" | "integer" | "boolean" | "object" | "array" | "null"))
        };
        let fits = match value {
            Value::Array(names) if self.document.version() == Version::V3_1 => {
                !names.is_empty() && names.iter().all(known)
            }
            name => known(name),
        };
        if fits {
            return Some(match value {
                Value::Array(names) => Value::Array(distinct(names)),
                name => name.clone(),
            });
        }
        self.findings.push(Finding::noted(
            SpecCode::SchemaType,
            Severity::Warning,
            pointer::join(at, "type"),
            &crate::report_text(&value.to_string()),
        ));
        None
    }

    fn pattern(&mut self, value: &'d Value, at: &str) -> Option<Value> {
        let pattern = value.as_str()?;
        let linear = *self.patterns.entry(pattern).or_insert_with(|| pattern_is_linear(pattern));
        if !linear {
            self.findings.push(pattern_finding(&pointer::join(at, "pattern"), pattern));
        }
        linear.then(|| value.clone())
    }

    fn child(&mut self, value: &'d Value, key: &str, at: &str, needs: &mut Vec<String>) -> Option<Value> {
        matches!(value, Value::Object(_) | Value::Bool(_)).then(|| self.convert(value, &pointer::join(at, key), needs))
    }

    fn list(&mut self, value: &'d Value, key: &str, at: &str, needs: &mut Vec<String>) -> Option<Value> {
        let list = value.as_array().filter(|list| !list.is_empty())?;
        let at = pointer::join(at, key);
        Some(Value::Array(
            list.iter()
                .enumerate()
                .map(|(i, item)| self.convert(item, &pointer::join(&at, &i.to_string()), needs))
                .collect(),
        ))
    }

    fn schemas(&mut self, value: &'d Value, key: &str, at: &str, needs: &mut Vec<String>) -> Option<Value> {
        let map = value.as_object()?;
        let at = pointer::join(at, key);
        Some(Value::Object(
            map.iter()
                .map(|(name, item)| (name.clone(), self.convert(item, &pointer::join(&at, name), needs)))
                .collect(),
        ))
    }

    fn pattern_properties(&mut self, value: &'d Value, at: &str, needs: &mut Vec<String>) -> Option<Value> {
        let map = value.as_object()?;
        let at = pointer::join(at, "patternProperties");
        let mut out = Map::new();
        for (pattern, item) in map {
            if pattern_is_linear(pattern) {
                out.insert(pattern.clone(), self.convert(item, &pointer::join(&at, pattern), needs));
            } else {
                self.findings.push(pattern_finding(&pointer::join(&at, pattern), pattern));
            }
        }
        Some(Value::Object(out))
    }

    /// `required` without the members that travel only the other way (OpenAPI 3.0 §4.7.24, `readOnly`).
    fn required(&mut self, node: &'d Map<String, Value>, value: &'d Value, at: &str) -> Option<Value> {
        let names: Vec<&str> = value.as_array()?.iter().filter_map(Value::as_str).collect();
        let properties = node.get("properties").and_then(Value::as_object);
        let other_way = match self.direction {
            Direction::Request => "readOnly",
            Direction::Response => "writeOnly",
        };
        let travels = |name: &&str| {
            let Some(property) = properties.and_then(|map| map.get(*name)) else { return true };
            let flagged = |value: &Value| value.get(other_way).and_then(Value::as_bool) == Some(true);
            !flagged(property) && !self.document.resolve(property, at).is_some_and(|(target, _)| flagged(target))
        };
        let mut kept: Vec<&str> = Vec::new();
        for name in names.into_iter().filter(travels) {
            if !kept.contains(&name) {
                kept.push(name);
            }
        }
        (!kept.is_empty()).then(|| json!(kept))
    }

    /// `format: int32` is a range (OpenAPI 3.0 §4.4).
    fn int32(&self, node: &Map<String, Value>, out: &mut Map<String, Value>) {
        if node.get("format").and_then(Value::as_str) == Some("int32")
            && out.get("type").and_then(Value::as_str) == Some("integer")
        {
            if !out.contains_key("minimum") && !out.contains_key("exclusiveMinimum") {
                out.insert("minimum".to_owned(), json!(i32::MIN));
            }
            if !out.contains_key("maximum") && !out.contains_key("exclusiveMaximum") {
                out.insert("maximum".to_owned(), json!(i32::MAX));
            }
        }
    }
}

fn distinct(list: &[Value]) -> Vec<Value> {
    let mut kept: Vec<Value> = Vec::with_capacity(list.len());
    let mut seen: HashSet<String> = HashSet::new();
    for value in list {
        if seen.insert(value.to_string()) {
            kept.push(value.clone());
        }
    }
    kept
}

/// `nullable: true`: with a type, null joins it; beside combined schemas without a type, null becomes an alternative.
fn nullable(mut out: Map<String, Value>) -> Value {
    if let Some(Value::Array(values)) = out.get_mut("enum")
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
    match out.get("type") {
        Some(Value::String(name)) if name != "null" => {
            let both = json!([name, "null"]);
            out.insert("type".to_owned(), both);
            let combined = ["allOf", "anyOf", "oneOf"].iter().any(|key| out.contains_key(*key));
            if combined { json!({ "anyOf": [{ "type": "null" }, out] }) } else { Value::Object(out) }
        }
        _ if ["allOf", "anyOf", "oneOf"].iter().any(|key| out.contains_key(*key)) => {
            json!({ "anyOf": [{ "type": "null" }, out] })
        }
        _ => Value::Object(out),
    }
}
