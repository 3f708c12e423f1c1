//! Parties: everyone the bank knows. All of them are made up, see [`crate::seed`].

use crate::world::Entity;
use pano_types::id::PartyId;
use pano_types::{Date, Localized};
use serde::{Deserialize, Serialize};

/// What a party is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PartyKind {
    /// A natural person.
    Person,
    /// A company, a sole trader, an association.
    Organisation,
}

/// Someone the bank knows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Party {
    pub(crate) id: PartyId,
    pub(crate) kind: PartyKind,
    pub(crate) name: Localized,
    /// `CN_RESIDENT_ID` (GB 11643) or `CN_USCC` (GB 32100).
    pub(crate) identification_scheme: String,
    /// The number under that scheme. C2.
    pub(crate) identification_number: String,
    /// E.164. C2.
    pub(crate) phone: String,
    /// C2.
    pub(crate) email: String,
    /// C2.
    pub(crate) address: Localized,
    /// What the person does for a living, or the company makes.
    pub(crate) occupation: Localized,
    /// Date of birth or of founding. C2.
    pub(crate) born_on: Date,
    /// Customer since.
    pub(crate) since: Date,
}

impl Entity for Party {
    const KIND: &'static str = "party";
    type Id = PartyId;
    fn id(&self) -> PartyId {
        self.id
    }
    fn index(&self, put: &mut dyn FnMut(&'static str, String)) {
        put("identification", self.identification_number.clone());
        put("phone", self.phone.clone());
    }
}
