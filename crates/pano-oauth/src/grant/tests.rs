//! What is granted to whom.

use super::*;
use crate::authorize::{AuthorizationRequest, CODE_LIFETIME, IssuedCode};
use crate::client::ClientKey;
use crate::consent::{Given, Revoker, State};
use crate::{AssertionRules, Presented};
use pano_crypto::{Alg, SigningKey, VerifyingKey, jws};
use pano_types::clock::SeededEntropy;
use pano_types::id::{CredentialId, PartnerId};
use serde_json::json;
use std::time::Duration;

const AUDIENCE: &str = "https://api";
const NOW: Instant = Instant::from_unix_seconds(1_800_000_000);
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

#[test]
fn only_well_formed_requests_are_read() {
    for (body, outcome) in [
        ("grant_type=client_credentials", Ok("client")),
        ("grant_type=client_credentials&scope=b+a&resource=urn:x", Ok("client")),
        ("grant_type=authorization_code&code=c&redirect_uri=u&code_verifier=v", Ok("code")),
        ("grant_type=refresh_token&refresh_token=r&scope=a", Ok("refresh")),
        ("", Err(Refusal::ParameterMissing("grant_type"))),
        ("grant_type=", Err(Refusal::ParameterMissing("grant_type"))),
        ("grant_type=password", Err(Refusal::GrantUnsupported)),
        ("grant_type=implicit", Err(Refusal::GrantUnsupported)),
        ("grant_type=authorization_code&redirect_uri=u&code_verifier=v", Err(Refusal::ParameterMissing("code"))),
        ("grant_type=authorization_code&code=c&code_verifier=v", Err(Refusal::ParameterMissing("redirect_uri"))),
        ("grant_type=authorization_code&code=c&redirect_uri=u", Err(Refusal::ParameterMissing("code_verifier"))),
        ("grant_type=refresh_token", Err(Refusal::ParameterMissing("refresh_token"))),
        ("grant_type=client_credentials&scope=a++b", Err(Refusal::ScopeMalformed)),
    ] {
        let read = TokenRequest::read(&Form::parse(body.as_bytes()).unwrap()).map(|request| match request {
            TokenRequest::ClientCredentials(_) => "client",
            TokenRequest::AuthorizationCode(_) => "code",
            TokenRequest::RefreshToken { .. } => "refresh",
        });
        assert_eq!(read, outcome, "{body}");
    }
}

/// A client that has proven itself, and a code that was issued to it.
struct Case {
    client: Client,
    proven: Proven,
    pushed: Pushed,
    consent: Consent,
}

fn case(seed: u64) -> Case {
    let entropy = SeededEntropy::new(seed);
    let key = SigningKey::generate(Alg::Es256).unwrap();
    let client = Client {
        id: AppId::new(NOW, &entropy),
        active: true,
        keys: vec![ClientKey {
            credential: CredentialId::new(NOW, &entropy),
            kid: key.public().kid().unwrap_or_default().to_owned(),
            key: VerifyingKey::new(key.public()).unwrap(),
            not_before: NOW,
            expires_at: None,
        }],
        scopes: ScopeSet::parse("accounts:read payments:write").unwrap(),
        redirect_uris: vec!["https://p.example/back".into()],
    };
    let id = client.id.to_string();
    let claims =
        json!({ "iss": id, "sub": id, "aud": "https://auth", "jti": "0123456789", "exp": NOW.unix_seconds() + 60 });
    let assertion = jws::sign(&key, "JWT", &claims).unwrap();
    let rules = AssertionRules::new("https://auth");
    let proven = Presented::parse(&assertion, &rules, NOW).unwrap().prove(Some(&client), NOW).unwrap();
    let body = format!(
        "response_type=code&redirect_uri=https://p.example/back&code_challenge={CHALLENGE}&code_challenge_method=S256&scope=accounts:read"
    );
    let request = AuthorizationRequest::read(&Form::parse(body.as_bytes()).unwrap(), &client, AUDIENCE).unwrap();
    let given =
        Given { customer: "c1".into(), accounts: vec![], at: NOW, ends_at: NOW.plus(Duration::from_secs(3600)) };
    let consent = Consent {
        id: ConsentId::new(NOW, &entropy),
        app: client.id,
        partner: PartnerId::new(NOW, &entropy),
        scopes: request.scopes().clone(),
        state: State::Authorised { given },
        created_at: NOW,
        generation: 1,
    };
    let code = Some(IssuedCode { expires_at: NOW.plus(CODE_LIFETIME), used_at: None });
    let pushed = Pushed { request, expires_at: NOW, browser: None, code };
    Case { client, proven, pushed, consent }
}

fn brings(redirect_uri: &str, verifier: &str) -> CodeRequest {
    let (redirect_uri, verifier) = (redirect_uri.to_owned(), verifier.to_owned());
    CodeRequest { code: "c".into(), redirect_uri, verifier, resource: None }
}

#[test]
fn a_code_is_redeemed_once_in_time_by_its_client_with_its_verifier() {
    let case = case(1);
    let good = brings("https://p.example/back", VERIFIER);
    let redeem = |request: &CodeRequest, case: &Case, now| {
        request.redeem(&case.proven, &case.client, Some((&case.pushed, &case.consent)), AUDIENCE, now)
    };
    let granted = redeem(&good, &case, NOW).unwrap();
    let on_behalf = granted.on_behalf().unwrap();
    assert_eq!((granted.scopes().to_string().as_str(), on_behalf.customer.as_str()), ("accounts:read", "c1"));
    assert_eq!(on_behalf.consent, case.consent.id);
    let refused = |outcome: Result<Granted, Unredeemed>, refusal: Refusal| {
        assert_eq!(outcome, Err(Unredeemed::Refused(refusal)));
    };
    refused(redeem(&brings("https://p.example/other", VERIFIER), &case, NOW), Refusal::RedirectUriDiffers);
    refused(redeem(&brings("https://p.example/back", CHALLENGE), &case, NOW), Refusal::VerifierWrong);
    refused(redeem(&good, &case, NOW.plus(CODE_LIFETIME)), Refusal::GrantInvalid);
    refused(good.redeem(&case.proven, &case.client, None, AUDIENCE, NOW), Refusal::GrantInvalid);
    let resource = CodeRequest { resource: Some("https://other".into()), ..good.clone() };
    refused(redeem(&resource, &case, NOW), Refusal::TargetUnknown);

    let mut used = case.pushed.clone();
    used.code = used.code.map(|code| IssuedCode { used_at: Some(NOW), ..code });
    let again = good.redeem(&case.proven, &case.client, Some((&used, &case.consent)), AUDIENCE, NOW);
    assert_eq!(again, Err(Unredeemed::Reused));
    // Another client that got hold of it learns nothing and takes nothing away.
    let thief = self::case(2);
    let stolen = good.redeem(&thief.proven, &thief.client, Some((&used, &case.consent)), AUDIENCE, NOW);
    refused(stolen, Refusal::GrantInvalid);
}

#[test]
fn a_refresh_token_gives_what_was_consented_to_while_it_counts() {
    let case = case(1);
    let thief = self::case(2);
    let refresh = |scope: Option<&str>, case: &Case, consent: &Consent, now| {
        let asked = Asked { scope: scope.map(|scope| ScopeSet::parse(scope).unwrap()), resource: None };
        asked.by_consent(&case.proven, &case.client, Some(consent), AUDIENCE, now).map(|g| g.scopes().to_string())
    };
    assert_eq!(refresh(None, &case, &case.consent, NOW).unwrap(), "accounts:read");
    assert_eq!(refresh(Some("payments:write"), &case, &case.consent, NOW), Err(Refusal::ScopeNotAllowed));
    assert_eq!(refresh(None, &thief, &case.consent, NOW), Err(Refusal::GrantInvalid));
    assert_eq!(refresh(None, &case, &case.consent, NOW.plus(Duration::from_secs(3600))), Err(Refusal::GrantInvalid));
    let state = case.consent.state.clone().revoked(Revoker::Customer, "", NOW).unwrap();
    assert_eq!(refresh(None, &case, &Consent { state, ..case.consent.clone() }, NOW), Err(Refusal::GrantInvalid));
    let mut narrowed = self::case(1);
    narrowed.client.scopes = ScopeSet::default();
    assert_eq!(refresh(None, &narrowed, &narrowed.consent, NOW).unwrap(), "", "a right that ended is not given again");
}
