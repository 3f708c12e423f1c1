//! Mends to a tree: gathered while it is read, made afterwards.

use crate::locate::Spot;
use crate::pointer;
use serde_json::{Map, Value};
use std::collections::HashMap;

#[derive(Debug)]
pub(super) enum Fix {
    /// Puts a value in place of another.
    Set(String, Value),
    /// Turns a scalar into the text that was written.
    Text(String),
    /// Adds a member unless it is there.
    Insert { at: String, key: String, value: Value },
    /// Adds an item to the list `key` of an object, which is made when missing.
    Append { at: String, key: &'static str, value: Value },
    /// Takes a member or item out.
    Remove(String),
    /// Gives a member another name in the same place.
    Rename { at: String, old: String, new: String },
}

/// Makes the mends: values first, then removals from the back so that indices hold, then names.
pub(super) fn apply(root: &mut Value, fixes: Vec<Fix>, spots: &HashMap<String, Spot>) {
    let mut removals = Vec::new();
    let mut renames = Vec::new();
    for fix in fixes {
        match fix {
            Fix::Remove(at) => removals.push(at),
            Fix::Rename { at, old, new } => renames.push((at, old, new)),
            Fix::Set(at, value) => {
                if let Some(slot) = pointer::follow_mut(root, &at) {
                    *slot = value;
                }
            }
            Fix::Text(at) => {
                if let Some(slot) = pointer::follow_mut(root, &at) {
                    let written = spots.get(&at).and_then(|spot| spot.raw.clone());
                    *slot = Value::String(written.unwrap_or_else(|| slot.to_string()));
                }
            }
            Fix::Insert { at, key, value } => {
                if let Some(map) = object(root, &at) {
                    map.entry(key).or_insert(value);
                }
            }
            Fix::Append { at, key, value } => {
                let list = object(root, &at).map(|map| map.entry(key).or_insert_with(|| Value::Array(Vec::new())));
                if let Some(Value::Array(list)) = list {
                    list.push(value);
                }
            }
        }
    }
    for at in removals.into_iter().rev() {
        remove(root, &at);
    }
    for (at, old, new) in renames {
        if let Some(Value::Object(map)) = pointer::follow_mut(root, &at) {
            *map = std::mem::take(map)
                .into_iter()
                .map(|(key, value)| (if key == old { new.clone() } else { key }, value))
                .collect();
        }
    }
}

/// The object at a pointer; missing ones on the way are made.
fn object<'v>(root: &'v mut Value, at: &str) -> Option<&'v mut Map<String, Value>> {
    let mut value = root;
    for segment in pointer::segments(at)? {
        value = match value {
            Value::Object(map) => map.entry(segment.into_owned()).or_insert_with(|| Value::Object(Map::new())),
            Value::Array(items) => items.get_mut(segment.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    value.as_object_mut()
}

fn remove(root: &mut Value, at: &str) {
    let Some((parent, _)) = at.rsplit_once('/') else { return };
    let last = pointer::last(at);
    match pointer::follow_mut(root, parent) {
        Some(Value::Object(map)) => drop(map.shift_remove(&last)),
        Some(Value::Array(items)) => {
            if let Some(index) = last.parse::<usize>().ok().filter(|index| *index < items.len()) {
                items.remove(index);
            }
        }
        _ => {}
    }
}
