//! What a token costs: parsing, verifying and signing, per algorithm.

use criterion::{Criterion, criterion_group, criterion_main};
use pano_crypto::jws::{self, Compact};
use pano_crypto::{Alg, PublicJwk, SigningKey, VerifyingKey};
use serde_json::{Value, json};
use std::hint::black_box;

fn jose(c: &mut Criterion) {
    let claims = json!({
        "iss": "https://auth.bank.example", "sub": "app_01J8ZQ5K7N3F4G6H8J9K0M1N2P",
        "client_id": "app_01J8ZQ5K7N3F4G6H8J9K0M1N2P", "aud": "https://api.bank.example",
        "scope": "accounts:read payments:write", "jti": "0123456789abcdefABCDEF", "iat": 1_800_000_000, "exp": 1_800_000_300,
    });
    for alg in Alg::ALL {
        let key = SigningKey::generate(alg).expect("a key");
        let verifying = VerifyingKey::new(key.public()).expect("its public half");
        let token = jws::sign(&key, "at+jwt", &claims).expect("a token");
        let mut group = c.benchmark_group(alg.text());
        group.bench_function("parse", |b| b.iter(|| Compact::parse(black_box(&token)).is_ok()));
        group.bench_function("parse and verify", |b| {
            b.iter(|| Compact::parse(black_box(&token)).and_then(|t| t.verify::<Value>(&verifying)).is_ok());
        });
        group.bench_function("sign", |b| b.iter(|| jws::sign(&key, "at+jwt", black_box(&claims)).is_ok()));
        let jwk = key.public().to_json().to_string();
        group.bench_function("read a key", |b| b.iter(|| PublicJwk::parse(black_box(jwk.as_bytes())).is_ok()));
        group.finish();
    }
}

criterion_group!(benches, jose);
criterion_main!(benches);
