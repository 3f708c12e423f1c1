//! The capability library (能力库): where every API of the bank, its technology and its ecosystem has its place, its owner,
//! its grade and its life.
//!
//! Why it exists: one pure model of directory, APIs, versions and their lifecycle, so that the manager, the store and the
//! command line agree on what a version is, what it may become next, and what is missing before it may.
//!
//! Invariants:
//! * A version reaches `published` only through two people: whoever approves is not who submitted ([`lifecycle`]).
//! * Each move answers with every unmet check of its gate at once ([`gate`]), never with the first only.
//! * What the document says is a proposal: category, data class, level and scopes may be overridden, the level upwards only.
//! * Everything here is a function of its arguments: no I/O, no clock, no randomness.
//! * The serialised forms of [`lifecycle::State`] and [`settings::Settings`] are stored; they only ever grow.
//!
//! Start reading at [`lifecycle`] and [`gate`]; [`describe`] turns a document into catalogue entries, [`category`] grades
//! them, [`search`] finds them again.

pub mod category;
pub mod describe;
pub mod directory;
pub mod gate;
pub mod identification;
pub mod lifecycle;
pub mod model;
pub mod name;
pub mod scope;
pub mod search;
pub mod settings;
pub mod sync;
mod told;
pub mod wire;

pub use category::{CategoryCode, CategoryTable};
pub use identification::{CodeTable, IdentificationCode};
pub use lifecycle::{State, Step};
pub use model::{Api, Provider, Version};
pub use name::{BasePath, Slug};
pub use settings::Settings;
