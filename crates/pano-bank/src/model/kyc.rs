//! What the bank knows of a customer's identity, how sure it is, and for how long.

use crate::call::Refusal;
use crate::world::{Entity, World};
use pano_types::id::PartyId;
use pano_types::{Code, Date};
use serde::{Deserialize, Serialize};

/// Days before its end on which a review is due.
const DUE_DAYS: i32 = 90;

/// Where the money comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum SourceOfFunds {
    Salary,
    Business,
    Pension,
    Investment,
    Family,
    Other,
}

/// Money laundering risk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum RiskGrade {
    Low,
    Medium,
    High,
}

impl RiskGrade {
    /// Months after which a customer of this grade is reviewed anew.
    pub(crate) const fn months(self) -> i32 {
        match self {
            Self::Low => 60,
            Self::Medium => 24,
            Self::High => 6,
        }
    }
}

/// What a customer declares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Declared {
    pub(crate) identification_expires_on: Date,
    pub(crate) source_of_funds: SourceOfFunds,
    /// ISO 3166-1 codes.
    pub(crate) tax_residences: Vec<String>,
    pub(crate) politically_exposed: bool,
}

impl Declared {
    /// The grade that follows: exposed persons are high; tax residents of elsewhere, and money whose source is not named,
    /// medium; all others low.
    pub(crate) fn grade(&self) -> RiskGrade {
        if self.politically_exposed {
            RiskGrade::High
        } else if self.tax_residences.iter().any(|code| code != "CN") || self.source_of_funds == SourceOfFunds::Other {
            RiskGrade::Medium
        } else {
            RiskGrade::Low
        }
    }

    /// Verified on `day`, it is valid until this day.
    pub(crate) fn valid_until(&self, day: Date) -> Date {
        day.plus_months(self.grade().months()).min(self.identification_expires_on)
    }
}

/// How due diligence stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum KycStatus {
    Verified,
    ReviewDue,
    Expired,
    Referred,
}

/// Due diligence of one customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kyc {
    pub(crate) party: PartyId,
    pub(crate) declared: Declared,
    pub(crate) verified_on: Date,
    pub(crate) valid_until: Date,
    /// A person at the bank has to decide.
    pub(crate) referred: bool,
    /// Whether the face was compared, or, of an organisation, its beneficial owner is known.
    pub(crate) face_or_owner: bool,
}

impl Kyc {
    /// Verified on `day` by what was declared.
    pub(crate) fn verified(party: PartyId, declared: Declared, day: Date) -> Self {
        let (valid_until, referred) = (declared.valid_until(day), declared.politically_exposed);
        Self { party, declared, verified_on: day, valid_until, referred, face_or_owner: false }
    }

    /// How it stands on a day.
    pub(crate) fn status(&self, day: Date) -> KycStatus {
        if self.referred {
            KycStatus::Referred
        } else if day > self.valid_until {
            KycStatus::Expired
        } else if day.plus_days(DUE_DAYS) > self.valid_until {
            KycStatus::ReviewDue
        } else {
            KycStatus::Verified
        }
    }
}

impl Entity for Kyc {
    const KIND: &'static str = "party.kyc";
    type Id = PartyId;
    fn id(&self) -> PartyId {
        self.party
    }
}

impl World {
    /// Refuses when a customer's identity is not verified today: then nothing is opened and nothing paid out.
    ///
    /// # Errors
    /// `bank.kyc_required`.
    pub(crate) fn identity_verified(&self, party: PartyId) -> Result<(), Refusal> {
        match self.get::<Kyc>(&party).map(|kyc| kyc.status(self.today())) {
            Some(KycStatus::Verified | KycStatus::ReviewDue) => Ok(()),
            Some(KycStatus::Expired | KycStatus::Referred) | None => Err(Code::KycRequired.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pano_types::Instant;
    use pano_types::clock::SeededEntropy;

    fn day(text: &str) -> Date {
        Date::parse(text).unwrap()
    }
    fn declared(source: SourceOfFunds, tax: &str, exposed: bool) -> Declared {
        Declared {
            identification_expires_on: day("2040-01-01"),
            source_of_funds: source,
            tax_residences: vec![tax.to_owned()],
            politically_exposed: exposed,
        }
    }

    #[test]
    fn the_grade_follows_from_what_is_declared() {
        for (source, tax, exposed, grade, until) in [
            (SourceOfFunds::Salary, "CN", false, RiskGrade::Low, "2031-03-02"),
            (SourceOfFunds::Other, "CN", false, RiskGrade::Medium, "2028-03-02"),
            (SourceOfFunds::Pension, "US", false, RiskGrade::Medium, "2028-03-02"),
            (SourceOfFunds::Salary, "US", true, RiskGrade::High, "2026-09-02"),
        ] {
            let declared = declared(source, tax, exposed);
            assert_eq!((declared.grade(), declared.valid_until(day("2026-03-02"))), (grade, day(until)));
        }
        let short =
            Declared { identification_expires_on: day("2026-05-01"), ..declared(SourceOfFunds::Salary, "CN", false) };
        assert_eq!(short.valid_until(day("2026-03-02")), day("2026-05-01"), "the document ends first");
    }

    #[test]
    fn it_runs_out() {
        let party = PartyId::new(Instant::from_unix_micros(0), &SeededEntropy::new(1));
        let kyc = Kyc::verified(party, declared(SourceOfFunds::Salary, "CN", false), day("2021-03-02"));
        for (text, status) in [
            ("2025-12-02", KycStatus::Verified),
            ("2025-12-03", KycStatus::ReviewDue),
            ("2026-03-02", KycStatus::ReviewDue),
            ("2026-03-03", KycStatus::Expired),
        ] {
            assert_eq!(kyc.status(day(text)), status, "{text}");
        }
        let exposed = Kyc::verified(party, declared(SourceOfFunds::Salary, "CN", true), day("2026-03-02"));
        assert_eq!(exposed.status(day("2026-03-02")), KycStatus::Referred);
    }
}
