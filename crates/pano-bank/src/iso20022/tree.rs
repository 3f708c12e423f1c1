//! A bounded reader of XML into a tree of elements.

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;
use std::collections::HashMap;

/// Deepest nesting: pain.001 needs ten.
const DEPTH_MAX: usize = 24;
/// Most elements of one document.
const ELEMENTS_MAX: usize = 60_000;

/// Why a message was refused, and where: `/CstmrCdtTrfInitn/PmtInf[2]/PmtMtd`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {reason}")]
pub(crate) struct Malformed {
    /// Path from the root element.
    pub(crate) at: String,
    /// The rule that it breaks.
    pub(crate) reason: String,
}

/// An element, its text trimmed.
#[derive(Debug, Default)]
pub(super) struct Node {
    /// Path from the root, with the place among elements of the same name.
    at: String,
    name: String,
    /// Of the attribute `Ccy`, the only one that the messages we read have.
    pub(super) currency: Option<String>,
    pub(super) text: String,
    children: Vec<Node>,
    /// How many children have each name.
    names: HashMap<String, usize>,
}

impl Node {
    pub(super) fn refuse<T>(&self, reason: impl Into<String>) -> Result<T, Malformed> {
        Err(Malformed { at: self.at.clone(), reason: reason.into() })
    }

    /// All children of this name.
    pub(super) fn all<'n>(&'n self, name: &'static str) -> impl Iterator<Item = &'n Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The child of this name, of which there may be one.
    pub(super) fn get(&self, name: &'static str) -> Result<Option<&Self>, Malformed> {
        let mut found = self.all(name);
        let first = found.next();
        match found.next() {
            Some(second) => second.refuse("stands twice"),
            None => Ok(first),
        }
    }

    /// The child of this name, of which there must be one.
    pub(super) fn need(&self, name: &'static str) -> Result<&Self, Malformed> {
        self.get(name)?.ok_or_else(|| Malformed { at: format!("{}/{name}", self.at), reason: "is missing".to_owned() })
    }

    /// The descendant at the end of these names, when all of them are there.
    pub(super) fn path(&self, names: &[&'static str]) -> Result<Option<&Self>, Malformed> {
        let mut node = self;
        for name in names {
            match node.get(name)? {
                Some(child) => node = child,
                None => return Ok(None),
            }
        }
        Ok(Some(node))
    }

    /// The text, of 1 to `max` characters without control characters.
    pub(super) fn bounded(&self, max: usize) -> Result<String, Malformed> {
        let length = self.text.chars().count();
        if !self.children.is_empty() {
            return self.refuse("must hold text only");
        }
        if length == 0 || length > max || self.text.chars().any(char::is_control) {
            return self.refuse(format!("must hold 1 to {max} characters, no control characters among them"));
        }
        Ok(self.text.clone())
    }

    /// Refuses children that are in neither list: what is passed over must be known to carry nothing that we would miss.
    pub(super) fn only(&self, read: &[&str], passed_over: &[&str]) -> Result<(), Malformed> {
        let known = |child: &&Self| !read.contains(&child.name.as_str()) && !passed_over.contains(&child.name.as_str());
        match self.children.iter().find(known) {
            Some(child) => child.refuse("is not supported here"),
            None => Ok(()),
        }
    }
}

/// Reads a document whose root element is `Document` in `namespace`.
pub(super) fn read(text: &str, namespace: &str) -> Result<Node, Malformed> {
    let mut reader = NsReader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut reading = Reading { open: vec![Node::default()], elements: 0 };
    loop {
        let (bound, event) = reader.read_resolved_event().map_err(|error| reading.malformed(error.to_string()))?;
        match event {
            Event::Start(start) => {
                if bound != ResolveResult::Bound(quick_xml::name::Namespace(namespace.as_bytes())) {
                    return Err(reading.malformed(format!("expected elements of {namespace} only")));
                }
                reading.start(&start)?;
            }
            Event::End(_) => reading.end()?,
            Event::Text(text) => {
                let text = text.xml_content().map_err(|error| reading.malformed(error.to_string()))?;
                reading.text(&text);
            }
            Event::CData(text) => {
                let text = text.decode().map_err(|error| reading.malformed(error.to_string()))?;
                reading.text(&text);
            }
            Event::GeneralRef(reference) => reading.reference(&reference)?,
            Event::DocType(_) => return Err(reading.malformed("a document type is not accepted".to_owned())),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) | Event::Empty(_) => {}
            Event::Eof => return reading.root(),
        }
    }
}

struct Reading {
    /// From the outermost to the innermost; the first one holds the root.
    open: Vec<Node>,
    elements: usize,
}

impl Reading {
    fn at(&self) -> String {
        self.open.last().map_or_else(String::new, |node| node.at.clone())
    }

    fn malformed(&self, reason: String) -> Malformed {
        Malformed { at: self.at(), reason }
    }

    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), Malformed> {
        self.elements += 1;
        if self.elements > ELEMENTS_MAX || self.open.len() > DEPTH_MAX {
            return Err(self.malformed("the document is nested too deep or has too many elements".to_owned()));
        }
        let name = start.local_name();
        let name = std::str::from_utf8(name.as_ref()).map_err(|_| self.malformed("not UTF-8".to_owned()))?.to_owned();
        let place = self.open.last_mut().map_or(1, |parent| {
            let count = parent.names.entry(name.clone()).or_default();
            *count += 1;
            *count
        });
        let at = if place == 1 { format!("{}/{name}", self.at()) } else { format!("{}/{name}[{place}]", self.at()) };
        let mut node = Node { at, name, ..Node::default() };
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| self.malformed(error.to_string()))?;
            match attribute.key.as_ref() {
                b"Ccy" => {
                    let value = attribute.unescape_value().map_err(|error| self.malformed(error.to_string()))?;
                    node.currency = Some(value.into_owned());
                }
                key if key.starts_with(b"xmlns") || key.starts_with(b"xsi:") => {}
                _ => return node.refuse("has an unknown attribute"),
            }
        }
        self.open.push(node);
        Ok(())
    }

    fn end(&mut self) -> Result<(), Malformed> {
        let Some(mut node) = self.open.pop() else { return Err(self.malformed("ends too early".to_owned())) };
        node.text = node.text.trim().to_owned();
        match self.open.last_mut() {
            Some(parent) => parent.children.push(node),
            None => return node.refuse("ends too early"),
        }
        Ok(())
    }

    fn text(&mut self, text: &str) {
        if let Some(node) = self.open.last_mut() {
            node.text.push_str(text);
        }
    }

    fn reference(&mut self, reference: &BytesRef<'_>) -> Result<(), Malformed> {
        let number = reference.resolve_char_ref().map_err(|error| self.malformed(error.to_string()))?;
        let name = reference.decode().map_err(|error| self.malformed(error.to_string()))?;
        let found = number.map(String::from);
        let found = found.or_else(|| quick_xml::escape::resolve_predefined_entity(&name).map(str::to_owned));
        match found {
            Some(text) => self.text(&text),
            None => return Err(self.malformed("refers to an unknown entity".to_owned())),
        }
        Ok(())
    }

    fn root(mut self) -> Result<Node, Malformed> {
        if self.open.len() != 1 {
            return Err(self.malformed("does not end".to_owned()));
        }
        let top = self.open.pop().unwrap_or_default();
        let mut roots = top.children.into_iter();
        match (roots.next(), roots.next()) {
            (Some(root), None) if root.name == "Document" => Ok(root),
            _ => Err(Malformed { at: "/".to_owned(), reason: "the root element must be Document".to_owned() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        read(text, "urn:x").unwrap_err().to_string()
    }

    #[test]
    fn elements_text_and_attributes_are_read() {
        let text = "<?xml version='1.0'?><!-- c --><p:Document xmlns:p='urn:x'><p:A Ccy='CNY'> a&amp;b&#x4e2d;<![CDATA[<]]> \
                    </p:A><p:B/><p:A>2</p:A></p:Document>";
        let root = read(text, "urn:x").unwrap();
        let first = root.all("A").next().unwrap();
        assert_eq!((first.text.as_str(), first.currency.as_deref()), ("a&b中<", Some("CNY")));
        assert_eq!(root.get("A").unwrap_err().at, "/Document/A[2]");
        assert_eq!(root.need("C").unwrap_err().to_string(), "/Document/C: is missing");
        assert!(root.need("B").unwrap().bounded(5).is_err());
        assert_eq!(root.only(&["A"], &[]).unwrap_err().at, "/Document/B");
    }

    #[test]
    fn what_is_hostile_or_broken_is_refused() {
        assert!(
            refused("<!DOCTYPE a [<!ENTITY x 'y'>]><Document xmlns='urn:x'>&x;</Document>").contains("document type")
        );
        assert!(refused("<Document xmlns='urn:x'>&x;</Document>").contains("unknown entity"));
        assert!(refused("<Document xmlns='urn:y'/>").contains("expected elements of urn:x"));
        assert!(refused("<Document xmlns='urn:x'><A></Document>").contains("A"));
        assert!(refused("<Document xmlns='urn:x'>").contains("does not end"));
        assert!(refused("<Other xmlns='urn:x'/>").contains("must be Document"));
        assert!(refused("").contains("must be Document"));
        assert!(refused("<Document xmlns='urn:x' z='1'/>").contains("unknown attribute"));
        let deep = format!("<Document xmlns='urn:x'>{}", "<a>".repeat(50));
        assert!(refused(&deep).contains("too deep"));
        let many = format!("<Document xmlns='urn:x'>{}</Document>", "<a/>".repeat(ELEMENTS_MAX));
        assert!(refused(&many).contains("too many"));
    }
}
