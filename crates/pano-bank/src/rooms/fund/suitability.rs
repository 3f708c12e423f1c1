//! Assessments, and whether a product suits a customer.

use super::risk;
use super::value::Product;
use crate::BANK_ZONE;
use crate::call::{Call, Refusal};
use crate::world::{Entity, World};
use pano_types::id::{AssessmentId, PartyId};
use pano_types::problem::FieldError;
use pano_types::{Code, Date, Instant, Problem};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// How long an assessment is valid.
const VALID_MONTHS: i32 = 12;
/// Assessments a day.
const A_DAY: u32 = 2;

/// What a questionnaire said about a customer, the last time.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Assessment {
    pub(super) id: AssessmentId,
    pub(super) party: PartyId,
    pub(super) questionnaire: String,
    pub(super) score: u8,
    /// 1 to 5.
    pub(super) level: u8,
    pub(super) at: Instant,
    pub(super) valid_until: Date,
    /// Which one of its day it is.
    #[serde(default)]
    of_day: u32,
}

impl Entity for Assessment {
    const KIND: &'static str = "fund.assessment";
    type Id = PartyId;
    fn id(&self) -> PartyId {
        self.party
    }
}

/// The customer's latest assessment.
pub(super) fn latest(world: &World, party: PartyId) -> Option<&Assessment> {
    world.get::<Assessment>(&party)
}

/// Assesses a customer.
pub(super) fn assess(call: &mut Call<'_>, party: PartyId, answers: &[(&str, &str)]) -> Result<Assessment, Refusal> {
    let (score, level) = risk::assess(answers).map_err(|mistakes| {
        let mut problem = Problem::new(Code::RequestInvalid);
        problem.errors = mistakes
            .into_iter()
            .map(|(place, reason)| {
                let at = if place < answers.len() { format!("/answers/{place}") } else { "/answers".to_owned() };
                FieldError { at, reason: reason.into() }
            })
            .collect();
        problem
    })?;
    let today = call.today();
    let before = latest(call.world, party).filter(|known| Date::of(known.at, BANK_ZONE) == today);
    let of_day = before.map_or(1, |known| known.of_day.saturating_add(1));
    if of_day > A_DAY {
        return Err(Refusal::from(Code::LimitExceeded).detail("two assessments a day", "每日至多测评两次"));
    }
    let assessment = Assessment {
        id: call.id(AssessmentId::new),
        party,
        questionnaire: risk::QUESTIONNAIRE.to_owned(),
        score,
        level,
        at: call.now(),
        valid_until: today.plus_months(VALID_MONTHS),
        of_day,
    };
    call.world.put(assessment.clone());
    call.event("bank.investor.assessed", assessment.id, json!({}));
    Ok(assessment)
}

/// That a product suits a customer today.
///
/// # Errors
/// `bank.unsuitable`, saying why.
pub(super) fn check(call: &Call<'_>, party: PartyId, product: &Product) -> Result<(), Refusal> {
    let unsuitable = |en: String, zh: String| Err(Refusal::from(Code::Unsuitable).detail(en, zh));
    let Some(assessment) = latest(call.world, party) else {
        return unsuitable("the customer's risk has not been assessed".to_owned(), "客户尚未完成风险测评".to_owned());
    };
    if call.today() >= assessment.valid_until {
        return unsuitable("the assessment has expired".to_owned(), "风险测评已过期".to_owned());
    }
    if product.risk > assessment.level {
        return unsuitable(
            format!("the product is R{}, the customer C{}", product.risk, assessment.level),
            format!("产品风险等级 R{}，客户承受等级 C{}", product.risk, assessment.level),
        );
    }
    Ok(())
}
