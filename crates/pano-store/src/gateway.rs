//! Gateway instances and what they report.

use crate::Result;
use pano_snapshot::protocol::GatewayReport;
use pano_types::Instant;

/// A gateway instance as the manager knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gateway {
    /// Its last report.
    pub report: GatewayReport,
    /// When its first report came.
    pub first_seen_at: Instant,
    /// When its last report came.
    pub last_seen_at: Instant,
}

/// Gateway instances.
#[async_trait::async_trait]
pub trait GatewayRepository: Send {
    /// Keeps a gateway's report in place of its last.
    async fn gateway_report(&mut self, report: &GatewayReport, now: Instant) -> Result<()>;

    /// Gateways by name, at most 1,000.
    async fn gateway_list(&mut self) -> Result<Vec<Gateway>>;

    /// Forgets a gateway that is gone for good; whether it was known. Its counting cursor stays, so that it is not
    /// counted twice if it comes back.
    async fn gateway_forget(&mut self, name: &str) -> Result<bool>;
}
