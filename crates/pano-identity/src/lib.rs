//! The authorization server: metadata, JWKS, customers' consents, tokens, introspection, revocation.
//!
//! Why it exists: apps prove who they are here, once, and carry away a signed token that the gateway can check alone.
//!
//! | address (below the issuer) | what |
//! |---|---|
//! | `GET /.well-known/oauth-authorization-server` | metadata (RFC 8414) |
//! | `GET /jwks.json` | public keys (RFC 7517): next, current and retiring |
//! | `POST /oauth2/par` | pushed authorization requests (RFC 9126), the only ones there are |
//! | `GET /oauth2/authorize` | pages on which a customer signs in and decides (`/sign-in`, `/oauth2/decision`) |
//! | `POST /oauth2/token` | `authorization_code`, `refresh_token`, `client_credentials` with `private_key_jwt` (RFC 6749, RFC 7523) |
//! | `GET /consents` | the customer's own list of consents, to take them back |
//! | `POST /oauth2/introspect` | RFC 7662, for apps about their own tokens and for roles |
//! | `POST /oauth2/revoke` | RFC 7009 |
//! | `GET /internal/v1/keys`, `POST /internal/v1/keys/rotate` | signing keys, for admins and security officers |
//!
//! Invariants:
//! * The rules are `pano-oauth`'s; here are only their surroundings: HTTP, store, keys, time.
//! * An assertion buys one token: its use is saved before the token leaves.
//! * A customer's browser is sent on only to an address that is registered, and by 303. Whatever is wrong before that is known
//!   ends on a page of ours.
//! * What a customer permitted is a consent; its end is a row and an event too, and voids what hangs on it.
//! * A key is in the store, and so on its way to every gateway, for the publish lead before it signs.
//! * A revocation is a row and an event in one transaction; the manager carries it to the gateways.
//! * No token, assertion or key is logged. OAuth endpoints answer in OAuth's error form, the rest in problems.
//!
//! Start reading at [`start`], then `tokens` (what endpoints do) and `keys` (how keys move).

mod authorize;
mod background;
mod browser;
mod clients;
mod consents;
pub mod customers;
mod http;
mod keys;
mod options;
mod pages;
mod server;
mod state;
mod tokens;
mod web;

pub use customers::{Account, BankCustomers, Customer, Customers, CustomersError};
pub use keys::{KeyError, KeyView, Rotated};
pub use options::{Deps, IdentityOptions};
pub use server::{Handle, StartError, start};
