//! A schema with its references and `allOf` folded in, so that moving members between them is no change.

use crate::pointer;
use crate::read::{Document, Version};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A keyword's value and the pointer of the schema that holds it.
pub(super) type Place<'d> = (&'d Value, String);

#[derive(Debug, Default)]
pub(super) struct Effective<'d> {
    /// Plain keywords, the first of each.
    pub(super) keywords: BTreeMap<&'d str, &'d Value>,
    pub(super) members: BTreeMap<&'d str, Place<'d>>,
    pub(super) required: BTreeSet<&'d str>,
    pub(super) items: Option<Place<'d>>,
    pub(super) additional: Option<Place<'d>>,
    /// `oneOf` and `anyOf`, with a name for each alternative.
    pub(super) alternatives: BTreeMap<&'static str, Vec<(String, Place<'d>)>>,
    pub(super) types: Option<BTreeSet<&'d str>>,
    pub(super) nullable: bool,
}

/// Types of JSON, `null` aside.
const TYPES: [&str; 6] = ["array", "boolean", "integer", "number", "object", "string"];

impl<'d> Effective<'d> {
    pub(super) fn of(document: &'d Document, schema: &'d Value, at: &str) -> Self {
        let mut effective = Self::default();
        effective.fold(document, schema, at, 0);
        effective
    }

    fn fold(&mut self, document: &'d Document, schema: &'d Value, at: &str, depth: usize) {
        let Some((schema, target)) = document.resolve(schema, at).filter(|_| depth < 32) else { return };
        // OpenAPI 3.1 lets keywords stand beside $ref; they are folded by the caller's own map below.
        let Some(map) = schema.as_object() else { return };
        let at = target.as_str();
        for (key, value) in map {
            match key.as_str() {
                "allOf" => {
                    for (i, part) in value.as_array().into_iter().flatten().enumerate() {
                        self.fold(document, part, &pointer::join_all(at, &["allOf", &i.to_string()]), depth + 1);
                    }
                }
                "properties" => {
                    for (name, member) in value.as_object().into_iter().flatten() {
                        self.members
                            .entry(name)
                            .or_insert_with(|| (member, pointer::join_all(at, &["properties", name])));
                    }
                }
                "required" => self.required.extend(value.as_array().into_iter().flatten().filter_map(Value::as_str)),
                "items" => drop(self.items.get_or_insert_with(|| (value, pointer::join(at, "items")))),
                "additionalProperties" => {
                    let _ = self.additional.get_or_insert_with(|| (value, pointer::join(at, "additionalProperties")));
                }
                "oneOf" => self.choose("oneOf", value, at),
                "anyOf" => self.choose("anyOf", value, at),
                "type" => self.add_types(value),
                "nullable" => self.nullable |= document.version() == Version::V3_0 && value == &Value::Bool(true),
                _ => drop(self.keywords.entry(key).or_insert(value)),
            }
        }
    }

    fn choose(&mut self, key: &'static str, value: &'d Value, at: &str) {
        let list = self.alternatives.entry(key).or_default();
        for (i, alternative) in value.as_array().into_iter().flatten().enumerate() {
            let place = pointer::join_all(at, &[key, &i.to_string()]);
            let reference = alternative.get("$ref").and_then(Value::as_str).and_then(crate::refs::local);
            let title = alternative.get("title").and_then(Value::as_str);
            let name = reference
                .map(|target| pointer::last(&target))
                .or_else(|| title.map(str::to_owned))
                .unwrap_or_else(|| format!("#{i}"));
            list.push((name, (alternative, place)));
        }
    }

    fn add_types(&mut self, value: &'d Value) {
        let names: Vec<&str> = match value {
            Value::String(name) => vec![name],
            Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
            _ => return,
        };
        self.nullable |= names.contains(&"null");
        let mut own: BTreeSet<&str> = names.into_iter().filter(|name| *name != "null").collect();
        if own.contains("number") {
            own.insert("integer");
        }
        self.types = Some(match self.types.take() {
            Some(types) => types.intersection(&own).copied().collect(),
            None => own,
        });
    }

    /// All types allowed, `null` aside.
    pub(super) fn allowed_types(&self) -> BTreeSet<&'d str> {
        self.types.clone().unwrap_or_else(|| TYPES.into_iter().collect())
    }

    /// Null counts as allowed where nothing is said about types.
    pub(super) fn allows_null(&self) -> bool {
        self.nullable || self.types.is_none()
    }

    /// The enumeration, `const` included; `None` when any value will do.
    pub(super) fn values(&self) -> Option<BTreeSet<String>> {
        match (self.keywords.get("enum"), self.keywords.get("const")) {
            (_, Some(value)) => Some(BTreeSet::from([value.to_string()])),
            (Some(list), None) => {
                Some(list.as_array()?.iter().filter(|value| !value.is_null()).map(ToString::to_string).collect())
            }
            (None, None) => None,
        }
    }

    /// A lower or upper bound: value, and whether the value itself is excluded.
    pub(super) fn bound(&self, inclusive: &str, exclusive: &str) -> Option<(f64, bool)> {
        let number = |key: &str| self.keywords.get(key).and_then(|value| value.as_f64());
        let strict = self.keywords.get(exclusive).is_some_and(|value| value.as_bool() == Some(true));
        match (number(inclusive), number(exclusive)) {
            (_, Some(bound)) => Some((bound, true)),
            (Some(bound), None) => Some((bound, strict)),
            (None, None) => None,
        }
    }
}
