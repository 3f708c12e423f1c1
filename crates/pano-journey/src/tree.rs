//! YAML or JSON into a tree that keeps the order, the comments and the place of every value, within limits.
//!
//! Anchors, aliases and tags are refused: a journey is read by people from top to bottom, and a copy that a reader does not see hides
//! a difference. The stack is explicit, so that a deeply nested file is a diagnostic and not the end of the thread.

mod json;
mod yaml;

use crate::diagnostic::{Code, Diagnostic};
use crate::place::Place;
use serde_json::{Map, Number};

/// What a file may cost to read. The defaults leave room for ten times the largest journey that people have drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Length in bytes.
    pub bytes: usize,
    /// Nesting of maps and lists.
    pub depth: usize,
    /// Scalars, maps and lists together.
    pub values: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 2 * 1024 * 1024, depth: 48, values: 100_000 }
    }
}

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// YAML 1.2.
    Yaml,
    /// JSON.
    Json,
}

/// A value with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What it is.
    pub value: Value,
    /// Where it stands.
    pub place: Place,
}

/// A value of the file.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "a variant is explained by its name")]
pub enum Value {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A member of a map.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its key.
    pub key: String,
    /// Where the key stands; its path is that of the member.
    pub key_place: Place,
    /// Its value.
    pub node: Node,
}

/// A comment of a YAML file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Line, from 1.
    pub line: u32,
    /// What follows the number sign, without blanks at its end.
    pub text: String,
    /// Nothing else stands on the line.
    pub alone: bool,
}

/// A file as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    /// The whole.
    pub root: Node,
    /// In the order of the file.
    pub comments: Vec<Comment>,
    /// How it is written.
    pub format: Format,
}

impl Tree {
    /// Reads `text`.
    ///
    /// # Errors
    /// The first thing that stands in the way.
    pub fn read(text: &str, limits: &Limits) -> Result<Self, Diagnostic> {
        if text.len() > limits.bytes {
            let detail = format!("{} > {}", text.len(), limits.bytes);
            return Err(Diagnostic::new(Code::TooLarge, Place::start(), detail));
        }
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.trim_start().starts_with('{') && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() {
            let root = json::parse(text, limits)?;
            return Ok(Self { root, comments: Vec::new(), format: Format::Json });
        }
        let (root, comments) = yaml::parse(text, limits)?;
        Ok(Self { root, comments, format: Format::Yaml })
    }
}

impl Node {
    /// The member `key` of a map.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries().iter().find(|entry| entry.key == key).map(|entry| &entry.node)
    }

    /// The members of a map; nothing for anything else.
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::List(_) => &[],
        }
    }

    /// The items of a list; nothing for anything else.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::Map(_) => &[],
        }
    }

    /// The text of a text.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::List(_) | Value::Map(_) => None,
        }
    }

    /// The same value without places.
    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(value) => serde_json::Value::Bool(*value),
            Value::Number(value) => serde_json::Value::Number(value.clone()),
            Value::Text(value) => serde_json::Value::String(value.clone()),
            Value::List(items) => serde_json::Value::Array(items.iter().map(Self::to_json).collect()),
            Value::Map(entries) => {
                let members = entries.iter().map(|entry| (entry.key.clone(), entry.node.to_json()));
                serde_json::Value::Object(members.collect::<Map<_, _>>())
            }
        }
    }
}

/// Puts values together as a reader meets them, and counts what they cost.
struct Builder<'l> {
    limits: &'l Limits,
    stack: Vec<Frame>,
    values: usize,
    root: Option<Node>,
}

enum Frame {
    List { items: Vec<Node>, place: Place },
    Map { entries: Vec<Entry>, key: Option<(String, Place)>, place: Place },
}

impl<'l> Builder<'l> {
    fn new(limits: &'l Limits) -> Self {
        Self { limits, stack: Vec::new(), values: 0, root: None }
    }

    /// The path of the value that comes next.
    fn path(&self) -> std::sync::Arc<str> {
        match self.stack.last() {
            None => std::sync::Arc::from(""),
            Some(Frame::List { items, place }) => Place::below(&place.path, &items.len().to_string()),
            Some(Frame::Map { key: Some((_, place)), .. }) => place.path.clone(),
            Some(Frame::Map { place, .. }) => place.path.clone(),
        }
    }

    fn wants_key(&self) -> bool {
        matches!(self.stack.last(), Some(Frame::Map { key: None, .. }))
    }

    fn key(&mut self, text: String, mut at: Place) -> Result<(), Diagnostic> {
        let Some(Frame::Map { entries, key, place }) = self.stack.last_mut() else { return Ok(()) };
        at.path = Place::below(&place.path, &text);
        if entries.iter().any(|entry| entry.key == text) {
            return Err(Diagnostic::new(Code::KeyDuplicate, at, text));
        }
        *key = Some((text, at));
        Ok(())
    }

    fn open(&mut self, map: bool, place: Place) -> Result<(), Diagnostic> {
        self.count(&place)?;
        if self.stack.len() >= self.limits.depth {
            return Err(Diagnostic::new(Code::TooDeep, place, format!("> {}", self.limits.depth)));
        }
        self.stack.push(if map {
            Frame::Map { entries: Vec::new(), key: None, place }
        } else {
            Frame::List { items: Vec::new(), place }
        });
        Ok(())
    }

    /// Ends the innermost list or map at `end`, or where its last member ends.
    fn close(&mut self, end: Option<(u32, u32)>) {
        let Some(frame) = self.stack.pop() else { return };
        let (value, place, last) = match frame {
            Frame::List { items, place } => {
                let last = items.last().map(|item| item.place.clone());
                (Value::List(items), place, last)
            }
            Frame::Map { entries, place, .. } => {
                let last = entries.last().map(|entry| entry.node.place.clone());
                (Value::Map(entries), place, last)
            }
        };
        let last = last.map(|last| (last.end_line, last.end_column));
        let (end_line, end_column) = end.or(last).unwrap_or((place.end_line, place.end_column));
        self.put(Node { value, place: Place { end_line, end_column, ..place } });
    }

    fn scalar(&mut self, value: Value, place: Place) -> Result<(), Diagnostic> {
        self.count(&place)?;
        self.put(Node { value, place });
        Ok(())
    }

    fn put(&mut self, node: Node) {
        match self.stack.last_mut() {
            None => self.root = Some(node),
            Some(Frame::List { items, .. }) => items.push(node),
            Some(Frame::Map { entries, key, .. }) => {
                if let Some((key, key_place)) = key.take() {
                    entries.push(Entry { key, key_place, node });
                }
            }
        }
    }

    fn count(&mut self, place: &Place) -> Result<(), Diagnostic> {
        self.values += 1;
        if self.values > self.limits.values {
            return Err(Diagnostic::new(Code::TooManyValues, place.clone(), format!("> {}", self.limits.values)));
        }
        Ok(())
    }
}
