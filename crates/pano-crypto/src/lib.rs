//! Signatures, keys and hash chains: JWS, JWK, key ids and rotation, the audit chain's links.
//!
//! Invariants: no cryptography of our own, only aws-lc; algorithms are allow-lists; a private key never leaves a type that masks it.
//!
//! Start reading at [`digest`].

pub mod digest;
