//! JSON values to CEL values and back. Whole numbers that fit become `int`, so that they compare and add with literals.

use cel::Value as Cel;
use cel::objects::{Key, Map as CelMap};
use serde_json::{Map, Number, Value};
use std::collections::HashMap;
use std::sync::Arc;

pub(super) fn from_json(value: &Value) -> Cel {
    match value {
        Value::Null => Cel::Null,
        Value::Bool(value) => Cel::Bool(*value),
        Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => Cel::Int(number),
            (None, Some(number)) => Cel::UInt(number),
            (None, None) => Cel::Float(number.as_f64().unwrap_or_default()),
        },
        Value::String(text) => Cel::String(Arc::new(text.clone())),
        Value::Array(items) => Cel::List(Arc::new(items.iter().map(from_json).collect())),
        Value::Object(members) => object(members),
    }
}

pub(super) fn object(members: &Map<String, Value>) -> Cel {
    map(members.iter().map(|(key, value)| (key.clone(), from_json(value))))
}

pub(super) fn texts(texts: &[&str]) -> Cel {
    Cel::List(Arc::new(texts.iter().map(|text| Cel::String(Arc::new((*text).to_owned()))).collect()))
}

pub(super) fn named(name: &str) -> Cel {
    map([("name".to_owned(), Cel::String(Arc::new(name.to_owned())))])
}

fn map(members: impl IntoIterator<Item = (String, Cel)>) -> Cel {
    let map: HashMap<Key, Cel> = members.into_iter().map(|(key, value)| (Key::String(Arc::new(key)), value)).collect();
    Cel::Map(CelMap { map: Arc::new(map) })
}

/// Nothing for what JSON cannot hold. Members of a map come in the order of their names, for CEL keeps none.
pub(super) fn to_json(value: &Cel) -> Option<Value> {
    Some(match value {
        Cel::Null => Value::Null,
        Cel::Bool(value) => Value::Bool(*value),
        Cel::Int(number) => Value::from(*number),
        Cel::UInt(number) => Value::from(*number),
        Cel::Float(number) => Value::Number(Number::from_f64(*number)?),
        Cel::String(text) => Value::String(text.as_ref().clone()),
        Cel::List(items) => Value::Array(items.iter().map(to_json).collect::<Option<_>>()?),
        Cel::Map(map) => {
            let mut members = map
                .map
                .iter()
                .map(|(key, value)| match key {
                    Key::String(key) => Some((key.as_ref().clone(), to_json(value)?)),
                    Key::Int(_) | Key::Uint(_) | Key::Bool(_) => None,
                })
                .collect::<Option<Vec<_>>>()?;
            members.sort_by(|(a, _), (b, _)| a.cmp(b));
            Value::Object(members.into_iter().collect())
        }
        _ => return None,
    })
}
