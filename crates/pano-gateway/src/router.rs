//! Path templates → operations: a trie over segments.
//!
//! At each segment a literal beats a mixed segment (`{id}:cancel`, `{a}.{b}`), that beats a parameter, and that beats a tail
//! (`{+rest}`, `*`); a choice that leads nowhere is taken back. So the template found is the most specific one, compared
//! segment by segment from the left, whatever order the templates came in. The method is looked at only then: a path that
//! exists answers 405 for methods it does not offer.

mod template;

pub use template::{Segment, Template, TemplateError};

use http::Method;

/// Most parameters of a template.
pub const PARAMETERS_MAX: usize = 16;

/// Templates of one API with their methods.
#[derive(Debug)]
pub struct Router<T> {
    nodes: Vec<Node>,
    leaves: Vec<Leaf<T>>,
}

#[derive(Debug, Default)]
struct Node {
    /// Sorted by text.
    literals: Vec<(Box<str>, u32)>,
    /// Most specific first.
    mixed: Vec<(Segment, u32)>,
    parameter: Option<u32>,
    tail: Option<u32>,
    leaf: Option<u32>,
}

/// All that stands at one path template.
#[derive(Debug)]
pub struct Leaf<T> {
    methods: Vec<Entry<T>>,
}

#[derive(Debug)]
struct Entry<T> {
    method: Method,
    template: Template,
    value: T,
}

/// Where the parameters of a path are: byte ranges of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Captures {
    ranges: [(u32, u32); PARAMETERS_MAX],
    count: usize,
}

impl Captures {
    fn push(&mut self, from: usize, to: usize) {
        if let Some(slot) = self.ranges.get_mut(self.count) {
            *slot = (from as u32, to as u32);
            self.count += 1;
        }
    }
    /// Their texts in `path`, in the order of the template.
    pub fn of<'p>(&self, path: &'p str) -> impl Iterator<Item = &'p str> {
        let ranges = self.ranges;
        ranges.into_iter().take(self.count).map(move |(a, b)| path.get(a as usize..b as usize).unwrap_or_default())
    }
}

/// Why a template was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InsertError {
    /// It is not a template.
    #[error("{0}")]
    Template(#[from] TemplateError),
    /// Another one answers exactly the same paths with the same method.
    #[error("{method} {new} answers the same paths as {old}")]
    Conflict {
        /// Method of both.
        method: Method,
        /// Template that is there.
        old: String,
        /// Template that came later.
        new: String,
    },
}

impl<T> Default for Router<T> {
    fn default() -> Self {
        Self { nodes: vec![Node::default()], leaves: Vec::new() }
    }
}

impl<T> Router<T> {
    /// Adds a template.
    ///
    /// # Errors
    /// When it is malformed, or answers the same paths as one that is there.
    pub fn insert(&mut self, method: Method, template: &str, value: T) -> Result<(), InsertError> {
        let template = Template::parse(template)?;
        let mut at = 0;
        for segment in &template.segments {
            at = self.child(at, segment);
        }
        let leaf = match self.node(at).leaf {
            Some(leaf) => leaf,
            None => {
                self.leaves.push(Leaf { methods: Vec::new() });
                let leaf = (self.leaves.len() - 1) as u32;
                if let Some(node) = self.nodes.get_mut(at as usize) {
                    node.leaf = Some(leaf);
                }
                leaf
            }
        };
        let Some(leaf) = self.leaves.get_mut(leaf as usize) else { return Ok(()) };
        if let Some(old) = leaf.methods.iter().find(|e| e.method == method) {
            return Err(InsertError::Conflict {
                method,
                old: old.template.text.to_string(),
                new: template.text.into(),
            });
        }
        leaf.methods.push(Entry { method, template, value });
        Ok(())
    }

    /// The most specific template that `path` matches. `path` is in normal form and begins with `/`, or is empty.
    pub fn find(&self, path: &str) -> Option<(&Leaf<T>, Captures)> {
        let mut captures = Captures::default();
        let leaf = match path.strip_prefix('/') {
            None if path.is_empty() => self.node(0).leaf,
            None => None,
            Some(_) => self.walk(0, path, 1, &mut captures),
        };
        Some((self.leaves.get(leaf? as usize)?, captures))
    }

    /// Number of templates, each method counted.
    pub fn len(&self) -> usize {
        self.leaves.iter().map(|leaf| leaf.methods.len()).sum()
    }

    /// Whether there is no template.
    pub fn is_empty(&self) -> bool {
        self.leaves.is_empty()
    }

    /// Gives memory back that only growing needed.
    pub fn shrink(&mut self) {
        self.nodes.shrink_to_fit();
        self.leaves.shrink_to_fit();
        for node in &mut self.nodes {
            node.literals.shrink_to_fit();
            node.mixed.shrink_to_fit();
        }
        for leaf in &mut self.leaves {
            leaf.methods.shrink_to_fit();
        }
    }

    fn node(&self, at: u32) -> &Node {
        self.nodes.get(at as usize).expect("children are indices of nodes that were pushed before")
    }

    fn child(&mut self, at: u32, segment: &Segment) -> u32 {
        let new = self.nodes.len() as u32;
        let node = self.nodes.get_mut(at as usize).expect("children are indices of nodes that were pushed before");
        let child = match segment {
            Segment::Literal(text) => match node.literals.binary_search_by(|(t, _)| t.as_ref().cmp(text)) {
                Ok(found) => node.literals.get(found).map_or(new, |(_, child)| *child),
                Err(place) => {
                    node.literals.insert(place, (text.clone(), new));
                    new
                }
            },
            Segment::Mixed(_) => match node.mixed.iter().find(|(s, _)| s == segment) {
                Some((_, child)) => *child,
                None => {
                    let place = node.mixed.partition_point(|(s, _)| s.rank() <= segment.rank());
                    node.mixed.insert(place, (segment.clone(), new));
                    new
                }
            },
            Segment::Parameter => *node.parameter.get_or_insert(new),
            Segment::Tail => *node.tail.get_or_insert(new),
        };
        if child == new {
            self.nodes.push(Node::default());
        }
        child
    }

    /// Matches `path` from byte `from` on, where a segment begins. Visits a node at most once per way into it, so the work is
    /// bounded by the templates, not by the caller.
    fn walk(&self, at: u32, path: &str, from: usize, captures: &mut Captures) -> Option<u32> {
        let node = self.node(at);
        let rest = path.get(from..)?;
        let length = memchr::memchr(b'/', rest.as_bytes());
        let segment = rest.get(..length.unwrap_or(rest.len()))?;
        let to = from + segment.len();
        let descend = |child: u32, captures: &mut Captures| match length {
            Some(_) => self.walk(child, path, to + 1, captures),
            None => self.node(child).leaf,
        };
        if let Ok(found) = node.literals.binary_search_by(|(text, _)| text.as_ref().cmp(segment))
            && let Some((_, child)) = node.literals.get(found)
            && let Some(leaf) = descend(*child, captures)
        {
            return Some(leaf);
        }
        let before = captures.count;
        for (pattern, child) in &node.mixed {
            if pattern.capture(segment, |a, b| captures.push(from + a, from + b))
                && let Some(leaf) = descend(*child, captures)
            {
                return Some(leaf);
            }
            captures.count = before;
        }
        if let Some(child) = node.parameter
            && !segment.is_empty()
        {
            captures.push(from, to);
            if let Some(leaf) = descend(child, captures) {
                return Some(leaf);
            }
            captures.count = before;
        }
        let tail = node.tail?;
        captures.push(from, path.len());
        self.node(tail).leaf
    }
}

impl<T> Leaf<T> {
    /// What answers `method`, with the names of the template's parameters.
    pub fn method(&self, method: &Method) -> Option<(&T, &Template)> {
        self.methods.iter().find(|e| e.method == *method).map(|e| (&e.value, &e.template))
    }
    /// The methods on offer, for an `Allow` header.
    pub fn allow(&self) -> String {
        let mut methods: Vec<&str> = self.methods.iter().map(|e| e.method.as_str()).collect();
        methods.sort_unstable();
        methods.join(", ")
    }
}

#[cfg(test)]
mod tests;
