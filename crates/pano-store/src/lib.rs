//! Repository traits and the unit of work. Speaks intent, knows no SQL.
//!
//! Why it exists: applications say what they want kept; `pano-store-sql` knows how. Tests and both databases stand behind
//! the same traits.
//!
//! Invariants:
//! * A [`UnitOfWork`] is one transaction. [`UnitOfWork::save`] makes all of it durable at once; dropped without, none of it was.
//! * After a method returned an error, the unit is spent: every later call fails with [`StoreError::Spent`], and so does `save`.
//!   (PostgreSQL works this way; SQLite is made to, so that no code can rely on the difference.)
//! * Expected absence is `Ok(None)`; data that cannot be is [`StoreError::Corrupt`], naming table, column and row.
//! * No network call inside a unit. On SQLite there is one writer: never hold one write unit while beginning another.
//! * A change, its audit link and its event go into the same unit.
//! * Updates of things that people edit carry a generation: the update names the one it read and fails with
//!   [`StoreError::Stale`] when another came first.
//!
//! One file per vertical, owned by that vertical; methods put the noun first (`operator_add`, `audit_append`).
//! Start reading at [`Store`] and [`transact`].

pub mod audit;
pub mod bank;
pub mod catalog;
pub mod consent;
mod error;
pub mod gateway;
pub mod meta;
pub mod operator;
pub mod outbox;
pub mod partner;
pub mod snapshot;
pub mod token;
mod transact;
pub mod usage;

pub use audit::AuditRepository;
pub use bank::BankRepository;
pub use catalog::CatalogRepository;
pub use consent::ConsentRepository;
pub use error::{Result, StoreError};
pub use gateway::GatewayRepository;
pub use meta::MetaRepository;
pub use operator::OperatorRepository;
pub use outbox::OutboxRepository;
pub use partner::PartnerRepository;
pub use snapshot::SnapshotRepository;
pub use token::TokenRepository;
pub use transact::{TransactError, Work, WorkFuture, transact};
pub use usage::UsageRepository;

/// Hands out units of work. One per process and database; cheap to share behind an `Arc`.
#[async_trait::async_trait]
pub trait Store: Send + Sync {
    /// A write transaction. On SQLite this waits for the one writer, on PostgreSQL for a connection; both bounded
    /// ([`StoreError::Busy`] when the wait was too long). Most callers want [`transact`].
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>>;

    /// A consistent view for reading: everything it returns is as of one moment. Writing through it is
    /// [`StoreError::ReadOnly`].
    async fn read(&self) -> Result<Box<dyn UnitOfWork>>;

    /// The sequence of the last saved event, by one cheap query: how a process notices what others changed.
    async fn change_seq(&self) -> Result<u64>;

    /// Whether no other process can write to what this store holds, so that what was read through it stays true until
    /// something is written through it.
    fn is_exclusive(&self) -> bool;

    /// Waits a little, longer with every `attempt` (0, 1, …). For [`transact`].
    async fn pause(&self, attempt: u32);
}

/// One transaction over every repository.
#[async_trait::async_trait]
pub trait UnitOfWork:
    OperatorRepository
    + AuditRepository
    + OutboxRepository
    + UsageRepository
    + GatewayRepository
    + MetaRepository
    + SnapshotRepository
    + CatalogRepository
    + PartnerRepository
    + TokenRepository
    + ConsentRepository
    + BankRepository
    + Send
{
    /// Makes everything done through this unit durable, or nothing ([`StoreError::Busy`]: try the whole unit again).
    async fn save(self: Box<Self>) -> Result<()>;
}
