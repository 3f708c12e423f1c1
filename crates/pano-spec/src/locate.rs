//! Where in the source a JSON pointer lies. Read anew on demand: lines are wanted for the few pointers of a report, not for each node.

use crate::pointer;
use crate::read::Format;
use saphyr_parser::{Event, Parser};
use std::collections::{HashMap, HashSet};

/// A place in the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spot {
    /// From 1.
    pub(crate) line: usize,
    /// In characters, from 1.
    pub(crate) column: usize,
    /// The scalar as written, without quotes (YAML only).
    pub(crate) raw: Option<String>,
}

/// The spots of `wanted`; one that does not exist gets its nearest ancestor's.
pub(crate) fn find(text: &str, format: Format, wanted: &[&str]) -> HashMap<String, Spot> {
    let mut searched: HashSet<&str> = HashSet::new();
    for pointer in wanted {
        let mut rest = *pointer;
        while searched.insert(rest) {
            match rest.rfind('/') {
                Some(cut) => rest = rest.get(..cut).unwrap_or_default(),
                None => break,
            }
        }
    }
    let found = match format {
        Format::Yaml => yaml(text, &searched),
        Format::Json => json(text, &searched),
    };
    let nearest = |pointer: &str| {
        let mut rest = pointer;
        loop {
            if let Some(spot) = found.get(rest) {
                let raw = if rest == pointer { spot.raw.clone() } else { None };
                return Some(Spot { raw, ..spot.clone() });
            }
            rest = rest.get(..rest.rfind('/')?)?;
        }
    };
    wanted.iter().filter_map(|pointer| Some(((*pointer).to_owned(), nearest(pointer)?))).collect()
}

enum Level {
    List(usize),
    Map(Option<(String, usize, usize)>),
}

fn yaml(text: &str, searched: &HashSet<&str>) -> HashMap<String, Spot> {
    let mut found = HashMap::new();
    let mut levels: Vec<Level> = Vec::new();
    let mut path: Vec<String> = Vec::new();
    for event in Parser::new_from_str(text) {
        let Ok((event, span)) = event else { break };
        let mark = (span.start.line(), span.start.col() + 1);
        if let (Event::Scalar(key, ..), Some(Level::Map(slot @ None))) = (&event, levels.last_mut()) {
            *slot = Some((key.to_string(), mark.0, mark.1));
            continue;
        }
        let starts =
            matches!(event, Event::Scalar(..) | Event::Alias(_) | Event::SequenceStart(..) | Event::MappingStart(..));
        if starts {
            let (pointer, key_mark) = here(&path, &levels);
            if searched.contains(pointer.as_str()) {
                let (line, column) = key_mark.unwrap_or(mark);
                let raw = if let Event::Scalar(raw, ..) = &event { Some(raw.to_string()) } else { None };
                found.insert(pointer.clone(), Spot { line, column, raw });
            }
            match event {
                Event::SequenceStart(..) => {
                    path.push(pointer);
                    levels.push(Level::List(0));
                    continue;
                }
                Event::MappingStart(..) => {
                    path.push(pointer);
                    levels.push(Level::Map(None));
                    continue;
                }
                _ => advance(&mut levels),
            }
        }
        if matches!(event, Event::SequenceEnd | Event::MappingEnd) {
            path.pop();
            levels.pop();
            advance(&mut levels);
        }
    }
    found
}

fn here(path: &[String], levels: &[Level]) -> (String, Option<(usize, usize)>) {
    let parent = path.last().map_or("", String::as_str);
    match levels.last() {
        None => (String::new(), None),
        Some(Level::List(index)) => (pointer::join(parent, &index.to_string()), None),
        Some(Level::Map(Some((key, line, column)))) => (pointer::join(parent, key), Some((*line, *column))),
        Some(Level::Map(None)) => (parent.to_owned(), None),
    }
}

fn advance(levels: &mut [Level]) {
    match levels.last_mut() {
        Some(Level::List(index)) => *index += 1,
        Some(Level::Map(slot)) => *slot = None,
        None => {}
    }
}

/// A scanner for text already known to be JSON.
fn json(text: &str, searched: &HashSet<&str>) -> HashMap<String, Spot> {
    let mut found = HashMap::new();
    let mut levels: Vec<Level> = Vec::new();
    let mut path: Vec<String> = Vec::new();
    // `column` is that of `counted`; counting goes on from there, for a whole document may stand in one line.
    let (mut line, mut column, mut counted, mut position) = (1usize, 1usize, 0usize, 0usize);
    while let Some(byte) = text.as_bytes().get(position) {
        column += text.get(counted..position).map_or(0, |passed| passed.chars().count());
        counted = position;
        match byte {
            b'\n' => {
                line += 1;
                (column, counted) = (1, position + 1);
            }
            b' ' | b'\t' | b'\r' | b':' => {}
            b',' => advance(&mut levels),
            b'}' | b']' => {
                path.pop();
                levels.pop();
            }
            _ => {
                let end = token_end(text, position);
                if let (b'"', Some(Level::Map(slot @ None))) = (byte, levels.last_mut()) {
                    let key =
                        text.get(position..end).and_then(|raw| serde_json::from_str(raw).ok()).unwrap_or_default();
                    *slot = Some((key, line, column));
                } else {
                    let (pointer, mark) = here(&path, &levels);
                    let (at_line, at_column) = mark.unwrap_or((line, column));
                    if searched.contains(pointer.as_str()) {
                        let raw =
                            text.get(position..end).filter(|raw| !raw.starts_with(['"', '{', '['])).map(str::to_owned);
                        found.insert(pointer.clone(), Spot { line: at_line, column: at_column, raw });
                    }
                    match byte {
                        b'{' => {
                            path.push(pointer);
                            levels.push(Level::Map(None));
                        }
                        b'[' => {
                            path.push(pointer);
                            levels.push(Level::List(0));
                        }
                        _ => {}
                    }
                }
                position = end;
                continue;
            }
        }
        position += 1;
    }
    found
}

fn token_end(text: &str, start: usize) -> usize {
    let rest = text.as_bytes().get(start..).unwrap_or_default();
    let length = match rest.first() {
        Some(b'"') => {
            let mut escaped = false;
            let close = rest.iter().skip(1).position(|b| {
                let closes = *b == b'"' && !escaped;
                escaped = *b == b'\\' && !escaped;
                closes
            });
            close.map_or(rest.len(), |close| close + 2)
        }
        Some(b'{' | b'[') => 1,
        _ => rest.iter().position(|b| b",]} \t\r\n".contains(b)).unwrap_or(rest.len()).max(1),
    };
    start + length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_pointers_in_both_formats() {
        let yaml_text = "a: 1\nb:\n  - x: +61\n    'y/z': [1, 2]\n  - {k: v}\nc: &n {d: e}\nf: *n\ng: 7\n";
        let json_text = "{\n\"a\": 1,\n\"b\": [\n{\"x\": 61, \"y/z\":\n [1, 2]},\n{\"k\": \"v\"}],\n\"g\": 7}";
        let wanted = ["/a", "/b/0/x", "/b/0/y~1z/1", "/b/1/k", "/g", "/b/9/q"];
        let yaml_lines = [1, 3, 4, 5, 8, 3];
        let json_lines = [2, 4, 5, 6, 7, 3];
        let in_yaml = find(yaml_text, Format::Yaml, &wanted);
        let in_json = find(json_text, Format::Json, &wanted);
        for (i, pointer) in wanted.iter().enumerate() {
            if *pointer != "/b/9/q" {
                assert_eq!(in_yaml[*pointer].line, yaml_lines[i], "{pointer}");
            }
            assert_eq!(in_json[*pointer].line, json_lines[i], "{pointer}");
        }
        assert_eq!(in_yaml["/b/0/x"].raw.as_deref(), Some("+61"));
        assert_eq!(in_json["/b/0/x"].raw.as_deref(), Some("61"));
        assert_eq!(in_yaml["/b/9/q"].raw, None);
    }
}
