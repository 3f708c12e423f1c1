//! The token service's memory: public halves of signing keys, used assertion ids, revocations.

/// The token service's memory: public halves of signing keys, used assertion ids, revocations.
#[async_trait::async_trait]
pub trait TokenRepository: Send {}
