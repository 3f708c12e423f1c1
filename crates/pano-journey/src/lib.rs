//! The scenario twin's journey model: read with positions, checked, formatted, and run as a statechart.
//!
//! Why it exists: a bank models a customer's journey once, in one file of six steps, and everything else (contracts, events, risks,
//! controls, the running journey) is derived from it. This crate is the one that reads such a file and knows what it means.
//!
//! Invariants:
//! * No I/O, no clock, no randomness: every function is one of its arguments. Time comes as an argument, timers go out as data.
//! * Every value knows its place in the file ([`place::Place`]); every diagnostic has one, a stable code and a remedy in both languages.
//! * One table ([`grammar`]) says which keys stand where; the checks, the JSON Schema and the formatter follow it, so they agree.
//! * Whatever the file, reading and checking end: length, nesting, number of values and size of expressions are bounded.
//! * Whatever the events, a position holds exactly one state of each region that is entered ([`machine`], as SCXML 1.0 has it).
//! * Formatting changes no value, loses no comment, and done twice does what it does once.
//!
//! Start reading at [`check::check`], then [`grammar`], [`plan`] and [`machine`].

pub mod bian;
pub mod check;
pub mod diagnostic;
pub mod duration;
pub mod expression;
pub mod format;
pub mod grammar;
pub mod machine;
pub mod model;
pub mod place;
pub mod plan;
pub mod report;
pub mod tree;
