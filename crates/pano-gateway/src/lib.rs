//! The data plane: partners' calls in, upstream calls out, one access record each. Opens no database.
//!
//! ```text
//! partner ─► listen ─► route ─► identify ─► authorise ─► protect ─► forward ─► seal ─► record ─► partner
//!            http1     router   token       compiled     limit      upstream           record
//!                      path                              contract   breaker
//! ```
//!
//! The phases are files in [`phase`], and [`phase`] itself is the one place that says their order and what each refuses with.
//! (A phase *open*, which decrypts sealed bodies, will stand between protect and forward.)
//!
//! Invariants:
//! * A request reads the compiled snapshot and nothing else: it waits for its caller, its upstream, and one write of the log.
//! * An answer is complete only when its access record is in the log ([`record`]).
//! * What a worker's requests share belongs to that worker ([`worker`]); what all workers share on the way of a request is
//!   immutable ([`compiled`]) or a single atomic word per key ([`limit`], [`breaker`]).
//! * A snapshot that does not prove itself or cannot be compiled is refused; the last good one stays ([`control::feed`]).
//! * HTTP/1.1 is read and written here, strictly ([`http1`]); HTTP/2 by hyper.
//!
//! Start reading at [`phase`], then [`gateway`].

pub mod body;
pub mod breaker;
pub mod compiled;
pub mod conn;
pub mod context;
pub mod contract;
pub mod control;
pub mod deadline;
pub mod disk;
pub mod fuzz;
pub mod gateway;
pub mod http1;
pub mod incoming;
pub mod limit;
pub mod metrics;
pub mod options;
pub mod path;
pub mod phase;
pub mod record;
pub mod refusal;
pub mod registry;
pub mod router;
pub mod server;
pub mod shared;
pub mod stamp;
pub mod standalone;
pub mod tls;
pub mod token;
pub mod upstream;
pub mod worker;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use gateway::{Deps, Gateway, Handle, StartError};
pub use options::{
    GatewayOptions, Limits, Listener, ManagerOptions, MetricsOptions, TlsOptions, TokenOptions, Trust, UpstreamTls,
};
