//! JSON into the same tree, refusing duplicate keys and staying within the limits.

use crate::code::SpecCode;
use crate::limits::Limits;
use crate::pointer;
use crate::report::Finding;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::fmt;

/// The document in `text`.
pub(crate) fn parse(text: &str, limits: &Limits) -> Result<Value, Finding> {
    let mut context = Context { limits, path: Vec::new(), nodes: 0, failed: None };
    let mut reader = serde_json::Deserializer::from_str(text);
    let read = Node(&mut context).deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    read.map_err(|error| {
        let deep = error.to_string().starts_with("recursion limit");
        let (code, detail) = match context.failed.take() {
            Some(failed) => failed,
            None if deep => (SpecCode::Depth, String::new()),
            None => (SpecCode::Syntax, error.to_string()),
        };
        Finding::refused(code, context.pointer(), &detail).at(error.line(), error.column().max(1))
    })
}

enum Step {
    Key(String),
    Item(usize),
}

struct Context<'l> {
    limits: &'l Limits,
    path: Vec<Step>,
    nodes: usize,
    failed: Option<(SpecCode, String)>,
}

impl Context<'_> {
    fn pointer(&self) -> String {
        let mut out = String::new();
        for step in &self.path {
            match step {
                Step::Key(key) => pointer::push(&mut out, key),
                Step::Item(index) => pointer::push(&mut out, &index.to_string()),
            }
        }
        out
    }

    fn fail<E: Error>(&mut self, code: SpecCode, detail: String) -> E {
        self.failed = Some((code, detail));
        E::custom(code.text())
    }

    fn count<E: Error>(&mut self) -> Result<(), E> {
        self.nodes += 1;
        if self.nodes > self.limits.nodes {
            return Err(self.fail(SpecCode::Nodes, format!("more than {}", self.limits.nodes)));
        }
        Ok(())
    }

    fn deeper<E: Error>(&mut self) -> Result<(), E> {
        if self.path.len() + 1 > self.limits.depth_max() {
            return Err(self.fail(SpecCode::Depth, format!("more than {} levels", self.limits.depth_max())));
        }
        Ok(())
    }
}

struct Node<'c, 'l>(&'c mut Context<'l>);

impl<'de> DeserializeSeed<'de> for Node<'_, '_> {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.0.count()?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_, '_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }
    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| self.0.fail(SpecCode::NumberNotJson, value.to_string()))
    }
    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }
    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        self.0.deeper()?;
        let mut items = Vec::new();
        loop {
            self.0.path.push(Step::Item(items.len()));
            match access.next_element_seed(Node(self.0))? {
                Some(item) => items.push(item),
                None => break,
            }
            self.0.path.pop();
        }
        self.0.path.pop();
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        self.0.deeper()?;
        let mut map = Map::new();
        while let Some(key) = access.next_key::<String>()? {
            let duplicate = map.contains_key(&key);
            self.0.path.push(Step::Key(key.clone()));
            if duplicate {
                return Err(self.0.fail(SpecCode::DuplicateKey, String::new()));
            }
            let value = access.next_value_seed(Node(self.0))?;
            self.0.path.pop();
            map.insert(key, value);
        }
        Ok(Value::Object(map))
    }
}
