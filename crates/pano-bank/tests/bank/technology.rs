//! Technology capabilities: identity, faces, numbers, SMS codes, signatures.

use crate::support::{Answer, Bank, Caller, GATEWAY};
use http::Method;
use pano_crypto::jws::Compact;
use pano_crypto::{PublicJwk, VerifyingKey};
use pano_testkit::TestStore;
use serde_json::{Value, json};
use std::time::Duration;

const AUTH: &str = "/party-authentication/v1";
const SIGN: &str = "/document-services/v1";
const DIGEST: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/// Sends without a key.
async fn ask(caller: &Caller, path: &str, body: &Value) -> Answer {
    caller.send(Method::POST, path, &[], Some(body)).await.unwrap()
}

/// The first person: all that is on file.
async fn person(caller: &Caller) -> Value {
    let at = "/party-reference-data-directory/v1/parties";
    let page = caller.get(&format!("{at}?partyType=PERSON&limit=1")).await;
    caller.get(&format!("{at}/{}", page.json["items"][0]["partyId"].as_str().unwrap())).await.json
}

#[tokio::test]
async fn identities_are_checked_element_by_element() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let on_file = person(&caller).await;
    let cards =
        caller.get(&format!("/credit-card/v1/cards?ownerPartyId={}", on_file["partyId"].as_str().unwrap())).await;
    assert_eq!(cards.json["items"].as_array().unwrap().len(), 2);
    let account = caller
        .get(&format!("/current-account/v1/accounts?ownerPartyId={}", on_file["partyId"].as_str().unwrap()))
        .await;
    let account = account.json["items"][0]["accountNumber"].clone();
    let (name, number) = (on_file["name"]["zh"].clone(), on_file["identification"]["number"].clone());
    let phone = on_file["contact"]["phone"].clone();
    for (body, elements, result) in [
        (json!({ "name": name, "identityNumber": number }), 2, "CONSISTENT"),
        (json!({ "name": "别人", "identityNumber": number }), 2, "INCONSISTENT"),
        (json!({ "name": name, "identityNumber": number, "phone": phone }), 3, "CONSISTENT"),
        (json!({ "name": name, "identityNumber": number, "accountNumber": account }), 3, "CONSISTENT"),
        (
            json!({ "name": name, "identityNumber": number, "phone": "+8612099999999", "accountNumber": account }),
            4,
            "INCONSISTENT",
        ),
        (json!({ "name": name, "identityNumber": "11010519491231002X", "phone": phone }), 3, "NOT_ON_FILE"),
    ] {
        let answer = ask(&caller, &format!("{AUTH}/identity-checks"), &body).await;
        assert_eq!(
            (answer.status, &answer.json["elements"], &answer.json["result"]),
            (200, &json!(elements), &json!(result)),
            "{body}"
        );
        assert_eq!(answer.json["findings"].as_array().unwrap().len(), elements);
    }
    for body in [
        json!({ "name": name, "identityNumber": "110105194912310021" }),
        json!({ "name": "", "identityNumber": number }),
        json!({ "name": name, "identityNumber": number, "phone": "+8613800000000" }),
        json!({ "name": name, "identityNumber": number, "accountNumber": "12" }),
        json!({ "name": name }),
    ] {
        assert_eq!(ask(&caller, &format!("{AUTH}/identity-checks"), &body).await.code(), "request.invalid", "{body}");
    }
    bank.handle.stop().await;
}

#[tokio::test]
async fn faces_and_numbers_are_judged() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let party = person(&caller).await["partyId"].clone();
    let faces = caller.get(&format!("{AUTH}/recorded-faces")).await;
    assert_eq!(faces.json["items"].as_array().unwrap().len(), 6);
    for (face, verdict) in [("FACE-0001", "MATCH"), ("FACE-0003", "NO_MATCH"), ("FACE-0005", "NOT_LIVE")] {
        let body = json!({ "partyId": party, "faceReference": face });
        let answer = ask(&caller, &format!("{AUTH}/face-matches"), &body).await;
        assert_eq!((answer.status, &answer.json["verdict"]), (200, &json!(verdict)), "{answer:?}");
    }
    for (body, code) in [
        (json!({ "partyId": party, "faceReference": "FACE-9999" }), "request.invalid"),
        (json!({ "partyId": "pty_01KAV3M2N4ZQ8W5T7R9X1Y3C5D", "faceReference": "FACE-0001" }), "bank.party_not_found"),
    ] {
        assert_eq!(ask(&caller, &format!("{AUTH}/face-matches"), &body).await.code(), code);
    }
    let account = caller.get("/current-account/v1/accounts?limit=1").await.json["items"][0]["accountNumber"].clone();
    let misread = account.as_str().unwrap().replacen('0', "O", 2);
    for (kind, text, valid, more) in [
        ("BANK_CARD", misread.as_str(), true, json!("DEBIT")),
        ("BANK_CARD", "4111 1111 1111 1111", true, json!("UNKNOWN")),
        ("BANK_CARD", "4111 1111 1111 1112", false, Value::Null),
        ("RESIDENT_ID", "11010519491231002x", true, Value::Null),
        ("RESIDENT_ID", "110105194912310021", false, Value::Null),
    ] {
        let answer = ask(&caller, &format!("{AUTH}/number-recognitions"), &json!({ "kind": kind, "text": text })).await;
        assert_eq!(
            (answer.status, &answer.json["valid"], &answer.json["card"]["cardType"]),
            (200, &json!(valid), &more),
            "{answer:?}"
        );
    }
    for text in ["", " - ", "四", &"1".repeat(61)] {
        let answer =
            ask(&caller, &format!("{AUTH}/number-recognitions"), &json!({ "kind": "BANK_CARD", "text": text })).await;
        assert_eq!(answer.code(), "request.invalid", "{text:?}");
    }
    bank.handle.stop().await;
}

/// Sends a code to the phone and reads it where only a sandbox lets one.
async fn sent(caller: &Caller, phone: &Value, purpose: &str, key: &str) -> (String, String) {
    let answer = caller.post(&format!("{AUTH}/sms-codes"), key, &json!({ "phone": phone, "purpose": purpose })).await;
    assert_eq!((answer.status, &answer.json["status"]), (201, &json!("SENT")), "{answer:?}");
    let path = format!("{AUTH}/sandbox-messages?limit=1&phone={}", phone.as_str().unwrap().replace('+', "%2B"));
    let message = caller.get(&path).await.json["items"][0].clone();
    assert_eq!(message["challengeId"], answer.json["challengeId"]);
    let text = |member: &str| message[member].as_str().unwrap().to_owned();
    assert!(text("text").contains(&text("code")));
    (text("challengeId"), text("code"))
}

#[tokio::test]
async fn codes_are_sent_checked_and_used_up() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let (caller, other) = (bank.caller(), Caller::new(&bank.handle.url(), GATEWAY, "app_two"));
    let phone = person(&caller).await["contact"]["phone"].clone();
    let (challenge, code) = sent(&caller, &phone, "LOGIN", "s-1").await;
    let soon = caller.post(&format!("{AUTH}/sms-codes"), "s-2", &json!({ "phone": phone, "purpose": "LOGIN" })).await;
    assert_eq!(soon.code(), "resource.conflict");
    let check = format!("{AUTH}/sms-codes/{challenge}/verifications");
    let wrong = json!({ "code": if code == "000000" { "000001" } else { "000000" } });
    assert_eq!(
        other.send(Method::POST, &check, &[], Some(&json!({ "code": code }))).await.unwrap().code(),
        "resource.not_found"
    );
    assert_eq!(ask(&caller, &check, &json!({ "code": "12" })).await.code(), "request.invalid");
    for left in [2, 1] {
        let answer = ask(&caller, &check, &wrong).await;
        assert_eq!(
            (answer.code(), &answer.json["detail"]),
            ("bank.code_wrong", &json!(format!("{left} attempts left")))
        );
    }
    let right = ask(&caller, &check, &json!({ "code": code })).await;
    assert_eq!(
        (right.status, &right.json["status"], &right.json["attemptsLeft"]),
        (200, &json!("VERIFIED"), &json!(0))
    );
    assert_eq!(ask(&caller, &check, &json!({ "code": code })).await.code(), "bank.challenge_unverified");

    bank.clock.advance(Duration::from_secs(60));
    let (challenge, code) = sent(&caller, &phone, "LOGIN", "s-3").await;
    let check = format!("{AUTH}/sms-codes/{challenge}/verifications");
    let wrong = json!({ "code": if code == "000000" { "000001" } else { "000000" } });
    for _ in 0..3 {
        assert_eq!(ask(&caller, &check, &wrong).await.code(), "bank.code_wrong");
    }
    assert_eq!(ask(&caller, &check, &json!({ "code": code })).await.code(), "bank.challenge_unverified", "used up");
    bank.clock.advance(Duration::from_secs(60));
    let (challenge, code) = sent(&caller, &phone, "LOGIN", "s-4").await;
    bank.clock.advance(Duration::from_secs(300));
    let check = format!("{AUTH}/sms-codes/{challenge}/verifications");
    assert_eq!(ask(&caller, &check, &json!({ "code": code })).await.code(), "bank.challenge_unverified", "over");
    for (body, code) in [
        (json!({ "phone": "+8613800000000", "purpose": "LOGIN" }), "request.invalid"),
        (json!({ "phone": "+8612099999999", "purpose": "LOGIN" }), "bank.party_not_found"),
        (json!({ "phone": phone, "purpose": "FUN" }), "request.invalid"),
    ] {
        assert_eq!(caller.post(&format!("{AUTH}/sms-codes"), "s-5", &body).await.code(), code, "{body}");
    }
    assert_eq!(caller.get(&format!("{AUTH}/sandbox-messages?phone=1")).await.code(), "request.invalid");
    bank.clock.advance(Duration::from_secs(9 * 86_400));
    assert_eq!(caller.get(&format!("{AUTH}/sandbox-messages")).await.json["items"], json!([]), "forgotten");
    bank.handle.stop().await;
}

#[tokio::test]
async fn a_confirmed_signer_has_a_document_signed_and_anyone_verifies_it() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    let signer = person(&caller).await;
    let (challenge, code) = sent(&caller, &signer["contact"]["phone"], "SIGNING", "s-1").await;
    let order = |challenge: &str, digest: &str| json!({ "documentDigest": digest, "documentName": "借款合同.pdf", "signerPartyId": signer["partyId"], "challengeId": challenge });
    let at = format!("{SIGN}/signatures");
    assert_eq!(
        caller.post(&at, "d-1", &order(&challenge, DIGEST)).await.code(),
        "bank.challenge_unverified",
        "not answered"
    );
    ask(&caller, &format!("{AUTH}/sms-codes/{challenge}/verifications"), &json!({ "code": code })).await;
    assert_eq!(caller.post(&at, "d-2", &order(&challenge, "abc")).await.code(), "request.invalid");
    let signed = caller.post(&at, "d-3", &order(&challenge, DIGEST)).await;
    assert_eq!(signed.status, 201, "{signed:?}");
    assert_eq!(caller.post(&at, "d-3", &order(&challenge, DIGEST)).await.json, signed.json);
    assert_eq!(caller.post(&at, "d-4", &order(&challenge, DIGEST)).await.code(), "bank.challenge_unverified", "used");
    let one = format!("{at}/{}", signed.json["signatureId"].as_str().unwrap());
    assert_eq!(caller.get(&one).await.json, signed.json);
    assert_eq!(Caller::new(&bank.handle.url(), GATEWAY, "app_two").get(&one).await.code(), "resource.not_found");

    // What was confirmed five minutes ago confirms nothing any more.
    bank.clock.advance(Duration::from_secs(60));
    let (stale, code) = sent(&caller, &signer["contact"]["phone"], "SIGNING", "s-2").await;
    let check = format!("{AUTH}/sms-codes/{stale}/verifications");
    assert_eq!(ask(&caller, &check, &json!({ "code": code })).await.json["status"], "VERIFIED");
    bank.clock.advance(Duration::from_secs(300));
    let late = caller.post(&at, "d-5", &order(&stale, DIGEST)).await;
    assert_eq!((late.status, late.code()), (422, "bank.challenge_unverified"), "{late:?}");

    // With nothing but the published key, as anyone would.
    let keys = caller.get(&format!("{SIGN}/signature-keys")).await;
    let key = PublicJwk::parse(keys.json["keys"][0].to_string().as_bytes()).unwrap();
    assert_eq!(keys.json["keys"][0]["kid"], signed.json["keyId"]);
    let jws = signed.json["jws"].as_str().unwrap();
    let statement: Value = Compact::parse(jws).unwrap().verify(&VerifyingKey::new(&key).unwrap()).unwrap();
    assert_eq!((&statement["digest"], &statement["sub"]), (&json!(DIGEST), &signer["partyId"]));

    let verify = format!("{SIGN}/signature-verifications");
    let other = DIGEST.replace('9', "0");
    let bent = format!("{}A", &jws[..jws.len() - 1]);
    let bent = if bent == jws { format!("{}B", &jws[..jws.len() - 1]) } else { bent };
    for (digest, jws, valid, reason) in [
        (DIGEST, jws, true, Value::Null),
        (other.as_str(), jws, false, json!("OTHER_DOCUMENT")),
        (DIGEST, bent.as_str(), false, json!("NOT_OURS")),
        (DIGEST, "a.b.c", false, json!("NOT_OURS")),
    ] {
        let answer = ask(&caller, &verify, &json!({ "documentDigest": digest, "jws": jws })).await;
        assert_eq!(
            (answer.status, &answer.json["valid"], &answer.json["reason"]),
            (200, &json!(valid), &reason),
            "{answer:?}"
        );
    }
    assert_eq!(ask(&caller, &verify, &json!({ "documentDigest": DIGEST })).await.code(), "request.invalid");
    bank.handle.stop().await;
}
