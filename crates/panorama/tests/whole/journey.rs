//! `panorama journey …` as people meet it.

use crate::terminal::{panorama, text};

const ABROAD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../pano-journey/tests/fixtures/going-abroad.journey.yaml");

#[test]
fn journeys_are_checked_formatted_and_shown() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.journey.yaml");
    let path = file.to_str().unwrap();
    std::fs::write(&file, "owner: me  # who\npanorama: journey/v1\n").unwrap();
    let log = |arguments: &[&str]| serde_json::from_slice::<serde_json::Value>(&panorama(arguments).stdout).unwrap();
    assert_eq!(log(&["journey", "check", path, "-o", "json"])[0]["code"], "journey.key_missing");
    assert_eq!(log(&["journey", "check", path, "--sarif"])["version"], "2.1.0");
    assert_eq!(log(&["journey", "show", ABROAD, "-o", "json", "--part", "tasks"])["tasks"][0]["task"], "spot_need");
    assert_eq!(log(&["journey", "schema"])["$schema"], "https://json-schema.org/draft/2020-12/schema");
    let folder = folder.path().to_str().unwrap();
    let cases: &[(&[&str], i32, &[&str])] = &[
        (&["journey", "check", ABROAD], 0, &["warning[journey.", "0 error(s)"]),
        (&["journey", "check", ABROAD, "--strict"], 1, &["warning(s)"]),
        (&["journey", "check", folder], 1, &["error[journey.key_missing]", "1 | owner: me", "x.journey.yaml:1:1"]),
        (&["journey", "check", path, "--lang", "zh"], 1, &["建议"]),
        (&["journey", "check", "nowhere.journey.yaml"], 1, &["cannot open"]),
        (&["journey", "check"], 2, &["PATH"]),
        (&["journey", "show", path], 1, &["has errors"]),
        (
            &["journey", "show", ABROAD],
            0,
            &["going-abroad", "trip.booked", "CurrencyExchange/InitiateQuote", "quoteTravelMoney"],
        ),
        (&["journey", "fmt", "--check", path], 1, &["x.journey.yaml", "not in canonical form"]),
        (&["journey", "fmt", path], 0, &["1 rewritten"]),
        (&["journey", "fmt", "--check", folder], 0, &["0 not in canonical form"]),
    ];
    for (arguments, code, said) in cases {
        let output = panorama(arguments);
        let all = format!("{}{}", text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(*code), "{arguments:?}: {all}");
        for word in *said {
            assert!(all.contains(word), "{arguments:?} does not say {word:?}: {all}");
        }
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "panorama: journey/v1\nowner: me  # who\n");
}
