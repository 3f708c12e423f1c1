//! Compact JWS from strangers: no panic, and nothing verifies that we did not sign.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pano_crypto::jws::Compact;
use pano_crypto::{Alg, SigningKey, VerifyingKey};
use serde_json::Value;
use std::sync::LazyLock;

static KEY: LazyLock<VerifyingKey> = LazyLock::new(|| {
    let key = SigningKey::generate(Alg::Es256).expect("a key");
    VerifyingKey::new(key.public()).expect("its public half")
});

fuzz_target!(|text: &str| {
    if let Ok(jws) = Compact::parse(text) {
        let _ = jws.unverified::<Value>();
        assert!(jws.verify::<Value>(&KEY).is_err());
    }
});
