//! The committed documents are those that the code gives, and the schema says what the reader says.

use pano_journey::diagnostic;
use pano_journey::format::format;
use pano_journey::grammar::{conform, schema};
use pano_journey::tree::{Limits, Tree};

fn committed(file: &str, fresh: &str) {
    let path = format!("{}/../../docs/{file}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("PANORAMA_WRITE_DOCS").is_some() {
        std::fs::write(&path, fresh).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == fresh, "docs/{file} is stale: run ./dev generate and commit it");
}

#[test]
fn the_committed_schema_of_journeys_is_up_to_date() {
    committed("journey.schema.json", &format!("{}\n", serde_json::to_string_pretty(&schema()).unwrap()));
}

#[test]
fn the_committed_page_of_diagnostics_is_up_to_date() {
    committed("journey-diagnostics.md", &diagnostic::document());
}

/// The agreed sample of a journey, which lies beside the API descriptions; left out where there are none.
fn abroad() -> Option<String> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/specs");
    let specs = std::env::var("PANORAMA_SPECS").unwrap_or_else(|_| root.to_owned());
    let path = std::path::Path::new(&specs).join("../journeys/going-abroad.journey.yaml");
    if !path.exists() {
        println!("left out: {} is missing (set PANORAMA_SPECS)", path.display());
        return None;
    }
    Some(std::fs::read_to_string(path).unwrap())
}

const SOUND: &str = include_str!("../fixtures/sound.journey.yaml");

#[test]
fn the_schema_and_the_reader_agree() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    for text in [Some(SOUND.to_owned()), abroad()].into_iter().flatten() {
        let tree = Tree::read(&text, &Limits::default()).unwrap();
        let mistakes: Vec<_> = validator.iter_errors(&tree.root.to_json()).map(|error| error.to_string()).collect();
        assert_eq!(mistakes, Vec::<String>::new());
        assert_eq!(conform(&tree.root), []);
    }
    let swaps = [
        ("id: sound", "id: Sound"),
        ("id: sound", "id: 7"),
        ("variants:", "variant:"),
        ("version: 1.0.0\n", ""),
        ("kind: partner", "kind: friend"),
        ("funnel: [order.placed, loan.asked, loan.paid]", "funnel: []"),
        ("per_day: 20000", "per_day: -1"),
        ("gone: {final: true}", "gone: {final: maybe}"),
        ("after: {P30D: over}", "after: {P1M: over}"),
    ];
    for (from, to) in swaps {
        let tree = Tree::read(&SOUND.replacen(from, to, 1), &Limits::default()).unwrap();
        assert!(!validator.is_valid(&tree.root.to_json()), "the schema lets {to:?} pass");
        assert!(!conform(&tree.root).is_empty(), "the reader lets {to:?} pass");
    }
}

#[test]
fn a_journey_is_formatted_without_loss() {
    for text in [Some(SOUND.to_owned()), abroad()].into_iter().flatten() {
        let tree = Tree::read(&text, &Limits::default()).unwrap();
        let once = format(&tree);
        let again = Tree::read(&once, &Limits::default()).unwrap();
        // Maps are equal whatever the order of their keys.
        assert_eq!(tree.root.to_json(), again.root.to_json());
        let comments = |tree: &Tree| tree.comments.iter().map(|comment| comment.text.clone()).collect::<Vec<_>>();
        assert_eq!(comments(&tree), comments(&again));
        assert_eq!(format(&again), once);
    }
}
