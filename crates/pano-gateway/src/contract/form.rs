//! Bodies in the form of HTML (`application/x-www-form-urlencoded`): pairs of text, typed by the schema's members.

use super::Broken;
use super::parameter::{Kinds, collect};
use crate::path::decode_value;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// What each member of the form is read as.
#[derive(Debug)]
pub(super) struct Form {
    members: HashMap<Box<str>, Kinds>,
}

impl Form {
    /// For a schema of the whole form.
    pub(super) fn new(schema: &Value) -> Self {
        let mut members = HashMap::new();
        gather(schema, schema, 0, &mut members);
        Self { members }
    }

    /// The form as an object; a member that is sent several times is a list.
    ///
    /// # Errors
    /// When a name or value is no text in UTF-8, correctly encoded.
    pub(super) fn read(&self, bytes: &[u8]) -> Result<Value, Broken> {
        let unreadable = || Broken("not text in UTF-8 with correct percent-encoding".into());
        let text = std::str::from_utf8(bytes).map_err(|_| unreadable())?;
        let mut sent: Vec<(String, Vec<Value>)> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let decoded = (decode_value(name, true), decode_value(value, true));
            let (Some(name), Some(value)) = decoded else { return Err(unreadable()) };
            let kinds = self.members.get(&*name).copied().unwrap_or_default();
            let types = if kinds.value.array { kinds.item } else { kinds.value };
            let place = *places.entry(name.clone()).or_insert_with(|| {
                sent.push((name, Vec::new()));
                sent.len() - 1
            });
            if let Some((_, values)) = sent.get_mut(place) {
                values.push(types.read(&value));
            }
        }
        let member = |(name, mut values): (String, Vec<Value>)| {
            let list = self.members.get(&*name).is_some_and(|kinds| kinds.value.array) || values.len() > 1;
            let value = if list { Value::Array(values) } else { values.pop().unwrap_or_default() };
            (name, value)
        };
        Ok(Value::Object(sent.into_iter().map(member).collect::<Map<_, _>>()))
    }
}

/// The members that `schema` speaks of, through references inside of `root` and combinations.
fn gather(root: &Value, schema: &Value, depth: usize, members: &mut HashMap<Box<str>, Kinds>) {
    if depth > 8 {
        return;
    }
    for (name, member) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let kinds = members.entry(name.as_str().into()).or_default();
        collect(root, member, 0, &mut kinds.value, Some(&mut kinds.item));
    }
    if let Some(target) = schema.get("$ref").and_then(Value::as_str)
        && let Some(found) = target.strip_prefix('#').and_then(|pointer| root.pointer(pointer))
    {
        gather(root, found, depth + 1, members);
    }
    for word in ["allOf", "anyOf", "oneOf"] {
        for part in schema.get(word).and_then(Value::as_array).into_iter().flatten() {
            gather(root, part, depth + 1, members);
        }
    }
}
