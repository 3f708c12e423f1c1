//! Any bytes as an OpenAPI document.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pano_spec::harness::document(bytes));
