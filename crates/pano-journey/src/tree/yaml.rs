//! YAML events into the tree; comments from the gaps between scalars.

use super::{Builder, Comment, Limits, Node, Value};
use crate::diagnostic::{Code, Diagnostic};
use crate::place::Place;
use pano_spec::scalar;
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span};
use std::sync::Arc;

/// The one document in `text`, and its comments.
pub(super) fn parse(text: &str, limits: &Limits) -> Result<(Node, Vec<Comment>), Diagnostic> {
    let mut builder = Builder::new(limits);
    let letters: Vec<char> = text.chars().collect();
    let mut scalars: Vec<(usize, usize)> = Vec::new();
    let mut documents = 0usize;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            let place = place(Span::new(*error.marker(), *error.marker()), Arc::from(""));
            Diagnostic::new(Code::Syntax, place, error.info())
        })?;
        let refused = |code, detail: &str| Err(Diagnostic::new(code, place(span, builder.path()), detail));
        match event {
            Event::DocumentStart(_) if documents > 0 => return refused(Code::Syntax, "---"),
            Event::DocumentStart(_) => documents += 1,
            Event::Alias(_) => return refused(Code::Alias, "*"),
            Event::SequenceStart(anchor, _) | Event::MappingStart(anchor, _) | Event::Scalar(_, _, anchor, _)
                if anchor > 0 =>
            {
                return refused(Code::Alias, "&");
            }
            Event::SequenceStart(_, Some(tag))
            | Event::MappingStart(_, Some(tag))
            | Event::Scalar(_, _, _, Some(tag)) => {
                return refused(Code::Tag, &tag.to_string());
            }
            Event::SequenceStart(..) | Event::MappingStart(..) if builder.wants_key() => {
                return refused(Code::Syntax, "{…}: ");
            }
            Event::SequenceStart(..) => {
                let at = place(span, builder.path());
                builder.open(false, at)?;
            }
            Event::MappingStart(..) => {
                let at = place(span, builder.path());
                builder.open(true, at)?;
            }
            // What is written in brackets ends with one; what is written in lines ends with its last member.
            Event::SequenceEnd | Event::MappingEnd if span.start.index() < span.end.index() => {
                builder.close(Some((line(span.end), column(span.end))));
            }
            Event::SequenceEnd | Event::MappingEnd => builder.close(None),
            Event::Scalar(content, style, ..) => {
                let mut at = place(span, builder.path());
                let start = span.start.index();
                let quoted = matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted);
                scalars.push((start, if quoted { close_quotes(&letters, start, &mut at) } else { span.end.index() }));
                if builder.wants_key() {
                    builder.key(content.into_owned(), at)?;
                } else {
                    builder.scalar(value(&content, style, &at)?, at)?;
                }
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
    }
    let root = builder.root.ok_or_else(|| Diagnostic::new(Code::Syntax, Place::start(), "–"))?;
    Ok((root, comments(text, &scalars)))
}

fn value(content: &str, style: ScalarStyle, place: &Place) -> Result<Value, Diagnostic> {
    if style != ScalarStyle::Plain {
        return Ok(Value::Text(content.to_owned()));
    }
    match scalar::plain(content) {
        Some(serde_json::Value::Null) => Ok(Value::Null),
        Some(serde_json::Value::Bool(value)) => Ok(Value::Bool(value)),
        Some(serde_json::Value::Number(value)) => Ok(Value::Number(value)),
        Some(_) => Ok(Value::Text(content.to_owned())),
        None => Err(Diagnostic::new(Code::ValueType, place.clone(), content)),
    }
}

/// The end of what is quoted from `start` on: the parser's goes on to the end of the line, comment and all.
fn close_quotes(letters: &[char], start: usize, place: &mut Place) -> usize {
    let mut rest = letters.iter().copied().enumerate().skip(start);
    let quote = rest.next().map(|(_, letter)| letter);
    (place.end_line, place.end_column) = (place.line, place.column + 1);
    while let Some((index, letter)) = rest.next() {
        place.end_column += 1;
        let escaped = match (quote, letter) {
            (Some('"'), '\\') => true,
            (Some('\''), '\'') => letters.get(index + 1) == Some(&'\''),
            _ => false,
        };
        let passed = if escaped { rest.next().map(|(_, letter)| letter) } else { Some(letter) };
        match passed {
            Some('\n') => (place.end_line, place.end_column) = (place.end_line + 1, 1),
            Some(_) if escaped => place.end_column += 1,
            Some(letter) if Some(letter) == quote => return index + 1,
            _ => {}
        }
    }
    letters.len()
}

fn line(marker: Marker) -> u32 {
    u32::try_from(marker.line()).unwrap_or(u32::MAX)
}

fn column(marker: Marker) -> u32 {
    u32::try_from(marker.col() + 1).unwrap_or(u32::MAX)
}

fn place(span: Span, path: Arc<str>) -> Place {
    Place {
        line: line(span.start),
        column: column(span.start),
        end_line: line(span.end),
        end_column: column(span.end),
        path,
    }
}

/// A number sign at the head of a line or after a blank begins a comment, unless it stands in a scalar (YAML 1.2.2 §6.6).
fn comments(text: &str, scalars: &[(usize, usize)]) -> Vec<Comment> {
    let mut found = Vec::new();
    let mut scalars = scalars.iter().peekable();
    let (mut line, mut alone, mut blank) = (1u32, true, true);
    let mut letters = text.chars().enumerate();
    while let Some((index, letter)) = letters.next() {
        while scalars.peek().is_some_and(|(_, end)| *end <= index) {
            scalars.next();
        }
        let within = scalars.peek().is_some_and(|(start, _)| *start <= index);
        if letter == '#' && blank && !within {
            let mut text = String::new();
            let ended = letters.by_ref().map(|(_, letter)| letter).find(|letter| {
                let ends = *letter == '\n';
                if !ends {
                    text.push(*letter);
                }
                ends
            });
            found.push(Comment { line, text: text.trim_end().to_owned(), alone });
            if ended.is_none() {
                break;
            }
            (line, alone, blank) = (line + 1, true, true);
            continue;
        }
        match letter {
            '\n' => (line, alone, blank) = (line + 1, true, true),
            ' ' | '\t' | '\r' => blank = true,
            _ => (alone, blank) = (false, false),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::{Limits, Tree};
    use crate::diagnostic::Code;

    #[test]
    fn comments_are_those_of_yaml() {
        let text = "# head\na: 1 # one\nb: 'x # y'\nc: x#y\nd: |\n  # text\n  more\n# between\ne: [1, # in\n 2]\nf: \"# no\" #end";
        let tree = Tree::read(text, &Limits::default()).unwrap();
        let found: Vec<_> = tree.comments.iter().map(|c| (c.line, c.text.as_str(), c.alone)).collect();
        let expected =
            [(1, " head", true), (2, " one", false), (8, " between", true), (9, " in", false), (11, "end", false)];
        assert_eq!(found, expected);
        assert_eq!(tree.root.get("d").unwrap().text(), Some("# text\nmore\n"));
    }

    #[test]
    fn every_value_knows_its_place() {
        let tree = Tree::read("a:\n  b/c: [1, {x: yes}]\n", &Limits::default()).unwrap();
        let list = tree.root.get("a").unwrap().get("b/c").unwrap();
        assert_eq!((list.place.line, list.place.column, &*list.place.path), (2, 8, "/a/b~1c"));
        let x = &list.items()[1].entries()[0];
        assert_eq!((x.key_place.line, x.key_place.column, &*x.key_place.path), (2, 13, "/a/b~1c/1/x"));
        assert_eq!((x.node.place.column, &*x.node.place.path), (16, "/a/b~1c/1/x"));
    }

    #[test]
    fn what_a_reader_would_not_see_is_refused() {
        let small = Limits { bytes: 60, depth: 3, values: 8 };
        let cases = [
            ("a: &x 1", Code::Alias),
            ("a: [*x]", Code::Syntax),
            ("a: &x [1]\nb: *x", Code::Alias),
            ("a: !!str 1", Code::Tag),
            ("a: 1\na: 2", Code::KeyDuplicate),
            ("{\"a\": 1, \"a\": 2}", Code::KeyDuplicate),
            ("a: [", Code::Syntax),
            ("", Code::Syntax),
            ("a: 1\n---\nb: 2", Code::Syntax),
            ("{a: 1}: 2", Code::Syntax),
            ("a: .inf", Code::ValueType),
            ("[[[[1]]]]", Code::TooDeep),
            ("{\"a\": [[[1]]]}", Code::TooDeep),
            ("[1,2,3,4,5,6,7,8,9]", Code::TooManyValues),
            ("a: 0123456789012345678901234567890123456789012345678901234567890", Code::TooLarge),
        ];
        for (text, code) in cases {
            assert_eq!(Tree::read(text, &small).unwrap_err().code, code, "{text}");
        }
    }
}
