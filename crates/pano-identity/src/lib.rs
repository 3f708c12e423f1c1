//! The authorization server: metadata, JWKS, tokens, introspection, revocation.
