//! The sandbox bank through its front door: a real server on port 0, a store of its own.
//!
//! Every answer that these tests receive is held against the bank's OpenAPI documents, see [`support`].
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test that cannot go on says so by panicking"
)]

#[path = "bank/account.rs"]
mod account;
#[path = "bank/control.rs"]
mod control;
#[path = "bank/kill.rs"]
mod kill;
#[path = "bank/mock.rs"]
mod mock;
#[path = "bank/payment.rs"]
mod payment;
#[path = "bank/refusal.rs"]
mod refusal;
#[path = "bank/rush.rs"]
mod rush;
#[path = "bank/support.rs"]
mod support;
#[path = "bank/vault.rs"]
mod vault;
