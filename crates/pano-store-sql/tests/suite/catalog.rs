//! Cases of `pano_store::catalog`.
