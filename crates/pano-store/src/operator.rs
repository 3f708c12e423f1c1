//! Operators and their API tokens.

/// Operators and their API tokens.
#[async_trait::async_trait]
pub trait OperatorRepository: Send {}
