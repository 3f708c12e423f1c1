//! Texts as YAML writes them.

use pano_spec::scalar::is_special;

/// Words that YAML 1.1 readers take for something else.
const ELSEWHERE: &[&str] = &["y", "n", "yes", "no", "on", "off", "=", "<<"];

/// The text plain where every reader takes it for that text, also within braces; else in double quotes.
pub(super) fn text(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            letter if is_odd(letter) => out.push_str(&format!("\\U{:08X}", letter as u32)),
            letter => out.push(letter),
        }
    }
    out.push('"');
    out
}

fn is_plain(text: &str) -> bool {
    let Some(first) = text.chars().next() else { return false };
    let begins = first.is_alphanumeric() || "/._$<=+(".contains(first);
    let inside = text.chars().all(|letter| !",[]{}#\"`\\\n\r\t".contains(letter) && !is_odd(letter));
    let colon = text.contains(": ") || text.ends_with(':') || text.contains(":'");
    let blank = text.ends_with(' ') || text.contains("  ");
    let elsewhere = ELSEWHERE.iter().any(|word| text.eq_ignore_ascii_case(word));
    let marks = text.starts_with("...") || text.starts_with("---");
    begins && inside && !colon && !blank && !elsewhere && !marks && !is_special(text)
}

/// Control characters, other line breaks, marks of order and what Unicode leaves unassigned for good.
fn is_odd(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// A text of several lines as a literal: its head and its lines. Only what survives that to the letter.
pub(super) fn literal(text: &str) -> Option<(&'static str, Vec<&str>)> {
    let (head, body) = match text.strip_suffix('\n') {
        Some(body) => ("|", body),
        None => ("|-", text),
    };
    let several = body.contains('\n') || head == "|";
    let odd = |letter: char| letter != '\n' && (is_odd(letter) || letter == '\t');
    let ragged = body.is_empty() || body.ends_with('\n') || body.starts_with(['\n', ' ']) || body.contains(odd);
    let trailing = body.split('\n').any(|line| line.ends_with(' '));
    (several && !ragged && !trailing).then(|| (head, body.split('\n').collect()))
}
