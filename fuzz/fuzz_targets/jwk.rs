//! JWKs from strangers: no panic; what is accepted is written and read again as the same key, without private members.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pano_crypto::PublicJwk;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(key) = PublicJwk::parse(bytes) {
        let json = key.to_json();
        assert!(json.get("d").is_none());
        assert_eq!(PublicJwk::parse(json.to_string().as_bytes()).expect("our own form"), key);
    }
});
