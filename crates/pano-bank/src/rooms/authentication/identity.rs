//! Identity checks: whether two, three or four elements belong to one person on file. Nothing on file is told.

use crate::call::{Answer, Call, Input, Refusal};
use crate::model::party::Party;
use crate::rooms::credit_card::{BY_NUMBER, Card};
use crate::rooms::words;
use crate::seed::number;
use crate::world::World;
use pano_types::id::{IdentityCheckId, PartyId};
use pano_types::{Code, Instant};
use serde::{Deserialize, Serialize};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Form {
    name: String,
    identity_number: String,
    phone: Option<String>,
    account_number: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Element {
    Name,
    IdentityNumber,
    Phone,
    AccountNumber,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Outcome {
    Match,
    Mismatch,
    NotOnFile,
}

#[derive(Debug, Serialize)]
struct Finding {
    element: Element,
    outcome: Outcome,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct View {
    check_id: IdentityCheckId,
    elements: usize,
    result: &'static str,
    findings: Vec<Finding>,
    checked_at: Instant,
}

pub(super) fn check(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let form: Form = input.body()?;
    form.check()?;
    let person = call.world.under::<Party>("identification", &form.identity_number).next();
    let findings = findings(call.world, &form, person);
    let result = match person {
        None => "NOT_ON_FILE",
        Some(_) if findings.iter().all(|one| one.outcome == Outcome::Match) => "CONSISTENT",
        Some(_) => "INCONSISTENT",
    };
    let (check_id, checked_at) = (call.id(IdentityCheckId::new), call.now());
    Answer::ok(&View { check_id, elements: findings.len(), result, findings, checked_at })
}

impl Form {
    fn check(&self) -> Result<(), Refusal> {
        words::printable(&self.name, 70, "/name")?;
        let invalid = |at: &str, reason: &str| Err(Refusal::from(Code::RequestInvalid).at(at, reason));
        if !well_formed(&self.identity_number) {
            return invalid("/identityNumber", "must be 17 digits and a digit or X");
        }
        let (first17, last) = self.identity_number.split_at(17);
        if number::resident_check(first17).to_string() != last {
            return invalid("/identityNumber", "its check digit is wrong");
        }
        if self.phone.as_deref().is_some_and(|phone| !super::sms::is_phone(phone)) {
            return invalid("/phone", "must be +86120 and 8 digits");
        }
        let digits = |text: &str| (12..=19).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        if self.account_number.as_deref().is_some_and(|number| !digits(number)) {
            return invalid("/accountNumber", "must be 12 to 19 digits");
        }
        Ok(())
    }
}

pub(super) fn well_formed(number: &str) -> bool {
    let Some((head, tail)) = number.split_at_checked(17) else { return false };
    head.bytes().all(|b| b.is_ascii_digit()) && matches!(tail.as_bytes(), [b'0'..=b'9' | b'X'])
}

fn findings(world: &World, form: &Form, person: Option<&Party>) -> Vec<Finding> {
    let outcome = |agrees: &dyn Fn(&Party) -> bool| match person {
        None => Outcome::NotOnFile,
        Some(person) if agrees(person) => Outcome::Match,
        Some(_) => Outcome::Mismatch,
    };
    let name = outcome(&|person| person.name.zh == form.name || person.name.en.eq_ignore_ascii_case(&form.name));
    let mut all = vec![
        Finding { element: Element::Name, outcome: name },
        Finding { element: Element::IdentityNumber, outcome: outcome(&|_| true) },
    ];
    if let Some(phone) = &form.phone {
        all.push(Finding { element: Element::Phone, outcome: outcome(&|person| person.phone == *phone) });
    }
    if let Some(number) = &form.account_number {
        let owned = outcome(&|person| owner(world, number) == Some(person.id));
        all.push(Finding { element: Element::AccountNumber, outcome: owned });
    }
    all
}

/// Whose account or card has this number.
fn owner(world: &World, number: &str) -> Option<PartyId> {
    let account = world.numbered(number).and_then(|standing| standing.account.owner);
    account.or_else(|| world.under::<Card>(BY_NUMBER, number).next().map(|card| card.owner))
}
