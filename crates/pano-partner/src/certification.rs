//! Certification: what an app must show before it may go live, judged by what others saw of it.
//!
//! An app's own software makes the calls of a [`script`]; nothing is called on its behalf. What the token service, the
//! gateway and the sandbox saw of it is told to its [`Run`] as [`Observation`]s; each may meet steps that are still open. Two
//! steps are drills: the sandbox answers once with "too many requests", and once loses the answer to a payment that it has
//! carried out ([`Drill`]). An app that waits, and that repeats with the same key, meets them; no test script could show
//! that of the app itself.
//!
//! A run that has met every step becomes a [`Certificate`], kept as evidence at the app; a production subscription needs one.

pub mod script;

use pano_types::id::{AppId, CertificationId};
use pano_types::{Instant, Localized};
use serde::{Deserialize, Serialize};
use std::time::Duration;

pub use script::{Script, ScriptStep, Sight};

/// How long a run stays open.
pub const RUN_FOR: Duration = Duration::from_secs(24 * 3600);
/// How long a certificate counts.
pub const VALID_FOR: Duration = Duration::from_secs(365 * 86_400);
/// How long the sandbox asks an app to wait in the rate-limit drill.
pub const DRILL_WAIT: Duration = Duration::from_secs(2);

/// What an app is certified for. Stored form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Profile {
    /// APIs that move no money.
    AccountInformation,
    /// APIs that move money; covers the others too.
    Payment,
}

impl Profile {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::AccountInformation, Self::Payment];
    /// What an API asks for.
    pub const fn needed(moves_funds: bool) -> Self {
        if moves_funds { Self::Payment } else { Self::AccountInformation }
    }
    /// Whether a certificate for this profile will do where `needed` is asked for.
    pub fn covers(self, needed: Self) -> bool {
        self >= needed
    }
    /// As it is written.
    pub const fn text(self) -> &'static str {
        match self {
            Self::AccountInformation => "ACCOUNT_INFORMATION",
            Self::Payment => "PAYMENT",
        }
    }
    /// The profile with this name.
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.text() == text)
    }
    /// Its script in force.
    pub const fn script(self) -> &'static Script {
        match self {
            Self::AccountInformation => &script::ACCOUNT_INFORMATION,
            Self::Payment => &script::PAYMENT,
        }
    }
}

/// Who saw it. Stored form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(as = CertificationSource)]
pub enum Source {
    /// The token service: the app proved itself with its own key.
    TokenService,
    /// The gateway, by its access records.
    Gateway,
    /// The sandbox.
    Sandbox,
}

/// A drill of the sandbox that the app has come through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drill {
    /// Told to wait, it waited, and then went on.
    Waited,
    /// Left without an answer, it repeated the request with the same key.
    Repeated,
}

/// Something that was seen of the app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation<'o> {
    /// When.
    pub at: Instant,
    /// By whom.
    pub source: Source,
    /// Operation called.
    pub operation: Option<&'o str>,
    /// Status answered.
    pub status: Option<u16>,
    /// Problem code answered.
    pub code: Option<&'o str>,
    /// Trace id of the call.
    pub trace_id: Option<&'o str>,
    /// The drill that it ended.
    pub drill: Option<Drill>,
}

/// What showed that a step is met. Stored form. Holds no C2 or C3 value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = CertificationEvidence)]
pub struct Evidence {
    /// When.
    pub at: Instant,
    /// Who saw it.
    pub source: Source,
    /// Operation called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Status answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Trace id of the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
}

/// A step that was met. Stored form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = CertificationStep)]
pub struct Met {
    /// Name of the step.
    pub step: String,
    /// What it asks for, as it stood in the script.
    pub description: Localized,
    /// What showed it.
    pub evidence: Evidence,
}

/// A run: an app on its way through a script. Stored form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Identifier; the certificate's too.
    pub id: CertificationId,
    /// The app.
    pub app: AppId,
    /// What for.
    pub profile: Profile,
    /// Version of the script.
    pub script_version: u32,
    /// Since when.
    pub started_at: Instant,
    /// Until when.
    pub ends_at: Instant,
    /// Steps met so far, in the order of the script.
    pub met: Vec<Met>,
    /// When the last step was met.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passed_at: Option<Instant>,
}

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Steps are open, and there is time.
    Running,
    /// Every step was met in time.
    Passed,
    /// The time is over.
    Expired,
}

impl Run {
    /// Begins a run.
    pub fn start(id: CertificationId, app: AppId, profile: Profile, now: Instant) -> Self {
        let (script_version, ends_at) = (profile.script().version, now.plus(RUN_FOR));
        Self { id, app, profile, script_version, started_at: now, ends_at, met: Vec::new(), passed_at: None }
    }
    /// Where it stands at `now`.
    pub fn standing(&self, now: Instant) -> Standing {
        match self.passed_at {
            Some(_) => Standing::Passed,
            None if now < self.ends_at => Standing::Running,
            None => Standing::Expired,
        }
    }
    /// What showed this step, if it is met.
    pub fn evidence(&self, step: &str) -> Option<&Evidence> {
        self.met.iter().find(|met| met.step == step).map(|met| &met.evidence)
    }
    /// Steps that are still open.
    pub fn open(&self) -> impl Iterator<Item = &'static ScriptStep> {
        self.profile.script().steps().filter(|step| self.evidence(step.name).is_none())
    }
    /// Takes in something that was seen; whether it met a step. What came before the run, or after its end, counts for nothing.
    pub fn observe(&mut self, seen: &Observation<'_>) -> bool {
        if self.passed_at.is_some() || seen.at < self.started_at || seen.at >= self.ends_at {
            return false;
        }
        let newly: Vec<&'static ScriptStep> =
            self.open().filter(|step| step.sight.shows(seen)).filter(|step| self.reached(step)).collect();
        for step in &newly {
            let evidence = Evidence {
                at: seen.at,
                source: seen.source,
                operation: seen.operation.map(str::to_owned),
                status: seen.status,
                trace_id: seen.trace_id.map(str::to_owned),
            };
            let description = Localized::new(step.zh, step.en);
            self.met.push(Met { step: step.name.to_owned(), description, evidence });
        }
        let order = |met: &Met| self.profile.script().steps().position(|step| step.name == met.step);
        let mut met = std::mem::take(&mut self.met);
        met.sort_by_key(order);
        self.met = met;
        if self.open().next().is_none() {
            self.passed_at = self.met.iter().map(|met| met.evidence.at).max();
        }
        !newly.is_empty()
    }
    /// Whether the step that this one comes after, if any, is met.
    fn reached(&self, step: &ScriptStep) -> bool {
        step.after.is_none_or(|before| self.evidence(before).is_some())
    }
    /// The evidence, once the run has passed.
    pub fn certificate(&self) -> Option<Certificate> {
        let passed_at = self.passed_at?;
        Some(Certificate {
            id: self.id,
            app: self.app,
            profile: self.profile,
            script_version: self.script_version,
            started_at: self.started_at,
            passed_at,
            valid_until: passed_at.plus(VALID_FOR),
            steps: self.met.clone(),
        })
    }
}

/// A passed run: evidence at the app. Never changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Identifier, the run's.
    pub id: CertificationId,
    /// The app.
    pub app: AppId,
    /// What for.
    pub profile: Profile,
    /// Version of the script.
    pub script_version: u32,
    /// When the run began.
    pub started_at: Instant,
    /// When its last step was met.
    pub passed_at: Instant,
    /// Until when it counts.
    pub valid_until: Instant,
    /// Every step with what showed it.
    pub steps: Vec<Met>,
}

impl Certificate {
    /// What of it counts.
    pub const fn held(&self) -> Held {
        Held { profile: self.profile, script_version: self.script_version, valid_until: self.valid_until }
    }
}

/// A certificate without its evidence: all that a gate looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// What for.
    pub profile: Profile,
    /// Version of the script that was passed.
    pub script_version: u32,
    /// Until when it counts.
    pub valid_until: Instant,
}

impl Held {
    /// Whether it counts at `now`: it has not ended, and the script that was passed still suffices.
    pub fn counts(self, now: Instant) -> bool {
        now < self.valid_until && self.script_version >= self.profile.script().least
    }
    /// Whether it will do at `now` where `needed` is asked for.
    pub fn covers(self, needed: Profile, now: Instant) -> bool {
        self.counts(now) && self.profile.covers(needed)
    }
}

#[cfg(test)]
mod tests;
