//! Signing keys in an encrypted file, behind the trait of pano-crypto.
