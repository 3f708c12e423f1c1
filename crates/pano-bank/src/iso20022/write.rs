//! Writing XML: elements are closed by construction and text is escaped by the writer.

use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use std::io;

/// A document being written, into memory.
pub(super) struct Out(quick_xml::Writer<Vec<u8>>);

impl Out {
    /// A whole document with this root namespace.
    pub(super) fn document(namespace: &str, content: impl FnOnce(&mut Self) -> io::Result<()>) -> io::Result<String> {
        let mut out = Self(quick_xml::Writer::new_with_indent(Vec::new(), b' ', 2));
        out.0.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let root = BytesStart::new("Document").with_attributes([("xmlns", namespace)]);
        out.0.write_event(Event::Start(root))?;
        content(&mut out)?;
        out.0.write_event(Event::End(BytesEnd::new("Document")))?;
        let mut bytes = out.0.into_inner();
        bytes.push(b'\n');
        String::from_utf8(bytes).map_err(io::Error::other)
    }

    /// An element with elements in it.
    pub(super) fn within(&mut self, name: &str, content: impl FnOnce(&mut Self) -> io::Result<()>) -> io::Result<()> {
        self.0.write_event(Event::Start(BytesStart::new(name)))?;
        content(self)?;
        self.0.write_event(Event::End(BytesEnd::new(name)))
    }

    /// Elements nested in each other, text in the innermost.
    pub(super) fn nested(&mut self, names: &[&str], text: &str) -> io::Result<()> {
        match names {
            [] => Ok(()),
            [name] => self.text(name, text),
            [name, rest @ ..] => self.within(name, |out| out.nested(rest, text)),
        }
    }

    /// An element with text in it.
    pub(super) fn text(&mut self, name: &str, text: &str) -> io::Result<()> {
        self.0.create_element(name).write_text_content(BytesText::new(text)).map(|_| ())
    }

    /// An element with text in it, when there is any.
    pub(super) fn maybe(&mut self, name: &str, text: Option<&str>) -> io::Result<()> {
        text.filter(|text| !text.is_empty()).map_or(Ok(()), |text| self.text(name, text))
    }

    /// An amount: its absolute value, for the direction stands beside it.
    pub(super) fn amount(&mut self, name: &str, amount: pano_types::Money) -> io::Result<()> {
        let text = amount.amount();
        let element = self.0.create_element(name).with_attribute(("Ccy", amount.currency().code()));
        element.write_text_content(BytesText::new(text.trim_start_matches('-'))).map(|_| ())
    }
}

/// At most `max` characters of a text.
pub(super) fn cut(text: &str, max: usize) -> String {
    text.chars().take(max).collect()
}
