//! `oneOf` whose alternatives overlap: a value is changed until exactly one of them holds.
//!
//! Documents write `oneOf` where they mean "one of these, see which", with alternatives that differ in optional members only. A plain
//! value then satisfies several and so, by the letter, none. What helps is a member taken away that some alternative requires, or
//! one put in that some alternative describes otherwise: first as `null`, which says "none" to a reader as well.

use crate::contract::compile_value;
use jsonschema::Validator;
use serde_json::{Map, Value, json};

/// Nesting that is looked at.
const DEPTH_MAX: usize = 12;
/// Changes of one value.
const CHANGES_MAX: usize = 8;

/// The value, changed as little as is tried first, so that each `oneOf` on its way is satisfied by one alternative. The caller
/// validates: where nothing helps the value comes back as it was.
pub(super) fn single_out(root: &Value, mut value: Value) -> Value {
    walk(root, root, &mut value, 0);
    value
}

fn walk(root: &Value, schema: &Value, value: &mut Value, depth: usize) {
    if depth > DEPTH_MAX {
        return;
    }
    let name = schema.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix("#/$defs/"));
    if let Some(schema) = name.and_then(|name| root.get("$defs")?.get(name)) {
        walk(root, schema, value, depth + 1);
    }
    for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
        walk(root, part, value, depth + 1);
    }
    if let (Some(items), Some(values)) = (schema.get("items"), value.as_array_mut()) {
        values.iter_mut().for_each(|value| walk(root, items, value, depth + 1));
    }
    if let (Some(properties), Some(members)) =
        (schema.get("properties").and_then(Value::as_object), value.as_object_mut())
    {
        for (name, value) in members {
            if let Some(schema) = properties.get(name) {
                walk(root, schema, value, depth + 1);
            }
        }
    }
    if let Some(alternatives) = schema.get("oneOf").and_then(Value::as_array) {
        choose(root, alternatives, value);
    }
}

/// Changes member by member while that leaves fewer alternatives, but one.
fn choose(root: &Value, alternatives: &[Value], value: &mut Value) {
    let validators: Option<Vec<Validator>> = alternatives.iter().map(|schema| validator(root, schema)).collect();
    let (Some(validators), Some(members)) = (validators, value.as_object()) else { return };
    let holding = |value: &Value| validators.iter().filter(|validator| validator.is_valid(value)).count();
    let (mut best, mut members) = (holding(value), members.clone());
    for _ in 0..CHANGES_MAX {
        if best <= 1 {
            break;
        }
        let better = changes(root, alternatives, &members).map(Value::Object).find_map(|changed| {
            let left = holding(&changed);
            (1..best).contains(&left).then_some((left, changed))
        });
        let Some((left, Value::Object(changed))) = better else { return };
        (best, members) = (left, changed);
    }
    if best == 1 {
        *value = Value::Object(members);
    }
}

fn validator(root: &Value, schema: &Value) -> Option<Validator> {
    let alone = json!({ "allOf": [schema], "$defs": root.get("$defs").cloned().unwrap_or_else(|| json!({})) });
    compile_value(&alone).ok()
}

/// Without each member in turn; then with each member that an alternative describes, as something that it may not be.
fn changes<'v>(
    root: &'v Value,
    alternatives: &'v [Value],
    members: &'v Map<String, Value>,
) -> impl Iterator<Item = Map<String, Value>> + 'v {
    let without = members.keys().map(|name| {
        let mut changed = members.clone();
        changed.shift_remove(name);
        changed
    });
    let described = alternatives.iter().flat_map(|schema| names(root, schema, 0));
    let probes = || [Value::Null, json!(""), json!(0), json!({}), json!([])];
    let with = described.flat_map(move |name| probes().map(|probe| (name.to_owned(), probe))).map(|(name, probe)| {
        let mut changed = members.clone();
        changed.insert(name, probe);
        changed
    });
    without.chain(with)
}

/// Names of the members that a schema describes.
fn names<'s>(root: &'s Value, schema: &'s Value, depth: usize) -> Vec<&'s str> {
    if depth > DEPTH_MAX {
        return Vec::new();
    }
    let own = schema.get("properties").and_then(Value::as_object).into_iter().flatten().map(|(name, _)| name.as_str());
    let mut all: Vec<_> = own.collect();
    let name = schema.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix("#/$defs/"));
    all.extend(
        name.and_then(|name| root.get("$defs")?.get(name)).map(|part| names(root, part, depth + 1)).unwrap_or_default(),
    );
    let parts = schema.get("allOf").and_then(Value::as_array).into_iter().flatten();
    all.extend(parts.flat_map(|part| names(root, part, depth + 1)));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn singled_out(schema: &Value, value: Value) -> Option<Value> {
        let value = single_out(schema, value);
        compile_value(schema).unwrap().is_valid(&value).then_some(value)
    }

    #[test]
    fn one_alternative_is_left() {
        let object = |properties: Value, required: Value| json!({ "type": "object", "properties": properties, "required": required });
        let text = json!({ "type": "string" });
        // The second wants a member that the first can do without.
        let schema = json!({ "oneOf": [object(json!({ "a": text }), json!(["a"])), object(json!({ "a": text, "b": text }), json!(["a", "b"]))] });
        assert_eq!(singled_out(&schema, json!({ "a": "x", "b": "y" })), Some(json!({ "a": "x" })));
        // They differ in what is optional: `null` where the first expects a text.
        let schema = json!({ "oneOf": [{ "$ref": "#/$defs/A" }, object(json!({ "a": text }), json!([]))], "$defs": { "A": object(json!({ "a": text, "c": text }), json!([])) } });
        assert_eq!(singled_out(&schema, json!({ "a": "x" })), Some(json!({ "a": "x", "c": null })));
        // The same inside of a list inside of a member.
        let nested = json!({ "type": "object", "properties": { "list": { "type": "array", "items": { "oneOf": schema["oneOf"] } } }, "$defs": schema["$defs"] });
        let value = json!({ "list": [{ "a": "x" }, { "a": "y" }] });
        assert_eq!(
            singled_out(&nested, value),
            Some(json!({ "list": [{ "a": "x", "c": null }, { "a": "y", "c": null }] }))
        );
    }

    #[test]
    fn what_fits_stays_and_what_cannot_fit_is_not_forced() {
        let schema = json!({ "oneOf": [{ "type": "object", "required": ["a"] }, { "type": "string" }] });
        assert_eq!(singled_out(&schema, json!({ "a": 1 })), Some(json!({ "a": 1 })));
        let same = json!({ "oneOf": [{ "type": "object" }, { "type": "object" }] });
        assert_eq!(singled_out(&same, json!({ "a": 1 })), None);
        assert_eq!(single_out(&same, json!({ "a": 1 })), json!({ "a": 1 }));
    }
}
