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
        self.by_path.range(below.clone()..).next().is_some_and(|(found, _)| found.starts_with(&below))
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

/// Where a member or item stands.
struct Around {
    /// It is an item of a list.
    list: bool,
    /// The next one begins on the line where it ends.
    shared: bool,
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
        let list = matches!(node.value, Value::List(_));
        let mut parts = parts.into_iter().peekable();
        while let Some((path, line, part)) = parts.next() {
            let before = self.take(|comment| comment.line < line);
            if !before.is_empty() {
                self.found.at(path).before.extend(before);
            }
            let shared = parts.peek().is_some_and(|(_, next, _)| *next <= part.place.end_line);
            self.part(path, line, part, Around { list, shared });
        }
    }

    /// An item with a single member stands on the member's line, so what is said of that one is said of the item.
    fn rise(&mut self, path: &str, item: &Node) {
        let only = match &item.value {
            Value::List(items) if items.len() == 1 => items.first().map(|item| &item.place.path),
            Value::Map(entries) if entries.len() == 1 => entries.first().map(|entry| &entry.key_place.path),
            _ => None,
        };
        if let Some(only) = only.filter(|only| !self.found.inside(only))
            && let Some(said) = self.found.by_path.remove(&**only)
        {
            let whole = self.found.at(path);
            whole.before.extend(said.before);
            whole.behind.extend(said.behind);
        }
    }

    fn part(&mut self, path: &str, line: u32, node: &Node, Around { list, shared }: Around) {
        let end = node.place.end_line;
        let first = match &node.value {
            Value::List(items) => items.first().map(|item| item.place.line),
            Value::Map(entries) => entries.first().map(|entry| entry.key_place.line),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => None,
        };
        if let Some(first) = first.filter(|_| end > line) {
            // What stands behind a key is said of it, unless its first member stands there too.
            let head = if first > line { self.take(|comment| comment.line <= line) } else { Vec::new() };
            if head.is_empty() {
                // An entry without a comment would count as one.
            } else if list {
                // Nothing can stand behind a dash, so it is said before.
                self.found.at(path).before.extend(head);
            } else {
                self.found.at(path).behind.extend(head);
                // What has a comment behind its key is written in lines: the mark keeps it so.
                let _: &mut Attached = self.found.at(&format!("{path}/"));
            }
            self.below(node);
            if list {
                self.rise(path, node);
            }
            // What stands behind the last bracket is said of the whole; what stands before it, of what comes next.
            let closes = self.waiting.front().is_some_and(|comment| !comment.alone && comment.line == end);
            if closes && !shared && !self.found.inside(path) {
                let behind = self.take(|comment| comment.line <= end);
                self.found.at(path).behind.extend(behind);
            }
        } else if !shared {
            let behind = self.take(|comment| comment.line <= end);
            if !behind.is_empty() {
                self.found.at(path).behind.extend(behind);
            }
        }
    }
}
