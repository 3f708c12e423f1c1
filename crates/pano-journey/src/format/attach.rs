//! Which comment belongs to which value.

use crate::tree::{Comment, Node, Tree, Value};
use std::collections::{BTreeMap, VecDeque};

/// The comments of one member or item.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Attached {
    /// On lines of their own before it.
    pub(super) before: Vec<String>,
    /// Behind it, or behind its key.
    pub(super) behind: Vec<String>,
    /// Behind its last member, before it ends.
    pub(super) last: Vec<String>,
}

/// All comments of a file.
#[derive(Debug, Default)]
pub(super) struct Comments {
    by_path: BTreeMap<String, Attached>,
    /// At the end of the file.
    pub(super) tail: Vec<String>,
}

impl Comments {
    pub(super) fn of(&self, path: &str) -> Option<&Attached> {
        self.by_path.get(path)
    }

    /// Whether a comment stands within the value, so that it needs lines.
    pub(super) fn inside(&self, path: &str) -> bool {
        let below = format!("{path}/");
        let last = self.by_path.get(path).is_some_and(|attached| !attached.last.is_empty());
        last || self.by_path.range(below.clone()..).next().is_some_and(|(found, _)| found.starts_with(&below))
    }

    fn at(&mut self, path: &str) -> &mut Attached {
        self.by_path.entry(path.to_owned()).or_default()
    }
}

pub(super) fn attach(tree: &Tree) -> Comments {
    let mut walk = Walk { waiting: tree.comments.iter().cloned().collect(), found: Comments::default() };
    walk.below(&tree.root);
    // Those of a file that is one value, or none at all.
    let rest: Vec<Comment> = walk.waiting.into_iter().collect();
    walk.found.tail = rest.into_iter().map(|comment| comment.text).collect();
    walk.found
}

struct Walk {
    waiting: VecDeque<Comment>,
    found: Comments,
}

impl Walk {
    fn take(&mut self, fits: impl Fn(&Comment) -> bool) -> Vec<String> {
        let count = self.waiting.iter().take_while(|comment| fits(comment)).count();
        self.waiting.drain(..count).map(|comment| comment.text).collect()
    }

    /// The members or items of a value.
    fn below(&mut self, node: &Node) {
        let parts: Vec<(&str, u32, &Node)> = match &node.value {
            Value::List(items) => items.iter().map(|item| (&*item.place.path, item.place.line, item)).collect(),
            Value::Map(entries) => {
                entries.iter().map(|entry| (&*entry.key_place.path, entry.key_place.line, &entry.node)).collect()
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => Vec::new(),
        };
        let mut parts = parts.into_iter().peekable();
        while let Some((path, line, part)) = parts.next() {
            let before = self.take(|comment| comment.line < line);
            if !before.is_empty() {
                self.found.at(path).before.extend(before);
            }
            let shared = parts.peek().is_some_and(|(_, next, _)| *next <= part.place.end_line);
            self.part(path, line, part, shared);
        }
    }

    fn part(&mut self, path: &str, line: u32, node: &Node, shared: bool) {
        let end = node.place.end_line;
        let collection = matches!(node.value, Value::List(_) | Value::Map(_));
        if collection && end > line {
            let head = self.take(|comment| comment.line <= line);
            if !head.is_empty() {
                self.found.at(path).behind.extend(head);
                // What has a comment behind its key is written in lines: the mark keeps it so.
                let _: &mut Attached = self.found.at(&format!("{path}/"));
            }
            self.below(node);
            let last = self.take(|comment| comment.line < end || (comment.line == end && !shared));
            if !last.is_empty() {
                self.found.at(path).last.extend(last);
            }
        } else if !shared {
            let behind = self.take(|comment| comment.line <= end);
            if !behind.is_empty() {
                self.found.at(path).behind.extend(behind);
            }
        }
    }
}
