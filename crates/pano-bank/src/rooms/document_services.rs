//! Document Services: the bank signs the digest of a document after its signer has confirmed by an SMS code.
//!
//! A signature is a JWS (RFC 7515) with the bank's Ed25519 key; whoever has the published key can verify it without the bank.

use super::{Room, get, post};
use crate::call::{Answer, Call, Input, Refusal};
use crate::document::Document;
use crate::model::party::Party;
use crate::rooms::authentication::{Challenge, Purpose, State};
use crate::rooms::words;
use crate::world::{Entity, Kind};
use pano_crypto::jws::{self, Compact};
use pano_crypto::{Signer as _, VerifyingKey};
use pano_types::id::{DocumentSignatureId, PartyId, SmsChallengeId};
use pano_types::{Code, Instant};
use serde::{Deserialize, Serialize};
use serde_json::json;

pub(crate) const ROOM: Room = Room {
    document: Document::new("document-services", include_str!("../../openapi/document-services.yaml")),
    operations: &[
        post("/signatures", "initiateDocumentSignature", sign).keyed(),
        get("/signatures/{signatureId}", "retrieveDocumentSignature", retrieve),
        post("/signature-verifications", "evaluateDocumentSignature", verify),
        get("/signature-keys", "listSignatureKeys", keys),
    ],
    kinds: &[Kind::of::<Signature>()],
    seed: None,
};

/// `typ` of the signatures.
const TYP: &str = "panorama-document-signature+jwt";

/// What is signed.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Statement {
    /// The signature.
    jti: DocumentSignatureId,
    /// SHA-256 of the document, hexadecimal.
    digest: String,
    /// The signer.
    sub: PartyId,
    /// When, seconds.
    iat: i64,
}

/// A signature that was made.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Signature {
    id: DocumentSignatureId,
    app: String,
    digest: String,
    name: String,
    signer: PartyId,
    challenge: SmsChallengeId,
    key: String,
    jws: String,
    at: Instant,
}

impl Entity for Signature {
    const KIND: &'static str = "document.signature";
    type Id = DocumentSignatureId;
    fn id(&self) -> DocumentSignatureId {
        self.id
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct View {
    signature_id: DocumentSignatureId,
    document_digest: String,
    document_name: String,
    signer_party_id: PartyId,
    challenge_id: SmsChallengeId,
    key_id: String,
    jws: String,
    signed_at: Instant,
}

impl From<&Signature> for View {
    fn from(signature: &Signature) -> Self {
        Self {
            signature_id: signature.id,
            document_digest: signature.digest.clone(),
            document_name: signature.name.clone(),
            signer_party_id: signature.signer,
            challenge_id: signature.challenge,
            key_id: signature.key.clone(),
            jws: signature.jws.clone(),
            signed_at: signature.at,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SignForm {
    document_digest: String,
    document_name: String,
    signer_party_id: PartyId,
    challenge_id: SmsChallengeId,
}

fn check_digest(digest: &str) -> Result<(), Refusal> {
    let hexadecimal = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    if digest.len() == 64 && digest.bytes().all(hexadecimal) {
        return Ok(());
    }
    Err(Refusal::from(Code::RequestInvalid).at("/documentDigest", "must be 64 hexadecimal digits in lower case"))
}

fn sign(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let form: SignForm = input.body()?;
    check_digest(&form.document_digest)?;
    words::printable(&form.document_name, 120, "/documentName")?;
    let signer = call.world.get::<Party>(&form.signer_party_id).ok_or(Code::PartyNotFound)?;
    let phone = signer.phone.clone();
    confirmed(call, form.challenge_id, &phone)?;
    let (id, at) = (call.id(DocumentSignatureId::new), call.now());
    let statement =
        Statement { jti: id, digest: form.document_digest.clone(), sub: form.signer_party_id, iat: at.unix_seconds() };
    let key = input.keys.document_key()?;
    let jws = jws::sign(&key, TYP, &statement).map_err(Refusal::broken)?;
    let signature = Signature {
        id,
        app: call.app.to_owned(),
        digest: form.document_digest,
        name: form.document_name,
        signer: form.signer_party_id,
        challenge: form.challenge_id,
        key: key.kid().to_owned(),
        jws,
        at,
    };
    call.world.edit::<Challenge>(&form.challenge_id, |challenge| challenge.state = State::Used);
    call.event("bank.document.signed", id, json!({}));
    let answer = Answer::created(format!("signatures/{id}"), &View::from(&signature));
    call.world.put(signature);
    answer
}

/// The signer confirmed to this app by a code to their own telephone, for signing, not long ago, and that was not used before.
fn confirmed(call: &Call<'_>, id: SmsChallengeId, phone: &str) -> Result<(), Refusal> {
    let good = call.world.get::<Challenge>(&id).is_some_and(|challenge| {
        challenge.app == call.app
            && challenge.purpose == Purpose::Signing
            && challenge.confirms(call.now())
            && challenge.phone == phone
    });
    if good {
        Ok(())
    } else {
        Err(Refusal::from(Code::ChallengeUnverified).at("/challengeId", "does not confirm this"))
    }
}

fn retrieve(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let id: DocumentSignatureId = input.id("signatureId", Code::NotFound)?;
    let found = call.world.get::<Signature>(&id).filter(|signature| signature.app == call.app);
    Answer::ok(&View::from(found.ok_or(Code::NotFound)?))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct VerifyForm {
    document_digest: String,
    jws: String,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Verdict {
    valid: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signature_id: Option<DocumentSignatureId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signer_party_id: Option<PartyId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signed_at: Option<Instant>,
}

fn verify(_: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let form: VerifyForm = input.body()?;
    check_digest(&form.document_digest)?;
    let key = input.keys.document_key()?;
    let key = VerifyingKey::new(key.public()).map_err(Refusal::broken)?;
    let read = Compact::parse(&form.jws).ok().and_then(|compact| {
        let ours = compact.header().typ.as_deref() == Some(TYP);
        compact.verify::<Statement>(&key).ok().filter(|_| ours)
    });
    let verdict = match read {
        None => Verdict { reason: Some("NOT_OURS"), ..Verdict::default() },
        Some(statement) if statement.digest != form.document_digest => {
            Verdict { reason: Some("OTHER_DOCUMENT"), ..Verdict::default() }
        }
        Some(statement) => Verdict {
            valid: true,
            reason: None,
            signature_id: Some(statement.jti),
            signer_party_id: Some(statement.sub),
            signed_at: Some(Instant::from_unix_seconds(statement.iat)),
        },
    };
    Answer::ok(&verdict)
}

fn keys(_: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let key = input.keys.document_key()?;
    let mut jwk = key.public().to_json();
    if let Some(members) = jwk.as_object_mut() {
        members.insert("alg".to_owned(), json!("EdDSA"));
        members.insert("use".to_owned(), json!("sig"));
        members.insert("kid".to_owned(), json!(key.kid()));
    }
    Answer::ok(&json!({ "keys": [jwk] }))
}
