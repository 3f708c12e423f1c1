//! The sandbox bank: a stateful reference bank behind real APIs, and the mock of any published API.
//!
//! Why it exists: a partner must be able to finish its integration before anyone meets. So this is a bank with a ledger,
//! not a set of canned answers: money that is paid has left, and a repeated order moves it once.
//!
//! Each partner has a *sandbox*, a whole small bank of its own, made when it is first called. Its state, the `world`, lives
//! in memory while it is used; calls are pure functions over it; what they change is in the store before they are answered.
//!
//! Invariants:
//! * The documents in `openapi/` are the contract. Each documented operation is served under `/{slug}/v1`, each served
//!   route is documented, and answers validate against the documents' schemas; tests prove all three.
//! * The bank trusts nobody but the gateway: every call carries its credential (loopback is no excuse) and says in
//!   `X-Client-Id` and `X-Partner-Id` for which app and partner it is made. The partner's own token has ended at the gateway.
//! * What a call changed (a payment, its postings or hold, the answer kept for its `Idempotency-Key`, its events) is one
//!   write. A call that is refused leaves nothing behind, not even its key.
//! * Money moves through `pano-ledger` and by nothing else.
//! * The sandbox's time is its own: the machine's, shifted. Handlers never ask the machine.
//! * All customers are made up, see [`seed`].
//!
//! Start reading at [`start`], then `door.rs` (the way in), `rooms.rs` (how to add operations), `call.rs` (what a handler
//! sees), `world.rs` (what it works on), `vault.rs` (how that is kept).

mod books;
mod call;
mod customers;
mod document;
mod door;
mod failure;
mod iso20022;
mod jobs;
mod keys;
mod mock;
mod model;
pub mod numbers;
mod operators;
mod role;
mod rooms;
pub mod seed;
mod vault;
mod webhooks;
mod wire;
mod world;

pub use document::{DOCUMENTS, Document};
pub use role::{BankDeps, BankOptions, Handle, StartError, start};
pub use seed::Scenario;

use std::time::Duration;

/// The bank's days are Beijing's.
pub(crate) const BANK_ZONE: Duration = Duration::from_secs(8 * 3600);
