//! Any bytes as a journey: checked, and formatted when they can be read.
#![no_main]

use pano_journey::tree::{Limits, Tree};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let limits = Limits::default();
    pano_journey::check::check(bytes, &pano_journey::bian::Landscape::new(), &limits);
    if let Some(tree) = std::str::from_utf8(bytes).ok().and_then(|text| Tree::read(text, &limits).ok()) {
        let once = pano_journey::format::format(&tree);
        let again = Tree::read(&once, &limits).expect("what was formatted can be read");
        assert_eq!(tree.root.to_json(), again.root.to_json());
        assert_eq!(pano_journey::format::format(&again), once);
    }
});
