//! The sandbox bank: parties, accounts, postings, payments, idempotency keys.

/// The sandbox bank: parties, accounts, postings, payments, idempotency keys.
#[async_trait::async_trait]
pub trait BankRepository: Send {}
