//! The grammar as a JSON Schema, for editors.

use super::{Form, Record, Shape, table};
use serde_json::{Map, Value, json};

/// JSON Schema (2020-12) of a journey's file.
pub fn schema() -> Value {
    let mut definitions = Map::new();
    let root = record(&table::JOURNEY, &mut definitions);
    let mut schema = Map::new();
    schema.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
    schema.insert("title".into(), json!("Journey (journey/v1)"));
    if let Value::Object(members) = root {
        schema.extend(members);
    }
    definitions.sort_keys();
    schema.insert("$defs".into(), Value::Object(definitions));
    Value::Object(schema)
}

fn of(shape: &Shape, definitions: &mut Map<String, Value>) -> Value {
    match shape {
        Shape::Text(form) => text(*form),
        Shape::OneOf(words) => json!({ "enum": words }),
        Shape::Bool => json!({ "type": "boolean" }),
        Shape::Count => json!({ "type": "integer", "minimum": 0 }),
        Shape::Amount => json!({ "type": "number", "minimum": 0 }),
        Shape::List(shape, _) => json!({ "type": "array", "minItems": 1, "items": of(shape, definitions) }),
        Shape::Map(form, shape, _) => json!({
            "type": "object",
            "propertyNames": { "pattern": form.pattern(), "maxLength": form.longest() },
            "additionalProperties": of(shape, definitions),
        }),
        Shape::Record(of) => {
            // The sentence about a record names its definition: records that share fields are told apart by it.
            let name = definition(of);
            if !definitions.contains_key(&name) {
                definitions.insert(name.clone(), Value::Bool(true));
                let made = record(of, definitions);
                definitions.insert(name.clone(), made);
            }
            json!({ "$ref": format!("#/$defs/{name}") })
        }
        Shape::Either(shapes) => {
            let mut any = Vec::new();
            flat(shapes, &mut any);
            json!({ "anyOf": any.into_iter().map(|shape| of(shape, definitions)).collect::<Vec<_>>() })
        }
    }
}

fn flat(shapes: &'static [Shape], into: &mut Vec<&'static Shape>) {
    for shape in shapes {
        match shape {
            Shape::Either(shapes) => flat(shapes, into),
            other => into.push(other),
        }
    }
}

fn text(form: Form) -> Value {
    json!({
        "type": "string",
        "pattern": form.pattern(),
        "maxLength": form.longest(),
        "description": form.about(),
        "examples": [form.example()],
    })
}

fn record(record: &Record, definitions: &mut Map<String, Value>) -> Value {
    let mut properties = Map::new();
    for field in record.fields {
        let mut schema = of(&field.shape, definitions);
        if let Value::Object(members) = &mut schema {
            members.insert("description".into(), json!(field.about));
        }
        properties.insert(field.key.into(), schema);
    }
    let required: Vec<_> = record.fields.iter().filter(|field| field.required).map(|field| field.key).collect();
    json!({
        "type": "object",
        "description": record.about,
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// `A region: states of which one holds.` is `a-region-states-of-which-one-holds`.
fn definition(record: &Record) -> String {
    let words = record.about.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
}
