//! The capability library: directory, providers, APIs and their versions, documents.

/// The capability library: directory, providers, APIs and their versions, documents.
#[async_trait::async_trait]
pub trait CatalogRepository: Send {}
