//! The canonical form of a journey: keys in the grammar's order, one entry a line, short ones in braces, comments where they were.
//!
//! A comment alone on its line belongs to what comes next; one behind a value belongs to that value. What holds a comment inside is
//! written in lines, never in braces. No value changes, and what was formatted is not changed by formatting it again.

mod attach;
mod scalar;

use crate::grammar::table::JOURNEY;
use crate::grammar::{Layout, Shape, takes};
use crate::tree::{Entry, Format, Node, Tree, Value};
use attach::{Attached, Comments};
use serde_json::Map;

/// Longest line that braces may fill, characters.
const WIDTH: usize = 120;

/// The file in its canonical form, in the format it was written in.
pub fn format(tree: &Tree) -> String {
    let shape = Some(Shape::Record(&JOURNEY));
    if tree.format == Format::Json {
        let text = serde_json::to_string_pretty(&ordered(&tree.root, shape)).unwrap_or_default();
        return text + "\n";
    }
    let comments = attach::attach(tree);
    let mut writer = Writer { comments: &comments, out: String::new() };
    match &tree.root.value {
        Value::Map(entries) if !entries.is_empty() => writer.members(&tree.root, shape, 0),
        Value::List(items) if !items.is_empty() => writer.items(&tree.root, shape, 0),
        _ => {
            let text = flow(&tree.root, shape);
            writer.line(0, &text, comments.of(""));
        }
    }
    for comment in &comments.tail {
        writer.comment(0, comment);
    }
    writer.out
}

struct Writer<'c> {
    comments: &'c Comments,
    out: String,
}

impl Writer<'_> {
    fn line(&mut self, indent: usize, text: &str, attached: Option<&Attached>) {
        self.out.push_str(&" ".repeat(indent));
        self.out.push_str(text);
        self.end_line(attached.map_or(&[], |attached| &attached.behind));
    }

    fn end_line(&mut self, behind: &[String]) {
        if !behind.is_empty() {
            self.out.push_str("  #");
            self.out.push_str(&behind.join(" #"));
        }
        self.out.push('\n');
    }

    fn comment(&mut self, indent: usize, text: &str) {
        self.out.push_str(&" ".repeat(indent));
        self.out.push('#');
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn before(&mut self, indent: usize, attached: Option<&Attached>) {
        for comment in attached.map_or(&[] as &[String], |attached| &attached.before) {
            self.comment(indent, comment);
        }
    }

    /// The members of a map, one below the other.
    fn members(&mut self, map: &Node, shape: Option<Shape>, indent: usize) {
        for entry in sorted(map, shape) {
            self.before(indent, self.comments.of(&entry.key_place.path));
            self.out.push_str(&" ".repeat(indent));
            self.member(entry, member_shape(shape, &entry.key), indent);
        }
    }

    /// The items of a list, one below the other.
    fn items(&mut self, list: &Node, shape: Option<Shape>, indent: usize) {
        let spaces = " ".repeat(indent + 2);
        for item in list.items() {
            let attached = self.comments.of(&item.place.path);
            self.before(indent, attached);
            let shape = item_shape(shape, &item.value);
            if let Some(text) = self.in_line(item, shape, indent + 2) {
                self.line(indent, &format!("- {text}"), attached);
                continue;
            }
            let members = sorted(item, shape);
            if matches!(item.value, Value::List(_) | Value::Map(_)) {
                // Nothing stands behind a dash but the first member, so what was said there is said above it.
                for comment in attached.map_or(&[] as &[String], |attached| &attached.behind) {
                    self.comment(indent, comment);
                }
                self.before(indent, members.first().and_then(|first| self.comments.of(&first.key_place.path)));
            }
            self.out.push_str(&" ".repeat(indent));
            self.out.push('-');
            if members.is_empty() {
                let text = matches!(item.value, Value::Text(_));
                self.value_below(item, shape, indent, attached.filter(|_| text));
                continue;
            }
            for (index, entry) in members.into_iter().enumerate() {
                if index > 0 {
                    self.before(indent + 2, self.comments.of(&entry.key_place.path));
                }
                self.out.push_str(if index == 0 { " " } else { &spaces });
                self.member(entry, member_shape(shape, &entry.key), indent + 2);
            }
        }
    }

    /// A key and its value, from where the line stands.
    fn member(&mut self, entry: &Entry, shape: Option<Shape>, indent: usize) {
        let key = scalar::text(&entry.key);
        let attached = self.comments.of(&entry.key_place.path);
        let shape = fitting(shape, &entry.node.value);
        self.out.push_str(&key);
        self.out.push(':');
        match self.in_line(&entry.node, shape, indent + key.chars().count() + 2) {
            Some(text) => {
                self.out.push(' ');
                self.out.push_str(&text);
                self.end_line(attached.map_or(&[], |attached| &attached.behind));
            }
            None => self.value_below(&entry.node, shape, indent, attached),
        }
    }

    /// A value on the lines below its key or dash.
    fn value_below(&mut self, node: &Node, shape: Option<Shape>, indent: usize, attached: Option<&Attached>) {
        let behind = attached.map_or(&[] as &[String], |attached| &attached.behind);
        match &node.value {
            Value::Text(text) => match scalar::literal(text) {
                Some((head, lines)) => {
                    self.out.push(' ');
                    self.out.push_str(head);
                    self.end_line(behind);
                    for line in lines {
                        if !line.is_empty() {
                            self.out.push_str(&" ".repeat(indent + 2));
                        }
                        self.out.push_str(line);
                        self.out.push('\n');
                    }
                }
                None => {
                    self.out.push(' ');
                    self.out.push_str(&scalar::text(text));
                    self.end_line(behind);
                }
            },
            Value::List(_) => {
                self.end_line(behind);
                self.items(node, shape, indent + 2);
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Map(_) => {
                self.end_line(behind);
                self.members(node, shape, indent + 2);
            }
        }
    }

    /// The value on one line, when that is its form.
    fn in_line(&self, node: &Node, shape: Option<Shape>, indent: usize) -> Option<String> {
        if wants_lines(node, shape) || self.comments.inside(&node.place.path) {
            return None;
        }
        let text = flow(node, shape);
        let scalar = !matches!(node.value, Value::List(_) | Value::Map(_));
        (scalar || indent + text.chars().count() <= WIDTH).then_some(text)
    }
}

/// Whether something of it is always written in lines.
fn wants_lines(node: &Node, shape: Option<Shape>) -> bool {
    let block = match shape {
        Some(Shape::List(_, layout) | Shape::Map(_, _, layout)) => layout == Layout::Block,
        Some(Shape::Record(record)) => record.layout == Layout::Block,
        Some(Shape::Text(_) | Shape::OneOf(_) | Shape::Bool | Shape::Count | Shape::Amount | Shape::Either(_))
        | None => false,
    };
    match &node.value {
        Value::Text(text) => scalar::literal(text).is_some(),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
        Value::List(items) => {
            !items.is_empty() && (block || items.iter().any(|item| wants_lines(item, item_shape(shape, &item.value))))
        }
        Value::Map(entries) => {
            let below =
                |entry: &Entry| wants_lines(&entry.node, fitting(member_shape(shape, &entry.key), &entry.node.value));
            !entries.is_empty() && (block || entries.iter().any(below))
        }
    }
}

fn flow(node: &Node, shape: Option<Shape>) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(value) => value.to_string(),
        Value::Text(text) => scalar::text(text),
        Value::List(items) => {
            let items: Vec<_> = items.iter().map(|item| flow(item, item_shape(shape, &item.value))).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Map(_) => {
            let member = |entry: &Entry| {
                let below = fitting(member_shape(shape, &entry.key), &entry.node.value);
                format!("{}: {}", scalar::text(&entry.key), flow(&entry.node, below))
            };
            format!("{{{}}}", sorted(node, shape).into_iter().map(member).collect::<Vec<_>>().join(", "))
        }
    }
}

fn ordered(node: &Node, shape: Option<Shape>) -> serde_json::Value {
    match &node.value {
        Value::List(items) => items.iter().map(|item| ordered(item, item_shape(shape, &item.value))).collect(),
        Value::Map(_) => {
            let member = |entry: &Entry| {
                let below = fitting(member_shape(shape, &entry.key), &entry.node.value);
                (entry.key.clone(), ordered(&entry.node, below))
            };
            serde_json::Value::Object(sorted(node, shape).into_iter().map(member).collect::<Map<_, _>>())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => node.to_json(),
    }
}

/// A record's members in the order of its fields, unknown ones last; any other map's as they stand.
fn sorted(node: &Node, shape: Option<Shape>) -> Vec<&Entry> {
    let mut entries: Vec<&Entry> = node.entries().iter().collect();
    if let Some(Shape::Record(record)) = shape {
        entries.sort_by_key(|entry| {
            record.fields.iter().position(|field| field.key == entry.key).unwrap_or(record.fields.len())
        });
    }
    entries
}

fn member_shape(shape: Option<Shape>, key: &str) -> Option<Shape> {
    match shape? {
        Shape::Record(record) => record.field(key).map(|field| field.shape),
        Shape::Map(_, shape, _) => Some(*shape),
        Shape::Text(_)
        | Shape::OneOf(_)
        | Shape::Bool
        | Shape::Count
        | Shape::Amount
        | Shape::List(..)
        | Shape::Either(_) => None,
    }
}

fn item_shape(shape: Option<Shape>, value: &Value) -> Option<Shape> {
    match shape? {
        Shape::List(shape, _) => fitting(Some(*shape), value),
        _ => None,
    }
}

/// Of several shapes the one for this kind of value.
fn fitting(shape: Option<Shape>, value: &Value) -> Option<Shape> {
    match shape? {
        Shape::Either(shapes) => {
            shapes.iter().copied().find(|shape| takes(shape, value)).and_then(|shape| fitting(Some(shape), value))
        }
        other => Some(other),
    }
}

#[cfg(test)]
mod tests;
