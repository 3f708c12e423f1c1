//! Certificates from strangers, in DER and in PEM: no panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pano_crypto::Certificate;

fuzz_target!(|bytes: &[u8]| {
    let _ = Certificate::from_der(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = Certificate::from_pem(text);
    }
});
