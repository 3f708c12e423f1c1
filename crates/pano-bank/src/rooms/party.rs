//! Party Reference Data Directory.

mod kyc;

use super::{Room, get, post};
use crate::call::{Answer, Call, Input, Refusal};
use crate::document::Document;
use crate::model::party::{Party, PartyKind};
use crate::wire::Listed;
use pano_types::id::PartyId;
use pano_types::{Code, Date, Localized};
use serde::{Deserialize, Serialize};

pub(crate) const ROOM: Room = Room {
    document: Document::new(
        "party-reference-data-directory",
        include_str!("../../openapi/party-reference-data-directory.yaml"),
    ),
    operations: &[
        get("/parties", "listParties", list),
        get("/parties/{partyId}", "retrieveParty", retrieve),
        get("/parties/{partyId}/kyc", "retrievePartyKyc", kyc::retrieve),
        post("/parties/{partyId}/kyc-reviews", "initiateKycReview", kyc::review).keyed(),
    ],
    kinds: &[],
    seed: Some(kyc::seed),
};

const LIST: &str = "parties";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ListQuery {
    party_type: Option<PartyType>,
    cursor: Option<String>,
    limit: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum PartyType {
    Person,
    Organisation,
}

impl From<PartyKind> for PartyType {
    fn from(kind: PartyKind) -> Self {
        match kind {
            PartyKind::Person => Self::Person,
            PartyKind::Organisation => Self::Organisation,
        }
    }
}

fn list(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: ListQuery = input.query()?;
    let page = Input::page(LIST, query.cursor.as_deref(), query.limit)?;
    let wanted = |party: &&Party| query.party_type.is_none_or(|kind| kind == party.kind.into());
    let parties = call.world.all::<Party>().filter(wanted);
    Answer::ok(&Listed::ascending(LIST, &page, parties, |party| party.id.to_string(), PartySummary::from))
}

fn retrieve(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let id: PartyId = input.id("partyId", Code::PartyNotFound)?;
    let party = call.world.get::<Party>(&id).ok_or(Code::PartyNotFound)?;
    Answer::ok(&PartyDetail::from(party))
}

/// A party in brief.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PartySummary {
    party_id: PartyId,
    party_type: PartyType,
    name: Localized,
    customer_since: Date,
}

impl From<&Party> for PartySummary {
    fn from(party: &Party) -> Self {
        Self {
            party_id: party.id,
            party_type: party.kind.into(),
            name: party.name.clone(),
            customer_since: party.since,
        }
    }
}

/// A party.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PartyDetail {
    #[serde(flatten)]
    summary: PartySummary,
    identification: Identification,
    contact: Contact,
    occupation: Localized,
    birth_or_founding_date: Date,
}

#[derive(Debug, Serialize)]
struct Identification {
    scheme: String,
    number: String,
}

#[derive(Debug, Serialize)]
struct Contact {
    phone: String,
    email: String,
    address: Localized,
}

impl From<&Party> for PartyDetail {
    fn from(party: &Party) -> Self {
        Self {
            identification: Identification {
                scheme: party.identification_scheme.clone(),
                number: party.identification_number.clone(),
            },
            contact: Contact { phone: party.phone.clone(), email: party.email.clone(), address: party.address.clone() },
            occupation: party.occupation.clone(),
            birth_or_founding_date: party.born_on,
            summary: party.into(),
        }
    }
}
