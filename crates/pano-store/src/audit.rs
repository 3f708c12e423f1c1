//! The audit trail: who did what to what, when, in which request; chained so that no link can be changed, taken out or
//! moved unseen (`pano_crypto::chain`).

use crate::Result;
use pano_crypto::chain::{Break, Head};
use pano_types::id::{AppId, OperatorId};
use pano_types::{Instant, Page, PageRequest};
use std::fmt;

/// Who acted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Actor {
    /// Panorama itself.
    System,
    /// An operator or service account.
    Operator(OperatorId),
    /// A partner's app.
    App(AppId),
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System => f.write_str("system"),
            Self::Operator(id) => id.fmt(f),
            Self::App(id) => id.fmt(f),
        }
    }
}

impl std::str::FromStr for Actor {
    type Err = pano_types::id::IdError;
    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        match text {
            "system" => Ok(Self::System),
            app if app.starts_with(AppId::PREFIX) => app.parse().map(Self::App),
            operator => operator.parse().map(Self::Operator),
        }
    }
}

/// What was acted upon.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Subject {
    /// Its kind: `api`, `version`, `partner`, `app`, `operator`, …
    pub kind: String,
    /// Its id's text.
    pub id: String,
}

impl Subject {
    /// The thing of this kind with this id.
    pub fn new(kind: impl Into<String>, id: impl fmt::Display) -> Self {
        Self { kind: kind.into(), id: id.to_string() }
    }
}

/// One act.
#[derive(Debug, Clone, PartialEq)]
pub struct Act {
    /// When.
    pub at: Instant,
    /// Who.
    pub actor: Actor,
    /// Did what: `noun.verb`, such as `version.publish`.
    pub action: String,
    /// To what.
    pub subject: Subject,
    /// Particulars. No secret, no token, no C2 or C3 value: links are kept for ever.
    pub detail: serde_json::Value,
    /// Trace id of the request; empty when there was none.
    pub trace_id: String,
}

/// An act in the chain.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// Place in the chain, from 1.
    pub seq: u64,
    /// What happened.
    pub act: Act,
    /// Hash of the link before, 64 hex digits.
    pub prev_hash: String,
    /// Hash of this link, 64 hex digits.
    pub hash: String,
}

/// Which links to list; every part given must match.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Filter {
    /// Of this kind of subject.
    pub subject_kind: Option<String>,
    /// Of this subject.
    pub subject_id: Option<String>,
    /// By this actor.
    pub actor: Option<Actor>,
    /// This action, or every action of a noun when it ends in a point (`version.`).
    pub action: Option<String>,
    /// At or after.
    pub from: Option<Instant>,
    /// Before.
    pub until: Option<Instant>,
}

/// What a walk over the whole chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// Links found good, from the first on.
    pub good: u64,
    /// The last of them.
    pub head: Head,
    /// The first thing wrong, if anything is.
    pub broken: Option<Break>,
}

/// The audit trail.
#[async_trait::async_trait]
pub trait AuditRepository: Send {
    /// Adds a link at the end; its sequence. Whoever appends waits for others who did until they save, so append last.
    async fn audit_append(&mut self, act: Act) -> Result<u64>;

    /// Links, newest first. The page's key is the sequence.
    async fn audit_page(&mut self, filter: &Filter, page: &PageRequest) -> Result<Page<Link>>;

    /// The chain's end: what to note elsewhere, to be able to tell when rows and head were rewritten together.
    async fn audit_head(&mut self) -> Result<Head>;

    /// Walks the whole chain and holds it against heads that were noted elsewhere, in the order of their sequences. A broken
    /// chain is an answer, not an error.
    async fn audit_verify(&mut self, noted: &[Head]) -> Result<Verification>;
}
