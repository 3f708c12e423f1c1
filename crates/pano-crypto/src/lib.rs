//! Signatures, keys and hash chains: JWS, JWK, key ids and rotation, the audit chain's links.
