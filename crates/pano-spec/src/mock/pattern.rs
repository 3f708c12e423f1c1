//! Text for a pattern, made from its parsed form.

use super::generate::Dice;
use regex_syntax::hir::{Class, Hir, HirKind};

/// Text that the pattern should match, or `None` when the pattern is beyond this. `stretch` asks for more repetitions.
pub(super) fn text(pattern: &str, dice: &mut Dice, stretch: u32) -> Option<String> {
    let hir = regex_syntax::ParserBuilder::new().nest_limit(64).build().parse(pattern).ok()?;
    let mut out = String::new();
    write(&hir, dice, stretch, &mut out)?;
    Some(out)
}

/// Longest text made; a pattern may ask for more than anybody wants to read.
const LENGTH: usize = 4096;

fn write(hir: &Hir, dice: &mut Dice, stretch: u32, out: &mut String) -> Option<()> {
    if out.len() > LENGTH {
        return None;
    }
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => out.push_str(std::str::from_utf8(&literal.0).ok()?),
        HirKind::Class(class) => out.push(pick(class, dice)?),
        HirKind::Repetition(repetition) => {
            let most = repetition.max.unwrap_or(u32::MAX);
            let wanted = repetition.min.saturating_add(stretch).min(most);
            for _ in 0..wanted {
                write(&repetition.sub, dice, stretch, out)?;
            }
        }
        HirKind::Capture(capture) => write(&capture.sub, dice, stretch, out)?,
        HirKind::Concat(parts) => {
            for part in parts {
                write(part, dice, stretch, out)?;
            }
        }
        HirKind::Alternation(choices) => write(choices.get(dice.below(choices.len()))?, dice, stretch, out)?,
    }
    Some(())
}

/// A character of the class: letters and digits where it has them.
fn pick(class: &Class, dice: &mut Dice) -> Option<char> {
    let ranges: Vec<(char, char)> = match class {
        Class::Unicode(class) => class.iter().map(|range| (range.start(), range.end())).collect(),
        Class::Bytes(class) => class.iter().map(|range| (char::from(range.start()), char::from(range.end()))).collect(),
    };
    let holds = |c: char| ranges.iter().any(|(start, end)| (*start..=*end).contains(&c));
    for wanted in ['0'..='9', 'A'..='Z', 'a'..='z', ' '..='~'] {
        let fitting: Vec<char> = wanted.filter(|c| holds(*c)).collect();
        if let Some(c) = fitting.get(dice.below(fitting.len())) {
            return Some(*c);
        }
    }
    ranges.first().map(|(start, _)| *start)
}
