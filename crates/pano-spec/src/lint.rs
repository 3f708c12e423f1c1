//! A house style for contracts: rules with stable ids, each with what it looks for, why and what to do.
//!
//! A rule never refuses a document; the gate of the API lifecycle decides what an error means. [`document`] writes `docs/lint.md`.

mod bian;
mod bounds;
mod describe;
mod errors;
mod examples;
mod naming;
mod security;

use crate::bian::{BianOperation, recognise_all};
use crate::operation::{Operation, Parameter, RequestBody, Response};
use crate::read::Document;
use crate::report::Severity;
use pano_types::{Lang, Localized};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// One rule.
pub struct Rule {
    /// Stable id.
    pub id: &'static str,
    /// Severity unless configured otherwise.
    pub severity: Severity,
    en: &'static str,
    zh: &'static str,
    remedy_en: &'static str,
    remedy_zh: &'static str,
    check: fn(&Subject<'_>, &mut Sink<'_>),
}

impl Rule {
    /// What it demands.
    pub fn title(&self, lang: Lang) -> &'static str {
        match lang {
            Lang::En => self.en,
            Lang::Zh => self.zh,
        }
    }
    /// What to do about a finding.
    pub fn remedy(&self, lang: Lang) -> &'static str {
        match lang {
            Lang::En => self.remedy_en,
            Lang::Zh => self.remedy_zh,
        }
    }
}

/// All rules, by area.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    AREAS.iter().flat_map(|(_, _, rules)| rules.iter())
}

const AREAS: [(&str, &str, &[Rule]); 7] = [
    ("Security", "安全", security::RULES),
    ("Naming", "命名", naming::RULES),
    ("Errors", "错误", errors::RULES),
    ("Examples", "示例", examples::RULES),
    ("Descriptions", "说明", describe::RULES),
    ("Bounds and money", "边界与资金", bounds::RULES),
    ("BIAN and regulator", "BIAN 与监管", bian::RULES),
];

/// What a configuration says about a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "a variant is explained by its texts")]
pub enum Level {
    Off,
    Hint,
    Warning,
    Error,
}

/// Levels by rule id where they differ from the table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LintConfig {
    /// By rule id.
    #[serde(default)]
    pub rules: BTreeMap<String, Level>,
}

impl LintConfig {
    /// Ids that name no rule: a misspelt id must not pass in silence.
    pub fn unknown(&self) -> Vec<&str> {
        self.rules.keys().map(String::as_str).filter(|id| !rules().any(|rule| rule.id == *id)).collect()
    }

    fn severity(&self, rule: &Rule) -> Option<Severity> {
        match self.rules.get(rule.id) {
            None => Some(rule.severity),
            Some(Level::Off) => None,
            Some(Level::Hint) => Some(Severity::Hint),
            Some(Level::Warning) => Some(Severity::Warning),
            Some(Level::Error) => Some(Severity::Error),
        }
    }
}

/// One breach of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LintFinding {
    /// The rule's id.
    pub rule: &'static str,
    /// As configured.
    pub severity: Severity,
    /// Where.
    pub pointer: String,
    /// Line in the source, from 1.
    pub line: Option<u32>,
    /// What the rule demands.
    pub title: Localized,
    /// What was seen.
    pub detail: String,
    /// What to do.
    pub remedy: Localized,
}

/// The document with what most rules look at, read once.
struct Subject<'d> {
    document: &'d Document,
    operations: Vec<OperationView<'d>>,
}

struct OperationView<'d> {
    operation: Operation<'d>,
    parameters: Vec<Parameter<'d>>,
    body: Option<RequestBody<'d>>,
    responses: Vec<Response<'d>>,
    bian: Option<BianOperation>,
}

struct Sink<'f> {
    found: &'f mut BTreeSet<(String, String)>,
}

impl Sink<'_> {
    fn add(&mut self, pointer: impl Into<String>, detail: impl Into<String>) {
        self.found.insert((pointer.into(), detail.into()));
    }
}

/// Applies the rules. Findings come worst first, then in the order of the table and by pointer; each once.
pub fn lint(document: &Document, config: &LintConfig) -> Vec<LintFinding> {
    let subject = Subject::new(document);
    let mut findings = Vec::new();
    for rule in rules() {
        let Some(severity) = config.severity(rule) else { continue };
        let mut found = BTreeSet::new();
        (rule.check)(&subject, &mut Sink { found: &mut found });
        findings.extend(found.into_iter().map(|(pointer, detail)| LintFinding {
            rule: rule.id,
            severity,
            pointer,
            line: None,
            title: Localized::new(rule.zh, rule.en),
            detail,
            remedy: Localized::new(rule.remedy_zh, rule.remedy_en),
        }));
    }
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let pointers: Vec<&str> = findings.iter().map(|finding| finding.pointer.as_str()).collect();
    let lines = document.lines(&pointers);
    for (finding, spot) in findings.iter_mut().zip(lines) {
        finding.line = spot.map(|(line, _)| line);
    }
    findings
}

impl<'d> Subject<'d> {
    fn new(document: &'d Document) -> Self {
        let view = |(operation, bian): (Operation<'d>, Option<BianOperation>)| OperationView {
            parameters: operation.parameters(),
            body: operation.request_body(),
            responses: operation.responses(),
            operation,
            bian,
        };
        let operations = document.operations().into_iter().zip(recognise_all(document)).map(view).collect();
        Self { document, operations }
    }

    fn each(&self, sink: &mut Sink<'_>, breach: impl Fn(&OperationView<'d>) -> Option<String>) {
        for view in &self.operations {
            if let Some(detail) = breach(view) {
                sink.add(view.operation.pointer.clone(), detail);
            }
        }
    }
}

/// The page `docs/lint.md`.
pub fn document() -> String {
    let mut out = String::from(
        "# Lint rules\n\nGenerated from the table in `pano-spec`. A rule's level can be set to `off`, `hint`, `warning` or `error`.\n",
    );
    for (area, zh, rules) in AREAS {
        // Writing to a String cannot fail.
        let _ = write!(out, "\n## {area}（{zh}）\n\n| id | level | rule | remedy |\n|---|---|---|---|\n");
        for rule in rules {
            let (id, severity) = (rule.id, rule.severity);
            let _ = writeln!(
                out,
                "| `{id}` | {severity} | {}<br>{} | {}<br>{} |",
                rule.en, rule.zh, rule.remedy_en, rule.remedy_zh
            );
        }
    }
    out
}
