//! A scanner for text already known to be JSON, which keeps places.

use super::{Builder, Limits, Node, Value};
use crate::diagnostic::{Code, Diagnostic};
use crate::place::Place;

/// The value in `text`.
pub(super) fn parse(text: &str, limits: &Limits) -> Result<Node, Diagnostic> {
    let mut builder = Builder::new(limits);
    // `column` is that of byte `counted`.
    let (mut line, mut column, mut counted, mut position) = (1u32, 1u32, 0usize, 0usize);
    while let Some(byte) = text.as_bytes().get(position) {
        column = column.saturating_add(letters(text, counted, position));
        counted = position;
        match byte {
            b'\n' => {
                line = line.saturating_add(1);
                (column, counted) = (1, position + 1);
            }
            b' ' | b'\t' | b'\r' | b':' | b',' => {}
            b'}' | b']' => builder.close(Some((line, column + 1))),
            b'{' | b'[' => {
                let place = Place { line, column, end_line: line, end_column: column + 1, path: builder.path() };
                builder.open(*byte == b'{', place)?;
            }
            _ => {
                let end = token_end(text, position);
                let raw = text.get(position..end).unwrap_or_default();
                let width = letters(text, position, end);
                let place = Place { line, column, end_line: line, end_column: column + width, path: builder.path() };
                let value = serde_json::from_str(raw)
                    .map_err(|error| Diagnostic::new(Code::Syntax, place.clone(), error.to_string()))?;
                match value {
                    serde_json::Value::String(key) if builder.wants_key() => builder.key(key, place)?,
                    serde_json::Value::String(text) => builder.scalar(Value::Text(text), place)?,
                    serde_json::Value::Bool(value) => builder.scalar(Value::Bool(value), place)?,
                    serde_json::Value::Number(value) => builder.scalar(Value::Number(value), place)?,
                    _ => builder.scalar(Value::Null, place)?,
                }
                position = end;
                continue;
            }
        }
        position += 1;
    }
    builder.root.ok_or_else(|| Diagnostic::new(Code::Syntax, Place::start(), "–"))
}

fn letters(text: &str, from: usize, to: usize) -> u32 {
    u32::try_from(text.get(from..to).map_or(0, |part| part.chars().count())).unwrap_or(u32::MAX)
}

fn token_end(text: &str, start: usize) -> usize {
    let rest = text.as_bytes().get(start..).unwrap_or_default();
    let length = if rest.first() == Some(&b'"') {
        let mut escaped = false;
        let close = rest.iter().skip(1).position(|byte| {
            let closes = *byte == b'"' && !escaped;
            escaped = *byte == b'\\' && !escaped;
            closes
        });
        close.map_or(rest.len(), |close| close + 2)
    } else {
        rest.iter().position(|byte| b",]} \t\r\n".contains(byte)).unwrap_or(rest.len()).max(1)
    };
    start + length
}

#[cfg(test)]
mod tests {
    use super::super::{Format, Limits, Tree};

    #[test]
    fn the_same_values_at_their_own_places() {
        let yaml = Tree::read("a: {b: [1, '账户', null]}\nc: true\n", &Limits::default()).unwrap();
        let json =
            Tree::read("{\n\t\"a\": {\"b\": [1, \"\\u8d26户\", null]},\n \"c\": true}", &Limits::default()).unwrap();
        assert_eq!(json.format, Format::Json);
        assert_eq!(yaml.root.to_json(), json.root.to_json());
        let text = &json.root.get("a").unwrap().get("b").unwrap().items()[1];
        assert_eq!((text.place.line, text.place.column, &*text.place.path), (2, 17, "/a/b/1"));
        assert_eq!(json.root.get("c").unwrap().place.line, 3);
    }
}
