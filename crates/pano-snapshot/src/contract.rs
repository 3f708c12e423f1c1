//! What requests of one API version must look like: schemas once, and per operation what refers to them.
//!
//! Contracts are by far the largest part of what a gateway needs, and the one that it needs last. So they are no part of a
//! unit: [`crate::ApiUnit`] names its contract by digest, the text travels apart and once, lies on the gateway's disk, and is
//! read when an operation is first called. Because the digest is in the unit, the snapshot's digest covers the contract too.
//!
//! Invariant: a contract never changes under its digest. It follows from the document alone, not from settings.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// In place of a style: the parameter is a JSON text (OpenAPI's `content` with a JSON media type).
pub const JSON_STYLE: &str = "json";

/// The contract of one API version.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ApiContract {
    /// JSON Schemas (2020-12) that others refer to as `#/$defs/NAME`.
    pub definitions: BTreeMap<String, Box<RawValue>>,
    /// JSON Schemas of parameters and bodies, each text once.
    pub schemas: Vec<Box<RawValue>>,
    /// Operations, in the order of the document.
    pub operations: Vec<OperationContract>,
}

/// What requests of one operation must look like.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperationContract {
    /// Parameters of path, query, header, cookie.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<ParameterContract>,
    /// Request body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<BodyContract>,
}

/// A parameter's contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParameterContract {
    /// Name as sent.
    pub name: String,
    /// `path`, `query`, `header` or `cookie`.
    pub location: String,
    /// Whether it must be there.
    pub required: bool,
    /// OpenAPI `style`, or [`JSON_STYLE`].
    pub style: String,
    /// OpenAPI `explode`.
    pub explode: bool,
    /// Place of its schema.
    pub schema: u32,
}

/// A request body's contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BodyContract {
    /// Whether there must be one.
    pub required: bool,
    /// Media type (or range) and the place of its schema; without one, any body of that type is taken.
    pub media: Vec<(String, Option<u32>)>,
}

impl OperationContract {
    /// Whether it demands nothing.
    pub const fn is_empty(&self) -> bool {
        self.parameters.is_empty() && self.body.is_none()
    }
}

/// The digest under which the text of a contract is known: SHA-256, hex.
pub fn digest(text: &[u8]) -> String {
    pano_crypto::digest::sha256_hex(text)
}

impl ApiContract {
    /// Its serialised form, which its digest is of.
    pub fn text(&self) -> String {
        // Serialising our own derive over strings, numbers and JSON texts has no failing case.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The schema at `place` on its own: with the definitions that it reaches, and no others. `None` when there is none.
    pub fn schema(&self, place: u32) -> Option<Value> {
        let root = self.schemas.get(usize::try_from(place).ok()?)?;
        let root: Value = serde_json::from_str(root.get()).ok()?;
        let mut reached = BTreeSet::new();
        let mut definitions = Map::new();
        let mut next = names(&root);
        while let Some(name) = next.pop() {
            if reached.insert(name.clone())
                && let Some(text) = self.definitions.get(&name)
            {
                let schema: Value = serde_json::from_str(text.get()).ok()?;
                next.extend(names(&schema));
                definitions.insert(name, schema);
            }
        }
        Some(with_definitions(root, definitions))
    }

    /// One schema that holds all others: if it compiles, each of them does.
    pub fn whole(&self) -> Option<Value> {
        let parse = |text: &RawValue| serde_json::from_str::<Value>(text.get()).ok();
        let definitions =
            self.definitions.iter().map(|(name, text)| Some((name.clone(), parse(text)?))).collect::<Option<_>>()?;
        let mut all: Vec<Value> = self.schemas.iter().map(|text| parse(text)).collect::<Option<_>>()?;
        let reference = |name: &String| serde_json::json!({ "$ref": format!("#/$defs/{name}") });
        all.extend(self.definitions.keys().map(reference));
        let mut root = Map::new();
        if !all.is_empty() {
            root.insert("prefixItems".to_owned(), Value::Array(all));
        }
        Some(with_definitions(Value::Object(root), definitions))
    }
}

fn with_definitions(mut root: Value, definitions: Map<String, Value>) -> Value {
    if let Value::Object(members) = &mut root
        && !definitions.is_empty()
    {
        members.insert("$defs".to_owned(), Value::Object(definitions));
    }
    root
}

/// Names of the definitions that a schema refers to.
fn names(schema: &Value) -> Vec<String> {
    let (mut found, mut left) = (Vec::new(), vec![schema]);
    while let Some(value) = left.pop() {
        match value {
            Value::Array(items) => left.extend(items),
            Value::Object(members) => {
                for (key, member) in members {
                    match member.as_str().filter(|_| key == "$ref").and_then(|to| to.strip_prefix("#/$defs/")) {
                        Some(name) => found.push(name.to_owned()),
                        None => left.push(member),
                    }
                }
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn raw(value: Value) -> Box<RawValue> {
        RawValue::from_string(value.to_string()).unwrap()
    }

    #[test]
    fn a_schema_brings_the_definitions_that_it_reaches_and_no_others() {
        let contract = ApiContract {
            definitions: BTreeMap::from([
                ("a".to_owned(), raw(json!({ "properties": { "b": { "$ref": "#/$defs/b" } } }))),
                ("b".to_owned(), raw(json!({ "items": { "$ref": "#/$defs/a" } }))),
                ("c".to_owned(), raw(json!(true))),
            ]),
            schemas: vec![
                raw(json!({ "$ref": "#/$defs/a" })),
                raw(json!(true)),
                raw(json!({ "$ref": "#/$defs/none" })),
            ],
            operations: vec![OperationContract::default()],
        };
        let found = contract.schema(0).unwrap();
        assert_eq!(found["$defs"].as_object().unwrap().keys().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(contract.schema(1), Some(json!(true)));
        assert_eq!(contract.schema(2), Some(json!({ "$ref": "#/$defs/none" })));
        assert_eq!(contract.schema(3), None);
        assert_eq!(contract.whole().unwrap()["$defs"].as_object().unwrap().len(), 3);
        assert!(contract.operations[0].is_empty());
        let text = contract.text();
        let again: ApiContract = serde_json::from_str(&text).unwrap();
        assert_eq!(again.text(), text);
        assert_eq!(digest(text.as_bytes()).len(), 64);
    }
}
