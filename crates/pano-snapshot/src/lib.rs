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
//! * No secret is in a snapshot: public keys and identifiers only.
//!
//! Start reading at [`mod@unit`], then [`snapshot`]; the wire between gateway and manager is in [`protocol`].

pub mod access;
pub mod protocol;
pub mod snapshot;
pub mod unit;

pub use access::AccessRecord;
pub use snapshot::{ApplyError, Delta, Digested, Outline, Snapshot};
pub use unit::{ApiUnit, AppUnit, IssuerUnit, Unit, UnitKey};
