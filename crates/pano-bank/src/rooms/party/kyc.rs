//! Due diligence: how a customer's identity stands, and its review.

use crate::call::{Answer, Call, Input, Refusal};
use crate::model::kyc::{Declared, Kyc, KycStatus, RiskGrade, SourceOfFunds};
use crate::model::party::{Party, PartyKind};
use crate::seed::Seeding;
use pano_types::id::PartyId;
use pano_types::{Code, Date, Instant};
use serde::{Deserialize, Serialize};
use serde_json::json;

pub(super) fn retrieve(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let id: PartyId = input.id("partyId", Code::PartyNotFound)?;
    let party = call.world.get::<Party>(&id).ok_or(Code::PartyNotFound)?;
    let kyc = call.world.get::<Kyc>(&id).ok_or_else(|| Refusal::broken("a party without due diligence"))?;
    Answer::ok(&KycView::new(party, kyc, call.today()))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ReviewRequest {
    identification_number: String,
    identification_expires_on: Date,
    source_of_funds: SourceOfFunds,
    tax_residences: Vec<String>,
    politically_exposed: bool,
}

impl ReviewRequest {
    fn check(&self, party: &Party, today: Date) -> Result<(), Refusal> {
        let invalid = |at: &str, reason: (&str, &str)| Err(Refusal::from(Code::RequestInvalid).at(at, reason));
        if self.identification_number != party.identification_number {
            return invalid("/identificationNumber", ("is not the one on file", "与留存信息不符"));
        }
        if self.identification_expires_on <= today {
            return invalid("/identificationExpiresOn", ("must be after today", "须晚于今日"));
        }
        let code = |code: &String| code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase());
        if !(1..=5).contains(&self.tax_residences.len()) || !self.tax_residences.iter().all(code) {
            return invalid("/taxResidences", ("must be 1 to 5 ISO 3166-1 codes", "须为 1 至 5 个 ISO 3166-1 代码"));
        }
        Ok(())
    }
}

pub(super) fn review(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let body: ReviewRequest = input.body()?;
    let id: PartyId = input.id("partyId", Code::PartyNotFound)?;
    let (party, today) = (call.world.get::<Party>(&id).cloned().ok_or(Code::PartyNotFound)?, call.today());
    body.check(&party, today)?;
    let declared = Declared {
        identification_expires_on: body.identification_expires_on,
        source_of_funds: body.source_of_funds,
        tax_residences: body.tax_residences,
        politically_exposed: body.politically_exposed,
    };
    let known = call.world.get::<Kyc>(&id).is_some_and(|kyc| kyc.face_or_owner);
    let kyc = Kyc { face_or_owner: known, ..Kyc::verified(id, declared, today) };
    let outcome = if kyc.referred { "REFERRED" } else { "APPROVED" };
    let answer = KycReview { outcome, reviewed_at: call.now(), kyc: KycView::new(&party, &kyc, today) };
    call.world.put(kyc);
    call.event("bank.party.kyc_reviewed", id, json!({ "partyId": id, "outcome": outcome }));
    Answer::json(201, &answer)
}

/// Everyone was verified in the last years: low risk until long after, a student whose document ends this summer, and one
/// whose review is overdue.
pub(super) fn seed(seeding: &mut Seeding<'_>) -> Result<(), Refusal> {
    let call = &mut seeding.call;
    let today = call.today();
    let parties: Vec<_> = call.world.all::<Party>().cloned().collect();
    for party in parties {
        let (person, age) = (party.kind == PartyKind::Person, today.parts().0 - party.born_on.parts().0);
        let (source, ends, verified_on) = match (person, party.name.en.as_str()) {
            (_, "Zhao Yiming") => (SourceOfFunds::Family, today.plus_months(4), today.plus_months(-20)),
            (_, "Liu Siyuan") => (SourceOfFunds::Salary, today.plus_days(-3), today.plus_months(-59)),
            (true, _) if age >= 60 => (SourceOfFunds::Pension, today.plus_months(240), today.plus_months(-14)),
            (true, _) => (SourceOfFunds::Salary, today.plus_months(120), today.plus_months(-10)),
            (false, _) => (SourceOfFunds::Business, today.plus_months(120), today.plus_months(-8)),
        };
        let declared = Declared {
            identification_expires_on: ends,
            source_of_funds: source,
            tax_residences: vec!["CN".to_owned()],
            politically_exposed: false,
        };
        call.world.put(Kyc { face_or_owner: true, ..Kyc::verified(party.id, declared, verified_on) });
    }
    Ok(())
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct KycReview {
    outcome: &'static str,
    reviewed_at: Instant,
    kyc: KycView,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct KycView {
    party_id: PartyId,
    status: KycStatus,
    risk_grade: RiskGrade,
    verified_on: Date,
    valid_until: Date,
    identification_expires_on: Date,
    source_of_funds: SourceOfFunds,
    tax_residences: Vec<String>,
    politically_exposed: bool,
    elements: Vec<Element>,
}

#[derive(Debug, Serialize)]
struct Element {
    element: &'static str,
    verified: bool,
}

impl KycView {
    fn new(party: &Party, kyc: &Kyc, today: Date) -> Self {
        let verified = kyc.status(today) != KycStatus::Expired;
        let last = if party.kind == PartyKind::Person { "FACE" } else { "BENEFICIAL_OWNER" };
        let element = |element, verified| Element { element, verified };
        Self {
            party_id: party.id,
            status: kyc.status(today),
            risk_grade: kyc.declared.grade(),
            verified_on: kyc.verified_on,
            valid_until: kyc.valid_until,
            identification_expires_on: kyc.declared.identification_expires_on,
            source_of_funds: kyc.declared.source_of_funds,
            tax_residences: kyc.declared.tax_residences.clone(),
            politically_exposed: kyc.declared.politically_exposed,
            elements: vec![
                element("NAME", verified),
                element("IDENTIFICATION_NUMBER", verified),
                element("PHONE", true),
                element(last, kyc.face_or_owner),
            ],
        }
    }
}
