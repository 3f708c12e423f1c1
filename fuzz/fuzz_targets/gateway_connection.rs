//! Raw bytes on a connection of the gateway. See `pano_gateway::fuzz`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pano_gateway::fuzz::connection(bytes));
