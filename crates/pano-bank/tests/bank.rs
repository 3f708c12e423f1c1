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
#[path = "bank/account_class.rs"]
mod account_class;
#[path = "bank/acquiring.rs"]
mod acquiring;
#[path = "bank/batch.rs"]
mod batch;
#[path = "bank/cards.rs"]
mod cards;
#[path = "bank/certification.rs"]
mod certification;
#[path = "bank/control.rs"]
mod control;
#[path = "bank/customers.rs"]
mod customers;
#[path = "bank/ecosystem.rs"]
mod ecosystem;
#[path = "bank/escrow.rs"]
mod escrow;
#[path = "bank/invest.rs"]
mod invest;
#[path = "bank/kill.rs"]
mod kill;
#[path = "bank/kyc.rs"]
mod kyc;
#[path = "bank/lend.rs"]
mod lend;
#[path = "bank/mock.rs"]
mod mock;
#[path = "bank/payee.rs"]
mod payee;
#[path = "bank/payment.rs"]
mod payment;
#[path = "bank/payment_change.rs"]
mod payment_change;
#[path = "bank/public.rs"]
mod public;
#[path = "bank/refusal.rs"]
mod refusal;
#[path = "bank/request_to_pay.rs"]
mod request_to_pay;
#[path = "bank/rush.rs"]
mod rush;
#[path = "bank/savings.rs"]
mod savings;
#[path = "bank/standing_order.rs"]
mod standing_order;
#[path = "bank/support.rs"]
mod support;
#[path = "bank/technology.rs"]
mod technology;
#[path = "bank/vault.rs"]
mod vault;
#[path = "bank/webhooks.rs"]
mod webhooks;
