//! Runs as the sandbox keeps them, with where their drills stand.

use crate::world::Entity;
use pano_partner::certification::Run;
use pano_types::Instant;
use pano_types::id::CertificationId;
use serde::{Deserialize, Serialize};

/// A run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct OpenRun {
    /// Client id.
    pub(super) app: String,
    pub(super) run: Run,
    pub(super) waiting: Waiting,
    pub(super) lost: Lost,
}

/// The rate-limit drill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Waiting {
    /// The next call is told to wait.
    Armed,
    /// Whoever comes before this time, on the machine's clock, is told again.
    Until(Instant),
    /// Over.
    Done,
}

impl Waiting {
    /// Whether a call at `now` is told to wait.
    pub(super) fn strikes(self, now: Instant) -> bool {
        match self {
            Self::Armed => true,
            Self::Until(until) => now < until,
            Self::Done => false,
        }
    }
}

/// The lost-answer drill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Lost {
    /// The next payment's answer gets lost.
    Armed,
    /// The answer to this key was lost.
    Answer(String),
    /// Over.
    Done,
}

/// Index by app.
pub(super) const BY_APP: &str = "app";
/// Index by app, of those that have not passed.
pub(super) const OPEN: &str = "open";

impl OpenRun {
    pub(super) fn new(run: Run) -> Self {
        Self { app: run.app.to_string(), run, waiting: Waiting::Armed, lost: Lost::Armed }
    }
}

impl Entity for OpenRun {
    const KIND: &'static str = "certification.run";
    type Id = CertificationId;
    fn id(&self) -> CertificationId {
        self.run.id
    }
    fn index(&self, put: &mut dyn FnMut(&'static str, String)) {
        put(BY_APP, self.app.clone());
        if self.run.passed_at.is_none() {
            put(OPEN, self.app.clone());
        }
    }
}
