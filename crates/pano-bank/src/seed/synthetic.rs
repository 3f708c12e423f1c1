//! Nothing in a sandbox is anybody's: proved over all scenarios and any seed, on all that a new sandbox holds.

use super::number::{luhn_check, organisation_check, resident_check, social_credit_check};
use super::{Scenario, build};
use crate::rooms::authentication::PROVINCES;
use crate::rooms::payee_directory;
use pano_types::Instant;
use proptest::prelude::{any, proptest};
use proptest::test_runner::Config;

const NOW: Instant = Instant::from_unix_micros(1_772_400_000_000_000);

/// Runs of characters that `within` holds, with what stands before them.
fn runs(text: &str, within: impl Fn(char) -> bool) -> Vec<(char, String)> {
    let (mut found, mut before, mut run) = (Vec::new(), ' ', String::new());
    for letter in text.chars().chain([' ']) {
        if within(letter) {
            run.push(letter);
            continue;
        }
        if !run.is_empty() {
            found.push((before, std::mem::take(&mut run)));
        }
        before = letter;
    }
    found
}

/// Says what is wrong with a text of a sandbox, if anything is.
fn judge(text: &str) -> Result<(), String> {
    for (before, digits) in runs(text, |c| c.is_ascii_digit()) {
        let issued = |what: &str| Err(format!("{what} that could be somebody's: {digits}"));
        if before == '+' {
            if digits.starts_with("86120") {
                continue;
            }
            return issued("a telephone number");
        }
        let (head, last) = digits.split_at(digits.len() - 1);
        match digits.len() {
            18 if PROVINCES.contains(&&digits[..2]) && resident_check(head).to_string() == last => {
                return issued("an identity number");
            }
            // A mobile number without its country.
            11 if digits.starts_with('1') && !digits.starts_with("120") => return issued("a telephone number"),
            // Ours for persons (99) and organisations (9199): a card has no such prefix and this length.
            18 if digits.starts_with("99") || digits[2..].starts_with("99") => {}
            13..=19 if luhn_check(head).to_string() == last && !digits.starts_with("62000000") => {
                return issued("a card number");
            }
            _ => {}
        }
    }
    for (_, mail) in runs(text, |c| c.is_ascii_alphanumeric() || "@.-_".contains(c)) {
        if let Some((_, host)) = mail.split_once('@')
            && host.trim_end_matches('.') != "example.com"
        {
            return Err(format!("an address of somebody's: {mail}"));
        }
    }
    Ok(())
}

#[test]
fn the_judge_knows_what_is_somebodys() {
    for (text, good) in [
        ("+8612000000001", true),
        ("+8613800000000", false),
        ("phone 13800000000 here", false),
        ("990101199203150016", true),
        ("440524188001010014", false),
        ("4111111111111111", false),
        ("6200000000000005", true),
        ("6222021234567890128", luhn_check("622202123456789012").to_string() != "8"),
        ("a@example.com", true),
        ("a@mail.example", false),
        ("2026-03-02T02:15:00Z 1000000", true),
    ] {
        assert_eq!(judge(text).is_ok(), good, "{text}: {:?}", judge(text));
    }
}

proptest! {
    #![proptest_config(Config::with_cases(24))]
    #[test]
    fn nothing_in_a_new_sandbox_is_anybodys(seed in any::<u64>()) {
        for scenario in Scenario::ALL {
            let (world, changes) = build(scenario, seed, NOW).unwrap();
            for row in &changes.put {
                let judged = judge(&row.body);
                assert_eq!(judged, Ok(()), "{} {} of {} with seed {seed}", row.kind, row.id, scenario.code());
            }
            for body in &changes.transactions {
                assert_eq!(judge(body), Ok(()));
            }
            // What has a check digit has the right one, and lies where nothing was ever issued.
            for party in world.all::<crate::model::party::Party>() {
                let number = &party.identification_number;
                let (head, last) = number.split_at(17);
                let (check, region) = match party.identification_scheme.as_str() {
                    "CN_RESIDENT_ID" => (resident_check(head), &number[..6]),
                    "CN_USCC" => {
                        assert_eq!(organisation_check(&number[8..16]).to_string(), number[16..17]);
                        (social_credit_check(head), &number[2..8])
                    }
                    other => panic!("{other}"),
                };
                assert_eq!(check.to_string(), last, "{number}");
                assert!(region.starts_with("99") && !PROVINCES.contains(&&region[..2]), "{number}");
                assert!(party.phone.starts_with("+86120") && party.phone.len() == 14, "{}", party.phone);
            }
            let accounts = world.customers_accounts().map(|standing| standing.account.number.clone());
            let cards = world.all::<crate::rooms::credit_card::Card>().map(|card| card.number.clone());
            let outside = world.all::<payee_directory::Outside>().map(|outside| outside.account_number.clone());
            let payees = world.all::<payee_directory::Payee>().map(|payee| payee.account_number.clone());
            for number in accounts.chain(cards).chain(outside).chain(payees) {
                let (head, last) = number.split_at(number.len() - 1);
                assert!(number.starts_with("62000000") && luhn_check(head).to_string() == last, "{number}");
            }
        }
    }
}
