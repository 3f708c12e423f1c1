//! Templates, an empty line, then paths. See `pano_gateway::fuzz`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pano_gateway::fuzz::router(bytes));
