//! Partners, apps, credentials, plans, subscriptions.

/// Partners, apps, credentials, plans, subscriptions.
#[async_trait::async_trait]
pub trait PartnerRepository: Send {}
