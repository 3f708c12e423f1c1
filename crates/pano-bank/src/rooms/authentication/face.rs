//! Face matching with recorded pictures: the picture decides, not the person.

use crate::call::{Answer, Call, Input, Refusal};
use crate::model::party::{Party, PartyKind};
use crate::wire::Listed;
use pano_types::id::{FaceMatchId, PartyId};
use pano_types::{Code, Instant, Localized};
use serde::{Deserialize, Serialize};

/// A recorded picture. Scores are parts in ten thousand.
#[derive(Debug)]
struct Face {
    reference: &'static str,
    similarity: u32,
    liveness: u32,
    zh: &'static str,
    en: &'static str,
}

const fn face(reference: &'static str, similarity: u32, liveness: u32, zh: &'static str, en: &'static str) -> Face {
    Face { reference, similarity, liveness, zh, en }
}

/// By reference.
const FACES: &[Face] = &[
    face("FACE-0001", 9_712, 9_931, "本人，光线良好", "The person, in good light"),
    face("FACE-0002", 8_004, 9_412, "本人，勉强达到阈值", "The person, just above the threshold"),
    face("FACE-0003", 7_999, 9_412, "本人，差一点达到阈值", "The person, just below the threshold"),
    face("FACE-0004", 2_140, 9_885, "他人", "Another person"),
    face("FACE-0005", 9_655, 1_203, "屏幕翻拍", "A picture of a screen"),
    face("FACE-0006", 9_480, 4_377, "面具", "A mask"),
];
const SIMILAR: u32 = 8_000;
const ALIVE: u32 = 9_000;

fn score(parts: u32) -> String {
    format!("{}.{:04}", parts / 10_000, parts % 10_000)
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct FaceView {
    face_reference: &'static str,
    similarity: String,
    liveness: String,
    meaning: Localized,
}

impl From<&Face> for FaceView {
    fn from(face: &Face) -> Self {
        Self {
            face_reference: face.reference,
            similarity: score(face.similarity),
            liveness: score(face.liveness),
            meaning: Localized::new(face.zh, face.en),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PageQuery {
    cursor: Option<String>,
    limit: Option<u32>,
}

pub(super) fn list(_: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: PageQuery = input.query()?;
    let page = Input::page("recorded-faces", query.cursor.as_deref(), query.limit)?;
    let key = |face: &&Face| face.reference.to_owned();
    Answer::ok(&Listed::ascending("recorded-faces", &page, FACES.iter(), key, FaceView::from))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Form {
    party_id: PartyId,
    face_reference: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct MatchView {
    match_id: FaceMatchId,
    party_id: PartyId,
    face_reference: &'static str,
    similarity: String,
    liveness: String,
    verdict: &'static str,
    thresholds: Thresholds,
    checked_at: Instant,
}

#[derive(Debug, Serialize)]
struct Thresholds {
    similarity: String,
    liveness: String,
}

pub(super) fn compare(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let form: Form = input.body()?;
    let unknown = || Refusal::from(Code::RequestInvalid).at("/faceReference", "is none of the recorded pictures");
    let face = FACES.iter().find(|face| face.reference == form.face_reference).ok_or_else(unknown)?;
    let party = call.world.get::<Party>(&form.party_id).ok_or(Code::PartyNotFound)?;
    if party.kind != PartyKind::Person {
        return Err(Refusal::from(Code::RequestInvalid).at("/partyId", "is no person"));
    }
    Answer::ok(&MatchView {
        match_id: call.id(FaceMatchId::new),
        party_id: form.party_id,
        face_reference: face.reference,
        similarity: score(face.similarity),
        liveness: score(face.liveness),
        verdict: verdict(face),
        thresholds: Thresholds { similarity: score(SIMILAR), liveness: score(ALIVE) },
        checked_at: call.now(),
    })
}

const fn verdict(face: &Face) -> &'static str {
    match (face.liveness >= ALIVE, face.similarity >= SIMILAR) {
        (false, _) => "NOT_LIVE",
        (true, false) => "NO_MATCH",
        (true, true) => "MATCH",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbers::{self, Outcome, Place};

    #[test]
    fn recorded_pictures_show_every_verdict_and_both_sides_of_the_threshold() {
        let verdicts: Vec<_> = FACES.iter().map(verdict).collect();
        assert_eq!(verdicts, ["MATCH", "MATCH", "NO_MATCH", "NO_MATCH", "NOT_LIVE", "NOT_LIVE"]);
        // The page of test numbers says the same of each picture.
        for face in FACES {
            let outcome = match verdict(face) {
                "MATCH" => Outcome::FaceMatch,
                "NO_MATCH" => Outcome::FaceNoMatch,
                _ => Outcome::FaceNotLive,
            };
            assert_eq!(numbers::outcome(Place::FaceReference, face.reference), Some(outcome), "{}", face.reference);
        }
        assert_eq!(numbers::TABLE.iter().filter(|row| row.place == Place::FaceReference).count(), FACES.len());
        assert_eq!((score(9_712), score(10_000)), ("0.9712".to_owned(), "1.0000".to_owned()));
    }
}
