//! Whether two names are the same: exactly, closely, or not.

use serde::{Deserialize, Serialize};

/// What a check of a name came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum NameCheck {
    Match,
    CloseMatch,
    NoMatch,
    AccountUnknown,
    Unavailable,
}

/// Compares what the payer wrote with the names that the account goes by.
pub(super) fn compare<'n>(written: &str, known: impl IntoIterator<Item = &'n str>) -> NameCheck {
    let written = plain(written);
    let best = known.into_iter().map(|name| distance(&written, &plain(name))).min_by_key(|(steps, _)| *steps);
    match best {
        Some((0, _)) => NameCheck::Match,
        // One slip in a short name, one in four characters of a long one.
        Some((steps, length)) if steps <= (length / 4).max(1) && length > 1 => NameCheck::CloseMatch,
        Some(_) | None => NameCheck::NoMatch,
    }
}

/// A name without what people write in different ways: case, spaces, points, full-width forms.
fn plain(name: &str) -> Vec<char> {
    let narrow = |c: char| match c {
        '！'..='～' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        other => other,
    };
    let kept = name.chars().map(narrow).filter(|c| !c.is_whitespace() && !".,·・'-()".contains(*c));
    kept.flat_map(char::to_lowercase).collect()
}

/// Insertions, deletions and changes between two names, and the longer one's length.
fn distance(one: &[char], two: &[char]) -> (usize, usize) {
    let mut row: Vec<usize> = (0..=two.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut next = Vec::with_capacity(row.len());
        next.push(i + 1);
        for (j, b) in two.iter().enumerate() {
            let at = |row: &[usize], place: usize| row.get(place).copied().unwrap_or(usize::MAX / 2);
            let step = (at(&row, j) + usize::from(a != b)).min(at(&row, j + 1) + 1).min(at(&next, j) + 1);
            next.push(step);
        }
        row = next;
    }
    (row.last().copied().unwrap_or(0), one.len().max(two.len()))
}

/// The name with its middle hidden: the first and the last character stay.
pub(super) fn masked(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    match chars.as_slice() {
        [] => String::new(),
        [_] => "*".to_owned(),
        [first, _] => format!("{first}*"),
        [first, middle @ .., last] => format!("{first}{}{last}", "*".repeat(middle.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    #[test]
    fn names_are_the_same_close_or_others() {
        for (written, known, expect) in [
            ("陈美玲", "陈美玲", NameCheck::Match),
            ("Chen  Mei-ling", "chen meiling", NameCheck::Match),
            ("示例商贸（有限公司）", "示例商贸有限公司", NameCheck::Match),
            ("陈玲", "陈美玲", NameCheck::CloseMatch),
            ("示例贸易有限公司", "示例商贸有限公司", NameCheck::CloseMatch),
            ("王建国", "陈美玲", NameCheck::NoMatch),
            ("", "陈美玲", NameCheck::NoMatch),
        ] {
            assert_eq!(compare(written, [known]), expect, "{written} {known}");
        }
    }

    #[test]
    fn a_masked_name_shows_its_ends() {
        for (name, shown) in [("陈美玲", "陈*玲"), ("王五", "王*"), ("王", "*"), ("欧阳小满", "欧**满")]
        {
            assert_eq!(masked(name), shown);
        }
    }

    proptest! {
        #[test]
        fn a_name_is_itself_and_distance_has_no_direction(a in "\\PC{0,12}", b in "\\PC{0,12}") {
            let (one, two) = (plain(&a), plain(&b));
            prop_assert_eq!(distance(&one, &two), distance(&two, &one));
            prop_assert_eq!(distance(&one, &one).0, 0);
            prop_assert!(distance(&one, &two).0 <= one.len().max(two.len()));
        }
    }
}
