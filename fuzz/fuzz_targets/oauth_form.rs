//! Bodies of the token endpoint: no panic on the way to a presented assertion.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pano_oauth::{AssertionRules, Form, Presented, TokenRequest};
use pano_types::Instant;

fuzz_target!(|body: &[u8]| {
    let Ok(form) = Form::parse(body) else { return };
    let rules = AssertionRules::new("https://auth.example", "https://auth.example/oauth2/token");
    let _ = TokenRequest::read(&form);
    let _ = Presented::read(&form, &rules, Instant::from_unix_seconds(1_800_000_000));
});
