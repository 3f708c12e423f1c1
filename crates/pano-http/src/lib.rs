//! The HTTP kit of every control-plane role: problems, extractors, paging, idempotency, a graceful server, a small client.
//!
//! Why it exists: one place decides how a mistake looks on the wire, which headers every answer carries, how a server
//! stops, and how one role calls another. A handler extracts, calls one application function and converts.
//!
//! Invariants:
//! * Every answer that is not a success is `application/problem+json` (RFC 9457) with a stable code and the trace id,
//!   extractor rejections, 404, 405, timeouts and panics included. Only OAuth endpoints answer in OAuth's own form.
//! * What a caller sent is never echoed in a problem: members are named, values are not.
//! * Everything is bounded: bodies, headers, time, connections.
//! * Nothing here knows a store, an operator or a partner.
//!
//! Start reading at [`app`]: [`app::finish`] wraps a router; then [`extract`] and [`server`].

pub mod app;
pub mod client;
mod connect;
pub mod context;
pub mod cursor;
pub mod etag;
pub mod extract;
pub mod failure;
pub mod health;
pub mod idempotency;
pub mod outbound;
pub mod server;

pub use app::Kit;
pub use client::{Client, ClientError};
pub use context::Context;
pub use etag::{Etag, IfMatch, Tagged};
pub use extract::{Body, Path, Query, bearer};
pub use failure::{Failure, ProblemBody};
pub use health::Readiness;
pub use idempotency::{Idempotent, Key as IdempotencyKey};
pub use outbound::Outbound;
pub use server::{ServeOptions, Server};
