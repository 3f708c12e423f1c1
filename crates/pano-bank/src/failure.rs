//! How what went wrong becomes a problem.

use pano_http::Failure;
use pano_store::StoreError;
use pano_types::{Code, Problem};
use std::sync::Arc;

/// Why a use case did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The caller's doing.
    #[error(transparent)]
    Refused(#[from] Problem),
    /// The store's.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store's, told to several callers.
    #[error(transparent)]
    SharedStore(Arc<StoreError>),
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

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(problem) => problem.into(),
            Error::Store(error) => store(Arc::new(error)),
            Error::SharedStore(error) => store(error),
            error @ Error::Broken(_) => Self::internal(error),
        }
    }
}

fn store(error: Arc<StoreError>) -> Failure {
    match *error {
        StoreError::Busy | StoreError::Unavailable { .. } => Failure::caused(Code::Unavailable, error),
        _ => Failure::internal(error),
    }
}
