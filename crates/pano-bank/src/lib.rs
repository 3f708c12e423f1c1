//! The sandbox bank: a stateful reference bank behind real APIs, and the mock of any published API.
//!
//! Why it exists: a partner must be able to finish its integration before anyone meets. So this is a bank with a ledger,
//! not a set of canned answers: money that is paid has left, and a repeated order moves it once.
//!
//! Invariants:
//! * The documents in `openapi/` are the contract. Each documented operation is served under `/{slug}/v1`, each served
//!   route is documented, and answers validate against the documents' schemas; tests prove all three.
//! * The bank trusts nobody but the gateway: every call carries its credential (loopback is no excuse) and, in
//!   `X-Client-Id`, the app it is made for. The partner's own token has ended at the gateway.
//! * A payment, its postings or hold, and the answer kept for its `Idempotency-Key` are one transaction of the store.
//! * An order that is refused leaves nothing behind, not even its key.
//! * All customers are made up, see [`seed`].
//!
//! Start reading at [`start`], then [`order`], then `api/payment.rs`.

mod api;
mod books;
mod caller;
pub mod clearing;
mod document;
mod failure;
mod mock;
mod order;
mod role;
pub mod seed;
mod wire;

pub use document::{DOCUMENTS, Document};
pub use role::{BankDeps, BankOptions, Handle, StartError, start};
