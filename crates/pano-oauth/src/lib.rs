//! OAuth grants and tokens as pure state machines.
//!
//! Why it exists: what a token request must prove, and what a token says, is decided here, without HTTP, clock or database,
//! so that every rule is a function that a test can call.
//!
//! A request for a token passes four states, each reachable only through the one before:
//!
//! ```text
//! form ─► TokenRequest ─► Presented (who says it is) ─► Proven (who it is) ─► Granted (what it may) ─► AccessClaims
//! ```
//!
//! Invariants:
//! * Clients prove themselves by a signature ([`assertion`]); there are no shared secrets to steal.
//! * A [`assertion::Proven`] can only come from a verified assertion, a [`grant::Granted`] only from a `Proven`.
//! * What a client gets wrong has one error code and one fixed sentence ([`refusal`]): nothing that was sent is echoed, and
//!   an unknown client cannot be told from a wrong signature.
//! * Sizes are bounded before parsing; a parameter may stand once (RFC 6749 §3.2).
//!
//! With a customer, a client pushes its request first ([`authorize`]); the customer's decision is a [`consent`], and what
//! the client gets by code and refresh token hangs on it.
//!
//! Start reading at [`grant`], then [`assertion`], [`authorize`], [`consent`].

pub mod access;
pub mod assertion;
pub mod authorize;
pub mod client;
pub mod consent;
pub mod form;
pub mod grant;
pub mod metadata;
pub mod refusal;
pub mod scope;
pub mod throttle;
pub mod token;

pub use access::AccessClaims;
pub use assertion::{AssertionRules, Presented, Proven};
pub use authorize::{AuthorizationRequest, Pushed};
pub use client::{Client, ClientKey};
pub use consent::Consent;
pub use form::Form;
pub use grant::{Granted, TokenRequest};
pub use refusal::{ErrorCode, Refusal};
pub use scope::{Scope, ScopeSet};
pub use throttle::Throttle;
