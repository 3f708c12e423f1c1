//! Recognised numbers: puts right what a device misread, and says whether the number can be one.

use super::identity::well_formed;
use crate::call::{Answer, Call, Input, Refusal};
use crate::rooms::credit_card::{BY_NUMBER, Card, CardKind};
use crate::seed::number::{luhn_check, resident_check};
use crate::world::World;
use pano_types::{Code, Date, Localized};
use serde::{Deserialize, Serialize};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    kind: NumberKind,
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum NumberKind {
    BankCard,
    ResidentId,
}

#[derive(Debug, Serialize)]
struct View {
    kind: NumberKind,
    number: String,
    valid: bool,
    corrections: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    card: Option<CardView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    identity: Option<IdentityView>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CardView {
    issuer: Localized,
    card_type: &'static str,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct IdentityView {
    region_code: String,
    region_issued: bool,
    birth_date: Date,
    gender: &'static str,
}

pub(super) fn recognise(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let form: Form = input.body()?;
    let known = |b: u8| b.is_ascii_alphanumeric() || b == b' ' || b == b'-';
    let bad = form.text.is_empty() || form.text.len() > 60 || !form.text.bytes().all(known);
    let (number, corrections) = put_right(&form.text, form.kind);
    if bad || number.is_empty() {
        let reason = "must be 1 to 60 letters, digits, spaces and hyphens, not only spaces";
        return Err(Refusal::from(Code::RequestInvalid).at("/text", reason));
    }
    let (mut card, mut identity) = (None, None);
    let valid = match form.kind {
        NumberKind::BankCard => {
            card = is_card(&number).then(|| told_by_card(call.world, &number));
            card.is_some()
        }
        NumberKind::ResidentId => {
            identity = told_by_identity(&number);
            identity.is_some()
        }
    };
    Answer::ok(&View { kind: form.kind, number, valid, corrections, card, identity })
}

/// Drops spaces and hyphens, and turns letters that look like digits into them; how many.
fn put_right(text: &str, kind: NumberKind) -> (String, usize) {
    let mut corrections = 0;
    let kept: Vec<char> = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    let last = kept.len().saturating_sub(1);
    let number = kept.into_iter().enumerate().map(|(place, letter)| {
        let is_check = kind == NumberKind::ResidentId && place == last;
        let right = match letter.to_ascii_uppercase() {
            'X' if is_check => 'X',
            'O' | 'D' | 'Q' => '0',
            'I' | 'L' => '1',
            'Z' => '2',
            'S' => '5',
            'G' => '6',
            'B' => '8',
            other => other,
        };
        corrections += usize::from(right != letter);
        right
    });
    (number.collect(), corrections)
}

/// ISO/IEC 7812-1: 13 to 19 digits with a check digit.
fn is_card(number: &str) -> bool {
    let Some((head, last)) = number.split_at_checked(number.len().saturating_sub(1)) else { return false };
    (13..=19).contains(&number.len())
        && number.bytes().all(|b| b.is_ascii_digit())
        && luhn_check(head).to_string() == last
}

fn told_by_card(world: &World, number: &str) -> CardView {
    let ours = number.starts_with("62000000");
    let issuer = if ours { ("全景银行", "Panorama Bank") } else { ("其他机构", "Another institution") };
    let card = world.under::<Card>(BY_NUMBER, number).next();
    let card_type = match card.map(|card| card.kind) {
        Some(CardKind::Debit) => "DEBIT",
        Some(CardKind::Credit) => "CREDIT",
        None if world.numbered(number).is_some_and(|standing| standing.account.owner.is_some()) => "DEBIT",
        None => "UNKNOWN",
    };
    CardView { issuer: Localized::new(issuer.0, issuer.1), card_type }
}

/// GB 11643: region, day of birth, an order whose last digit is odd for men, a check digit.
fn told_by_identity(number: &str) -> Option<IdentityView> {
    if !well_formed(number) {
        return None;
    }
    let (first17, last) = number.split_at_checked(17)?;
    if resident_check(first17).to_string() != last {
        return None;
    }
    let part = |from: usize, to: usize| number.get(from..to);
    let birth = format!("{}-{}-{}", part(6, 10)?, part(10, 12)?, part(12, 14)?);
    let order: u32 = part(16, 17)?.parse().ok()?;
    Some(IdentityView {
        region_code: part(0, 6)?.to_owned(),
        region_issued: PROVINCES.contains(&part(0, 2)?),
        birth_date: Date::parse(&birth)?,
        gender: if order % 2 == 1 { "MALE" } else { "FEMALE" },
    })
}

/// First two digits of the regions of GB/T 2260.
pub(crate) const PROVINCES: [&str; 34] = [
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43", "44",
    "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_often_misread_is_put_right() {
        for (text, kind, number, corrections) in [
            ("6200 OOOO 0000 0005", NumberKind::BankCard, "6200000000000005", 4),
            ("62oo-0000-0000-0o05", NumberKind::BankCard, "6200000000000005", 3),
            ("11010519491231002x", NumberKind::ResidentId, "11010519491231002X", 1),
            ("11010519491231002X", NumberKind::ResidentId, "11010519491231002X", 0),
            ("X1O", NumberKind::BankCard, "X10", 1),
        ] {
            assert_eq!(put_right(text, kind), (number.to_owned(), corrections), "{text}");
        }
    }

    #[test]
    fn numbers_tell_what_the_standards_say() {
        // The example of GB 11643.
        let told = told_by_identity("11010519491231002X").unwrap();
        let want = IdentityView {
            region_code: "110105".into(),
            region_issued: true,
            birth_date: Date::parse("1949-12-31").unwrap(),
            gender: "FEMALE",
        };
        assert_eq!(told, want);
        for bad in ["110105194912310021", "1101051949123100X", "11010519491331002X", "", "11010519491231002x"] {
            assert_eq!(told_by_identity(bad), None, "{bad}");
        }
        for (card, good) in
            [("4111111111111111", true), ("4111111111111112", false), ("0000000000000", true), ("", false)]
        {
            assert_eq!(is_card(card), good, "{card}");
        }
    }
}
