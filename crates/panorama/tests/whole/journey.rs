//! `panorama journey …` as people meet it.

use crate::terminal::{panorama, text};

/// The agreed sample of a journey, which lies beside the API descriptions; left out where there are none.
fn abroad() -> Option<String> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/specs");
    let specs = std::env::var("PANORAMA_SPECS").unwrap_or_else(|_| root.to_owned());
    let path = std::path::Path::new(&specs).join("../journeys/going-abroad.journey.yaml");
    if !path.exists() {
        println!("left out: {} is missing (set PANORAMA_SPECS)", path.display());
        return None;
    }
    Some(path.display().to_string())
}

#[test]
fn journeys_are_checked_formatted_and_shown() {
    let Some(abroad) = abroad() else { return };
    let abroad = abroad.as_str();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.journey.yaml");
    let path = file.to_str().unwrap();
    std::fs::write(&file, "owner: me  # who\npanorama: journey/v1\n").unwrap();
    let log = |arguments: &[&str]| serde_json::from_slice::<serde_json::Value>(&panorama(arguments).stdout).unwrap();
    assert_eq!(log(&["journey", "check", path, "-o", "json"])[0]["code"], "journey.key_missing");
    assert_eq!(log(&["journey", "check", path, "--sarif"])["version"], "2.1.0");
    assert_eq!(log(&["journey", "show", abroad, "-o", "json", "--part", "tasks"])["tasks"][0]["task"], "spot_need");
    assert_eq!(log(&["journey", "schema"])["$schema"], "https://json-schema.org/draft/2020-12/schema");
    let folder = folder.path().to_str().unwrap();
    let cases: &[(&[&str], i32, &[&str])] = &[
        (&["journey", "check", abroad], 0, &["warning[journey.", "0 error(s)"]),
        (&["journey", "check", abroad, "--strict"], 1, &["warning(s)"]),
        (&["journey", "check", folder], 1, &["error[journey.key_missing]", "1 | owner: me", "x.journey.yaml:1:1"]),
        (&["journey", "check", path, "--lang", "zh"], 1, &["建议"]),
        (&["journey", "check", "nowhere.journey.yaml"], 1, &["cannot open"]),
        (&["journey", "check"], 2, &["PATH"]),
        (&["journey", "show", path], 1, &["has errors"]),
        (
            &["journey", "show", abroad],
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
