//! The lint and the comparison on real documents and on small ones made for one point.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::type_complexity,
    missing_docs
)]

use pano_spec::diff::{self, Class};
use pano_spec::lint::{self, Level, LintConfig};
use pano_spec::{Document, Severity};
use pano_types::Lang;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

fn specs() -> Option<PathBuf> {
    let named = std::env::var_os("PANORAMA_SPECS").map(PathBuf::from);
    let folder = named.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/specs"));
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{} is missing", folder.display());
    println!("left out: {} is missing (set PANORAMA_SPECS)", folder.display());
    None
}

fn read(file: &str) -> Option<Document> {
    Some(Document::read(&std::fs::read(specs()?.join(file)).unwrap()).unwrap())
}

/// A document of one operation, with the given text for its parts.
fn with(parameters: &str, request: &str, response: &str, rest: &str) -> Document {
    let text = format!(
        "openapi: 3.0.3\ninfo: {{title: T, version: '1'}}\npaths:\n  /things/{{id}}:\n    post:\n      operationId: o\n      parameters: [{{name: id, in: path, required: true, schema: {{type: string}}}}{parameters}]\n      requestBody: {{content: {{application/json: {{schema: {request}}}}}}}\n      responses: {{'200': {{description: ok, content: {{application/json: {{schema: {response}}}}}}}}}\n{rest}"
    );
    Document::read(text.as_bytes()).unwrap_or_else(|e| panic!("{e}\n{text}"))
}

#[test]
fn each_change_is_classified() {
    let schema_cases = [
        // (before, after, kind, narrower?)
        ("{type: string}", "{type: string, maxLength: 5}", "bound-tightened", true),
        ("{type: string, minLength: 2}", "{type: string, minLength: 1}", "bound-loosened", false),
        ("{type: integer, minimum: 1}", "{type: integer, minimum: 1, exclusiveMinimum: true}", "bound-tightened", true),
        ("{type: integer}", "{type: number}", "type-widened", false),
        ("{type: number}", "{type: integer}", "type-narrowed", true),
        ("{type: string}", "{type: string, nullable: true}", "null-allowed", false),
        ("{type: string, nullable: true}", "{type: string}", "null-forbidden", true),
        ("{type: string, enum: [a, b]}", "{type: string, enum: [a]}", "enum-narrowed", true),
        ("{type: string, enum: [a]}", "{type: string, enum: [a, b]}", "enum-widened", false),
        ("{type: string}", "{type: string, pattern: '^a$'}", "pattern-added", true),
        ("{type: string, format: date}", "{type: string}", "format-removed", false),
        (
            "{type: object, properties: {a: {type: string}}}",
            "{type: object, required: [a], properties: {a: {type: string}}}",
            "required-added",
            true,
        ),
        ("{type: object, required: [a]}", "{type: object}", "required-removed", false),
        ("{type: object}", "{type: object, additionalProperties: false}", "additional-forbidden", true),
        (
            "{type: object, additionalProperties: {type: string}}",
            "{type: object, additionalProperties: {type: string, maxLength: 1}}",
            "bound-tightened",
            true,
        ),
        (
            "{type: array, items: {type: string}}",
            "{type: array, items: {type: string}, uniqueItems: true}",
            "bound-tightened",
            true,
        ),
        (
            "{oneOf: [{type: string, title: s}, {type: integer, title: i}]}",
            "{oneOf: [{type: string, title: s}]}",
            "alternative-removed",
            true,
        ),
        (
            "{anyOf: [{type: string, title: s}]}",
            "{anyOf: [{type: string, title: s}, {type: integer, title: i}]}",
            "alternative-added",
            false,
        ),
        (
            "{type: object, properties: {a: {type: object, properties: {b: {type: number}}}}}",
            "{type: object, properties: {a: {type: object, properties: {b: {type: integer}}}}}",
            "type-narrowed",
            true,
        ),
    ];
    for (before, after, kind, narrower) in schema_cases {
        for request in [true, false] {
            let make = |schema: &str| if request { with("", schema, "{}", "") } else { with("", "{}", schema, "") };
            let found = diff::compare(&make(before), &make(after));
            let change = found
                .changes
                .iter()
                .find(|change| change.kind.text() == kind)
                .unwrap_or_else(|| panic!("{before} → {after}: {:?}", found.changes));
            let expected = if narrower == request { Class::Breaking } else { Class::NonBreaking };
            assert_eq!(change.class, expected, "{before} → {after}, request: {request}");
            assert_eq!(change.operations, ["POST /things/{id}"]);
        }
    }
}

#[test]
fn another_type_breaks_both_ways() {
    for request in [true, false] {
        let make = |schema: &str| if request { with("", schema, "{}", "") } else { with("", "{}", schema, "") };
        let found = diff::compare(&make("{type: object, required: [a]}"), &make("{type: string, maxLength: 3}"));
        let kinds: Vec<_> = found.changes.iter().map(|change| (change.kind.text(), change.class)).collect();
        assert_eq!(kinds, [("type-changed", Class::Breaking)]);
    }
}

#[test]
fn operations_and_their_parts() {
    let base = || with("", "{}", "{}", "");
    let cases = [
        (with(", {name: q, in: query}", "{}", "{}", ""), "parameter-added", Class::NonBreaking),
        (with(", {name: q, in: query, required: true}", "{}", "{}", ""), "parameter-added-required", Class::Breaking),
        (with("", "{}", "{}", "    get: {responses: {}}\n"), "operation-added", Class::NonBreaking),
        (with("", "{}", "{}", "  /other:\n    get: {responses: {}}\n"), "path-added", Class::NonBreaking),
        (
            with(
                "",
                "{}",
                "{}",
                "security: [{k: []}]\ncomponents: {securitySchemes: {k: {type: apiKey, in: header, name: k}}}\n",
            ),
            "security-tightened",
            Class::Breaking,
        ),
    ];
    for (new, kind, class) in cases {
        let there = diff::compare(&base(), &new);
        assert!(
            there.changes.iter().any(|change| change.kind.text() == kind && change.class == class),
            "{kind}: {:?}",
            there.changes
        );
        let back = diff::compare(&new, &base());
        assert_eq!(back.changes.len(), there.changes.len(), "{kind}");
    }
    let renamed =
        Document::read(base().to_yaml().replace("{id}", "{thing}").replace("name: id", "name: thing").as_bytes())
            .unwrap();
    let found = diff::compare(&base(), &renamed);
    assert!(!found.is_breaking(), "a path variable's name is not on the wire: {:?}", found.changes);
    assert_eq!(diff::compare(&base(), &base()).changes, []);
}

#[test]
fn moving_members_into_all_of_is_no_change() {
    let flat = with("", "{type: object, required: [a], properties: {a: {type: string}, b: {type: integer}}}", "{}", "");
    let folded = with(
        "",
        "{allOf: [{$ref: '#/components/schemas/A'}, {properties: {b: {type: integer}}}]}",
        "{}",
        "components: {schemas: {A: {type: object, required: [a], properties: {a: {type: string}}}}}\n",
    );
    assert_eq!(diff::compare(&flat, &folded).changes, []);
}

#[test]
fn bian_13_to_14_and_brazil() {
    let Some(folder) = specs() else { return };
    let mut total: BTreeMap<Class, usize> = BTreeMap::new();
    for entry in std::fs::read_dir(folder.join("bian/release-14.0.0"))
        .unwrap()
        .flatten()
        .step_by(if cfg!(debug_assertions) { 6 } else { 1 })
    {
        let name = entry.file_name().into_string().unwrap();
        let Some(old) = folder
            .join("bian/release-13.0.0")
            .join(&name)
            .exists()
            .then(|| read(&format!("bian/release-13.0.0/{name}")))
            .flatten()
        else {
            continue;
        };
        let new = read(&format!("bian/release-14.0.0/{name}")).unwrap();
        for change in diff::compare(&old, &new).changes {
            *total.entry(change.class).or_default() += 1;
            assert!(
                !change.operations.is_empty() || change.kind.text() == "security-scheme-changed",
                "{name}: {change:?}"
            );
            let pointers = [(change.old, &old), (change.new, &new)];
            for (pointer, document) in pointers.into_iter().filter_map(|(pointer, document)| Some((pointer?, document)))
            {
                assert!(document.at(&pointer).is_some(), "{name}: {pointer}");
            }
        }
        assert_eq!(diff::compare(&new, &new).changes, [], "{name}");
    }
    println!("BIAN 13 → 14: {total:?}");
    let (old, new) = (
        read("br-openfinance/previous/payments-3.1.0.yml").unwrap(),
        read("br-openfinance/payments-4.0.0.yml").unwrap(),
    );
    let found = diff::compare(&old, &new);
    assert!(found.is_breaking(), "a new major version");
    let (old, new) = (
        read("br-openfinance/previous/accounts-2.4.1.yml").unwrap(),
        read("br-openfinance/accounts-2.4.2.yml").unwrap(),
    );
    let patch = diff::compare(&old, &new);
    println!(
        "Brazil payments: {} changes; accounts: {} changes\n{}",
        found.changes.len(),
        patch.changes.len(),
        patch.to_markdown(Lang::En)
    );
    let json = found.to_json();
    assert_eq!(json["changes"].as_array().unwrap().len(), found.changes.len());
    assert!(found.to_markdown(Lang::Zh).contains("破坏性变更"));
    let current = read("bian/release-14.0.0/CurrentAccount.yaml").unwrap();
    let before = read("bian/release-13.0.0/CurrentAccount.yaml").unwrap();
    println!("{}", diff::compare(&before, &current).to_markdown(Lang::En));
}

const BAD: &str = "openapi: 3.0.3
info: {title: T, version: one}
servers: [{url: 'http://api.example.com'}]
paths:
  /getThings/:
    get:
      operationId: do it
      deprecated: true
      parameters: [{name: 'q q', in: query, schema: {type: string}, example: 7}]
      responses:
        '200': {description: '', content: {application/json: {schema: {type: array, items: {type: string}}, example: 5}}}
  /pay-outs//payments?x:
    post:
      operationId: do it
      security: [{nobody: []}]
      x-pano-code: OP1
      x-pano-level: A3
      requestBody: {content: {application/json: {schema: {type: object, properties: {a: {type: string}, l: {type: array, items: {type: object}}}}}}}
      responses: {}
    delete:
      security: [{basic: []}]
      requestBody: {content: {application/json: {}}}
      responses: {'400': {description: no, content: {application/json: {}}}, '404': {description: no}}
  /camelCase/Thing:
    get: {operationId: a, security: [], responses: {}}
  /CurrentAccount/{id}/Retrieve:
    post: {tags: ['BQ - Wrong'], responses: {}, parameters: [{name: id, in: path, required: true, schema: {type: string}}]}
  /Other/Retrieve:
    get: {responses: {}}
components:
  securitySchemes:
    basic: {type: http, scheme: basic}
    key: {type: apiKey, in: query, name: k}
    oauth: {type: oauth2, flows: {implicit: {authorizationUrl: 'http://a.example', scopes: {}}}}
  schemas:
    Money: {type: object, properties: {paymentAmount: {type: number}}}
";

#[test]
fn every_rule_can_be_broken_and_kept() {
    let bad = Document::read(BAD.as_bytes()).unwrap();
    let found: BTreeSet<&str> = lint::lint(&bad, &LintConfig::default()).iter().map(|finding| finding.rule).collect();
    let empty =
        Document::read(b"openapi: 3.0.3\ninfo: {title: T, version: 1.0.0}\npaths: {/a: {get: {operationId: a}}}\n")
            .unwrap();
    let also: BTreeSet<&str> = lint::lint(&empty, &LintConfig::default()).iter().map(|finding| finding.rule).collect();
    let all: BTreeSet<&str> = lint::rules().map(|rule| rule.id).collect();
    let unbroken: Vec<&&str> = all.iter().filter(|id| !found.contains(**id) && !also.contains(**id)).collect();
    assert!(unbroken.is_empty(), "nothing breaks {unbroken:?}");
    assert!(all.len() >= 25 && all.len() == lint::rules().count());

    let good = Document::read(GOOD.as_bytes()).unwrap();
    let left = lint::lint(&good, &LintConfig::default());
    assert!(left.is_empty(), "{left:#?}");
}

const GOOD: &str = "openapi: 3.1.0
info: {title: Things, version: 1.2.3, description: Things of the bank, contact: {name: Bank}}
servers: [{url: 'https://api.example.com'}]
security: [{oauth: [things]}]
paths:
  /account-things:
    get:
      tags: [things]
      summary: Lists things
      operationId: listThings
      x-pano-level: A1
      x-pano-category: account-query
      x-pano-code: OP1234560112345600000001
      parameters: [{name: page, in: query, description: Page, schema: {type: integer, minimum: 1}, example: 1}]
      responses:
        '200': {description: Things, content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Thing'}}, example: [{id: a}]}}}
        default: {$ref: '#/components/responses/Problem'}
  /account-things/transfers:
    post:
      tags: [things]
      summary: Moves a thing
      operationId: moveThing
      x-pano-level: A2
      x-pano-category: fund-flow
      parameters: [{name: Idempotency-Key, in: header, description: Key, required: true, schema: {type: string, maxLength: 64}}]
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}, example: {id: a}}}}
      responses:
        '201': {description: Moved}
        default: {$ref: '#/components/responses/Problem'}
components:
  securitySchemes:
    oauth: {type: oauth2, flows: {clientCredentials: {tokenUrl: 'https://id.example.com/token', scopes: {things: Things}}}}
  responses:
    Problem: {description: Problem, content: {application/problem+json: {schema: {type: object, properties: {type: {type: string}}}}}}
  schemas:
    Thing: {type: object, properties: {id: {type: string, maxLength: 9}}}
";

#[test]
fn levels_are_configurable_and_pages_complete() {
    let bad = Document::read(BAD.as_bytes()).unwrap();
    let mut config = LintConfig::default();
    config.rules.insert("server-https".to_owned(), Level::Off);
    config.rules.insert("info-contact".to_owned(), Level::Error);
    assert!(config.unknown().is_empty());
    let found = lint::lint(&bad, &config);
    assert!(found.iter().all(|finding| finding.rule != "server-https"));
    assert!(found.iter().any(|finding| finding.rule == "info-contact"
        && finding.severity == Severity::Error
        && finding.line == Some(2)));
    assert!(found.windows(2).all(|pair| pair[0].severity >= pair[1].severity));
    config.rules.insert("no-such-rule".to_owned(), Level::Off);
    assert_eq!(config.unknown(), ["no-such-rule"]);

    let page = lint::document();
    for rule in lint::rules() {
        assert!(
            page.contains(&format!("`{}`", rule.id))
                && !rule.title(Lang::Zh).is_empty()
                && !rule.remedy(Lang::En).is_empty()
        );
    }
    let committed = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/lint.md");
    if std::env::var_os("PANORAMA_WRITE_DOCS").is_some() {
        std::fs::write(&committed, &page).unwrap();
    }
    assert_eq!(
        std::fs::read_to_string(committed).unwrap(),
        page,
        "docs/lint.md is stale: run this test with PANORAMA_WRITE_DOCS=1"
    );
}

#[test]
fn real_documents_are_linted() {
    for file in [
        "bian/release-14.0.0/CurrentAccount.yaml",
        "uk-openbanking-4.0/payment-initiation-openapi.yaml",
        "adyen/TransferService-v4.json",
    ] {
        let Some(document) = read(file) else { return };
        let found = lint::lint(&document, &LintConfig::default());
        let mut counts: BTreeMap<(Severity, &str), usize> = BTreeMap::new();
        for finding in &found {
            *counts.entry((finding.severity, finding.rule)).or_default() += 1;
            assert!(document.at(&finding.pointer).is_some(), "{file}: {}", finding.pointer);
        }
        println!("{file}: {counts:?}");
    }
}
