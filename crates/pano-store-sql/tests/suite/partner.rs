//! Cases of `pano_store::partner`.
