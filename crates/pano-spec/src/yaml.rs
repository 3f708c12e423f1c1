//! YAML events into an order-keeping tree, within the limits.
//!
//! The stack is explicit, so that a deeply nested document is an error and not the end of the thread. An alias is copied, and every
//! copied node counts against a budget of its own ("billion laughs").

use crate::code::SpecCode;
use crate::limits::Limits;
use crate::pointer;
use crate::report::Finding;
use crate::scalar;
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, Tag};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::HashMap;

/// The one document in `text`.
pub(crate) fn parse(text: &str, limits: &Limits) -> Result<Value, Finding> {
    let mut builder = Builder {
        limits,
        stack: Vec::new(),
        anchors: HashMap::new(),
        open_anchors: Vec::new(),
        nodes: 0,
        copied: 0,
        root: None,
    };
    let mut documents = 0usize;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|e| syntax(&e))?;
        if matches!(event, Event::DocumentStart(_)) {
            documents += 1;
            if documents > 1 {
                return Err(at(Finding::refused(SpecCode::ManyDocuments, "", ""), span.start));
            }
        }
        builder.event(event, span)?;
    }
    builder.root.ok_or_else(|| Finding::refused(SpecCode::Empty, "", ""))
}

/// Indents the closing brackets that stand as far left as the key whose value they end, with the lines (from 1) where that was done.
/// YAML 1.2.2 §8.2 wants them further in, widely used parsers do not insist, and documents of the market have them.
///
/// Such a line cannot be part of a block scalar: its text would be further in than the key.
pub(crate) fn indent_flow_ends(text: &str) -> Option<(String, Vec<usize>)> {
    let mut out = String::with_capacity(text.len() + 256);
    let mut mended = Vec::new();
    // Open lines that could own a bracket: indentation, and whether the line is a key whose value may be in brackets.
    let mut open: Vec<(usize, bool)> = Vec::new();
    for (i, line) in text.split_inclusive('\n').enumerate() {
        let content = line.trim();
        let indent = line.len() - line.trim_start_matches(' ').len();
        if !content.is_empty() {
            while open.last().is_some_and(|(above, _)| *above > indent) {
                open.pop();
            }
            let closes = content.starts_with(['}', ']']);
            if closes && open.last() == Some(&(indent, true)) {
                out.push(' ');
                mended.push(i + 1);
            } else if !closes {
                open.retain(|(above, _)| *above < indent);
                open.push((indent, opens_value(content)));
            }
        }
        out.push_str(line);
    }
    (!mended.is_empty()).then_some((out, mended))
}

/// `key:`, `key: {…` or `key: […`.
fn opens_value(content: &str) -> bool {
    let Some((key, value)) = content.split_once(':') else { return false };
    let value = value.trim_start();
    !key.starts_with(['{', '[', '#', '}', ']']) && (value.is_empty() || value.starts_with(['{', '[']))
}

fn syntax(error: &ScanError) -> Finding {
    at(Finding::refused(SpecCode::Syntax, "", error.info()), *error.marker())
}

fn at(finding: Finding, marker: Marker) -> Finding {
    finding.at(marker.line(), marker.col() + 1)
}

enum Frame {
    List { items: Vec<Value>, anchor: usize },
    Map { map: Map<String, Value>, key: Option<String>, anchor: usize },
}

struct Anchored {
    value: Value,
    nodes: usize,
    depth: usize,
}

struct Builder<'l> {
    limits: &'l Limits,
    stack: Vec<Frame>,
    anchors: HashMap<usize, Anchored>,
    open_anchors: Vec<usize>,
    nodes: usize,
    copied: usize,
    root: Option<Value>,
}

impl Builder<'_> {
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Finding> {
        match event {
            Event::Scalar(text, style, anchor, tag) => self.scalar(&text, style, anchor, tag.as_deref(), span),
            Event::SequenceStart(anchor, tag) => {
                self.collection_tag(tag.as_deref(), "seq", span)?;
                self.open(Frame::List { items: Vec::new(), anchor }, anchor, span)
            }
            Event::MappingStart(anchor, tag) => {
                self.collection_tag(tag.as_deref(), "map", span)?;
                self.open(Frame::Map { map: Map::new(), key: None, anchor }, anchor, span)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::Alias(anchor) => self.alias(anchor, span),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => {
                Ok(())
            }
        }
    }

    fn fail(&self, code: SpecCode, detail: &str, span: Span) -> Finding {
        at(Finding::refused(code, self.pointer(), detail), span.start)
    }

    fn pointer(&self) -> String {
        let mut out = String::new();
        for frame in &self.stack {
            match frame {
                Frame::List { items, .. } => pointer::push(&mut out, &items.len().to_string()),
                Frame::Map { key: Some(key), .. } => pointer::push(&mut out, key),
                Frame::Map { key: None, .. } => {}
            }
        }
        out
    }

    fn count(&mut self, nodes: usize, span: Span) -> Result<(), Finding> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes > self.limits.nodes {
            return Err(self.fail(SpecCode::Nodes, &format!("more than {}", self.limits.nodes), span));
        }
        Ok(())
    }

    fn copy_budget(&mut self, nodes: usize, span: Span) -> Result<(), Finding> {
        self.copied = self.copied.saturating_add(nodes);
        if self.copied > self.limits.alias_nodes {
            return Err(self.fail(
                SpecCode::AliasBudget,
                &format!("more than {} copied values", self.limits.alias_nodes),
                span,
            ));
        }
        Ok(())
    }

    fn deeper(&self, by: usize, span: Span) -> Result<(), Finding> {
        if self.stack.len().saturating_add(by) > self.limits.depth_max() {
            return Err(self.fail(SpecCode::Depth, &format!("more than {} levels", self.limits.depth_max()), span));
        }
        Ok(())
    }

    fn open(&mut self, frame: Frame, anchor: usize, span: Span) -> Result<(), Finding> {
        if let Some(Frame::Map { key: None, .. }) = self.stack.last() {
            return Err(self.fail(SpecCode::KeyNotText, "", span));
        }
        self.count(1, span)?;
        self.deeper(1, span)?;
        if anchor > 0 {
            self.open_anchors.push(anchor);
        }
        self.stack.push(frame);
        Ok(())
    }

    fn close(&mut self, span: Span) -> Result<(), Finding> {
        let (value, anchor) = match self.stack.pop() {
            Some(Frame::List { items, anchor }) => (Value::Array(items), anchor),
            Some(Frame::Map { map, anchor, .. }) => (Value::Object(map), anchor),
            None => return Err(self.fail(SpecCode::Syntax, "unbalanced end", span)),
        };
        self.remember(anchor, &value, span)?;
        self.place(value, span)
    }

    fn remember(&mut self, anchor: usize, value: &Value, span: Span) -> Result<(), Finding> {
        if anchor == 0 {
            return Ok(());
        }
        self.open_anchors.retain(|open| *open != anchor);
        let (nodes, depth) = measure(value);
        self.copy_budget(nodes, span)?;
        self.anchors.insert(anchor, Anchored { value: value.clone(), nodes, depth });
        Ok(())
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), Finding> {
        if self.open_anchors.contains(&anchor) {
            return Err(self.fail(SpecCode::AliasCycle, "", span));
        }
        let Some(found) = self.anchors.get(&anchor) else {
            return Err(self.fail(SpecCode::Syntax, "the alias has no anchor before it", span));
        };
        let (nodes, depth) = (found.nodes, found.depth);
        self.copy_budget(nodes, span)?;
        self.count(nodes, span)?;
        self.deeper(depth, span)?;
        let value = self.anchors.get(&anchor).map(|found| found.value.clone()).unwrap_or_default();
        match (self.stack.last(), value) {
            (Some(Frame::Map { key: None, .. }), Value::Array(_) | Value::Object(_)) => {
                Err(self.fail(SpecCode::KeyNotText, "", span))
            }
            (Some(Frame::Map { key: None, .. }), Value::String(text)) => self.key(&text, span),
            (Some(Frame::Map { key: None, .. }), other) => self.key(&other.to_string(), span),
            (_, value) => self.place(value, span),
        }
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        span: Span,
    ) -> Result<(), Finding> {
        if let Some(Frame::Map { key: None, .. }) = self.stack.last() {
            if style == ScalarStyle::Plain && text == "<<" {
                return Err(self.fail(SpecCode::MergeKey, "", span));
            }
            if anchor > 0 {
                self.remember(anchor, &Value::String(text.to_owned()), span)?;
            }
            return self.key(text, span);
        }
        self.count(1, span)?;
        let value = match tag {
            None if style == ScalarStyle::Plain => {
                scalar::plain(text).ok_or_else(|| self.fail(SpecCode::NumberNotJson, text, span))?
            }
            None => Value::String(text.to_owned()),
            Some(tag) => self.tagged(text, tag, span)?,
        };
        self.remember(anchor, &value, span)?;
        self.place(value, span)
    }

    fn tagged(&self, text: &str, tag: &Tag, span: Span) -> Result<Value, Finding> {
        let name = tag_name(tag);
        if name == "str" || name == "!" {
            return Ok(Value::String(text.to_owned()));
        }
        let value = scalar::plain(text);
        let fits = match (name.as_ref(), &value) {
            ("null", Some(Value::Null)) | ("bool", Some(Value::Bool(_))) | ("float", Some(Value::Number(_))) => true,
            ("int", Some(Value::Number(n))) => !n.is_f64(),
            _ => false,
        };
        value
            .filter(|_| fits)
            .ok_or_else(|| self.fail(SpecCode::Tag, &format!("{tag} {}", crate::report_text(text)), span))
    }

    fn collection_tag(&self, tag: Option<&Tag>, expected: &str, span: Span) -> Result<(), Finding> {
        match tag {
            Some(tag) if tag_name(tag) != expected && tag_name(tag) != "!" => {
                Err(self.fail(SpecCode::Tag, &tag.to_string(), span))
            }
            _ => Ok(()),
        }
    }

    fn key(&mut self, text: &str, span: Span) -> Result<(), Finding> {
        let duplicate = match self.stack.last_mut() {
            Some(Frame::Map { map, key, .. }) => {
                let duplicate = map.contains_key(text);
                *key = Some(text.to_owned());
                duplicate
            }
            _ => false,
        };
        if duplicate {
            return Err(self.fail(SpecCode::DuplicateKey, "", span));
        }
        Ok(())
    }

    fn place(&mut self, value: Value, span: Span) -> Result<(), Finding> {
        match self.stack.last_mut() {
            None => self.root = Some(value),
            Some(Frame::List { items, .. }) => items.push(value),
            Some(Frame::Map { map, key, .. }) => match key.take() {
                Some(key) => drop(map.insert(key, value)),
                None => return Err(self.fail(SpecCode::KeyNotText, "", span)),
            },
        }
        Ok(())
    }
}

fn tag_name(tag: &Tag) -> Cow<'_, str> {
    if tag.is_yaml_core_schema() {
        return Cow::Borrowed(&tag.suffix);
    }
    match (tag.handle.as_str(), tag.suffix.as_str()) {
        // The non-specific tag "!" keeps the kind and takes scalars as text.
        ("" | "!", "" | "!") => Cow::Borrowed("!"),
        _ => Cow::Owned(tag.to_string()),
    }
}

/// Nodes and levels of a value; levels are bounded by the depth limit, so the recursion is too.
fn measure(value: &Value) -> (usize, usize) {
    let children: Vec<(usize, usize)> = match value {
        Value::Array(items) => items.iter().map(measure).collect(),
        Value::Object(map) => map.values().map(measure).collect(),
        _ => return (1, 0),
    };
    let nodes = children.iter().map(|(nodes, _)| nodes).sum::<usize>() + 1;
    (nodes, children.iter().map(|(_, depth)| *depth).max().unwrap_or(0) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_as_far_left_as_their_key() {
        let text = "a:\n  b:\n    {\n      x: 1\n  }\n  c: [1,\n    2\n  ]\n  d: |\n    }\n";
        let (mended, lines) = indent_flow_ends(text).unwrap();
        assert_eq!(lines, [5, 8]);
        assert!(mended.contains("    }\n"));
        assert_eq!(indent_flow_ends("a: {\n  b: 1\n }\nc: |\n  ]\n"), None);
    }
}
