//! The compiled, immutable form of all that a gateway needs, and what gateway and manager say to each other about it.
//!
//! Why it exists: the request path reads a snapshot and nothing else. The manager compiles it off that path, gives it a
//! revision and a digest, and hands gateways a delta; a gateway swaps it in whole or keeps the last good one.
//!
//! Invariants:
//! * A [`Snapshot`] is a set of [`Unit`]s, each digested on its own; the snapshot's digest covers every unit's key and digest.
//!   So a delta names only what changed, and both sides can tell that they hold the same thing.
//! * Units are sharded by kind: routes ([`ApiUnit`]) apart from credentials ([`AppUnit`]) apart from revocations, so that
//!   adding a partner rebuilds no router.
//! * Contracts are no part of units: a unit names its contract by digest, so a [`contract`] travels once and is read late.
//! * Both forms, on the wire and on disk, say their [`FORMAT`]; another one is refused.
//! * No secret is in a snapshot: public keys and identifiers only.
//!
//! Start reading at [`mod@unit`], then [`snapshot`]; the wire between gateway and manager is in [`protocol`].

pub mod access;
pub mod contract;
pub mod protocol;
pub mod snapshot;
pub mod unit;

pub use access::AccessRecord;
pub use contract::ApiContract;
pub use snapshot::{ApplyError, Delta, Digested, Outline, Snapshot};
pub use unit::{ApiUnit, AppUnit, IssuerUnit, Unit, UnitKey};

/// Version of what units and contracts look like, on the wire and on disk. 1: contracts inside of units. 2: contracts apart.
pub const FORMAT: u32 = 2;
