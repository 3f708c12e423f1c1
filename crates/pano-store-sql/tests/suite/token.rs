//! Cases of `pano_store::token`.
