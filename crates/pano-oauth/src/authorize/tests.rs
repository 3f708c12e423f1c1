//! What may be pushed, and where answers go.

use super::*;
use pano_types::clock::SeededEntropy;
use pano_types::id::AppId;

const AUDIENCE: &str = "https://api";
const NOW: Instant = Instant::from_unix_seconds(1_800_000_000);
/// RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn client() -> Client {
    Client {
        id: AppId::new(NOW, &SeededEntropy::new(1)),
        active: true,
        keys: Vec::new(),
        scopes: ScopeSet::parse("accounts:read payments:write").unwrap(),
        redirect_uris: vec!["https://p.example/back".into(), "https://p.example/back?x=1".into()],
    }
}

/// A good request, with members replaced; an empty value leaves one out.
fn form(edits: &[(&str, &str)]) -> Form {
    let mut members = vec![
        ("response_type", "code"),
        ("redirect_uri", "https://p.example/back"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("scope", "accounts:read"),
        ("state", "a b&c"),
    ];
    members.retain(|(name, _)| !edits.iter().any(|(edited, _)| edited == name));
    members.extend(edits);
    let body: Vec<_> = members
        .iter()
        .map(|(name, value)| {
            let mut pair = format!("{name}=");
            escape(value, &mut pair);
            pair
        })
        .collect();
    Form::parse(body.join("&").as_bytes()).unwrap()
}

#[test]
fn only_a_code_flow_with_pkce_to_a_registered_address_is_taken() {
    let long = "x".repeat(STATE_BYTES_MAX + 1);
    let read = |edits: &[(&str, &str)]| AuthorizationRequest::read(&form(edits), &client(), AUDIENCE);
    assert_eq!(read(&[]).unwrap().scopes().to_string(), "accounts:read");
    assert!(read(&[("response_mode", "query"), ("resource", AUDIENCE), ("state", "")]).is_ok());
    for (edit, refusal) in [
        (("request_uri", "urn:x"), Refusal::RequestUriInside),
        (("request", "a.b.c"), Refusal::RequestObject),
        (("response_type", "token"), Refusal::ResponseTypeUnsupported),
        (("response_type", "code id_token"), Refusal::ResponseTypeUnsupported),
        (("response_type", ""), Refusal::ParameterMissing("response_type")),
        (("response_mode", "fragment"), Refusal::ResponseModeUnsupported),
        (("redirect_uri", ""), Refusal::ParameterMissing("redirect_uri")),
        (("redirect_uri", "https://p.example/back/"), Refusal::RedirectUriUnknown),
        (("redirect_uri", "https://p.example/back?y=1"), Refusal::RedirectUriUnknown),
        (("redirect_uri", "https://P.example/back"), Refusal::RedirectUriUnknown),
        (("redirect_uri", "https://p.example.evil.example/back"), Refusal::RedirectUriUnknown),
        (("code_challenge", ""), Refusal::ParameterMissing("code_challenge")),
        (("code_challenge", "abc"), Refusal::ChallengeMalformed),
        (("code_challenge_method", "plain"), Refusal::ChallengeMethod),
        (("code_challenge_method", ""), Refusal::ChallengeMethod),
        (("scope", ""), Refusal::ParameterMissing("scope")),
        (("scope", "wealth:read"), Refusal::ScopeNotAllowed),
        (("resource", "https://other"), Refusal::TargetUnknown),
        (("state", &long), Refusal::ParameterTooLong("state")),
    ] {
        assert_eq!(read(&[edit]), Err(refusal), "{edit:?}");
    }
}

#[test]
fn the_verifier_is_the_one_whose_digest_was_pushed() {
    let request = AuthorizationRequest::read(&form(&[]), &client(), AUDIENCE).unwrap();
    assert!(request.is_verified_by(VERIFIER));
    for wrong in
        ["", CHALLENGE, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXK", &format!("{VERIFIER} "), &"x".repeat(129)]
    {
        assert!(!request.is_verified_by(wrong), "{wrong}");
    }
}

#[test]
fn answers_name_state_and_issuer_and_keep_the_address_whole() {
    let request = AuthorizationRequest::read(&form(&[]), &client(), AUDIENCE).unwrap();
    let answer = request.answered("c0de", "https://auth");
    assert_eq!(answer, "https://p.example/back?code=c0de&state=a%20b%26c&iss=https%3A%2F%2Fauth");
    let request = form(&[("redirect_uri", "https://p.example/back?x=1"), ("state", "")]);
    let request = AuthorizationRequest::read(&request, &client(), AUDIENCE).unwrap();
    let refused = request.refused(ErrorCode::AccessDenied, "https://auth");
    assert_eq!(refused, "https://p.example/back?x=1&error=access_denied&iss=https%3A%2F%2Fauth");
    assert_eq!(request.redirect_origin(), "https://p.example");
    let stored = serde_json::to_string(&request).unwrap();
    assert_eq!(serde_json::from_str::<AuthorizationRequest>(&stored).unwrap(), request);
}

#[test]
fn one_browser_may_look_again_until_it_is_decided() {
    let request = AuthorizationRequest::read(&form(&[]), &client(), AUDIENCE).unwrap();
    let expires_at = NOW.plus(REQUEST_LIFETIME);
    let mut pushed = Pushed { request, expires_at, browser: None, code: None };
    assert!(pushed.is_open_to("one", NOW) && !pushed.is_open_to("one", expires_at));
    pushed.browser = Some("one".into());
    assert!(pushed.is_open_to("one", NOW) && !pushed.is_open_to("two", NOW));
    pushed.code = Some(IssuedCode { expires_at, used_at: None });
    assert!(!pushed.is_open_to("one", NOW));
    assert!(REQUEST_LIFETIME < Duration::from_secs(600) && CODE_LIFETIME <= Duration::from_secs(60));
}
