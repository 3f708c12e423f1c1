//! Signatures, keys and hash chains: JWS, JWK, key ids and rotation, the audit chain's links.
//!
//! Why it exists: every role signs or checks something, and must do it the same way. What strangers send (keys, tokens,
//! certificates) is read here, once, strictly.
//!
//! Invariants:
//! * No cryptography of our own, only aws-lc. Ours are the envelopes and the refusals.
//! * Algorithms of JWS are an allow-list ([`alg::Alg`]); `none` and HMACs cannot even be named. ([`mac`] is for webhooks.)
//! * Lengths are bounded before parsing, members may stand once only, a payload is reachable only through its verification.
//! * A private key never leaves a type that masks it, and never comes in from outside: what holds a private member is refused.
//! * A key has one algorithm, for its whole life.
//!
//! Start reading at [`jwk`] and [`jws`], then [`key`]; [`ring`] is the life of a signing key; [`chain`] is the audit trail's.

pub mod alg;
pub mod b64;
pub mod cert;
pub mod chain;
pub mod compare;
pub mod digest;
pub mod jwk;
pub mod jwks;
pub mod jws;
pub mod key;
pub mod mac;
pub mod pem;
pub mod random;
pub mod ring;
pub mod strict;

pub use alg::Alg;
pub use cert::Certificate;
pub use jwk::PublicJwk;
pub use jwks::KeySet;
pub use key::{Signer, SigningKey, VerifyingKey};
pub use ring::KeyStore;
