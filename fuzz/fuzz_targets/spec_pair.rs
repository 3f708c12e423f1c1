//! Any bytes as two OpenAPI documents to compare, parted by 0xff.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pano_spec::harness::pair(bytes));
