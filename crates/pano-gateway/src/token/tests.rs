use super::*;
use crate::testing::Issuer;
use serde_json::json;

const NOW: Instant = Instant::from_unix_seconds(1_770_000_000);
const CLIENT: &str = "app_01ARZ3NDEKTSV4RRFFQ69G5FAV";

fn check(change: impl FnOnce(&mut serde_json::Value, &mut serde_json::Value)) -> Result<Claims, TokenError> {
    let issuer = Issuer::new("https://issuer.test");
    let now = NOW;
    let (mut header, mut claims) = issuer.parts(CLIENT, "accounts:read", now);
    change(&mut header, &mut claims);
    let token = issuer.sign(&header, &claims);
    verify(token.as_bytes(), &Keys::new(7, [&issuer.unit()]).unwrap(), Rules::default(), now)
}

#[test]
fn a_good_token_says_who_calls() {
    let claims = check(|_, _| {}).unwrap();
    assert_eq!((&*claims.client_id, claims.app.is_some(), claims.epoch), (CLIENT, true, 7));
    assert!(claims.has_scopes(&["accounts:read".into()]) && !claims.has_scopes(&["accounts".into()]));
    assert!(check(|_, c| c["aud"] = json!(["other", "panorama"])).is_ok());
    assert!(check(|h, _| h["typ"] = json!("application/at+jwt")).is_ok());
    assert!(check(|h, _| drop(h.as_object_mut().unwrap().remove("kid"))).is_ok());
}

#[test]
fn bad_tokens_are_refused_each_for_its_reason() {
    let seconds = NOW.unix_seconds();
    let without = |name: &'static str| check(move |_, c| drop(c.as_object_mut().unwrap().remove(name))).unwrap_err();
    for (outcome, error) in [
        (check(|h, _| h["alg"] = json!("none")), TokenError::Algorithm),
        (check(|h, _| h["alg"] = json!("HS256")), TokenError::Algorithm),
        (check(|h, _| h["alg"] = json!("RS256")), TokenError::Algorithm),
        (check(|h, _| h["alg"] = json!("EdDSA")), TokenError::Algorithm),
        (check(|h, _| h["typ"] = json!("JWT")), TokenError::Type),
        (check(|h, _| h["kid"] = json!("another")), TokenError::Key),
        (check(|h, _| h["crit"] = json!(["exp"])), TokenError::Critical),
        (check(|_, c| c["iss"] = json!("https://evil.test")), TokenError::Issuer),
        (check(|_, c| c["aud"] = json!("another")), TokenError::Audience),
        (check(|_, c| c["aud"] = json!([])), TokenError::Audience),
        (check(move |_, c| c["exp"] = json!(seconds - 11)), TokenError::Expired),
        (check(move |_, c| c["nbf"] = json!(seconds + 12)), TokenError::NotYet),
        (check(move |_, c| c["iat"] = json!(seconds + 12)), TokenError::NotYet),
        (check(|_, c| c["client_id"] = json!("a b")), TokenError::Missing("client_id")),
        (check(|_, c| c["exp"] = json!("soon")), TokenError::Malformed),
    ] {
        assert_eq!(outcome.unwrap_err(), error);
    }
    for odd in [json!("a b"), json!(""), json!("a\r\nb")] {
        assert_eq!(check(|_, c| c["consent_id"] = odd).unwrap_err(), TokenError::Missing("consent_id"));
    }
    for name in ["exp", "iat", "jti", "client_id"] {
        assert_eq!(without(name), TokenError::Missing(name));
    }
    assert!(check(move |_, c| c["exp"] = json!(seconds - 9)).is_ok(), "within the tolerance");
}

#[test]
fn a_token_with_a_consent_names_its_customer() {
    let claims = check(|_, _| {}).unwrap();
    assert_eq!((claims.customer, claims.consent), (None, None), "a client's own token names none");
    let claims = check(|_, c| {
        c["sub"] = json!("pty_1");
        c["consent_id"] = json!("cns_1");
    })
    .unwrap();
    assert_eq!((claims.customer.as_deref(), claims.consent.as_deref()), (Some("pty_1"), Some("cns_1")));
    let nobody = check(|_, c| {
        c["consent_id"] = json!("cns_1");
        c.as_object_mut().unwrap().remove("sub");
    });
    assert_eq!(nobody.unwrap_err(), TokenError::Missing("sub"));
}

#[test]
fn tampered_and_odd_tokens_are_refused() {
    let issuer = Issuer::new("https://issuer.test");
    let keys = Keys::new(1, [&issuer.unit()]).unwrap();
    let now = NOW;
    let token = issuer.token(CLIENT, "a", now);
    let try_one = |token: &[u8]| verify(token, &keys, Rules::default(), now);
    assert!(try_one(token.as_bytes()).is_ok());
    let (head, signature) = token.rsplit_once('.').unwrap();
    for odd in ["", ".", "..", "...", "a.b", "a.b.c", "a.b.c.d", head, &format!("{head}."), &format!("{token}.x")] {
        assert!(try_one(odd.as_bytes()).is_err(), "{odd}");
    }
    assert_eq!(try_one(&vec![b'a'; TOKEN_BYTES_MAX + 1]).unwrap_err(), TokenError::Malformed);
    for at in 0..token.len() {
        let mut bytes = token.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        // The last character of a base64 text has bits that mean nothing; a strict decoder refuses them.
        assert!(try_one(&bytes).is_err(), "byte {at} of {}", token.len());
    }
    let _ = signature;
}
