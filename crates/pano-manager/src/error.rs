//! What goes wrong while a call is carried out, and the problem that the caller sees.

use axum::response::{IntoResponse, Response};
use pano_http::Failure;
use pano_partner::Refused;
use pano_partner::credential;
use pano_partner::name::NameError;
use pano_store::StoreError;
use pano_types::{Code, Localized, Problem};

/// Shorthand for this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store said no.
    #[error("the store refused")]
    Store(#[from] StoreError),
    /// We say no.
    #[error("refused: {}", .0.problem())]
    Refused(Box<Failure>),
}

impl Error {
    /// The resource is not there.
    pub fn not_found() -> Self {
        Code::NotFound.into()
    }
    /// One member of the request is not acceptable.
    pub fn invalid(at: &str, reason: impl Into<Localized>) -> Self {
        Problem::new(Code::RequestInvalid).error(at, reason).into()
    }
    /// Something failed on our side.
    pub fn internal(cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        Failure::internal(cause).into()
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Self::Refused(Box::new(failure))
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Failure::from(problem).into()
    }
}

impl From<Code> for Error {
    fn from(code: Code) -> Self {
        Failure::from(code).into()
    }
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        let text = refused.told();
        match refused {
            Refused::WrongState { .. } => Problem::new(Code::LifecycleRefused).detail(text),
            Refused::SamePerson(_) => Code::SameChecker.into(),
            Refused::ReasonMissing(_) => Problem::new(Code::RequestInvalid).error("/why", text),
            Refused::Uncertified(needed) => Problem::new(Code::CertificationRequired).detail(needed.text()),
            Refused::Gate(unmet) => {
                unmet.into_iter().fold(Problem::new(Code::GateRefused), |p, u| p.error(u.check, u.reason))
            }
        }
        .into()
    }
}

impl From<credential::Error> for Error {
    fn from(error: credential::Error) -> Self {
        let text = error.told();
        match error {
            credential::Error::Private(_) => Problem::new(Code::PrivateKeySent).detail(text),
            credential::Error::NotOne => Problem::new(Code::RequestInvalid).error("/jwk", text),
            credential::Error::Jwk(_) | credential::Error::Certificate(_) => {
                Problem::new(Code::KeyRefused).detail(text)
            }
            credential::Error::Validity => Problem::new(Code::RequestInvalid).error("/expires_at", text),
        }
        .into()
    }
}

/// A text at `at` that is not acceptable.
pub fn at(at: &'static str) -> impl Fn(NameError) -> Error {
    move |error| Error::invalid(at, error.told())
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(failure) => *failure,
            Error::Store(error) => store(error),
        }
    }
}

fn store(error: StoreError) -> Failure {
    match &error {
        StoreError::Conflict { what } => {
            let what = plain(what);
            let text = (format!("something with the same {what} is there already"), format!("{what} 已存在"));
            Problem::new(Code::Conflict).detail(text).into()
        }
        StoreError::Missing { .. } => Code::NotFound.into(),
        StoreError::PageKey => Code::CursorInvalid.into(),
        StoreError::Stale { .. } => Code::PreconditionFailed.into(),
        StoreError::CursorMismatch { actual } => {
            let text = (format!("the cursor stands at {actual}"), format!("游标位于 {actual}"));
            Problem::new(Code::Conflict).detail(text).into()
        }
        StoreError::Busy => Code::Unavailable.into(),
        StoreError::Unavailable { .. } => Failure::caused(Code::Unavailable, error),
        StoreError::Corrupt { .. }
        | StoreError::Unstorable { .. }
        | StoreError::ReadOnly
        | StoreError::Spent
        | StoreError::FolderInUse { .. }
        | StoreError::DatabaseNewer { .. }
        | StoreError::MigrationEdited { .. }
        | StoreError::MigrationFailed { .. }
        | StoreError::Internal { .. } => Failure::internal(error),
    }
}

/// `partner.slug`, whichever way the database names its constraint.
fn plain(constraint: &str) -> String {
    constraint.strip_suffix("_key").unwrap_or(constraint).replacen('_', ".", usize::from(!constraint.contains('.')))
}

/// What is said to an operator without the role.
pub(crate) fn takes_one_of(roles: &str) -> Localized {
    (format!("this takes one of: {roles}"), format!("须具备以下角色之一：{roles}")).into()
}

/// An error and all its causes, for the log.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut inner = error.source();
    while let Some(error) = inner {
        text = format!("{text}: {error}");
        inner = error.source();
    }
    text
}

/// What goes wrong in the background over and over is said once, until it goes well or wrong in another way.
#[derive(Default)]
pub(crate) struct Complaint(Option<String>);

impl Complaint {
    pub(crate) fn about<E: std::error::Error>(&mut self, outcome: Result<(), E>, failure: &'static str) {
        let text = outcome.err().map(|error| chain(&error));
        if let Some(cause) = text.as_ref().filter(|text| self.0.as_ref() != Some(*text)) {
            tracing::error!(cause, failure, "background work failed");
        }
        self.0 = text;
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        Failure::from(self).into_response()
    }
}
