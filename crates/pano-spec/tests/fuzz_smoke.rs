//! The fuzz harness on its corpus and on mutations of it, so that every build runs it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::type_complexity,
    missing_docs
)]

use pano_spec::harness;
use proptest::prelude::*;
use std::path::PathBuf;
use std::sync::LazyLock;

static CORPUS: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(|| {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/spec_document");
    let mut files: Vec<(String, Vec<u8>)> = std::fs::read_dir(folder)
        .unwrap()
        .flatten()
        .map(|entry| (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap()))
        .collect();
    files.sort();
    files
});

#[test]
fn the_corpus_holds() {
    assert!(CORPUS.len() >= 10);
    for (name, bytes) in CORPUS.iter() {
        println!("{name}");
        harness::document(bytes);
        for (_, other) in CORPUS.iter() {
            harness::pair(&[bytes.as_slice(), other.as_slice()].join(&0xff));
        }
    }
}

/// Words that documents are made of, to put in place of others.
const WORDS: [&str; 24] = [
    "$ref",
    "'#/components/schemas/A'",
    "allOf",
    "null",
    "true",
    "[]",
    "{}",
    "-1",
    "1.5e308",
    "'~'",
    "&a",
    "*a",
    "<<",
    "? ",
    "|\n",
    "- ",
    ": ",
    "\u{feff}",
    "type",
    "string",
    "object",
    "required",
    "nullable",
    "\"",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn mutations_hold(pick in any::<prop::sample::Index>(), edits in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0usize..12), 1..6)) {
        let mut text = CORPUS[pick.index(CORPUS.len())].1.clone();
        for (at, word, cut) in edits {
            let at = at.index(text.len() + 1);
            let end = (at + cut).min(text.len());
            text.splice(at..end, WORDS[word.index(WORDS.len())].bytes());
        }
        harness::document(&text);
    }

    #[test]
    fn any_text_holds(text in "\\PC{0,200}") {
        harness::document(text.as_bytes());
        harness::document(format!("openapi: 3.0.0\ninfo: {{title: a, version: b}}\nx-a: {text}\n").as_bytes());
    }
}
