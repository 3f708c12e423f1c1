//! What tests of this crate share: units, an issuer that signs, upstreams and clients on real sockets.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pano_snapshot::contract::{BodyContract, OperationContract, ParameterContract};
use pano_snapshot::unit::{Access, ApiUnit, OperationUnit, ServingState, Upstream};
use pano_snapshot::{ApiContract, IssuerUnit};
use pano_types::clock::SeededEntropy;
use pano_types::id::{ApiId, ApiVersionId};
use pano_types::{ApiLevel, DataClass, Instant};
use serde_json::{Value, json};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

/// Ids that follow from a name.
pub(crate) fn entropy(name: &str) -> SeededEntropy {
    SeededEntropy::new(BuildHasherDefault::<DefaultHasher>::default().hash_one(name))
}

/// An API without operations at `/NAME`.
pub(crate) fn api(slug: &str, target: &str) -> ApiUnit {
    let (at, entropy) = (Instant::from_unix_seconds(1_770_000_000), entropy(slug));
    ApiUnit {
        version_id: ApiVersionId::new(at, &entropy),
        api: ApiId::new(at, &entropy),
        slug: slug.into(),
        version: "1.0.0".into(),
        state: ServingState::Published,
        hosts: Vec::new(),
        base_path: format!("/{slug}"),
        level: ApiLevel::A1,
        upstream: Upstream { targets: vec![target.into()], ..Upstream::default() },
        contract: None,
        operations: Vec::new(),
    }
}

/// A contract without shared definitions: of each operation its parameters (name, place, required, style, explode, schema) and the
/// schema of its JSON body.
pub(crate) fn contract(operations: &[(&[Parameter<'_>], Option<Value>)]) -> ApiContract {
    let mut contract = ApiContract::default();
    let mut place = |schema: &Value| {
        contract.schemas.push(serde_json::value::RawValue::from_string(schema.to_string()).unwrap());
        u32::try_from(contract.schemas.len() - 1).unwrap()
    };
    let mut found = Vec::new();
    for (parameters, body) in operations {
        let parameter = |(name, location, required, style, explode, schema): &Parameter<'_>| ParameterContract {
            name: (*name).into(),
            location: (*location).into(),
            required: *required,
            style: (*style).into(),
            explode: *explode,
            schema: place(schema),
        };
        let parameters = parameters.iter().map(parameter).collect();
        let body = body.as_ref().map(|schema| BodyContract {
            required: true,
            media: vec![("application/json".into(), Some(place(schema))), ("text/*".into(), None)],
        });
        found.push(OperationContract { parameters, body });
    }
    contract.operations = found;
    contract
}

/// Name, place, required, style, explode, schema.
pub(crate) type Parameter<'p> = (&'p str, &'p str, bool, &'p str, bool, Value);

/// A public operation without a contract.
pub(crate) fn operation(name: &str, method: &str, path: &str) -> OperationUnit {
    OperationUnit {
        name: name.into(),
        method: method.into(),
        path: path.into(),
        access: Access::Public,
        data_class: DataClass::C1,
        max_body_bytes: 1 << 20,
        deadline_ms: None,
        rate: None,
        contract: None,
    }
}

/// Issues access tokens.
pub(crate) struct Issuer {
    name: String,
    key: EcdsaKeyPair,
}

impl Issuer {
    pub(crate) fn new(name: &str) -> Self {
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref()).unwrap();
        Self { name: name.into(), key }
    }

    pub(crate) fn unit(&self) -> IssuerUnit {
        let point = self.key.public_key().as_ref();
        let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..]));
        let key = json!({"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "k1", "x": x, "y": y});
        IssuerUnit { issuer: self.name.clone(), audience: "panorama".into(), jwks: json!({ "keys": [key] }) }
    }

    /// Header and claims of a good token.
    pub(crate) fn parts(&self, client: &str, scope: &str, now: Instant) -> (Value, Value) {
        let seconds = now.unix_seconds();
        let claims = json!({
            "iss": self.name, "sub": client, "client_id": client, "aud": "panorama", "scope": scope,
            "jti": format!("jti-{client}-{seconds}"), "iat": seconds, "exp": seconds + 300,
        });
        (json!({"alg": "ES256", "typ": "at+jwt", "kid": "k1"}), claims)
    }

    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> String {
        let signed =
            format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()));
        let signature = self.key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }

    pub(crate) fn token(&self, client: &str, scope: &str, now: Instant) -> String {
        let (header, claims) = self.parts(client, scope, now);
        self.sign(&header, &claims)
    }
}
