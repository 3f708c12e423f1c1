//! Benches of the parts that a request or a publish pays for.
#![allow(
    clippy::indexing_slicing,
    missing_docs,
    reason = "indices are made here; criterion's macro makes a public function"
)]

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use criterion::{Criterion, criterion_group, criterion_main};
use http::Method;
use pano_gateway::compiled::Compiler;
use pano_gateway::contract::{Contract, Shelf};
use pano_gateway::path;
use pano_gateway::registry::Registry;
use pano_gateway::router::Router;
use pano_gateway::token::{Keys, Memory, Rules, verify};
use pano_snapshot::contract::{BodyContract, OperationContract};
use pano_snapshot::unit::{
    Access, ApiUnit, AppUnit, IssuerUnit, OperationUnit, Rate, ServingState, SubscriptionUnit, Upstream,
};
use pano_snapshot::{ApiContract, Digested, Snapshot, Unit};
use pano_types::clock::SeededEntropy;
use pano_types::id::{ApiId, ApiVersionId, AppId, PartnerId, SubscriptionId};
use pano_types::{ApiLevel, DataClass, Instant};
use serde_json::json;
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::hint::black_box;
use std::rc::Rc;
use std::sync::Arc;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const NOW: Instant = Instant::from_unix_seconds(1_770_000_000);

fn routers(c: &mut Criterion) {
    for count in [10_000, 50_000] {
        let mut router = Router::default();
        let mut paths = Vec::new();
        for n in 0..count {
            let (domain, record, step) = (n / 500, n / 10 % 50, n % 10);
            let template = format!("/ServiceDomain{domain}/Record{record}/{{id}}/Step{step}/{{sub}}");
            router.insert(Method::GET, &template, n).expect("templates differ");
            paths.push(format!("/ServiceDomain{domain}/Record{record}/cr-{n}/Step{step}/7"));
        }
        let mut at = 0;
        c.bench_function(&format!("router {count} find"), |b| {
            b.iter(|| {
                at = (at + 7919) % paths.len();
                let path = path::normalise(&paths[at]).expect("paths are plain");
                black_box(router.find(&path).is_some())
            });
        });
    }
}

fn tokens(c: &mut Criterion) {
    let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).expect("a key");
    let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref()).expect("the same key");
    let point = key.public_key().as_ref();
    let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..]));
    let jwks = json!({"keys": [{"kty": "EC", "crv": "P-256", "kid": "k", "x": x, "y": y}]});
    let unit = IssuerUnit { issuer: "https://issuer.test".into(), audience: "panorama".into(), jwks };
    let keys = Keys::new(1, [&unit]).expect("a key set");
    let claims = json!({
        "iss": "https://issuer.test", "aud": "panorama", "client_id": "app_01ARZ3NDEKTSV4RRFFQ69G5FAV", "jti": "1",
        "scope": "accounts:read payments:write", "iat": NOW.unix_seconds(), "exp": NOW.unix_seconds() + 300,
    });
    let header = json!({"alg": "ES256", "typ": "at+jwt", "kid": "k"});
    let signed =
        format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()));
    let signature = key.sign(&SystemRandom::new(), signed.as_bytes()).expect("a signature");
    let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()));
    c.bench_function("token verify, never seen", |b| {
        b.iter(|| verify(black_box(token.as_bytes()), &keys, Rules::default(), NOW).expect("a good token"));
    });
    let mut memory = Memory::new(10_000, &SeededEntropy::new(1));
    let tag = memory.tag(token.as_bytes());
    memory.remember(tag, Rc::new(verify(token.as_bytes(), &keys, Rules::default(), NOW).expect("a good token")));
    c.bench_function("token verify, remembered", |b| {
        b.iter(|| {
            let tag = memory.tag(black_box(token.as_bytes()));
            black_box(memory.recall(&tag)).is_some()
        });
    });
}

fn operation(name: &str, method: &str, path: &str) -> OperationUnit {
    OperationUnit {
        name: name.into(),
        method: method.into(),
        path: path.into(),
        access: Access::App { scopes: vec!["accounts:read".into()] },
        data_class: DataClass::C2,
        max_body_bytes: 1 << 20,
        deadline_ms: None,
        rate: None,
        contract: None,
    }
}

fn schemas(c: &mut Criterion) {
    let schema = json!({
        "type": "object", "required": ["debtor", "creditor", "amount"], "additionalProperties": false,
        "properties": {
            "debtor": {"$ref": "#/$defs/account"}, "creditor": {"$ref": "#/$defs/account"},
            "amount": {"type": "object", "required": ["currency", "value"], "properties": {
                "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
                "value": {"type": "string", "pattern": "^[0-9]{1,13}(\\.[0-9]{1,5})?$"}}},
            "remittance": {"type": "string", "maxLength": 140}, "date": {"type": "string", "format": "date"},
        },
        "$defs": {"account": {"type": "object", "required": ["id"], "properties": {
            "id": {"type": "string", "minLength": 5, "maxLength": 34}, "name": {"type": "string", "maxLength": 70}}}},
    });
    let mut schema = schema;
    let definition = schema["$defs"]["account"].take();
    schema.as_object_mut().expect("an object").remove("$defs");
    let raw = |value: &serde_json::Value| RawValue::from_string(value.to_string()).expect("JSON");
    let body = BodyContract { required: true, media: vec![("application/json".into(), Some(0))] };
    let pay = ApiContract {
        definitions: [("account".to_owned(), raw(&definition))].into(),
        schemas: vec![raw(&schema)],
        operations: vec![OperationContract { parameters: Vec::new(), body: Some(body) }],
    };
    let contract = Contract::new(&pay, 0).expect("the schema compiles");
    let body = json!({
        "debtor": {"id": "NL00BANK0123456789", "name": "A"}, "creditor": {"id": "NL00BANK9876543210", "name": "B"},
        "amount": {"currency": "EUR", "value": "12.50"}, "remittance": "invoice 7", "date": "2026-02-28",
    });
    let body = body.to_string();
    c.bench_function("schema validate, payment", |b| {
        b.iter(|| contract.check_body(Some("application/json"), black_box(body.as_bytes())).expect("a good body"));
    });
    c.bench_function("schema compile, payment", |b| b.iter(|| Contract::new(black_box(&pay), 0).expect("it compiles")));
}

fn api(n: usize, entropy: &SeededEntropy) -> ApiUnit {
    ApiUnit {
        version_id: ApiVersionId::new(NOW, entropy),
        api: ApiId::new(NOW, entropy),
        slug: format!("api{n}"),
        version: "1.0.0".into(),
        state: ServingState::Published,
        hosts: Vec::new(),
        base_path: format!("/api{n}/v1"),
        level: ApiLevel::A2,
        upstream: Upstream { targets: vec!["http://127.0.0.1:7003".into()], ..Upstream::default() },
        contract: None,
        operations: (0..50).map(|o| operation(&format!("op{o}"), "GET", &format!("/record{o}/{{id}}/step"))).collect(),
    }
}

fn app(api: &ApiUnit, entropy: &SeededEntropy) -> Unit {
    let rate = Some(Rate { requests: 100, per_seconds: 1, burst: 200 });
    Unit::App(AppUnit {
        id: AppId::new(NOW, entropy),
        partner: PartnerId::new(NOW, entropy),
        rate,
        partner_rate: rate,
        subscriptions: vec![SubscriptionUnit {
            id: SubscriptionId::new(NOW, entropy),
            api: api.api,
            environment: pano_types::Environment::Sandbox,
            rate: None,
            quota_per_day: Some(1_000_000),
        }],
        certificates: Vec::new(),
    })
}

fn snapshots(c: &mut Criterion) {
    let entropy = SeededEntropy::new(9);
    let apis: Vec<ApiUnit> = (0..200).map(|n| api(n, &entropy)).collect();
    let mut units: Vec<Unit> = apis.iter().cloned().map(Unit::Api).collect();
    units.extend((0..10_000).map(|n| app(&apis[n % apis.len()], &entropy)));
    let snapshot = Snapshot::new(1, units.iter().cloned());
    let all: Vec<Digested> = snapshot.units().values().cloned().collect();
    let mut group = c.benchmark_group("snapshot of 10,000 operations and 10,000 apps");
    group.sample_size(10);
    group.bench_function("compile whole", |b| {
        b.iter(|| {
            let mut compiler = Compiler::new(Arc::new(Registry::default()), HashMap::new(), Arc::new(Shelf::new(None)));
            compiler.compile(snapshot.outline(), &all).expect("it compiles")
        });
    });
    let mut compiler = Compiler::new(Arc::new(Registry::default()), HashMap::new(), Arc::new(Shelf::new(None)));
    compiler.compile(snapshot.outline(), &all).expect("it compiles");
    for (name, extra) in [("one more API", Unit::Api(api(999, &entropy))), ("one more app", app(&apis[0], &entropy))] {
        let next = Snapshot::new(2, units.iter().cloned().chain([extra]));
        let (there, back) = (next.delta_from(Some(&snapshot)), snapshot.delta_from(Some(&next)));
        group.bench_function(format!("apply delta, {name} and its removal"), |b| {
            b.iter(|| {
                for delta in [&there, &back] {
                    let (outline, changed) = compiler.outline().apply(delta.clone()).expect("it applies");
                    compiler.compile(outline, &changed).expect("it compiles");
                }
            });
        });
    }
    group.finish();
}

criterion_group!(benches, routers, tokens, schemas, snapshots);
criterion_main!(benches);
