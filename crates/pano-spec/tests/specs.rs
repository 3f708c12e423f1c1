//! The real documents of the market: BIAN, UK, Australia, Brazil, Berlin Group, Adyen.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use pano_spec::{Contracts, Document, Limits, bian, contract, folder};
use std::path::PathBuf;

/// The folder with the documents, or `None` (and a word about it) where it was not given and nobody insists.
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

fn documents(below: &str) -> Vec<(String, Document)> {
    let Some(folder) = specs() else { return Vec::new() };
    let imported = folder::import(&folder.join(below), &Limits::default(), &|_, _| {}).unwrap();
    imported.into_iter().filter_map(|one| Some((one.report.file?, one.document?))).collect()
}

#[test]
fn every_contract_compiles() {
    let documents = documents("");
    let mut seen = std::collections::HashSet::new();
    let mut operations = 0;
    for (file, document) in &documents {
        let mut contracts = Contracts::new(document);
        for operation in document.operations() {
            operations += 1;
            let contract = contracts.contract(&operation);
            let bodies = contract.request.body.iter().flat_map(|body| body.media.iter().map(|(_, schema)| schema));
            let parameters = contract.request.parameters.iter().map(|parameter| &parameter.schema_json);
            let responses = contract.responses.iter().map(|response| &response.schema_json);
            for schema in bodies.chain(parameters).chain(responses) {
                if seen.insert(schema.clone()) {
                    contract::compile(schema).unwrap_or_else(|e| panic!("{file} {}: {e}", operation.key()));
                }
            }
        }
    }
    assert!(documents.is_empty() || operations > 4000, "{operations} operations");
    println!("{} documents, {operations} operations, {} distinct schemas", documents.len(), seen.len());
}

#[test]
fn every_bian_operation_is_recognised() {
    let documents = documents("bian");
    let (mut total, mut agree) = (0usize, 0usize);
    for (file, document) in &documents {
        for (operation, recognised) in document.operations().iter().zip(bian::recognise_all(document)) {
            let recognised = recognised.unwrap_or_else(|| panic!("{file}: {} is not recognised", operation.key()));
            assert!(operation.path.starts_with(&format!("/{}", recognised.service_domain)));
            let tagged_record =
                operation.tags().iter().any(|tag| *tag == format!("CR - {}", recognised.control_record));
            total += 1;
            agree += usize::from(recognised.behaviour_qualifier.is_none() == tagged_record);
        }
    }
    println!("{agree} of {total} tags agree with their path");
    // BIAN's own tags are wrong in a few places; the path decides.
    assert!(agree * 100 >= total * 97, "{agree} of {total}");
}
