//! Gateway instances and what they report.

/// Gateway instances and what they report.
#[async_trait::async_trait]
pub trait GatewayRepository: Send {}
