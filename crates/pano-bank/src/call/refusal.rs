//! Why a call was not carried out.

use pano_types::{Code, Localized, Problem};

/// Nothing of the call stays.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum Refusal {
    /// The caller's doing.
    #[error("{problem}")]
    Refused {
        /// What it is told.
        problem: Problem,
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
            Self::Refused { problem } => Self::Refused { problem: problem.detail((en, zh)) },
            broken @ Self::Broken(_) => broken,
        }
    }

    /// With one more mistake: a JSON pointer into the body, or the name of a parameter, and the rule that refused it, in English
    /// and Chinese.
    pub(crate) fn at(self, at: impl Into<String>, reason: impl Into<Localized>) -> Self {
        match self {
            Self::Refused { problem } => Self::Refused { problem: problem.error(at, reason) },
            broken @ Self::Broken(_) => broken,
        }
    }

    /// The code, unless it is our own failure.
    pub(crate) const fn code(&self) -> Option<Code> {
        match self {
            Self::Refused { problem } => Some(problem.code),
            Self::Broken(_) => None,
        }
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Refused { problem }
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
