//! Formatting changes no value, loses no comment, and is done once.

use super::format;
use crate::tree::{Limits, Tree};
use proptest::prelude::*;

fn read(text: &str) -> Tree {
    Tree::read(text, &Limits::default()).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn check(text: &str, expected: &str) {
    assert_eq!(format(&read(text)), expected);
    assert_eq!(format(&read(expected)), expected, "not the same the second time");
}

#[test]
fn keys_come_in_order_and_comments_with_them() {
    check(
        "# head\nversion: 1.0.0   # which\n\n# the name\nid:   'x'\nparties:  # who\n    bank: { kind: self } # us\n    # them\n    shop:\n        kind: partner\n# end\n",
        "# the name\nid: x\n# head\nversion: 1.0.0  # which\nparties:  # who\n  bank: {kind: self}  # us\n  # them\n  shop: {kind: partner}\n# end\n",
    );
}

#[test]
fn what_is_too_long_or_holds_a_comment_is_written_in_lines() {
    let long = "a".repeat(90);
    check(
        &format!("tasks: {{x: {{party: bank, in: [b.c, # why\n d.e], gap: {{zh: {long}, en: b}}}}}}\n"),
        &format!(
            "tasks:\n  x:\n    party: bank\n    in:\n      - b.c  # why\n      - d.e\n    gap: {{zh: {long}, en: b}}\n"
        ),
    );
    check("value_chain: [{activities: [a, b], id: p}]\n", "value_chain:\n  - {id: p, activities: [a, b]}\n");
    check(
        "steer:\n- need: x\n  # where\n  at: {a: b}\n-   at: {c: d}   # there\n",
        "steer:\n  # where\n  - at: {a: b}\n    need: x\n  # there\n  - at: {c: d}\n",
    );
}

#[test]
fn texts_keep_their_value() {
    check(
        "owner: \"a: b\"\nid: 'yes'\nversion: '1.0'\nnarrative: {zh: \"一\\n二\\n\", en: '#x'}\n",
        "id: \"yes\"\nversion: \"1.0\"\nnarrative:\n  zh: |\n    一\n    二\n  en: \"#x\"\nowner: \"a: b\"\n",
    );
}

#[test]
fn json_stays_json() {
    let text = "{\"version\": \"1.0.0\", \"id\": \"x\"}";
    assert_eq!(format(&read(text)), "{\n  \"id\": \"x\",\n  \"version\": \"1.0.0\"\n}\n");
}

/// YAML text with comments at odd places: in lines, in braces spread over lines, behind keys, at the end.
fn document() -> impl Strategy<Value = String> {
    let word = "[a-z]{1,6}|[ -~]{0,12}|[一二三]{1,3}|yes|1|-|~|a: b|x #y|\\|";
    let scalar = word.prop_map(|text: String| serde_json::to_string(&text).unwrap());
    let leaf = prop_oneof![scalar, Just("1.5".to_owned()), Just("plain text".to_owned()), Just("{}".to_owned())];
    let value = leaf.prop_recursive(3, 20, 4, |inner| {
        let comment = prop_oneof![Just(""), Just(" # c\n"), Just("\n # d\n #e\n"), Just("\n")];
        let items = prop::collection::vec((inner.clone(), comment.clone()), 0..4);
        let members = prop::collection::vec((inner, comment), 0..4);
        prop_oneof![
            items.prop_map(|items| {
                let items = items.iter().map(|(item, comment)| format!("{item},{comment} "));
                format!("[{}]", items.collect::<String>())
            }),
            members.prop_map(|members| {
                let members =
                    members.iter().enumerate().map(|(i, (value, comment))| format!("k{i}: {value},{comment} "));
                format!("{{{}}}", members.collect::<String>())
            }),
        ]
    });
    let keys = ["id", "steer", "tasks", "title", "parties", "chart", "odd", "api", "kpi", "events"];
    let before = prop_oneof![Just(""), Just("# before\n"), Just("\n# one\n# two\n\n")];
    let behind = prop_oneof![Just(""), Just(" # behind"), Just("\n# after")];
    prop::collection::vec((value, before, behind), 1..keys.len()).prop_map(move |entries| {
        let lines = entries.iter().zip(keys).map(|((value, before, behind), key)| {
            // What is in braces must stand further in than its key.
            format!("{before}{key}: {}{behind}\n", value.replace('\n', "\n  "))
        });
        lines.collect::<String>()
    })
}

fn comments(tree: &Tree) -> Vec<String> {
    let mut all: Vec<_> = tree.comments.iter().flat_map(|c| c.text.split('#').map(|t| t.trim().to_owned())).collect();
    all.sort();
    all
}

/// Values without the order of keys, which formatting sets.
fn plain(tree: &Tree) -> serde_json::Value {
    let mut value = tree.root.to_json();
    value.sort_all_objects();
    value
}

proptest! {
    #[test]
    fn nothing_changes_but_the_form(text in document()) {
        let tree = read(&text);
        let once = format(&tree);
        let again = Tree::read(&once, &Limits::default()).map_err(|e| TestCaseError::fail(format!("{e}\n{text}\n---\n{once}")))?;
        prop_assert_eq!(plain(&tree), plain(&again), "{}\n---\n{}", text, once);
        prop_assert_eq!(comments(&tree), comments(&again), "{}\n---\n{}", text, once);
        prop_assert_eq!(&format(&again), &once, "from {}", text);
    }
}
