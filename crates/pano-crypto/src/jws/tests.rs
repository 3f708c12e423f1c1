use super::*;
use crate::jwk::PublicJwk;
use crate::key::SigningKey;
use serde_json::json;

fn key(jwk: Value) -> VerifyingKey {
    VerifyingKey::new(&PublicJwk::try_from(jwk).unwrap()).unwrap()
}

fn signed(signer: &SigningKey, header: &str, claims: &str) -> String {
    let text = format!("{}.{}", b64::encode(header), b64::encode(claims));
    let signature = signer.sign(text.as_bytes()).unwrap();
    format!("{text}.{}", b64::encode(signature))
}

#[test]
fn rfc_7515_appendix_a3_verifies() {
    let key = key(json!({
        "kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    }));
    let token = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290\
                 Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    let claims: Value = Compact::parse(token).unwrap().verify(&key).unwrap();
    assert_eq!((&claims["iss"], &claims["exp"]), (&json!("joe"), &json!(1_300_819_380)));
}

#[test]
fn rfc_8037_appendix_a4_and_a5_sign_and_verify() {
    let token = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcN\
                 R4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    let public = key(json!({ "kty": "OKP", "crv": "Ed25519", "x": x }));
    Compact::parse(token).unwrap().verify_signature(&public).unwrap();

    // PKCS#8 of the RFC's `d`: RFC 8410 §7 puts the seed behind this prefix.
    let seed = b64::decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").unwrap();
    let der = [hex::decode("302e020100300506032b657004220420").unwrap(), seed].concat();
    let signer = SigningKey::from_pkcs8(&der).unwrap();
    assert_eq!(signer.public().to_json()["x"], x);
    assert_eq!(signed(&signer, r#"{"alg":"EdDSA"}"#, "Example of Ed25519 signing"), token);
}

#[test]
fn what_we_sign_another_library_verifies_and_the_other_way_round() {
    use jsonwebtoken as other;
    for (alg, name) in [(Alg::Es256, "ES256"), (Alg::Ps256, "PS256"), (Alg::EdDsa, "EdDSA")] {
        let signer = SigningKey::generate(alg).unwrap();
        let algorithm: other::Algorithm = name.parse().unwrap();
        let claims = json!({ "sub": "app", "exp": 4_000_000_000_u64 });

        let ours = sign(&signer, "at+jwt", &claims).unwrap();
        let jwk: other::jwk::Jwk = serde_json::from_value(signer.public().to_json()).unwrap();
        let decoding = other::DecodingKey::from_jwk(&jwk).unwrap();
        let read = other::decode::<Value>(&ours, &decoding, &other::Validation::new(algorithm)).unwrap();
        assert_eq!((read.claims, read.header.kid.as_deref()), (claims.clone(), signer.public().kid()));

        let pem = signer.to_pem().unwrap();
        let pem = pem.expose().as_bytes();
        let encoding = match alg {
            Alg::Es256 => other::EncodingKey::from_ec_pem(pem),
            Alg::Ps256 => other::EncodingKey::from_rsa_pem(pem),
            Alg::EdDsa => other::EncodingKey::from_ed_pem(pem),
        };
        let theirs = other::encode(&other::Header::new(algorithm), &claims, &encoding.unwrap()).unwrap();
        let verifier = VerifyingKey::new(signer.public()).unwrap();
        assert_eq!(Compact::parse(&theirs).unwrap().verify::<Value>(&verifier).unwrap(), claims);
    }
}

#[test]
fn headers_that_could_mislead_are_refused() {
    let signer = SigningKey::generate(Alg::Es256).unwrap();
    let long = format!(r#"{{"alg":"ES256","x":"{}"}}"#, "x".repeat(HEADER_BYTES_MAX));
    let wide_kid = format!(r#"{{"alg":"ES256","kid":"{}"}}"#, "k".repeat(129));
    for (header, error) in [
        (r#"{"alg":"none"}"#, "Algorithm"),
        (r#"{"alg":"NONE"}"#, "Algorithm"),
        (r#"{"alg":"HS256"}"#, "Algorithm"),
        (r#"{"alg":"RS256"}"#, "Algorithm"),
        (r#"{"alg":"es256"}"#, "Algorithm"),
        (r#"{"alg":["ES256"]}"#, "Algorithm"),
        (r#"{"typ":"JWT"}"#, "Algorithm"),
        (r#"{"alg":"ES256","alg":"none"}"#, "Header"),
        (r#"{"alg":"ES256","jwk":{"x":1,"x":2}}"#, "Header"),
        (r#"{"alg":"ES256","crit":["exp"],"exp":1}"#, "Critical"),
        (r#"{"alg":"ES256","b64":false,"crit":["b64"]}"#, "Critical"),
        (r#"{"alg":"ES256","kid":7}"#, "HeaderMember"),
        (wide_kid.as_str(), "HeaderMember"),
        (r#"["ES256"]"#, "Header"),
        ("", "Header"),
        (long.as_str(), "Header"),
    ] {
        let token = signed(&signer, header, "{}");
        let refused = format!("{:?}", Compact::parse(&token).unwrap_err());
        assert!(refused.starts_with(error), "{header}: {refused}");
    }
}

#[test]
fn other_serialisations_and_sizes_are_refused() {
    let signer = SigningKey::generate(Alg::EdDsa).unwrap();
    let good = sign(&signer, "JWT", &json!({})).unwrap();
    let huge = format!("{good}{}", "A".repeat(JWS_BYTES_MAX));
    for (token, why) in [
        (String::new(), "empty"),
        ("..".to_owned(), "no header"),
        (good.replace('.', ""), "one part"),
        (format!("{good}.AAAA"), "four parts"),
        (format!("{good}.AAAA.AAAA"), "five parts: encryption"),
        (format!("{good}="), "padding"),
        (format!(" {good}"), "white space"),
        (r#"{"payload":"e30","signatures":[]}"#.to_owned(), "JSON serialisation"),
        (huge, "too long"),
    ] {
        assert!(matches!(Compact::parse(&token), Err(Error::NotCompact | Error::TooLong | Error::Header(_))), "{why}");
    }
}

#[test]
fn a_key_verifies_only_its_own_algorithm_and_signatures() {
    let (ec, ed) = (SigningKey::generate(Alg::Es256).unwrap(), SigningKey::generate(Alg::EdDsa).unwrap());
    let ec_key = VerifyingKey::new(ec.public()).unwrap();
    let token = sign(&ed, "JWT", &json!({})).unwrap();
    assert!(matches!(Compact::parse(&token).unwrap().verify::<Value>(&ec_key), Err(Error::AlgorithmMismatch)));
    let token = sign(&SigningKey::generate(Alg::Es256).unwrap(), "JWT", &json!({})).unwrap();
    assert!(matches!(Compact::parse(&token).unwrap().verify::<Value>(&ec_key), Err(Error::Signature)));

    // A key that the sender brings along is not looked at.
    let header = json!({ "alg": "ES256", "jwk": SigningKey::generate(Alg::Es256).unwrap().public().to_json() });
    let token = signed(&ec, &header.to_string(), "{}");
    Compact::parse(&token).unwrap().verify::<Value>(&ec_key).unwrap();
}

#[test]
fn stripped_swapped_or_doubled_claims_are_refused() {
    let signer = SigningKey::generate(Alg::Es256).unwrap();
    let key = VerifyingKey::new(signer.public()).unwrap();
    let good = sign(&signer, "JWT", &json!({ "sub": "a" })).unwrap();
    let (head, signature) = good.rsplit_once('.').unwrap();
    let stripped = format!("{head}.");
    let swapped = format!("{}.{}.{signature}", head.split_once('.').unwrap().0, b64::encode(r#"{"sub":"b"}"#));
    for token in [&stripped, &swapped] {
        assert!(matches!(Compact::parse(token).unwrap().verify::<Value>(&key), Err(Error::Signature)));
    }
    let doubled = signed(&signer, r#"{"alg":"ES256"}"#, r#"{"sub":"a","sub":"b"}"#);
    assert!(matches!(Compact::parse(&doubled).unwrap().verify::<Value>(&key), Err(Error::Claims(_))));
}

proptest::proptest! {
    #[test]
    fn parsing_never_panics(text in "[A-Za-z0-9_.-]{0,200}") {
        let _ = Compact::parse(&text).map(|jws| jws.unverified::<Value>().is_ok());
    }

    #[test]
    fn any_change_to_a_token_is_noticed(at in 0usize..400, to in "[A-Za-z0-9_-]") {
        let signer = SigningKey::generate(Alg::Es256).unwrap();
        let key = VerifyingKey::new(signer.public()).unwrap();
        let mut token = sign(&signer, "JWT", &json!({ "sub": "app_1", "n": 12 })).unwrap();
        let at = at % token.len();
        let changed = token[at..=at] != *to;
        token.replace_range(at..=at, &to);
        let verified = Compact::parse(&token).and_then(|jws| jws.verify::<Value>(&key)).is_ok();
        proptest::prop_assert_eq!(verified, !changed);
    }
}
