//! Small rules about texts and numbers that several rooms share.

use crate::call::Refusal;
use pano_types::Code;

/// A text of 1 to `max` characters without control characters.
///
/// # Errors
/// `request.invalid`, naming `at`.
pub(crate) fn printable(text: &str, max: usize, at: &str) -> Result<(), Refusal> {
    let count = text.chars().count();
    if (1..=max).contains(&count) && !text.chars().any(char::is_control) {
        return Ok(());
    }
    let reason = format!("must be 1 to {max} characters without control characters");
    Err(Refusal::from(Code::RequestInvalid).at(at, reason))
}

/// A reference of 1 to `max` characters of the SWIFT set.
///
/// # Errors
/// `request.invalid`, naming `at`.
pub(crate) fn reference(text: &str, max: usize, at: &str) -> Result<(), Refusal> {
    let known = |b: u8| b.is_ascii_alphanumeric() || b"/?:().,+ -".contains(&b);
    if (1..=max).contains(&text.len()) && text.bytes().all(known) {
        return Ok(());
    }
    let reason = format!("must be 1 to {max} letters, digits or / ? : ( ) . , + - and space");
    Err(Refusal::from(Code::RequestInvalid).at(at, reason))
}

/// A card number with its middle hidden.
pub(crate) fn masked(number: &str) -> String {
    let (head, tail) = (number.get(..6).unwrap_or_default(), number.get(number.len().saturating_sub(4)..));
    format!("{head}******{}", tail.unwrap_or_default())
}

/// A telephone number with its middle hidden.
pub(crate) fn masked_phone(phone: &str) -> String {
    let (head, tail) = (phone.get(..6).unwrap_or_default(), phone.get(phone.len().saturating_sub(4)..));
    format!("{head}****{}", tail.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn middles_are_hidden() {
        assert_eq!(masked("6200000000000005"), "620000******0005");
        assert_eq!(masked_phone("+8612000000001"), "+86120****0001");
    }

    #[test]
    fn texts_are_bounded() {
        for (text, good) in [("a", true), ("", false), ("ab\n", false), ("四个汉字", true), ("abcde", false)] {
            assert_eq!(printable(text, 4, "/a").is_ok(), good, "{text:?}");
        }
        for (text, good) in [("A-1", true), ("", false), ("é", false), ("12345", false)] {
            assert_eq!(reference(text, 4, "/a").is_ok(), good, "{text:?}");
        }
    }
}
