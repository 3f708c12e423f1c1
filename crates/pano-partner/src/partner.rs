//! The life of a partner: registered → under review → admitted (tier 1, 2, 3) → suspended ⇄ → exiting → exited.
//!
//! ```text
//!              submit              admit (another person)      suspend
//! registered ────────► under review ───────────────► admitted ◄───────► suspended
//!     ▲        reject       │                            │      resume      │
//!     └─────────────────────┘            exit (from all but the last two)   │
//!                                                        ▼ ◄────────────────┘
//!                                                     exiting ──── close ────► exited
//! ```

use crate::name::Slug;
use crate::plan::Rate;
use crate::step::{Refused, Step, Unmet, reason, second_person};
use pano_types::id::PartnerId;
use pano_types::{Instant, Localized};
use serde::{Deserialize, Serialize};

/// An organisation that wants to use, or uses, APIs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partner {
    /// Identifier.
    pub id: PartnerId,
    /// Unique short name; never changed.
    pub slug: Slug,
    /// Name on screens.
    pub name: Localized,
    /// Number in the register of companies (in China: unified social credit code, 统一社会信用代码).
    pub registration: String,
    /// Who answers for it: a mailbox, a team.
    pub contact: String,
    /// What its scenario does; decides the lowest tier.
    pub scenario: Scenario,
    /// What it has shown, area by area.
    pub evidence: Vec<Evidence>,
    /// Limit over all of its apps.
    pub rate: Option<Rate>,
    /// Where it stands.
    pub state: State,
    /// The declared folder that owns it, if one does.
    pub managed_by: Option<String>,
    /// When it was registered.
    pub created_at: Instant,
    /// Grows with every change.
    pub generation: u64,
}

/// What a partner's scenario does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// It handles C2 or C3 data.
    #[serde(default)]
    pub sensitive_data: bool,
    /// It moves funds.
    #[serde(default)]
    pub moves_funds: bool,
}

/// Admission tier; a higher one demands more evidence and allows more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Neither sensitive data nor funds.
    Tier1,
    /// One of the two.
    Tier2,
    /// Both.
    Tier3,
}

impl Scenario {
    /// The lowest tier that covers it.
    pub const fn tier(self) -> Tier {
        match (self.sensitive_data, self.moves_funds) {
            (false, false) => Tier::Tier1,
            (true, true) => Tier::Tier3,
            (true, false) | (false, true) => Tier::Tier2,
        }
    }
}

/// The eight areas in which a partner shows evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Area {
    AccessAndPrivilege,
    PrivacyCompliance,
    Personnel,
    Identity,
    SecureDevelopment,
    Change,
    SecureDataExchange,
    DailySecurityOperations,
}

/// A piece of evidence: where it can be read, never the thing itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// In this area.
    pub area: Area,
    /// Document number or address.
    pub reference: String,
}

/// Where a partner stands, with the history that led there. Stored form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
#[schema(as = PartnerState)]
pub enum State {
    /// Known, nothing decided.
    Registered {
        /// The last time it came back from review, and why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        returned: Option<Step>,
    },
    /// Waiting for a second person.
    UnderReview {
        /// Who asked for admission.
        submitted: Step,
    },
    /// May use what its apps are subscribed to.
    Admitted {
        /// Who asked for admission.
        submitted: Step,
        /// Who gave it.
        admitted: Step,
        /// In this tier.
        tier: Tier,
    },
    /// Stopped for a while.
    Suspended {
        /// Who asked for admission.
        submitted: Step,
        /// Who gave it.
        admitted: Step,
        /// In this tier.
        tier: Tier,
        /// Who stopped it, and why.
        suspended: Step,
    },
    /// On its way out: nothing works any more, what is left is settled.
    Exiting {
        /// Who began it, and why.
        exiting: Step,
        /// The tier it had, if it was ever admitted.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tier: Option<Tier>,
    },
    /// Gone; kept for the record.
    Exited {
        /// Who began it, and why.
        exiting: Step,
        /// Who closed it.
        exited: Step,
    },
}

/// A move of a partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Move {
    /// Ask for admission.
    Submit,
    /// Send back, saying why.
    Reject,
    /// Admit in a tier; by another person than who submitted.
    Admit(Tier),
    /// Stop for a while, saying why.
    Suspend,
    /// Let it work again.
    Resume,
    /// Begin the exit, saying why.
    Exit,
    /// End the exit.
    Close,
}

impl Move {
    /// As people say it; also the last part of its address.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Submit => "submit",
            Self::Reject => "reject",
            Self::Admit(_) => "admit",
            Self::Suspend => "suspend",
            Self::Resume => "resume",
            Self::Exit => "exit",
            Self::Close => "close",
        }
    }
    /// Type of the event that tells of it, and name of the audited action.
    pub const fn event(self) -> &'static str {
        match self {
            Self::Submit => "partner.submitted",
            Self::Reject => "partner.rejected",
            Self::Admit(_) => "partner.admitted",
            Self::Suspend => "partner.suspended",
            Self::Resume => "partner.resumed",
            Self::Exit => "partner.exiting",
            Self::Close => "partner.exited",
        }
    }
}

impl State {
    /// The state's name alone.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Registered { .. } => "registered",
            Self::UnderReview { .. } => "under_review",
            Self::Admitted { .. } => "admitted",
            Self::Suspended { .. } => "suspended",
            Self::Exiting { .. } => "exiting",
            Self::Exited { .. } => "exited",
        }
    }
    /// What can be done from here.
    pub fn allowed(&self) -> Vec<&'static str> {
        match self {
            Self::Registered { .. } => vec!["submit", "exit"],
            Self::UnderReview { .. } => vec!["admit", "reject", "exit"],
            Self::Admitted { .. } => vec!["suspend", "exit"],
            Self::Suspended { .. } => vec!["resume", "exit"],
            Self::Exiting { .. } => vec!["close"],
            Self::Exited { .. } => vec![],
        }
    }
    /// Whether its apps may call.
    pub const fn is_admitted(&self) -> bool {
        matches!(self, Self::Admitted { .. })
    }
    /// The state after `wanted`.
    ///
    /// # Errors
    /// [`Refused`]: not from here, same person, or no reason given. The gate of admission is [`Partner::moved`]'s.
    pub fn moved(self, wanted: Move, step: Step) -> Result<Self, Refused> {
        match (self, wanted) {
            (Self::Registered { .. }, Move::Submit) => Ok(Self::UnderReview { submitted: step }),
            (Self::UnderReview { .. }, Move::Reject) => {
                reason(&step, "reject")?;
                Ok(Self::Registered { returned: Some(step) })
            }
            (Self::UnderReview { submitted }, Move::Admit(tier)) => {
                second_person(&submitted, &step)?;
                Ok(Self::Admitted { submitted, admitted: step, tier })
            }
            (Self::Admitted { submitted, admitted, tier }, Move::Suspend) => {
                reason(&step, "suspend")?;
                Ok(Self::Suspended { submitted, admitted, tier, suspended: step })
            }
            (Self::Suspended { submitted, admitted, tier, .. }, Move::Resume) => {
                Ok(Self::Admitted { submitted, admitted, tier })
            }
            (Self::Registered { .. } | Self::UnderReview { .. }, Move::Exit) => Self::exit(step, None),
            (Self::Admitted { tier, .. } | Self::Suspended { tier, .. }, Move::Exit) => Self::exit(step, Some(tier)),
            (Self::Exiting { exiting, .. }, Move::Close) => Ok(Self::Exited { exiting, exited: step }),
            (from, wanted) => Err(Refused::WrongState {
                what: "partner",
                from: from.name(),
                wanted: wanted.name(),
                allowed: from.allowed(),
            }),
        }
    }

    fn exit(step: Step, tier: Option<Tier>) -> Result<Self, Refused> {
        reason(&step, "exit")?;
        Ok(Self::Exiting { exiting: step, tier })
    }
}

impl Partner {
    /// The partner after `wanted`.
    ///
    /// # Errors
    /// [`Refused`]: as [`State::moved`], and the gate of submission and admission: the scenario's tier, who it is, a contact.
    pub fn moved(mut self, wanted: Move, step: Step) -> Result<Self, Refused> {
        let mut unmet = Vec::new();
        let mut demand = |met: bool, check, reason: (&str, &str)| {
            if !met {
                unmet.push(Unmet { check, reason: reason.into() });
            }
        };
        let lowest = self.scenario.tier();
        match wanted {
            Move::Submit | Move::Admit(_) => {
                demand(
                    !self.registration.is_empty(),
                    "registration",
                    ("the number in the register of companies is missing", "缺少工商登记号"),
                );
                demand(
                    !self.contact.is_empty(),
                    "contact",
                    ("nobody is named who answers for the partner", "未指定合作方联系人"),
                );
                if let Move::Admit(tier) = wanted {
                    demand(
                        tier >= lowest,
                        "tier",
                        ("the scenario handles more than this tier covers", "场景涉及的内容超出该准入等级"),
                    );
                }
            }
            Move::Reject | Move::Suspend | Move::Resume | Move::Exit | Move::Close => {}
        }
        // The state is asked first: a gate's findings would mislead where the move is impossible anyway.
        let state = self.state.moved(wanted, step)?;
        if !unmet.is_empty() {
            return Err(Refused::Gate(unmet));
        }
        self.state = state;
        Ok(self)
    }
    /// The tier it is admitted in.
    pub const fn tier(&self) -> Option<Tier> {
        match &self.state {
            State::Admitted { tier, .. } | State::Suspended { tier, .. } => Some(*tier),
            State::Exiting { tier, .. } => *tier,
            State::Registered { .. } | State::UnderReview { .. } | State::Exited { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pano_types::clock::SeededEntropy;
    use pano_types::id::OperatorId;

    fn step(person: u64, why: &str) -> Step {
        let who = OperatorId::new(Instant::default(), &SeededEntropy::new(person));
        Step { who, at: Instant::default(), why: why.to_owned() }
    }

    fn partner() -> Partner {
        Partner {
            id: PartnerId::new(Instant::default(), &SeededEntropy::new(9)),
            slug: Slug::parse("wealth-mate").unwrap(),
            name: Localized::new("财富伙伴", "Wealth Mate"),
            registration: "91310000MA1FL00000".into(),
            contact: "api@wealth-mate.example".into(),
            scenario: Scenario { sensitive_data: true, moves_funds: false },
            evidence: vec![],
            rate: None,
            state: State::Registered { returned: None },
            managed_by: None,
            created_at: Instant::default(),
            generation: 1,
        }
    }

    #[test]
    fn the_life_of_a_partner() {
        let path = [
            (Move::Submit, 1, "under_review"),
            (Move::Reject, 2, "registered"),
            (Move::Submit, 1, "under_review"),
            (Move::Admit(Tier::Tier2), 2, "admitted"),
            (Move::Suspend, 1, "suspended"),
            (Move::Resume, 1, "admitted"),
            (Move::Exit, 1, "exiting"),
            (Move::Close, 1, "exited"),
        ];
        let mut partner = partner();
        for (wanted, person, state) in path {
            let name = wanted.name();
            assert!(partner.state.allowed().contains(&name), "{name} from {}", partner.state.name());
            partner = partner.moved(wanted, step(person, "because")).unwrap();
            assert_eq!(partner.state.name(), state);
            let stored = serde_json::to_string(&partner.state).unwrap();
            assert_eq!(serde_json::from_str::<State>(&stored).unwrap(), partner.state);
        }
    }

    #[test]
    fn what_is_not_allowed_is_refused_and_what_is_allowed_is_not() {
        let admitted = |p: Partner| {
            p.moved(Move::Submit, step(1, "")).unwrap().moved(Move::Admit(Tier::Tier3), step(2, "")).unwrap()
        };
        let states = [
            partner(),
            partner().moved(Move::Submit, step(1, "")).unwrap(),
            admitted(partner()),
            admitted(partner()).moved(Move::Suspend, step(1, "x")).unwrap(),
            partner().moved(Move::Exit, step(1, "x")).unwrap(),
            partner().moved(Move::Exit, step(1, "x")).unwrap().moved(Move::Close, step(1, "")).unwrap(),
        ];
        for from in states {
            for wanted in [
                Move::Submit,
                Move::Reject,
                Move::Admit(Tier::Tier3),
                Move::Suspend,
                Move::Resume,
                Move::Exit,
                Move::Close,
            ] {
                let possible = from.state.allowed().contains(&wanted.name());
                let outcome = from.clone().moved(wanted, step(3, "because"));
                assert_eq!(outcome.is_ok(), possible, "{} {}", from.state.name(), wanted.name());
                assert_eq!(matches!(outcome, Err(Refused::WrongState { .. })), !possible);
            }
        }
    }

    #[test]
    fn admission_needs_a_second_person_a_high_enough_tier_and_facts() {
        let waiting = partner().moved(Move::Submit, step(1, "")).unwrap();
        let maker = step(1, "").who;
        assert_eq!(waiting.clone().moved(Move::Admit(Tier::Tier3), step(1, "")), Err(Refused::SamePerson(maker)));
        assert!(matches!(
            waiting.moved(Move::Admit(Tier::Tier1), step(2, "")),
            Err(Refused::Gate(unmet)) if unmet[0].check == "tier"
        ));
        let bare = Partner { registration: String::new(), contact: String::new(), ..partner() };
        assert!(matches!(bare.moved(Move::Submit, step(1, "")), Err(Refused::Gate(unmet)) if unmet.len() == 2));
        assert_eq!(partner().moved(Move::Exit, step(1, "  ")).unwrap_err(), Refused::ReasonMissing("exit"));
    }
}
