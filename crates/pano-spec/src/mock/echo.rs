//! What the request says, said back: path variables in members of the same name, body members where the answer has them too.

use super::MockRequest;
use serde_json::Value;

/// `value` with the request's words in it, as far as it stays valid.
pub(super) fn echo(value: Value, request: &MockRequest, validator: &jsonschema::Validator) -> Value {
    let mut best = value;
    if let Some(body) = &request.body {
        let mut overlaid = best.clone();
        if overlay(&mut overlaid, body, 0) && validator.is_valid(&overlaid) {
            best = overlaid;
        }
    }
    for (name, said) in &request.path {
        let mut named = best.clone();
        if put(&mut named, &bare(name), said, 0) && validator.is_valid(&named) {
            best = named;
        }
    }
    best
}

/// Takes over the members that both have and that are of the same kind.
fn overlay(value: &mut Value, said: &Value, depth: usize) -> bool {
    match (value, said) {
        (Value::Object(map), Value::Object(said)) if depth < 32 => {
            let mut changed = false;
            for (key, child) in map.iter_mut() {
                if let Some(said) = said.get(key) {
                    changed |= overlay(child, said, depth + 1);
                }
            }
            changed
        }
        (value, said) if std::mem::discriminant(value) == std::mem::discriminant(said) && value != said => {
            *value = said.clone();
            true
        }
        _ => false,
    }
}

fn put(value: &mut Value, name: &str, said: &str, depth: usize) -> bool {
    if depth > 6 {
        return false;
    }
    match value {
        Value::Array(items) => {
            // Every item, not only up to the first that changes.
            let mut changed = false;
            for item in items {
                changed |= put(item, name, said, depth + 1);
            }
            changed
        }
        Value::Object(map) => {
            let mut changed = false;
            for (key, child) in map.iter_mut() {
                let replacement = if bare(key) == name { like(child, said) } else { None };
                match replacement {
                    Some(new) => {
                        *child = new;
                        changed = true;
                    }
                    None => changed |= put(child, name, said, depth + 1),
                }
            }
            changed
        }
        _ => false,
    }
}

fn like(old: &Value, said: &str) -> Option<Value> {
    match old {
        Value::String(_) => Some(Value::String(said.to_owned())),
        Value::Number(_) => said.parse::<i64>().ok().map(Value::from),
        _ => None,
    }
}

/// `accountId`, `account-id` and `AccountID` are one name.
fn bare(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
