//! The real documents of the market: BIAN, UK, Australia, Brazil, Berlin Group, Adyen.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::type_complexity,
    missing_docs
)]

use pano_spec::{Contracts, Document, Effect, Limits, Method, Outcome, SpecCode, bian, contract, folder, mock};
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

#[test]
fn every_file_is_taken_or_refused_for_its_reason() {
    let Some(specs) = specs() else { return };
    let imported = folder::import(&specs, &Limits::default(), &|_, _| {}).unwrap();
    let mut wrong = Vec::new();
    for one in &imported {
        let file = one.report.file.clone().unwrap_or_default();
        let other_kind = !(file.ends_with(".yaml") || file.ends_with(".yml") || file.starts_with("adyen/Tr"))
            || file.contains("asyncapi");
        let repaired: &[SpecCode] = match file.as_str() {
            "bian/release-13.0.0/CardeCommerceGateway.yaml"
            | "bian/release-13.0.0/InteractiveHelp.yaml"
            | "bian/release-14.0.0/InteractiveHelp.yaml" => &[SpecCode::ParameterRestored],
            "bian/release-13.0.0/PaymentExecution.yaml" => &[SpecCode::PathVariableTwice, SpecCode::ParameterDuplicate],
            "uk-openbanking-4.0/payment-initiation-openapi.yaml" => &[SpecCode::EnumDuplicate],
            "berlin-group/psd2-api_v1.3.11.yaml" => &[SpecCode::FlowEnd],
            "au-cdr-1.36.0/cds_common.yaml" => &[SpecCode::DefaultType],
            _ if file.starts_with("br-openfinance/") && has_bom(&specs.join(&file)) => &[SpecCode::Bom],
            _ => &[],
        };
        let mut seen: Vec<SpecCode> =
            one.report.findings.iter().filter(|f| f.effect == Effect::Repaired).map(|f| f.code).collect();
        seen.sort_unstable();
        seen.dedup();
        let right = if other_kind {
            one.report.findings.first().is_some_and(|f| f.code == SpecCode::NotOpenApi)
        } else if repaired.is_empty() {
            one.report.outcome == Outcome::Taken
        } else {
            one.report.outcome == Outcome::Repaired
                && repaired.iter().all(|code| seen.contains(code))
                && seen.len() == repaired.len()
        };
        if !right {
            let first: Vec<String> = one.report.findings.iter().take(3).map(ToString::to_string).collect();
            wrong.push(format!("{file}: {:?} {first:?}", one.report.outcome));
        }
        if let Some(document) = &one.document {
            assert_eq!(document.export(), std::fs::read(specs.join(&file)).unwrap(), "{file}");
        }
    }
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), imported.len(), wrong.join("\n"));
}

fn has_bom(path: &std::path::Path) -> bool {
    std::fs::read(path).unwrap().starts_with(b"\xef\xbb\xbf")
}

#[test]
fn trees_survive_being_written() {
    for (file, document) in documents("").iter().step_by(9) {
        for text in [document.to_yaml(), document.to_json()] {
            let again = Document::read(text.as_bytes()).unwrap_or_else(|e| panic!("{file}: {e}"));
            assert!(again.root() == document.root(), "{file}");
        }
    }
}

/// All operations take a minute without optimisation: a debug build answers every seventh, a release build (or `PANORAMA_ALL=1`) all.
#[test]
fn mock_answers_are_valid() {
    let all = !cfg!(debug_assertions) || std::env::var_os("PANORAMA_ALL").is_some();
    let step = if all { 1 } else { 7 };
    let mut answered = 0usize;
    let mut wrong = Vec::new();
    for folder in
        ["bian/release-14.0.0", "uk-openbanking-4.0", "au-cdr-1.36.0", "br-openfinance", "berlin-group", "adyen"]
    {
        for (file, document) in &documents(folder) {
            for operation in document.operations().iter().step_by(if folder.starts_with("bian") { step } else { 1 }) {
                let path = operation
                    .path_variables()
                    .iter()
                    .map(|name| ((*name).to_owned(), "CA-2026-7".to_owned()))
                    .collect();
                let request = mock::MockRequest { path, ..Default::default() };
                let answer = mock::prepare(document, operation).and_then(|prepared| {
                    let answer = prepared.answer(&request)?;
                    assert_eq!(prepared.answer(&request)?, answer, "stable");
                    assert!(prepared.accepts(&answer.body), "{file} {}", operation.key());
                    Ok(answer)
                });
                answered += 1;
                if let Err(error) = answer {
                    wrong.push(format!("{file} {}: {error}", operation.key()));
                }
            }
        }
    }
    println!("{answered} operations answered");
    assert!(wrong.is_empty(), "{} of {answered}\n{}", wrong.len(), wrong.join("\n"));
}

/// Berlin Group's answers to authorisation updates offer five alternatives that differ in optional members only.
#[test]
fn overlapping_alternatives_are_told_apart() {
    if specs().is_none() {
        return;
    }
    let mut answered = Vec::new();
    for (_, document) in &documents("berlin-group") {
        for operation in document.operations() {
            if operation.method == Method::Put && operation.path.contains("uthorisations/") {
                let prepared = mock::prepare(document, &operation).unwrap();
                let answer = prepared.answer(&mock::MockRequest::default()).unwrap();
                assert!(prepared.accepts(&answer.body), "{}", answer.body);
                answered.push(answer.body);
            }
        }
    }
    assert_eq!(answered.len(), 4);
    assert!(answered.iter().all(|body| body.contains("scaStatus")), "{answered:?}");
}

#[test]
fn bian_14_is_read_in_seconds() {
    let Some(specs) = specs() else { return };
    let begin = std::time::Instant::now();
    let imported = folder::import(&specs.join("bian/release-14.0.0"), &Limits::default(), &|_, _| {}).unwrap();
    let took = begin.elapsed();
    println!("{} documents in {took:?}", imported.len());
    assert!(imported.iter().all(|one| one.document.is_some()));
    // About one second of processor time, with the crate's own optimisation in debug builds; a loaded machine gets much longer.
    assert!(took < std::time::Duration::from_secs(60), "{took:?}");
}
