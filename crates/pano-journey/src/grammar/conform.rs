//! Holds a tree against the grammar: unknown, missing and misspelt keys, values of another kind or form.

use super::{Record, Shape, table};
use crate::diagnostic::{Code, Diagnostic, meant};
use crate::duration::Duration;
use crate::grammar::Form;
use crate::tree::{Node, Value};

/// Keys that YAML 1.1 reads as true or false.
const BOOLEANS: &[&str] = &["on", "off", "yes", "no"];

/// Everything in which `root` is not a journey.
pub fn conform(root: &Node) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    look(root, &Shape::Record(&table::JOURNEY), &mut found);
    found
}

fn look(node: &Node, shape: &Shape, found: &mut Vec<Diagnostic>) {
    let mut say = |code, detail: String| found.push(Diagnostic::new(code, node.place.clone(), detail));
    match (shape, &node.value) {
        (Shape::Text(form), Value::Text(text)) => {
            if !form.fits(text) {
                say(Code::ValueForm, format!("{text} ≠ {} ({})", form.about(), form.example()));
            } else if *form == Form::Duration && Duration::parse(text).is_none() {
                say(Code::DurationEmpty, text.clone());
            }
        }
        (Shape::OneOf(words), Value::Text(text)) => {
            if !words.contains(&text.as_str()) {
                say(Code::ValueForm, format!("{text} ≠ {}", words.join(" | ")));
            }
        }
        (Shape::Bool, Value::Bool(_)) => {}
        (Shape::Count, Value::Number(number)) if number.is_u64() => {}
        (Shape::Amount, Value::Number(number)) if number.as_f64().is_some_and(|number| number >= 0.0) => {}
        (Shape::List(shape, _), Value::List(items)) => {
            if items.is_empty() {
                say(Code::ValueForm, "[] ≠ […]".to_owned());
            }
            items.iter().for_each(|item| look(item, shape, found));
        }
        (Shape::Map(form, shape, _), Value::Map(entries)) => {
            for entry in entries {
                if !form.fits(&entry.key) {
                    let detail = format!("{} ≠ {} ({})", entry.key, form.about(), form.example());
                    found.push(Diagnostic::new(Code::ValueForm, entry.key_place.clone(), detail));
                } else if *form == Form::Duration && Duration::parse(&entry.key).is_none() {
                    found.push(Diagnostic::new(Code::DurationEmpty, entry.key_place.clone(), entry.key.clone()));
                }
                if BOOLEANS.contains(&entry.key.as_str()) {
                    found.push(Diagnostic::new(Code::KeyBoolean, entry.key_place.clone(), entry.key.clone()));
                }
                look(&entry.node, shape, found);
            }
        }
        (Shape::Record(record), Value::Map(_)) => look_at_record(node, record, found),
        (Shape::Either(shapes), value) => match shapes.iter().find(|shape| takes(shape, value)) {
            Some(shape) => look(node, shape, found),
            None => say(Code::ValueType, wanted(shape)),
        },
        (shape, _) => say(Code::ValueType, wanted(shape)),
    }
}

fn look_at_record(node: &Node, record: &Record, found: &mut Vec<Diagnostic>) {
    for entry in node.entries() {
        match record.field(&entry.key) {
            Some(field) => look(&entry.node, &field.shape, found),
            None => {
                let known = record.fields.iter().map(|field| field.key);
                let detail = format!("{}{}", entry.key, meant(&entry.key, known));
                found.push(Diagnostic::new(Code::KeyUnknown, entry.key_place.clone(), detail));
            }
        }
    }
    for field in record.fields.iter().filter(|field| field.required && node.get(field.key).is_none()) {
        found.push(Diagnostic::new(Code::KeyMissing, node.place.clone(), format!("{} ({})", field.key, field.about)));
    }
}

/// Whether the shape is for values of this kind. Within an [`Shape::Either`], kinds differ, but for words beside texts.
pub(crate) fn takes(shape: &Shape, value: &Value) -> bool {
    match shape {
        Shape::Text(_) | Shape::OneOf(_) => matches!(value, Value::Text(_)),
        Shape::Bool => matches!(value, Value::Bool(_)),
        Shape::Count | Shape::Amount => matches!(value, Value::Number(_)),
        Shape::List(..) => matches!(value, Value::List(_)),
        Shape::Map(..) | Shape::Record(_) => matches!(value, Value::Map(_)),
        Shape::Either(shapes) => shapes.iter().any(|shape| takes(shape, value)),
    }
}

fn wanted(shape: &Shape) -> String {
    match shape {
        Shape::Text(form) => format!("text ({})", form.example()),
        Shape::OneOf(words) => words.join(" | "),
        Shape::Bool => "true | false".to_owned(),
        Shape::Count => "0, 1, 2 …".to_owned(),
        Shape::Amount => "number ≥ 0".to_owned(),
        Shape::List(shape, _) => format!("[{}]", wanted(shape)),
        Shape::Map(form, ..) => format!("{{{}: …}}", form.example()),
        Shape::Record(record) => {
            let required: Vec<_> = record.fields.iter().filter(|field| field.required).map(|field| field.key).collect();
            format!("{{{}…}}", required.iter().map(|key| format!("{key}: …, ")).collect::<String>())
        }
        Shape::Either(shapes) => shapes.iter().map(wanted).collect::<Vec<_>>().join(" | "),
    }
}
