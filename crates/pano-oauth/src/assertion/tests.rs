use super::*;
use crate::scope::ScopeSet;
use pano_crypto::{Alg, SigningKey, VerifyingKey, b64};
use pano_types::clock::SeededEntropy;
use serde_json::json;

const ISSUER: &str = "https://auth.bank.example";
const NOW: Instant = Instant::from_unix_seconds(1_800_000_000);

fn rules() -> AssertionRules {
    AssertionRules::new(ISSUER)
}

type Edit = Box<dyn Fn(&mut Value)>;

struct World {
    key: SigningKey,
    client: Client,
}

impl World {
    fn new() -> Self {
        let (key, entropy) = (SigningKey::generate(Alg::Es256).unwrap(), SeededEntropy::new(1));
        let client_key = ClientKey {
            credential: CredentialId::new(NOW, &entropy),
            kid: "k1".into(),
            key: VerifyingKey::new(key.public()).unwrap(),
            not_before: NOW,
            expires_at: Some(NOW.plus(Duration::from_secs(1000))),
        };
        let client = Client {
            id: AppId::new(NOW, &entropy),
            active: true,
            keys: vec![client_key],
            scopes: ScopeSet::default(),
            redirect_uris: Vec::new(),
        };
        Self { key: key.with_kid("k1").unwrap(), client }
    }
    fn claims(&self, edit: impl FnOnce(&mut Value)) -> Value {
        let id = self.client.id.to_string();
        let now = NOW.unix_seconds();
        let mut claims = json!({ "iss": id, "sub": id, "aud": ISSUER, "jti": "0123456789", "exp": now + 60, "iat": now, "nbf": now });
        edit(&mut claims);
        claims
    }
    fn token(&self, edit: impl FnOnce(&mut Value)) -> String {
        jws::sign(&self.key, "JWT", &self.claims(edit)).unwrap()
    }
    fn judge(&self, token: &str) -> Result<Proven, Refusal> {
        Presented::parse(token, &rules(), NOW)?.prove(Some(&self.client), NOW)
    }
}

#[test]
fn a_good_assertion_proves_the_client_by_its_credential() {
    let world = World::new();
    let proven = world.judge(&world.token(|_| ())).unwrap();
    assert_eq!((proven.client(), proven.credential()), (world.client.id, world.client.keys[0].credential));
    assert_eq!((proven.jti(), proven.expires_at()), ("0123456789", NOW.plus(Duration::from_secs(60))));
    let endpoint = world.token(|c| c["aud"] = "https://auth.bank.example/oauth2/token".into());
    assert_eq!(world.judge(&endpoint).unwrap_err(), Refusal::AssertionAudience);
    let bare = world.token(|c| {
        c.as_object_mut().unwrap().retain(|name, _| name != "iat" && name != "nbf");
    });
    assert!(world.judge(&bare).is_ok());
}

#[test]
fn claims_that_break_a_rule_are_refused_by_name() {
    let world = World::new();
    let now = NOW.unix_seconds();
    let other = AppId::new(NOW, &SeededEntropy::new(9)).to_string();
    let cases: Vec<(&str, Edit, Refusal)> = vec![
        ("expired", Box::new(move |c| c["exp"] = (now - 1).into()), Refusal::AssertionExpired),
        ("expires now", Box::new(move |c| c["exp"] = now.into()), Refusal::AssertionExpired),
        ("too long a life", Box::new(move |c| c["exp"] = (now + 311).into()), Refusal::AssertionLifetime),
        ("no exp", Box::new(|c| c["exp"] = Value::Null), Refusal::AssertionClaimMissing("exp")),
        ("exp as text", Box::new(|c| c["exp"] = "9999999999".into()), Refusal::AssertionClaimMissing("exp")),
        ("exp negative", Box::new(|c| c["exp"] = (-1).into()), Refusal::AssertionClaimMissing("exp")),
        ("exp beyond time", Box::new(|c| c["exp"] = json!(1e300)), Refusal::AssertionClaimMissing("exp")),
        ("nbf ahead", Box::new(move |c| c["nbf"] = (now + 11).into()), Refusal::AssertionNotYetValid),
        ("iat ahead", Box::new(move |c| c["iat"] = (now + 60).into()), Refusal::AssertionFromFuture),
        ("aud of another", Box::new(|c| c["aud"] = "https://other.example".into()), Refusal::AssertionAudience),
        ("aud with slash", Box::new(|c| c["aud"] = format!("{ISSUER}/").into()), Refusal::AssertionAudience),
        ("aud list", Box::new(|c| c["aud"] = json!([ISSUER])), Refusal::AssertionAudience),
        ("no aud", Box::new(|c| drop(c.as_object_mut().unwrap().remove("aud"))), Refusal::AssertionClaimMissing("aud")),
        ("iss is not sub", Box::new(move |c| c["iss"] = other.clone().into()), Refusal::AssertionSubject),
        ("no sub", Box::new(|c| c["sub"] = Value::Null), Refusal::AssertionClaimMissing("sub")),
        ("no jti", Box::new(|c| c["jti"] = Value::Null), Refusal::AssertionClaimMissing("jti")),
        ("short jti", Box::new(|c| c["jti"] = "1234567".into()), Refusal::AssertionJti),
        ("long jti", Box::new(|c| c["jti"] = "j".repeat(129).into()), Refusal::AssertionJti),
        ("odd jti", Box::new(|c| c["jti"] = "1234 5678".into()), Refusal::AssertionJti),
    ];
    for (why, edit, refusal) in cases {
        assert_eq!(world.judge(&world.token(edit)).unwrap_err(), refusal, "{why}");
    }
    for (skewed, seconds) in [("nbf", 10), ("iat", 10), ("exp", 310)] {
        assert!(world.judge(&world.token(|c| c[skewed] = (now + seconds).into())).is_ok(), "{skewed} {seconds}");
    }
}

#[test]
fn what_does_not_prove_the_client_says_the_same_whatever_the_reason() {
    let mut world = World::new();
    let good = world.token(|_| ());
    let present = |token| Presented::parse(token, &rules(), NOW).unwrap();
    assert_eq!(present(&good).prove(None, NOW).unwrap_err(), Refusal::ClientNotProven);
    let stranger = World::new();
    assert_eq!(present(&good).prove(Some(&stranger.client), NOW).unwrap_err(), Refusal::ClientNotProven);

    let other_key = SigningKey::generate(Alg::Es256).unwrap().with_kid("k1").unwrap();
    let forged = jws::sign(&other_key, "JWT", &world.claims(|_| ())).unwrap();
    assert_eq!(world.judge(&forged).unwrap_err(), Refusal::ClientNotProven);
    let other_alg = SigningKey::generate(Alg::EdDsa).unwrap().with_kid("k1").unwrap();
    let forged = jws::sign(&other_alg, "JWT", &world.claims(|_| ())).unwrap();
    assert_eq!(world.judge(&forged).unwrap_err(), Refusal::ClientNotProven);

    world.client.keys[0].kid = "k2".into();
    assert_eq!(world.judge(&good).unwrap_err(), Refusal::ClientNotProven, "wrong kid");
    world.client.keys[0].kid = "k1".into();
    world.client.keys[0].not_before = NOW.plus(Duration::from_secs(1));
    assert_eq!(world.judge(&good).unwrap_err(), Refusal::ClientNotProven, "not yet valid");
    world.client.keys[0].not_before = NOW;
    world.client.keys[0].expires_at = Some(NOW);
    assert_eq!(world.judge(&good).unwrap_err(), Refusal::ClientNotProven, "expired key");
    world.client.keys[0].expires_at = None;
    world.client.active = false;
    assert_eq!(world.judge(&good).unwrap_err(), Refusal::ClientNotActive);
    let forged = jws::sign(&other_key, "JWT", &world.claims(|_| ())).unwrap();
    assert_eq!(world.judge(&forged).unwrap_err(), Refusal::ClientNotProven, "a stranger learns nothing of the state");
}

#[test]
fn algorithms_outside_the_list_are_refused_before_any_key() {
    let world = World::new();
    let claims = b64::encode(world.claims(|_| ()).to_string());
    for alg in ["none", "HS256", "RS256", "ES384"] {
        let header = b64::encode(json!({ "alg": alg, "kid": "k1" }).to_string());
        let token = format!("{header}.{claims}.{}", b64::encode("x".repeat(32)));
        assert_eq!(world.judge(&token).unwrap_err(), Refusal::AssertionAlgorithm, "{alg}");
    }
    let long = format!("{}{}", world.token(|_| ()), "A".repeat(16 * 1024));
    assert_eq!(world.judge(&long).unwrap_err(), Refusal::AssertionTooLong);
    assert_eq!(world.judge("not a token").unwrap_err(), Refusal::AssertionMalformed);
}

#[test]
fn the_form_must_carry_one_way_of_authentication() {
    let world = World::new();
    let (token, id) = (world.token(|_| ()), world.client.id.to_string());
    let kind = format!("client_assertion_type={}", ASSERTION_TYPE.replace(':', "%3A"));
    let other = AppId::new(NOW, &SeededEntropy::new(9));
    for (body, outcome) in [
        (format!("{kind}&client_assertion={token}"), Ok(world.client.id)),
        (format!("{kind}&client_assertion={token}&client_id={id}"), Ok(world.client.id)),
        (format!("{kind}&client_assertion={token}&client_id={other}"), Err(Refusal::ClientIdMismatch)),
        (String::new(), Err(Refusal::NoClientAuthentication)),
        (format!("client_assertion={token}"), Err(Refusal::ParameterMissing("client_assertion_type"))),
        (kind.clone(), Err(Refusal::ParameterMissing("client_assertion"))),
        (format!("client_assertion_type=x&client_assertion={token}"), Err(Refusal::AssertionTypeUnknown)),
        (format!("{kind}&client_assertion={token}&client_secret=s"), Err(Refusal::OtherClientAuthentication)),
    ] {
        let form = Form::parse(body.as_bytes()).unwrap();
        let read = Presented::read(&form, &rules(), NOW).map(|presented| presented.client());
        assert_eq!(read, outcome);
    }
}

proptest::proptest! {
    #[test]
    fn any_claims_are_judged_without_panic(exp in proptest::num::f64::ANY, nbf: i64, aud in "\\PC{0,9}", jti in "\\PC{0,9}") {
        let world = World::new();
        let token = world.token(|c| {
            c["exp"] = json!(exp);
            c["nbf"] = nbf.into();
            c["aud"] = aud.into();
            c["jti"] = jti.into();
        });
        proptest::prop_assert!(world.judge(&token).is_err());
    }
}
