//! An access token that nobody signed. See `pano_gateway::fuzz`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pano_gateway::fuzz::token(bytes));
