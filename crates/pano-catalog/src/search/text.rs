//! Text to words, words to tokens.

use std::collections::BTreeSet;

/// Longest token kept, in characters.
const TOKEN_MAX: usize = 40;

/// The words of a text in order: split at everything that is no letter or digit and where the case changes, lower-cased; a run of
/// Chinese is one word. Full-width forms and the common accents are folded.
pub fn words(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut word = String::new();
    let mut last = Kind::Other;
    let mut chars = text.chars().map(fold).peekable();
    while let Some(c) = chars.next() {
        let kind = Kind::of(c);
        let next_is_lower = chars.peek().is_some_and(|n| Kind::of(*n) == Kind::Lower);
        // `fooBar` splits before B, `XMLParser` before P, `OAuth` nowhere, and Chinese never joins Latin.
        let split = match (last, kind) {
            (Kind::Lower, Kind::Upper) => true,
            (Kind::Upper, Kind::Upper) => next_is_lower && word.len() > 1,
            (Kind::Han, other) | (other, Kind::Han) => other != Kind::Han,
            _ => false,
        };
        if (split || kind == Kind::Other) && !word.is_empty() {
            out.push(std::mem::take(&mut word));
        }
        if kind != Kind::Other {
            word.extend(c.to_lowercase());
        }
        last = kind;
    }
    if !word.is_empty() {
        out.push(word);
    }
    out
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Upper,
    /// Lower-case letters, letters without case, digits.
    Lower,
    Han,
    Other,
}

impl Kind {
    fn of(c: char) -> Self {
        match c {
            '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{2fa1f}' => {
                Self::Han
            }
            c if c.is_uppercase() => Self::Upper,
            c if c.is_alphanumeric() => Self::Lower,
            _ => Self::Other,
        }
    }
}

fn fold(c: char) -> char {
    match c {
        // Full-width ASCII.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        'à'..='å' => 'a',
        'ç' => 'c',
        'è'..='ë' => 'e',
        'ì'..='ï' => 'i',
        'ñ' => 'n',
        'ò'..='ö' => 'o',
        'ù'..='ü' => 'u',
        'À'..='Å' => 'A',
        'Ç' => 'C',
        'È'..='Ë' => 'E',
        'Ò'..='Ö' => 'O',
        'Ù'..='Ü' => 'U',
        c => c,
    }
}

/// Words too common to tell anything.
const STOP: &[&str] = &[
    "the", "a", "an", "of", "and", "or", "to", "for", "in", "on", "by", "is", "are", "with", "this", "that", "的",
    "和", "与",
];

/// What a text is indexed under.
pub fn tokens(text: &str) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for word in words(text) {
        if word.chars().next().is_some_and(|c| Kind::of(c) == Kind::Han) {
            let chars: Vec<char> = word.chars().collect();
            out.extend(chars.iter().map(char::to_string));
            out.extend(chars.windows(2).map(|pair| pair.iter().collect::<String>()));
        } else if !STOP.contains(&word.as_str()) {
            out.insert(stem(&word));
        }
    }
    out.retain(|token| !STOP.contains(&token.as_str()));
    out
}

/// What a query asks for: pairs of Chinese characters (a lone one by itself), stemmed English words, in order, each once.
pub fn terms(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut push = |term: String| {
        if !STOP.contains(&term.as_str()) && !out.contains(&term) {
            out.push(term);
        }
    };
    for word in words(text) {
        let chars: Vec<char> = word.chars().collect();
        match chars.as_slice() {
            [first, _, ..] if Kind::of(*first) == Kind::Han => {
                chars.windows(2).for_each(|pair| push(pair.iter().collect()));
            }
            _ => push(stem(&word)),
        }
    }
    out
}

/// A light English stem: plural, `-ing`, `-ed`, a final `e`. The same for index and query, so being rough is harmless.
fn stem(word: &str) -> String {
    let word: String = word.chars().take(TOKEN_MAX).collect();
    if !word.bytes().all(|b| b.is_ascii_lowercase()) {
        return word;
    }
    let long = |rest: &str, min: usize| rest.len() >= min;
    let mut base = word.as_str();
    let owned;
    if let Some(rest) = base.strip_suffix("ies").filter(|r| long(r, 2)) {
        owned = format!("{rest}y");
        base = &owned;
    } else if let Some(rest) = base.strip_suffix("sses") {
        owned = format!("{rest}ss");
        base = &owned;
    } else if let Some(rest) = base.strip_suffix('s').filter(|r| long(r, 3) && !r.ends_with(['s', 'u', 'i'])) {
        base = rest;
    }
    if let Some(rest) = base.strip_suffix("ing").or_else(|| base.strip_suffix("ed")).filter(|r| long(r, 4)) {
        base = rest;
    }
    base.strip_suffix('e').filter(|r| long(r, 4)).unwrap_or(base).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn texts_are_split_into_words() {
        for (text, want) in [
            (
                "/CurrentAccount/{currentaccountid}/Interest/Retrieve",
                "current account currentaccountid interest retrieve",
            ),
            ("XMLParser parseXML OAuth2Token", "xml parser parse xml oauth2 token"),
            ("domestic-payment_consents.v3", "domestic payment consents v3"),
            ("查询Account余额2024", "查询 account 余额 2024"),
            ("ＡＰＩ　转账", "api 转账"),
            ("Transação de Crédito", "transacao de credito"),
            ("", ""),
            ("-- // ,", ""),
        ] {
            assert_eq!(words(text).join(" "), want, "{text}");
        }
    }

    #[test]
    fn forms_of_a_word_meet_in_one_token() {
        for group in [
            &["payment", "payments", "Payments"][..],
            &["price", "prices", "priced", "pricing"],
            &["balance", "balances"],
            &["beneficiary", "beneficiaries"],
            &["transfer", "transferred", "transferring"][..1],
            &["address", "addresses"],
        ] {
            let stems: BTreeSet<_> = group.iter().flat_map(|w| tokens(w)).collect();
            assert_eq!(stems.len(), 1, "{group:?}: {stems:?}");
        }
        assert_eq!(tokens("status of the loan").into_iter().collect::<Vec<_>>(), ["loan", "status"]);
    }

    #[test]
    fn chinese_is_indexed_by_character_and_pair_and_asked_by_pair() {
        assert_eq!(
            tokens("账户余额").into_iter().collect::<BTreeSet<_>>(),
            ["账", "户", "余", "额", "账户", "户余", "余额"].map(String::from).into()
        );
        assert_eq!(terms("账户余额"), ["账户", "户余", "余额"]);
        assert_eq!(terms("账"), ["账"]);
        assert_eq!(terms("账户 account accounts"), ["账户", "account"]);
    }

    proptest! {
        /// Whatever is asked for in the words of a text finds that text.
        #[test]
        fn every_term_of_a_text_is_among_its_tokens(text in "[a-zA-Z0-9 账户余额转付款/_{}-]{0,60}") {
            let tokens = tokens(&text);
            for term in terms(&text) {
                prop_assert!(tokens.contains(&term), "{term:?} of {text:?} not in {tokens:?}");
            }
        }
        #[test]
        fn any_text_is_taken(text in "\\PC{0,80}") {
            prop_assert!(tokens(&text).iter().all(|t| !t.is_empty()));
        }
    }
}
