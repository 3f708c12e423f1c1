//! What is worked out about a document before anything is written. Pure; run on the blocking pool.

use pano_catalog::Slug;
use pano_catalog::describe::{Description, describe, own_slug};
use pano_catalog::model::{ChangeFacts, DocumentFacts};
use pano_catalog::wire::ImportParams;
use pano_spec::diff::Class;
use pano_spec::lint::LintConfig;

use pano_spec::{Document, Finding, Report, Severity, SpecCode};
use pano_types::id::ApiVersionId;
use pano_types::{Code, Localized, Problem};
use std::collections::BTreeSet;

use super::Options;

/// A document that was read.
#[derive(Debug)]
pub(super) struct Read {
    /// The document.
    pub document: Document,
    /// Its bytes as text.
    pub text: String,
    /// The import report.
    pub report: Report,
    /// Short name of the API that it belongs to.
    pub slug: Slug,
    /// Its operations in the library's terms.
    pub description: Description,
    /// What is kept of it.
    pub facts: DocumentFacts,
}

/// Why a document was not taken.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The document.
    Document(Box<Report>),
    /// What came with it.
    Params(Problem),
}

/// Reads, describes and lints a document.
pub(super) fn read(bytes: &[u8], params: &ImportParams, options: &Options) -> Result<Read, Refusal> {
    let source = (!params.source.is_empty()).then(|| params.source.clone());
    let refused = |report| Refusal::Document(Box::new(report));
    let document =
        Document::read_with(bytes, &options.limits).map_err(|error| refused(error.report(source.clone())))?;
    let mut report = document.report(source);
    // The reader takes UTF-8 only, so this cannot fail once it has read the document.
    let text = String::from_utf8_lossy(bytes).into_owned();
    let slug = slug(&document, params.slug.as_deref()).map_err(Refusal::Params)?;
    let description = describe(&document, &slug, &options.categories);
    note_overruled(&document, &description, &mut report);
    let (lint_errors, lint_warnings) = lint(&document, &options.lint);
    let facts = DocumentFacts {
        sha256: pano_crypto::digest::sha256_hex(bytes),
        bytes: bytes.len() as u64,
        media_type: document.format().media_type().to_owned(),
        source: params.source.chars().take(300).collect(),
        operations: u32::try_from(description.operations.len()).unwrap_or(u32::MAX),
        lint_errors,
        lint_warnings,
        ungraded: description.ungraded.clone(),
        changes: None,
    };
    Ok(Read { document, text, report, slug, description, facts })
}

/// Says which operations ask for a scope although the document declares that they need nothing.
fn note_overruled(document: &Document, description: &Description, report: &mut Report) {
    let described = document.operations();
    let overruled =
        described.iter().zip(&description.operations).filter(|(operation, _)| operation.declares_no_security());
    let overruled: Vec<_> = overruled.collect();
    let pointers: Vec<&str> = overruled.iter().map(|(operation, _)| operation.pointer.as_str()).collect();
    let spots = document.lines(&pointers);
    for ((operation, entry), spot) in overruled.into_iter().zip(spots) {
        let detail = format!("{} → {}", operation.key(), entry.scopes.join(" "));
        let finding = Finding::noted(SpecCode::SecurityNone, Severity::Warning, &operation.pointer, &detail);
        report.note(match spot {
            Some((line, column)) => finding.at(line as usize, column as usize),
            None => finding,
        });
    }
}

fn slug(document: &Document, given: Option<&str>) -> Result<Slug, Problem> {
    let invalid = |reason: Localized| Problem::new(Code::RequestInvalid).error("slug", reason);
    if let Some(text) = given {
        return Slug::parse(text).map_err(|error| invalid(error.told()));
    }
    own_slug(document).or_else(|| Slug::from_title(document.title())).ok_or_else(|| {
        invalid(
            ("no short name can be made of the document's title: give one", "无法由文档标题生成短名，请指定").into(),
        )
    })
}

/// Rules with errors, each once, and the number of warnings.
fn lint(document: &Document, config: &LintConfig) -> (Vec<String>, u32) {
    let findings = pano_spec::lint::lint(document, config);
    let errors: BTreeSet<&str> = findings.iter().filter(|f| f.severity == Severity::Error).map(|f| f.rule).collect();
    let warnings = findings.iter().filter(|f| f.severity == Severity::Warning).count();
    (errors.into_iter().map(str::to_owned).collect(), u32::try_from(warnings).unwrap_or(u32::MAX))
}

/// The breaking-change report in short.
pub(super) fn changes(from: ApiVersionId, old: &Document, new: &Document) -> ChangeFacts {
    let report = pano_spec::diff::compare(old, new);
    let count = |class| u32::try_from(report.of(class).count()).unwrap_or(u32::MAX);
    ChangeFacts {
        from,
        breaking: count(Class::Breaking),
        compatible: count(Class::NonBreaking),
        unclassified: count(Class::Unclassified),
    }
}
