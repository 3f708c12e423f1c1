//! Shapes of `product-quality-assurance.yaml`.

use pano_partner::certification::{Evidence, Profile, Run, Source, Standing};
use pano_types::id::CertificationId;
use pano_types::{Instant, Localized};
use serde::Serialize;

#[derive(Debug, Serialize)]
pub(super) struct Script {
    profile: Profile,
    version: u32,
    name: Localized,
    steps: Vec<Step>,
}

#[derive(Debug, Serialize)]
struct Step {
    step: &'static str,
    description: Localized,
}

impl Script {
    pub(super) fn new(profile: Profile) -> Self {
        let script = profile.script();
        let steps = script.steps().map(|step| Step { step: step.name, description: Localized::new(step.zh, step.en) });
        Self { profile, version: script.version, name: Localized::new(script.zh, script.en), steps: steps.collect() }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RunView {
    run_id: CertificationId,
    profile: Profile,
    script_version: u32,
    status: &'static str,
    started_at: Instant,
    ends_at: Instant,
    #[serde(skip_serializing_if = "Option::is_none")]
    passed_at: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_until: Option<Instant>,
    steps: Vec<RunStep>,
}

#[derive(Debug, Serialize)]
struct RunStep {
    step: &'static str,
    description: Localized,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<EvidenceView>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct EvidenceView {
    at: Instant,
    source: Source,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
}

impl From<&Evidence> for EvidenceView {
    fn from(evidence: &Evidence) -> Self {
        let Evidence { at, source, operation, status, trace_id } = evidence.clone();
        Self { at, source, trace_id, operation, status }
    }
}

impl RunView {
    pub(super) fn new(run: &Run, now: Instant) -> Self {
        let certificate = run.certificate();
        let steps = run.profile.script().steps().map(|step| {
            let evidence = run.evidence(step.name);
            RunStep {
                step: step.name,
                description: Localized::new(step.zh, step.en),
                status: if evidence.is_some() { "MET" } else { "OPEN" },
                evidence: evidence.map(EvidenceView::from),
            }
        });
        Self {
            run_id: run.id,
            profile: run.profile,
            script_version: run.script_version,
            status: match run.standing(now) {
                Standing::Running => "RUNNING",
                Standing::Passed => "PASSED",
                Standing::Expired => "EXPIRED",
            },
            started_at: run.started_at,
            ends_at: run.ends_at,
            passed_at: run.passed_at,
            valid_until: certificate.map(|certificate| certificate.valid_until),
            steps: steps.collect(),
        }
    }
}
