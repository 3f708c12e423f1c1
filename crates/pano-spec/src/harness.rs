//! What must hold for any bytes whatsoever: run by the fuzz targets under `fuzz/` and, on their corpus, by the ordinary tests.

use crate::contract::{Contracts, compile};
use crate::diff::compare;
use crate::lint::{LintConfig, lint};
use crate::mock::{MockRequest, prepare};
use crate::read::Document;
use crate::report::Effect;
use crate::{Limits, bian};

/// Small limits, so that a run is short and the limits themselves are reached.
fn limits() -> Limits {
    Limits {
        bytes: 64 * 1024,
        depth: 60,
        nodes: 4_000,
        alias_nodes: 2_000,
        operations: 40,
        refs: 400,
        files: 4,
        findings: 50,
    }
}

/// Operations looked at closely per document.
const CLOSELY: usize = 6;

/// Reads the bytes as a document and, when it is taken, uses it in every way there is.
pub fn document(bytes: &[u8]) {
    let document = match Document::read_with(bytes, &limits()) {
        Ok(document) => document,
        Err(error) => {
            assert!(
                error.findings().first().is_some_and(|finding| finding.effect == Effect::Refused),
                "a refusal says why"
            );
            return;
        }
    };
    assert!(document.export() == bytes, "what came in goes out");
    written_and_read(&document);
    let pointers: Vec<&str> = document.findings().iter().map(|finding| finding.pointer.as_str()).collect();
    assert_eq!(document.lines(&pointers).len(), pointers.len());
    let operations = document.operations();
    assert_eq!(bian::recognise_all(&document).len(), operations.len());
    let mut contracts = Contracts::new(&document);
    for operation in operations.iter().take(CLOSELY) {
        assert!(document.operation(operation.method, operation.path).is_some(), "an operation is found by its key");
        let contract = contracts.contract(operation);
        let bodies = contract.request.body.iter().flat_map(|body| &body.media).map(|(_, schema)| schema);
        let parameters = contract.request.parameters.iter().map(|parameter| &parameter.schema_json);
        for schema in bodies.chain(parameters).chain(contract.responses.iter().map(|response| &response.schema_json)) {
            let compiled = compile(schema);
            assert!(compiled.is_ok(), "{:?}: {schema}", compiled.err());
        }
        if let Ok(prepared) = prepare(&document, operation) {
            let request = MockRequest::default();
            let answer = prepared.answer(&request);
            assert!(answer == prepared.answer(&request), "the same request, the same answer");
            assert!(
                answer.is_ok_and(|answer| prepared.accepts(&answer.body)) || prepared.answer(&request).is_err(),
                "a mock answer is valid"
            );
        }
    }
    lint(&document, &LintConfig::default());
    assert!(compare(&document, &document).changes.is_empty(), "a document does not differ from itself");
}

/// Two documents, parted by a byte that UTF-8 never holds: comparing them ends, whatever they are.
pub fn pair(bytes: &[u8]) {
    let mut parts = bytes.splitn(2, |byte| *byte == 0xff);
    let read = |part: Option<&[u8]>| Document::read_with(part.unwrap_or_default(), &limits()).ok();
    if let (Some(old), Some(new)) = (read(parts.next()), read(parts.next())) {
        let there = compare(&old, &new);
        assert!(there.to_json().is_object() && !there.to_markdown(pano_types::Lang::En).is_empty());
        compare(&new, &old);
    }
}

fn written_and_read(document: &Document) {
    let wide = Limits { bytes: usize::MAX, nodes: usize::MAX, ..Limits::default() };
    let mended = document.findings().iter().any(|finding| finding.effect == Effect::Repaired);
    for text in [document.to_yaml(), document.to_json()] {
        match Document::read_with(text.as_bytes(), &wide) {
            Ok(again) => assert!(mended || again.root() == document.root(), "the tree survives being written"),
            Err(error) => assert!(mended, "what was taken is taken again: {error}"),
        }
    }
}
