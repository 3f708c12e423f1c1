//! Party Authentication: technology capabilities that a bank offers: identity elements, faces, recognised numbers, SMS codes.
//!
//! Everything is checked against the customers of the sandbox. Faces are recorded pictures with recorded scores; messages
//! are never sent, and can be read through an operation that only a sandbox has.

mod face;
mod identity;
mod number;
mod sms;

#[cfg(test)]
pub(crate) use number::PROVINCES;
pub(crate) use sms::{Challenge, Purpose, State, forget};

use super::{Room, get, post};
use crate::document::Document;
use crate::world::Kind;

pub(crate) const ROOM: Room = Room {
    document: Document::new("party-authentication", include_str!("../../openapi/party-authentication.yaml")),
    operations: &[
        post("/identity-checks", "evaluateIdentityElements", identity::check),
        get("/recorded-faces", "listRecordedFaces", face::list),
        post("/face-matches", "evaluateFaceMatch", face::compare),
        post("/number-recognitions", "evaluateRecognisedNumber", number::recognise),
        post("/sms-codes", "initiateSmsCode", sms::send).keyed(),
        post("/sms-codes/{challengeId}/verifications", "evaluateSmsCode", sms::verify),
        get("/sandbox-messages", "listSandboxMessages", sms::messages),
    ],
    kinds: &[Kind::of::<Challenge>()],
    seed: None,
};
