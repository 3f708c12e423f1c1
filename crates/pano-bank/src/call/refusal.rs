//! Why a call was not carried out.

use pano_types::{Code, Localized, Problem};

/// Nothing of the call stays, unless the refusal says so.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum Refusal {
    /// The caller's doing.
    #[error("{problem}")]
    Refused {
        /// What it is told.
        problem: Problem,
        /// Whether what the call changed stays all the same: a wrong guess counts.
        keep: bool,
        /// Seconds after which the caller may try again.
        retry_after: Option<u64>,
    },
    /// Ours: what must not be. For the log; the caller sees `internal`.
    #[error("{0}")]
    Broken(String),
}

impl Refusal {
    /// Something that must not be.
    pub(crate) fn broken(what: impl std::fmt::Display) -> Self {
        Self::Broken(what.to_string())
    }

    /// With a detail that is safe to show, in English and Chinese.
    pub(crate) fn detail(self, en: impl Into<String>, zh: impl Into<String>) -> Self {
        match self {
            Self::Refused { problem, keep, retry_after } => {
                Self::Refused { problem: problem.detail((en, zh)), keep, retry_after }
            }
            broken @ Self::Broken(_) => broken,
        }
    }

    /// With one more mistake: a JSON pointer into the body, or the name of a parameter, and the rule that refused it, in English
    /// and Chinese.
    pub(crate) fn at(self, at: impl Into<String>, reason: impl Into<Localized>) -> Self {
        match self {
            Self::Refused { problem, keep, retry_after } => {
                Self::Refused { problem: problem.error(at, reason), keep, retry_after }
            }
            broken @ Self::Broken(_) => broken,
        }
    }

    /// Lets what the call changed stay although it is refused.
    pub(crate) fn kept(self) -> Self {
        match self {
            Self::Refused { problem, retry_after, .. } => Self::Refused { problem, keep: true, retry_after },
            broken @ Self::Broken(_) => broken,
        }
    }

    /// Whether what the call changed stays.
    pub(crate) const fn is_kept(&self) -> bool {
        matches!(self, Self::Refused { keep: true, .. })
    }

    /// With the seconds after which the caller may try again.
    pub(crate) fn retry_after(self, seconds: u64) -> Self {
        match self {
            Self::Refused { problem, keep, .. } => Self::Refused { problem, keep, retry_after: Some(seconds) },
            broken @ Self::Broken(_) => broken,
        }
    }

    /// Seconds after which the caller may try again, if that was said.
    pub(crate) const fn wait(&self) -> Option<u64> {
        match self {
            Self::Refused { retry_after, .. } => *retry_after,
            Self::Broken(_) => None,
        }
    }

    /// The code, unless it is our own failure.
    pub(crate) const fn code(&self) -> Option<Code> {
        match self {
            Self::Refused { problem, .. } => Some(problem.code),
            Self::Broken(_) => None,
        }
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Refused { problem, keep: false, retry_after: None }
    }
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Self {
        Problem::new(code).into()
    }
}

impl From<pano_http::Failure> for Refusal {
    /// Of the readers of bodies and queries, whose failures are all the caller's.
    fn from(failure: pano_http::Failure) -> Self {
        failure.problem().clone().into()
    }
}
