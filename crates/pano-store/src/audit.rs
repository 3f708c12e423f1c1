//! The audit trail.

/// The audit trail.
#[async_trait::async_trait]
pub trait AuditRepository: Send {}
