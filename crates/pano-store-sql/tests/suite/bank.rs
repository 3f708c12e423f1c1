//! Cases of `pano_store::bank`.
