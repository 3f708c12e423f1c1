//! What an editor and a running journey wait for: checking a file of 200 states (wanted: under 50 ms), formatting it, taking an event.

#![allow(missing_docs, reason = "the macros of criterion make public functions")]

use criterion::{Criterion, criterion_group, criterion_main};
use pano_journey::bian::Landscape;
use pano_journey::check::check;
use pano_journey::format::format;
use pano_journey::machine::{self, Happening};
use pano_journey::tree::{Limits, Tree};
use pano_types::Instant;
use serde_json::Value;
use std::fmt::Write as _;
use std::hint::black_box;

/// Ten regions of twenty states in a row, each left by its own event, under a guard and after a time.
fn large() -> String {
    let (mut events, mut regions) = (String::new(), String::new());
    for region in 0..10 {
        let _ = write!(regions, "    r{region}:\n      initial: s0\n      states:\n");
        for state in 0..20 {
            let _ = writeln!(
                events,
                "  go.r{region}_s{state}: {{by: shop, context: c, cid: {{key: data.key}}, data: {{key: string, n: int}}}}"
            );
            let _ = match state {
                19 => writeln!(regions, "        s19: {{final: true}}"),
                _ => writeln!(
                    regions,
                    "        s{state}: {{moves: {{go.r{region}_s{state}: [{{to: s{}, when: data.n > {state} && facts.n < 100}}, s19]}}, after: {{P{}D: s19}}}}",
                    state + 1,
                    state + 1
                ),
            };
        }
    }
    format!(
        "panorama: journey/v1\nid: large\nversion: 1.0.0\ntitle: {{zh: 大, en: large}}\ninstance: {{subject: who, key: key}}\n\
         parties:\n  bank: {{kind: self}}\n  shop: {{kind: partner, agreement: merchant}}\nvalue_chain:\n  - {{id: s, activities: [a]}}\n\
         contexts:\n  c: {{stage: s, channels: [web], facts: {{n: {{type: int, class: C1, from: {{go.begin: data.n}}}}}}, purpose: p}}\n\
         events:\n  go.begin: {{by: shop, context: c, cid: {{who: data.who, key: data.key}}, data: {{who: string, key: string, n: int}}, outcome: goal}}\n{events}\
         chart:\n  start: {{event: go.begin}}\n  regions:\n{regions}tasks:\n  t: {{party: bank, in: go.begin, bian: ConsumerLoan/Initiate}}\n"
    )
}

fn journeys(c: &mut Criterion) {
    let (text, landscape, limits) = (large(), Landscape::new(), Limits::default());
    let checked = check(text.as_bytes(), &landscape, &limits);
    assert!(checked.is_sound(), "{:?}", checked.diagnostics);
    c.bench_function("journey/check 200 states", |b| b.iter(|| check(black_box(text.as_bytes()), &landscape, &limits)));
    c.bench_function("journey/format 200 states", |b| {
        b.iter(|| Tree::read(black_box(&text), &limits).map(|tree| format(&tree)));
    });
    let (_, plan) = checked.journey.expect("the journey is sound");
    let data = serde_json::json!({ "who": "w", "key": "k", "n": 50 });
    let now = Instant::from_unix_seconds(1_800_000_000);
    let first = machine::begin(&plan, "go.begin", &data, now).expect("it comes to rest").expect("it begins");
    let event = Happening::Event { name: "go.r5_s0", data: &data };
    c.bench_function("journey/take an event", |b| {
        b.iter(|| machine::take(&plan, black_box(&first.position), event, now))
    });
    let odd = Happening::Event { name: "odd", data: &Value::Null };
    c.bench_function("journey/take none", |b| b.iter(|| machine::take(&plan, black_box(&first.position), odd, now)));
}

criterion_group!(benches, journeys);
criterion_main!(benches);
