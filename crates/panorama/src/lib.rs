//! The one binary: roles, command line, configuration, demo.
//!
//! Why it exists: assembly. Every other crate takes what it needs as arguments; here, and only here, configuration and
//! environment are read, adapters are chosen, roles are started in one process or each in its own, and stopped in order.
//!
//! Invariants:
//! * No business rule is here.
//! * Everything is parsed and checked before the first socket opens; all mistakes are reported at once ([`config`]).
//! * Roles that run in one process still speak over loopback HTTP with their own credentials ([`up`]).
//! * The command line speaks to the admin API like anyone else ([`remote`], [`command`]).
//!
//! Start reading at [`run`], then [`up`]. It is a library so that tests and the binary share one code.

#![allow(
    clippy::indexing_slicing,
    reason = "answers are read as serde_json values, whose index gives null for what is not there"
)]

pub mod cli;
pub mod command;
pub mod config;
pub mod demo;
pub mod folder;
pub mod logging;
pub mod output;
pub mod progress;
pub mod remote;
pub mod up;

mod run;

pub use run::run;
