//! How what went wrong becomes a problem.

use pano_http::Failure;
use pano_store::{StoreError, TransactError};
use pano_types::{Code, Problem};

/// Why a use case did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The caller's doing.
    #[error(transparent)]
    Refused(#[from] Problem),
    /// The store's.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Ours: what must not be.
    #[error("{0}")]
    Broken(String),
}

impl Error {
    /// Something that must not be, for the log.
    pub(crate) fn broken(what: impl std::fmt::Display) -> Self {
        Self::Broken(what.to_string())
    }
}

impl From<Code> for Error {
    fn from(code: Code) -> Self {
        Self::Refused(code.into())
    }
}

impl TransactError for Error {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            Self::Refused(_) | Self::Broken(_) => None,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(problem) => problem.into(),
            Error::Store(error @ (StoreError::Busy | StoreError::Unavailable { .. })) => {
                Self::caused(Code::Unavailable, error)
            }
            error @ (Error::Store(_) | Error::Broken(_)) => Self::internal(error),
        }
    }
}
