//! Reads, checks, compares, lints, mocks and writes OpenAPI 3.0 and 3.1 documents, bounded against hostile ones.
//!
//! Why it exists: every other part of Panorama (capability library, snapshot compiler, gateway, sandbox) works from the partner's or
//! the bank's own contract. This crate is the only one that looks inside such a document.
//!
//! Invariants:
//! * A [`Document`] has passed [`Limits`], resolves every reference inside itself and has no cycle that could make a validator loop.
//! * What came in can be handed out again byte for byte ([`Document::export`]); what was mended is named in the [`Report`].
//! * Nothing is fetched: a reference leads inside the document or to a file below the given folder.
//! * No clock, no randomness: a mock answer is a function of the document and the request.
//!
//! Start reading at [`read`], then [`operation`] and [`contract`].

pub mod bian;
pub mod check;
pub mod code;
pub mod contract;
pub mod data;
pub mod diff;
pub mod folder;
pub mod harness;
mod json;
pub mod limits;
pub mod lint;
mod locate;
pub mod mock;
pub mod operation;
pub mod pointer;
pub mod read;
pub mod refs;
pub mod report;
pub mod scalar;
mod write;
mod yaml;

pub use bian::{Action, BianOperation};
pub use code::SpecCode;
pub use contract::{
    BodyContract, Contract, Contracts, ParameterContract, RequestContract, RequestContracts, ResponseContract,
};
pub use limits::Limits;
pub use operation::{Location, Method, Operation, Parameter};
pub use read::{Document, Format, ReadError, Version};
pub use report::{Effect, Finding, Outcome, Report, Severity};

/// At most 60 characters of something from a document, for a reason text.
pub(crate) fn report_text(text: &str) -> String {
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
